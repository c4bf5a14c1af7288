"""Replacements of `time.sleep`, `asyncio.sleep`, `time.time` and `time.monotonic` while a mock is active.

A virtual sleep moves the simulated clock and takes no real time; `virtual_time` decides which sleeps are virtual. In a
thread that has slept virtually, `time.time` and `time.monotonic` are ahead by the seconds slept, so that loops such as
`while time.time() < limit` end. asyncio, whose timers are real, sees the original time.

The functions are also replaced in every module that contains `from time import sleep`. The replacements are
module-level functions that look up the active mock. A replacement that was imported during one mock therefore calls the
original between mocks and is virtual again during the next mock.
"""

import asyncio
import sys
import time
from asyncio.base_events import BaseEventLoop
from collections.abc import Callable, Mapping
from typing import Any, Final

from personalize_mock.cleanup import Cleanup
from personalize_mock.timing import loaded_modules, patched_asyncio
from personalize_mock.timing.virtual_time import VirtualTime

_ORIGINALS: Final[Mapping[str, Callable[..., Any]]] = {
    name: getattr(time, name) for name in ("sleep", "time", "monotonic")
}
_UNSHIFTED_CALLERS = frozenset({"asyncio", "concurrent", "selectors"})  # packages that see the real time

_active: "PatchedTime | None" = None


class PatchedTime:
    """Replacement of functions of the modules `time` and `asyncio` during a mock.

    Args:
        virtual: Object that decides which sleeps are virtual, and records them.

    Attributes:
        virtual: Object that decides which sleeps are virtual, and records them.
        real: The original functions of the module `time`, by name.
        real_async_sleep: The original `asyncio.sleep`.
    """

    def __init__(self, virtual: VirtualTime) -> None:
        self.virtual = virtual
        self.real: dict[str, Callable[..., Any]] = {}
        self.real_async_sleep: patched_asyncio.Sleep = _original_async_sleep()

    def start(self, cleanup: Cleanup) -> None:
        """Replace `sleep`, `time` and `monotonic` in `time`, and `sleep` in `asyncio`, until `cleanup` runs.

        They are also replaced in modules that have imported `sleep`, and `run_in_executor` is replaced in event loops.
        The cleanup leaves a function alone if other code has replaced it in the meantime.
        """
        global _active  # noqa: PLW0603  # replacing functions of a module changes the whole process
        self.real = {name: _current(name) for name in _REPLACEMENTS}
        cleanup.add(_deactivate)
        _active = self
        for namespace in (vars(time), vars(sys.modules["__main__"]), *loaded_modules.namespaces_with_sleep()):
            self._patch(namespace, cleanup)
        cleanup.replace(BaseEventLoop, "run_in_executor", _run_in_executor(self.virtual))

    def _patch(self, namespace: dict[str, Any], cleanup: Cleanup) -> None:
        """Replace `sleep`, `time` and `monotonic` in the namespace of a module until `cleanup` runs.

        If `sleep` is `asyncio.sleep` in this namespace, replace only `sleep`.
        """
        if namespace.get("sleep") is self.real_async_sleep:
            loaded_modules.replace(namespace, "sleep", self.real_async_sleep, _async_sleep, cleanup)
        else:
            for name, replacement in _REPLACEMENTS.items():
                loaded_modules.replace(namespace, name, self.real[name], replacement, cleanup)


def record_wait(seconds: float) -> None:
    """Count a virtual sleep of the current thread, after the caller has moved the simulated clock.

    A virtual sleep takes no real time. This function does not move the clock. Without an active mock, do nothing.

    Args:
        seconds: The number of seconds by which the caller has moved the clock.
    """
    active = _active
    if active is not None:
        active.virtual.add_slept(seconds)


def _deactivate() -> None:
    global _active  # noqa: PLW0603  # as in `PatchedTime.start`
    _active = None


def _sleep(seconds: float) -> None:
    active = _active  # another thread may end the mock
    if active is not None and active.virtual.is_virtual(seconds, caller=_caller()):
        active.virtual.sleep(seconds)
    else:
        _current("sleep")(seconds)


async def _async_sleep(delay: float, result: Any = None) -> Any:
    active = _active
    if active is None or not active.virtual.is_virtual_in_task(delay):
        original = _original_async_sleep() if active is None else active.real_async_sleep
        return await original(delay, result)
    active.virtual.sleep(delay)
    await patched_asyncio.skip(delay, active.real_async_sleep)
    return result


def _run_in_executor(virtual: VirtualTime) -> Any:
    original = BaseEventLoop.run_in_executor

    def run_in_executor(loop: BaseEventLoop, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        return patched_asyncio.in_executor(original, virtual.run_for, loop, executor, func, *args)

    return run_in_executor


def _time() -> float:
    return float(_current("time")()) + _ahead("time")


def _monotonic() -> float:
    return float(_current("monotonic")()) + _ahead("monotonic")


def _unshifted_time() -> float:
    active = _active
    read = active.real["time"] if active is not None and active.real else _current("time")
    return float(read())


def _ahead(name: str) -> float:
    """Return the number of seconds that `time.time` or `time.monotonic` adds to the original function's result.

    The result is 0 if the caller is asyncio or a similar package, which needs the original time.

    Args:
        name: The name of the function: "time" or "monotonic".
    """
    active = _active
    if active is None:
        return 0.0
    if active.virtual.all_services:  # time-machine sets `time.time`
        slept = 0.0 if name == "time" else active.virtual.jumped()
    else:
        slept = active.virtual.slept()
    return slept if slept and _caller(3).partition(".")[0] not in _UNSHIFTED_CALLERS else 0.0


def _caller(depth: int = 2) -> str:
    return str(sys._getframe(depth).f_globals.get("__name__", ""))  # noqa: SLF001  # there is no public way to get the caller


def _current(name: str) -> Callable[..., Any]:
    """Return the original of a replaced function, or the function of freezegun if freezegun is active.

    Args:
        name: The name of the function in the module `time`, such as "sleep".
    """
    active = _active
    if active is not None and active.real:
        return active.real[name]
    function: Callable[..., Any] = getattr(time, name)
    return _ORIGINALS[name] if function is _REPLACEMENTS[name] else function


_ASYNC_SLEEP: Final = asyncio.sleep


def _original_async_sleep() -> patched_asyncio.Sleep:
    return _ASYNC_SLEEP if asyncio.sleep is _async_sleep else asyncio.sleep


_time.unshifted = _unshifted_time  # type: ignore[attr-defined]  # `instants.wall_time` reads this
_REPLACEMENTS: Final[Mapping[str, Callable[..., Any]]] = {
    "sleep": _sleep,
    "time": _time,
    "monotonic": _monotonic,
}
