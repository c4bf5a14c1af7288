"""CSV reader of imports, which reads the files of an import into one table or fails as the service does.

Columns are found by their names in the header, in any order. Other columns are ignored, also unnamed ones (recorded
2024-07). A record is one line, an empty cell is null, and a backslash escapes a quote or a backslash (developer guide,
"Data format guidelines", 2025). AWS's tutorials import `creation_timestamp` as CREATION_TIMESTAMP, so the case of names
is ignored.

Nothing is known about the following cases; the rules are ours:

* Doubled quotes are accepted too.
* If a file has several faults, rows that do not conform are reported before values that are too long.
* In a file with quotes, a cell has at most 131,072 characters, the limit of the csv module.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import itemgetter
from typing import Protocol

from personalize_mock.data import messages
from personalize_mock.data.avro import AvroSchema
from personalize_mock.data.csv_columns import Cells, ColumnBuilder, StringsBuilder, builder_of
from personalize_mock.data.tables import Table

BLOCK_ROWS = 1024  # blocks are so small that their cells stay in the processor's cache
BLOCK_CHARACTERS = 16_384
LINE = re.compile(r"[^\r\n]*")
BACKSLASH = re.compile(r'\\(["\\]?)')


class Reader(Protocol):
    """The type of csv.reader's result, which has no public name."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...
    def __next__(self) -> list[str]: ...


class ImportFailed(Exception):  # noqa: N818 -- an outcome of the service, not a fault of the program
    """Failure of an import job. The message is its failureReason.

    Args:
        reason: The failureReason.
        details: The rows that caused it, for the log.
    """

    def __init__(self, reason: str, details: str = "") -> None:
        super().__init__(reason)
        self.details = details


class ColumnsMissing(ImportFailed):
    """Failure of an import because a file lacks columns of the schema."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(messages.MISSING_COLUMNS.format(columns=", ".join(names)))
        self.names = names


class RowsRefused(ImportFailed):
    """Failure of an import because of some of its rows; `csv_rows` locates them."""


def read(files: Iterable[bytes], schema: AvroSchema, *, minimum_rows: int = 0) -> Table:
    """Return the rows of all `files`, one file after the other.

    Args:
        files: Contents of CSV files, UTF-8 with or without a byte order mark, each with a header.
        schema: The columns to read.
        minimum_rows: Required number of rows in all files together.

    Raises:
        ImportFailed: A file is malformed or does not fit the schema, or there are too few rows.
    """
    builders = [builder_of(field, schema) for field in schema.fields]
    headers: list[set[str]] = []
    for content in files:
        headers.append(_read_file(content, schema.names, builders))
        check_headers(headers[0], headers[-1])
    return table_of(builders, minimum_rows=minimum_rows)


def table_of(builders: Sequence[ColumnBuilder], *, minimum_rows: int) -> Table:
    """Return the table of some columns.

    Raises:
        ImportFailed: It has too few rows.
    """
    columns = {builder.field.name: builder.column() for builder in builders}
    rows = len(next(iter(columns.values())))
    if rows < minimum_rows:
        raise ImportFailed(messages.TOO_FEW_ROWS.format(rows=rows, minimum=minimum_rows))
    return Table(columns=columns, rows=rows)


def check_lengths(builders: Sequence[ColumnBuilder], details: str = "") -> None:
    """Refuse values that are longer than allowed.

    Raises:
        RowsRefused: There are such values.
    """
    for builder in builders:
        if isinstance(builder, StringsBuilder) and builder.has_long_values:
            raise RowsRefused(messages.TOO_LONG.format(limit=builder.limit, column=builder.field.name), details)


def _read_file(content: bytes, names: Sequence[str], builders: Sequence[ColumnBuilder]) -> set[str]:
    """Add the rows of a file to `builders` and return its header."""
    try:
        text = _text(content)
        match = LINE.match(text)
        line = match.group() if match else ""
        header = next(csv_reader(line), [])
        positions = positions_of(names, header)
        for columns in _blocks(text[len(line) :], positions, len(header)):
            for cells, builder in zip(columns, builders, strict=True):
                builder.add(cells)
    except (csv.Error, ValueError, OverflowError):  # UnicodeDecodeError is a ValueError
        raise RowsRefused(messages.NOT_CONFORMING) from None
    check_lengths(builders)
    return set(header)


def _text(content: bytes) -> str:
    if b"\0" in content:
        raise ValueError("the csv module of Python 3.10 refuses it, later ones do not")
    return content.decode("utf-8-sig").lstrip("\r\n")


def positions_of(names: Iterable[str], header: list[str]) -> list[int]:
    """Return the positions of columns: an exact match before one in another case, the first of several.

    Raises:
        ColumnsMissing: The header lacks some of them.
    """
    upper = [name.upper() for name in header]
    missing = [name for name in names if name.upper() not in upper]
    if missing:
        raise ColumnsMissing(missing)
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
    reader = csv_reader(text)
    lines = 0
    while block := list(islice(reader, BLOCK_ROWS)):
        lines += len(block)
        rows = list(filter(None, block))  # a blank line is an empty row
        if reader.line_num != lines or set(map(len, rows)) - {width}:
            raise ValueError("a row is more than one line or has too few or too many cells")
        yield [list(map(itemgetter(position), rows)) for position in positions]


def csv_reader(text: str) -> Reader:
    """Return a reader of the rows of a text, in which a backslash escapes a quote or a backslash."""
    if "\\" not in text:
        return csv.reader(io.StringIO(text, newline=""), strict=True)
    escaped = BACKSLASH.sub(lambda match: match[0] if match[1] else r"\\", text)
    return csv.reader(io.StringIO(escaped, newline=""), strict=True, escapechar="\\")


def check_headers(first: set[str], other: set[str]) -> None:
    """Check that two files have the same columns.

    Raises:
        ImportFailed: They have not.
    """
    if first != other:
        raise ImportFailed(messages.DIFFERENT_HEADERS.format(columns=", ".join(sorted(first ^ other))))
