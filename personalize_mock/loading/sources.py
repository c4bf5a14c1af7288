"""Sources of data, such as rows, DataFrames, CSV texts, files and objects in S3, and their conversion to columns.

No DataFrame library is imported. A DataFrame is recognised by its methods, such as `to_dict`.
"""

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

from personalize_mock.data.csv_files import csv_reader
from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.loading import dataframes
from personalize_mock.loading.columns import Columns
from personalize_mock.loading.names import EXAMPLE_COLUMNS, ID_COLUMNS, column_name, dataset_words

Fetch = Callable[[str], bytes]  # from an S3 location to the content of the object
SOURCES = (
    "a list of tuples, a list of dictionaries, a dictionary of columns, a DataFrame, a CSV text with a header, "
    "the path of a CSV file, or a location such as 's3://bucket/events.csv'"
)
TUPLE_COLUMNS = {"INTERACTIONS": ("USER_ID", "ITEM_ID"), "ACTION_INTERACTIONS": ("USER_ID", "ACTION_ID")}
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ]|\Z)")  # the beginning of an ISO 8601 text


def csv_content(argument: str, source: Any, fetch: Fetch) -> bytes | None:
    """Return the content of a CSV text, of a CSV file or of an object in S3, or None for any other source of data.

    Args:
        argument: The name of the argument of `mock.load`, such as "interactions".
        source: The value of the argument, such as a CSV text, a path, an "s3://" location or a list of rows.
        fetch: Function that returns the content of the object in S3 at a location such as "s3://bucket/events.csv".

    Raises:
        PersonalizeMockError: There is no such file or object.
    """
    if isinstance(source, Path):
        return _read_file(argument, source)
    return _content(argument, source, fetch) if isinstance(source, (str, bytes)) else None


def read(argument: str, source: Any) -> Columns:
    """Convert an argument of `mock.load` to columns.

    Args:
        argument: The name of the argument, such as "interactions".
        source: The value of the argument, or the content of a CSV file as bytes.

    Raises:
        PersonalizeMockError: The value has none of the accepted forms, has no rows, has a malformed row, or lacks a
            required column, such as USER_ID.
    """
    columns = _read(argument, source)
    if not columns.values or not columns.rows:
        raise PersonalizeMockError(f"{argument} has no rows. Pass at least one row, or leave {argument}= out.")
    lengths = {columns.given[name]: len(values) for name, values in columns.values.items()}
    if len(set(lengths.values())) > 1:
        raise PersonalizeMockError(
            f"{argument}: the columns have different lengths: {lengths}. Write one value per row in each column, and "
            "None for a missing value."
        )
    return columns


def _read(argument: str, source: Any) -> Columns:
    if isinstance(source, bytes):
        return _from_csv(argument, source)
    frame = dataframes.columns_of(source)
    if frame is not None:
        return _from_columns(argument, frame)
    if isinstance(source, Mapping):
        return _from_columns(argument, {name: _values(argument, name, values) for name, values in source.items()})
    if not isinstance(source, Iterable):
        raise PersonalizeMockError(f"{argument}={source!r}: not data that load() can read. Pass {SOURCES}.")
    return _from_rows(argument, list(source))


def _content(argument: str, source: str | bytes, fetch: Fetch) -> bytes:
    if isinstance(source, bytes):
        return source
    if source.startswith("s3://"):
        return fetch(source)
    if "\n" in source or "\r" in source:
        return source.encode()
    path = Path(source)
    if not path.is_file():
        raise PersonalizeMockError(
            f"{argument}={source!r}: there is no such file, and this is not a CSV text, which has at least two "
            f"lines. Pass {SOURCES}."
        )
    return _read_file(argument, path)


def _read_file(argument: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PersonalizeMockError(
            f"{argument}={str(path)!r}: the file cannot be read ({error.strerror}). Pass the path of a CSV file."
        ) from None


def _from_csv(argument: str, content: bytes) -> Columns:
    try:
        rows = [row for row in csv_reader(content.decode("utf-8-sig")) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise PersonalizeMockError(
            f"{argument}: not CSV encoded as UTF-8 ({error}). Save it as UTF-8, with commas between the cells."
        ) from None
    if not rows:
        raise PersonalizeMockError(
            f"{argument}: the CSV text is empty. Write a line with the names of the columns, and a line for each row."
        )
    header, *body = rows
    for number, row in enumerate(body, 1):
        if len(row) != len(header):
            raise PersonalizeMockError(
                f"{argument}, row {number} {row!r}: {len(row)} cells, but the header {header!r} has {len(header)}. "
                "Write as many cells as names, and quote cells that contain a comma."
            )
    return _from_columns(argument, {name: [row[at] for row in body] for at, name in enumerate(header)}, is_text=True)


def _values(argument: str, name: object, values: Any) -> Sequence[Any]:
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise PersonalizeMockError(
            f"{argument}={{{name!r}: {values!r}}}: the value is not a list. "
            "Write a list of values for each column name, or pass a list of dictionaries, one per row."
        )
    return dataframes.as_list(values)


def _from_rows(argument: str, rows: Sequence[Any]) -> Columns:
    rows = [_as_row(row) for row in rows]
    is_mapping = bool(rows) and isinstance(rows[0], Mapping)
    for number, row in enumerate(rows, 1):
        if not isinstance(row, Mapping if is_mapping else (tuple, list)):
            problem = f"neither a tuple nor a dictionary. Pass {SOURCES}."
            if number > 1:
                one, several = ("a dictionary", "dictionaries") if is_mapping else ("a tuple", "tuples")
                problem = f"not {one} like row 1. Write all rows as {several}."
            raise PersonalizeMockError(f"{argument}, row {number} {row!r}: {problem}")
    if not is_mapping:
        return _from_tuples(argument, rows)
    names = dict.fromkeys(name for row in rows for name in row)
    return _from_columns(argument, {name: [row.get(name) for row in rows] for name in names})


def _as_row(row: Any) -> Any:
    """Convert a named tuple or an instance of a dataclass to a dictionary. Return any other row unchanged."""
    if type(row) in (tuple, dict):
        return row
    if isinstance(row, tuple) and hasattr(row, "_asdict"):
        return row._asdict()
    if is_dataclass(row) and not isinstance(row, type):
        return {field.name: getattr(row, field.name) for field in fields(row)}
    return row


def _from_tuples(argument: str, rows: Sequence[Sequence[Any]]) -> Columns:
    if argument.upper() not in TUPLE_COLUMNS and rows:
        raise PersonalizeMockError(
            f"{argument}, row 1 {rows[0]!r}: only interactions can be tuples. Write dictionaries with the names of the "
            f'columns, such as {{"{ID_COLUMNS[argument.upper()]}": ..., {EXAMPLE_COLUMNS[argument.upper()]}}}.'
        )
    names = _tuple_columns(argument, rows[0]) if rows else ()
    has_more = len(names) > len(TUPLE_COLUMNS.get(argument.upper(), ()))
    for number, row in enumerate(rows, 1):
        if len(row) != len(names) or (has_more and _tuple_columns(argument, row, number) != names):
            raise PersonalizeMockError(
                f"{argument}, row {number} {row!r}: each tuple must contain the same columns as the first row "
                f"({', '.join(names)}). Write dictionaries if the columns differ between rows."
            )
    return _from_columns(argument, {name: [row[at] for row in rows] for at, name in enumerate(names)})


def _tuple_columns(argument: str, row: Sequence[Any], number: int = 1) -> tuple[str, ...]:
    """Return the names of the fields that the values of a tuple belong to, such as USER_ID, ITEM_ID and TIMESTAMP.

    A tuple contains two ids and, optionally, an event type and a time in any order.

    Args:
        argument: The name of the argument of `mock.load`, such as "interactions".
        row: The tuple.
        number: The number of the row, for the error message. The first row has the number 1.

    Raises:
        PersonalizeMockError: The tuple has fewer than two values, or more than one event type or time.
    """
    rest = tuple("EVENT_TYPE" if _is_event_type(value) else "TIMESTAMP" for value in row[2:])
    if len(row) < 2 or len(set(rest)) != len(rest):  # noqa: PLR2004  # the two ids
        first, second = TUPLE_COLUMNS[argument.upper()]
        raise PersonalizeMockError(
            f"{argument}, row {number} {row!r}: a tuple must contain {first}, {second} and, optionally, an event "
            "type and a time. For other columns, write dictionaries, such as {'USER_ID': 'ada', ...}."
        )
    return (*TUPLE_COLUMNS[argument.upper()], *rest)


def _is_event_type(value: object) -> bool:
    if isinstance(value, str):
        return not _ISO_DATE.match(value)
    return not isinstance(value, (int, float, date)) and value is not None and not hasattr(value, "dtype")


def _from_columns(argument: str, columns: Mapping[Any, Sequence[Any]], *, is_text: bool = False) -> Columns:
    given: dict[str, str] = {}
    for name in columns:
        field = column_name(argument.upper(), name)
        if field in given:
            raise PersonalizeMockError(
                f"{argument}: the columns {given[field]!r} and {name!r} both become the field {field}. Remove one "
                "of them."
            )
        given[field] = str(name)
    for required in TUPLE_COLUMNS.get(argument.upper(), (ID_COLUMNS.get(argument.upper()),)):
        if columns and required not in given:
            raise PersonalizeMockError(
                f"{argument}: there is no column {required} among {', '.join(map(repr, given.values()))}. Rename "
                f"the column with the ids of {dataset_words(str(required))} to {required}."
            )
    values = {field: columns[name] for field, name in zip(given, columns, strict=True)}
    return Columns(argument=argument, values=values, given=given, is_text=is_text)
