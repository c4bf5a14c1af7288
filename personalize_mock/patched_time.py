"""What `time.sleep`, `time.time` and `time.monotonic` become while a mock with virtual sleep is active.

A sleep is virtual when it lasts a second or more and the thread that sleeps has called Personalize in this mock, or
when botocore's retry loop sleeps. In the thread that started the mock a call to any mocked service will do: tutorials
make a role and wait a minute for it before they first call Personalize. Every other sleep is real: a heartbeat thread
must not spin. For a thread that has slept virtually `time.time` and `time.monotonic` are ahead by what it slept, so
that `while time.time() < limit` loops end; asyncio's own clock is left alone. Names that `from time import sleep` put
into `__main__` and into the modules that the user names are replaced too. The replacements are plain module
functions: a name that was imported while a mock was active stays good for the next mock, and is the real thing in
between.
"""

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from math import inf
from threading import get_ident, local
from types import ModuleType
from typing import Any, Final

from personalize_mock.clock import SHORTEST_SLEEP, SimulatedClock

_GENUINE: Final[Mapping[str, Callable[..., Any]]] = {
    name: getattr(time, name) for name in ("sleep", "time", "monotonic")
}
_UNSHIFTED_CALLERS = frozenset({"asyncio", "concurrent", "selectors"})

_active: "VirtualTime | None" = None


class VirtualTime:
    """The replacement of the `time` module's functions for one simulated clock.

    Args:
        clock: the clock that virtual sleeps move.
        modules: names of modules whose own `sleep`, `time` and `monotonic` are replaced as well.
    """

    def __init__(self, clock: SimulatedClock, modules: Iterable[str] = ()) -> None:
        self.clock = clock
        self.real: dict[str, Callable[..., Any]] = {}
        self._modules = ("time", "__main__", *modules)
        self._replaced: list[tuple[ModuleType, str]] = []
        self._thread = local()
        self._starter = get_ident()

    def start(self) -> None:
        """Puts the replacements in place."""
        global _active  # noqa: PLW0603  # the `time` module is process-wide, and so is this
        self.real = {name: _current(name) for name in _REPLACEMENTS}
        _active = self
        for module in (sys.modules[name] for name in self._modules if name in sys.modules):
            for name, replacement in _REPLACEMENTS.items():
                if getattr(module, name, None) is self.real[name]:
                    setattr(module, name, replacement)
                    self._replaced.append((module, name))

    def stop(self) -> None:
        """Puts the originals back wherever nobody else has replaced ours since."""
        global _active  # noqa: PLW0603  # as in start
        for module, name in self._replaced:
            if getattr(module, name, None) is _REPLACEMENTS[name]:
                setattr(module, name, self.real[name])
        self._replaced.clear()
        _active = None

    def seen(self, *, personalize: bool) -> None:
        """Notes that the calling thread has called Personalize, or another service."""
        if (personalize or get_ident() == self._starter) and not hasattr(self._thread, "slept"):
            self._thread.slept = 0.0

    def slept(self) -> float:
        """Seconds that the calling thread has slept virtually."""
        return getattr(self._thread, "slept", 0.0)

    def is_virtual(self, seconds: float, *, caller: str) -> bool:
        """Whether a sleep of the calling thread, asked for by the module `caller`, takes no real time."""
        if not 0 <= seconds < inf:
            return False  # the real one refuses it
        return caller.startswith("botocore.") or (seconds >= SHORTEST_SLEEP and hasattr(self._thread, "slept"))

    def sleep(self, seconds: float) -> None:
        """A virtual sleep of the calling thread."""
        self._thread.slept = self.slept() + seconds
        self.clock.jump(seconds)


def _sleep(seconds: float) -> None:
    if _active is not None and _active.is_virtual(seconds, caller=_caller()):
        _active.sleep(seconds)
    else:
        _current("sleep")(seconds)


def _time() -> float:
    return float(_current("time")()) + _ahead()


def _monotonic() -> float:
    return float(_current("monotonic")()) + _ahead()


def _unshifted_time() -> float:
    return float(_current("time")())


def _ahead() -> float:
    slept = 0.0 if _active is None else _active.slept()
    return slept if slept and _caller(3).partition(".")[0] not in _UNSHIFTED_CALLERS else 0.0


def _caller(depth: int = 2) -> str:
    return str(sys._getframe(depth).f_globals.get("__name__", ""))  # noqa: SLF001  # the documented way to know who calls


def _current(name: str) -> Callable[..., Any]:
    if _active is not None and _active.real:
        return _active.real[name]
    present: Callable[..., Any] = getattr(time, name)
    return _GENUINE[name] if present is _REPLACEMENTS[name] else present


_time.unshifted = _unshifted_time  # type: ignore[attr-defined]  # how `clock.wall_time` reads past us
_REPLACEMENTS: Final[Mapping[str, Callable[..., Any]]] = {
    "sleep": _sleep,
    "time": _time,
    "monotonic": _monotonic,
}
