"""Values accumulated from the events of one user, and extended when new events arrive.

Requests read what the events of a user amount to. An accumulator remembers up to which offset of the log it has read,
so the time of a request depends on the number of new events, not on the number of all events.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, Protocol, TypeVar


class Accumulator(Protocol):
    """A value that is computed from events one after another."""

    def add(self, events: Sequence[Any], /) -> None:
        """Add events that arrived after all events added before."""


A = TypeVar("A", bound=Accumulator)


class Accumulators(Generic[A]):
    """Accumulators of an append-only log, such as one for each user."""

    def __init__(self) -> None:
        self._entries: dict[Hashable, tuple[A, int]] = {}

    def get(
        self,
        key: Hashable,
        make: Callable[[], A],
        read: Callable[[int, int], Sequence[Any]],
        *,
        start: int = 0,
        stop: int,
    ) -> A:
        """Return the accumulator of a part of the log. The caller must not keep it.

        Args:
            key: The key of the accumulator. It must determine `make`, `read` and `start`.
            make: Function that returns an empty accumulator.
            read: Function that takes two offsets and returns the events between them.
            start: The offset of the first record of this part.
            stop: The offset after the last record of this part. If it is smaller than in an earlier call, the
                accumulator is computed anew, and only for this call.
        """
        if key in self._entries and self._entries[key][1] <= stop:
            # Without the removal, an interrupt could leave an accumulator that has read half of the events.
            accumulator, end = self._entries.pop(key)
        else:
            accumulator, end = make(), start
        events = read(end, stop) if end < stop else ()
        if events:
            accumulator.add(events)
        if key not in self._entries and (events or end > start):
            self._entries[key] = accumulator, stop
        return accumulator
