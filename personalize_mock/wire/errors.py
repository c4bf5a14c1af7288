"""Error classes of the service: one per modelled error, and the common errors that every AWS service has.

Messages are written where the errors are raised, or in `resources.core.messages` if several places share them.
"""

MAX_MESSAGE = 10_000  # characters; ours


class ServiceError(Exception):
    """An error response. `str(error)` is the message that the client sees.

    Args:
        message: The message. What exceeds `MAX_MESSAGE` is cut off, because messages quote values of any length.

    Attributes:
        status: HTTP status, or None to use the status in the service model.
    """

    status: int | None = None

    def __init__(self, message: str) -> None:
        super().__init__(message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]}...")

    @property
    def code(self) -> str:
        """The error code on the wire."""
        return type(self).__name__


class InvalidInputException(ServiceError):
    """A value has the right form, but the service does not accept it."""


class InvalidNextTokenException(ServiceError):
    """A page token does not belong to this list."""


class LimitExceededException(ServiceError):
    """A quota is exceeded. botocore retries the call like a throttled one."""


class ResourceAlreadyExistsException(ServiceError):
    """A resource with this name, or of this type in this dataset group, exists."""


class ResourceInUseException(ServiceError):
    """The status of a resource, or resources that depend on it, do not allow the call."""


class ResourceNotFoundException(ServiceError):
    """A resource does not exist in this account and region."""


class TooManyTagKeysException(ServiceError):
    """A call has more tag keys than allowed."""


class TooManyTagsException(ServiceError):
    """A resource would have more tags than allowed."""


class ValidationException(ServiceError):
    """A value violates a constraint of the service model. This is a common error, which no operation declares."""


class AccessDeniedException(ServiceError):
    """A role may not be passed to the service. This is a common error."""


class SerializationException(ServiceError):
    """A body is not JSON or has a value of the wrong type. This is a common error."""


class UnknownOperationException(ServiceError):
    """An operation does not exist. This is a common error."""


class NotImplementedException(ServiceError):
    """The mock does not support an operation of the service. Ours; the service has no such error."""

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
