"""Errors that a rule may return: those in botocore's model of the operation, and those common to all AWS services."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from personalize_mock.exceptions import PersonalizeMockError, did_you_mean
from personalize_mock.rules.faults import is_fault
from personalize_mock.wire.model import Operation, modelled_errors

# HTTP statuses of the errors that any AWS service may return, as the page "Common error types" of the AWS documentation
# lists them, and of other names for throttling that botocore retries.
COMMON_ERRORS: Mapping[str, int] = {
    "AccessDeniedException": 400,
    "ExpiredTokenException": 403,
    "IncompleteSignature": 403,
    "InternalFailure": 500,
    "InternalServerError": 500,
    "InternalServerException": 500,
    "InvalidSignatureException": 403,
    "MalformedHttpRequestException": 400,
    "NotAuthorized": 401,
    "OptInRequired": 403,
    "ProvisionedThroughputExceededException": 400,
    "RequestAbortedException": 400,
    "RequestEntityTooLargeException": 413,
    "RequestExpired": 400,
    "RequestLimitExceeded": 503,
    "RequestTimeoutException": 408,
    "SerializationException": 400,
    "ServiceUnavailable": 503,
    "ServiceUnavailableException": 503,
    "Throttling": 400,
    "ThrottlingException": 400,
    "TooManyRequestsException": 429,
    "UnknownOperationException": 404,
    "UnrecognizedClientException": 403,
    "ValidationError": 400,
    "ValidationException": 400,
}
_MESSAGES = {
    "AccessDeniedException": "User is not authorized to perform: personalize:{operation}",
    "ExpiredTokenException": "The security token included in the request is expired",
    "ThrottlingException": "Rate exceeded",
    "Throttling": "Rate exceeded",
    "TooManyRequestsException": "Rate exceeded",
}


def service_error(operation: Operation, error: Any, message: str | None, *, where: str) -> tuple[str, str, int | None]:
    """Return the code, message and HTTP status of an error that a rule declares.

    The status is None if botocore's model contains it.

    Args:
        operation: The operation that is to return the error.
        error: The code, an exception class of a boto3 client, or a ClientError.
        message: The message, or None for the message of the ClientError or a default.
        where: The declaration of the rule as text, which begins the error message.

    Raises:
        PersonalizeMockError: The operation has no such error.
    """
    if isinstance(error, ClientError):
        details = error.response.get("Error", {})
        error, message = details.get("Code"), message or details.get("Message")
    elif isinstance(error, type) and issubclass(error, ClientError):
        error = error.__name__
    _check_code(operation, error, where)
    status = None if error in modelled_errors(operation) else COMMON_ERRORS[error]
    default = _MESSAGES.get(error, f"{error} declared with mock.on")
    return error, default.format(operation=operation.name) if message is None else message, status


def _check_code(operation: Operation, code: Any, where: str) -> None:
    if not isinstance(code, str):
        raise PersonalizeMockError(
            f"{where}: not an error of the service, botocore or urllib3. Write the code of an error such as "
            "'ThrottlingException', or an exception such as botocore.exceptions.ReadTimeoutError."
        )
    modelled = sorted(modelled_errors(operation))
    if code not in modelled and code not in COMMON_ERRORS:
        hint = did_you_mean(code, [*modelled, *COMMON_ERRORS], command=_remedy(code, modelled))
        raise PersonalizeMockError(f"{where}: {operation.name} has no error {code!r}. {hint}")


def _remedy(code: str, modelled: list[str]) -> str:
    from botocore import exceptions as botocore_errors

    if is_fault(getattr(botocore_errors, code, None)):
        return f"To raise the exception of botocore, write botocore.exceptions.{code} without quotes."
    listed = ", ".join(modelled) or "no errors"
    return f"Its own errors are {listed}. Common errors such as ThrottlingException are allowed too."
