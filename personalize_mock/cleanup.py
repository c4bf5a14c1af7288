"""Undoing of a start, step by step in reverse, at whatever line it was interrupted.

`contextlib.ExitStack` does not suffice, because an interrupt within its own lines drops the remaining steps.
"""

from collections.abc import Callable
from typing import Any, Final

_ABSENT: Final = object()
_ATTEMPTS = 2  # so that a step that was interrupted runs again


class Cleanup:
    """Steps that undo a start. Each is added before what it undoes, so it must do no harm if it has nothing to undo."""

    def __init__(self) -> None:
        self._steps: list[list[Any]] = []  # the function, and how often it was begun

    def __len__(self) -> int:
        return len(self._steps)

    def add(self, step: Callable[[], object]) -> None:
        """Add a step. It may run twice."""
        self._steps.append([step, 0])

    def replace(self, owner: Any, name: str, value: Any) -> None:
        """Replace an attribute of a module or class until the cleanup."""
        original = vars(owner).get(name, _ABSENT)
        self.add(lambda: _restore(owner, name, original))
        setattr(owner, name, value)

    def run(self) -> None:
        """Run all steps, newest first. The first error is raised at the end."""
        try:
            self._run_steps()
        finally:
            self._run_steps()  # there are none left unless the line above was interrupted

    def _run_steps(self) -> None:
        first: BaseException | None = None
        while self._steps:
            try:
                self._run_newest()
            except BaseException as error:  # noqa: BLE001, PERF203  # the other steps must run; it is raised below
                first = first or error
        if first is not None:
            raise first

    def _run_newest(self) -> None:
        newest = self._steps[-1]
        if newest[1] < _ATTEMPTS:
            newest[1] += 1
            newest[0]()
        self._steps.pop()


def _restore(owner: Any, name: str, original: Any) -> None:
    if original is not _ABSENT:
        setattr(owner, name, original)
    elif name in vars(owner):
        delattr(owner, name)
