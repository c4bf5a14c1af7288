"""Simulated clock and the queue of scheduled events; the only module that reads wall time.

    now = virtual_base + rate * (wall - wall_base)

Scheduled events are data (`Due`), not closures, so that a snapshot of a simulation includes its future. There is no
background thread: a call that moves the clock runs the events that have become due, in order, each at its own time.

An event leaves the queue when it is done. If an exception interrupts it, its changes are undone, time stays at the
event and the next call runs it again.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone
from threading import RLock

from personalize_mock.event_queue import Action, Due, EventQueue
from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.undo_log import LOG, Transaction

Instant = datetime | str | float

# Seconds. Shorter sleeps stay real, and polls at shorter intervals count as a loop without a sleep.
SHORTEST_SLEEP = 1.0
LAST_INSTANT = 253_402_300_799.0  # epoch seconds; the end of the year 9999
ATTEMPTS = 3  # ours: an event that raises as many exceptions in a row fails
HIGHEST_RATE = 1e9  # ours: the rest of time until the year 9999 would pass in minutes


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
        return float(min(max(instant, -sys.float_info.max), sys.float_info.max))
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


class SimulatedClock:
    """The clock of one simulation.

    Tests use `now`, `rate`, `jump`, `jump_to` and `upcoming`. The other methods are for the simulation.

    Args:
        start: The first instant. Time then moves only by jumps and virtual sleeps (`rate` 0). If it is None, time
            starts at the current wall time and keeps pace with it (`rate` 1).
        autojump: Whether a repeated poll without a sleep jumps to the next event.
        fire: Called with each `Due` at its time.

    Attributes:
        frozen_at: The instant at which time stands still during a call or event, else None.
        caller: The operation that is called.
    """

    def __init__(self, *, start: Instant | None = None, autojump: bool = True, fire: Callable[[Due], None]) -> None:
        self.lock = RLock()
        self.autojump = autojump
        self._fire = fire
        self._wall_base = wall_time()
        self._virtual_base = self._wall_base if start is None else epoch_seconds(start)
        self._rate = 1.0 if start is None else 0.0
        self._last = self._virtual_base
        self.frozen_at: float | None = None
        self._queue = EventQueue()
        self._polls: dict[str, dict[str, tuple[float, int]]] = {}  # by ARN and caller: time of the last poll, count
        self.caller = ""
        self._interruptions: Counter[int] = Counter()  # by tie

    def now(self) -> datetime:
        """Return the simulated time as an aware datetime in UTC."""
        with self.lock:
            return datetime.fromtimestamp(self.timestamp(), tz=timezone.utc)

    def timestamp(self) -> float:
        """Return the simulated time in epoch seconds, in whole milliseconds."""
        with self.lock:
            if self.frozen_at is None:
                virtual = self._virtual_base + self._rate * (wall_time() - self._wall_base)
                self._last = max(self._last, min(virtual, LAST_INSTANT))
            return round(self._last if self.frozen_at is None else self.frozen_at, 3)

    @property
    def rate(self) -> float:
        """Simulated seconds per second of wall time; at 0 only jumps and virtual sleeps move time."""
        return self._rate

    @rate.setter
    def rate(self, rate: float) -> None:
        if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not 0 <= rate <= HIGHEST_RATE:
            raise PersonalizeMockError(
                f"rate={rate!r}: the rate must be a number, 0 or more and at most {HIGHEST_RATE:g}."
            )
        with self.lock:
            self._rebase(self.timestamp())
            self._rate = float(rate)

    def jump(self, seconds: float | timedelta) -> None:
        """Move time forward by some seconds and run the events that become due."""
        step = seconds.total_seconds() if isinstance(seconds, timedelta) else seconds
        if isinstance(step, bool) or not isinstance(step, (int, float)):
            raise PersonalizeMockError(f"jump({seconds!r}): not a duration. Write seconds or a timedelta.")
        is_outermost = not self.is_held()
        with self.lock:
            if is_outermost:
                self.recover()
            with self.freeze():
                self.jump_to(self.timestamp() + epoch_seconds(step))

    def jump_to(self, instant: Instant) -> None:
        """Move time forward to an instant and run the events that become due."""
        target = epoch_seconds(instant)
        with self.lock:
            now = self.timestamp()
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
            if self.frozen_at is not None:
                self.frozen_at = target

    def freeze(self, caller: str | None = None) -> "Frozen":
        """Freeze time while a call is processed, so that all of it happens at one time. Jumps still move time.

        The current thread must hold the lock.

        Args:
            caller: The operation that is called. Polls by different operations are counted separately.
        """
        return Frozen(self, self.timestamp(), caller)

    def is_held(self) -> bool:
        """Return whether the current thread holds the lock, so that a call or event is running in it."""
        held: bool = self.lock._is_owned()  # type: ignore[attr-defined]  # noqa: SLF001  # also used by `threading`
        return held

    def recover(self) -> None:
        """Undo what a call has left behind that was interrupted once more while it was undone.

        The current thread must hold the lock, and no call may be running.
        """
        self.frozen_at, self.caller, LOG.is_recording = None, "", False
        LOG.undo()

    def after_fork(self) -> None:
        """Replace the lock in a forked child, and undo the changes of a thread that held it."""
        if not self.is_held():
            self.lock = RLock()
            self.recover()

    def catch_up(self) -> None:
        """Run the events that have become due as time passed."""
        with self.lock:
            self._run_until(self.timestamp())

    def is_last_attempt(self, due: Due) -> bool:
        """Return whether an event that runs must not raise another exception, because it has raised several."""
        return self._interruptions[due.tie] >= ATTEMPTS - 1

    def schedule(self, delay: float, *, arn: str, action: Action, name: str, stage: int = 0) -> Due:
        """Schedule an event `delay` seconds from now; see `Due` for the other arguments."""
        at = round(self.timestamp() + delay, 3)
        return self._queue.add(at, arn=arn, action=action, name=name, stage=stage)

    def cancel(self, arn: str, *, action: Action | None = None, name: str | None = None) -> None:
        """Cancel the scheduled events of a resource and forget its polls.

        Args:
            arn: The resource.
            action: Cancel only events with this action.
            name: Cancel only events with this name.
        """
        self._polls.pop(arn, None)
        for due in self._queue.of_resource(arn):
            if action in (None, due.action) and name in (None, due.name):
                self._queue.remove(due)

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
            self._polls.setdefault(arn, {})[self.caller] = (now, count + 1)

    def clear(self) -> None:
        """Cancel all events and forget all polls."""
        self._queue.clear()
        self._polls.clear()

    def upcoming(self) -> tuple[Due, ...]:
        """Return the scheduled events, earliest first."""
        with self.lock:
            return tuple(self._queue)

    def _polls_in_a_row(self, arn: str) -> int:
        """Return how often the caller has polled a resource without a sleep in between."""
        last, count = self._polls.get(arn, {}).get(self.caller, (0.0, 0))
        return count if count and self.timestamp() - last < SHORTEST_SLEEP else 0

    def _rebase(self, instant: float) -> None:
        self._virtual_base, self._wall_base = instant, wall_time()
        self._last = max(self._last, instant)

    def _run_until(self, limit: float) -> None:
        """Run the events until `limit`. If one is interrupted, time stays at the last event that was reached."""
        due = None
        try:
            while (following := self._queue.first(limit)) is not None:
                due = following
                with Transaction(), Frozen(self, due.at):
                    self._queue.remove(due)
                    self._fire(due)
                self._interruptions.pop(due.tie, None)
        except BaseException as error:
            if due is not None:
                self._interruptions[due.tie] += isinstance(error, Exception)
                self._stop_at(due.at)
            raise

    def _stop_at(self, instant: float) -> None:
        """End a jump early, at an event that was interrupted."""
        self._rebase(max(self.timestamp(), instant))
        if self.frozen_at is not None:
            self.frozen_at = max(self.frozen_at, instant)


class Frozen:
    """Context in which time stands still."""

    __slots__ = ("_before", "_caller", "_clock", "_instant")

    def __init__(self, clock: SimulatedClock, instant: float, caller: str | None = None) -> None:
        self._clock, self._instant, self._caller = clock, instant, caller

    def __enter__(self) -> None:
        clock = self._clock
        self._before = clock.frozen_at, clock.caller
        clock.frozen_at, clock.caller = self._instant, self._caller or clock.caller

    def __exit__(self, *_: object) -> None:
        self._clock.frozen_at, self._clock.caller = self._before
