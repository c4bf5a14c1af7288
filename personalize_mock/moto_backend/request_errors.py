"""Exceptions for requests to Personalize that the mock cannot answer."""

from botocore.exceptions import BotoCoreError, EndpointConnectionError


class MockEndedError(BotoCoreError, ConnectionError):  # type: ignore[misc]  # botocore is untyped here
    """Raised when one thread calls the service while another thread ends the mock. botocore does not retry the call.

    Args:
        url: URL of the request.
    """

    fmt = (
        "The mock of Amazon Personalize ended while {url} was called, so the call has no answer. Join the threads that "
        "call the service before the mock ends."
    )

    def __init__(self, *, url: str) -> None:
        BotoCoreError.__init__(self, url=url)


class NotInRegionError(EndpointConnectionError):  # type: ignore[misc]  # botocore is untyped here
    """Raised when a request goes to a region where Amazon Personalize is not available, according to botocore.

    The base class is the error that botocore raises when it cannot connect to a host.
    """

    fmt = (
        f"{EndpointConnectionError.fmt} (botocore lists no Amazon Personalize in {{region}}. Set the environment "
        "variable MOTO_ALLOW_NONEXISTENT_REGION=true to mock it there.)"
    )
