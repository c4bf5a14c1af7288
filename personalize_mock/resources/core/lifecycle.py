"""How a status moves: lifecycle tables as data, and the one engine that follows them.

A stage is entered by an event of the clock's queue, at that event's own instant. Its effect is a method of the
resource; a `JobFailed` of an effect shows only when the last stage is due, as the service keeps a job IN_PROGRESS
until it fails.
"""

from typing import Any

from personalize_mock.clock import Due
from personalize_mock.journal import Transition
from personalize_mock.resources.core.durations import duration
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


LATER = "later "
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
    """Puts a resource on one of its lifecycles; an unfinished one is abandoned.

    Without a duration all stages are entered at once. moto's state manager may have another say: `immediate`, a
    number of polls for each stage (`manual`), or seconds for each stage (`time`).
    """
    lifecycle = _lifecycle(resource, name)
    store.clock.cancel(resource.arn, unless=LATER)
    resource.lifecycle_state = LifecycleState(lifecycle=name)
    transition = store.simulation.environment.transition(resource.ARN_TYPE) or {}
    if transition.get("progression") == "manual":
        resource.lifecycle_state.polls_per_stage = int(transition.get("times", 1))
    _enter(store, resource, lifecycle, 0)


def later(store: Store, resource: Resource, effect: str, *, delay: float) -> None:
    """Has a method `(store) -> None` of a resource called once, after a while, whatever its status is then.

    What is already planned for that method is dropped; the method may plan its next call.
    """
    store.clock.cancel(resource.arn, only=LATER + effect)
    store.clock.schedule(delay, arn=resource.arn, lifecycle=LATER + effect, stage=0)


def never(store: Store, resource: Resource, effect: str) -> None:
    """Drops what is planned for a method of a resource."""
    store.clock.cancel(resource.arn, only=LATER + effect)


def fire(store: Store, due: Due) -> None:
    """Lets a due event happen; `begin` has cancelled those of abandoned lifecycles."""
    resource = store.resource(due.arn)
    if resource is None:
        return
    if due.lifecycle.startswith(LATER):
        getattr(resource, due.lifecycle.removeprefix(LATER))(store)
    else:
        _enter(store, resource, _lifecycle(resource, due.lifecycle), due.stage)


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
    store.clock.polled((arn, due) for arn, due in pending if due is not None)


def record_effect_poll(store: Store, resource: Resource, effect: str) -> None:
    """Somebody looks for what comes of something that a resource has planned; a few looks are not yet a wait for it."""
    planned = [due for due in store.clock.upcoming() if due.arn == resource.arn and due.lifecycle == LATER + effect]
    store.clock.polled(((due.arn, due.at) for due in planned), patience=PATIENCE)


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
        getattr(resource, effect)(store)
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
    due = store.clock.schedule(delay, arn=resource.arn, lifecycle=lifecycle.name, stage=index)
    resource.lifecycle_state.due = due.at
