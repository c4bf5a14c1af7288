"""Second reading of an import, line by line: locates rows that do not fit the schema, and leaves out a few.

Films without a year were imported although YEAR is an `int` that cannot be null: 13 bad rows in 9,742 (recorded four
times, 2020 and 2022). How many bad rows an import may have, and what becomes of them, is not known. Here they are left
out up to `TOLERATED_SHARE`. Beyond it the import fails, and so it does if a value is too long.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

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

# Ours.
TOLERATED_SHARE = 0.01  # of the rows of an import
REFUSED_SHARE = 0.5  # of the rows of a first part; a larger share is refused before the import begins
SHOWN_ROWS = 5
SHOWN_CHARACTERS = 80

LINE_END = re.compile(r"\r\n|\r|\n")
BLOCK_LINES = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that does not fit the schema.

    Attributes:
        file: Location of the file.
        line: Number of the line, 1 for the first.
        column: Name of the first column that does not fit; None if the row has no such columns.
        value: The cell, or the line.
        problem: Reason.
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
    """The rows of an import that do not fit the schema.

    Attributes:
        rows: Number of rows read.
        count: Number of bad rows among them.
        first: The first bad rows.
    """

    rows: int = 0
    count: int = 0
    first: list[BadRow] = field(default_factory=list)

    def __str__(self) -> str:
        more = f"; and {self.count - len(self.first)} more" if self.count > len(self.first) else ""
        return f"{self.count} of {self.rows} rows. {'; '.join(map(str, self.first))}{more}"

    def add(self, row: BadRow) -> None:
        """Count a row, and keep it if it is one of the first."""
        self.count += 1
        if len(self.first) < SHOWN_ROWS:
            self.first.append(row)


def read_tolerantly(
    files: Mapping[str, bytes], schema: AvroSchema, *, minimum_rows: int = 0
) -> tuple[Table, BadRows | None]:
    """Return the rows of all `files` as `csv_files.read` does, without bad ones if they are few.

    Args:
        files: Contents of CSV files by location.
        schema: The columns to read.
        minimum_rows: Required number of good rows in all files together.

    Returns:
        The rows, and the bad rows that were left out, or None if there are none.

    Raises:
        ImportFailed: The import fails. Its details locate the rows that caused it.
    """
    try:
        return read(files.values(), schema, minimum_rows=minimum_rows), None
    except RowsRefused:
        scan = _Scan(files, schema)
    if scan.bad.count > TOLERATED_SHARE * scan.bad.rows:
        raise RowsRefused(messages.NOT_CONFORMING, str(scan.bad)) from None
    check_lengths(scan.builders, str(scan.long))
    return table_of(scan.builders, minimum_rows=minimum_rows), scan.bad


def check_first_part(file: str, content: bytes, schema: AvroSchema) -> None:
    """Check the header and the first rows of a file.

    Args:
        file: Location of the file.
        content: Its first part. It ends with a complete line.
        schema: The columns to read.

    Raises:
        ImportFailed: The header lacks columns, or most of the rows do not fit the schema.
    """
    bad = _Scan({file: content}, schema).bad
    if bad.count > REFUSED_SHARE * bad.rows:
        raise RowsRefused(messages.NOT_CONFORMING, str(bad))


class _Scan:
    """The good rows of some files, and what is wrong with the others.

    Attributes:
        builders: Columns of the good rows.
        bad: The rows that do not conform to the schema.
        long: Good rows with a value that is too long.
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
        """Add the good rows among some lines, and record the others."""
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
        """Add the rows whose cells conform, and return the others."""
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
    """Return the lines of a file; bytes that are not UTF-8 become surrogates."""
    return LINE_END.split(content.decode("utf-8-sig", errors="surrogateescape"))


def _cells(line: str) -> list[str] | None:
    """Return the cells of a line, or None if the line is not one row of CSV in UTF-8."""
    try:
        line.encode()
        if '"' not in line and "\\" not in line and "\0" not in line:
            return line.split(",")
        (row,) = csv_reader(line)
    except (ValueError, csv.Error):  # UnicodeEncodeError is a ValueError
        return None
    return None if "\0" in line else row


def _problems(builder: ColumnBuilder, column: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the positions of cells that do not conform or are too long, with the reason."""
    if isinstance(builder, NumbersBuilder) and builder.all_conform(column):
        return iter(())
    reasons = {cell: _problem(builder, cell) for cell in set(column)}
    bad = {cell: reason for cell, reason in reasons.items() if reason}
    return ((at, bad[cell]) for at, cell in enumerate(column) if cell in bad)


def _problem(builder: ColumnBuilder, cell: str) -> str:
    if builder.conforms(cell):
        return f"has {len(cell)} characters" if builder.is_too_long(cell) else ""
    return f"is not of type {builder.field.type}" if cell else "is empty"
