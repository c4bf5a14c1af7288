"""Cache of values computed from the events of each user, brought up to date by reading only the new events.

A runtime request may need a value that depends on many events of a user in an append-only log, such as the user's
newest items. An accumulator computes such a value as events are added to it. The cache remembers at which offset of the
log each accumulator stopped reading, so a request takes time for the new events only, not for all events.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, Protocol, TypeVar


class Accumulator(Protocol):
    """Protocol for objects that compute a value, such as a user's newest items, from the events added to them."""

    def add(self, events: Sequence[Any], /) -> None:
        """Update the computed value with new events, which arrived after all events added before."""


A = TypeVar("A", bound=Accumulator)


class Accumulators(Generic[A]):
    """Cache of accumulators that read parts of one append-only log, for example one accumulator per user."""

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
        """Return an accumulator to which the events in a part of the log have been added.

        A cached accumulator is extended by the events that it lacks. The caller must not keep the result, because a
        later call may change it.

        Args:
            key: The key of the accumulator in the cache. Calls with the same key must pass the same `start` and
                equivalent functions.
            make: Function that returns an accumulator without events.
            read: Function that returns the events from one offset up to, but not including, another.
            start: The offset of the first record of this part.
            stop: The offset after the last record of this part. If it is smaller than in an earlier call with the same
                key, a new accumulator is computed and not cached.
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
