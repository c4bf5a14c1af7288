"""Undo log, which reverts the changes of an API call or event that is interrupted by an exception.

Ctrl-C, a signal handler or the timeout of a test can raise an exception between any two lines. Code that changes state
in place therefore records how to undo a change before making it. If an exception propagates out of a `Transaction`
block, the changes made in the block are undone, newest first. Calls and events hold the simulation's lock, so one log
is enough for the whole process.
"""

from collections.abc import Callable
from types import TracebackType
from typing import Any, Final

_ABSENT: Final = object()


class UndoLog:
    """Stack of functions that undo changes. Each must be safe to run twice, as may happen after an interrupt.

    Attributes:
        is_recording: Whether a transaction is open.
        undone: The number of changes that have been undone so far.
        entries: For each change that can be undone, oldest first, the function that undoes it and its arguments.
    """

    def __init__(self) -> None:
        self.is_recording = False
        self.undone = 0
        self.entries: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []

    def record(self, undo: Callable[..., Any], *arguments: Any) -> None:
        """Record how to undo the change that the caller is about to make. If no transaction is open, do nothing.

        Args:
            undo: Function that undoes the change.
            *arguments: The arguments for this function.
        """
        if self.is_recording:
            self.entries.append((undo, arguments))

    def undo(self, count: int = 0) -> None:
        """Undo all recorded changes except the first `count`, newest first."""
        while len(self.entries) > count:
            self.undone += 1
            undo, arguments = self.entries[-1]
            undo(*arguments)
            self.entries.pop()


LOG: Final = UndoLog()


class Transaction:
    """Context manager that undoes the changes made in its block if an exception propagates out of the block.

    Transactions can be nested. If an exception propagates out of the outer block, the changes of an inner block that
    has succeeded are undone too.

    Args:
        permanent: Whether the changes of this transaction stay even if an outer transaction fails later.
    """

    __slots__ = ("_count", "_permanent", "_was_recording")

    def __init__(self, *, permanent: bool = False) -> None:
        self._permanent = permanent

    def __enter__(self) -> None:
        self._count, self._was_recording = len(LOG.entries), LOG.is_recording
        LOG.is_recording = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        LOG.is_recording = self._was_recording
        if kind is not None:
            LOG.undo(self._count)
        elif self._permanent or not self._was_recording:
            del LOG.entries[self._count :]


class Undoable:
    """Base class of objects whose attributes take part in transactions.

    If an exception propagates out of a `Transaction` block, attributes that were set in the block get their old values
    back.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if LOG.is_recording:
            LOG.record(_restore, self.__dict__, name, self.__dict__.get(name, _ABSENT))
        object.__setattr__(self, name, value)


def _restore(attributes: dict[str, Any], name: str, value: Any) -> None:
    if value is _ABSENT:
        attributes.pop(name, None)
    else:
        attributes[name] = value
