"""Queue of the events that are scheduled on the simulated clock."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heapify, heappush
from typing import Literal

from personalize_mock.undo_log import LOG

Action = Literal["stage", "effect"]


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """A scheduled event of a resource, such as its next status change.

    Attributes:
        at: The simulated time of the event, in epoch seconds.
        tie: Number of the event in order of scheduling. Events at the same time run in the order of this number.
        arn: The ARN of the resource.
        action: "stage" moves the resource to a stage of a lifecycle, such as a creation. "effect" runs a function that
            is registered for the resource type.
        name: The name of the lifecycle or the registered function.
        stage: The index of the lifecycle's stage; 0 if `action` is "effect".
    """

    at: float
    tie: int
    arn: str = field(compare=False)
    action: Action = field(compare=False)
    name: str = field(compare=False)
    stage: int = field(compare=False)


class EventQueue:
    """Queue of scheduled events, ordered by time.

    A `Transaction` undoes additions and removals if an exception leaves its block.
    """

    def __init__(self) -> None:
        self._heap: list[Due] = []
        self._ties = 0

    def __iter__(self) -> Iterator[Due]:
        return iter(sorted(self._heap))

    def first(self, limit: float) -> Due | None:
        """Return the earliest event, or None if it is due after `limit` (epoch seconds) or the queue is empty."""
        return self._heap[0] if self._heap and self._heap[0].at <= limit else None

    def add(self, at: float, *, arn: str, action: Action, name: str, stage: int) -> Due:
        """Add an event to the queue and return it. `Due` explains the arguments."""
        self._ties += 1
        due = Due(at, self._ties, arn, action, name, stage)
        LOG.record(self._undo_add, due)
        heappush(self._heap, due)
        return due

    def remove(self, due: Due) -> None:
        """Remove an event from the queue."""
        LOG.record(self._undo_remove, due)
        self._heap.remove(due)
        heapify(self._heap)

    def of_resource(self, arn: str) -> list[Due]:
        """Return the scheduled events of the resource with the given ARN, in any order."""
        return [due for due in self._heap if due.arn == arn]

    def copy(self) -> "EventQueue":
        """Return a copy of the queue. Later changes to the queue do not affect the copy, and vice versa."""
        queue = EventQueue()
        queue._heap, queue._ties = list(self._heap), self._ties
        return queue

    def clear(self) -> None:
        """Remove all events from the queue."""
        self._heap.clear()

    def _undo_add(self, due: Due) -> None:
        if due in self._heap:
            self._heap.remove(due)
            heapify(self._heap)
        if self._ties == due.tie:  # otherwise the next event would get a number that is in use
            self._ties -= 1

    def _undo_remove(self, due: Due) -> None:
        if due not in self._heap:
            heappush(self._heap, due)
