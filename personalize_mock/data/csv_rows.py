"""Tolerant reader of CSV files, which finds the rows that do not fit the schema and leaves them out if they are few.

In four imports observed in 2020 and 2022, the service accepted a file of films in which 13 of 9,742 rows had no value
for YEAR, although the schema declared it as an `int` that cannot be null. How many bad rows the service tolerates, and
what it does with them, is not known. The mock leaves out bad rows if their share of all rows is at most
`TOLERATED_SHARE`. If there are more, or if a value is too long, the import fails.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from personalize_mock.content_cache import cached, digest
from personalize_mock.data import messages
from personalize_mock.data.avro import AvroSchema
from personalize_mock.data.csv_columns import ColumnBuilder, NumbersBuilder, builder_of
from personalize_mock.data.csv_files import (
    ImportFailed,
    RowsRefused,
    check_headers,
    check_lengths,
    csv_reader,
    positions_of,
    read,
    table_of,
)
from personalize_mock.data.tables import Table

# The limits of the service are not known.
TOLERATED_SHARE = 0.01  # of the rows of an import
REFUSED_SHARE = 0.5  # of the first rows of a file; if more are bad, the import is refused before it begins
SHOWN_ROWS = 5
SHOWN_CHARACTERS = 80

LINE_END = re.compile(r"\r\n|\r|\n")
BLOCK_LINES = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row of a CSV file that does not fit the schema.

    Attributes:
        file: Location of the file.
        line: Line number, counted from 1.
        column: Name of the first column with a bad value, or None if the whole line is malformed.
        value: The bad value, or the whole line if `column` is None.
        problem: Text that says what is wrong with the value, such as "is empty".
    """

    file: str
    line: int
    column: str | None
    value: str
    problem: str

    def __str__(self) -> str:
        column = "" if self.column is None else f", column {self.column}"
        value = self.value if len(self.value) <= SHOWN_CHARACTERS else f"{self.value[:SHOWN_CHARACTERS]}..."
        return f"{self.file}, line {self.line}{column}: {value!r} {self.problem}"


@dataclass(kw_only=True)
class BadRows:
    """Summary of the rows of an import that do not fit the schema.

    Attributes:
        rows: Number of all rows that were read, good and bad.
        count: Number of bad rows.
        first: The first bad rows, at most 5, as examples for the log.
    """

    rows: int = 0
    count: int = 0
    first: list[BadRow] = field(default_factory=list)

    def __str__(self) -> str:
        more = f"; and {self.count - len(self.first)} more" if self.count > len(self.first) else ""
        return f"{self.count} of {self.rows} rows. {'; '.join(map(str, self.first))}{more}"

    def add(self, row: BadRow) -> None:
        """Count a bad row, and keep it as an example if it is among the first 5."""
        self.count += 1
        if len(self.first) < SHOWN_ROWS:
            self.first.append(row)


def read_tolerantly(
    files: Mapping[str, bytes], schema: AvroSchema, *, minimum_rows: int = 0, reuse: bool = False
) -> tuple[Table, BadRows | None]:
    """Read CSV files into one table, and leave out rows that do not fit the schema if they are at most 1 % of all rows.

    Args:
        files: Contents of the CSV files by location, such as an S3 URI.
        schema: The schema of the dataset; its fields are the columns to read.
        minimum_rows: Required number of good rows in all files together.
        reuse: Whether to reuse the table from an earlier call in this process with the same contents and schema.

    Returns:
        The table, and a summary of the rows that were left out, or None if all rows are good.

    Raises:
        ImportFailed: A header is wrong, too many rows are bad, a value is too long or there are too few good rows. The
            details of the exception locate the bad rows.
    """
    key = digest("files", repr((schema, minimum_rows)), *files.values()) if reuse else None
    try:
        return cached(key, lambda: read(files.values(), schema, minimum_rows=minimum_rows), reuse=reuse), None
    except RowsRefused:
        scan = _Scan(files, schema)
    if scan.bad.count > TOLERATED_SHARE * scan.bad.rows:
        raise RowsRefused(messages.NOT_CONFORMING, str(scan.bad)) from None
    check_lengths(scan.builders, str(scan.long))
    return table_of(scan.builders, minimum_rows=minimum_rows), scan.bad


def check_first_part(file: str, content: bytes, schema: AvroSchema, *, reuse: bool = False) -> None:
    """Check the header and the first rows of a CSV file before its import begins.

    Args:
        file: Location of the file.
        content: The first part of the file, which ends with a complete line.
        schema: The schema of the dataset.
        reuse: Whether to skip the check if the same content and schema have already passed it in this process.

    Raises:
        ImportFailed: The header lacks columns, or more than half of the rows do not fit the schema.
    """

    def check() -> None:
        bad = _Scan({file: content}, schema).bad
        if bad.count > REFUSED_SHARE * bad.rows:
            raise RowsRefused(messages.NOT_CONFORMING, str(bad))

    cached(digest("first part", repr(schema), content), check, reuse=reuse)


class _Scan:
    """Line-by-line reader of CSV files that separates good rows from bad ones.

    Attributes:
        builders: One builder per column, to which the rows that fit the schema are added.
        bad: The rows that do not fit the schema.
        long: The rows whose only problem is a value that is too long. They are also in `builders`.
    """

    def __init__(self, files: Mapping[str, bytes], schema: AvroSchema) -> None:
        self.builders = [builder_of(each, schema) for each in schema.fields]
        self.bad, self.long = BadRows(), BadRows()
        headers: list[set[str]] = []
        for file, content in files.items():
            headers.append(self._read_file(file, content, schema.names))
            check_headers(headers[0], headers[-1])
        self.long.rows = self.bad.rows

    def _read_file(self, file: str, content: bytes, names: Sequence[str]) -> set[str]:
        numbered = [pair for pair in enumerate(_lines(content), 1) if pair[1]]
        header = _cells(numbered[0][1]) if numbered else []
        if header is None:
            raise ImportFailed(messages.NOT_CONFORMING, f"{file}: the header is not valid CSV in UTF-8")
        positions = positions_of(names, header)
        for start in range(1, len(numbered), BLOCK_LINES):
            self._read_block(file, numbered[start : start + BLOCK_LINES], positions, len(header))
        return set(header)

    def _read_block(self, file: str, lines: Sequence[tuple[int, str]], positions: Sequence[int], width: int) -> None:
        """Add the good rows in a block of lines to the columns, and record the bad rows.

        Args:
            file: Location of the file.
            lines: Pairs of a line number and the line.
            positions: For each column of the schema, its position in a row.
            width: Number of cells that a row must have.
        """
        rows, bad = [], []
        for number, line in lines:
            cells = _cells(line)
            if cells is not None and len(cells) == width:
                rows.append((number, cells))
            else:
                problem = "is not valid CSV in UTF-8" if cells is None else f"has {len(cells)} cells, not {width}"
                bad.append(BadRow(file=file, line=number, column=None, value=line, problem=problem))
        bad += self._add(file, rows, positions)
        self.bad.rows += len(lines)
        for row in sorted(bad, key=lambda row: row.line):
            self.bad.add(row)

    def _add(self, file: str, rows: Sequence[tuple[int, list[str]]], positions: Sequence[int]) -> Iterable[BadRow]:
        """Add the rows whose values all fit the schema to the columns, and return the other rows as bad rows.

        Args:
            file: Location of the file.
            rows: Pairs of a line number and the cells of the line.
            positions: For each column of the schema, its position in a row.
        """
        columns = [[cells[position] for _, cells in rows] for position in positions]
        wrong: dict[int, BadRow] = {}
        long: dict[int, BadRow] = {}
        for builder, column in zip(self.builders, columns, strict=True):
            for at, problem in _problems(builder, column):
                row = BadRow(file=file, line=rows[at][0], column=builder.field.name, value=column[at], problem=problem)
                (long if builder.conforms(column[at]) else wrong).setdefault(at, row)
        for at in sorted(long.keys() - wrong.keys()):
            self.long.add(long[at])
        for builder, column in zip(self.builders, columns, strict=True):
            builder.add([cell for at, cell in enumerate(column) if at not in wrong] if wrong else column)
        return wrong.values()


def _lines(content: bytes) -> list[str]:
    """Decode a CSV file and split it into lines. Bytes that are not valid UTF-8 become surrogates."""
    return LINE_END.split(content.decode("utf-8-sig", errors="surrogateescape"))


def _cells(line: str) -> list[str] | None:
    """Return the cells of a line, or None if the line is not a complete CSV row in valid UTF-8."""
    try:
        line.encode()
        if '"' not in line and "\\" not in line and "\0" not in line:
            return line.split(",")
        (row,) = csv_reader(line)
    except (ValueError, csv.Error):  # UnicodeEncodeError is a ValueError
        return None
    return None if "\0" in line else row


def _problems(builder: ColumnBuilder, column: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Find the cells that do not fit their column or are too long.

    Args:
        builder: The builder of the column.
        column: The cells of the column.

    Returns:
        The position in `column` and the problem of each such cell, for example (3, "is empty").
    """
    if isinstance(builder, NumbersBuilder) and builder.all_conform(column):
        return iter(())
    reasons = {cell: _problem(builder, cell) for cell in set(column)}
    bad = {cell: reason for cell, reason in reasons.items() if reason}
    return ((at, bad[cell]) for at, cell in enumerate(column) if cell in bad)


def _problem(builder: ColumnBuilder, cell: str) -> str:
    if builder.conforms(cell):
        return f"has {len(cell)} characters" if builder.is_too_long(cell) else ""
    return f"is not of type {builder.field.type}" if cell else "is empty"
