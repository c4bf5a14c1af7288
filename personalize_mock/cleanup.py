"""Cleanup steps, which undo everything that a mock has changed in the process.

All steps run even if Ctrl-C interrupts the start of the mock or the cleanup itself. `contextlib.ExitStack` does not
guarantee this: an interrupt inside its own code drops the remaining steps.
"""

from collections.abc import Callable
from typing import Any, Final

_ABSENT: Final = object()
_ATTEMPTS = 2  # an interrupted step runs a second time


class Cleanup:
    """Stack of steps that undo the changes made when a mock starts.

    A step is added before the change that it undoes, so it must do no harm if the change was never made.

    Attributes:
        steps: For each step, oldest first, the function and the number of times it was called.
    """

    def __init__(self) -> None:
        self.steps: list[list[Any]] = []

    def add(self, step: Callable[[], object]) -> None:
        """Add a step. If an exception interrupts the step, it is called once more, so it must be safe to run twice."""
        self.steps.append([step, 0])

    def replace(self, owner: Any, name: str, value: Any) -> None:
        """Set the attribute `name` of `owner`, a module or class, and add a step that restores the previous state."""
        original = vars(owner).get(name, _ABSENT)
        self.add(lambda: _restore(owner, name, original))
        setattr(owner, name, value)

    def run(self) -> None:
        """Run and remove all steps, newest first.

        If a step raises an exception, the remaining steps still run, and the first exception is raised at the end.
        """
        try:
            self._run_steps()
        finally:
            self._run_steps()  # no step is left unless the line above was interrupted

    def _run_steps(self) -> None:
        first: BaseException | None = None
        while self.steps:
            try:
                self._run_newest()
            except BaseException as error:  # noqa: BLE001, PERF203  # the other steps must run; it is raised below
                first = first or error
        if first is not None:
            raise first

    def _run_newest(self) -> None:
        newest = self.steps[-1]
        if newest[1] < _ATTEMPTS:
            newest[1] += 1
            newest[0]()
        self.steps.pop()


def _restore(owner: Any, name: str, original: Any) -> None:
    if original is not _ABSENT:
        setattr(owner, name, original)
    elif name in vars(owner):
        delattr(owner, name)
