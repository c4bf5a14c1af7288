"""What came by itself (Put*), in the order of arrival."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from personalize_mock.data.activity import Interaction
from personalize_mock.data.avro import Schema
from personalize_mock.data.records import Row, Value

KEYS = {"ITEMS": "ITEM_ID", "USERS": "USER_ID", "ACTIONS": "ACTION_ID"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """A record or an event that came by itself.

    Attributes:
        row: values in the order of the schema's fields; USER_ID is None where only the session is known.
        session_id: of an event.
        event_id: of an event, given or made.
        impression: the items that were shown, as the event or else its recommendation says.
        recommendation_id: the recommendation that led to the event.
        source: its eventAttributionSource.
    """

    row: Row
    session_id: str | None = None
    event_id: str | None = None
    impression: tuple[str, ...] = ()
    recommendation_id: str | None = None
    source: str | None = None


@dataclass(eq=False)
class Log:
    """Puts in the order of arrival, shared by contents that each know how many of them are theirs.

    Attributes:
        puts: all that came.
        of: by user, or session where there is none, the places of their puts.
        seen: what tells events apart, and event ids.
        user: the place of USER_ID in a row; -1 where rows are found by their own id.
    """

    schema: Schema
    puts: list[Put] = field(default_factory=list)
    of: dict[str, list[int]] = field(default_factory=dict)
    seen: set[object] = field(default_factory=set)

    def __post_init__(self) -> None:
        keyed = self.schema.dataset_type in KEYS
        self.user, self._item, self._type, self._time = (
            -1 if keyed else _place(self.schema.names, *names)
            for names in (("USER_ID",), ("ITEM_ID", "ACTION_ID"), ("EVENT_TYPE",), ("TIMESTAMP",))
        )

    def __len__(self) -> int:
        return len(self.puts)

    def beginning(self, count: int) -> Log:
        """A log of its own with the first puts of this one."""
        log = Log(self.schema)
        log.extend(self.puts[:count])
        return log

    def extend(self, puts: Iterable[Put]) -> None:
        """Adds what came; events that are known already are left out."""
        for put in puts:
            if self.user >= 0:
                if self._is_known(put):
                    continue
                self.of.setdefault(self._owner(put), []).append(len(self.puts))
            self.puts.append(put)

    def of_user(self, row: Row, user: Value) -> Row:
        """A row of an event with a user, if it has none."""
        return row if row[self.user] is not None else (*row[: self.user], user, *row[self.user + 1 :])

    def interactions(self, user_id: str, after: int, before: int) -> list[Interaction]:
        """A user's events from one place to another, oldest first."""
        places = self.of.get(user_id, [])
        rows = (self.puts[place].row for place in places[bisect_left(places, after) : bisect_left(places, before)])
        return sorted(map(self._interaction, rows), key=lambda each: each.timestamp)

    def _interaction(self, row: Row) -> Interaction:
        item, kind, time = (None if place < 0 else row[place] for place in (self._item, self._type, self._time))
        return Interaction(str(item), None if kind is None else str(kind), int(time or 0))

    def _owner(self, put: Put) -> str:
        return str(put.row[self.user] or put.session_id)

    def _is_known(self, put: Put) -> bool:
        """Whether the same event, or one of the same id, came before; takes note of it."""
        same = ("same", self._owner(put), put.row)
        if same in self.seen or put.event_id in self.seen:
            return True
        self.seen.update({same, put.event_id} - {None})
        return False


def _place(names: Sequence[str], *wanted: str) -> int:
    return next((place for place, name in enumerate(names) if name in wanted), -1)
