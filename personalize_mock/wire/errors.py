"""Exception classes for the errors that operations return to the client.

There is one class for each error in botocore's Personalize models, one for each common AWS error that the mock returns,
and one for operations that the mock does not support. Messages are written where the errors are raised, or in
`resources.core.messages` if several modules share them.
"""

MAX_MESSAGE = 10_000  # characters; the service's limit is not documented


class ServiceError(Exception):
    """Base class of the errors that operations return to the client. `str(error)` is the message that the client sees.

    Args:
        message: The error message. It is cut off after 10,000 characters, because it may quote values of any length.

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
    """Error for a value that satisfies the constraints of the service model but that the operation does not accept."""


class InvalidNextTokenException(ServiceError):
    """Error for a nextToken that does not belong to the requested list."""


class LimitExceededException(ServiceError):
    """Error for a request that exceeds a quota. botocore treats it as throttling and retries the request."""


class ResourceAlreadyExistsException(ServiceError):
    """Error for creating a resource that exists already.

    Either its name is taken, or the dataset group can have only one resource of its type.
    """


class ResourceInUseException(ServiceError):
    """Error for a call that a resource's status does not allow, or that is impossible while other resources use it."""


class ResourceNotFoundException(ServiceError):
    """Error for a resource that does not exist in the account and region of the call."""


class TooManyTagKeysException(ServiceError):
    """Error for a request with more tag keys than allowed."""


class TooManyTagsException(ServiceError):
    """Error for a request after which a resource would have more tags than allowed."""


class ValidationException(ServiceError):
    """Error for a value that violates a constraint of the service model, such as a maximum length.

    This is a common AWS error, which botocore's service models for Personalize do not list.
    """


class AccessDeniedException(ServiceError):
    """Error for an IAM role that the caller may not pass to Personalize, such as a role of another account.

    This is a common AWS error, which the Personalize models do not list.
    """


class SerializationException(ServiceError):
    """Error for a request body that is not JSON or that has a value of the wrong type.

    This is a common AWS error, which the Personalize models do not list.
    """


class UnknownOperationException(ServiceError):
    """Error for a request to an operation that does not exist.

    This is a common AWS error, which the Personalize models do not list.
    """


class NotImplementedException(ServiceError):
    """Error for an operation that exists but that the mock does not support. The real service has no such error."""

    status = 501


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
