"""Conversion of the records and events sent by Put operations into typed rows, and of such rows into tables.

The `properties` of a record are a JSON object. Its keys are field names of the schema in camel case, such as
`numberOfRatings` for NUMBER_OF_RATINGS. Case and underscores are ignored, just as the service ignores them when
it checks a schema for duplicate field names.

AWS does not document the following cases, which the mock handles as follows:

* Keys that the schema does not contain are ignored.
* An empty string becomes null, like an empty CSV cell.
* A number or boolean in a text field becomes text.
* If two keys differ only in case or underscores, the last one counts.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from math import isfinite
from typing import Any, TypeAlias

import numpy as np

from personalize_mock.data.avro import AvroSchema, SchemaField
from personalize_mock.data.tables import Column, FieldValue, Numbers, Strings, Table
from personalize_mock.data.value_rules import max_length

Row: TypeAlias = "tuple[FieldValue, ...]"

_INTEGER_BITS = {"int": 31, "long": 63}  # without the sign
_LARGEST_FLOAT = {"float": 3.4028234663852886e38, "double": 1.7976931348623157e308}
_NUMBER_CHARACTERS = frozenset("0123456789+-.eE")
# Developer guide, "Actions dataset" (2025): a table contains the first name, the example of PutActions the second.
_OTHER_NAMES = {
    "expirationtimestamp": "actionexpirationtimestamp",
    "actionexpirationtimestamp": "expirationtimestamp",
}
_BOOLEANS = {True: 1, False: 0, "true": 1, "false": 0}

# The texts of the service for these cases are not known.
NOT_JSON = "properties must be a JSON object, written as a string, such as '{\"price\": 9.5}'."
FORBIDDEN = "properties must not contain {key}. Remove it."
MISSING = "A value for the field {field} is missing. Add it, because the schema does not allow null."
WRONG_TYPE = "The value of the field {field} must be of the type {type}."
TOO_LONG = "Length cannot be more than {limit} characters for {field}."


class RecordError(ValueError):
    """Raised when a record does not fit the schema of its dataset.

    The message contains no value of the record, because the values may be sensitive.
    """


def bare(name: str) -> str:
    """Return a field name in lower case without underscores, so that `numberOfRatings` matches `NUMBER_OF_RATINGS`."""
    return name.replace("_", "").casefold()


def parse_properties(properties: str | None, *, forbidden: Collection[str] = ()) -> dict[str, Any]:
    """Parse the properties of a record into a mapping from field names to values.

    The names are in lower case without underscores, such as "numberofratings". The mapping is empty if there are no
    properties.

    Args:
        properties: A JSON object as text, or None if the record has no properties.
        forbidden: Names of fields that the properties must not contain, in lower case without underscores.

    Raises:
        RecordError: `properties` is not a JSON object or contains a forbidden field.
    """
    if properties is None:
        return {}
    try:
        parsed = json.loads(properties, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise RecordError(NOT_JSON) from None
    if not isinstance(parsed, dict):
        raise RecordError(NOT_JSON)
    by_name = {bare(key): value for key, value in parsed.items()}
    if forbidden and not by_name.keys().isdisjoint(forbidden):
        key = next(key for key in parsed if bare(key) in forbidden)
        raise RecordError(FORBIDDEN.format(key=key))
    return by_name


def make_row(schema: AvroSchema, properties: Mapping[str, Any], members: Mapping[str, Any], *, complete: bool) -> Row:
    """Return the values of a record in the order of the schema's fields.

    Args:
        schema: The schema of the dataset.
        properties: The result of `parse_properties`.
        members: Values that the request carries outside the properties, such as USER_ID, by field name. They take
            precedence over the properties unless they are None.
        complete: Whether to raise an error if a field that cannot be null has no value.

    Raises:
        RecordError: A value does not fit its field, or a required value is missing.
    """
    values = []
    for field in schema.fields:
        member = members.get(field.name)
        value = convert(field, _property(properties, bare(field.name)) if member is None else member)
        if value is None and complete and not field.nullable:
            raise RecordError(MISSING.format(field=field.name))
        values.append(value)
    return tuple(values)


def convert(field: SchemaField, value: Any) -> FieldValue:
    """Convert a JSON value to the type of a schema field.

    An empty string becomes None. In a boolean field, true and false become 1 and 0. In a textual field, text that is
    too long is cut.

    Args:
        field: The field of the schema.
        value: The value as parsed from JSON.

    Raises:
        RecordError: The value has the wrong type or is too long.
    """
    if value is None or value == "":
        return None
    try:
        return _CONVERT[field.type](field, value)
    except (ValueError, TypeError, OverflowError) as problem:
        if isinstance(problem, RecordError):
            raise
        raise RecordError(WRONG_TYPE.format(field=field.name, type=field.type)) from None


def table_from_rows(schema: AvroSchema, rows: Sequence[Row]) -> Table:
    """Build a table from rows of values.

    Args:
        schema: The schema, which names the columns and their types.
        rows: The rows. Each has one value per field, in the order of the schema's fields.
    """
    values = zip(*rows, strict=True) if rows else ((),) * len(schema.fields)
    columns = {field.name: _column(field, column) for field, column in zip(schema.fields, values, strict=True)}
    return Table(columns=columns, rows=len(rows))


def _property(properties: Mapping[str, Any], name: str) -> Any:
    return properties.get(name, properties.get(_OTHER_NAMES.get(name, name)))


def _refuse(constant: str) -> float:
    raise ValueError(constant)


def _text(field: SchemaField, value: Any) -> str:
    if isinstance(value, (list, dict)):
        raise TypeError(field.name)
    text = value if isinstance(value, str) else json.dumps(value, allow_nan=False)
    text.encode()  # raises an error for half of a surrogate pair
    limit = max_length(field)
    if len(text) <= limit:
        return text
    if field.textual:
        return text[:limit]
    raise RecordError(TOO_LONG.format(limit=limit, field=field.name))


def _integer(field: SchemaField, value: Any) -> int:
    number = int(_number_text(value).removesuffix(".0")) if isinstance(value, str) else int(value)
    bits = _INTEGER_BITS[field.type]
    if (
        isinstance(value, bool)
        or (isinstance(value, float) and number != value)
        or not -1 << bits <= number < 1 << bits
    ):
        raise ValueError(field.name)
    return number


def _float(field: SchemaField, value: Any) -> float:
    number = float(_number_text(value) if isinstance(value, str) else value)
    if isinstance(value, bool) or not isfinite(number) or abs(number) > _LARGEST_FLOAT[field.type]:
        raise ValueError(field.name)
    return number


def _boolean(field: SchemaField, value: Any) -> int:
    if not isinstance(value, (bool, str)) or value not in _BOOLEANS:
        raise ValueError(field.name)
    return _BOOLEANS[value]


def _number_text(text: str) -> str:
    """Return `text` unchanged if all its characters can occur in a decimal number; otherwise raise ValueError.

    The functions `int` and `float` would also accept `nan`, `1_000` and digits of other scripts.
    """
    if not _NUMBER_CHARACTERS.issuperset(text):
        raise ValueError(text)
    return text


def _column(field: SchemaField, values: Sequence[Any]) -> Column:
    if field.type == "string":
        return Strings.from_values(values)
    valid = np.array([value is not None for value in values], dtype=np.bool_)
    dtype = np.float64 if field.type in ("float", "double") else np.int64
    numbers: Any = np.array([0 if value is None else value for value in values], dtype=dtype)
    return Numbers(values=numbers, valid=None if valid.all() else valid)


_CONVERT: Mapping[str, Callable[[SchemaField, Any], FieldValue]] = {
    "string": _text,
    "int": _integer,
    "long": _integer,
    "float": _float,
    "double": _float,
    "boolean": _boolean,
}
