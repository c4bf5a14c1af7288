"""Queue of the events that are scheduled on the simulated clock."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
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

    If an exception propagates out of a `Transaction` block, additions and removals made in the block are undone.

    Args:
        events: The events of another queue, in any order.
        ties: The number of events that were ever added to that queue.
    """

    def __init__(self, events: Iterable[Due] = (), *, ties: int = 0) -> None:
        self._events = sorted(events)
        self._ties = ties
        self._by_arn: dict[str, list[Due]] = {}
        for due in self._events:
            self._by_arn.setdefault(due.arn, []).append(due)

    def __iter__(self) -> Iterator[Due]:
        return iter(self._events)

    def first(self, limit: float) -> Due | None:
        """Return the earliest event, or None if it is due after `limit` (epoch seconds) or the queue is empty."""
        return self._events[0] if self._events and self._events[0].at <= limit else None

    def add(self, at: float, *, arn: str, action: Action, name: str, stage: int) -> Due:
        """Add a new event, whose attributes `Due` describes, to the queue, and return it."""
        self._ties += 1
        due = Due(at, self._ties, arn, action, name, stage)
        LOG.record(self._undo_add, due)
        self._insert(due)
        return due

    def remove(self, due: Due) -> None:
        """Remove an event from the queue."""
        LOG.record(self._insert, due)
        self._discard(due)

    def of_resource(self, arn: str, *, action: Action | None = None, name: str | None = None) -> list[Due]:
        """Return the scheduled events of a resource, in any order.

        Args:
            arn: The ARN of the resource.
            action: Return only events with this action. None returns events with any action.
            name: Return only events with this name. None returns events with any name.
        """
        events = self._by_arn.get(arn, ())
        return [due for due in events if action in (None, due.action) and name in (None, due.name)]

    def copy(self) -> "EventQueue":
        """Return a copy of the queue. Later changes to the queue do not affect the copy, and vice versa."""
        return EventQueue(self._events, ties=self._ties)

    def clear(self) -> None:
        """Remove all events from the queue."""
        self._events.clear()
        self._by_arn.clear()

    def _insert(self, due: Due) -> None:
        """Insert an event where it is missing: in the sorted list, in the events by ARN, or in both."""
        index = bisect_left(self._events, due)
        if self._events[index : index + 1] != [due]:
            self._events.insert(index, due)
        of_resource = self._by_arn.setdefault(due.arn, [])
        if due not in of_resource:
            of_resource.append(due)

    def _discard(self, due: Due) -> None:
        """Remove an event where it is present: in the sorted list, in the events by ARN, or in both."""
        index = bisect_left(self._events, due)
        if self._events[index : index + 1] == [due]:
            del self._events[index]
        others = [other for other in self._by_arn.get(due.arn, ()) if other != due]
        if others:
            self._by_arn[due.arn] = others
        else:
            self._by_arn.pop(due.arn, None)

    def _undo_add(self, due: Due) -> None:
        self._discard(due)
        if self._ties == due.tie:  # otherwise the next event would get a number that is in use
            self._ties -= 1
