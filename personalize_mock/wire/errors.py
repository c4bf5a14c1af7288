"""The service's errors, one class per modelled error, and the common ones that every AWS service may send.

Texts come from the places that raise, or from `resources.rules` where several share them; those that are not known from
the real service are marked as ours there.
"""


class ServiceError(Exception):
    """An answer that is an error. `str(error)` is the message that the client sees."""

    status: int | None = None

    @property
    def code(self) -> str:
        """The error code on the wire."""
        return type(self).__name__


class InvalidInputException(ServiceError):
    """A value that the service understands and does not accept."""


class InvalidNextTokenException(ServiceError):
    """A page token that this list did not hand out."""


class LimitExceededException(ServiceError):
    """A quota; botocore retries it as if it were throttling, so nothing may have changed."""


class ResourceAlreadyExistsException(ServiceError):
    """The name, or the place, is taken."""


class ResourceInUseException(ServiceError):
    """The resource is in a state, or has dependants, that forbid the call."""


class ResourceNotFoundException(ServiceError):
    """No such resource in this account and region."""


class TooManyTagKeysException(ServiceError):
    """More tag keys than one call may name."""


class TooManyTagsException(ServiceError):
    """More tags than one resource may carry."""


class ValidationException(ServiceError):
    """A value outside the constraints of the service model (common error, in no operation's list)."""


class AccessDeniedException(ServiceError):
    """The role may not be passed (common error)."""


class SerializationException(ServiceError):
    """A body that is not JSON of the right types (common error)."""


class UnknownOperationException(ServiceError):
    """No such operation (common error)."""


class NotImplementedException(ServiceError):
    """Ours alone: an operation of the service that this version of the mock does not answer."""

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
