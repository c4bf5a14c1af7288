"""Detection of freezegun and time-machine when they start while a mock is active."""

import sys
import warnings
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from personalize_mock.exceptions import PersonalizeMockWarning
from personalize_mock.timing.clock import SimulatedClock
from personalize_mock.timing.instants import wall_time

TOLERANCE = 60.0  # seconds; a program may set the same instant twice
# Modules and the lists in them that are longer, the more times are set. time-machine renamed its list in version 3.6.
_LISTS = (
    ("freezegun.api", "freeze_factories"),
    ("time_machine", "traveller_stack"),
    ("time_machine", "coordinates_stack"),
)
_MODULES = frozenset(module for module, _ in _LISTS)


class ForeignTime:
    """Detector that warns if freezegun or time-machine sets a time that the simulated clock does not follow.

    Args:
        current_clock: Function that returns the simulated clock that the current thread uses.
    """

    def __init__(self, current_clock: Callable[[], SimulatedClock]) -> None:
        self._current_clock = current_clock
        self._depth = _depth()

    def check(self) -> None:
        """Warn if, since the last check, freezegun or time-machine has set a time that the simulated clock ignores."""
        if self._depth == 0 and sys.modules.keys().isdisjoint(_MODULES):
            return  # the usual case
        depth = _depth()
        if depth != self._depth:
            started, self._depth = depth > self._depth, depth
            if started:
                self._warn_unless_followed(self._current_clock())

    def _warn_unless_followed(self, clock: SimulatedClock) -> None:
        now, wall = clock.timestamp(), wall_time()
        follows = clock.pace.wall is wall_time and clock.rate > 0
        if abs(now - wall) <= TOLERANCE or (follows and now < wall + TOLERANCE):
            return
        warnings.warn(
            f"freezegun or time-machine has set the time to {_text(wall)} inside an active mock, whose simulated clock "
            f"stays at {_text(now)}. Start freezegun or time-machine before the mock, or use clock= and "
            "mock.clock.jump_to.",
            PersonalizeMockWarning,
            stacklevel=2,
        )


def _depth() -> int:
    modules: Any = sys.modules
    depth = 0
    for module, name in _LISTS:
        if module in modules:
            depth += len(getattr(modules[module], name, ()))
    return depth


def _text(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=timezone.utc).isoformat(timespec="seconds")
