"""What came by itself (Put*), in the order of arrival.

Others remember what they have seen by its place, so a place stays when what stood there is deleted: it is blank then.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf

from personalize_mock.data.avro import AvroSchema
from personalize_mock.data.records import Row, Value
from personalize_mock.data.retention import MEMORY
from personalize_mock.data.user_histories import Interaction

KEYS = {"ITEMS": "ITEM_ID", "USERS": "USER_ID", "ACTIONS": "ACTION_ID"}
OF_USERS = ("INTERACTIONS", "USERS", "ACTION_INTERACTIONS")  # the types of datasets that tell of users


@dataclass(frozen=True, slots=True, kw_only=True)
class PutRecord:
    """A record or an event that came by itself.

    Attributes:
        row: values in the order of the schema's fields; USER_ID is None where only the session is known.
        session_id: of an event.
        event_id: of an event, given or made.
        impression: the items that were shown, as the event or else its recommendation says.
        recommendation_id: the recommendation that led to the event.
        source: its eventAttributionSource.
        at: when it came, epoch seconds; of events.
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
    """Puts in the order of arrival, shared by contents that each know how many of them are theirs.

    Attributes:
        puts: all that came; None is what was deleted.
        of: by user, or session where there is none, the places of their puts.
        seen: when events came, by what tells them apart.
        user: the place of USER_ID in a row; -1 where rows are found by their own id.
    """

    schema: AvroSchema
    puts: list[PutRecord | None] = field(default_factory=list)
    of: dict[str, list[int]] = field(default_factory=dict)
    seen: dict[object, float] = field(default_factory=dict)
    _joined: dict[int, Mapping[str, Sequence[int]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        keyed = self.schema.dataset_type in KEYS
        self.user, self._item, self._type, self._time, self._value = (
            -1 if keyed else _place(self.schema.names, *names)
            for names in (("USER_ID",), ("ITEM_ID", "ACTION_ID"), ("EVENT_TYPE",), ("TIMESTAMP",), ("EVENT_VALUE",))
        )

    def __len__(self) -> int:
        return len(self.puts)

    def beginning(self, count: int) -> PutLog:
        """A log of its own with the first puts of this one."""
        log = PutLog(self.schema)
        log.extend(self.puts[:count])
        return log

    def without(self, users: Collection[str], count: int) -> PutLog:
        """A log of its own with the first puts of this one, and blanks where users were told of.

        An event without a user belongs to the user whom its session names, or else to the session itself.
        """
        person = _place(self.schema.names, "USER_ID")
        links = self.links(count)

        def is_gone(put: PutRecord) -> bool:
            user = put.row[person]
            return user in users or (user is None and not {put.session_id, links.get(put.session_id)}.isdisjoint(users))

        log = PutLog(self.schema)
        log.extend(None if put is None or is_gone(put) else put for put in self.puts[:count])
        return log

    def replaced(self, schema: AvroSchema, count: int) -> PutLog:
        """A log of its own with the first puts of this one, under another schema; a field that is new is null."""
        places = [_place(self.schema.names, name) for name in schema.names]
        log = PutLog(schema)
        for put in self.puts[:count]:
            row = () if put is None else tuple(None if place < 0 else put.row[place] for place in places)
            log.extend([put and replace(put, row=row)])
        return log

    def links(self, count: int) -> dict[str | None, str]:
        """The user of each session, as the first puts name them; the newest, if there are several."""
        if self.user < 0:
            return {}
        named = ((put.session_id, put.row[self.user]) for put in self.puts[:count] if put is not None)
        return {session_id: str(user_id) for session_id, user_id in named if user_id is not None}

    def extend(self, puts: Iterable[PutRecord | None]) -> None:
        """Adds what came; events that are known already are left out."""
        for put in puts:
            if put is not None and self.user >= 0:
                if self._is_known(put):
                    continue
                self.of.setdefault(self._owner(put), []).append(len(self.puts))
            self.puts.append(put)

    def of_user(self, row: Row, user: Value) -> Row:
        """A row of an event with a user, if it has none."""
        return row if row[self.user] is not None else (*row[: self.user], user, *row[self.user + 1 :])

    def arrivals(self, user_id: str, count: int, *, joined: int = 0) -> list[tuple[int, float]]:
        """Of the first puts, the places of a user's events and when they came; `joined` as for `interactions`."""
        found = ((place, self.puts[place]) for place in self._places(user_id, joined) if place < count)
        return [(place, put.at) for place, put in found if put is not None]

    def interactions(self, user_id: str, after: int, before: int, *, joined: int = 0) -> list[Interaction]:
        """A user's events from one place to another, oldest first.

        Args:
            user_id: the user, or a session.
            after: the first place.
            before: the place after the last one.
            joined: of so many puts the events of a session that names the user are the user's own.
        """
        places = self._places(user_id, joined)
        found = (self.puts[place] for place in places[bisect_left(places, after) : bisect_left(places, before)])
        rows = (put.row for put in found if put is not None)
        return sorted(map(self._interaction, rows), key=lambda each: each.timestamp)

    def _places(self, user_id: str, joined: int) -> Sequence[int]:
        own, others = self.of.get(user_id, ()), self._of_sessions(joined).get(user_id)
        return sorted({*own, *others}) if others else own

    def _of_sessions(self, count: int) -> Mapping[str, Sequence[int]]:
        """By user, the places of events that name none, but whose session does; of the first puts."""
        if count not in self._joined:
            links = self.links(count)
            found: dict[str, list[int]] = {}
            for place, put in enumerate(self.puts[:count]):
                if put is not None and put.row[self.user] is None and put.session_id in links:
                    found.setdefault(links[put.session_id], []).append(place)
            self._joined[count] = found
        return self._joined[count]

    def _interaction(self, row: Row) -> Interaction:
        places = (self._item, self._type, self._time, self._value)
        item, kind, time, value = (None if place < 0 else row[place] for place in places)
        return Interaction(
            str(item), None if kind is None else str(kind), int(time or 0), None if value is None else float(value)
        )

    def _owner(self, put: PutRecord) -> str:
        return str(put.row[self.user] or put.session_id)

    def _is_known(self, put: PutRecord) -> bool:
        """Whether the same event came before and is still remembered; takes note of it, if not."""
        same = (self._owner(put), put.row)
        known = put.at - self.seen.get(same, -inf) <= MEMORY
        if not known:
            self.seen[same] = put.at
        return known


def first_of_ids(puts: Iterable[PutRecord]) -> Iterator[PutRecord]:
    """The puts without those whose event id was used before, which count for everything but trainings."""
    seen: set[str | None] = set()
    for put in puts:
        if put.event_id not in seen:
            yield put
        seen.update({put.event_id} - {None})


def _place(names: Sequence[str], *wanted: str) -> int:
    return next((place for place, name in enumerate(names) if name in wanted), -1)
