"""Lifts: how much likelier items are in a context, or for users of a kind, than they are for all.

With e events expected of an item and o observed under a value (of a contextual column such as the device, or of a
column of Users), the lift is log((o + PRIOR) / (e + PRIOR)). Added to logits that is naive Bayes: for a user without
history, whose logits are the logarithms of popularity, it gives the popularity under that value.
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
KEPT = range(8, 513)
KEPT_NUMBERS = 1 << 24
BINS = 10
NO_CONTEXT = frozenset(
    (
        *("USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "EVENT_VALUE"),
        *("IMPRESSION", "RECOMMENDATION_ID", "EVENT_ATTRIBUTION_SOURCE"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ContextColumn:
    """A column, and which of its rows each event has.

    Attributes:
        column: The column.
        row: int64[events], positions in it; -1 where an event has none.
    """

    column: Strings | Numbers
    row: NDArray[np.integer]

    def holds(self, value: str) -> NDArray[np.bool_]:
        """For which events the value holds: it shares a category, or falls into the same tenth of the numbers."""
        if isinstance(self.column, Strings):
            return np.asarray(_shares(self.column, value)[self.row])
        return self._near(self.column, value)

    def _near(self, column: Numbers, value: str) -> NDArray[np.bool_]:
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
class Lifts:
    """The lifts of all values of some columns, each computed when it is first asked for.

    Attributes:
        traits: The columns, by their names in lower case.
        item: int32[events], which item each event has.
        weight: float64[events], what it counts; None if all count 1.
        count: How many items there are.
        kept: The lifts that were asked for last.
    """

    traits: Mapping[str, ContextColumn]
    item: NDArray[np.int32]
    weight: NDArray[np.float64] | None
    count: int
    kept: LruCache

    def of(self, name: str, value: str) -> NDArray[np.float32] | None:
        """What a value adds to relevance, float32[items]; None for unknown columns and values."""
        trait = self.traits.get(name.casefold())
        return None if trait is None else self.kept.get((name.casefold(), value), lambda: self._lift(trait, value))

    def _lift(self, trait: ContextColumn, value: str) -> NDArray[np.float32] | None:
        holds = trait.holds(value)
        if not holds.any():
            return None
        observed = self._counts(holds)
        whole = self.kept.get("whole", lambda: self._counts(np.ones(len(self.item), dtype=bool)))
        expected = whole * (observed.sum() / whole.sum())
        return np.asarray(np.log((observed + PRIOR) / (expected + PRIOR)) / INVERSE_TEMPERATURE, dtype=np.float32)

    def _counts(self, events: NDArray[np.bool_]) -> NDArray[np.float64]:
        weight = None if self.weight is None else self.weight[events]
        return np.bincount(self.item[events], weight, minlength=self.count).astype(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UserAttributeLifts:
    """The lifts of what the Users dataset says of a user.

    Attributes:
        users: The Users dataset in the order of the users' codes.
        lifts: Of its columns.
    """

    users: Metadata
    lifts: Lifts

    def of(self, user: int, traits: Mapping[str, str | float | None]) -> Iterator[NDArray[np.float32]]:
        """What each column adds to relevance: by the traits, without any by what is known of the user's code."""
        for name, value in (traits or self._of_code(user)).items():
            lift = None if value is None else self.lifts.of(name, str(value))
            if lift is not None:
                yield lift

    def _of_code(self, user: int) -> dict[str, str | float | None]:
        row = int(self.users.row[user]) if 0 <= user < len(self.users.row) else NULL
        columns = {} if row == NULL else self.users.table.columns
        return {name: _value(column, row) for name, column in columns.items()}


def contextual(interactions: Table, events: InteractionMatrix, *, item: NDArray[np.int32], count: int) -> Lifts | None:
    """The lifts of contextual metadata, None if the Interactions dataset has none.

    Args:
        interactions: The dataset.
        events: What is learned from.
        item: int32[events], the items of the events, numbered below `count`.
        count: How many items there are.
    """
    traits = {
        name.casefold(): ContextColumn(column=column, row=events.row)
        for name, column in interactions.columns.items()
        if name.upper() not in NO_CONTEXT
    }
    return _lifts(traits, events, item=item, count=count) if traits else None


def user_kinds(
    users: Metadata, events: InteractionMatrix, *, item: NDArray[np.int32], count: int
) -> UserAttributeLifts | None:
    """The lifts of the categorical and numeric columns of Users, None if there are none; see `contextual`."""
    usable = [each.name for each in users.fields if each.categorical or each.type not in ("string", "boolean")]
    columns = {name: users.table.columns[name] for name in usable if name in users.table}
    row = users.row[events.user]
    traits = {name.casefold(): ContextColumn(column=column, row=row) for name, column in columns.items()}
    return UserAttributeLifts(users=users, lifts=_lifts(traits, events, item=item, count=count)) if traits else None


def _lifts(
    traits: Mapping[str, ContextColumn], events: InteractionMatrix, *, item: NDArray[np.int32], count: int
) -> Lifts:
    """Lifts that keep many values of a small catalogue, and few of a large one."""
    size = min(max(KEPT_NUMBERS // max(1, count), KEPT[0]), KEPT[-1])
    return Lifts(traits=traits, item=item, weight=events.weight, count=count, kept=LruCache(size))


def _shares(column: Strings, value: str) -> NDArray[np.bool_]:
    """For each row of a column whether its categories and those of `value` meet; one more, False, for no row."""
    wanted = set(value.split(SEPARATOR)) - {""}
    meets = [not wanted.isdisjoint(each.split(SEPARATOR)) for each in column.values]
    return np.append(np.array([*meets, False])[column.codes], False)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _value(column: Strings | Numbers, row: int) -> str | float | None:
    if isinstance(column, Strings):
        return column.values[column.codes[row]] if column.codes[row] != NULL else None
    return float(column.values[row]) if column.valid is None or column.valid[row] else None
