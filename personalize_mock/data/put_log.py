"""Append-only log of the records sent by PutEvents, PutActionInteractions, PutItems, PutUsers and PutActions.

An offset is the position of a record in the log. Readers keep an offset and continue from there. Deleting a user leaves
empty slots, so offsets stay valid.

If two versions of a dataset grow differently, for example after a snapshot was restored, the second one gets a log of
its own. It shares the common records with the first log instead of copying them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from math import inf

from personalize_mock.data.accumulators import Accumulators
from personalize_mock.data.avro import AvroSchema
from personalize_mock.data.put_record import PutRecord
from personalize_mock.data.records import Row
from personalize_mock.data.retention import RETENTION, ArrivalRuns
from personalize_mock.data.tables import FieldValue
from personalize_mock.data.user_histories import Interaction, NewestItems
from personalize_mock.data.value_rules import event_value

COPIED = 256  # up to this many records are copied instead of shared
DEEPEST = 8  # longest chain of logs, each of which shares records of the next one


@dataclass(eq=False)
class PutLog:
    """Log of the records that Put operations sent to one dataset, in order of arrival.

    Several `DatasetContents` objects, each a version of the same dataset, share one log. A version uses only the first
    `put_count` records.

    Attributes:
        schema: The schema of the dataset.
        base: Another log, whose first records are also the first records of this log. None if there is no such log.
        shared: Number of records that this log shares with `base`.
        own: The records after the shared ones, with None in place of deleted records.
        own_offsets: Offsets, in the whole log, of the events in `own`, by user id. Events without a user id are listed
            under their session id. In Items, Users and Actions datasets, offsets of the records by their id.
        user_column: Position of USER_ID in the row of an event. -1 in Items, Users and Actions datasets.
        newest_items: Cache of the newest events of each user (see `NewestItems`).
        arrival_runs: Cache of the arrival times of the events of each user (see `ArrivalRuns`).
    """

    schema: AvroSchema
    base: PutLog | None = None
    shared: int = 0
    own: list[PutRecord | None] = field(default_factory=list)
    own_offsets: dict[str, list[int]] = field(default_factory=dict)
    _first_offsets: dict[str, int] = field(default_factory=dict)  # by event type, of the events in `own`
    _latest_offsets: dict[object, int] = field(default_factory=dict)  # by user and row, of the events in `own`
    _linked_offsets: dict[int, Mapping[str, Sequence[int]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.newest_items: Accumulators[NewestItems] = Accumulators()
        self.arrival_runs: Accumulators[ArrivalRuns] = Accumulators()
        self._leading_blanks = 0  # at the beginning of `own`
        has_ids = self.schema.id_column is not None
        self.user_column, self._item, self._event_type, self._timestamp, self._value = (
            -1 if has_ids else _position(self.schema.names, *names)
            for names in (("USER_ID",), ("ITEM_ID", "ACTION_ID"), ("EVENT_TYPE",), ("TIMESTAMP",), ("EVENT_VALUE",))
        )
        self._owner_column = _position(self.schema.names, self.schema.id_column or "USER_ID")

    def __len__(self) -> int:
        return self.shared + len(self.own)

    def __iter__(self) -> Iterator[PutRecord | None]:
        """Yield all records, oldest first, with None in place of deleted records."""
        if self.base is not None:
            yield from islice(self.base, self.shared)
        yield from self.own

    def between(self, start: int, stop: int) -> list[PutRecord | None]:
        """Return the records at the offsets `start` to `stop` - 1, with None in place of deleted records."""
        own = self.own[max(0, start - self.shared) : max(0, stop - self.shared)]
        if self.base is None or start >= self.shared:
            return own
        return self.base.between(start, min(stop, self.shared)) + own

    def prefix(self, count: int) -> PutLog:
        """Return a new log of the first `count` records.

        If there are many records, the new log usually shares them with this log instead of copying them.
        """
        if self.base is not None and count <= self.shared:
            return self.base.prefix(count)
        if count - self.shared > COPIED and self._depth() < DEEPEST:
            return PutLog(self.schema, base=self, shared=count)
        is_short = count - self.shared <= COPIED
        log = PutLog(self.schema, base=self.base, shared=self.shared) if is_short else PutLog(self.schema)
        log.extend(self.between(len(log), count))
        return log

    def _depth(self) -> int:
        return 0 if self.base is None else 1 + self.base._depth()  # noqa: SLF001  # of the same class

    def without_users(self, users: Collection[str], count: int) -> PutLog:
        """Return a new log of the first `count` records, with None in place of the records of some users.

        An event without a user id is deleted if its session belongs to a deleted user, or if `users` contains its
        session id.

        Args:
            users: Ids of the users whose records are deleted.
            count: Number of records to copy from the start of the log.
        """
        user_column = _position(self.schema.names, "USER_ID")
        session_users = self.session_users(count)

        def is_deleted(record: PutRecord) -> bool:
            user = record.row[user_column]
            if user is not None:
                return user in users
            return not {record.session_id, session_users.get(record.session_id)}.isdisjoint(users)

        log = PutLog(self.schema)
        log.extend(None if record is None or is_deleted(record) else record for record in self.between(0, count))
        return log

    def with_schema(self, schema: AvroSchema, count: int) -> PutLog:
        """Return a new log of the first `count` records, converted to a new schema.

        Fields that the old schema lacks are null.
        """
        positions = [_position(self.schema.names, name) for name in schema.names]
        log = PutLog(schema)
        for record in self.between(0, count):
            row = () if record is None else tuple(None if at < 0 else record.row[at] for at in positions)
            log.extend([record and replace(record, row=row)])
        return log

    def session_users(self, count: int) -> dict[str | None, str]:
        """Return a mapping from session ids to user ids, according to the first `count` records.

        If the events of a session have different user ids, the last one counts. Sessions whose events have no user id
        are left out.
        """
        if self.user_column < 0:
            return {}
        named = (
            (record.session_id, record.row[self.user_column]) for record in islice(self, count) if record is not None
        )
        return {session_id: str(user_id) for session_id, user_id in named if user_id is not None}

    def extend(self, records: Iterable[PutRecord | None]) -> None:
        """Append records. A None stands for a deleted record and keeps its place in the log.

        An event is dropped if an event of the same user with the same values arrived in the 90 days before it.
        """
        for record in records:
            if record is not None:
                if self.user_column >= 0 and self._is_repeated(record):
                    continue
                self._add_to_indexes(record)
            self.own.append(record)

    def _add_to_indexes(self, record: PutRecord) -> None:
        """Add a record, which is about to be appended, to the dictionaries that give the offsets of records."""
        self.own_offsets.setdefault(self._owner(record), []).append(len(self))
        if self.user_column >= 0:
            self._latest_offsets[self._identity(record)] = len(self)
        if self._event_type >= 0:
            self._first_offsets.setdefault(str(record.row[self._event_type]), len(self))

    def event_types(self, count: int) -> list[str]:
        """Return the event types that occur in the first `count` records."""
        shared = [] if self.base is None else self.base.event_types(min(count, self.shared))
        own = (event_type for event_type, offset in self._first_offsets.items() if offset < count)
        return list(dict.fromkeys((*shared, *own)))

    def with_user(self, row: Row, user: FieldValue) -> Row:
        """Return the row of an event unchanged, or, if its USER_ID is null, a copy that has `user` as USER_ID."""
        at = self.user_column
        return row if row[at] is not None else (*row[:at], user, *row[at + 1 :])

    def latest_of_id(self, id_: str, stop: int) -> int | None:
        """Return the offset of the newest record of an item, user or action before the offset `stop`, or None."""
        own = self.own_offsets.get(id_, [])
        count = bisect_left(own, stop)
        if count or self.base is None:
            return own[count - 1] if count else None
        return self.base.latest_of_id(id_, min(stop, self.shared))

    def first_arrival(self, stop: int) -> float:
        """Return the arrival time of the oldest undeleted record before offset `stop`, or infinity if there is none."""
        shared = inf if self.base is None else self.base.first_arrival(min(stop, self.shared))
        if shared < inf:
            return shared
        while self._leading_blanks < len(self.own) and self.own[self._leading_blanks] is None:
            self._leading_blanks += 1
        offset = self.shared + self._leading_blanks
        record = self._record(offset) if offset < min(stop, len(self)) else None
        return inf if record is None else record.at

    def arrivals(self, user_id: str, start: int, stop: int, *, linked_count: int = 0) -> list[tuple[int, float]]:
        """Return the offset and the arrival time (epoch seconds) of a user's events in a part of the log, oldest first.

        `interactions` describes the arguments.
        """
        records = ((offset, self._record(offset)) for offset in self._offsets(user_id, start, stop, linked_count))
        return [(offset, record.at) for offset, record in records if record is not None]

    def interactions(self, user_id: str, start: int, stop: int, *, linked_count: int = 0) -> list[Interaction]:
        """Return a user's events in a part of the log, sorted by timestamp, oldest first.

        Args:
            user_id: The user id, or the session id of events without a user id.
            start: Offset of the first record of this part.
            stop: Offset after the last record of this part.
            linked_count: Number of records at the start of the log in which an event without a user id counts as an
                event of the user whose id other events of its session have.
        """
        records = map(self._record, self._offsets(user_id, start, stop, linked_count))
        rows = (record.row for record in records if record is not None)
        return sorted(map(self._interaction, rows), key=lambda interaction: interaction.timestamp)

    def _offsets(self, user_id: str, start: int, stop: int, linked_count: int) -> Sequence[int]:
        unlinked = self._unlinked(user_id, start, stop)
        linked = _between(self._linked(linked_count).get(user_id, ()), start, stop)
        return sorted({*unlinked, *linked}) if linked else unlinked

    def _record(self, offset: int) -> PutRecord | None:
        if self.base is not None and offset < self.shared:
            return self.base._record(offset)  # noqa: SLF001  # of the same class
        return self.own[offset - self.shared]

    def _unlinked(self, user_id: str, start: int, stop: int) -> Sequence[int]:
        """Return offsets (`start` to `stop` - 1) of events whose user id, or else session id, is `user_id`."""
        own = _between(self.own_offsets.get(user_id, ()), start, stop)
        if self.base is None or start >= self.shared:
            return own
        return [*self.base._unlinked(user_id, start, min(stop, self.shared)), *own]  # noqa: SLF001  # of the same class

    def _linked(self, count: int) -> Mapping[str, Sequence[int]]:
        """Return the offsets of events without a user id, by the user id that other events of their session have.

        Only the first `count` records are considered.
        """
        if self.base is not None and count <= self.shared:
            return self.base._linked(count)  # noqa: SLF001  # of the same class
        if count not in self._linked_offsets:
            session_users = self.session_users(count)
            offsets: dict[str, list[int]] = {}
            for offset, record in enumerate(islice(self, count)):
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
        return str(record.row[self._owner_column] or record.session_id)

    def _identity(self, record: PutRecord) -> tuple[str, Row]:
        return self._owner(record), record.row

    def _is_repeated(self, record: PutRecord) -> bool:
        """Return whether an event of the same user with the same values arrived in the 90 days before `record`."""
        offset = self._latest_offset(self._identity(record), len(self))
        latest = None if offset is None else self._record(offset)
        return latest is not None and record.at - latest.at <= RETENTION

    def _latest_offset(self, identity: tuple[str, Row], stop: int) -> int | None:
        """Return the offset, below `stop`, of the latest event with the user id and row in `identity`, or None."""
        offset = self._latest_offsets.get(identity)
        if offset is not None and offset >= stop:  # this log has grown after another one began to share its records
            earlier = (at for at in reversed(self.own_offsets[identity[0]]) if at < stop)
            offset = next((at for at in earlier if self._has_row(at, identity[1])), None)
        if offset is None and self.base is not None:
            return self.base._latest_offset(identity, min(stop, self.shared))  # noqa: SLF001  # of the same class
        return offset

    def _has_row(self, offset: int, row: Row) -> bool:
        record = self._record(offset)
        return record is not None and record.row == row


def _between(offsets: Sequence[int], start: int, stop: int) -> Sequence[int]:
    """Return the offsets from `start` to `stop` - 1. The given `offsets` must be in ascending order."""
    return offsets[bisect_left(offsets, start) : bisect_left(offsets, stop)]


def _position(names: Sequence[str], *wanted: str) -> int:
    return next((position for position, name in enumerate(names) if name in wanted), -1)
