"""Creation of outcomes for the methods of a rule, such as `Rule.raises`, with checks of their arguments.

In all functions, `where` is the declaration as text, such as `mock.on('PutEvents').delays(-1)`. Error messages begin
with it.
"""

from typing import Any

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.hooks import Override
from personalize_mock.rules import jobs
from personalize_mock.rules.faults import check_fault, is_fault
from personalize_mock.rules.outcomes import Delays, Outcome, Overrides, RaisesError, RaisesFault, Responds
from personalize_mock.rules.service_errors import service_error
from personalize_mock.wire.model import Operation

LONGEST_DELAY = 1e9  # seconds; our choice
_LOWEST_STATUS, _HIGHEST_STATUS = 300, 599


def failure(operation: Operation, error: Any, message: str | None, *, where: str) -> Outcome:
    """Return the outcome that makes a call fail.

    Args:
        operation: The operation of the rule.
        error: The code of a service error, or the class or an instance of an exception of the HTTP client.
        message: The message of the service's error, or None for a default.
        where: The declaration of the rule as text, which begins the error message.

    Raises:
        PersonalizeMockError: The operation cannot return this error, or the exception cannot be created.
    """
    if not isinstance(message, (str, type(None))):
        raise PersonalizeMockError(f"{where}: the message must be a string, not {message!r}.")
    if not is_fault(error):
        return RaisesError(*service_error(operation, error, message, where=where))
    if message is not None:
        raise PersonalizeMockError(
            f"{where}: a message can be given only for a service error, such as 'ThrottlingException'. "
            "Write an exception instance that contains the message instead."
        )
    check_fault(error, where=where)
    return RaisesFault(error)


def bare_response(status: Any, body: bytes | str, *, where: str) -> Outcome:
    """Return the outcome that answers a call with an HTTP status and a body.

    Args:
        status: The HTTP status.
        body: The body. A string is encoded as UTF-8.
        where: The declaration of the rule as text, which begins the error message.

    Raises:
        PersonalizeMockError: The status is not an integer from 300 to 599, or the body is neither a string nor bytes.
    """
    is_whole = isinstance(status, int) and not isinstance(status, bool)
    if not is_whole or not _LOWEST_STATUS <= status <= _HIGHEST_STATUS:
        raise PersonalizeMockError(
            f"{where}: {status!r} is not an HTTP status from 300 to 599. Write a status such as 503, or use "
            ".returns({...}) for a successful response."
        )
    if not isinstance(body, (str, bytes)):
        raise PersonalizeMockError(
            f"{where}: body={body!r} is neither a string nor bytes. Write a string such as body='Bad gateway'."
        )
    return Responds(status, body.encode(errors="replace") if isinstance(body, str) else body)


def delay(seconds: Any, *, where: str) -> Outcome:
    """Return the outcome that delays a call.

    Args:
        seconds: The delay in simulated seconds.
        where: The declaration of the rule as text, which begins the error message.

    Raises:
        PersonalizeMockError: `seconds` is not a number from 0 to 1e9.
    """
    is_number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    if not is_number or not 0 <= seconds <= LONGEST_DELAY:
        raise PersonalizeMockError(
            f"{where}: {seconds!r} is not a number of seconds from 0 to {LONGEST_DELAY:g}. Write a number such as 2.5."
        )
    return Delays(float(seconds))


def failing_job(operation: Operation, reason: Any, *, where: str) -> Outcome:
    """Return the outcome that makes the creation or update started by a call fail.

    Args:
        operation: The operation of the rule.
        reason: The `failureReason` of the resource.
        where: The declaration of the rule as text, which begins the error message.

    Raises:
        PersonalizeMockError: The operation starts nothing that can fail, or the reason is empty or not a string.
    """
    if not isinstance(reason, str) or not reason:
        raise PersonalizeMockError(
            f"{where}: the failure reason {reason!r} is not a string, or is empty. Write one such as 'Out of luck'."
        )
    jobs.check_can_fail(operation, where=where)
    return Overrides(Override(failure_reason=reason))


def held_job(operation: Operation, status: str, number: int, *, where: str) -> Outcome:
    """Return the outcome that keeps a resource in a status after a call has created or changed it.

    Args:
        operation: The operation of the rule.
        status: The status in which the resource is held, such as "CREATE IN_PROGRESS".
        number: The number of the rule, which identifies the held resources when the rule releases them.
        where: The declaration of the rule as text, which begins the error message.

    Raises:
        PersonalizeMockError: The resource does not pass through the status after a call to the operation.
    """
    jobs.check_can_hold(operation, status, where=where)
    return Overrides(Override(held_status=status, held_by=number))


def is_hold(outcome: Outcome) -> bool:
    """Return whether an outcome holds a resource in a status until it is released."""
    return isinstance(outcome, Overrides) and outcome.override.held_status is not None
