"""Rules that decide which sleeps are virtual, and a record of the virtual sleeps of each thread.

A virtual sleep moves the simulated clock and takes no real time. Whether a sleep is virtual depends on the AWS service
that the sleeping thread or asyncio task called last:

* After a call to Personalize or to a service that prepares its use, such as IAM or S3, the sleep is virtual. Many
  programs create an IAM role, wait a minute, and only then call Personalize.
* After a call to any other service, it is real, because time in moto's services does not follow the simulated clock.
  After a virtual sleep, a message in SQS would still be invisible, for example. S3 counts as such a service as soon as
  the program locks objects for a time (Object Lock).

Some sleeps are real whatever the last call was: sleeps of less than a second, sleeps in a thread that has neither
started the mock nor called Personalize, and sleeps in an asyncio task that has not called Personalize. Otherwise, a
background thread that sends heartbeats would run in a busy loop.

With the option `datetime`, sleeps of any length are virtual after a call to any service. The waits of botocore before
it retries a call may be virtual even if they are shorter than a second.
"""

from collections.abc import Callable
from math import inf
from threading import get_ident, local
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from personalize_mock.hooks import Service
from personalize_mock.timing.clock import SimulatedClock
from personalize_mock.timing.patched_asyncio import Task, running_task
from personalize_mock.timing.polls import SHORTEST_SLEEP

_R = TypeVar("_R")


class _Thread(local):
    """State of one thread.

    Attributes:
        slept: The total length of the thread's virtual sleeps, in seconds.
        uses_personalize: Whether the thread has started the mock or called Personalize.
        is_virtual: Whether the thread's sleeps are virtual, or None if it has made no call that decides this.
        task: The asyncio task on whose behalf the thread runs a function, or None.
    """

    slept = 0.0
    uses_personalize = False
    is_virtual: bool | None = None
    task: Task | None = None


class VirtualTime:
    """Record of the calls and virtual sleeps of each thread and asyncio task during a mock.

    Args:
        current_clock: Function that returns the simulated clock that a virtual sleep of the current thread moves.
        all_services: Whether sleeps are virtual after calls to any service, even if they are shorter than a second.
            This requires that moto's time follows the simulated clock (the option `datetime`).
    """

    def __init__(self, current_clock: Callable[[], SimulatedClock], *, all_services: bool = False) -> None:
        self.all_services = all_services
        self._shortest = 1e-9 if all_services else SHORTEST_SLEEP
        self._current_clock = current_clock
        self._thread = _Thread()
        self._tasks: WeakKeyDictionary[Task, bool] = WeakKeyDictionary()
        self._starter = get_ident()

    def record_call(self, *, service: Service) -> None:
        """Record that the current thread calls a mocked service, which decides whether its next sleeps are virtual.

        Args:
            service: The kind of the service: "personalize", "set-up" for a service that prepares the use of
                Personalize, or "other".
        """
        thread = self._thread
        task = thread.task or running_task()
        if task is not None:
            self._record_call_of(task, service)
        if service == "personalize" or get_ident() == self._starter:
            thread.uses_personalize = True
        if thread.uses_personalize or self.all_services:
            thread.is_virtual = self.all_services or service != "other"

    def _record_call_of(self, task: Task, service: Service) -> None:
        if self.all_services or service == "personalize" or task in self._tasks:
            self._tasks[task] = self.all_services or service != "other"

    def run_for(self, task: Task, function: Callable[..., _R], *args: Any) -> _R:
        """Call a function in this thread and return its result. AWS calls that it makes count as calls by the task."""
        self._thread.task = task
        try:
            return function(*args)
        finally:
            self._thread.task = None

    def slept(self) -> float:
        """Return how many seconds the current thread has slept by moving the simulated clock instead of waiting."""
        return self._thread.slept

    def jumped(self) -> float:
        """Return the total length of the simulated clock's jumps, in seconds."""
        return self._current_clock().pace.jumped

    def is_virtual(self, seconds: float, *, caller: str) -> bool:
        """Return whether a sleep of the current thread moves the simulated clock instead of taking real time.

        Args:
            seconds: Length of the sleep.
            caller: Name of the module that calls `sleep`. If it is part of botocore, which sleeps before it retries a
                call, even sleeps of less than a second can be virtual.
        """
        if not 0 <= seconds < inf:
            return False  # the original raises an error
        if caller.startswith("botocore."):
            return self._thread.is_virtual is not False
        is_starter = self.all_services and get_ident() == self._starter
        return seconds >= self._shortest and bool(self._thread.is_virtual or is_starter)

    def is_virtual_in_task(self, seconds: float) -> bool:
        """Return whether a sleep of `seconds` in the running asyncio task moves the simulated clock."""
        task = running_task()
        return self._shortest <= seconds < inf and task is not None and self._tasks.get(task, False)

    def sleep(self, seconds: float) -> None:
        """Move the simulated clock instead of sleeping, and count this as a virtual sleep of the current thread."""
        self._current_clock().jump(seconds)
        self.add_slept(seconds)

    def add_slept(self, seconds: float) -> None:
        """Add `seconds` to the virtual sleep of the current thread, without waiting or moving the simulated clock."""
        self._thread.slept += seconds
