"""Implementation of the option `datetime`, which lets the whole process see the simulated time as the current time.

time-machine replaces the current time of `datetime`, `time.time` and similar functions wherever they were imported.
This module lets it read the simulated clock.
"""

from collections.abc import Callable
from typing import Any

import time_machine

from personalize_mock.cleanup import Cleanup
from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.timing.clock import SimulatedClock
from personalize_mock.timing.instants import wall_time

_STACKS = ("traveller_stack", "coordinates_stack")  # its name since time-machine 3.6, and before


class PatchedDatetime:
    """Replacement of the current time of this process by the simulated time during one mock.

    Args:
        current_clock: Function that returns the simulated clock that the current thread uses.
    """

    def __init__(self, current_clock: Callable[[], SimulatedClock]) -> None:
        self._current_clock = current_clock
        self._travel = time_machine.travel(0, tick=False)
        self._stack = _stack()
        self._depth = len(self._stack)

    def start(self, cleanup: Cleanup) -> None:
        """Make `datetime.now`, `time.time` and similar functions follow the simulated clock until `cleanup` runs.

        Raises:
            PersonalizeMockError: freezegun is active.
        """
        clock = self._current_clock()
        clock.pace.follow(_real_time)
        cleanup.add(self._stop)
        try:
            traveller: Any = self._travel.start()
        except RuntimeError as error:
            raise PersonalizeMockError(
                f"datetime=True cannot be used while freezegun is active ({error}). Write clock= instead of freezegun."
            ) from None
        traveller.time_ns = self._time_ns

    def _time_ns(self) -> int:
        return round(self._current_clock().peek() * 1000) * 1_000_000

    def _stop(self) -> None:
        if len(self._stack) == self._depth + 1:
            self._travel.stop()
        elif len(self._stack) > self._depth:  # a destination that was set inside the mock is still in use
            del self._stack[self._depth]


def _real_time() -> float:
    hatch = time_machine.escape_hatch
    return float(hatch.time.time() if hatch.is_travelling() else wall_time())


def _stack() -> list[Any]:
    stack = next((getattr(time_machine, name, None) for name in _STACKS if hasattr(time_machine, name)), None)
    if not isinstance(stack, list):
        raise PersonalizeMockError(
            "datetime=True does not support the installed version of time-machine. Install time-machine 3.0 to 3.6."
        )
    return stack
