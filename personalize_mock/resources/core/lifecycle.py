"""How a status moves: lifecycle tables as data, and the one engine that follows them.

A stage is entered by an event of the clock's queue, at that event's own instant. Its effect is a method of the
resource; a `JobFailed` of an effect shows only when the last stage is due, as the service keeps a job IN_PROGRESS
until it fails.
"""

from typing import Any

from personalize_mock.clock import Due
from personalize_mock.journal import Transition
from personalize_mock.resources.core.durations import duration
from personalize_mock.resources.core.effects import find_effect
from personalize_mock.resources.core.resource import Lifecycle, LifecycleState, Resource, Stage
from personalize_mock.simulation import Store


class JobFailed(Exception):  # noqa: N818  # an outcome of the service, not a fault of the program
    """The work behind a resource failed; the text becomes its `failureReason`."""


def create(effect: str | None = None, finish: str | None = None) -> Lifecycle:
    """The lifecycle of a creation, with an effect on entering IN_PROGRESS and one on entering ACTIVE."""
    return Lifecycle("create", _creation(effect, finish))


def update(subject: str, effect: str | None = None, finish: str | None = None) -> Lifecycle:
    """The lifecycle of an update that shows in a part of the resource."""
    return Lifecycle("update", _creation(effect, finish), subject=subject)


def delete(finish: str | None = None) -> Lifecycle:
    """The lifecycle of a deletion, with an effect at its end."""
    stages = (Stage("DELETE PENDING"), Stage("DELETE IN_PROGRESS", 0.2), Stage(None, 0.8, finish))
    return Lifecycle("delete", stages)


def start(finish: str | None = None) -> Lifecycle:
    """The lifecycle of what was stopped and serves again, with an effect on entering ACTIVE."""
    stages = (Stage("START PENDING"), Stage("START IN_PROGRESS", 0.2), Stage("ACTIVE", 0.8, finish))
    return Lifecycle("start", stages)


PATIENCE = 10  # looks at one instant; ours
DELETE = delete()
STOP = Lifecycle("stop", (Stage("CREATE STOPPING"), Stage("CREATE STOPPED", 1.0)))
STOP_PENDING = Lifecycle("stop pending", (Stage("CREATE STOPPED"),))
STOP_SERVING = Lifecycle("stop", (Stage("STOP PENDING"), Stage("STOP IN_PROGRESS", 0.2), Stage("INACTIVE", 0.8)))


def _creation(effect: str | None, finish: str | None) -> tuple[Stage, ...]:
    return (
        Stage("CREATE PENDING"),
        Stage("CREATE IN_PROGRESS", 0.2, effect),
        Stage("ACTIVE", 0.8, finish),
    )


def begin(store: Store, resource: Resource, name: str) -> None:
    """Start one of a resource's lifecycles and abandon the current one.

    Without a duration, all stages are entered at once. A transition set in moto's state manager takes precedence:
    `immediate`, a number of polls for each stage (`manual`), or seconds for each stage (`time`).
    """
    lifecycle = _lifecycle(resource, name)
    store.clock.cancel(resource.arn, action="stage")
    resource.lifecycle_state = LifecycleState(lifecycle=name)
    transition = store.simulation.environment.transition(resource.ARN_TYPE) or {}
    if transition.get("progression") == "manual":
        resource.lifecycle_state.polls_per_stage = int(transition.get("times", 1))
    _enter(store, resource, lifecycle, 0)


def schedule_effect(store: Store, resource: Resource, name: str, *, delay: float) -> None:
    """Schedule an effect of a resource, in place of an earlier schedule of the same effect.

    The effect runs once, whatever the resource's status is then. It may schedule itself again.

    Args:
        store: The account and region.
        resource: The resource.
        name: The effect's name.
        delay: Seconds from now.

    Raises:
        LookupError: The resource type has no such effect.
    """
    find_effect(type(resource), name)
    cancel_effect(store, resource, name)
    store.clock.schedule(delay, arn=resource.arn, action="effect", name=name)


def cancel_effect(store: Store, resource: Resource, name: str) -> None:
    """Cancel a scheduled effect of a resource, if there is one."""
    store.clock.cancel(resource.arn, action="effect", name=name)


def run_effect(store: Store, resource: Resource, name: str) -> None:
    """Run an effect of a resource now.

    Raises:
        LookupError: The resource type has no such effect.
    """
    find_effect(type(resource), name)(store, resource)


def fire(store: Store, due: Due) -> None:
    """Run a due event, unless its resource has been removed."""
    resource = store.resource(due.arn)
    if resource is None:
        return
    if due.action == "effect":
        run_effect(store, resource, due.name)
    else:
        _enter(store, resource, _lifecycle(resource, due.name), due.stage)


def record_poll(store: Store, resources: list[Resource]) -> None:
    """Somebody looks at resources: those that move by polls move, and a clock that stands may jump."""
    for resource in resources:
        lifecycle_state = resource.lifecycle_state
        if lifecycle_state.lifecycle is not None and lifecycle_state.polls_per_stage is not None:
            lifecycle_state.polls += 1
            if lifecycle_state.polls >= lifecycle_state.polls_per_stage:
                lifecycle_state.polls = 0
                _enter(store, resource, _lifecycle(resource, lifecycle_state.lifecycle), lifecycle_state.stage + 1)
    pending = [(resource.arn, resource.lifecycle_state.due) for resource in resources]
    store.clock.record_polls((arn, due) for arn, due in pending if due is not None)


def record_effect_poll(store: Store, resource: Resource, name: str) -> None:
    """Somebody looks for what comes of something that a resource has planned; a few looks are not yet a wait for it."""
    effects = (due for due in store.clock.upcoming() if (due.arn, due.action) == (resource.arn, "effect"))
    pending = [(due.arn, due.at) for due in effects if due.name == name]
    store.clock.record_polls(pending, patience=PATIENCE)


def is_moving(resource: Resource) -> bool:
    """Whether a resource is on its way through a lifecycle."""
    return resource.lifecycle_state.lifecycle is not None


def _lifecycle(resource: Resource, name: str) -> Lifecycle:
    lifecycle = resource.lifecycle(name)
    assert lifecycle is not None  # noqa: S101  # only a module's own names get here
    return lifecycle


def _enter(store: Store, resource: Resource, lifecycle: Lifecycle, index: int) -> None:
    stage, lifecycle_state = lifecycle.stages[index], resource.lifecycle_state
    last = index == len(lifecycle.stages) - 1
    lifecycle_state.stage = index
    if stage.effect is not None and not (last and lifecycle_state.failure):
        _run(store, resource, stage.effect)
    if last:
        lifecycle_state.lifecycle = lifecycle_state.due = None
    _show(store, resource, lifecycle, stage, failure=lifecycle_state.failure if last else None)
    if not last and lifecycle_state.polls_per_stage is None:
        _schedule(store, resource, lifecycle, index + 1)


def _run(store: Store, resource: Resource, effect: str) -> None:
    try:
        run_effect(store, resource, effect)
    except JobFailed as failure:
        resource.lifecycle_state.failure = str(failure)


def _show(store: Store, resource: Resource, lifecycle: Lifecycle, stage: Stage, *, failure: str | None) -> None:
    now = store.clock.timestamp()
    status = lifecycle.failed if failure else stage.status
    store.simulation.journal.add(Transition(at=now, arn=resource.arn, status=status, failure_reason=failure))
    if status is None:
        store.remove(resource)
        store.clock.cancel(resource.arn)
        return
    subject: Any = getattr(resource, lifecycle.subject) if lifecycle.subject else resource
    subject.status = status
    subject.last_updated_date_time = now
    if failure:
        subject.failure_reason = failure


def _schedule(store: Store, resource: Resource, lifecycle: Lifecycle, index: int) -> None:
    delay = duration(store, resource, lifecycle.name, stages=len(lifecycle.stages)) * lifecycle.stages[index].share
    if delay == 0:
        _enter(store, resource, lifecycle, index)
        return
    due = store.clock.schedule(delay, arn=resource.arn, action="stage", name=lifecycle.name, stage=index)
    resource.lifecycle_state.due = due.at
