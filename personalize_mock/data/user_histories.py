"""Interactions by user: an index over the imported rows, merged with the events put since.

The imported rows are sorted once, on the first lookup. Events are merged at each lookup, so adding one costs nothing.
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
from personalize_mock.lru_cache import LruCache

CACHE_SIZE = 1024  # lookups


class Interaction(NamedTuple):
    """An interaction of one user with an item or action.

    Attributes:
        item_id: The item or action.
        event_type: The event type, or None.
        timestamp: The time of the interaction, epoch seconds.
        value: The event value of a put event. None for imported interactions.
    """

    item_id: str
    event_type: str | None
    timestamp: int
    value: float | None = None


_timestamp = attrgetter("timestamp")
PutInteractions = Callable[[str], Sequence[Interaction]]  # the put events of a user, oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class UserHistory:
    """The interactions of one user, oldest first. Interactions of the same second are in order of arrival.

    Attributes:
        item_ids: The item or action of each interaction.
        event_types: The event type of each interaction, or None.
        timestamps: The time of each interaction, epoch seconds.
    """

    item_ids: tuple[str, ...]
    event_types: tuple[str | None, ...]
    timestamps: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.item_ids)


def _no_interactions(user_id: str) -> Sequence[Interaction]:  # noqa: ARG001  # the signature of PutInteractions
    return ()


class UserHistories:
    """The interactions of all users.

    Args:
        table: The imported interactions, or None before the first import.
        key: The column of item or action ids.
        put_interactions: Returns the put events of a user, oldest first.
    """

    def __init__(
        self,
        table: Table | None,
        *,
        key: str = "ITEM_ID",
        put_interactions: PutInteractions = _no_interactions,
    ) -> None:
        self._index = None if table is None else _Index(table, key=key)
        self._put_interactions = put_interactions

    def with_put_interactions(self, put_interactions: PutInteractions) -> UserHistories:
        """Return the same imported interactions with other put events. The sorted index is reused."""
        other = UserHistories(None, put_interactions=put_interactions)
        other._index = self._index
        return other

    def for_user(self, user_id: str) -> UserHistory:
        """Return the history of a user, which is empty for unknown users."""
        imported = [] if self._index is None else self._index.interactions(self._index.rows(user_id))
        merged = sorted((*imported, *self._put_interactions(user_id)), key=_timestamp)
        item_ids, event_types, timestamps, _ = zip(*merged, strict=True) if merged else ((), (), (), ())
        return UserHistory(item_ids=item_ids, event_types=event_types, timestamps=timestamps)

    def imported_rows(self, user_id: str) -> NDArray[np.int64]:
        """Return the imported rows of a user, oldest first."""
        return np.empty(0, dtype=np.int64) if self._index is None else self._index.rows(user_id)

    def items_by_event_type(self, user_id: str, *, limit: int, first_row: int = 0) -> dict[str, list[str]]:
        """Return the items of a user's newest interactions of each event type.

        Args:
            user_id: The user.
            limit: Number of interactions considered per event type.
            first_row: The first imported row considered.

        Returns:
            The items, newest first, by casefolded event type; the key is "" for interactions without an event type. An
            item occurs once per interaction.
        """
        put_interactions = self._put_interactions(user_id)
        if put_interactions or self._index is None:
            return _by_event_type((*self._newest(user_id, limit, first_row), *put_interactions), limit)
        request = (user_id, limit, first_row)
        return self._index.items_by_event_type.get(request, lambda: _by_event_type(self._newest(*request), limit))

    def _newest(self, user_id: str, limit: int, first_row: int) -> list[Interaction]:
        if self._index is None:
            return []
        rows = self._index.rows(user_id)
        rows = rows[rows >= first_row] if first_row else rows
        return self._index.interactions(rows if len(rows) <= limit else self._index.newest(rows, limit))


def _by_event_type(interactions: Sequence[Interaction], limit: int) -> dict[str, list[str]]:
    """Return the items of the newest interactions by casefolded event type."""
    by_type: defaultdict[str, list[Interaction]] = defaultdict(list)
    for interaction in interactions:
        by_type[(interaction.event_type or "").casefold()].append(interaction)
    return {event_type: _newest_items(of_type, limit) for event_type, of_type in by_type.items()}


def _newest_items(interactions: Sequence[Interaction], limit: int) -> list[str]:
    ordered = sorted(interactions, key=_timestamp)
    return [interaction.item_id for interaction in ordered[: -limit - 1 : -1]]


class _Index:
    """Index of a table's rows by user, oldest first. Rows with equal times keep their order of arrival."""

    def __init__(self, table: Table, *, key: str) -> None:
        self._table = table
        self._key = key
        self.items_by_event_type = LruCache(CACHE_SIZE)

    def rows(self, user_id: str) -> NDArray[np.int64]:
        """Return the rows of a user, oldest first."""
        code = self._users.get(user_id)
        return self._order[:0] if code is None else self._order[self._starts[code] : self._starts[code + 1]]

    def interactions(self, rows: NDArray[np.int64]) -> list[Interaction]:
        """Return the interactions in `rows`."""
        ids = self._table.strings(self._key)
        item_ids = [ids.values[code] for code in ids.codes[rows].tolist()]
        timestamps = self._table.numbers("TIMESTAMP").values[rows].tolist()
        return list(map(Interaction, item_ids, self._event_types(rows), timestamps))

    def newest(self, rows: NDArray[np.int64], limit: int) -> NDArray[np.int64]:
        """Return the last `limit` rows of each event type, in the order of `rows`."""
        if "EVENT_TYPE" not in self._table:
            return rows[-limit:]
        types = self._table.strings("EVENT_TYPE").codes[rows]
        positions = [np.flatnonzero(types == code)[-limit:] for code in np.unique(types)]
        return rows[np.sort(np.concatenate(positions))]

    def _event_types(self, rows: NDArray[np.int64]) -> list[str | None]:
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
        order = np.lexsort((timestamps, users))  # stable, so rows of one second stay in order of arrival
        return order[np.count_nonzero(users == NULL) :]

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        users = self._table.strings("USER_ID").codes
        counts = np.bincount(users[users != NULL], minlength=len(self._users))
        return np.concatenate(([0], np.cumsum(counts)))
