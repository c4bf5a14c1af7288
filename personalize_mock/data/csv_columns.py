"""Columns of an import: cells of a CSV file become numbers, or codes into distinct texts.

Nothing is known about the following cases; the rules are ours:

* Numbers have no blanks around them.
* An integer may end in `.0` where null is allowed, because pandas writes integer columns with nulls in this way.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.avro import AvroSchema, SchemaField
from personalize_mock.data.tables import NULL, Column, Numbers, Strings, Values
from personalize_mock.data.value_rules import action_event_type, max_length

INTEGER_RANGES = {"int": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}
LARGEST_FLOAT = {"float": float(np.finfo(np.float32).max), "double": float(np.finfo(np.float64).max)}
BOOLEANS = {"true": 1, "false": 0}
NUMBER_CHARACTERS = "0123456789+-.eE,"  # the comma joins cells

Cells: TypeAlias = Sequence[str]
Parser: TypeAlias = Callable[[Cells], Values]


# Other text cells may be empty even where null is not allowed: AWS's tutorials import films without a year.
NEVER_EMPTY = ("USER_ID", "ITEM_ID", "ACTION_ID", "EVENT_TYPE")


class StringsBuilder(dict[str, int]):
    """Mapping from cells to codes, which checks and cleans each new cell and gives it a code.

    Attributes:
        field: The field of the schema.
        limit: Maximum length of a value in characters.
        has_long_values: Whether a value is longer.
    """

    def __init__(self, field: SchemaField, *, is_action_event_type: bool) -> None:
        super().__init__()
        self.field = field
        self.limit = max_length(field)
        self.has_long_values = False
        self._is_action_event_type = is_action_event_type
        self._values: dict[str, int] = {}
        self._codes: list[NDArray[np.int32]] = []
        if field.nullable or field.name not in NEVER_EMPTY:
            self[""] = NULL

    def __missing__(self, cell: str) -> int:
        code = self[cell] = self._values.setdefault(self._clean(cell), len(self._values))
        return code

    def _clean(self, cell: str) -> str:
        if self._is_action_event_type:
            cell = action_event_type(cell) or ""
        if not cell:
            raise ValueError("an empty cell, or no event type")
        if self.field.textual:
            return cell[: self.limit]
        self.has_long_values |= len(cell) > self.limit
        return cell

    def add(self, cells: Cells) -> None:
        """Add cells.

        Raises:
            ValueError: A cell does not conform to the field.
        """
        self._codes.append(np.fromiter(map(self.__getitem__, cells), dtype=np.int32, count=len(cells)))

    def conforms(self, cell: str) -> bool:
        """Return whether a cell conforms to the field, however long it is."""
        if cell in self:
            return True
        return bool(action_event_type(cell) if self._is_action_event_type else cell)

    def is_too_long(self, cell: str) -> bool:
        """Return whether a cell is longer than allowed. Textual values are cut instead."""
        return len(cell) > self.limit and not (self.field.textual or self._is_action_event_type)

    def column(self) -> Column:
        """Return the column."""
        codes = np.concatenate(self._codes) if self._codes else np.empty(0, dtype=np.int32)
        return Strings(codes=codes, values=tuple(self._values))


class NumbersBuilder:
    """Collector of a column of numbers.

    Attributes:
        field: The field of the schema.
        has_long_values: False, because numbers have no maximum length.
    """

    has_long_values = False

    def __init__(self, field: SchemaField) -> None:
        self.field = field
        self._nullable = field.nullable
        self._parse = _parser(field)
        self._dtype = np.dtype(np.float64 if field.type in LARGEST_FLOAT else np.int64)
        self._values: list[NDArray[Any]] = []
        self._valid: list[NDArray[np.bool_]] = []

    def add(self, cells: Cells) -> None:
        """Add cells.

        Raises:
            ValueError, OverflowError: A cell does not conform to the field.
        """
        if self._nullable and "" in cells:
            valid = np.fromiter(map(bool, cells), dtype=np.bool_, count=len(cells))
            values = np.zeros(len(cells), dtype=self._dtype)
            values[valid] = self._parse(list(filter(None, cells)))
        else:
            valid = np.ones(len(cells), dtype=np.bool_)
            values = self._parse(cells)
        self._values.append(values)
        self._valid.append(valid)

    def conforms(self, cell: str) -> bool:
        """Return whether a cell conforms to the field."""
        return self.all_conform([cell])

    def all_conform(self, cells: Cells) -> bool:
        """Return whether all cells conform to the field."""
        try:
            self._parse(list(filter(None, cells)) if self._nullable else cells)
        except (ValueError, OverflowError):
            return False
        return True

    def is_too_long(self, cell: str) -> bool:  # noqa: ARG002  # see `StringsBuilder`
        """Return False: numbers have no maximum length."""
        return False

    def column(self) -> Column:
        """Return the column."""
        values = np.concatenate([*self._values, np.empty(0, dtype=self._dtype)])
        valid = np.concatenate([*self._valid, np.empty(0, dtype=np.bool_)])
        return Numbers(values=values, valid=None if valid.all() else valid)


ColumnBuilder: TypeAlias = "StringsBuilder | NumbersBuilder"


def builder_of(field: SchemaField, schema: AvroSchema) -> ColumnBuilder:
    """Return a builder for the column of a field."""
    if field.type != "string":
        return NumbersBuilder(field)
    is_action = schema.dataset_type == "ACTION_INTERACTIONS"
    return StringsBuilder(field, is_action_event_type=is_action and field.name == "EVENT_TYPE")


def _parser(field: SchemaField) -> Parser:
    """Return a function that parses cells that are not null; it raises ValueError or OverflowError for bad cells."""
    if field.type == "boolean":
        return _booleans
    if field.type in INTEGER_RANGES:
        lowest, highest = INTEGER_RANGES[field.type]
        return partial(_integers, lowest=lowest, highest=highest, nullable=field.nullable)
    return partial(_floats, largest=LARGEST_FLOAT[field.type])


def _booleans(cells: Cells) -> Values:
    if not BOOLEANS.keys() >= set(cells):
        raise ValueError("not a boolean")
    return np.fromiter(map(BOOLEANS.__getitem__, cells), dtype=np.int64, count=len(cells))


def _integers(cells: Cells, *, lowest: int, highest: int, nullable: bool) -> Values:
    if nullable:
        cells = [cell.removesuffix(".0") for cell in cells]
    _check_characters(cells)
    values = np.array(list(map(int, cells)), dtype=np.int64)
    if len(values) and not lowest <= values.min() <= values.max() <= highest:
        raise ValueError("out of range")
    return values


def _floats(cells: Cells, *, largest: float) -> Values:
    _check_characters(cells)
    values = np.array(list(map(float, cells)), dtype=np.float64)
    if not (np.abs(values) <= largest).all():
        raise ValueError("out of range")
    return values


def _check_characters(cells: Cells) -> None:
    """Raise ValueError for nan, inf, and numbers that only Python accepts (underscores, digits of other scripts)."""
    if ",".join(cells).strip(NUMBER_CHARACTERS):
        raise ValueError("not a number")
