"""Parser and validator of the Avro schemas that are passed to CreateSchema.

Recordings of the service (2018-2024) show that it accepts a list with a single type, null before or after the other
type, and metadata strings that are neither categorical nor textual. The parser also ignores the namespace, the version
and unknown attributes; whether the service does so is not known.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from personalize_mock.data import messages, schema_rules
from personalize_mock.data.schema_rules import FieldRule, SchemaRule

TYPES = ("boolean", "double", "float", "int", "long", "string")
FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ID_COLUMNS = {"ITEMS": "ITEM_ID", "USERS": "USER_ID", "ACTIONS": "ACTION_ID"}
_OF_USERS = ("INTERACTIONS", "USERS", "ACTION_INTERACTIONS")
FIELD_NAME_LENGTH = 150  # ColumnName in the botocore model


class SchemaError(ValueError):
    """Raised when a schema is invalid. The message says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaField:
    """A field of a schema, which describes one column of a dataset.

    Attributes:
        name: The name, as written in the schema.
        type: One of string, int, long, float, double and boolean.
        nullable: Whether the values may be null.
        categorical: Whether the values are categories. One value can contain several categories, joined with `|`.
        textual: Whether the values are unstructured text.
        item_name: Whether the values are the names of the items. Set by the attribute `itemName` of the field.
    """

    name: str
    type: str
    nullable: bool = False
    categorical: bool = False
    textual: bool = False
    item_name: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AvroSchema:
    """A parsed schema, which describes the columns of a dataset.

    Attributes:
        dataset_type: INTERACTIONS, ITEMS, USERS, ACTIONS or ACTION_INTERACTIONS.
        fields: The fields, in the order of the schema.
        domain: ECOMMERCE, VIDEO_ON_DEMAND, or None in custom dataset groups.
    """

    dataset_type: str
    fields: tuple[SchemaField, ...]
    domain: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields, in the order of the schema."""
        return tuple(field.name for field in self.fields)

    @property
    def id_column(self) -> str | None:
        """The name of the id column of an Items, Users or Actions dataset; None for datasets of interactions."""
        return _ID_COLUMNS.get(self.dataset_type)

    @property
    def categories(self) -> frozenset[str]:
        """The names of the categorical fields, in upper case."""
        return frozenset(field.name.upper() for field in self.fields if field.categorical)

    @property
    def has_users(self) -> bool:
        """Whether the dataset has a column USER_ID, so that a data deletion job can delete the rows of a user."""
        return self.dataset_type in _OF_USERS

    def field(self, name: str) -> SchemaField | None:
        """Return the field called `name`, or None if there is no such field."""
        return next((field for field in self.fields if field.name == name), None)


@lru_cache(maxsize=256)
def parse(text: str, *, domain: str | None = None) -> AvroSchema:
    """Parse a schema and check that it follows the rules for its domain and dataset type.

    Args:
        text: The schema, an Avro record as JSON text.
        domain: ECOMMERCE, VIDEO_ON_DEMAND, or None in custom dataset groups.

    Raises:
        SchemaError: The schema is invalid.
    """
    record = _record(text)
    dataset_type = _dataset_type(record.get("name"))
    rule = _rule(dataset_type, domain)
    fields = _fields(record.get("fields"))
    schema = AvroSchema(dataset_type=dataset_type, fields=fields, domain=domain)
    label = schema_label(schema)
    _check_known_fields(fields, rule, label)
    _check_flags(schema)
    _check_metadata(fields, rule, label)
    return schema


def schema_label(schema: AvroSchema) -> str:
    """Return the domain and the dataset type of a schema in words, such as "ECOMMERCE Items", for use in messages."""
    name = schema.dataset_type.replace("_", " ").capitalize()
    return f"{schema.domain} {name}" if schema.domain else name


def _record(text: str) -> Mapping[str, Any]:
    try:
        record = json.loads(text)
        json.dumps(record, ensure_ascii=False).encode()  # fails for half of a surrogate pair, which JSON can escape
    except UnicodeEncodeError:
        raise SchemaError(messages.NOT_JSON.format(problem="it contains only one half of a surrogate pair")) from None
    except ValueError as problem:
        raise SchemaError(messages.NOT_JSON.format(problem=problem)) from None
    except RecursionError:
        raise SchemaError(messages.NOT_JSON.format(problem="its lists and objects are nested too deeply")) from None
    if not isinstance(record, dict):
        raise SchemaError(messages.NOT_A_RECORD.format(value=_shown(record)))
    if record.get("type") != "record":
        raise SchemaError(messages.NOT_A_RECORD.format(value=f'"type": {_shown(record.get("type"))}'))
    return record


def _dataset_type(name: object) -> str:
    """Return the dataset type that the name of an Avro record denotes, such as ACTION_INTERACTIONS.

    Case and underscores are ignored, as they are in the datasetType of CreateDataset.
    """
    if isinstance(name, str):
        for dataset_type in schema_rules.DATASET_TYPES:
            if _bare(name) == _bare(dataset_type):
                return dataset_type
    raise SchemaError(messages.UNKNOWN_NAME.format(value=_shown(name)))


def _rule(dataset_type: str, domain: str | None) -> SchemaRule:
    if domain not in schema_rules.RULES:
        raise SchemaError(messages.UNKNOWN_DOMAIN.format(domain=domain))
    if dataset_type not in schema_rules.RULES[domain]:
        raise SchemaError(messages.NO_SUCH_DATASET.format(domain=domain, dataset_type=dataset_type))
    return schema_rules.RULES[domain][dataset_type]


def _fields(fields: object) -> tuple[SchemaField, ...]:
    if not isinstance(fields, list) or not fields:
        raise SchemaError(messages.NO_FIELDS.format())
    for field in fields:
        if not isinstance(field, dict):
            raise SchemaError(messages.NOT_A_FIELD.format(value=_shown(field)))
    _check_names([field.get("name") for field in fields])
    return tuple(_field(field) for field in fields)


def _check_names(names: Sequence[object]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        if not isinstance(name, str) or not FIELD_NAME.fullmatch(name) or len(name) > FIELD_NAME_LENGTH:
            raise SchemaError(messages.BAD_FIELD_NAME.format(value=_shown(name), limit=FIELD_NAME_LENGTH))
        first = seen.setdefault(_bare(name), name)
        if first is not name:
            raise SchemaError(messages.DUPLICATE_FIELD.format(first=first, second=name))


def _field(field: Mapping[str, Any]) -> SchemaField:
    name = field["name"]
    type_, nullable = _type(field)
    categorical, textual, item_name = (_flag(field, flag, type_) for flag in ("categorical", "textual", "itemName"))
    if categorical and textual:
        raise SchemaError(messages.TWO_FLAGS.format(field=name))
    return SchemaField(
        name=name, type=type_, nullable=nullable, categorical=categorical, textual=textual, item_name=item_name
    )


def _type(field: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the Avro type of a field, such as "string", and whether the field also allows null."""
    given = field.get("type")
    union = given if isinstance(given, list) else [given]
    types = [type_ for type_ in union if type_ != "null"]
    if len(types) != 1 or types[0] not in TYPES or len(union) - len(types) > 1:
        raise SchemaError(messages.BAD_TYPE.format(field=field["name"], value=_shown(given)))
    return types[0], len(union) > len(types)


def _flag(field: Mapping[str, Any], flag: str, type_: str) -> bool:
    value = field.get(flag, False)
    if not isinstance(value, bool):
        raise SchemaError(messages.BAD_FLAG.format(flag=flag, field=field["name"], value=_shown(value)))
    if value and type_ != "string":
        raise SchemaError(messages.FLAG_NEEDS_STRING.format(flag=flag, field=field["name"], type=type_))
    return value


def _check_known_fields(fields: Iterable[SchemaField], rule: SchemaRule, label: str) -> None:
    by_name = {field.name: field for field in fields}
    for name, field_rule in rule.required.items():
        if name not in by_name:
            raise SchemaError(messages.MISSING_FIELD.format(field=name, type=field_rule.types[0], schema=label))
    for name, field_rule in {**rule.required, **rule.reserved}.items():
        if name in by_name:
            _check_known_field(by_name[name], field_rule, label)


def _check_known_field(field: SchemaField, rule: FieldRule, label: str) -> None:
    if field.type not in rule.types:
        types = " or ".join(rule.types)
        text = messages.RESERVED_TYPE.format(field=field.name, value=field.type, schema=label, type=types)
        raise SchemaError(text)
    if field.nullable and not rule.nullable:
        raise SchemaError(messages.RESERVED_NULL.format(field=field.name, schema=label))
    for flag, is_set, required in (
        ("categorical", field.categorical, rule.categorical),
        ("textual", field.textual, rule.textual),
    ):
        if is_set != required:
            text = messages.RESERVED_FLAG if required else messages.RESERVED_PLAIN
            raise SchemaError(text.format(flag=flag, field=field.name, schema=label))


def _check_flags(schema: AvroSchema) -> None:
    textual = [field.name for field in schema.fields if field.textual]
    item_names = [field.name for field in schema.fields if field.item_name]
    for flag, names, limit in (
        ("textual", textual, schema_rules.TEXTUAL_FIELDS),
        ("itemName", item_names, schema_rules.ITEM_NAME_FIELDS),
    ):
        if names and schema.dataset_type != "ITEMS":
            raise SchemaError(messages.FLAG_NEEDS_ITEMS.format(flag=flag, field=names[0]))
        if len(names) > limit:
            raise SchemaError(messages.FLAG_USED_TWICE.format(flag=flag, fields=", ".join(names), limit=limit))


def _check_metadata(fields: Sequence[SchemaField], rule: SchemaRule, label: str) -> None:
    names = {field.name for field in fields}
    metadata = names - rule.required.keys() - rule.reserved.keys()
    minimum, maximum = rule.metadata
    if len(metadata | (names & rule.counted)) < minimum:
        given = ", ".join(field.name for field in fields)
        raise SchemaError(messages.TOO_FEW_METADATA.format(fields=given))
    if len(metadata) > maximum:
        raise SchemaError(messages.TOO_MANY_METADATA.format(count=len(metadata), schema=label, limit=maximum))


def _bare(name: str) -> str:
    """Return a name in lower case without underscores. The service ignores case and underscores in comparisons."""
    return name.replace("_", "").casefold()


def _shown(value: object) -> str:
    """Return a part of a schema as JSON text for an error message, cut to 60 characters."""
    text = json.dumps(value)
    limit = 60
    return text if len(text) <= limit else f"{text[:limit]}..."
