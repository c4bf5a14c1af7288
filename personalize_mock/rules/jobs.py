"""Checks whether a rule can make a resource fail, or hold it in a status, after a call to an operation.

A lifecycle is the sequence of statuses of a resource during its creation, update or deletion.
"""

import re
from collections.abc import Iterator

from personalize_mock.exceptions import PersonalizeMockError, did_you_mean
from personalize_mock.resources.core.resource import Lifecycle, Resource
from personalize_mock.wire.model import Operation

_VERB = re.compile("(Create|Update|Delete|Start|Stop)(.*?)(?:Creation)?$")


def begun_lifecycle(operation: Operation, *, where: str) -> Lifecycle:
    """Return the lifecycle that a call to an operation starts, such as the creation of a campaign for CreateCampaign.

    Args:
        operation: The operation of a rule.
        where: The declaration of the rule as text, which begins the error message.

    Raises:
        PersonalizeMockError: A call to the operation starts no lifecycle.
    """
    match = _VERB.match(operation.name)
    lifecycle = None
    if match is not None:
        verb, noun = match.groups()
        lifecycle = next((t.lifecycle(verb.lower()) for t in _resource_types(Resource) if t.__name__ == noun), None)
    if lifecycle is None:
        raise PersonalizeMockError(
            f"{where}: {operation.name} does not start anything that takes time. Write .raises(...) to make the call "
            "fail, or name an operation such as CreateSolutionVersion."
        )
    return lifecycle


def check_can_fail(operation: Operation, *, where: str) -> None:
    """Check that an operation creates or updates a resource that can fail.

    Args:
        operation: The operation of a rule.
        where: The declaration of the rule as text, which begins the error message.

    Raises:
        PersonalizeMockError: A call to the operation starts no creation or update.
    """
    lifecycle = begun_lifecycle(operation, where=where)
    if lifecycle.name not in ("create", "update"):
        raise PersonalizeMockError(
            f"{where}: a resource can fail only while it is created or updated. Write .raises(...) to make the call of "
            f"{operation.name} fail, or .holds(...) to keep the resource in its status."
        )


def check_can_hold(operation: Operation, status: object, *, where: str) -> None:
    """Check that a resource can be held in a status after a call to an operation.

    This is possible in all statuses through which the resource then passes, except the final one.

    Args:
        operation: The operation of a rule.
        status: The status, such as "CREATE IN_PROGRESS".
        where: The declaration of the rule as text, which begins the error message.

    Raises:
        PersonalizeMockError: The resource cannot be held in this status, or the operation changes no status.
    """
    statuses = [stage.status for stage in begun_lifecycle(operation, where=where).stages[:-1]]
    if status not in statuses:
        names = [name for name in statuses if name]
        hint = did_you_mean(status, names)
        raise PersonalizeMockError(
            f"{where}: after {operation.name}, a resource passes through {' and '.join(names)}, not through "
            f"{status!r}. {hint}"
        )


def _resource_types(base: type[Resource]) -> Iterator[type[Resource]]:
    for resource_type in base.__subclasses__():
        yield resource_type
        yield from _resource_types(resource_type)
