"""Item attributes for the Item-Attribute-Affinity recipe, and boolean masks of the items with given values."""

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
    """A categorical column of the Items dataset.

    Attributes:
        names: The categories, in lexicographic order.
        matrix: Sparse, of shape (n_items, len(names)), 1 where an item has a category.
    """

    names: tuple[str, ...]
    matrix: sparse.csc_matrix

    @property
    def is_trainable(self) -> bool:
        """Whether a model can be trained on the column.

        The column must have at least two categories, and at least two items must share a category.
        """
        return len(self.names) > 1 and int(np.diff(self.matrix.indptr).max()) > 1

    def values(self) -> Sequence[str]:
        """Return the categories in lexicographic order."""
        return self.names

    def mask(self, value: str) -> NDArray[np.bool_]:
        """Return a boolean mask of the items that belong to the category `value`, bool[n_items]. Case matters."""
        mask = np.zeros(self.matrix.shape[0], dtype=bool)
        at = bisect_left(self.names, value)
        if self.names[at : at + 1] == (value,):
            mask[self.matrix.indices[self.matrix.indptr[at] : self.matrix.indptr[at + 1]]] = True
        return mask


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NumericAttribute:
    """A numeric column of the Items dataset.

    Attributes:
        numbers: float64[n_items], the value of each item in the column, or NaN if it is missing.
    """

    numbers: NDArray[np.float64]

    @property
    def is_trainable(self) -> bool:
        """Whether a model can be trained on the column.

        The column must have at least two distinct numbers, and at least two items must share a number.
        """
        counts = np.unique(self.numbers[~np.isnan(self.numbers)], return_counts=True)[1]
        return len(counts) > 1 and int(counts.max()) > 1

    def values(self) -> Sequence[str]:
        """Return the distinct numbers of the column in ascending order, as strings that `mask` accepts."""
        return [repr(value) for value in np.unique(self.numbers[~np.isnan(self.numbers)]).tolist()]

    def mask(self, value: str) -> NDArray[np.bool_]:
        """Return a boolean mask of the items whose number equals `value`, bool[n_items].

        Args:
            value: The number as a string. A string that is not a number matches no item.
        """
        return np.asarray(self.numbers == _number(value))


def _number(text: str) -> float:
    """Convert a string to a number. If it is not a number, return NaN, which is not equal to any number."""
    try:
        return float(text)
    except ValueError:
        return np.nan


Attribute: TypeAlias = CategoricalAttribute | NumericAttribute


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemAttributes:
    """The attributes of items on which a model can be trained.

    Attributes:
        count: Number of items.
        columns: The attributes by column name, in lower case.
    """

    count: int
    columns: Mapping[str, Attribute]

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield a pair (column name, value) for each distinct value of each attribute."""
        return ((name, value) for name, column in self.columns.items() for value in column.values())

    def mask(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.bool_]:
        """Return a boolean mask of the items that have all the given attribute values, bool[n_items].

        No item matches if a column is unknown or `pairs` is empty.

        Args:
            pairs: Pairs of a column name, in any case, and the value that the item must have in this column.
        """
        mask = np.full(self.count, bool(pairs))
        for name, value in pairs:
            column = self.columns.get(name.casefold())
            mask &= False if column is None else column.mask(value)
        return mask


def item_attributes(items: Metadata | None) -> ItemAttributes:
    """Return the item attributes on which a model can be trained.

    These are the categorical and numeric columns with at least two distinct values, at least one of them shared by
    several items. CREATION_TIMESTAMP is left out.

    The service refuses to train if "all attribute values either have same or all distinct values" (error message quoted
    by AWS in a public issue, 2022). The mock assumes that the rule applies to each column separately and ignores
    missing values.

    Args:
        items: The metadata of the items, or None if there is no Items dataset.
    """
    if items is None:
        return ItemAttributes(count=0, columns={})
    columns = {field.name.casefold(): _read(items, field) for field in items.fields if field.name not in RESERVED}
    trainable = {name: column for name, column in sorted(columns.items()) if column is not None and column.is_trainable}
    return ItemAttributes(count=len(items.ids), columns=trainable)


def _read(items: Metadata, field: SchemaField) -> Attribute | None:
    """Return a column of the Items dataset as an attribute, or None if it holds booleans or text without categories."""
    if field.type not in ("string", "boolean"):
        return NumericAttribute(numbers=items.numbers(field.name))
    if not field.categorical:
        return None
    names, matrix = items.categories(field.name)
    return CategoricalAttribute(names=names, matrix=matrix.tocsc())
