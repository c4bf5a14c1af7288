"""Conversion of the data given to `mock.load` to CSV files and Avro schemas, with checks of the values."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from personalize_mock.data import avro, csv_files
from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.loading import inference
from personalize_mock.loading.cells import cells
from personalize_mock.loading.columns import Columns
from personalize_mock.loading.values import Value, as_instant, parsed_texts, plain


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedDataset:
    """The rows and the schema of a dataset, ready to be imported.

    Attributes:
        dataset_type: The type of the dataset, such as INTERACTIONS.
        schema: The Avro schema.
        content: The rows as a CSV file in UTF-8.
        event_types: The distinct event types; empty if the dataset has no column EVENT_TYPE.
    """

    dataset_type: str
    schema: Mapping[str, Any]
    content: bytes
    event_types: frozenset[str] = frozenset()

    @property
    def schema_text(self) -> str:
        """The schema as JSON text, for the member `schema` of a CreateSchema request."""
        return json.dumps(self.schema)


def prepare(
    columns: Columns, *, domain: str | None, event_type: str | None, now: int, schema: Mapping[str, Any] | None = None
) -> PreparedDataset:
    """Check the data of one dataset, add missing times and event types, infer the schema and encode the rows as CSV.

    Args:
        columns: The data that `mock.load` was given.
        domain: ECOMMERCE, VIDEO_ON_DEMAND or None.
        event_type: The event type of interactions without a column EVENT_TYPE. None adds no column.
        now: The current time in epoch seconds. If no interaction has a time, the last one gets the time `now - 1`.
        schema: The schema to use, or None to infer one.

    Raises:
        PersonalizeMockError: A value does not fit its field, or the data does not fit the dataset type or the domain.
    """
    values = {name: _plain_column(columns, name) for name in columns.values}
    values = _completed(columns, values, event_type=event_type, now=now)
    if schema is None:
        fields = [inference.field(columns.dataset_type, name, column, domain) for name, column in values.items()]
        schema = inference.schema(columns.dataset_type, fields)
    parsed = _parse(columns, schema, domain)
    columns = replace(columns, given={name: columns.given.get(name, name) for name in values})
    rows = [cells(columns, field, values) for field in parsed.fields]
    events = values.get("EVENT_TYPE", ())
    content = _encode(parsed.names, rows)
    _check_import(columns, content, parsed)
    return PreparedDataset(
        dataset_type=columns.dataset_type,
        schema=schema,
        content=content,
        event_types=frozenset(str(event) for event in events),
    )


def _plain_column(columns: Columns, name: str) -> Sequence[Value]:
    values = columns.converted(name, columns.values[name], plain)
    is_id = name in ("USER_ID", "ITEM_ID", "ACTION_ID")
    return parsed_texts(values) if columns.is_text and not is_id else values


def _completed(
    columns: Columns, values: Mapping[str, Sequence[Value]], *, event_type: str | None, now: int
) -> dict[str, Sequence[Value]]:
    """Add missing times and event types to the columns of interactions. Return other data as it is, in a copy.

    Args:
        columns: The data as it was given to `mock.load`.
        values: The values of each column as plain Python values, by the name of the field.
        event_type: The event type to add if there is no column EVENT_TYPE, or None to add no column.
        now: The current time in epoch seconds.
    """
    completed = dict(values)
    if columns.dataset_type not in ("INTERACTIONS", "ACTION_INTERACTIONS"):
        return completed
    if "EVENT_TYPE" not in completed and event_type is not None:
        completed["EVENT_TYPE"] = [event_type] * columns.rows
    completed["TIMESTAMP"] = _times(columns, now=now)
    return completed


def _times(columns: Columns, *, now: int) -> Sequence[int]:
    """Return the time of each row in epoch seconds.

    A row without a time gets the time of the row before it plus one second. Rows before the first row with a time are
    counted back from that time, one second apart. If no row has a time, all rows are counted back from `now`.

    Args:
        columns: The data as it was given to `mock.load`.
        now: The current time in epoch seconds.
    """
    given = columns.values.get("TIMESTAMP", [None] * columns.rows)
    times = columns.converted("TIMESTAMP", given, _instant)
    first, known = next(((at, time) for at, time in enumerate(times) if time is not None), (len(times), now))
    previous = known - first - 1
    complete = []
    for time in times:
        previous = previous + 1 if time is None else time
        complete.append(previous)
    return complete


def _instant(value: Any) -> int | None:
    known = plain(value)
    return None if known is None else as_instant(known)


def _parse(columns: Columns, schema: Mapping[str, Any], domain: str | None) -> avro.AvroSchema:
    try:
        parsed = avro.parse(json.dumps(schema), domain=domain)
    except avro.SchemaError as error:
        given = ", ".join(map(repr, columns.given.values()))
        raise PersonalizeMockError(
            f"{columns.argument}: the service does not accept a schema with the columns {given}: {error}."
        ) from None
    if parsed.dataset_type != columns.dataset_type:
        raise PersonalizeMockError(
            f"{columns.argument}: this schema is for {parsed.dataset_type} datasets. Write a schema for "
            f"{columns.dataset_type} datasets, whose 'name' is {inference.RECORD_NAMES[columns.dataset_type]!r}."
        )
    return parsed


def _encode(names: Sequence[str], columns: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    rows = zip(*columns, strict=True)
    writer.writerows([cell.replace("\\", "\\\\") if "\\" in cell else cell for cell in row] for row in rows)
    return text.getvalue().encode()


def _check_import(columns: Columns, content: bytes, schema: avro.AvroSchema) -> None:
    """Check that an import job would accept the data.

    Args:
        columns: The data as it was given to `mock.load`, for the error message.
        content: The CSV file that is to be imported.
        schema: The schema of the dataset.

    Raises:
        PersonalizeMockError: The import would fail.
    """
    try:
        csv_files.read([content], schema)
    except csv_files.ImportFailed as failure:
        raise PersonalizeMockError(f"{columns.argument}: {failure} {failure.details}".rstrip()) from None
