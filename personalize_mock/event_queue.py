"""Queue of the clock's scheduled events, as data."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heapify, heappush
from typing import Literal

from personalize_mock.undo_log import LOG

Action = Literal["stage", "effect"]


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """A scheduled event of a resource.

    Attributes:
        at: Epoch seconds.
        tie: A rising number. Events at the same time run in the order in which they were scheduled.
        arn: The resource.
        action: `stage` enters a stage of a lifecycle, `effect` runs an effect.
        name: The name of the lifecycle or the effect.
        stage: The index of the stage.
    """

    at: float
    tie: int
    arn: str = field(compare=False)
    action: Action = field(compare=False)
    name: str = field(compare=False)
    stage: int = field(compare=False)


class EventQueue:
    """Events in order of time. An interrupted transaction undoes what it has added and removed."""

    def __init__(self) -> None:
        self._heap: list[Due] = []
        self._ties = 0

    def __iter__(self) -> Iterator[Due]:
        return iter(sorted(self._heap))

    def first(self, limit: float) -> Due | None:
        """Return the first event if it is due at `limit` or earlier, else None."""
        return self._heap[0] if self._heap and self._heap[0].at <= limit else None

    def add(self, at: float, *, arn: str, action: Action, name: str, stage: int) -> Due:
        """Add an event; see `Due` for the arguments."""
        self._ties += 1
        due = Due(at, self._ties, arn, action, name, stage)
        LOG.record(self._undo_add, due)
        heappush(self._heap, due)
        return due

    def remove(self, due: Due) -> None:
        """Remove an event."""
        LOG.record(self._undo_remove, due)
        self._heap.remove(due)
        heapify(self._heap)

    def of_resource(self, arn: str) -> list[Due]:
        """Return the events of a resource, in any order."""
        return [due for due in self._heap if due.arn == arn]

    def clear(self) -> None:
        """Remove all events."""
        self._heap.clear()

    def _undo_add(self, due: Due) -> None:
        if due in self._heap:
            self._heap.remove(due)
            heapify(self._heap)
        if self._ties == due.tie:  # otherwise a number that is in use would be given again
            self._ties -= 1

    def _undo_remove(self, due: Due) -> None:
        if due not in self._heap:
            heappush(self._heap, due)
