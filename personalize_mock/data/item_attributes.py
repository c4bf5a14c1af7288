"""Attribute values of items, for the Item-Attribute-Affinity recipe."""

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
        matrix: Shape (n_items, len(names)), 1 where an item has a category.
    """

    names: tuple[str, ...]
    matrix: sparse.csc_matrix

    @property
    def is_trainable(self) -> bool:
        """Whether there are at least two categories, one of which has at least two items."""
        return len(self.names) > 1 and int(np.diff(self.matrix.indptr).max()) > 1

    def values(self) -> Sequence[str]:
        """Return the categories in lexicographic order."""
        return self.names

    def mask(self, value: str) -> NDArray[np.bool_]:
        """Return the mask of the items with the category `value` (case-sensitive), bool[n_items]."""
        mask = np.zeros(self.matrix.shape[0], dtype=bool)
        at = bisect_left(self.names, value)
        if self.names[at : at + 1] == (value,):
            mask[self.matrix.indices[self.matrix.indptr[at] : self.matrix.indptr[at + 1]]] = True
        return mask


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NumericAttribute:
    """A column of numbers.

    Attributes:
        numbers: float64[n_items], NaN where missing.
    """

    numbers: NDArray[np.float64]

    @property
    def is_trainable(self) -> bool:
        """Whether there are at least two values, one of which has at least two items."""
        counts = np.unique(self.numbers[~np.isnan(self.numbers)], return_counts=True)[1]
        return len(counts) > 1 and int(counts.max()) > 1

    def values(self) -> Sequence[str]:
        """Return the values in ascending order, as texts that `mask` accepts."""
        return [repr(value) for value in np.unique(self.numbers[~np.isnan(self.numbers)]).tolist()]

    def mask(self, value: str) -> NDArray[np.bool_]:
        """Return the mask of the items with the number in `value`, bool[n_items]. Other texts match no item."""
        return np.asarray(self.numbers == _number(value))


def _number(text: str) -> float:
    """Return the number in `text`, or NaN if there is none. NaN does not equal any item's number."""
    try:
        return float(text)
    except ValueError:
        return np.nan


Attribute: TypeAlias = CategoricalAttribute | NumericAttribute


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemAttributes:
    """The trainable attributes of items.

    Attributes:
        count: The number of items.
        columns: The attributes by casefolded name.
    """

    count: int
    columns: Mapping[str, Attribute]

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield all pairs of a column name and a value."""
        return ((name, value) for name, column in self.columns.items() for value in column.values())

    def mask(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.bool_]:
        """Return the mask of the items that have all values, bool[n_items].

        No item matches if a column is unknown or `pairs` is empty.
        """
        mask = np.full(self.count, bool(pairs))
        for name, value in pairs:
            column = self.columns.get(name.casefold())
            mask &= False if column is None else column.mask(value)
        return mask


def item_attributes(items: Metadata | None) -> ItemAttributes:
    """Return the categorical and numeric columns that have at least two values, one of which several items share.

    The service refuses to train if "all attribute values either have same or all distinct values" (quoted by an AWS
    author, 2022). It is inferred that this applies to each column separately and that missing values are ignored.
    """
    if items is None:
        return ItemAttributes(count=0, columns={})
    columns = {field.name.casefold(): _read(items, field) for field in items.fields if field.name not in RESERVED}
    trainable = {name: column for name, column in sorted(columns.items()) if column is not None and column.is_trainable}
    return ItemAttributes(count=len(items.ids), columns=trainable)


def _read(items: Metadata, field: SchemaField) -> Attribute | None:
    """Return a column, or None if it holds booleans or text that is not categorical."""
    if field.type not in ("string", "boolean"):
        return NumericAttribute(numbers=items.numbers(field.name))
    if not field.categorical:
        return None
    names, matrix = items.categories(field.name)
    return CategoricalAttribute(names=names, matrix=matrix.tocsc())
