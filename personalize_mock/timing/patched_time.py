"""Replacements of `time.sleep`, `time.time` and `time.monotonic` while a mock with virtual sleep is active.

A virtual sleep moves the simulated clock and takes no real time. Two kinds of sleeps are virtual:

* Sleeps of a second or more in a thread that has called Personalize while the mock was active. In the thread that
  started the mock, a call to any mocked service is enough, because tutorials create an IAM role and wait a minute
  before they first call Personalize.
* Sleeps in botocore's retry loop.

All other sleeps are real: without a real sleep, a background thread that sends heartbeats would run in a busy loop. In
a thread that has slept virtually, `time.time` and `time.monotonic` are ahead by the seconds slept, so that loops such
as `while time.time() < limit` end. The clock of asyncio is not ahead.

The functions are also replaced in `__main__` and in modules that the user names, because these may contain `from time
import sleep`. The replacements are module-level functions that look up the active mock. A replacement that was imported
during one mock therefore calls the original between mocks and is virtual again during the next mock.
"""

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from math import inf
from threading import get_ident, local
from types import ModuleType
from typing import Any, Final

from personalize_mock.cleanup import Cleanup
from personalize_mock.timing.clock import SimulatedClock
from personalize_mock.timing.polls import SHORTEST_SLEEP

_ORIGINALS: Final[Mapping[str, Callable[..., Any]]] = {
    name: getattr(time, name) for name in ("sleep", "time", "monotonic")
}
_UNSHIFTED_CALLERS = frozenset({"asyncio", "concurrent", "selectors"})  # packages that see the real time

_active: "VirtualTime | None" = None


class VirtualTime:
    """Replacement of functions of the `time` module during one mock, with a record of each thread's virtual sleeps.

    Args:
        current_clock: Function that returns the simulated clock of the current thread, which virtual sleeps move.
        modules: Names of modules whose `sleep`, `time` and `monotonic` are replaced as well.

    Attributes:
        real: The functions that were replaced, by name.
    """

    def __init__(self, current_clock: Callable[[], SimulatedClock], modules: Iterable[str] = ()) -> None:
        self._current_clock = current_clock
        self.real: dict[str, Callable[..., Any]] = {}
        self._modules = ("time", "__main__", *modules)
        self._thread = local()
        self._starter = get_ident()

    def start(self, cleanup: Cleanup) -> None:
        """Replace `sleep`, `time` and `monotonic`, and add the steps that restore them to `cleanup`.

        The cleanup leaves a function alone if other code has replaced it in the meantime.
        """
        global _active  # noqa: PLW0603  # replacing functions of a module changes the whole process
        self.real = {name: _current(name) for name in _REPLACEMENTS}
        cleanup.add(_deactivate)
        _active = self
        for module in (sys.modules[name] for name in self._modules if name in sys.modules):
            for name, replacement in _REPLACEMENTS.items():
                if getattr(module, name, None) is self.real[name]:
                    cleanup.add(partial(self._restore, module, name))
                    setattr(module, name, replacement)

    def _restore(self, module: ModuleType, name: str) -> None:
        if getattr(module, name, None) is _REPLACEMENTS[name]:
            setattr(module, name, self.real[name])

    def record_call(self, *, personalize: bool) -> None:
        """Record that the current thread has called a mocked service, so that its sleeps may become virtual.

        Args:
            personalize: Whether the service is Personalize.
        """
        if (personalize or get_ident() == self._starter) and not hasattr(self._thread, "slept"):
            self._thread.slept = 0.0

    def slept(self) -> float:
        """Return the total length of the current thread's virtual sleeps, in seconds."""
        return getattr(self._thread, "slept", 0.0)

    def is_virtual(self, seconds: float, *, caller: str) -> bool:
        """Return whether a sleep of the current thread moves the simulated clock instead of taking real time.

        Args:
            seconds: Length of the sleep.
            caller: Name of the module that calls `sleep`.
        """
        if not 0 <= seconds < inf:
            return False  # the original raises an error
        return caller.startswith("botocore.") or (seconds >= SHORTEST_SLEEP and hasattr(self._thread, "slept"))

    def sleep(self, seconds: float) -> None:
        """Move the simulated clock instead of sleeping, and add `seconds` to the virtual sleep of this thread."""
        self._current_clock().jump(seconds)
        self.add_slept(seconds)

    def add_slept(self, seconds: float) -> None:
        """Add `seconds` to the virtual sleep of the current thread, so that `time.time` is ahead by them."""
        self._thread.slept = self.slept() + seconds


def record_wait(seconds: float) -> None:
    """Add `seconds` to the virtual sleep of the current thread, after other code has moved the simulated clock."""
    active = _active
    if active is not None:
        active.add_slept(seconds)


def _deactivate() -> None:
    global _active  # noqa: PLW0603  # as in `VirtualTime.start`
    _active = None


def _sleep(seconds: float) -> None:
    active = _active  # another thread may end the mock
    if active is not None and active.is_virtual(seconds, caller=_caller()):
        active.sleep(seconds)
    else:
        _current("sleep")(seconds)


def _time() -> float:
    return float(_current("time")()) + _ahead()


def _monotonic() -> float:
    return float(_current("monotonic")()) + _ahead()


def _unshifted_time() -> float:
    return float(_current("time")())


def _ahead() -> float:
    """Return how many seconds `time.time` is ahead for the caller; 0 if the caller is asyncio or a similar package."""
    active = _active
    slept = 0.0 if active is None else active.slept()
    return slept if slept and _caller(3).partition(".")[0] not in _UNSHIFTED_CALLERS else 0.0


def _caller(depth: int = 2) -> str:
    return str(sys._getframe(depth).f_globals.get("__name__", ""))  # noqa: SLF001  # there is no public way to get the caller


def _current(name: str) -> Callable[..., Any]:
    """Return the original of a replaced function: that of the `time` module, or that of freezegun if it is active."""
    active = _active
    if active is not None and active.real:
        return active.real[name]
    function: Callable[..., Any] = getattr(time, name)
    return _ORIGINALS[name] if function is _REPLACEMENTS[name] else function


_time.unshifted = _unshifted_time  # type: ignore[attr-defined]  # `clock.wall_time` reads this
_REPLACEMENTS: Final[Mapping[str, Callable[..., Any]]] = {
    "sleep": _sleep,
    "time": _time,
    "monotonic": _monotonic,
}
