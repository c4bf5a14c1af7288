"""A dataset group for filters, and filter contexts from rows written as dictionaries."""

import numpy as np
from builders import a_dataset, a_dataset_group, a_schema, avro_schema
from dataset_tables import aligned
from filtering.cases import FIELDS, SCHEMAS

from personalize_mock.data.id_map import IdMap
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.filtering.check import check_expression
from personalize_mock.filtering.compiled_filter import FilterContext, compile_expression
from personalize_mock.filtering.parse import parse_expression


def a_group(mock, name="shop", dataset_types=FIELDS):
    """Create a dataset group with datasets of these types and return its ARN."""
    group = a_dataset_group(mock, name)
    for dataset_type in dataset_types:
        schema_name, schema = f"{name}-{dataset_type.lower()}", avro_schema(dataset_type, FIELDS[dataset_type])
        schema_arn = a_schema(mock, dataset_type, name=schema_name, schema=schema)
        a_dataset(mock, group, dataset_type, schemaArn=schema_arn)
    return group


def a_compiled_filter(text):
    """Parse, check and compile an expression."""
    expression = parse_expression(text)
    check_expression(expression, SCHEMAS)
    return compile_expression(expression)


def metadata_of(ids, rows, dataset_type="ITEMS"):
    """Return metadata of rows by id, in the order of `ids`. Missing fields of a row are null."""
    schema = SCHEMAS[dataset_type]
    names = {name for row in rows.values() for name in row}
    fields = [field for field in schema.fields if field.name in names]
    columns = {field.name: _column(field, [row.get(field.name) for row in rows.values()]) for field in fields}
    key = schema.fields[0].name
    table = Table(columns={key: Strings.from_values(rows), **columns}, rows=len(rows))
    return aligned(table, ids, key=key, fields=schema.fields)


def a_filter_context(ids, rows=None, *, dataset_type="ITEMS", by_event_type=None, metadata=None, **members):
    """Return a filter context. `by_event_type` has the ids of candidates by event type."""
    id_map = IdMap(ids)
    categorical = [field.name for field in SCHEMAS["USERS"].fields if field.categorical]
    return FilterContext(
        ids=id_map,
        metadata=metadata if rows is None else metadata_of(id_map, rows, dataset_type),
        candidates_by_event_type={
            event_type: id_map.indices(list(names)) for event_type, names in (by_event_type or {}).items()
        },
        **{"categorical_user_fields": categorical, **members},
    )


def passing(text, context, **values):
    """Return the ids that pass a filter."""
    return {context.ids[index] for index in np.flatnonzero(a_compiled_filter(text).mask(context, values))}


def _column(field, values):
    if field.type == "string":
        return Strings.from_values(values)
    dtype = np.float64 if field.type in ("float", "double") else np.int64
    valid = np.array([value is not None for value in values], dtype=bool)
    numbers = np.array([0 if value is None else value for value in values], dtype=dtype)
    return Numbers(values=numbers, valid=None if valid.all() else valid)
