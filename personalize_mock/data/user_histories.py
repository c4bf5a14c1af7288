"""Lookup of the interactions of a user, both imported ones and events that Put operations sent.

The imported rows are sorted once, at the first lookup. Of the events, only the newest of each user are kept, in sorted
lists. A new event therefore does not require sorting all rows or events again.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.tables import NULL, Table
from personalize_mock.lru_cache import LruCache

CACHE_SIZE = 1024  # number of lookups


class Interaction(NamedTuple):
    """An interaction of one user with an item or action.

    Attributes:
        item_id: Id of the item or action.
        event_type: The event type, or None if the interaction has none.
        timestamp: Time of the interaction, epoch seconds.
        value: The event value, or None if the interaction has none. Always None for imported interactions.
    """

    item_id: str
    event_type: str | None
    timestamp: int
    value: float | None = None


_timestamp = attrgetter("timestamp")


class UserHistories:
    """Lookup of the imported interactions of each user of a dataset.

    Args:
        table: The imported interactions, or None before the first import.
        key: Name of the column with the ids of items or actions.
    """

    def __init__(self, table: Table | None, *, key: str = "ITEM_ID") -> None:
        self._index = None if table is None else _Index(table, key=key)

    def interactions(self, user_id: str) -> list[Interaction]:
        """Return the imported interactions of a user, oldest first. An unknown user has none.

        Interactions with equal timestamps are in the order of their rows in the imported table.
        """
        return [] if self._index is None else self._index.interactions(self._index.rows(user_id))

    def imported_rows(self, user_id: str) -> NDArray[np.int64]:
        """Return the row numbers of a user's interactions in the imported table, oldest interaction first."""
        return np.empty(0, dtype=np.int64) if self._index is None else self._index.rows(user_id)

    def items_by_event_type(
        self, user_id: str, *, limit: int, first_row: int = 0, put: Sequence[Interaction] = ()
    ) -> dict[str, list[str]]:
        """Return the items of a user's newest interactions, grouped by event type.

        Args:
            user_id: The id of the user.
            limit: Maximum number of interactions per event type.
            first_row: Imported rows with a smaller row number are ignored.
            put: The user's interactions that Put operations sent, which count in addition to imported ones. Those of
                each event type are sorted by timestamp, oldest first.

        Returns:
            The item ids, newest interaction first, by event type in lower case. The key "" has the interactions without
            an event type. An item occurs once per interaction.
        """
        if put or self._index is None:
            return _by_event_type((*self._newest(user_id, limit, first_row), *put), limit)
        request = (user_id, limit, first_row)
        return self._index.items_by_event_type.get(request, lambda: _by_event_type(self._newest(*request), limit))

    def _newest(self, user_id: str, limit: int, first_row: int) -> list[Interaction]:
        if self._index is None:
            return []
        rows = self._index.rows(user_id)
        rows = rows[rows >= first_row] if first_row else rows
        return self._index.interactions(rows if len(rows) <= limit else self._index.newest(rows, limit))


class NewestItems:
    """Accumulator of the newest interactions, by event type, that Put operations sent for one user.

    The case of event types is ignored.

    Args:
        limit: Maximum number of interactions that are kept per event type.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._by_type: dict[str, list[Interaction]] = {}

    def add(self, interactions: Sequence[Interaction]) -> None:
        """Add interactions, then drop those that are no longer among the newest of their event type.

        Of interactions with equal timestamps, those added later count as newer.
        """
        for interaction in interactions:
            of_type = self._by_type.setdefault(_type_key(interaction), [])
            insort(of_type, interaction, key=_timestamp)
            del of_type[: -self._limit]

    def interactions(self) -> list[Interaction]:
        """Return the interactions that have been kept.

        Those of each event type are sorted by timestamp, oldest first. Event types are in no particular order.
        """
        return [*chain.from_iterable(self._by_type.values())]


def _by_event_type(interactions: Sequence[Interaction], limit: int) -> dict[str, list[str]]:
    """Group interactions by event type in lower case, and return the item ids of the newest ones, newest first.

    Args:
        interactions: The interactions of one user.
        limit: Maximum number of interactions per event type.
    """
    by_type: defaultdict[str, list[Interaction]] = defaultdict(list)
    for interaction in interactions:
        by_type[_type_key(interaction)].append(interaction)
    return {event_type: _newest_items(of_type, limit) for event_type, of_type in by_type.items()}


def _type_key(interaction: Interaction) -> str:
    return (interaction.event_type or "").casefold()


def _newest_items(interactions: Sequence[Interaction], limit: int) -> list[str]:
    ordered = sorted(interactions, key=_timestamp)
    return [interaction.item_id for interaction in ordered[: -limit - 1 : -1]]


class _Index:
    """Index from user ids to the row numbers of their interactions in an imported table, oldest interaction first.

    Interactions of the same second keep the order of the table.

    Args:
        table: The imported interactions.
        key: Name of the column with the ids of items or actions.
    """

    def __init__(self, table: Table, *, key: str) -> None:
        self._table = table
        self._key = key
        self.items_by_event_type = LruCache(CACHE_SIZE)

    def rows(self, user_id: str) -> NDArray[np.int64]:
        """Return the row numbers of a user's interactions, oldest interaction first."""
        code = self._users.get(user_id)
        return self._order[:0] if code is None else self._order[self._starts[code] : self._starts[code + 1]]

    def interactions(self, rows: NDArray[np.int64]) -> list[Interaction]:
        """Return the interactions in the rows of the imported table that have the row numbers `rows`."""
        ids = self._table.strings(self._key)
        item_ids = [ids.values[code] for code in ids.codes[rows].tolist()]
        timestamps = self._table.numbers("TIMESTAMP").values[rows].tolist()
        return list(map(Interaction, item_ids, self._event_types(rows), timestamps))

    def newest(self, rows: NDArray[np.int64], limit: int) -> NDArray[np.int64]:
        """Select the last `limit` row numbers of each event type.

        Args:
            rows: Row numbers, oldest interaction first.
            limit: Maximum number of rows per event type.

        Returns:
            The selected row numbers, in the same order.
        """
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
