"""What filters are made in and evaluated on: a dataset group, and rows written as dictionaries."""

import numpy as np
from aligning import aligned
from builders import a_dataset, a_dataset_group, a_schema, avro_schema
from filtering.cases import FIELDS, SCHEMAS

from personalize_mock.data.id_map import IdMap
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.filtering.check import check_expression
from personalize_mock.filtering.compiled_filter import FilterContext, compile_expression
from personalize_mock.filtering.parse import parse_expression


def a_group(mock, name="shop", kinds=FIELDS):
    """The ARN of a dataset group with datasets of `FIELDS`, of all types by default."""
    group = a_dataset_group(mock, name)
    for kind in kinds:
        schema = a_schema(mock, kind, name=f"{name}-{kind.lower()}", schema=avro_schema(kind, FIELDS[kind]))
        a_dataset(mock, group, kind, schemaArn=schema)
    return group


def a_compiled_filter(text):
    """The plan of a filter that passes all checks."""
    read = parse_expression(text)
    check_expression(read, SCHEMAS)
    return compile_expression(read)


def metadata_of(ids, rows, kind="ITEMS"):
    """Rows by id, in the order of `ids`; what a row does not name is null."""
    schema = SCHEMAS[kind]
    names = {name for row in rows.values() for name in row}
    fields = [field for field in schema.fields if field.name in names]
    columns = {field.name: _column(field, [row.get(field.name) for row in rows.values()]) for field in fields}
    key = schema.fields[0].name
    table = Table(columns={key: Strings.from_values(rows), **columns}, rows=len(rows))
    return aligned(table, ids, key=key, fields=schema.fields)


def a_filter_context(ids, rows=None, *, kind="ITEMS", by_event_type=None, metadata=None, **members):
    """A view of candidates; `by_event_type` names them by event type."""
    known = IdMap(ids)
    categories = [field.name for field in SCHEMAS["USERS"].fields if field.categorical]
    return FilterContext(
        ids=known,
        metadata=metadata if rows is None else metadata_of(known, rows, kind),
        candidates_by_event_type={
            event_type: known.indices(list(names)) for event_type, names in (by_event_type or {}).items()
        },
        **{"categorical_user_fields": categories, **members},
    )


def allowed(text, view, **values):
    """The ids that a filter allows."""
    return {view.ids[row] for row in np.flatnonzero(a_compiled_filter(text).mask(view, values))}


def _column(field, values):
    if field.type == "string":
        return Strings.from_values(values)
    number = np.float64 if field.type in ("float", "double") else np.int64
    valid = np.array([value is not None for value in values], dtype=bool)
    known = np.array([0 if value is None else value for value in values], dtype=number)
    return Numbers(values=known, valid=None if valid.all() else valid)
