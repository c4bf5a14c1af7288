"""What each user did: an index over the interactions that were imported, and what came by itself since.

The imported rows are sorted once, when somebody first asks; events that come later are merged when they are asked for,
so that one more event costs nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.tables import NULL, Table

KEPT = 1024
CONSIDERED = 100  # quota of filters: interactions per user and event type; of action interactions it is 300


class Interaction(NamedTuple):
    """One thing that a user did: an item's or action's id, event type, epoch seconds, and the value of a put event."""

    item_id: str
    event_type: str | None
    timestamp: int
    value: float | None = None


_TIME = attrgetter("timestamp")
Live = Callable[[str], Sequence[Interaction]]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserHistory:
    """What one user did, oldest first; of one second, in the order of arrival.

    Attributes:
        item_ids: the items, or actions.
        event_types: their event types, None where there is none.
        timestamps: epoch seconds.
    """

    item_ids: tuple[str, ...]
    event_types: tuple[str | None, ...]
    timestamps: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.item_ids)


def _nothing(user_id: str) -> Sequence[Interaction]:  # noqa: ARG001  # as every `Live`
    return ()


class UserHistories:
    """What users did.

    Args:
        table: imported interactions, None if there are none.
        key: the column of what was acted upon.
        limit: the most interactions of one user and event type that `touched` considers.
        live: the further interactions of a user, oldest first.
    """

    def __init__(
        self,
        table: Table | None,
        *,
        key: str = "ITEM_ID",
        limit: int = CONSIDERED,
        live: Live = _nothing,
    ) -> None:
        self._index = None if table is None else _Index(table, key=key)
        self._limit = limit
        self._live = live

    def with_live(self, live: Live) -> UserHistories:
        """The same imported interactions with other further ones; nothing is sorted again."""
        other = UserHistories(None, limit=self._limit, live=live)
        other._index = self._index
        return other

    def of(self, user_id: str) -> UserHistory:
        """All that a user did; nothing for unknown users."""
        imported = [] if self._index is None else self._index.interactions(self._index.rows(user_id))
        merged = sorted((*imported, *self._live(user_id)), key=_TIME)
        item_ids, event_types, timestamps, _ = zip(*merged, strict=True) if merged else ((), (), (), ())
        return UserHistory(item_ids=item_ids, event_types=event_types, timestamps=timestamps)

    def rows(self, user_id: str) -> NDArray[np.int64]:
        """The imported rows of a user, oldest first."""
        return np.empty(0, dtype=np.int64) if self._index is None else self._index.rows(user_id)

    def touched(self, user_id: str, limit: int | None = None, *, first_row: int = 0) -> dict[str, list[str]]:
        """The items of a user's newest interactions, newest first, by event type.

        Args:
            user_id: the user.
            limit: the most of each event type; that of the activity by default.
            first_row: imported rows before this one do not count.

        Returns:
            By event type in lower case (casefold), "" where there is none; an item stands as often as it was touched.
        """
        most = self._limit if limit is None else limit
        live = self._live(user_id)
        if live or self._index is None:
            return _by_type((*self._newest(user_id, most, first_row), *live), most)
        asked = (user_id, most, first_row)
        return self._index.kept(asked, lambda: _by_type(self._newest(*asked), most))

    def _newest(self, user_id: str, limit: int, first_row: int) -> list[Interaction]:
        if self._index is None:
            return []
        rows = self._index.rows(user_id)
        rows = rows[rows >= first_row] if first_row else rows
        return self._index.interactions(rows if len(rows) <= limit else self._index.newest(rows, limit))


def _by_type(interactions: Sequence[Interaction], limit: int) -> dict[str, list[str]]:
    """The items of the newest interactions of each event type."""
    by_type: defaultdict[str, list[Interaction]] = defaultdict(list)
    for each in interactions:
        by_type[(each.event_type or "").casefold()].append(each)
    return {kind: _newest_first(found, limit) for kind, found in by_type.items()}


class _Index:
    """The rows of a table by user, then time, then arrival."""

    def __init__(self, table: Table, *, key: str) -> None:
        self._table = table
        self._key = key
        self._kept: dict[tuple[str, int, int], dict[str, list[str]]] = {}

    def kept(self, asked: tuple[str, int, int], make: Callable[[], dict[str, list[str]]]) -> dict[str, list[str]]:
        """What was answered before, or is made now; only the answers of the last users are kept."""
        found = self._kept.get(asked)
        if found is None:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            found = self._kept[asked] = make()
        return found

    def rows(self, user_id: str) -> NDArray[np.int64]:
        """The rows of a user, oldest first."""
        code = self._users.get(user_id)
        return self._order[:0] if code is None else self._order[self._starts[code] : self._starts[code + 1]]

    def interactions(self, rows: NDArray[np.int64]) -> list[Interaction]:
        """What happened in some rows."""
        names = self._table.strings(self._key)
        items = [names.values[code] for code in names.codes[rows].tolist()]
        types = self._types(rows)
        timestamps = self._table.numbers("TIMESTAMP").values[rows].tolist()
        return list(map(Interaction, items, types, timestamps))

    def newest(self, rows: NDArray[np.int64], limit: int) -> NDArray[np.int64]:
        """Of rows that are sorted, the last of each event type, still sorted."""
        if "EVENT_TYPE" not in self._table:
            return rows[-limit:]
        types = self._table.strings("EVENT_TYPE").codes[rows]
        places = [np.flatnonzero(types == code)[-limit:] for code in np.unique(types)]
        return rows[np.sort(np.concatenate(places))]

    def _types(self, rows: NDArray[np.int64]) -> list[str | None]:
        if "EVENT_TYPE" not in self._table:
            return [None] * len(rows)
        column = self._table.strings("EVENT_TYPE")
        return [None if code == NULL else column.values[code] for code in column.codes[rows].tolist()]

    @cached_property
    def _users(self) -> dict[str, int]:
        return {user_id: code for code, user_id in enumerate(self._table.strings("USER_ID").values)}

    @cached_property
    def _order(self) -> NDArray[np.int64]:
        timestamps = self._table.numbers("TIMESTAMP").values
        users = self._table.strings("USER_ID").codes
        order = np.lexsort((timestamps, users))  # stable: rows stand in the order of arrival
        return order[np.count_nonzero(users == NULL) :]

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        users = self._table.strings("USER_ID").codes
        counts = np.bincount(users[users != NULL], minlength=len(self._users))
        return np.concatenate(([0], np.cumsum(counts)))


def _newest_first(interactions: Sequence[Interaction], limit: int) -> list[str]:
    ordered = sorted(interactions, key=_TIME)
    return [each.item_id for each in ordered[: -limit - 1 : -1]]
