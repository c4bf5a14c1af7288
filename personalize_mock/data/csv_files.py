"""Reads the CSV files of an import into one table, or says why the service would fail the import.

As recorded: columns are found by their names in the header, in any order, and further ones are ignored,
unnamed ones too. As the guide says: a record is one line, an empty cell is null, and a backslash escapes a
quote or a backslash; doubled quotes are accepted beside that. Our decisions, where nothing is known:
numbers have no blanks around them; an integer may end in `.0` where null is allowed, because pandas writes
integers with gaps so; of several faults in a file, that of the earliest block of rows is reported; no cell
is longer than the csv module's limit of 131,072 characters.
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

from personalize_mock.data import texts
from personalize_mock.data.avro import Field, Schema
from personalize_mock.data.tables import NULL, Column, Numbers, Strings, Table, Values
from personalize_mock.data.values import action_event_type, length_limit

BLOCK = 1024  # rows; small enough for the cells of a block to stay in the processor's cache
INTEGER_RANGES = {"int": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}
LARGEST_FLOAT = {"float": float(np.finfo(np.float32).max), "double": float(np.finfo(np.float64).max)}
BOOLEANS = {"true": 1, "false": 0}
NUMBER_CHARACTERS = "0123456789+-.eE,"  # the comma joins cells
BACKSLASH = re.compile(r'\\(["\\]?)')

Cells: TypeAlias = Sequence[str]
Parser: TypeAlias = Callable[[Cells], Values]


class Reader(Protocol):
    """What csv.reader returns, which has no public name."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...
    def __next__(self) -> list[str]: ...


class ImportFailed(Exception):  # noqa: N818 -- named for what the service reports, an import that failed
    """An import job fails; the text is its failureReason."""


def read(files: Iterable[bytes], schema: Schema, *, minimum_rows: int = 0) -> Table:
    """The rows of all `files`, one file after the other.

    Args:
        files: the contents of CSV files, UTF-8 with or without a byte order mark, each with a header.
        schema: the columns to read.
        minimum_rows: how many rows the files must have together.

    Raises:
        ImportFailed: the service would fail the import.
    """
    builders = [_builder(field, schema) for field in schema.fields]
    headers: list[set[str]] = []
    for content in files:
        headers.append(_read_file(content, schema.names, builders))
        _check_headers(headers[0], headers[-1])
    columns = {field.name: builder.column() for field, builder in zip(schema.fields, builders, strict=True)}
    rows = len(next(iter(columns.values())))
    if rows < minimum_rows:
        raise ImportFailed(texts.TOO_FEW_ROWS.format(rows=rows, minimum=minimum_rows))
    return Table(columns=columns, rows=rows)


class _StringsBuilder(dict[str, int]):
    """Cells to codes: a cell not met before is checked, cleaned and given the code of what it means."""

    def __init__(self, field: Field, *, clean: Callable[[str], str]) -> None:
        super().__init__()
        self._values: dict[str, int] = {}
        self._codes: list[NDArray[np.int32]] = []
        self._clean = clean
        if field.nullable:
            self[""] = NULL

    def __missing__(self, cell: str) -> int:
        code = self[cell] = self._values.setdefault(self._clean(cell), len(self._values))
        return code

    def add(self, cells: Cells) -> None:
        self._codes.append(np.fromiter(map(self.__getitem__, cells), dtype=np.int32, count=len(cells)))

    def column(self) -> Column:
        codes = np.concatenate(self._codes) if self._codes else np.empty(0, dtype=np.int32)
        return Strings(codes=codes, values=tuple(self._values))


class _NumbersBuilder:
    """Cells to numbers, and where they are null."""

    def __init__(self, field: Field) -> None:
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

    def column(self) -> Column:
        values = np.concatenate([*self._values, np.empty(0, dtype=self._dtype)])
        valid = np.concatenate([*self._valid, np.empty(0, dtype=np.bool_)])
        return Numbers(values=values, valid=None if valid.all() else valid)


Builder: TypeAlias = "_StringsBuilder | _NumbersBuilder"


def _builder(field: Field, schema: Schema) -> Builder:
    if field.type != "string":
        return _NumbersBuilder(field)
    if schema.dataset_type == "ACTION_INTERACTIONS" and field.name == "EVENT_TYPE":
        return _StringsBuilder(field, clean=_event_type)
    limit = length_limit(field)
    if field.textual:
        return _StringsBuilder(field, clean=lambda cell: _present(cell)[:limit])

    def clean(cell: str) -> str:
        if len(cell) > limit:
            raise ImportFailed(texts.TOO_LONG.format(limit=limit, column=field.name))
        return _present(cell)

    return _StringsBuilder(field, clean=clean)


def _present(cell: str) -> str:
    if not cell:
        raise ImportFailed(texts.NOT_CONFORMING)
    return cell


def _event_type(cell: str) -> str:
    return _present(action_event_type(cell) or "")


def _read_file(content: bytes, names: Sequence[str], builders: Sequence[Builder]) -> set[str]:
    """Adds the rows of a file to `builders`; gives its header."""
    try:
        reader = _reader(content)
        header = next(filter(None, reader), [])
        pickers = _pickers(header, names)
        for rows in _blocks(reader, len(header)):
            for pick, builder in zip(pickers, builders, strict=True):
                builder.add(list(map(pick, rows)))
    except (csv.Error, ValueError, OverflowError):  # UnicodeDecodeError is a ValueError
        raise ImportFailed(texts.NOT_CONFORMING) from None
    return set(header)


def _reader(content: bytes) -> Reader:
    if b"\0" in content:
        raise ValueError("Python 3.10 refuses it, later ones do not")
    text = content.decode("utf-8-sig")
    if "\\" not in text:
        return csv.reader(io.StringIO(text, newline=""), strict=True)
    escaped = BACKSLASH.sub(lambda found: found[0] if found[1] else r"\\", text)
    return csv.reader(io.StringIO(escaped, newline=""), strict=True, escapechar="\\")


def _pickers(header: list[str], names: Iterable[str]) -> list[Callable[[list[str]], str]]:
    """Functions from a row to its cells of the columns `names`; of columns with one name, the first."""
    missing = [name for name in names if name not in header]
    if missing:
        raise ImportFailed(texts.MISSING_COLUMNS.format(columns=", ".join(missing)))
    return [itemgetter(header.index(name)) for name in names]


def _blocks(reader: Reader, width: int) -> Iterator[list[list[str]]]:
    """The rows but for blank lines, in blocks; ValueError when a row is not one line of `width` cells."""
    lines = reader.line_num
    while block := list(islice(reader, BLOCK)):
        lines += len(block)
        rows = list(filter(None, block))
        if reader.line_num != lines or set(map(len, rows)) - {width}:
            raise ValueError("a record is broken")
        yield rows


def _check_headers(first: set[str], other: set[str]) -> None:
    if first != other:
        raise ImportFailed(texts.DIFFERENT_HEADERS.format(columns=", ".join(sorted(first ^ other))))


def _parser(field: Field) -> Parser:
    """The function that makes numbers of cells that are not null; it raises ValueError or OverflowError."""
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
    """Keeps out nan, inf and what only Python takes for numbers: underscores, other scripts' digits."""
    if ",".join(cells).strip(NUMBER_CHARACTERS):
        raise ValueError("not a number")
