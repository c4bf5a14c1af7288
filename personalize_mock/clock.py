"""Simulated clock and the queue of scheduled events; the only module that reads wall time.

    now = virtual_base + rate * (wall - wall_base)

Scheduled events are data (`Due`), not closures, so that a snapshot of a simulation includes its future. There is no
background thread: a call that moves the clock runs the events that have become due, in order, each at its own time.
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

# Seconds. Shorter sleeps stay real, and polls at shorter intervals count as a loop without a sleep.
SHORTEST_SLEEP = 1.0
LAST_INSTANT = 253_402_300_799.0  # epoch seconds; the end of the year 9999


def wall_time() -> float:
    """Return wall time in epoch seconds, read through `time` so that freezegun and time-machine take effect."""
    read: Callable[[], float] = time.time  # noqa: TID251  # the one place that reads wall time
    return float(getattr(read, "unshifted", read)())


def epoch_seconds(instant: Instant) -> float:
    """Convert an instant to epoch seconds. Naive datetimes and strings without an offset are UTC.

    Raises:
        PersonalizeMockError: The value is not an instant.
    """
    if isinstance(instant, (int, float)) and not isinstance(instant, bool):
        return float(instant)
    moment = _parse(instant) if isinstance(instant, str) else instant
    if not isinstance(moment, datetime):
        raise PersonalizeMockError(
            f"{instant!r} is not an instant. Write an ISO 8601 string such as '2024-05-01T00:00:00Z', a datetime such "
            "as datetime(2024, 5, 1), or epoch seconds."
        )
    return moment.replace(tzinfo=moment.tzinfo or timezone.utc).timestamp()


def _parse(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """A scheduled event of a resource.

    Attributes:
        at: The time at which the event is due, in epoch seconds.
        tie: A number that increases with each scheduled event. Events at the same time run in this order.
        arn: The resource.
        action: `stage` enters a stage of a lifecycle, `effect` runs an effect.
        name: The name of the lifecycle or the effect.
        stage: The index of the stage, or 0 for an effect.
    """

    at: float
    tie: int
    arn: str = field(compare=False)
    action: Action = field(compare=False)
    name: str = field(compare=False)
    stage: int = field(compare=False)


class SimulatedClock:
    """The clock of one simulation.

    Tests use `now`, `rate`, `jump`, `jump_to` and `upcoming`. The other methods are for the simulation.

    Args:
        start: The first instant. Time then moves only by jumps and virtual sleeps (`rate` 0). If it is None, time
            starts at the current wall time and keeps pace with it (`rate` 1).
        autojump: Whether a repeated poll without a sleep jumps to the next event.
        fire: Called with each `Due` at its time.
    """

    def __init__(self, *, start: Instant | None = None, autojump: bool = True, fire: Callable[[Due], None]) -> None:
        self.lock = RLock()
        self.autojump = autojump
        self._fire = fire
        self._wall_base = wall_time()
        self._virtual_base = self._wall_base if start is None else epoch_seconds(start)
        self._rate = 1.0 if start is None else 0.0
        self._last = self._virtual_base
        self._frozen_at: float | None = None
        self._queue: list[Due] = []
        self._ties = 0
        self._polls: dict[str, dict[str, tuple[float, int]]] = {}  # by ARN and caller: time of the last poll, count
        self._caller = ""

    def now(self) -> datetime:
        """Return the simulated time as an aware datetime in UTC."""
        return datetime.fromtimestamp(self.timestamp(), tz=timezone.utc)

    def timestamp(self) -> float:
        """Return the simulated time in epoch seconds, in whole milliseconds."""
        with self.lock:
            if self._frozen_at is None:
                virtual = self._virtual_base + self._rate * (wall_time() - self._wall_base)
                self._last = max(self._last, virtual)
            return round(self._last if self._frozen_at is None else self._frozen_at, 3)

    @property
    def rate(self) -> float:
        """Simulated seconds per second of wall time; at 0 only jumps and virtual sleeps move time."""
        return self._rate

    @rate.setter
    def rate(self, rate: float) -> None:
        if not isinstance(rate, (int, float)) or not 0 <= rate < inf:
            raise PersonalizeMockError(f"rate={rate!r}: the rate must be a finite number, 0 or more.")
        with self.lock:
            self._rebase(self.timestamp())
            self._rate = float(rate)

    def jump(self, seconds: float | timedelta) -> None:
        """Move time forward by some seconds and run the events that become due."""
        step = seconds.total_seconds() if isinstance(seconds, timedelta) else seconds
        if not isinstance(step, (int, float)):
            raise PersonalizeMockError(f"jump({seconds!r}): not a duration. Write seconds or a timedelta.")
        with self.freeze():
            self.jump_to(self.timestamp() + step)

    def jump_to(self, instant: Instant) -> None:
        """Move time forward to an instant and run the events that become due."""
        with self.lock:
            now, target = self.timestamp(), epoch_seconds(instant)
            if target < now:
                raise PersonalizeMockError(
                    f"Time cannot go backwards from {self.now().isoformat()}. Jump to a later instant, or start the "
                    "mock with an earlier clock=."
                )
            if not target <= LAST_INSTANT:
                raise PersonalizeMockError(
                    f"A jump to {target} epoch seconds goes beyond the year 9999. Write seconds, not milliseconds."
                )
            self._run_until(target)
            self._rebase(target)
            if self._frozen_at is not None:
                self._frozen_at = target

    @contextmanager
    def freeze(self, caller: str | None = None) -> Iterator[None]:
        """Freeze time while a call is processed, so that all of it happens at one time. Jumps still move time.

        Args:
            caller: The operation that is called. Polls by different operations are counted separately.
        """
        with self.lock, self._frozen(self.timestamp()):
            before, self._caller = self._caller, caller or self._caller
            try:
                yield
            finally:
                self._caller = before

    def catch_up(self) -> None:
        """Run the events that have become due as time passed."""
        with self.lock:
            if self._frozen_at is None and self._queue:
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
            action: Cancel only events with this action.
            name: Cancel only events with this name.
        """
        self._polls.pop(arn, None)
        self._queue[:] = [
            due
            for due in self._queue
            if due.arn != arn or action not in (None, due.action) or name not in (None, due.name)
        ]
        heapify(self._queue)

    def record_polls(self, pending: Iterable[tuple[str, float]], *, polls_before_jump: int = 1) -> None:
        """Count a poll of pending resources by the current caller.

        After `polls_before_jump` polls of a resource without a sleep between them, the next poll jumps to the earliest
        of the given times.

        Args:
            pending: Pairs of a resource's ARN and the time of its next event in epoch seconds.
            polls_before_jump: The number of polls that do not jump.
        """
        times = list(pending)
        counts = {arn: self._polls_in_a_row(arn) for arn, _ in times}
        if self.autojump and max(counts.values(), default=0) >= polls_before_jump:
            self.jump_to(max(self.timestamp(), min(at for _, at in times)))
        now = self.timestamp()
        for arn, count in counts.items():
            self._polls.setdefault(arn, {})[self._caller] = (now, count + 1)

    def clear(self) -> None:
        """Cancel all events and forget all polls."""
        self._queue.clear()
        self._polls.clear()

    def upcoming(self) -> tuple[Due, ...]:
        """Return the scheduled events, earliest first."""
        with self.lock:
            return tuple(sorted(self._queue))

    def _polls_in_a_row(self, arn: str) -> int:
        """Return how often the caller has polled a resource without a sleep in between."""
        last, count = self._polls.get(arn, {}).get(self._caller, (0.0, 0))
        return count if count and self.timestamp() - last < SHORTEST_SLEEP else 0

    def _rebase(self, instant: float) -> None:
        self._virtual_base, self._wall_base = instant, wall_time()
        self._last = max(self._last, instant)

    def _run_until(self, limit: float) -> None:
        while self._queue and self._queue[0].at <= limit:
            due = heappop(self._queue)
            with self._frozen(due.at):
                self._fire(due)

    @contextmanager
    def _frozen(self, instant: float) -> Iterator[None]:
        before, self._frozen_at = self._frozen_at, instant
        try:
            yield
        finally:
            self._frozen_at = before
