"""Simulated time: one clock that owns `now` and the queue of what is due, and the only reader of wall time.

    now = virtual_base + rate * (wall - wall_base)

Scheduled work is data (`Due`), not closures: a snapshot of the simulation then holds its own future. Nothing runs in
the background; whoever asks the clock to move runs what has become due, in order, each event at its own instant.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from heapq import heapify, heappop, heappush
from math import inf
from threading import RLock
from typing import Literal

from personalize_mock.exceptions import PersonalizeMockError

Instant = datetime | str | float
Action = Literal["stage", "effect"]

# Two polls closer than this count as a loop without sleep; it is also the shortest sleep that is made virtual.
STANDING = 1.0
LAST = 253_402_300_799.0  # epoch seconds; the end of what `datetime` knows


def wall() -> float:
    """Epoch seconds of wall time, read through the `time` module so that freezegun and time-machine are obeyed."""
    read: Callable[[], float] = time.time  # noqa: TID251  # the one place that reads wall time
    return float(getattr(read, "unshifted", read)())


def epoch(instant: Instant) -> float:
    """An instant as epoch seconds; naive datetimes and texts without an offset are UTC."""
    if isinstance(instant, (int, float)) and not isinstance(instant, bool):
        return float(instant)
    moment = _read(instant) if isinstance(instant, str) else instant
    if not isinstance(moment, datetime):
        raise PersonalizeMockError(
            f"{instant!r} is not an instant. Write an ISO 8601 text such as '2024-05-01T00:00:00Z', a datetime such as "
            "datetime(2024, 5, 1), or epoch seconds."
        )
    return moment.replace(tzinfo=moment.tzinfo or timezone.utc).timestamp()


def _read(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """A scheduled event of a resource.

    Attributes:
        at: Epoch seconds.
        tie: Rises with each scheduled event, so that events of one instant run in the order of scheduling.
        arn: The resource.
        action: `stage` enters a stage of a lifecycle, `effect` runs an effect.
        name: The name of the lifecycle or the effect.
        stage: The index of the stage.
    """

    at: float
    tie: int
    arn: str = field(compare=False)
    action: Action = field(compare=False)
    name: str = field(compare=False)
    stage: int = field(compare=False)


class SimulatedClock:
    """The time of one simulation. `now()` and the movers are for tests, `timestamp()` for the engine.

    Args:
        start: the first instant; time then stands still but for jumps and sleeps (`rate` 0). Without it time starts at
            wall time and runs with it (`rate` 1).
        autojump: whether a poll that finds the clock where the same call's previous poll left it jumps to the next
            event.
        fire: called with each `Due` when its time has come.
    """

    def __init__(self, *, start: Instant | None = None, autojump: bool = True, fire: Callable[[Due], None]) -> None:
        self.lock = RLock()
        self.autojump = autojump
        self._fire = fire
        self._wall_base = wall()
        self._virtual_base = self._wall_base if start is None else epoch(start)
        self._rate = 1.0 if start is None else 0.0
        self._last = self._virtual_base
        self._pinned: float | None = None
        self._queue: list[Due] = []
        self._ties = 0
        self._polls: dict[str, dict[str, tuple[float, int]]] = {}  # when last, and how often in a row
        self._caller = ""

    def now(self) -> datetime:
        """The simulated instant, aware, in UTC."""
        return datetime.fromtimestamp(self.timestamp(), tz=timezone.utc)

    def timestamp(self) -> float:
        """The simulated instant in epoch seconds, whole milliseconds."""
        with self.lock:
            if self._pinned is None:
                virtual = self._virtual_base + self._rate * (wall() - self._wall_base)
                self._last = max(self._last, virtual)
            return round(self._last if self._pinned is None else self._pinned, 3)

    @property
    def rate(self) -> float:
        """Simulated seconds per wall second: 1 runs with the wall, 0 stands still."""
        return self._rate

    @rate.setter
    def rate(self, rate: float) -> None:
        if not isinstance(rate, (int, float)) or not 0 <= rate < inf:
            raise PersonalizeMockError(f"Time cannot run so: set a rate of 0 or more, not {rate!r}.")
        with self.lock:
            self._rebase(self.timestamp())
            self._rate = float(rate)

    def jump(self, seconds: float | timedelta) -> None:
        """Moves time forward and runs what has become due on the way."""
        step = seconds.total_seconds() if isinstance(seconds, timedelta) else seconds
        if not isinstance(step, (int, float)):
            raise PersonalizeMockError(f"A jump takes seconds or a timedelta, not {seconds!r}.")
        with self.freeze():
            self.jump_to(self.timestamp() + step)

    def jump_to(self, instant: Instant) -> None:
        """Moves time forward to an instant and runs what has become due on the way."""
        with self.lock:
            now, then = self.timestamp(), epoch(instant)
            if then < now:
                raise PersonalizeMockError(
                    f"Time never goes backwards: it is {self.now().isoformat()}, so jump to a later instant or start "
                    "the mock with an earlier `clock=`."
                )
            if not then <= LAST:
                raise PersonalizeMockError(
                    f"A jump to {then} epoch seconds leaves the calendar: seconds are wanted, not milliseconds, and "
                    "the year 9999 is the last."
                )
            self._run_until(then)
            self._rebase(then)
            if self._pinned is not None:
                self._pinned = then

    @contextmanager
    def freeze(self, caller: str | None = None) -> Iterator[None]:
        """Keeps time from passing by itself: what one call does happens at one instant, unless it jumps.

        Args:
            caller: the operation that is called; by this the polls of one loop are told from other looks.
        """
        with self.lock, self._at(self.timestamp()):
            before, self._caller = self._caller, caller or self._caller
            try:
                yield
            finally:
                self._caller = before

    def catch_up(self) -> None:
        """Runs what has become due since the last look."""
        with self.lock:
            if self._pinned is None and self._queue:
                self._run_until(self.timestamp())

    def schedule(self, delay: float, *, arn: str, action: Action, name: str, stage: int = 0) -> Due:
        """Schedule an event `delay` seconds from now; see `Due` for the other arguments."""
        self._ties += 1
        due = Due(round(self.timestamp() + delay, 3), self._ties, arn, action, name, stage)
        heappush(self._queue, due)
        return due

    def cancel(self, arn: str, *, action: Action | None = None, name: str | None = None) -> None:
        """Cancel the scheduled events of a resource and forget its polls.

        Args:
            arn: The resource.
            action: Cancels events with this action only.
            name: Cancels events with this name only.
        """
        self._polls.pop(arn, None)
        self._queue[:] = [
            due
            for due in self._queue
            if due.arn != arn or action not in (None, due.action) or name not in (None, due.name)
        ]
        heapify(self._queue)

    def record_polls(self, pending: Iterable[tuple[str, float]], *, patience: int = 1) -> None:
        """Notes that the caller looked at pending resources, and jumps if it has looked just now too.

        Args:
            pending: `(arn, due)` of each.
            patience: how many looks in a row go before one that jumps.
        """
        seen = list(pending)
        looks = {arn: self._looks(arn) for arn, _ in seen}
        if self.autojump and max(looks.values(), default=0) >= patience:
            self.jump_to(max(self.timestamp(), min(at for _, at in seen)))
        now = self.timestamp()
        for arn, before in looks.items():
            self._polls.setdefault(arn, {})[self._caller] = (now, before + 1)

    def clear(self) -> None:
        """Empties the queue."""
        self._queue.clear()
        self._polls.clear()

    def upcoming(self) -> tuple[Due, ...]:
        """What is scheduled, soonest first."""
        with self.lock:
            return tuple(sorted(self._queue))

    def _looks(self, arn: str) -> int:
        """How often in a row the caller has looked at a resource up to now."""
        last, count = self._polls.get(arn, {}).get(self._caller, (0.0, 0))
        return count if count and self.timestamp() - last < STANDING else 0

    def _rebase(self, instant: float) -> None:
        self._virtual_base, self._wall_base = instant, wall()
        self._last = max(self._last, instant)

    def _run_until(self, limit: float) -> None:
        while self._queue and self._queue[0].at <= limit:
            due = heappop(self._queue)
            with self._at(due.at):
                self._fire(due)

    @contextmanager
    def _at(self, instant: float) -> Iterator[None]:
        before, self._pinned = self._pinned, instant
        try:
            yield
        finally:
            self._pinned = before
