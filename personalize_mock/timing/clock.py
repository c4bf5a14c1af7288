"""Simulated clock, which runs scheduled events when they become due.

Scheduled events are data (`Due`), not closures, so that tests can list them. There is no background thread: a call that
moves the clock runs the events that have become due, in order. During each event, the clock shows the event's time.

An event leaves the queue when it has run. If an exception interrupts it, its changes are undone, the clock stays at the
time of the event, and the next call runs the event again.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone
from math import inf
from threading import RLock

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.timing.event_queue import Action, Due, EventQueue
from personalize_mock.timing.instants import LAST_INSTANT, Instant, epoch_seconds, total_seconds
from personalize_mock.timing.pace import Pace
from personalize_mock.timing.polls import SHORTEST_SLEEP, PollCounter
from personalize_mock.timing.stopped_clock import StoppedClock
from personalize_mock.undo_log import LOG, Transaction

ATTEMPTS = 3  # an event fails if it raises an exception this many times in a row
HIGHEST_RATE = 1e9  # at this rate, the clock reaches the year 9999 within minutes


class SimulatedClock:
    """The clock of one simulation.

    Tests use `now`, `rate`, `autojump`, `jump`, `jump_to`, `freeze` and `upcoming`. Other methods are internal.

    Args:
        start: The first instant. Time then moves only by jumps, mocked sleeps and Describe calls (`rate` is 0). If it
            is None, the clock starts at the current wall time and keeps pace with it (`rate` is 1).
        autojump: Whether the clock jumps to the next event of a resource that is polled in a loop without sleeps.
        fire: Function that runs a scheduled event. It is called when the clock reaches the time of the event.

    Attributes:
        pace: Simulated time between jumps, as a function of wall time.
        frozen_at: The time at which the clock is stopped while a call or an event runs, in epoch seconds; else None.
        caller: The name of the API operation that is being called, or "".
        counts_slow_polls: Whether polls of a resource count as polls in a row even if time passes between them. This is
            for clients in other processes, whose sleeps do not move the clock.
    """

    def __init__(self, *, start: Instant | None = None, autojump: bool = True, fire: Callable[[Due], None]) -> None:
        self.lock = RLock()
        self.autojump = autojump
        self.counts_slow_polls = False
        self._fire = fire
        self.pace = Pace(start)
        self.frozen_at: float | None = None
        self._queue = EventQueue()
        self._polls = PollCounter()
        self.caller = ""
        self._awaited: float | None = None
        self._interruptions: Counter[int] = Counter()  # by tie

    def __repr__(self) -> str:
        return f"<SimulatedClock at {datetime.fromtimestamp(self.peek(), tz=timezone.utc):%Y-%m-%d %H:%M:%S} UTC>"

    def now(self) -> datetime:
        """Return the simulated time as an aware datetime in UTC."""
        with self.lock:
            return datetime.fromtimestamp(self.timestamp(), tz=timezone.utc)

    def timestamp(self) -> float:
        """Return the simulated time in epoch seconds, rounded to milliseconds."""
        with self.lock:
            return round(self.pace.read() if self.frozen_at is None else self.frozen_at, 3)

    def peek(self) -> float:
        """Return the simulated time in epoch seconds, rounded to milliseconds, without taking the clock's lock."""
        frozen_at = self.frozen_at
        return round(self.pace.peek() if frozen_at is None else frozen_at, 3)

    @property
    def rate(self) -> float:
        """Simulated seconds per second of wall time. At 0, the clock moves only by jumps, sleeps and Describe calls."""
        return self.pace.rate

    @rate.setter
    def rate(self, rate: float) -> None:
        if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not 0 <= rate <= HIGHEST_RATE:
            raise PersonalizeMockError(
                f"rate={rate!r}: the rate must be a number, 0 or more and at most {HIGHEST_RATE:g}."
            )
        with self.lock:
            self.pace.rebase(self.timestamp())
            self.pace.rate = float(rate)

    def freeze(self) -> "StoppedClock[SimulatedClock]":
        """Stop the clock: from now on, only jumps, mocked sleeps and Describe calls move it.

        The result is a context manager that restores the earlier rate at the end of a block:

            with mock.clock.freeze():
                ...

        With the option `clock`, the clock is stopped from the beginning.
        """
        stopped = StoppedClock(self, self.rate)
        self.rate = 0
        return stopped

    def jump(
        self,
        seconds: float | timedelta | None = None,
        *,
        minutes: float = 0,
        hours: float = 0,
        days: float = 0,
        weeks: float = 0,
    ) -> None:
        """Move the clock forward, and run the events that become due.

        Args:
            seconds: The length of the jump in seconds or as a timedelta. The other arguments are added to it.
            minutes: Length in minutes, as in `jump(minutes=30)`.
            hours: Length in hours, as in `jump(hours=6)`.
            days: Length in days.
            weeks: Length in weeks.
        """
        step = total_seconds(seconds, {"minutes": minutes, "hours": hours, "days": days, "weeks": weeks})
        is_outermost = not self.is_held()
        with self.lock:
            if is_outermost:
                self.recover()
            with self.during_call():
                self.jump_to(self.timestamp() + step)

    def jump_to(self, instant: Instant) -> None:
        """Move the clock forward to an instant, and run the events that become due.

        Args:
            instant: A datetime, an ISO 8601 string or epoch seconds, in UTC unless it has an offset. It must not be
                earlier than the present simulated time.
        """
        target = epoch_seconds(instant)
        is_outermost = not self.is_held()
        with self.lock:
            if is_outermost:
                self.recover()
            now = self.timestamp()
            if target < now:
                raise PersonalizeMockError(
                    f"The simulated time is {self.now().isoformat()} and cannot go backwards. Jump to a later time, or "
                    "start the mock with an earlier clock=."
                )
            if not target <= LAST_INSTANT:
                raise PersonalizeMockError(
                    f"A jump to {target} seconds after 1970 goes beyond the year 9999. Write seconds, not milliseconds."
                )
            self._run_until(target)
            self.pace.rebase(target)
            if self.frozen_at is not None:
                self.frozen_at = target

    def during_call(self, caller: str | None = None) -> "Frozen":
        """Return a context manager that stops the clock, so that all changes by an API call have the same time.

        Jumps still move the clock. The current thread must hold the clock's lock.

        Args:
            caller: The name of the called operation, or None if the running operation stays the same. Polls by
                different operations are counted separately.
        """
        now = self.pace.read() if self.frozen_at is None else self.frozen_at
        return Frozen(self, round(now, 3), caller)

    def is_held(self) -> bool:
        """Return whether the current thread holds the clock's lock, because it is running an API call or an event."""
        return bool(self.lock._is_owned())  # type: ignore[attr-defined]  # noqa: SLF001  # also used by `threading`

    def recover(self) -> None:
        """Finish undoing the changes of an interrupted API call, in case a second interrupt has stopped the undoing.

        The current thread must hold the clock's lock, and no call may be running.
        """
        self.frozen_at, self.caller, LOG.is_recording = None, "", False
        LOG.undo()

    def after_fork(self) -> None:
        """Make the clock usable in a forked child process.

        If another thread of the parent holds the clock's lock, nobody can release it in the child. The lock is then
        replaced, and the unfinished changes of that thread are undone.
        """
        if not self.is_held():
            self.lock = RLock()
            self.recover()

    def catch_up(self) -> None:
        """Run the events that have become due because wall time has passed."""
        with self.lock:
            if self._queue.first(self.timestamp()) is not None:
                self._run_until(self.timestamp())

    def is_last_attempt(self, due: Due) -> bool:
        """Return whether the next run of an event is the last attempt, because earlier runs have raised exceptions."""
        return self._interruptions[due.tie] >= ATTEMPTS - 1

    def schedule(self, delay: float, *, arn: str, action: Action, name: str, stage: int = 0) -> Due:
        """Schedule an event of a resource `delay` simulated seconds from now. `Due` describes the arguments."""
        at = round(self.timestamp() + delay, 3)
        return self._queue.add(at, arn=arn, action=action, name=name, stage=stage)

    def scheduled(self, arn: str, *, action: Action | None = None, name: str | None = None) -> list[Due]:
        """Return a resource's scheduled events. If given, `action` and `name` select events by attributes of `Due`."""
        return self._queue.of_resource(arn, action=action, name=name)

    def cancel(self, arn: str, *, action: Action | None = None, name: str | None = None) -> None:
        """Cancel a resource's events, or only those with the given `action` and `name`, and reset its poll counts."""
        self._polls.forget(arn)
        for due in self.scheduled(arn, action=action, name=name):
            self._queue.remove(due)

    def record_polls(self, pending: Iterable[tuple[str, float]], *, polls_before_jump: int = 1) -> None:
        """Record that the running API operation polls resources. If it does so in a loop, jump to their next event.

        If the operation has already polled one of them `polls_before_jump` times without a sleep in between, the clock
        jumps to the earliest time in `pending`. It does not jump if `autojump` is False.

        Args:
            pending: The polled resources, each as its ARN and the time of its next event in epoch seconds.
            polls_before_jump: The number of polls in a row that do not move the clock.
        """
        times = list(pending)
        if not times:
            return
        pause = inf if self.counts_slow_polls and polls_before_jump == 1 else SHORTEST_SLEEP
        self._awaited = min((at for _, at in times if at > self.timestamp()), default=self._awaited)
        counts = {arn: self._polls.in_a_row(arn, self.caller, now=self.timestamp(), pause=pause) for arn, _ in times}
        if self.autojump and max(counts.values(), default=0) >= polls_before_jump:
            self.jump_to(max(self.timestamp(), min(at for _, at in times)))
        now = self.timestamp()
        for arn, count in counts.items():
            self._polls.record(arn, self.caller, now=now, count=count + 1)

    def take_awaited(self) -> float | None:
        """Return the time, in epoch seconds, of the next event of the resources that were polled last.

        The result is None if no resource that waits for an event was polled since the previous call to this method.
        """
        awaited, self._awaited = self._awaited, None
        return awaited

    def clear(self) -> None:
        """Cancel all scheduled events, and forget how often resources were polled."""
        self._queue.clear()
        self._polls.clear()

    def upcoming(self) -> tuple[Due, ...]:
        """Return the scheduled events, earliest first."""
        with self.lock:
            return tuple(self._queue)

    def _run_until(self, limit: float) -> None:
        """Run the events that are due at `limit` (epoch seconds) or earlier, each at its own time.

        If an exception interrupts an event, the clock stays at the time of this event.
        """
        due = None
        try:
            while (following := self._queue.first(limit)) is not None:
                due = following
                self.pace.last = max(self.pace.last, due.at)  # from here on, time is not before the event
                with Transaction(permanent=True), Frozen(self, due.at):
                    self._queue.remove(due)
                    self._fire(due)
                self._interruptions.pop(due.tie, None)
        except BaseException as error:
            if due is not None:
                self._interruptions[due.tie] += isinstance(error, Exception)
                self._stop_at(due.at)
            raise

    def _stop_at(self, instant: float) -> None:
        """End a jump early: leave the clock at `instant`, the time of the event that was interrupted."""
        self.pace.rebase(max(self.timestamp(), instant))
        if self.frozen_at is not None:
            self.frozen_at = max(self.frozen_at, instant)


class Frozen:
    """Context manager that stops a simulated clock at a given instant until the end of the block."""

    __slots__ = ("_before", "_caller", "_clock", "_instant")

    def __init__(self, clock: SimulatedClock, instant: float, caller: str | None = None) -> None:
        self._clock, self._instant, self._caller = clock, instant, caller

    def __enter__(self) -> None:
        clock = self._clock
        self._before = clock.frozen_at, clock.caller
        clock.frozen_at, clock.caller = self._instant, self._caller or clock.caller

    def __exit__(self, *_: object) -> None:
        self._clock.frozen_at, self._clock.caller = self._before
