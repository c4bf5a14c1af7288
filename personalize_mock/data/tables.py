"""Tables with typed columns.

A text column stores its distinct values and one code per row. A numeric column is an array.

The distinct values of a text column are in the order of their first occurrence, and each of them occurs in at least one
row. All functions here preserve this, so that the id of a deleted user does not remain in a column.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from personalize_mock.content_cache import digest

Codes: TypeAlias = NDArray[np.int32]
Values: TypeAlias = "NDArray[np.int64] | NDArray[np.float64]"
Rows: TypeAlias = "NDArray[np.integer] | NDArray[np.bool_]"
FieldValue: TypeAlias = "str | int | float | None"
NULL = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strings:
    """A column of text, stored as distinct values and one integer code per row.

    Attributes:
        codes: int32[n], positions in `values`; -1 is null.
        values: The distinct values, in the order of their first occurrence.
    """

    codes: Codes
    values: tuple[str, ...]

    @classmethod
    def from_values(cls, values: Iterable[str | None]) -> Strings:
        """Return a column that contains `values`. None becomes null."""
        known: dict[str, int] = {}
        codes = [NULL if value is None else known.setdefault(value, len(known)) for value in values]
        return cls(codes=np.array(codes, dtype=np.int32), values=tuple(known))

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[str | None]:
        values = (*self.values, None)  # code -1 reads the last element
        return (values[code] for code in self.codes.tolist())

    def select(self, rows: Rows) -> Strings:
        """Return a column that contains only the given rows.

        Distinct values that no longer occur are removed from `values`.

        Args:
            rows: Row numbers in any order, or a boolean mask as long as the column.
        """
        codes = self.codes[rows]
        order = _by_first_occurrence(codes, len(self.values))
        new_codes = np.full(len(self.values) + 1, NULL, dtype=np.int32)  # code -1 reads the last element
        new_codes[order] = np.arange(len(order), dtype=np.int32)
        return Strings(codes=new_codes[codes], values=tuple(self.values[code] for code in order.tolist()))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Numbers:
    """A column of numbers. Booleans are stored as 0 and 1.

    Attributes:
        values: int64[n] or float64[n], 0 where the value is null.
        valid: bool[n], False where the value is null. None if no value is null.
    """

    values: Values
    valid: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[float | None]:
        if self.valid is None:
            return iter(self.values.tolist())
        pairs = zip(self.values.tolist(), self.valid.tolist(), strict=True)
        return (value if valid else None for value, valid in pairs)

    def select(self, rows: Rows) -> Numbers:
        """Return a column that contains only the given rows.

        Args:
            rows: Row numbers in any order, or a boolean mask as long as the column.
        """
        return Numbers(values=self.values[rows], valid=None if self.valid is None else self.valid[rows])


Column: TypeAlias = "Strings | Numbers"


@dataclass(frozen=True, kw_only=True, eq=False)  # without slots, so that the digest is computed once
class Table:
    """A table, which has named columns of equal length.

    Attributes:
        columns: The columns by name.
        rows: Number of rows.
    """

    columns: dict[str, Column]
    rows: int

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    @cached_property
    def digest(self) -> bytes:
        """Hash of the names and values of all columns. It depends on the order of the columns and rows."""
        return digest(*(part for name, column in self.columns.items() for part in (name, *_content(column))))

    def strings(self, name: str) -> Strings:
        """Return the text column `name`; raise KeyError if it is missing, TypeError if it holds numbers."""
        column = self.columns[name]
        if not isinstance(column, Strings):
            raise TypeError(f"The column {name} holds numbers, not text. Choose a string column.")
        return column

    def numbers(self, name: str) -> Numbers:
        """Return the numeric column `name`; raise KeyError if it is missing, TypeError if it holds text."""
        column = self.columns[name]
        if not isinstance(column, Numbers):
            raise TypeError(f"The column {name} holds text, not numbers. Choose a numeric column.")
        return column

    def select(self, rows: Rows) -> Table:
        """Return a table that contains only the given rows.

        Args:
            rows: Row numbers in any order, or a boolean mask as long as the table.
        """
        count = np.count_nonzero(rows) if rows.dtype == np.bool_ else len(rows)
        return Table(columns={name: column.select(rows) for name, column in self.columns.items()}, rows=int(count))


def concatenate(tables: Sequence[Table]) -> Table:
    """Concatenate tables into one table that contains the rows of each, in the order of `tables`.

    If a table lacks a column that another table has, its rows are null in this column.

    Raises:
        ValueError: A column holds text in one table and numbers in another.
    """
    if len(tables) <= 1:
        return tables[0] if tables else Table(columns={}, rows=0)
    known = {name: column for table in tables for name, column in table.columns.items()}
    columns = {
        name: _concatenate_columns(
            [table.columns[name] if name in table else _nulls(like, table.rows) for table in tables]
        )
        for name, like in known.items()
    }
    return Table(columns=columns, rows=sum(table.rows for table in tables))


def distinct(table: Table) -> Table:
    """Return a table without the rows that equal an earlier row in all columns."""
    same = np.zeros(table.rows, dtype=np.int64)
    for column in table.columns.values():
        codes, count = _codes(column)
        same = np.unique(same * count + codes, return_inverse=True)[1]
    return table.select(np.sort(np.unique(same, return_index=True)[1]))


def latest_by(table: Table, column: str) -> Table:
    """Return a table with the last row for each distinct value of a column, such as the newest row of each item.

    The rows are in the order in which the values first occur. Rows in which the value is null are dropped.

    Args:
        table: The table from which the rows are taken.
        column: Name of a text column.
    """
    ids = table.strings(column)
    if len(ids.values) == table.rows:
        return table  # no value repeats, and none is null
    rows = np.flatnonzero(ids.codes != NULL)
    last = np.zeros(len(ids.values), dtype=np.int64)
    last[ids.codes[rows]] = rows  # of repeated positions, numpy keeps the last assignment
    return table.select(last)


def _content(column: Column) -> tuple[bytes | str, ...]:
    """Return the type and the values of a column as strings and bytes, the input of the hash `Table.digest`."""
    if isinstance(column, Strings):
        return "text", column.codes.tobytes(), repr(column.values)
    valid = b"" if column.valid is None else column.valid.tobytes()
    return str(column.values.dtype), column.values.tobytes(), valid


def _nulls(like: Column, rows: int) -> Column:
    if isinstance(like, Strings):
        return Strings(codes=np.full(rows, NULL, dtype=np.int32), values=())
    integers = like.values.dtype.kind == "i"
    zeros = np.zeros(rows, dtype=np.int64) if integers else np.zeros(rows, dtype=np.float64)
    return Numbers(values=zeros, valid=np.zeros(rows, dtype=np.bool_))


def _codes(column: Column) -> tuple[NDArray[np.int64], int]:
    """Return one integer code per row of a column, and a number that is greater than all codes.

    Rows have the same code if their values are equal. The code of null is 0.
    """
    if isinstance(column, Strings):
        return column.codes.astype(np.int64) + 1, len(column.values) + 1
    values, codes = np.unique(column.values, return_inverse=True)
    return (codes + 1) * (1 if column.valid is None else column.valid), len(values) + 1


def _concatenate_columns(columns: Sequence[Column]) -> Column:
    strings = [column for column in columns if isinstance(column, Strings)]
    numbers = [column for column in columns if isinstance(column, Numbers)]
    if strings and numbers:
        raise ValueError("Columns of strings cannot be concatenated with columns of numbers.")
    return _concatenate_strings(strings) if strings else _concatenate_numbers(numbers)


def _concatenate_strings(columns: Sequence[Strings]) -> Strings:
    known: dict[str, int] = {}
    parts = []
    for column in columns:
        positions = [known.setdefault(value, len(known)) for value in column.values]
        parts.append(np.array([*positions, NULL], dtype=np.int32)[column.codes])
    return Strings(codes=np.concatenate(parts), values=tuple(known))


def _concatenate_numbers(columns: Sequence[Numbers]) -> Numbers:
    values = np.concatenate([column.values for column in columns])
    if all(column.valid is None for column in columns):
        return Numbers(values=values)
    valid = [np.ones(len(c), dtype=np.bool_) if c.valid is None else c.valid for c in columns]
    return Numbers(values=values, valid=np.concatenate(valid))


def _by_first_occurrence(codes: Codes, count: int) -> NDArray[np.intp]:
    """Return the distinct codes except -1 (null), in the order of their first occurrence.

    Args:
        codes: The codes, from -1 to `count` - 1.
        count: Number of distinct values to which the codes refer.
    """
    first = np.full(count + 1, len(codes), dtype=np.int64)  # code -1 writes the last element
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    occurring = np.flatnonzero(first[:count] < len(codes))
    return occurring[np.argsort(first[occurring])]
