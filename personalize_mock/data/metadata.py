"""What is known about ids: the rows of a keyed dataset (Items, Users, Actions), found by row number of an id.

Nothing is copied: a view holds the dataset's table and, for each id, the row in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.id_map import UNKNOWN, IdMap
from personalize_mock.data.tables import Strings, Table

SEPARATOR = "|"


class _Referable:
    """Lets slotted objects be the keys of weak dictionaries, so that what is computed of them ends with them."""

    __slots__ = ("__weakref__",)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Metadata(_Referable):
    """The rows of a dataset, in the order of some ids.

    Attributes:
        ids: The ids.
        table: The dataset, in its own order.
        row: int32[len(ids)], the row in `table` of each id, -1 where the dataset has none.
        fields: The fields that may be used, the key not among them.
    """

    ids: IdMap
    table: Table
    row: NDArray[np.int32]
    fields: tuple[SchemaField, ...]

    def field(self, name: str) -> SchemaField | None:
        """The field of that name in any case, or None."""
        return next((field for field in self.fields if field.name.casefold() == name.casefold()), None)

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A column of numbers: float64[len(ids)], NaN where the value or the row is missing.

        Raises:
            KeyError: there is no such column.
            TypeError: it holds text.
        """
        column = self.table.numbers(name)
        known = np.full(len(column) + 1, np.nan)  # one more, which -1 reads
        valid = slice(None) if column.valid is None else column.valid
        known[:-1][valid] = column.values[valid]
        return known[self.row]

    def codes(self, name: str) -> NDArray[np.int32]:
        """The codes of a column of text, int32[len(ids)], -1 where the value or the row is missing."""
        column = self.table.strings(name)
        return np.append(column.codes, np.int32(UNKNOWN))[self.row]

    def texts(self, name: str) -> list[str | None]:
        """A column of text, None where the value or the row is missing."""
        values = (*self.table.strings(name).values, None)  # -1 reads the last one
        return [values[code] for code in self.codes(name).tolist()]

    def categories(self, name: str) -> tuple[tuple[str, ...], sparse.csr_matrix]:
        """The categories of a column, which a value may join with `|`, and which id has which.

        Returns:
            The categories in lexicographic order, and float64[len(ids), categories] of zeros and ones.
        """
        column = self.table.strings(name)
        names, pairs = split_categories(column)
        per_value = sparse.csr_matrix(
            (np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(column.values) + 1, len(names))
        )
        return names, per_value[self.codes(name)]  # the last row, which -1 reads, is empty


def aligned(table: Table, ids: IdMap, *, key: str, fields: Sequence[SchemaField]) -> Metadata:
    """The view of a dataset in the order of `ids`.

    Args:
        table: The dataset; of rows with the same key the last one counts.
        ids: The ids.
        key: The column that holds the ids of the dataset.
        fields: The fields that may be used.
    """
    column = table.strings(key)
    rows = np.flatnonzero(column.codes >= 0)
    row_of_value = np.full(len(column.values), UNKNOWN, dtype=np.int32)
    row_of_value[column.codes[rows]] = rows  # of repeated positions, numpy keeps what was assigned last
    row = np.full(len(ids), UNKNOWN, dtype=np.int32)
    places = ids.indices(column.values)
    row[places[places >= 0]] = row_of_value[places >= 0]
    return Metadata(ids=ids, table=table, row=row, fields=tuple(each for each in fields if each.name != key))


def split_categories(column: Strings) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The categories of a column in lexicographic order, and int64[n, 2] pairs of value code and category."""
    parts = [(code, part) for code, value in enumerate(column.values) for part in set(value.split(SEPARATOR)) if part]
    names = tuple(sorted({part for _, part in parts}))
    place = {name: at for at, name in enumerate(names)}
    pairs = sorted((code, place[part]) for code, part in parts)
    return names, np.array(pairs, dtype=np.int64).reshape(-1, 2)
