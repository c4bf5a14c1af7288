"""Implementation of `mock.wait`, which moves the clock until a resource has a final status."""

from personalize_mock.exceptions import PersonalizeMockError, did_you_mean
from personalize_mock.resources.core.lifecycle import is_held, is_moving, record_poll
from personalize_mock.resources.core.resource import Resource
from personalize_mock.simulation import Simulation, Store


def wait(simulation: Simulation, arn: str) -> str | None:
    """Move the clock until no creation, update, deletion, stop or restart of a resource is in progress.

    Args:
        simulation: The running simulation.
        arn: The ARN of the resource.

    Returns:
        The status of the resource, or None if it has been removed or its type has no status.

    Raises:
        PersonalizeMockError: The resource does not exist, its creation or update has failed, or a rule keeps it in
            its status.
    """
    store = _store(simulation, arn)
    if store.resource(arn) is None:
        known = [resource.arn for resource in store.resources()]
        raise PersonalizeMockError(f"There is no resource with the ARN {arn!r}. {_hint(arn, known)}")
    while (resource := store.resource(arn)) is not None and is_moving(resource):
        _advance(store, resource)
    if resource is None:
        return None
    _raise_failure(simulation, resource)
    status: str | None = resource.status
    return status


def _store(simulation: Simulation, arn: object) -> Store:
    parts = arn.split(":") if isinstance(arn, str) else []
    if parts[:1] != ["arn"] or len(parts) != 6 or parts[2] != "personalize":  # noqa: PLR2004  # components of an ARN
        raise PersonalizeMockError(
            f"{arn!r} is not the ARN of a resource of Amazon Personalize. Write an ARN from a response, such as the "
            "campaignArn."
        )
    return simulation.store(parts[4], parts[3])


def _hint(arn: str, known: list[str]) -> str:
    return did_you_mean(arn, known) if known else "Its account has no resources in this region."


def _advance(store: Store, resource: Resource) -> None:
    """Bring a resource closer to its next status.

    If the status changes at a set time, move the clock to it. If the status changes after a number of Describe calls,
    as moto's state manager can demand, count one such call.

    Raises:
        PersonalizeMockError: The resource stays in its status, for example because a rule holds it.
    """
    state = resource.lifecycle_state
    if state.next_stage_at is not None and not is_held(resource):
        store.clock.jump_to(max(state.next_stage_at, store.clock.timestamp()))
    elif state.polls_per_stage is not None and not is_held(resource):
        with store.simulation.lock:
            record_poll(store, [resource])
    else:
        raise PersonalizeMockError(
            f"{resource.arn} stays in the status {resource.status}, probably because a rule holds it. Call "
            "release() on the rule before you wait."
        )


def _raise_failure(simulation: Simulation, resource: Resource) -> None:
    """Raise PersonalizeMockError if the latest creation or update of a resource has failed."""
    reason = resource.lifecycle_state.failure_reason
    if reason:
        status = simulation.journal.transitions(resource.arn)[-1].status
        raise PersonalizeMockError(f"{resource.arn} is {status}: {reason}")
