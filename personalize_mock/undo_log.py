"""Undo log: an interrupted call or event leaves no trace.

Ctrl-C, an exception of a signal handler or the timeout of a test can come between any two lines. Code that changes
state in place therefore records first how to undo the change. A `Transaction` keeps the changes made in it, or undoes
them, newest first, if an exception leaves it. The simulation's lock is held meanwhile, so one log serves the process.
"""

from collections.abc import Callable
from types import TracebackType
from typing import Any, Final

_ABSENT: Final = object()


class UndoLog:
    """Functions that undo the changes so far. Running one a second time does no harm.

    Attributes:
        is_recording: Whether a transaction is open.
    """

    def __init__(self) -> None:
        self.is_recording = False
        self._entries: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []

    def __len__(self) -> int:
        return len(self._entries)

    def record(self, undo: Callable[..., Any], *arguments: Any) -> None:
        """Record how to undo a change that follows, if a transaction is open."""
        if self.is_recording:
            self._entries.append((undo, arguments))

    def keep(self, count: int) -> None:
        """Keep the changes after the first `count`: they can no longer be undone."""
        del self._entries[count:]

    def undo(self, count: int = 0) -> None:
        """Undo all changes but the first `count`, newest first."""
        while len(self._entries) > count:
            undo, arguments = self._entries[-1]
            undo(*arguments)
            self._entries.pop()


LOG: Final = UndoLog()


class Transaction:
    """Context that undoes the changes made in it if an exception leaves it. Transactions can be nested."""

    __slots__ = ("_count", "_was_recording")

    def __enter__(self) -> None:
        self._count, self._was_recording = len(LOG), LOG.is_recording
        LOG.is_recording = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        LOG.is_recording = self._was_recording
        if kind is None:
            LOG.keep(self._count)
        else:
            LOG.undo(self._count)


class Undoable:
    """Base class of objects whose attributes a transaction restores."""

    def __setattr__(self, name: str, value: Any) -> None:
        if LOG.is_recording:
            LOG.record(_restore, self.__dict__, name, self.__dict__.get(name, _ABSENT))
        object.__setattr__(self, name, value)


def _restore(attributes: dict[str, Any], name: str, value: Any) -> None:
    if value is _ABSENT:
        attributes.pop(name, None)
    else:
        attributes[name] = value
