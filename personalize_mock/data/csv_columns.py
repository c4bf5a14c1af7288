"""Builders that turn the cells of a CSV column into a column of numbers or text, after checking each cell.

AWS does not document the following cases, which the mock handles as follows:

* A number must not have spaces around it.
* In a column that allows null, an integer may end in `.0`, because pandas writes integer columns with nulls in this
  way.
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
    """Builder of a column of strings, to which cells are added in blocks.

    It maps each cell to its code, the position of its value in the list of distinct values. Each distinct cell is
    checked and cleaned only once, when it is first added.

    Args:
        field: The field of the schema whose values the column holds.
        is_action_event_type: Whether the cells must be event types of actions: Taken, Not Taken or Viewed.

    Attributes:
        field: The field of the schema whose values the column holds.
        limit: Maximum length of a value in characters.
        has_long_values: Whether an added cell is longer than `limit`. Always False for textual fields, whose values are
            truncated, and for event types of actions.
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
            raise ValueError("the cell is empty or is not an event type")
        if self.field.textual:
            return cell[: self.limit]
        self.has_long_values |= len(cell) > self.limit
        return cell

    def add(self, cells: Cells) -> None:
        """Append cells to the column.

        Raises:
            ValueError: A cell is not a valid value of the field.
        """
        self._codes.append(np.fromiter(map(self.__getitem__, cells), dtype=np.int32, count=len(cells)))

    def conforms(self, cell: str) -> bool:
        """Return whether a cell is a valid value of the field. Its length is not checked."""
        if cell in self:
            return True
        return bool(action_event_type(cell) if self._is_action_event_type else cell)

    def is_too_long(self, cell: str) -> bool:
        """Return whether a cell is longer than the field allows.

        The result is always False for textual fields, whose values are cut instead, and for the event types of action
        interactions, whose length is not limited.
        """
        return len(cell) > self.limit and not (self.field.textual or self._is_action_event_type)

    def column(self) -> Column:
        """Return the column of all cells that have been added."""
        codes = np.concatenate(self._codes) if self._codes else np.empty(0, dtype=np.int32)
        codes.flags.writeable = False  # other mocks may share it
        return Strings(codes=codes, values=tuple(self._values))


class NumbersBuilder:
    """Builder of a column of numbers or booleans, to which the cells are added in blocks.

    Attributes:
        field: The field of the schema whose values the column holds.
        has_long_values: Always False, because numbers have no maximum length.
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
        """Convert cells to numbers and append them to the column.

        Raises:
            ValueError, OverflowError: A cell is not a valid value of the field.
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
        """Return whether a cell is a valid value of the field."""
        return self.all_conform([cell])

    def all_conform(self, cells: Cells) -> bool:
        """Return whether all cells are valid values of the field."""
        try:
            self._parse(list(filter(None, cells)) if self._nullable else cells)
        except (ValueError, OverflowError):
            return False
        return True

    def is_too_long(self, cell: str) -> bool:  # noqa: ARG002  # see `StringsBuilder`
        """Return False, because numbers have no maximum length.

        The method lets callers treat this builder and `StringsBuilder` alike.
        """
        return False

    def column(self) -> Column:
        """Return the column of all cells that have been added."""
        values = np.concatenate([*self._values, np.empty(0, dtype=self._dtype)])
        valid = np.concatenate([*self._valid, np.empty(0, dtype=np.bool_)])
        values.flags.writeable = valid.flags.writeable = False  # other mocks may share them
        return Numbers(values=values, valid=None if valid.all() else valid)


ColumnBuilder: TypeAlias = "StringsBuilder | NumbersBuilder"


def builder_of(field: SchemaField, schema: AvroSchema) -> ColumnBuilder:
    """Return a new builder for the column of a field: a `StringsBuilder` for text, otherwise a `NumbersBuilder`.

    Args:
        field: The field whose values the column holds.
        schema: The schema to which the field belongs.
    """
    if field.type != "string":
        return NumbersBuilder(field)
    is_action = schema.dataset_type == "ACTION_INTERACTIONS"
    return StringsBuilder(field, is_action_event_type=is_action and field.name == "EVENT_TYPE")


def _parser(field: SchemaField) -> Parser:
    """Return a function that converts non-empty cells to the numbers or booleans of a field.

    The function raises ValueError or OverflowError for cells that are not valid.
    """
    if field.type == "boolean":
        return _booleans
    if field.type in INTEGER_RANGES:
        lowest, highest = INTEGER_RANGES[field.type]
        return partial(_integers, lowest=lowest, highest=highest, nullable=field.nullable)
    return partial(_floats, largest=LARGEST_FLOAT[field.type])


def _booleans(cells: Cells) -> Values:
    if not BOOLEANS.keys() >= set(cells):
        raise ValueError("A cell of a boolean column is neither true nor false.")
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
    """Raise ValueError if a cell contains a character that does not occur in decimal numbers.

    The functions `int` and `float` would also accept `nan`, `inf`, `1_000` and digits of other scripts.
    """
    if ",".join(cells).strip(NUMBER_CHARACTERS):
        raise ValueError("not a number")
