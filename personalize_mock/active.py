"""The running simulation (`Run`) that all active mocks of the process share.

The outermost mock starts it, nested mocks join it, and it ends when the last mock stops.
"""

import os
from threading import RLock
from typing import TYPE_CHECKING

from personalize_mock.exceptions import PersonalizeMockError

if TYPE_CHECKING:
    from personalize_mock.run import Run
    from personalize_mock.simulation import Options

NOT_ACTIVE = (
    "No mock is active. Use the handle inside `with mock_personalize() as mock:`, inside a function that is decorated "
    "with the mock, or between `mock.start()` and `mock.stop()`."
)

lock = RLock()  # held while a mock starts or stops
_run: "Run | None" = None


def current_run() -> "Run | None":
    """Return the run that all active mocks share, or None if no mock is active.

    A run is over when its cleanup has no steps left, even if an interrupt has kept `_run` from being reset.
    """
    return _run if _run is not None and _run.cleanup else None


def active_run() -> "Run":
    """Return the run that all active mocks share, or raise PersonalizeMockError if no mock is active."""
    run = current_run()
    if run is None:
        raise PersonalizeMockError(NOT_ACTIVE)
    return run


def begin(options: "Options") -> None:
    """Begin a run with the options of the outermost mock. If that fails, undo all changes."""
    global _run  # noqa: PLW0603  # a mock changes the whole process
    from personalize_mock import run
    from personalize_mock.cleanup import Cleanup

    cleanup = Cleanup()
    try:
        _run = run.begin(options, cleanup)
    except BaseException:
        cleanup.run()
        raise


def depth() -> int:
    """Return the number of active mocks."""
    run = current_run()
    return 0 if run is None else run.depth


def return_to(count: int) -> None:
    """Stop the innermost active mocks until `count` of them are left. If none is left, end the simulation."""
    global _run  # noqa: PLW0603  # as in begin
    run = current_run()
    if run is not None and count:
        run.depth = count
    elif run is not None:
        try:
            run.cleanup.run()
        finally:
            run.cleanup.run()  # no step is left unless the line above was interrupted
            _run = None


def _after_fork() -> None:
    """Replace the locks in a forked child process, where the threads that may hold them do not exist."""
    global lock  # noqa: PLW0603  # all mocks share one lock
    lock = RLock()
    if _run is not None:
        _run.simulation.clock.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
