"""Append-only log of the records sent by PutEvents, PutActionInteractions, PutItems, PutUsers and PutActions.

Readers keep an offset into the log and continue from there. Deleting a user leaves empty slots, so offsets stay
valid.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf

from personalize_mock.data.avro import AvroSchema
from personalize_mock.data.records import Row
from personalize_mock.data.retention import RETENTION
from personalize_mock.data.tables import FieldValue
from personalize_mock.data.user_histories import Interaction
from personalize_mock.data.value_rules import event_value


@dataclass(frozen=True, slots=True, kw_only=True)
class PutRecord:
    """A record or event sent by a Put operation.

    Attributes:
        row: Values in the order of the schema's fields. USER_ID is None if the event names only its session.
        session_id: The session of an event.
        event_id: The id of an event, from the request or generated.
        impression: The items shown, from the event or from the recommendation it names.
        recommendation_id: The recommendation that led to the event.
        source: The eventAttributionSource of the event.
        at: Arrival of an event, epoch seconds.
    """

    row: Row
    session_id: str | None = None
    event_id: str | None = None
    impression: tuple[str, ...] = ()
    recommendation_id: str | None = None
    source: str | None = None
    at: float = 0.0


@dataclass(eq=False)
class PutLog:
    """Put records in order of arrival.

    Several `DatasetContents` share one log. Each knows how many records of it are its own.

    Attributes:
        schema: The dataset's schema.
        records: All records, with None in place of deleted ones.
        offsets_by_user: Offsets of the events of each user, or of each session if the event names no user.
        user_column: Position of USER_ID in a row, or -1 in Items, Users and Actions.
        event_types: The event types of all records.
    """

    schema: AvroSchema
    records: list[PutRecord | None] = field(default_factory=list)
    offsets_by_user: dict[str, list[int]] = field(default_factory=dict)
    event_types: set[str] = field(default_factory=set)
    _last_arrivals: dict[object, float] = field(default_factory=dict)
    _linked_offsets: dict[int, Mapping[str, Sequence[int]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        has_ids = self.schema.id_column is not None
        self.user_column, self._item, self._event_type, self._timestamp, self._value = (
            -1 if has_ids else _position(self.schema.names, *names)
            for names in (("USER_ID",), ("ITEM_ID", "ACTION_ID"), ("EVENT_TYPE",), ("TIMESTAMP",), ("EVENT_VALUE",))
        )

    def __len__(self) -> int:
        return len(self.records)

    def prefix(self, count: int) -> PutLog:
        """Return a new log with the first `count` records."""
        log = PutLog(self.schema)
        log.extend(self.records[:count])
        return log

    def without_users(self, users: Collection[str], count: int) -> PutLog:
        """Return a new log with the first `count` records, in which those of `users` are replaced by empty slots.

        An event that names no user belongs to the user of its session, or to the session itself.
        """
        user_column = _position(self.schema.names, "USER_ID")
        session_users = self.session_users(count)

        def is_deleted(record: PutRecord) -> bool:
            user = record.row[user_column]
            if user is not None:
                return user in users
            return not {record.session_id, session_users.get(record.session_id)}.isdisjoint(users)

        log = PutLog(self.schema)
        log.extend(None if record is None or is_deleted(record) else record for record in self.records[:count])
        return log

    def with_schema(self, schema: AvroSchema, count: int) -> PutLog:
        """Return a new log with the first `count` records under another schema. New fields are null."""
        positions = [_position(self.schema.names, name) for name in schema.names]
        log = PutLog(schema)
        for record in self.records[:count]:
            row = () if record is None else tuple(None if at < 0 else record.row[at] for at in positions)
            log.extend([record and replace(record, row=row)])
        return log

    def session_users(self, count: int) -> dict[str | None, str]:
        """Return the user whom the first `count` records name last for each session."""
        if self.user_column < 0:
            return {}
        named = (
            (record.session_id, record.row[self.user_column]) for record in self.records[:count] if record is not None
        )
        return {session_id: str(user_id) for session_id, user_id in named if user_id is not None}

    def extend(self, records: Iterable[PutRecord | None]) -> None:
        """Append records, except repeated events."""
        for record in records:
            if record is not None and self.user_column >= 0:
                if self._is_repeated(record):
                    continue
                self.offsets_by_user.setdefault(self._owner(record), []).append(len(self.records))
                self.event_types.update(str(record.row[at]) for at in (self._event_type,) if at >= 0)
            self.records.append(record)

    def with_user(self, row: Row, user: FieldValue) -> Row:
        """Return the row of an event. If it names no user, fill in `user`."""
        at = self.user_column
        return row if row[at] is not None else (*row[:at], user, *row[at + 1 :])

    def arrivals(self, user_id: str, stop: int, *, linked_count: int = 0) -> list[tuple[int, float]]:
        """Return the offset and the arrival (epoch seconds) of each of a user's events before `stop`.

        Args:
            user_id: The user, or a session.
            stop: The offset after the last record.
            linked_count: As for `interactions`.
        """
        offsets = (offset for offset in self._offsets(user_id, linked_count) if offset < stop)
        records = ((offset, self.records[offset]) for offset in offsets)
        return [(offset, record.at) for offset, record in records if record is not None]

    def interactions(self, user_id: str, start: int, stop: int, *, linked_count: int = 0) -> list[Interaction]:
        """Return a user's events between two offsets, oldest first.

        Args:
            user_id: The user, or a session.
            start: The first offset.
            stop: The offset after the last record.
            linked_count: Among the first `linked_count` records, an event that names no user counts as an event of the
                user whom its session names.
        """
        offsets = self._offsets(user_id, linked_count)
        records = (self.records[at] for at in offsets[bisect_left(offsets, start) : bisect_left(offsets, stop)])
        rows = (record.row for record in records if record is not None)
        return sorted(map(self._interaction, rows), key=lambda interaction: interaction.timestamp)

    def _offsets(self, user_id: str, linked_count: int) -> Sequence[int]:
        own, linked = self.offsets_by_user.get(user_id, ()), self._linked(linked_count).get(user_id)
        return sorted({*own, *linked}) if linked else own

    def _linked(self, count: int) -> Mapping[str, Sequence[int]]:
        """Return, by user, the offsets below `count` of events whose user is known only from their session."""
        if count not in self._linked_offsets:
            session_users = self.session_users(count)
            offsets: dict[str, list[int]] = {}
            for offset, record in enumerate(self.records[:count]):
                if record is not None and record.row[self.user_column] is None and record.session_id in session_users:
                    offsets.setdefault(session_users[record.session_id], []).append(offset)
            self._linked_offsets[count] = offsets
        return self._linked_offsets[count]

    def _interaction(self, row: Row) -> Interaction:
        positions = (self._item, self._event_type, self._timestamp, self._value)
        item, event_type, timestamp, value = (None if at < 0 else row[at] for at in positions)
        return Interaction(
            str(item),
            None if event_type is None else str(event_type),
            int(timestamp or 0),
            event_value(value),
        )

    def _owner(self, record: PutRecord) -> str:
        return str(record.row[self.user_column] or record.session_id)

    def _is_repeated(self, record: PutRecord) -> bool:
        """Return whether the same event arrived before and is still retained. If not, store its arrival."""
        identity = (self._owner(record), record.row)
        repeated = record.at - self._last_arrivals.get(identity, -inf) <= RETENTION
        if not repeated:
            self._last_arrivals[identity] = record.at
        return repeated


def first_per_event_id(records: Iterable[PutRecord]) -> Iterator[PutRecord]:
    """Yield the first record of each event id. Trainings ignore the others."""
    seen: set[str | None] = set()
    for record in records:
        if record.event_id not in seen:
            yield record
        seen.update({record.event_id} - {None})


def _position(names: Sequence[str], *wanted: str) -> int:
    return next((position for position, name in enumerate(names) if name in wanted), -1)
