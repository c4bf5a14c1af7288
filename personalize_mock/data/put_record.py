"""Records and events sent by Put operations."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from personalize_mock.data.records import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class PutRecord:
    """A record or event sent by a Put operation, such as PutItems or PutEvents.

    Attributes:
        row: Values in the order of the schema's fields. USER_ID is None if an event has a session id but no user id.
        session_id: The sessionId of an event. None for records that are not events.
        event_id: The eventId of an event, from the request or generated.
        impression: Ids of the items that were shown, from the event or from the recommendation that it names.
        recommendation_id: Id of the recommendation that led to an event, if the event names it.
        source: The eventAttributionSource of an event, if it has one.
        at: Time at which an event arrived, epoch seconds. 0 for records that are not events.
    """

    row: Row
    session_id: str | None = None
    event_id: str | None = None
    impression: tuple[str, ...] = ()
    recommendation_id: str | None = None
    source: str | None = None
    at: float = 0.0


def first_per_event_id(records: Iterable[PutRecord]) -> Iterator[PutRecord]:
    """Yield the first record with each event id, and all records without an event id, in the given order."""
    seen: set[str | None] = set()
    for record in records:
        if record.event_id not in seen:
            yield record
        seen.update({record.event_id} - {None})
