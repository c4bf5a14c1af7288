"""What filters ask of the rows of a dataset: masks of one condition each, computed once for as long as the rows live.

Rows are compared by the codes of their values, never as text: a condition is looked up among the distinct values, and
the result is spread over the rows.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import eq, ge, gt, le, lt
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.metadata import Metadata, split_categories
from personalize_mock.data.tables import Numbers, Strings
from personalize_mock.filtering import errors
from personalize_mock.filtering.errors import InvalidValues
from personalize_mock.filtering.syntax import NEGATIVE, RANGE, FieldName, Operator
from personalize_mock.filtering.values import number
from personalize_mock.lru_cache import LruCache

Mask: TypeAlias = NDArray[np.bool_]
Value: TypeAlias = "str | float"

MASKS = 32  # per metadata; each is a byte per row
# The negations are those of equality.
COMPARE: dict[Operator, Callable[[Any, Any], Any]] = {
    "IN": eq,
    "NOT_IN": eq,
    "=": eq,
    "!=": eq,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
}


def mask(metadata: Metadata, name: FieldName, operator: Operator, values: tuple[Value, ...]) -> Mask:
    """The rows that meet a condition.

    Args:
        metadata: the rows.
        name: the field; a field that there is no column of counts as missing everywhere.
        operator: IN, = and their negations ask whether one of `values` is there, the others compare with each.
        values: texts or numbers; a numeric field also takes numbers written as text.

    Returns:
        bool[rows], read-only. A missing value fails every test but NOT_IN and `!=`.

    Raises:
        InvalidValues: a numeric field and a value that is no number.
    """
    columns = _COLUMNS.get(metadata)
    if columns is None:
        columns = _COLUMNS.setdefault(metadata, _Columns())
    return columns.mask(metadata, name, operator, values)


def to_numbers(name: FieldName, values: Iterable[Value]) -> list[float]:
    """Values for a numeric field.

    Raises:
        InvalidValues: one is no number.
    """
    return [_number(name, value) for value in values]


def categorical(metadata: Metadata, name: FieldName) -> bool:
    """Whether the values of a field are categories, joined with `|`."""
    field = metadata.field(name.name)
    return field is not None and field.categorical


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Texts:
    """A column of text, prepared for look-ups.

    Attributes:
        row: intp[rows], the code of each row's value, `count` where it is missing.
        count: how many distinct values there are.
        place: the position of each text, or category, in `start`.
        start: int[texts + 1], where the codes of the values that hold a text begin in `holder`.
        holder: intp[n], codes of values.
    """

    row: NDArray[np.intp]
    count: int
    place: dict[str, int]
    start: NDArray[np.int64]
    holder: NDArray[np.int64]

    def having(self, texts: Iterable[str]) -> Mask:
        """The rows with one of the texts."""
        found = np.zeros(self.count + 1, dtype=np.bool_)
        for text in texts:
            place = self.place.get(text)
            if place is not None:
                found[self.holder[self.start[place] : self.start[place + 1]]] = True
        return found.take(self.row)


class _Columns:
    """What was computed of a metadata's rows; it must not refer to the metadata, whose life it shares."""

    def __init__(self) -> None:
        self._columns: dict[str, _Texts | NDArray[np.float64] | None] = {}
        self._masks = LruCache(MASKS)

    def mask(self, metadata: Metadata, name: FieldName, operator: Operator, values: tuple[Value, ...]) -> Mask:
        key = (name.name, operator, values)
        return self._masks.get(key, lambda: self._computed(metadata, name, operator, values))

    def _computed(self, metadata: Metadata, name: FieldName, operator: Operator, values: Sequence[Value]) -> Mask:
        if name.name not in self._columns:
            self._columns[name.name] = _prepared(metadata, name)
        column = self._columns[name.name]
        found = _tested(column, name, operator, values)
        if found is None:
            found = np.zeros(len(metadata.row), dtype=np.bool_)
        mask = np.logical_not(found, out=found) if operator in NEGATIVE else found
        mask.flags.writeable = False
        return mask


_COLUMNS: WeakKeyDictionary[Metadata, _Columns] = WeakKeyDictionary()


def _prepared(metadata: Metadata, name: FieldName) -> "_Texts | NDArray[np.float64] | None":
    """A column in the order of the metadata's ids, None if there is none."""
    known = next((known for known in metadata.table.columns if known.upper() == name.name), None)
    column = None if known is None else metadata.table.columns[known]
    if known is None or column is None:
        return None
    if isinstance(column, Numbers):
        return metadata.numbers(known)
    return _texts(column, metadata.codes(known), categorical=categorical(metadata, name))


def _texts(column: Strings, codes: NDArray[np.int32], *, categorical: bool) -> _Texts:
    count = len(column.values)
    if categorical:
        texts, pairs = split_categories(column)
        pairs = pairs[np.argsort(pairs[:, 1], kind="stable")]
    else:
        texts, pairs = column.values, np.repeat(np.arange(count)[:, None], 2, axis=1)
    return _Texts(
        row=np.where(codes < 0, count, codes).astype(np.intp),
        count=count,
        place={text: place for place, text in enumerate(texts)},
        start=np.searchsorted(pairs[:, 1], np.arange(len(texts) + 1)),
        holder=pairs[:, 0].copy(),
    )


def _tested(
    column: "_Texts | NDArray[np.float64] | None", name: FieldName, operator: Operator, values: Sequence[Value]
) -> Mask | None:
    """The rows with one of the values, or that compare with one; None means no row."""
    if isinstance(column, np.ndarray) or operator in RANGE:
        wanted = to_numbers(name, values)
        if not isinstance(column, np.ndarray):
            return None
        if operator not in RANGE:
            return np.isin(column, wanted)  # no rows x values in memory
        found = [COMPARE[operator](column, value) for value in wanted]
        return reduce(np.logical_or, found) if found else None
    return None if column is None else column.having(map(str, values))


def _number(name: FieldName, value: Value) -> float:
    found = number(value) if isinstance(value, str) else value
    if found is None:
        raise InvalidValues(errors.NOT_A_NUMBER.format(name=name.text))
    return found
