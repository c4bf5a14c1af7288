"""Registry of the active runs of the mocks in this process.

A run is a simulation together with the mocks that share it. The outermost mock begins a run, nested mocks join it, and
the run ends when the last of them stops. All runs share the patches of moto and of the `time` module.
"""

import os
import threading
from collections import deque
from dataclasses import dataclass, field
from threading import RLock, Thread, current_thread
from typing import TYPE_CHECKING
from weakref import WeakSet, ref

from personalize_mock.cleanup import Cleanup
from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.restarts import Place, warn_of_restart

if TYPE_CHECKING:
    from personalize_mock.journal import Journal
    from personalize_mock.simulation import Options, Simulation

NOT_ACTIVE = (
    "No mock is active. Use the handle inside `with mock_personalize() as mock:`, inside a function that is decorated "
    "with the mock, or between `mock.start()` and `mock.stop()`."
)

lock = RLock()  # held while a mock starts or stops
_runs: "list[Run]" = []  # oldest first; replaced, not changed, because other threads read it without the lock
_patches: Cleanup | None = None  # undoes what the runs have patched
_remotes: "list[object]" = []  # active mocks whose simulation is in a server, oldest first
ended_journals: "deque[Journal] | None" = None  # of the latest runs that have ended, if somebody wants to read them


@dataclass(slots=True, eq=False)
class Start:
    """Record of a call to `start` of a mock, or of an entered `with` block. It is active until the mock is stopped.

    Attributes:
        mock: A weak reference to the mock.
        place: The module-level code that started the mock, or None if a function started it.
        thread: The thread that started the mock.
    """

    mock: "ref[object]"
    place: Place | None = None
    thread: Thread = field(default_factory=current_thread)

    def repeats(self, other: "Start") -> bool:
        """Return whether this start repeats an earlier one, as when a notebook cell is run again.

        This is the case if module-level code of the same namespace made both starts, and if the earlier mock has been
        garbage-collected or both mocks are assigned to the same name.

        Args:
            other: The earlier start.
        """
        if self.place is None or other.place is None or self.place.namespace is not other.place.namespace:
            return False
        return other.mock() is None or self.place.has_same_name(other.place)


@dataclass(slots=True, eq=False)
class Run:
    """A running simulation and the mocks that share it.

    Attributes:
        simulation: The simulation.
        starts: The active starts of these mocks, oldest first.
        outer_threads: Threads that use an older run, because they were running when this one began. None if there was
            no older run.
    """

    simulation: "Simulation"
    starts: list[Start]
    outer_threads: "WeakSet[Thread] | None" = None

    def end_rules(self, owner: object | None) -> Exception | None:
        """Remove the rules that a mock has declared with `on`.

        Args:
            owner: The mock, or None to remove the rules of all mocks.

        Returns:
            An error, which the caller should raise, if one of the rules was never applied. Otherwise None.
        """
        if self.simulation.interceptor is None:
            return None
        from personalize_mock.rules.rule_book import end_rules

        return end_rules(self.simulation, owner)


def runs() -> list[Run]:
    """Return the active runs (simulations, each with the mocks that share it), oldest first.

    The list is empty if an interrupted start has left moto unpatched.
    """
    return _runs if _patches is not None and _patches.steps else []


def current_run() -> Run | None:
    """Return the run that the current thread uses, or None if there is none."""
    thread = current_thread()
    return next((run for run in reversed(runs()) if thread not in (run.outer_threads or ())), None)


def active_run() -> Run:
    """Return the run that the current thread uses, or raise PersonalizeMockError if there is none."""
    run = current_run()
    if run is None:
        raise PersonalizeMockError(NOT_ACTIVE)
    return run


def current_simulation() -> "Simulation | None":
    """Return the simulation that the current thread uses, or None if there is none."""
    if len(_runs) == 1 and _runs[0].outer_threads is None and _patches is not None and _patches.steps:
        return _runs[0].simulation  # the usual case, in few steps
    run = current_run()
    return None if run is None else run.simulation


def remotes() -> list[object]:
    """Return the active mocks whose simulation is in a server, oldest first.

    A mock that was started twice is listed twice.
    """
    return _remotes


def add_remote(mock: object) -> None:
    """Register a started mock, whose simulation runs in a server, as active."""
    _remotes.append(mock)


def forget_remote(mock: object) -> None:
    """Unregister one start of a mock whose simulation runs in a server.

    A mock that was started twice remains active until this function has been called twice.
    """
    if mock in _remotes:
        _remotes.remove(mock)


def journals() -> "list[Journal]":
    """Return the journals of the active runs, oldest first.

    If the plugin for pytest keeps the journals of the latest runs that have ended, these journals come first.
    """
    return [*(ended_journals or ()), *(run.simulation.journal for run in runs())]


def starts_of(mock: object) -> list[tuple[Run, Start]]:
    """Return the active starts of a mock, each with its run.

    The starts made by other threads come first, then those made by the current thread. Each group is sorted by age,
    oldest first.
    """
    own = [(run, start) for run in runs() for start in run.starts if start.mock() is mock]
    return sorted(own, key=lambda entry: entry[1].thread is current_thread())


def begin(options: "Options", start: Start) -> "Simulation":
    """Begin a run with a new simulation, and return the simulation.

    If this raises an exception, the caller must call `end(start)`.

    Args:
        options: The options of the mock.
        start: The start of the mock, which becomes the first start of the run.
    """
    global _runs, _patches  # noqa: PLW0603  # a mock changes the whole process
    from personalize_mock.run import first_simulation, install, simulation_beside

    active = runs()
    if active:
        simulation = simulation_beside(active[-1].simulation, options)
        _runs = [*active, Run(simulation, [start], _other_threads())]
        return simulation
    simulation, patcher = first_simulation(options)
    _runs, _patches = [Run(simulation, [start])], Cleanup()
    install(patcher, simulation, current_simulation, _patches)
    return simulation


def end(start: Start) -> None:
    """Undo one start of a mock. If no other mock uses its simulation, end the simulation.

    The end of the last simulation undoes all patches. If the start was undone before, nothing happens.
    """
    global _runs  # noqa: PLW0603  # as in begin
    active = runs()
    run = next((run for run in active if start in run.starts), None)
    if run is None:
        return
    if len(run.starts) > 1:
        run.starts = [other for other in run.starts if other is not start]
        return
    if ended_journals is not None:
        ended_journals.append(run.simulation.journal)
    if len(active) > 1:
        _runs = [other for other in active if other is not run]
    else:
        _end_all()


def end_repeated(start: Start) -> None:
    """Stop the mocks that the same module or notebook has started earlier, as when a notebook cell is run again.

    A mock is stopped if it has been garbage-collected, if it is assigned to the same variable as the new mock, or if
    neither of them is assigned to a variable. Mocks that were started inside a function are left alone. Warn if a
    simulation ends as a result.

    Args:
        start: The start of the new mock.
    """
    active = runs()
    for earlier in [other for run in active for other in run.starts if start.repeats(other)]:
        end(earlier)
    if start.place is not None and len(runs()) < len(active):
        warn_of_restart(start.place)


def _end_all() -> None:
    global _runs  # noqa: PLW0603  # as in begin
    assert _patches is not None  # noqa: S101  # there is an active run
    try:
        _patches.run()
    finally:
        _patches.run()  # no step is left unless the line above was interrupted
        _runs = []


def _other_threads() -> "WeakSet[Thread]":
    return WeakSet(thread for thread in threading.enumerate() if thread is not current_thread())


def _after_fork() -> None:
    """Replace the locks of this module and of the simulated clocks in a forked child process.

    Threads of the parent may have held these locks when the process was forked.
    """
    global lock  # noqa: PLW0603  # all mocks share one lock
    lock = RLock()
    clocks = [run.simulation.clock for run in _runs]
    for clock in clocks:
        clock.after_fork()
        clock.lock = clocks[0].lock


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
