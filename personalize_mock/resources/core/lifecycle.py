"""Common lifecycles, and the functions that move resources through the stages of a lifecycle.

A resource enters the first stage at once and the later stages at scheduled times. If the effect of a stage (a
function that runs when the stage begins) raises `JobFailed`, the resource gets the failed status only when the last
stage is due. A failing job therefore takes as long as a successful one.
"""

import warnings
from typing import Any

from personalize_mock.exceptions import PersonalizeMockWarning
from personalize_mock.hooks import Override
from personalize_mock.journal import Transition
from personalize_mock.resources.core.durations import duration
from personalize_mock.resources.core.effects import find_effect
from personalize_mock.resources.core.resource import Lifecycle, LifecycleState, Resource, Stage
from personalize_mock.simulation import Store
from personalize_mock.timing.clock import ATTEMPTS
from personalize_mock.timing.event_queue import Due
from personalize_mock.undo_log import LOG, Transaction

POLLS_BEFORE_JUMP = 10  # ours; for polls that wait for a scheduled effect
INTERRUPTED = "Interrupted {times} times in a row, the last time by {error}"  # ours


class JobFailed(Exception):  # noqa: N818  # a result of the service, not an error of the program
    """Raised by the function of a stage to make a job fail. The message becomes the `failureReason` of the resource."""


def create(effect: str | None = None, finish: str | None = None) -> Lifecycle:
    """Return a lifecycle for the creation of a resource.

    Args:
        effect: The name of a function registered with `@effect`, which runs when the resource enters CREATE
            IN_PROGRESS, or None.
        finish: The name of such a function, which runs when the resource becomes ACTIVE, or None.
    """
    return Lifecycle("create", _creation(effect, finish))


def update(holder: str, effect: str | None = None, finish: str | None = None) -> Lifecycle:
    """Return a lifecycle for the update of a resource.

    The status of the resource itself does not change. The status of the update goes from CREATE PENDING to ACTIVE.

    Args:
        holder: The attribute of the resource that contains the update, such as `latest_campaign_update`.
        effect: The name of a function registered with `@effect`, which runs when the update enters CREATE IN_PROGRESS,
            or None.
        finish: The name of such a function, which runs when the update becomes ACTIVE, or None.
    """
    return Lifecycle("update", _creation(effect, finish), holder=holder)


def delete(finish: str | None = None) -> Lifecycle:
    """Return a lifecycle for the deletion of a resource.

    Args:
        finish: The name of a function registered with `@effect`, which runs just before the resource is removed, or
            None.
    """
    stages = (Stage("DELETE PENDING"), Stage("DELETE IN_PROGRESS", 0.2), Stage(None, 0.8, finish))
    return Lifecycle("delete", stages)


def start(finish: str | None = None) -> Lifecycle:
    """Return a lifecycle for the restart of a resource that was stopped.

    Args:
        finish: The name of a function registered with `@effect`, which runs when the resource becomes ACTIVE again, or
            None.
    """
    stages = (Stage("START PENDING"), Stage("START IN_PROGRESS", 0.2), Stage("ACTIVE", 0.8, finish))
    return Lifecycle("start", stages)


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
    """Start a lifecycle of a resource, such as "create". A lifecycle that is still running is abandoned.

    If the lifecycle has a duration of 0, all stages are entered at once. A transition set in moto's state manager takes
    precedence over the duration: `immediate` enters all stages at once, `time` sets the seconds per stage, and `manual`
    makes the resource enter its next stage after a set number of calls that show its status.

    If a rule that a test declared, such as `mock.on("CreateCampaign").holds("CREATE IN_PROGRESS")`, applies to the
    current call, the lifecycle fails, or it stops in the status that the rule names.
    """
    lifecycle = _lifecycle(resource, name)
    store.clock.cancel(resource.arn, action="stage")
    override = store.simulation.take_override() or Override()
    resource.lifecycle_state = LifecycleState(
        lifecycle=name,
        failure_reason=override.failure_reason,
        held_status=override.held_status,
        held_by=override.held_by,
    )
    transition = store.simulation.environment.transition(resource.ARN_TYPE) or {}
    if transition.get("progression") == "manual":
        resource.lifecycle_state.polls_per_stage = int(transition.get("times", 1))
    _enter(store, resource, lifecycle, 0)


def schedule_effect(store: Store, resource: Resource, name: str, *, delay: float) -> None:
    """Schedule one run of an effect: a function that is registered for the type of a resource.

    If the same effect is already scheduled, the earlier run is cancelled. The effect runs regardless of the status of
    the resource, and may schedule itself again.

    Args:
        store: The resources of one account and region.
        resource: The resource that the effect changes.
        name: The name of the effect.
        delay: The simulated time until the effect runs, in seconds.

    Raises:
        LookupError: The resource type has no effect with this name.
    """
    find_effect(type(resource), name)
    cancel_effect(store, resource, name)
    store.clock.schedule(delay, arn=resource.arn, action="effect", name=name)


def cancel_effect(store: Store, resource: Resource, name: str) -> None:
    """Cancel the scheduled run of an effect (a registered function) of a resource, if there is one."""
    store.clock.cancel(resource.arn, action="effect", name=name)


def run_effect(store: Store, resource: Resource, name: str) -> None:
    """Run an effect of a resource now: the function registered under the given name for the resource's type.

    Raises:
        LookupError: No such function is registered.
    """
    find_effect(type(resource), name)(store, resource)


def fire(store: Store, due: Due) -> None:
    """Run an event that is due: call a scheduled effect of a resource, or move the resource to its next stage.

    Ignore the event if the resource has been removed.
    """
    resource = store.resource(due.arn)
    if resource is None:
        return
    is_last_attempt = store.clock.is_last_attempt(due)
    if due.action == "effect":
        _run_scheduled(store, resource, due.name, is_last_attempt=is_last_attempt)
    else:
        _enter(store, resource, _lifecycle(resource, due.name), due.stage, is_last_attempt=is_last_attempt)


def record_poll(store: Store, resources: list[Resource]) -> None:
    """Count the current service call as one poll of each of the given resources, whose statuses the response shows.

    With a `manual` transition in moto's state manager, a resource enters its next stage after a set number of polls.
    Otherwise, if the caller polls a resource twice without sleeping, the simulated clock jumps to the next stage.
    """
    for resource in resources:
        state = resource.lifecycle_state
        if state.lifecycle is not None and state.polls_per_stage is not None and not is_held(resource):
            state.polls += 1
            if state.polls >= state.polls_per_stage:
                state.polls = 0
                _enter(store, resource, _lifecycle(resource, state.lifecycle), state.stage + 1)
    pending = [(resource.arn, resource.lifecycle_state.next_stage_at) for resource in resources]
    store.clock.record_polls((arn, at) for arn, at in pending if at is not None)


def record_effect_poll(store: Store, resource: Resource, name: str) -> None:
    """Count a service call that a test may be repeating while it waits for a scheduled effect (function) of a resource.

    After `POLLS_BEFORE_JUMP` such calls without a sleep, the next call moves the simulated clock to the scheduled time.
    """
    pending = [(due.arn, due.at) for due in store.clock.scheduled(resource.arn, action="effect", name=name)]
    store.clock.record_polls(pending, polls_before_jump=POLLS_BEFORE_JUMP)


def is_moving(resource: Resource) -> bool:
    """Return whether a resource is being created, updated, deleted, stopped or restarted."""
    return resource.lifecycle_state.lifecycle is not None


def is_held(resource: Resource) -> bool:
    """Return whether a rule that a test declared, such as `holds("CREATE PENDING")`, keeps a resource in its status."""
    state = resource.lifecycle_state
    if state.lifecycle is None or state.held_status is None:
        return False
    return _lifecycle(resource, state.lifecycle).stages[state.stage].status == state.held_status


def release(store: Store, resource: Resource) -> None:
    """Let a resource go through the rest of its lifecycle, even if a rule that a test declared holds it in a status."""
    state, was_held = resource.lifecycle_state, is_held(resource)
    state.held_status = state.held_by = None
    if was_held and state.lifecycle is not None and state.polls_per_stage is None:
        _schedule_stage(store, resource, _lifecycle(resource, state.lifecycle), state.stage + 1)


def _lifecycle(resource: Resource, name: str) -> Lifecycle:
    lifecycle = resource.lifecycle(name)
    assert lifecycle is not None  # noqa: S101  # lifecycles are named by the resource's own module
    return lifecycle


def _run_scheduled(store: Store, resource: Resource, effect: str, *, is_last_attempt: bool) -> None:
    try:
        with Transaction():
            run_effect(store, resource, effect)
    except Exception as error:
        if not is_last_attempt:
            raise
        message = INTERRUPTED.format(times=ATTEMPTS, error=f"{type(error).__name__}: {error}")
        text = f"The scheduled task {effect!r} of {resource.arn} is skipped. {message}"
        warnings.warn(text, PersonalizeMockWarning, stacklevel=2)


def _enter(
    store: Store, resource: Resource, lifecycle: Lifecycle, index: int, *, is_last_attempt: bool = False
) -> None:
    stage, state = lifecycle.stages[index], resource.lifecycle_state
    last = index == len(lifecycle.stages) - 1
    state.stage = index
    if stage.effect is not None and not state.failure_reason:
        _run_job(store, resource, stage.effect, is_last_attempt=is_last_attempt)
    if last:
        state.lifecycle = state.next_stage_at = None
    _set_status(store, resource, lifecycle, stage, failure_reason=state.failure_reason if last else None)
    if not last and state.polls_per_stage is None and stage.status != state.held_status:
        _schedule_stage(store, resource, lifecycle, index + 1)


def _run_job(store: Store, resource: Resource, effect: str, *, is_last_attempt: bool) -> None:
    """Run the function that belongs to a lifecycle stage. If it fails, store the failure reason in the resource.

    Args:
        store: The resources of one account and region.
        resource: The resource that enters the stage.
        effect: The name of the function, which is registered with `@effect`.
        is_last_attempt: Whether every exception makes the job fail. If False, exceptions other than JobFailed are
            raised, and the function is called again later.
    """
    try:
        with Transaction():
            _run_unless_failed(store, resource, effect)
    except Exception as error:
        if not is_last_attempt:
            raise
        reason = INTERRUPTED.format(times=ATTEMPTS, error=f"{type(error).__name__}: {error}")
        resource.lifecycle_state.failure_reason = reason


def _run_unless_failed(store: Store, resource: Resource, effect: str) -> None:
    try:
        run_effect(store, resource, effect)
    except JobFailed as failure:
        resource.lifecycle_state.failure_reason = str(failure)


def _set_status(
    store: Store, resource: Resource, lifecycle: Lifecycle, stage: Stage, *, failure_reason: str | None
) -> None:
    now, is_loading = store.clock.timestamp(), store.simulation.is_loading
    status = lifecycle.failed if failure_reason else stage.status
    store.simulation.journal.add(
        Transition(at=now, arn=resource.arn, status=status, failure_reason=failure_reason, is_loading=is_loading)
    )
    if status is None:
        store.remove(resource)
        store.clock.cancel(resource.arn)
        return
    holder: Any = getattr(resource, lifecycle.holder) if lifecycle.holder else resource
    LOG.record(vars(holder).update, dict(vars(holder)))
    holder.status = status
    if lifecycle.moves_date:
        holder.last_updated_date_time = now
    if failure_reason:
        holder.failure_reason = failure_reason
    store.update_indices(resource)


def _schedule_stage(store: Store, resource: Resource, lifecycle: Lifecycle, index: int) -> None:
    delay = duration(store, resource, lifecycle.name, stages=len(lifecycle.stages)) * lifecycle.stages[index].share
    if delay == 0:
        _enter(store, resource, lifecycle, index)
        return
    due = store.clock.schedule(delay, arn=resource.arn, action="stage", name=lifecycle.name, stage=index)
    resource.lifecycle_state.next_stage_at = due.at
