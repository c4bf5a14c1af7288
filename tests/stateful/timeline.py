"""Clock of the model: resources with a status, scheduled changes, and a log of the transitions.

It follows the documented lifecycles and imports nothing from the package.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any

PENDING, RUNNING, ACTIVE, FAILED = "CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE", "CREATE FAILED"
USABLE = (PENDING, RUNNING, ACTIVE)  # for trackers and filters
FAILURES = (FAILED, "FAILED")
RUNS_AFTER = 0.2  # share of a duration before IN_PROGRESS; ours

Effect = Callable[[], bool | None]  # returns True if the work fails


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a lifecycle.

    Attributes:
        status: Status of the stage, or None if the resource is deleted.
        after: Seconds between the previous stage and this one.
        effect: Called on entering the stage.
        failed_status: Status instead of `status` if the work has failed.
    """

    status: str | None
    after: float = 0.0
    effect: Effect | None = None
    failed_status: str = FAILED


@dataclass(eq=False)
class ModelResource:
    """A resource of the model.

    Attributes:
        resource_type: Name of the resource type.
        arn: ARN.
        shown: Expected members of the Describe response.
        facts: Further state for the rules.
        changing: Whether a lifecycle is under way.
        lifecycle_state: Number of the current lifecycle. Scheduled stages of earlier lifecycles are dropped.
        timers: Number of the current timer by name. Earlier timers of the same name are dropped.
        deleted: Whether the resource is deleted.
    """

    resource_type: str
    arn: str
    shown: dict[str, Any]
    facts: dict[str, Any] = field(default_factory=dict)
    changing: bool = False
    lifecycle_state: int = 0
    timers: dict[str, int] = field(default_factory=dict)
    deleted: bool = False

    @property
    def status(self) -> str | None:
        return self.shown.get("status")

    @property
    def creating(self) -> bool:
        return self.status in (PENDING, RUNNING)


def _ignore(_: ModelResource) -> None:
    """Do nothing."""


class Timeline:
    """A clock with a queue and a log of transitions.

    Attributes:
        now: Current time in seconds.
        transitions: `(time, arn, status)` of each transition since the last comparison.
        remove: Called with each deleted resource.
    """

    def __init__(self, start: float) -> None:
        self.now = start
        self.transitions: list[tuple[float, str, str | None]] = []
        self.remove: Callable[[ModelResource], None] = _ignore
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._ties = 0

    def advance(self, instant: float) -> None:
        """Run everything that is scheduled up to a time."""
        while self._queue and self._queue[0][0] <= instant:
            self.now, _, action = heappop(self._queue)
            action()
        self.now = instant

    def schedule(self, resource: ModelResource, name: str, delay: float, action: Callable[[], None]) -> None:
        """Schedule an action of a resource, and drop an earlier timer of that name."""
        number = resource.timers[name] = resource.timers.get(name, 0) + 1

        def due() -> None:
            if not resource.deleted and resource.timers[name] == number:
                action()

        self._push(delay, due)

    def cancel(self, resource: ModelResource, name: str) -> None:
        """Drop the timer of that name."""
        resource.timers[name] = resource.timers.get(name, 0) + 1

    def follow(self, resource: ModelResource, stages: Sequence[Stage], part: dict[str, Any] | None = None) -> None:
        """Start a lifecycle. Its status shows in the description of the resource, or in a part of it."""
        resource.lifecycle_state += 1
        resource.changing = True
        self._enter(resource, stages, 0, resource.shown if part is None else part, failed=False)

    def _enter(
        self, resource: ModelResource, stages: Sequence[Stage], index: int, part: dict[str, Any], *, failed: bool
    ) -> None:
        stage, last = stages[index], index == len(stages) - 1
        if stage.effect is not None and not (last and failed):
            failed = bool(stage.effect()) or failed
        if last:
            resource.changing = False
        self._show(resource, part, stage.failed_status if last and failed else stage.status)
        if not last:
            self._schedule_stage(resource, stages, index + 1, part, failed=failed)

    def _schedule_stage(
        self, resource: ModelResource, stages: Sequence[Stage], index: int, part: dict[str, Any], *, failed: bool
    ) -> None:
        lifecycle_state = resource.lifecycle_state

        def due() -> None:
            if not resource.deleted and resource.lifecycle_state == lifecycle_state:
                self._enter(resource, stages, index, part, failed=failed)

        if stages[index].after:
            self._push(stages[index].after, due)
        else:
            due()

    def _show(self, resource: ModelResource, part: dict[str, Any], status: str | None) -> None:
        self.transitions.append((self.now, resource.arn, status))
        if status is None:
            resource.deleted = True
            self.remove(resource)
            return
        is_creation = "CREATE" in f"{part.get('status')} {status}"
        part["status"] = status
        if resource.resource_type != "Dataset" or not is_creation:  # recorded: they keep the date
            part["lastUpdatedDateTime"] = self.now
        if status in FAILURES:
            part["failureReason"] = ...

    def _push(self, delay: float, action: Callable[[], None]) -> None:
        self._ties += 1
        heappush(self._queue, (round(self.now + delay, 3), self._ties, action))


def creation(seconds: float, run: Effect | None = None, finish: Effect | None = None) -> list[Stage]:
    """Return the stages CREATE PENDING, CREATE IN_PROGRESS and ACTIVE, which updates have too."""
    early, late = seconds * RUNS_AFTER, seconds * (1 - RUNS_AFTER)
    return [Stage(PENDING), Stage(RUNNING, early, run), Stage(ACTIVE, late, finish)]


def ending(word: str, seconds: float, end: str | None, finish: Effect | None = None) -> list[Stage]:
    """Return the stages `<word> PENDING`, `<word> IN_PROGRESS` and `end`."""
    early, late = seconds * RUNS_AFTER, seconds * (1 - RUNS_AFTER)
    return [Stage(f"{word} PENDING"), Stage(f"{word} IN_PROGRESS", early), Stage(end, late, finish)]


def deletion_job(seconds: float, run: Effect, finish: Effect) -> list[Stage]:
    """Return the stages PENDING, IN_PROGRESS and COMPLETED."""
    early, late = seconds * RUNS_AFTER, seconds * (1 - RUNS_AFTER)
    return [
        Stage("PENDING"),
        Stage("IN_PROGRESS", early, run),
        Stage("COMPLETED", late, finish, failed_status="FAILED"),
    ]
