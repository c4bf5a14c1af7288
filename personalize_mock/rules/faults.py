"""Exceptions of the HTTP client, such as timeouts, which a rule raises as if the service had not responded."""

import inspect
import socket
from string import Formatter
from typing import Any

from botocore import exceptions as botocore_errors
from urllib3 import exceptions as urllib3_errors

from personalize_mock.exceptions import PersonalizeMockError

TEXT = "declared with mock.on"
_URL = "https://personalize.us-east-1.amazonaws.com/"

# The exceptions that `botocore.httpsession.URLLib3Session.send` raises in place of others, in the same order.
_IN_BOTO3: tuple[tuple[tuple[type[BaseException], ...], Any], ...] = (
    ((urllib3_errors.SSLError,), botocore_errors.SSLError),
    ((urllib3_errors.NewConnectionError, socket.gaierror), botocore_errors.EndpointConnectionError),
    ((urllib3_errors.ProxyError,), botocore_errors.ProxyConnectionError),
    ((urllib3_errors.ConnectTimeoutError,), botocore_errors.ConnectTimeoutError),
    ((urllib3_errors.ReadTimeoutError, TimeoutError), botocore_errors.ReadTimeoutError),
    ((urllib3_errors.ProtocolError, ConnectionError), botocore_errors.ConnectionClosedError),
)


def is_fault(error: object) -> bool:
    """Return whether a value is an exception of a client that gets no response, or a class of such exceptions.

    These are OSError and the exceptions of botocore and urllib3, except ClientError, which contains a response.
    """
    error_type = error if isinstance(error, type) else type(error)
    return issubclass(error_type, (botocore_errors.BotoCoreError, urllib3_errors.HTTPError, OSError))


def check_fault(error: Any, *, where: str) -> None:
    """Check that an exception declared by a rule can be created.

    Args:
        error: The class or instance of the exception.
        where: The declaration of the rule as text, which begins the error message.

    Raises:
        PersonalizeMockError: The class needs arguments that the mock does not know.
    """
    try:
        fresh_exception(error, _URL)
    except Exception as reason:
        raise PersonalizeMockError(
            f"{where}: {error.__name__} cannot be created without arguments ({reason}). Write an instance of it."
        ) from reason


def fresh_exception(error: Any, url: str) -> BaseException:
    """Return the exception that boto3 raises if the HTTP client fails with `error`.

    Exceptions of botocore stay as they are. Exceptions of urllib3 and OSError are replaced as boto3 replaces them, with
    the original exception as the cause.

    Args:
        error: The class or instance of the exception.
        url: The URL of the request.
    """
    exception: BaseException = _instance(error, url) if isinstance(error, type) else error.with_traceback(None)
    if _is_of_botocore(exception):
        return exception
    in_boto3 = next((new for old, new in _IN_BOTO3 if isinstance(exception, old)), botocore_errors.HTTPClientError)
    replacement: BaseException = in_boto3(endpoint_url=url, proxy_url=url, error=exception)
    replacement.__cause__ = exception
    return replacement


def _is_of_botocore(exception: BaseException) -> bool:
    return isinstance(exception, botocore_errors.BotoCoreError)


def _instance(error_type: Any, url: str) -> BaseException:
    if issubclass(error_type, botocore_errors.BotoCoreError):
        fields = [name for _, name, _, _ in Formatter().parse(error_type.fmt) if name]
        instance: BaseException = error_type(**{name: url if name.endswith("url") else TEXT for name in fields})
        return instance
    instance = error_type(*_arguments(error_type, url))
    assert isinstance(instance, BaseException)  # noqa: S101  # for mypy
    return instance


def _arguments(error_type: type, url: str) -> list[Any]:
    """Return values for the required parameters of an exception class, such as `pool`, `url` and `message` in urllib3.

    Args:
        error_type: The class of the exception.
        url: The URL of the request.
    """
    if not inspect.isfunction(error_type.__init__):  # type: ignore[misc]  # one of C has no signature
        return [TEXT]
    known = {"pool": None, "url": url, "message": TEXT, "conn": None, "host": url, "reason": None, "error": None}
    parameters = list(inspect.signature(error_type).parameters.values())
    required = [one for one in parameters if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD]
    return [known.get(one.name, TEXT) for one in required] or [TEXT]
