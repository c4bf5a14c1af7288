"""Lifts of items, which say how much more popular an item is in a context or among users with an attribute.

An item has a lift for each value of a contextual column of Interactions, such as the device, and for each value of a
column of Users. The lift compares the item's popularity among interactions with this value to its overall popularity.
If o interactions with the item have the value, and e are expected from its overall popularity, the lift is

    log((o + PRIOR) / (e + PRIOR)) / INVERSE_TEMPERATURE

Lifts are added to the relevance of items. The probability of an item is proportional to exp(b * relevance), where b is
INVERSE_TEMPERATURE. A lift multiplies this number by (o + PRIOR) / (e + PRIOR), as in naive Bayes. For a user without
history, probabilities are proportional to the overall popularity of items. A lift makes them approximately proportional
to the popularity among interactions with the value.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.data.metadata import SEPARATOR, Metadata
from personalize_mock.data.tables import NULL, Numbers, Strings, Table
from personalize_mock.lru_cache import LruCache
from personalize_mock.recipes.numerics.softmax import INVERSE_TEMPERATURE

PRIOR = 5.0
CACHED_VALUES = range(8, 513)
CACHED_NUMBERS = 1 << 24
BINS = 10
NO_CONTEXT = frozenset(
    (
        *("USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "EVENT_VALUE"),
        *("IMPRESSION", "RECOMMENDATION_ID", "EVENT_ATTRIBUTION_SOURCE"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ContextColumn:
    """A column of Interactions or Users, together with the row of the column that describes each interaction.

    Attributes:
        column: The column, with a row for each row of the dataset.
        row: int64[n_interactions], for each interaction the row of the column that describes it, or -1 if there is
            none.
    """

    column: Strings | Numbers
    row: NDArray[np.integer]

    def matches(self, value: str) -> NDArray[np.bool_]:
        """Return a mask of the interactions whose value in this column matches `value`, bool[n_interactions].

        Strings are split into categories at `|` and match if they have a category in common. Numbers match if they lie
        between the same two deciles of the column.
        """
        if isinstance(self.column, Strings):
            return np.asarray(_sharing_a_category(self.column, value)[self.row])
        return self._in_same_bin(self.column, value)

    def _in_same_bin(self, column: Numbers, value: str) -> NDArray[np.bool_]:
        valid = np.ones(len(column), dtype=bool) if column.valid is None else column.valid
        known = np.append(valid, False)[self.row]
        numbers = np.append(column.values, 0)[self.row]
        wanted = _number(value)
        if np.isnan(wanted) or not known.any():
            return np.zeros(len(known), dtype=bool)
        edges = np.unique(np.quantile(numbers[known], np.arange(1, BINS) / BINS, method="higher"))
        return np.asarray(
            known & (np.searchsorted(edges, numbers, side="right") == np.searchsorted(edges, wanted, side="right"))
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ValueLifts:
    """Lifts of items for the values of some columns, computed when a value is first requested.

    A lift is an amount to add to the relevance of an item. It is positive if the item is more popular among the
    interactions with the value than overall.

    Attributes:
        columns: The columns by name, in lower case.
        item: int32[n_interactions], the item of each interaction, from 0 to `count` - 1.
        weight: float64[n_interactions], the weight of each interaction. None if all weights are 1.
        count: Number of items.
        cache: Cache of the most recently used lifts, by column name and value.
    """

    columns: Mapping[str, ContextColumn]
    item: NDArray[np.int32]
    weight: NDArray[np.float64] | None
    count: int
    cache: LruCache

    def for_values(self, values: Mapping[str, str | float | None]) -> Iterator[NDArray[np.float32]]:
        """Yield the lifts of all items for each of several values, to be added to relevance: float32[count].

        Columns and values that the training data does not contain are skipped.

        Args:
            values: The values by column name. Null values are skipped.
        """
        for name, value in values.items():
            lift = None if value is None else self.for_value(name, str(value))
            if lift is not None:
                yield lift

    def for_value(self, name: str, value: str) -> NDArray[np.float32] | None:
        """Return the lifts of all items for one value of a column, to be added to relevance: float32[count].

        Args:
            name: The name of the column, in upper or lower case.
            value: The value. Numbers are given as text, too.

        Returns:
            The lifts, or None if there is no such column or no interaction matches the value.
        """
        column = self.columns.get(name.casefold())
        return None if column is None else self.cache.get((name.casefold(), value), lambda: self._lift(column, value))

    def _lift(self, column: ContextColumn, value: str) -> NDArray[np.float32] | None:
        matches = column.matches(value)
        if not matches.any():
            return None
        observed = self._count_items(matches)
        total = self.cache.get("total", lambda: self._count_items(np.ones(len(self.item), dtype=bool)))
        expected = total * (observed.sum() / total.sum())
        return np.asarray(np.log((observed + PRIOR) / (expected + PRIOR)) / INVERSE_TEMPERATURE, dtype=np.float32)

    def _count_items(self, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the number of interactions with each item, or their total weight, float64[count].

        Args:
            mask: bool[n_interactions], the interactions to count.
        """
        weight = None if self.weight is None else self.weight[mask]
        return np.bincount(self.item[mask], weight, minlength=self.count).astype(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UserAttributeLifts:
    """Lifts, which say how much more popular items are among users with an attribute than among all users.

    Attributes:
        users: The Users dataset in the order of the user indices.
        lifts: The lifts of items for the values of the columns of Users.
    """

    users: Metadata
    lifts: ValueLifts

    def for_user(self, user: int, attributes: Mapping[str, str | float | None]) -> Iterator[NDArray[np.float32]]:
        """Yield the lifts of all items for each attribute of a user, to be added to relevance: float32[n_items].

        Args:
            user: The user index, or -1 if the user is unknown.
            attributes: The attributes of the user by column name. If empty, they are taken from the Users dataset.
        """
        return self.lifts.for_values(attributes or self._attributes(user))

    def _attributes(self, user: int) -> dict[str, str | float | None]:
        row = int(self.users.row[user]) if 0 <= user < len(self.users.row) else NULL
        columns = {} if row == NULL else self.users.table.columns
        return {name: _value(column, row) for name, column in columns.items()}


def context_lifts(
    table: Table, interactions: InteractionMatrix, *, item: NDArray[np.int32], count: int
) -> ValueLifts | None:
    """Prepare the lifts of items for contextual metadata: how much more popular each item is in a context than overall.

    Args:
        table: The Interactions dataset.
        interactions: The interactions to learn from.
        item: int32[n_interactions], the item of each interaction, from 0 to `count` - 1.
        count: Number of items.

    Returns:
        The lifts, or None if the Interactions dataset has no contextual columns.
    """
    columns = {
        name.casefold(): ContextColumn(column=column, row=interactions.row)
        for name, column in table.columns.items()
        if name.upper() not in NO_CONTEXT
    }
    return _value_lifts(columns, interactions, item=item, count=count) if columns else None


def user_attribute_lifts(
    users: Metadata, interactions: InteractionMatrix, *, item: NDArray[np.int32], count: int
) -> UserAttributeLifts | None:
    """Prepare the lifts of items for user attributes: how much more popular items are among users with an attribute.

    Categorical and numeric columns of the Users dataset are used.

    Args:
        users: The Users dataset in the order of the user indices.
        interactions: The interactions to learn from.
        item: int32[n_interactions], the item of each interaction, from 0 to `count` - 1.
        count: Number of items.

    Returns:
        The lifts, or None if the Users dataset has no categorical or numeric columns.
    """
    names = [field.name for field in users.fields if field.categorical or field.type not in ("string", "boolean")]
    row = users.row[interactions.user]
    columns = {
        name.casefold(): ContextColumn(column=users.table.columns[name], row=row)
        for name in names
        if name in users.table
    }
    if not columns:
        return None
    return UserAttributeLifts(users=users, lifts=_value_lifts(columns, interactions, item=item, count=count))


def _value_lifts(
    columns: Mapping[str, ContextColumn], interactions: InteractionMatrix, *, item: NDArray[np.int32], count: int
) -> ValueLifts:
    """Create a `ValueLifts` object for some columns. Its attributes of the same names describe the arguments.

    Its cache holds the lifts of at most 512 values. To limit its memory, it holds fewer if there are many items, but at
    least 8.
    """
    size = min(max(CACHED_NUMBERS // max(1, count), CACHED_VALUES[0]), CACHED_VALUES[-1])
    return ValueLifts(columns=columns, item=item, weight=interactions.weight, count=count, cache=LruCache(size))


def _sharing_a_category(column: Strings, value: str) -> NDArray[np.bool_]:
    """Return the mask of the rows that have a category in common with `value`.

    The mask ends with an additional False, which the index -1 selects. This index stands for interactions without a
    row.
    """
    wanted = set(value.split(SEPARATOR)) - {""}
    shares = [not wanted.isdisjoint(text.split(SEPARATOR)) for text in column.values]
    return np.append(np.array([*shares, False])[column.codes], False)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _value(column: Strings | Numbers, row: int) -> str | float | None:
    if isinstance(column, Strings):
        return column.values[column.codes[row]] if column.codes[row] != NULL else None
    return float(column.values[row]) if column.valid is None or column.valid[row] else None
