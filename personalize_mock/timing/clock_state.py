"""State of a simulated clock, which can be restored in the same or another clock."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from personalize_mock.timing.clock import SimulatedClock
from personalize_mock.timing.event_queue import EventQueue


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockState:
    """The state of a clock between two calls.

    Attributes:
        instant: The simulated time in epoch seconds.
        rate: Simulated seconds per second of wall time.
        autojump: Whether repeated polls move the clock.
        queue: The scheduled events.
        polls: The `PollCounter`, which counts the polls of each resource.
        interruptions: How many times each event has raised an exception, by `Due.tie`.
    """

    instant: float
    rate: float
    autojump: bool
    queue: EventQueue
    polls: Any
    interruptions: dict[int, int]


def state_of(clock: SimulatedClock) -> ClockState:
    """Return a copy of the state of a clock. The current thread must hold its lock, and no call may be running."""
    attributes = vars(clock)
    return ClockState(
        instant=clock.pace.read(),
        rate=clock.rate,
        autojump=clock.autojump,
        queue=attributes["_queue"].copy(),
        polls=attributes["_polls"].copy(),
        interruptions=dict(attributes["_interruptions"]),
    )


def set_state(clock: SimulatedClock, state: ClockState) -> None:
    """Set a clock to a state that `state_of` returned. Unlike jumps, this can move the clock backwards.

    The current thread must hold the clock's lock, and no call may be running.
    """
    clock.pace.restore(state.instant, state.rate)
    attributes = {
        "autojump": state.autojump,
        "_queue": state.queue.copy(),
        "_polls": state.polls.copy(),
        "_interruptions": Counter(state.interruptions),
    }
    vars(clock).update(attributes)
