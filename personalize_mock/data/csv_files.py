"""Reader of the CSV files of an import. It returns one table, or fails with the error message of the service.

Columns are found by their names in the header, in any order. Additional columns are ignored, even if they have no name
(observed in the service, 2024-07). A record is one line, an empty cell is null, and a backslash escapes a quote or a
backslash (Amazon Personalize developer guide, "Data format guidelines", 2025). The case of column names is ignored,
because AWS's tutorials import a column `creation_timestamp` into the field CREATION_TIMESTAMP.

AWS does not document the following cases, which the mock handles as follows:

* Inside quotes, a doubled quote is also accepted as an escaped quote.
* If a file contains both rows that do not fit the schema and values that are too long, the message reports the rows.
* If a file contains quotes or backslashes, a cell can have at most 131,072 characters, which is the default limit of
  the csv module.
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
from personalize_mock.progress import tracked

BLOCK_ROWS = 1024  # small enough for the cells to stay in the processor's cache
BLOCK_CHARACTERS = 16_384
LINE = re.compile(r"[^\r\n]*")
BACKSLASH = re.compile(r'\\(["\\]?)')


class Reader(Protocol):
    """Protocol for the objects that `csv.reader` returns, because their class has no public name."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...
    def __next__(self) -> list[str]: ...


class ImportFailed(Exception):  # noqa: N818 -- an outcome of the service, not a fault of the program
    """Raised when an import job fails. The message of the exception becomes the failureReason of the job.

    Args:
        reason: The failureReason, as DescribeDatasetImportJob returns it.
        details: Text for the log about the rows that caused the failure; empty if there is nothing to add.
    """

    def __init__(self, reason: str, details: str = "") -> None:
        super().__init__(reason)
        self.details = details


class ColumnsMissing(ImportFailed):
    """Raised when the header of a CSV file lacks columns of the schema.

    Args:
        names: Names of the missing columns.
    """

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(messages.MISSING_COLUMNS.format(columns=", ".join(names)))
        self.names = names


class RowsRefused(ImportFailed):
    """Raised when CSV rows are malformed, do not fit the schema or contain a value that is too long.

    The functions in `csv_rows` find out which rows these are.
    """


def read(files: Iterable[bytes], schema: AvroSchema, *, minimum_rows: int = 0) -> Table:
    """Read CSV files into one table, which contains the rows of the first file, then those of the second, and so on.

    Args:
        files: Contents of CSV files, UTF-8 with or without a byte order mark, each with a header.
        schema: The schema of the dataset; its fields are the columns to read.
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
    """Build a table from the columns that the builders have collected.

    Args:
        builders: One builder per column.
        minimum_rows: Required number of rows.

    Raises:
        ImportFailed: The table has fewer rows than required.
    """
    columns = {builder.field.name: builder.column() for builder in builders}
    rows = len(next(iter(columns.values())))
    if rows < minimum_rows:
        raise ImportFailed(messages.TOO_FEW_ROWS.format(rows=rows, minimum=minimum_rows))
    return Table(columns=columns, rows=rows)


def check_lengths(builders: Sequence[ColumnBuilder], details: str = "") -> None:
    """Check that no column contains a value that is longer than the service allows.

    Args:
        builders: One builder per column, with the cells read so far.
        details: Text for the log about the rows with such values.

    Raises:
        RowsRefused: A column contains a value that is too long.
    """
    for builder in builders:
        if isinstance(builder, StringsBuilder) and builder.has_long_values:
            raise RowsRefused(messages.TOO_LONG.format(limit=builder.limit, column=builder.field.name), details)


def _read_file(content: bytes, names: Sequence[str], builders: Sequence[ColumnBuilder]) -> set[str]:
    """Read one CSV file, add its cells to the builders and return the names in its header.

    Args:
        content: The file, UTF-8 with or without a byte order mark.
        names: Names of the columns to read.
        builders: The builders of these columns, in the same order.
    """
    try:
        text = _text(content)
        match = LINE.match(text)
        line = match.group() if match else ""
        header = next(csv_reader(line), [])
        positions = positions_of(names, header)
        text = text[len(line) :].strip("\n")  # the whole file is in memory only once as text
        blocks = _blocks(text, positions, len(header))
        for columns in tracked(blocks, title="reading a CSV file", unit="rows", count=lambda block: len(block[0])):
            for cells, builder in zip(columns, builders, strict=True):
                builder.add(cells)
    except (csv.Error, ValueError, OverflowError):  # UnicodeDecodeError is a ValueError
        raise RowsRefused(messages.NOT_CONFORMING) from None
    check_lengths(builders)
    return set(header)


def _text(content: bytes) -> str:
    if b"\0" in content:
        raise ValueError("The CSV file contains a NUL character, which the csv module of Python 3.10 cannot read.")
    return content.decode("utf-8-sig").lstrip("\r\n")


def positions_of(names: Iterable[str], header: list[str]) -> list[int]:
    """Return the positions of columns in the header of a CSV file.

    An exact match of the name takes precedence over a match that ignores case. If several columns match equally well,
    the first one counts.

    Args:
        names: Names of the columns to find.
        header: All column names in the header.

    Raises:
        ColumnsMissing: The header lacks some of the columns.
    """
    upper = [name.upper() for name in header]
    missing = [name for name in names if name.upper() not in upper]
    if missing:
        raise ColumnsMissing(missing)
    return [header.index(name) if name in header else upper.index(name.upper()) for name in names]


def _blocks(text: str, positions: Sequence[int], width: int) -> Iterator[list[Cells]]:
    """Split CSV rows into blocks and yield, for each block, one list of cells per requested column.

    Args:
        text: The CSV file without its header.
        positions: Positions of the requested columns in a row.
        width: Number of cells that each row must have.

    Raises:
        ValueError, csv.Error: A row spans several lines or does not have `width` cells.
    """
    if '"' not in text and "\\" not in text:
        plain = text.replace("\r\n", "\n").strip("\n")
        if "\r" not in plain and "\n\n" not in plain:
            return _plain_blocks(plain, positions, width)
    return _csv_blocks(text, positions, width)


def _plain_blocks(text: str, positions: Sequence[int], width: int) -> Iterator[list[Cells]]:
    """Split a text without quotes and backslashes into blocks of rows, and yield the cells of each block by column.

    Such a text can be split at commas and line feeds, which is faster than the csv module. `_blocks` describes the
    arguments.
    """
    start = 0
    while start < len(text):
        end = text.find("\n", min(start + BLOCK_CHARACTERS, len(text)))
        lines = text[start : end if end >= 0 else len(text)]
        start += len(lines) + 1
        cells = lines.replace("\n", ",\n,").split(",")  # a cell with a line feed separates two rows
        ends = cells[width :: width + 1]
        if (len(cells) + 1) % (width + 1) or ends.count("\n") != lines.count("\n"):
            raise ValueError("The rows of the CSV file have different numbers of cells.")
        yield [cells[position :: width + 1] for position in positions]


def _csv_blocks(text: str, positions: Sequence[int], width: int) -> Iterator[list[Cells]]:
    reader = csv_reader(text)
    lines = 0
    while block := list(islice(reader, BLOCK_ROWS)):
        lines += len(block)
        rows = list(filter(None, block))  # a blank line is an empty row
        if reader.line_num != lines or set(map(len, rows)) - {width}:
            raise ValueError("A row of the CSV file spans several lines, or the rows have different numbers of cells.")
        yield [list(map(itemgetter(position), rows)) for position in positions]


def csv_reader(text: str) -> Reader:
    """Return a reader of the rows in a CSV text.

    A backslash escapes a quote or another backslash. Before any other character it is an ordinary character.
    """
    if "\\" not in text:
        return csv.reader(io.StringIO(text, newline=""), strict=True)
    escaped = BACKSLASH.sub(lambda match: match[0] if match[1] else r"\\", text)
    return csv.reader(io.StringIO(escaped, newline=""), strict=True, escapechar="\\")


def check_headers(first: set[str], other: set[str]) -> None:
    """Check that two files of one import have the same column names, in any order.

    Args:
        first: The column names of the first file.
        other: The column names of another file.

    Raises:
        ImportFailed: The column names differ.
    """
    if first != other:
        raise ImportFailed(messages.DIFFERENT_HEADERS.format(columns=", ".join(sorted(first ^ other))))
