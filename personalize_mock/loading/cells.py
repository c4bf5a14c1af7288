"""Conversion of the values of a column to the cells of a CSV file, with checks against the Avro schema."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.value_rules import action_event_type, max_length
from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.loading.columns import Columns
from personalize_mock.loading.values import Unfit, Value, as_float, as_instant, as_text, as_whole

Cell = Callable[[Value], object]


def cells(columns: Columns, field: SchemaField, values: Mapping[str, Sequence[Value]]) -> list[str]:
    """Return the cells of one column of a CSV file as text, one per row. A missing value becomes an empty cell.

    Args:
        columns: The data as it was given to `mock.load`, for error messages and for the number of rows.
        field: The field of the Avro schema for the column. If it is nullable, it may be missing from `values`.
        values: The values of all columns as plain Python values, such as numbers and strings, by the name of the field.

    Raises:
        PersonalizeMockError: A value does not fit the field, or the column is missing.
    """
    if field.name not in values:
        if field.nullable:
            return [""] * columns.rows
        raise PersonalizeMockError(
            f"{columns.argument}: the column {field.name} is missing, and its schema does not allow null. Add the "
            "column."
        )
    convert = partial(_cell, field, _converter(field, columns.dataset_type))
    return columns.converted(field.name, values[field.name], convert)


def _cell(field: SchemaField, convert: Cell, value: Value) -> str:
    if value is None:
        if not field.nullable:
            raise Unfit("missing. Write a value for each row")
        return ""
    cell = as_text(convert(value))  # type: ignore[arg-type]  # converters return numbers and texts
    if field.type == "string" and len(cell) > max_length(field) and not field.textual:
        raise Unfit(f"a string of {len(cell)} characters. Write at most {max_length(field)}")
    return cell


def _converter(field: SchemaField, dataset_type: str) -> Cell:
    if field.name.endswith("TIMESTAMP"):
        return as_instant
    if field.name == "EVENT_TYPE" and dataset_type == "ACTION_INTERACTIONS":
        return _action_event_type
    return {"string": as_text, "boolean": _boolean, "int": as_whole, "long": _long}.get(field.type, as_float)


def _action_event_type(value: Value) -> str:
    event_type = action_event_type(as_text(value))
    if event_type is None:
        raise Unfit("not an event type of actions. Write 'Taken', 'Not Taken' or 'Viewed'")
    return event_type


def _boolean(value: Value) -> bool:
    if not isinstance(value, bool):
        raise Unfit("neither True nor False. Write True or False")
    return value


def _long(value: Value) -> int:
    return as_instant(value) if isinstance(value, datetime) else as_whole(value)
