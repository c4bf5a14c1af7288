"""The model's own time: things with a status, what is planned for them, and every change of a status.

Written from the documented lifecycles alone; nothing of the package is imported here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any

PENDING, RUNNING, ACTIVE, FAILED = "CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE", "CREATE FAILED"
FAILURES = (FAILED, "FAILED")
RUNS_AFTER = 0.2  # the part of a whole duration that passes before a thing is IN_PROGRESS; ours

Effect = Callable[[], bool | None]  # what happens on entering a stage; True if the work has failed


@dataclass(frozen=True, slots=True)
class Stage:
    """A status (None: gone), the seconds before it is entered, what happens then, and the status if work has failed."""

    status: str | None
    after: float = 0.0
    effect: Effect | None = None
    otherwise: str = FAILED


@dataclass(eq=False)
class Thing:
    """A resource as the model sees it.

    Attributes:
        shown: what Describe must show.
        facts: what else the rules need to know of it.
        course: the number of the lifecycle that it follows; what was planned for earlier ones does not happen.
        timers: the same for what it does by itself.
    """

    kind: str
    arn: str
    shown: dict[str, Any]
    facts: dict[str, Any] = field(default_factory=dict)
    moving: bool = False
    lifecycle_state: int = 0
    timers: dict[str, int] = field(default_factory=dict)
    gone: bool = False

    @property
    def status(self) -> str | None:
        return self.shown.get("status")

    @property
    def coming(self) -> bool:
        return self.status in (PENDING, RUNNING)


def _nobody_cares(_: Thing) -> None:
    """Nobody keeps things."""


class Timeline:
    """A clock, its queue, and the transitions that it has seen.

    Attributes:
        transitions: `(instant, arn, status)` since somebody took them.
        remove: forgets a thing that is gone.
    """

    def __init__(self, start: float) -> None:
        self.now = start
        self.transitions: list[tuple[float, str, str | None]] = []
        self.remove: Callable[[Thing], None] = _nobody_cares
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._ties = 0

    def advance(self, instant: float) -> None:
        """Lets everything happen up to an instant."""
        while self._queue and self._queue[0][0] <= instant:
            self.now, _, action = heappop(self._queue)
            action()
        self.now = instant

    def later(self, thing: Thing, name: str, delay: float, action: Callable[[], None]) -> None:
        """Plans what a thing does by itself; an earlier plan of that name is dropped."""
        number = thing.timers[name] = thing.timers.get(name, 0) + 1

        def due() -> None:
            if not thing.gone and thing.timers[name] == number:
                action()

        self._plan(delay, due)

    def never(self, thing: Thing, name: str) -> None:
        """Drops a plan."""
        thing.timers[name] = thing.timers.get(name, 0) + 1

    def follow(self, thing: Thing, stages: Sequence[Stage], part: dict[str, Any] | None = None) -> None:
        """Puts a thing on a lifecycle that shows in it, or in a part of what it shows."""
        thing.lifecycle_state += 1
        thing.moving = True
        self._enter(thing, stages, 0, thing.shown if part is None else part, failed=False)

    def _enter(self, thing: Thing, stages: Sequence[Stage], index: int, part: dict[str, Any], *, failed: bool) -> None:
        stage, last = stages[index], index == len(stages) - 1
        if stage.effect is not None and not (last and failed):
            failed = bool(stage.effect()) or failed
        if last:
            thing.moving = False
        self._show(thing, part, stage.otherwise if last and failed else stage.status)
        if not last:
            self._go_on(thing, stages, index + 1, part, failed=failed)

    def _go_on(self, thing: Thing, stages: Sequence[Stage], index: int, part: dict[str, Any], *, failed: bool) -> None:
        lifecycle_state = thing.lifecycle_state

        def due() -> None:
            if not thing.gone and thing.lifecycle_state == lifecycle_state:
                self._enter(thing, stages, index, part, failed=failed)

        if stages[index].after:
            self._plan(stages[index].after, due)
        else:
            due()

    def _show(self, thing: Thing, part: dict[str, Any], status: str | None) -> None:
        self.transitions.append((self.now, thing.arn, status))
        if status is None:
            thing.gone = True
            self.remove(thing)
            return
        part["status"] = status
        part["lastUpdatedDateTime"] = self.now
        if status in FAILURES:
            part["failureReason"] = ...

    def _plan(self, delay: float, action: Callable[[], None]) -> None:
        self._ties += 1
        heappush(self._queue, (round(self.now + delay, 3), self._ties, action))


def creation(seconds: float, run: Effect | None = None, finish: Effect | None = None) -> list[Stage]:
    """CREATE PENDING, CREATE IN_PROGRESS, ACTIVE; updates show the same."""
    early, late = seconds * RUNS_AFTER, seconds * (1 - RUNS_AFTER)
    return [Stage(PENDING), Stage(RUNNING, early, run), Stage(ACTIVE, late, finish)]


def ending(word: str, seconds: float, end: str | None, finish: Effect | None = None) -> list[Stage]:
    """`<word> PENDING`, `<word> IN_PROGRESS` and how that ends."""
    early, late = seconds * RUNS_AFTER, seconds * (1 - RUNS_AFTER)
    return [Stage(f"{word} PENDING"), Stage(f"{word} IN_PROGRESS", early), Stage(end, late, finish)]


def deletion_job(seconds: float, run: Effect, finish: Effect) -> list[Stage]:
    """PENDING, IN_PROGRESS and COMPLETED, in words of its own."""
    early, late = seconds * RUNS_AFTER, seconds * (1 - RUNS_AFTER)
    return [Stage("PENDING"), Stage("IN_PROGRESS", early, run), Stage("COMPLETED", late, finish, otherwise="FAILED")]
