"""Boolean masks of the rows of a `Metadata` object that meet a condition of a filter expression.

Masks are cached for as long as the `Metadata` object exists. In a text column, a condition is evaluated once per
distinct value, and the result is then assigned to all rows.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from math import ceil, floor
from operator import eq, ge, gt, le, lt
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.metadata import Metadata, split_categories
from personalize_mock.data.tables import Numbers, Strings, Values
from personalize_mock.filtering import errors
from personalize_mock.filtering.errors import InvalidValues
from personalize_mock.filtering.syntax import NEGATIVE, RANGE, FieldName, Operator
from personalize_mock.filtering.values import parse_number
from personalize_mock.lru_cache import LruCache

Mask: TypeAlias = NDArray[np.bool_]
FilterValue: TypeAlias = "str | float"

MAX_MASKS = 32  # per Metadata; a mask takes one byte per row
# A negative operator is evaluated as the positive operator, and the mask is then inverted.
COMPARISONS: dict[Operator, Callable[[Any, Any], Any]] = {
    "IN": eq,
    "NOT_IN": eq,
    "=": eq,
    "!=": eq,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
}


def condition_mask(metadata: Metadata, name: FieldName, operator: Operator, values: tuple[FilterValue, ...]) -> Mask:
    """Return a boolean mask of the rows that meet a condition.

    Args:
        metadata: The rows of the candidates.
        name: The field that is compared. If there is no such column, its value is missing in every row.
        operator: IN and = hold if the row has one of `values`, NOT_IN and != if it has none. Other operators hold if
            the comparison holds for one of `values`.
        values: Strings or numbers. For a numeric field, a string must contain a number.

    Returns:
        bool[rows], read-only. Missing values meet only NOT_IN and `!=`.

    Raises:
        InvalidValues: The field is numeric and a value is not a number.
    """
    cache = _CACHES.get(metadata)
    if cache is None:
        cache = _CACHES.setdefault(metadata, _MaskCache())
    return cache.mask(metadata, name, operator, values)


def to_numbers(name: FieldName, values: Iterable[FilterValue]) -> list[float]:
    """Convert the values of a condition on a numeric field to numbers.

    Args:
        name: The field, for the error message.
        values: Numbers, or strings that contain a number.

    Raises:
        InvalidValues: A value is not a number.
    """
    return [_to_number(name, value) for value in values]


def is_categorical(metadata: Metadata, name: FieldName) -> bool:
    """Return whether a field is categorical, which means that a value can contain several categories joined with `|`.

    If there is no such field, return False.
    """
    field = metadata.field(name.name)
    return field is not None and field.categorical


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _StringIndex:
    """Inverted index of a text column, which gives the distinct values of the column that contain a string.

    In a categorical column, the strings are single categories. In other columns, they are whole values.

    Attributes:
        codes: intp[rows], the code of the value in each row, or `count` if the value is missing. The code is the index
            of the value among the distinct values.
        count: Number of distinct values.
        positions: The index of each string in `starts`.
        starts: int64[strings + 1]. The part of `holders` that belongs to a string begins at its element of `starts` and
            ends before the next element.
        holders: int64[n], for one string after another, the codes of the values that contain it.
    """

    codes: NDArray[np.intp]
    count: int
    positions: dict[str, int]
    starts: NDArray[np.int64]
    holders: NDArray[np.int64]

    def rows_with(self, strings: Iterable[str]) -> Mask:
        """Return a boolean mask of the rows whose value contains at least one of the strings."""
        matching = np.zeros(self.count + 1, dtype=np.bool_)
        for string in strings:
            position = self.positions.get(string)
            if position is not None:
                matching[self.holders[self.starts[position] : self.starts[position + 1]]] = True
        return matching.take(self.codes)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _NumberColumn:
    """A numeric column.

    Values of type int and long are compared as integers, so that large values keep all their digits.

    Attributes:
        values: int64[rows] or float64[rows], 0 where the value is missing.
        known: bool[rows], False where the value is missing. Such rows match no comparison.
    """

    values: Values
    known: Mask

    def among(self, numbers: Sequence[float]) -> Mask:
        """Return a boolean mask of the rows whose value equals one of `numbers`."""
        if self.values.dtype == np.int64:
            numbers = [int(number) for number in numbers if _is_long(number) and number == int(number)]
        matches = np.isin(self.values, np.array(numbers, dtype=self.values.dtype))  # without a rows x numbers matrix
        return self._known(matches)

    def compared(self, operator: Operator, number: float) -> Mask:
        """Return a boolean mask of the rows whose value is less or greater than a number, depending on the operator.

        Args:
            operator: One of `<`, `<=`, `>` and `>=`. The value of the row is on the left-hand side.
            number: The number on the right-hand side.
        """
        compare = COMPARISONS[operator]
        if self.values.dtype != np.int64:
            return self._known(compare(self.values, number))
        if not _is_long(number):
            return self._known(compare(0, number))
        whole = floor(number) if operator in {"<=", ">"} else ceil(number)  # no value lies between the two
        return self._known(compare(self.values, whole))

    def _known(self, matches: Any) -> Mask:
        """Return a boolean mask of the rows that match and whose value is not missing.

        Args:
            matches: bool[rows], True for rows that match, or one bool for all rows.
        """
        return np.asarray(self.known & matches)


def _is_long(number: float) -> bool:
    """Return whether a number is in the range of the type long, a signed integer of 64 bits."""
    return -(2**63) <= number < 2**63


_Column: TypeAlias = "_StringIndex | _NumberColumn | None"


class _MaskCache:
    """Cache of the columns and masks of one `Metadata` object.

    The cache must not hold a reference to this object. Otherwise, the object and its cache would never be freed.
    """

    def __init__(self) -> None:
        self._columns: dict[str, _Column] = {}
        self._masks = LruCache(MAX_MASKS)

    def mask(self, metadata: Metadata, name: FieldName, operator: Operator, values: tuple[FilterValue, ...]) -> Mask:
        key = (name.name, operator, values)
        return self._masks.get(key, lambda: self._compute(metadata, name, operator, values))

    def _compute(self, metadata: Metadata, name: FieldName, operator: Operator, values: Sequence[FilterValue]) -> Mask:
        if name.name not in self._columns:
            self._columns[name.name] = _column(metadata, name)
        column = self._columns[name.name]
        mask = _positive_mask(column, name, operator, values)
        if mask is None:
            mask = np.zeros(len(metadata.row), dtype=np.bool_)
        mask = np.logical_not(mask, out=mask) if operator in NEGATIVE else mask
        mask.flags.writeable = False
        return mask


_CACHES: WeakKeyDictionary[Metadata, _MaskCache] = WeakKeyDictionary()


def _column(metadata: Metadata, name: FieldName) -> _Column:
    """Return a column prepared for comparisons, or None if there is no such column.

    Its rows are in the order of `metadata.ids`.
    """
    column_name = next((column for column in metadata.table.columns if column.upper() == name.name), None)
    column = None if column_name is None else metadata.table.columns[column_name]
    if column_name is None or column is None:
        return None
    if isinstance(column, Numbers):
        return _number_column(column, metadata.row)
    return _string_index(column, metadata.codes(column_name), categorical=is_categorical(metadata, name))


def _number_column(column: Numbers, row: NDArray[np.int32]) -> _NumberColumn:
    """Return a numeric column of a dataset with its rows in another order.

    Args:
        column: The column of the dataset.
        row: int32[rows], for each row of the result, the number of the row in the dataset, or -1 for a missing value.
    """
    known = row >= 0
    if column.valid is not None:
        known &= np.append(column.valid, np.False_)[row]
    values: Values = np.append(column.values, 0)[row]  # row -1 reads the last element
    return _NumberColumn(values=values, known=known)


def _string_index(column: Strings, codes: NDArray[np.int32], *, categorical: bool) -> _StringIndex:
    count = len(column.values)
    if categorical:
        strings, pairs = split_categories(column)
        pairs = pairs[np.argsort(pairs[:, 1], kind="stable")]
    else:
        strings, pairs = column.values, np.repeat(np.arange(count)[:, None], 2, axis=1)
    return _StringIndex(
        codes=np.where(codes < 0, count, codes).astype(np.intp),
        count=count,
        positions={string: position for position, string in enumerate(strings)},
        starts=np.searchsorted(pairs[:, 1], np.arange(len(strings) + 1)),
        holders=pairs[:, 0].copy(),
    )


def _positive_mask(column: _Column, name: FieldName, operator: Operator, values: Sequence[FilterValue]) -> Mask | None:
    """Return a boolean mask of the rows that match at least one value, or None if no row matches.

    NOT_IN and != are treated as IN and =, because the caller inverts the mask.

    Args:
        column: The column of the field, or None if there is no such column.
        name: The field, for the error message.
        operator: The operator that compares a row with a value.
        values: The values on the right-hand side of the condition.

    Raises:
        InvalidValues: The comparison needs numbers, and one of the values is not a number.
    """
    if isinstance(column, _NumberColumn) or operator in RANGE:
        numbers = to_numbers(name, values)
        if not isinstance(column, _NumberColumn):
            return None
        if operator not in RANGE:
            return column.among(numbers)
        masks = [column.compared(operator, number) for number in numbers]
        return reduce(np.logical_or, masks) if masks else None
    return None if column is None else column.rows_with(map(str, values))


def _to_number(name: FieldName, value: FilterValue) -> float:
    number = parse_number(value) if isinstance(value, str) else value
    if number is None:
        raise InvalidValues(errors.NOT_A_NUMBER.format(field=name.text))
    return number
