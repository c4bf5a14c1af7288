"""Which items have which value of which attribute: what attribute affinities are trained on and asked about."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.metadata import Metadata

RESERVED = frozenset({"CREATION_TIMESTAMP"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CategoricalAttribute:
    """A categorical column.

    Attributes:
        names: The categories, in lexicographic order.
        items: items x categories, of zeros and ones, by column.
    """

    names: tuple[str, ...]
    items: sparse.csc_matrix

    @property
    def useful(self) -> bool:
        """Whether there are two categories, and two items of one."""
        return len(self.names) > 1 and int(np.diff(self.items.indptr).max()) > 1

    def values(self) -> Sequence[str]:
        """All values, in order."""
        return self.names

    def having(self, value: str) -> NDArray[np.bool_]:
        """Which items have a category: bool[items]; its case counts."""
        mask = np.zeros(self.items.shape[0], dtype=bool)
        at = bisect_left(self.names, value)
        if self.names[at : at + 1] == (value,):
            mask[self.items.indices[self.items.indptr[at] : self.items.indptr[at + 1]]] = True
        return mask


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NumericAttribute:
    """A column of numbers.

    Attributes:
        numbers: float64[items], NaN where missing.
    """

    numbers: NDArray[np.float64]

    @property
    def useful(self) -> bool:
        """Whether there are two values, and two items of one."""
        counts = np.unique(self.numbers[~np.isnan(self.numbers)], return_counts=True)[1]
        return len(counts) > 1 and int(counts.max()) > 1

    def values(self) -> Sequence[str]:
        """All values, ascending, as text that `having` reads back."""
        return [repr(value) for value in np.unique(self.numbers[~np.isnan(self.numbers)]).tolist()]

    def having(self, value: str) -> NDArray[np.bool_]:
        """Which items have a number, given as text: bool[items]; none if it is no number."""
        return np.asarray(self.numbers == _number(value))


def _number(text: str) -> float:
    """NaN, which equals nothing, if the text is no number."""
    try:
        return float(text)
    except ValueError:
        return np.nan


Attribute: TypeAlias = CategoricalAttribute | NumericAttribute


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemAttributes:
    """The useful attributes of items.

    Attributes:
        count: How many items there are.
        columns: By case-folded name.
    """

    count: int
    columns: Mapping[str, Attribute]

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every column with every value."""
        return ((name, value) for name, column in self.columns.items() for value in column.values())

    def having(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.bool_]:
        """Which items have all the values: bool[items]; none for an unknown column, or without any pair."""
        mask = np.full(self.count, bool(pairs))
        for name, value in pairs:
            column = self.columns.get(name.casefold())
            mask &= False if column is None else column.having(value)
        return mask


def item_attributes(items: Metadata | None) -> ItemAttributes:
    """The categorical and numeric columns in which items differ and some agree.

    The service refuses to train if "all attribute values either have same or all distinct values" (reference: errors);
    that this holds column by column, with the missing values set aside, is inferred.
    """
    if items is None:
        return ItemAttributes(count=0, columns={})
    found = {field.name.casefold(): _read(items, field) for field in items.fields if field.name not in RESERVED}
    columns = {name: column for name, column in sorted(found.items()) if column is not None and column.useful}
    return ItemAttributes(count=len(items.ids), columns=columns)


def _read(items: Metadata, field: SchemaField) -> Attribute | None:
    """A column; None for booleans and for text that is not categorical."""
    if field.type not in ("string", "boolean"):
        return NumericAttribute(numbers=items.numbers(field.name))
    if not field.categorical:
        return None
    names, matrix = items.categories(field.name)
    return CategoricalAttribute(names=names, items=matrix.tocsc())
