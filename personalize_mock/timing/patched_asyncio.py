"""Virtual sleeps in asyncio, and threads that make calls for an asyncio task.

A virtual sleep of a task moves the simulated clock and the clock of the event loop by the same number of seconds.
Timers of the loop, such as that of `asyncio.timeout`, therefore fire as they would after a real sleep.
"""

import asyncio
from asyncio.base_events import BaseEventLoop
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final, TypeVar

Task = asyncio.Task[Any]
Sleep = Callable[..., Coroutine[Any, Any, Any]]
_R = TypeVar("_R")
_ITERATIONS: Final = 4  # of the event loop; a timer of `asyncio.wait_for` takes three to cancel a task


def running_task() -> Task | None:
    """Return the asyncio task that is running in the current thread, or None if there is none."""
    return None if asyncio._get_running_loop() is None else asyncio.current_task()  # noqa: SLF001  # documented function


async def skip(seconds: float, sleep: Sleep) -> None:
    """Move the clock of the running event loop forward, and let other tasks and timers that have become due run.

    Args:
        seconds: How far to move the clock.
        sleep: The original `asyncio.sleep`, which gives the tasks and timers time to run.
    """
    loop = asyncio.get_running_loop()
    attributes = getattr(loop, "__dict__", None)  # a loop that is not written in Python has none; its clock stays
    if attributes is not None:
        loop_time = attributes.get("time")
        if not isinstance(loop_time, LoopTime):
            loop_time = attributes["time"] = LoopTime(loop.time)
        loop_time.ahead += seconds
    for _ in range(_ITERATIONS):
        await sleep(0)


class LoopTime:
    """Clock of an event loop, which is ahead of real time by the virtual sleeps of the loop's tasks.

    It is not removed when the mock ends. Otherwise, the loop's time would go backwards and timers would fire late.

    Attributes:
        ahead: The number of seconds by which this clock is ahead of real time.
    """

    def __init__(self, real: Callable[[], float]) -> None:
        self._real = real
        self.ahead = 0.0

    def __call__(self) -> float:
        """Return the time of the event loop in seconds, including virtual sleeps."""
        return self._real() + self.ahead


def in_executor(
    original: Callable[..., "asyncio.Future[_R]"],
    run_for: Callable[..., _R],
    loop: BaseEventLoop,
    executor: Any,
    func: Callable[..., _R],
    *args: Any,
) -> "asyncio.Future[_R]":
    """Run a function in an executor, as `loop.run_in_executor` and `asyncio.to_thread` do.

    AWS calls that the function makes in a thread pool count as calls by the running asyncio task.

    Args:
        original: The original method `run_in_executor`.
        run_for: Function that calls another function on behalf of a task, such as `VirtualTime.run_for`.
        loop: The event loop.
        executor: The executor, or None for the thread pool of the loop.
        func: The function to run.
        *args: The arguments of the function.
    """
    task = running_task()
    if task is not None and (executor is None or isinstance(executor, ThreadPoolExecutor)):
        func = partial(run_for, task, func)
    return original(loop, executor, func, *args)
