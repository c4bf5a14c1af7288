"""View of the metadata of items, users or actions, with one row per id of an `IdMap`.

The view does not copy the dataset. It holds the table of the dataset and, for each id, the number of its row.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.dataset_table import DatasetTable
from personalize_mock.data.id_map import UNKNOWN, IdMap
from personalize_mock.data.tables import Strings, Table

SEPARATOR = "|"  # between the categories of one value


class _Referable:
    """Base class that allows weak references to slotted objects, so that caches can drop entries of deleted objects."""

    __slots__ = ("__weakref__",)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Metadata(_Referable):
    """View of an Items, Users or Actions dataset with one row per id, in the order of `ids`.

    Attributes:
        ids: The ids of the items, users or actions, which define the order of the view.
        dataset: The dataset, with its rows in their original order.
        row: int32[len(ids)], row number of each id in the dataset, or -1 if no row has the id.
    """

    ids: IdMap
    dataset: DatasetTable
    row: NDArray[np.int32]

    @classmethod
    def from_dataset(cls, dataset: DatasetTable, ids: IdMap) -> "Metadata":
        """Return a view of a dataset in the order of `ids`. If several rows have the same id, the last one counts."""
        column = dataset.ids
        rows = np.flatnonzero(column.codes >= 0)
        row_of_value = np.full(len(column.values), UNKNOWN, dtype=np.int32)
        row_of_value[column.codes[rows]] = rows  # of repeated positions, numpy keeps the last assignment
        row = np.full(len(ids), UNKNOWN, dtype=np.int32)
        indices = ids.indices(column.values)
        row[indices[indices >= 0]] = row_of_value[indices >= 0]
        return cls(ids=ids, dataset=dataset, row=row)

    @property
    def table(self) -> Table:
        """The table of the dataset, with its rows in their original order rather than in the order of `ids`."""
        return self.dataset.table

    @property
    def fields(self) -> tuple[SchemaField, ...]:
        """All fields of the dataset except the id."""
        return self.dataset.metadata_fields

    def field(self, name: str) -> SchemaField | None:
        """Return the field called `name`, ignoring case, or None if there is no such field."""
        return next((field for field in self.fields if field.name.casefold() == name.casefold()), None)

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Return the values of a numeric column in the order of `ids`, float64[len(ids)].

        Null values, and ids without a row in the dataset, give NaN.

        Raises:
            KeyError: There is no such column.
            TypeError: The column holds text.
        """
        column = self.table.numbers(name)
        known = np.full(len(column) + 1, np.nan)  # row -1 reads the last element
        valid = slice(None) if column.valid is None else column.valid
        known[:-1][valid] = column.values[valid]
        return known[self.row]

    def codes(self, name: str) -> NDArray[np.int32]:
        """Return the codes of a text column in the order of `ids`, int32[len(ids)].

        A code is the position of a value in the list of the column's distinct values. Null values, and ids without a
        row in the dataset, give -1.
        """
        column = self.table.strings(name)
        return np.append(column.codes, np.int32(UNKNOWN))[self.row]

    def texts(self, name: str) -> list[str | None]:
        """Return the values of a text column in the order of `ids`.

        Null values, and ids without a row in the dataset, give None.
        """
        values = (*self.table.strings(name).values, None)  # code -1 reads the last element
        return [values[code] for code in self.codes(name).tolist()]

    def categories(self, name: str) -> tuple[tuple[str, ...], sparse.csr_matrix]:
        """Return the categories of a text column, and which ids have them.

        A value may contain several categories, joined with `|`.

        Returns:
            The categories in lexicographic order, and a sparse float64 matrix of shape (len(ids), n_categories), which
            is 1 where an id has a category.
        """
        column = self.table.strings(name)
        names, pairs = split_categories(column)
        per_value = sparse.csr_matrix(
            (np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(column.values) + 1, len(names))
        )
        return names, per_value[self.codes(name)]  # code -1 reads the last row, which is empty


def split_categories(column: Strings) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Split the values of a text column at each `|` into categories.

    Returns:
        The categories in lexicographic order, and an array int64[n, 2] with one row for each category of each distinct
        value. A row contains the position of the value in `column.values` and the position of the category.
    """
    parts = [(code, part) for code, value in enumerate(column.values) for part in set(value.split(SEPARATOR)) if part]
    names = tuple(sorted({part for _, part in parts}))
    position = {name: at for at, name in enumerate(names)}
    pairs = sorted((code, position[part]) for code, part in parts)
    return names, np.array(pairs, dtype=np.int64).reshape(-1, 2)
