"""CSV reader of imports, which reads the files of an import into one table or fails as the service does.

Columns are found by their names in the header, in any order. Other columns are ignored, also unnamed ones (recorded
2024-07). A record is one line, an empty cell is null, and a backslash escapes a quote or a backslash (developer guide,
"Data format guidelines", 2025). AWS's tutorials import `creation_timestamp` as CREATION_TIMESTAMP, so the case of names
is ignored.

Nothing is known about the following cases; the rules are ours:

* Doubled quotes are accepted too.
* Numbers have no blanks around them.
* An integer may end in `.0` where null is allowed, because pandas writes integer columns with nulls in this way.
* If a file has several faults, rows that do not conform are reported before values that are too long.
* In a file with quotes, a cell has at most 131,072 characters, the limit of the csv module.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from operator import itemgetter
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data import messages
from personalize_mock.data.avro import AvroSchema, SchemaField
from personalize_mock.data.tables import NULL, Column, Numbers, Strings, Table, Values
from personalize_mock.data.value_rules import action_event_type, max_length

BLOCK_ROWS = 1024  # blocks are so small that their cells stay in the processor's cache
BLOCK_CHARACTERS = 16_384
LINE = re.compile(r"[^\r\n]*")
INTEGER_RANGES = {"int": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}
LARGEST_FLOAT = {"float": float(np.finfo(np.float32).max), "double": float(np.finfo(np.float64).max)}
BOOLEANS = {"true": 1, "false": 0}
NUMBER_CHARACTERS = "0123456789+-.eE,"  # the comma joins cells
BACKSLASH = re.compile(r'\\(["\\]?)')

Cells: TypeAlias = Sequence[str]
Parser: TypeAlias = Callable[[Cells], Values]


class Reader(Protocol):
    """The type of csv.reader's result, which has no public name."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...
    def __next__(self) -> list[str]: ...


class ImportFailed(Exception):  # noqa: N818 -- an outcome of the service, not a fault of the program
    """Failure of an import job. The message is its failureReason."""


def read(files: Iterable[bytes], schema: AvroSchema, *, minimum_rows: int = 0) -> Table:
    """Return the rows of all `files`, one file after the other.

    Args:
        files: Contents of CSV files, UTF-8 with or without a byte order mark, each with a header.
        schema: The columns to read.
        minimum_rows: Required number of rows in all files together.

    Raises:
        ImportFailed: A file is malformed or does not fit the schema, or there are too few rows.
    """
    builders = [_builder(field, schema) for field in schema.fields]
    headers: list[set[str]] = []
    for content in files:
        headers.append(_read_file(content, schema.names, builders))
        _check_headers(headers[0], headers[-1])
    columns = {field.name: builder.column() for field, builder in zip(schema.fields, builders, strict=True)}
    rows = len(next(iter(columns.values())))
    if rows < minimum_rows:
        raise ImportFailed(messages.TOO_FEW_ROWS.format(rows=rows, minimum=minimum_rows))
    return Table(columns=columns, rows=rows)


# Other text cells may be empty even where null is not allowed: AWS's tutorials import films without a year.
_NEVER_EMPTY = ("USER_ID", "ITEM_ID", "ACTION_ID", "EVENT_TYPE")


class _StringsBuilder(dict[str, int]):
    """Mapping from cells to codes, which checks and cleans each new cell and gives it a code."""

    def __init__(self, field: SchemaField, *, is_action_event_type: bool) -> None:
        super().__init__()
        self._field = field
        self._limit = max_length(field)
        self._too_long = False
        self._is_action_event_type = is_action_event_type
        self._values: dict[str, int] = {}
        self._codes: list[NDArray[np.int32]] = []
        if field.nullable or field.name not in _NEVER_EMPTY:
            self[""] = NULL

    def __missing__(self, cell: str) -> int:
        code = self[cell] = self._values.setdefault(self._clean(cell), len(self._values))
        return code

    def _clean(self, cell: str) -> str:
        if self._is_action_event_type:
            cell = action_event_type(cell) or ""
        if not cell:
            raise ImportFailed(messages.NOT_CONFORMING)
        if self._field.textual:
            return cell[: self._limit]
        self._too_long |= len(cell) > self._limit
        return cell

    def add(self, cells: Cells) -> None:
        self._codes.append(np.fromiter(map(self.__getitem__, cells), dtype=np.int32, count=len(cells)))

    def check(self) -> None:
        if self._too_long:
            raise ImportFailed(messages.TOO_LONG.format(limit=self._limit, column=self._field.name))

    def column(self) -> Column:
        codes = np.concatenate(self._codes) if self._codes else np.empty(0, dtype=np.int32)
        return Strings(codes=codes, values=tuple(self._values))


class _NumbersBuilder:
    """Collector of a column of numbers."""

    def __init__(self, field: SchemaField) -> None:
        self._nullable = field.nullable
        self._parse = _parser(field)
        self._dtype = np.dtype(np.float64 if field.type in LARGEST_FLOAT else np.int64)
        self._values: list[NDArray[Any]] = []
        self._valid: list[NDArray[np.bool_]] = []

    def add(self, cells: Cells) -> None:
        if self._nullable and "" in cells:
            valid = np.fromiter(map(bool, cells), dtype=np.bool_, count=len(cells))
            values = np.zeros(len(cells), dtype=self._dtype)
            values[valid] = self._parse(list(filter(None, cells)))
        else:
            valid = np.ones(len(cells), dtype=np.bool_)
            values = self._parse(cells)
        self._values.append(values)
        self._valid.append(valid)

    def check(self) -> None:
        """Do nothing, because `add` reports all faults."""

    def column(self) -> Column:
        values = np.concatenate([*self._values, np.empty(0, dtype=self._dtype)])
        valid = np.concatenate([*self._valid, np.empty(0, dtype=np.bool_)])
        return Numbers(values=values, valid=None if valid.all() else valid)


Builder: TypeAlias = "_StringsBuilder | _NumbersBuilder"


def _builder(field: SchemaField, schema: AvroSchema) -> Builder:
    if field.type != "string":
        return _NumbersBuilder(field)
    is_action = schema.dataset_type == "ACTION_INTERACTIONS"
    return _StringsBuilder(field, is_action_event_type=is_action and field.name == "EVENT_TYPE")


def _read_file(content: bytes, names: Sequence[str], builders: Sequence[Builder]) -> set[str]:
    """Add the rows of a file to `builders` and return its header."""
    try:
        text = _text(content)
        match = LINE.match(text)
        line = match.group() if match else ""
        header = next(_csv_reader(line), [])
        positions = _positions(header, names)
        for columns in _blocks(text[len(line) :], positions, len(header)):
            for cells, builder in zip(columns, builders, strict=True):
                builder.add(cells)
    except (csv.Error, ValueError, OverflowError):  # UnicodeDecodeError is a ValueError
        raise ImportFailed(messages.NOT_CONFORMING) from None
    for builder in builders:
        builder.check()
    return set(header)


def _text(content: bytes) -> str:
    if b"\0" in content:
        raise ValueError("the csv module of Python 3.10 refuses it, later ones do not")
    return content.decode("utf-8-sig").lstrip("\r\n")


def _positions(header: list[str], names: Iterable[str]) -> list[int]:
    """Return the position of each column in `names`. Exact matches win over other cases, and earlier over later."""
    upper = [name.upper() for name in header]
    missing = [name for name in names if name.upper() not in upper]
    if missing:
        raise ImportFailed(messages.MISSING_COLUMNS.format(columns=", ".join(missing)))
    return [header.index(name) if name in header else upper.index(name.upper()) for name in names]


def _blocks(text: str, positions: Sequence[int], width: int) -> Iterator[list[Cells]]:
    """Yield the cells of the columns at `positions`, in blocks of rows.

    Raises:
        ValueError, csv.Error: A row is not one line of `width` cells.
    """
    if '"' not in text and "\\" not in text:
        plain = text.replace("\r\n", "\n").strip("\n")
        if "\r" not in plain and "\n\n" not in plain:
            return _plain_blocks(plain, positions, width)
    return _csv_blocks(text, positions, width)


def _plain_blocks(text: str, positions: Sequence[int], width: int) -> Iterator[list[Cells]]:
    """Yield the cells of a text without quotes. It is split directly, which is faster than the csv module."""
    start = 0
    while start < len(text):
        end = text.find("\n", min(start + BLOCK_CHARACTERS, len(text)))
        lines = text[start : end if end >= 0 else len(text)]
        start += len(lines) + 1
        cells = lines.replace("\n", ",\n,").split(",")  # a cell with a line feed separates two rows
        ends = cells[width :: width + 1]
        if (len(cells) + 1) % (width + 1) or ends.count("\n") != lines.count("\n"):
            raise ValueError("a row has too few or too many cells")
        yield [cells[position :: width + 1] for position in positions]


def _csv_blocks(text: str, positions: Sequence[int], width: int) -> Iterator[list[Cells]]:
    reader = _csv_reader(text)
    lines = 0
    while block := list(islice(reader, BLOCK_ROWS)):
        lines += len(block)
        rows = list(filter(None, block))  # a blank line is an empty row
        if reader.line_num != lines or set(map(len, rows)) - {width}:
            raise ValueError("a row is more than one line or has too few or too many cells")
        yield [list(map(itemgetter(position), rows)) for position in positions]


def _csv_reader(text: str) -> Reader:
    if "\\" not in text:
        return csv.reader(io.StringIO(text, newline=""), strict=True)
    escaped = BACKSLASH.sub(lambda match: match[0] if match[1] else r"\\", text)
    return csv.reader(io.StringIO(escaped, newline=""), strict=True, escapechar="\\")


def _check_headers(first: set[str], other: set[str]) -> None:
    if first != other:
        raise ImportFailed(messages.DIFFERENT_HEADERS.format(columns=", ".join(sorted(first ^ other))))


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
