"""Exception classes for the errors that operations return to the client.

There is one class for each error in botocore's Personalize models, one for each common AWS error that the mock returns,
and one for operations that the mock does not support. Messages are written where the errors are raised, or in
`resources.core.messages` if several modules share them.
"""

from http.client import responses

MAX_MESSAGE = 10_000  # characters; the service's limit is not documented


class ServiceError(Exception):
    """Base class of the errors that operations return to the client. `str(error)` is the message that the client sees.

    Args:
        message: The error message. It is truncated after 10,000 characters, because it may quote values of any length.

    Attributes:
        status: HTTP status of the response, or None to use the status in botocore's model.
    """

    status: int | None = None

    def __init__(self, message: str) -> None:
        super().__init__(message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]}...")

    @property
    def code(self) -> str:
        """The error code that the client sees, such as "ResourceNotFoundException". It is the name of the class."""
        return type(self).__name__


class InvalidInputException(ServiceError):
    """Raised when an operation rejects a value, although the value satisfies the constraints of the service model."""


class InvalidNextTokenException(ServiceError):
    """Raised when a nextToken does not belong to the requested list."""


class LimitExceededException(ServiceError):
    """Raised when a request exceeds a quota. botocore treats the error as throttling and retries the request."""


class ResourceAlreadyExistsException(ServiceError):
    """Raised when an existing resource prevents the creation of a new one.

    Either the name is taken, or the dataset group can have only one resource of this type.
    """


class ResourceInUseException(ServiceError):
    """Raised when the status of a resource does not allow a call, or when other resources still use the resource."""


class ResourceNotFoundException(ServiceError):
    """Raised when a resource does not exist in the account and region of the call."""


class TooManyTagKeysException(ServiceError):
    """Raised when a request contains more tag keys than allowed."""


class TooManyTagsException(ServiceError):
    """Raised when a request would give a resource more tags than allowed."""


class ValidationException(ServiceError):
    """Raised when a value violates a constraint of the service model, such as a maximum length.

    This is a common AWS error, which botocore's service models for Personalize do not list.
    """


class AccessDeniedException(ServiceError):
    """Raised when the caller may not pass an IAM role to Personalize, for example because it is in another account.

    This is a common AWS error, which botocore's service models for Personalize do not list.
    """


class SerializationException(ServiceError):
    """Raised when a request body is not JSON or contains a value of the wrong type.

    This is a common AWS error, which botocore's service models for Personalize do not list.
    """


class UnknownOperationException(ServiceError):
    """Raised when a request calls an operation that does not exist.

    This is a common AWS error, which botocore's service models for Personalize do not list.
    """


class NotImplementedException(ServiceError):
    """Raised when the mock does not support an operation of the service. The real service has no such error."""

    status = 501


class BareResponse(ServiceError):
    """Raised to answer with an HTTP status and a body that names no error, like the response of a load balancer.

    Args:
        status: HTTP status of the response.
        body: Body of the response.
    """

    def __init__(self, status: int, body: bytes = b"") -> None:
        super().__init__(responses.get(status, "Unknown"))
        self.status: int = status
        self.body = body

    @property
    def code(self) -> str:
        """The HTTP status as a string, such as "503". boto3 reports it as the error code."""
        return str(self.status)


MODELLED = (
    InvalidInputException,
    InvalidNextTokenException,
    LimitExceededException,
    ResourceAlreadyExistsException,
    ResourceInUseException,
    ResourceNotFoundException,
    TooManyTagKeysException,
    TooManyTagsException,
)
