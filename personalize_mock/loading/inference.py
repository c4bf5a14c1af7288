"""Inference of schemas from the values of columns.

Fields that the service requires or reserves, such as PRICE in the domain ECOMMERCE, get the types that the service
demands. The type of any other column is inferred from its values as boolean, long, float, double or string. Datetimes
become long.

The service trains on a text column only if it is categorical or textual. A column is categorical if one of its values
contains `|`, the separator of categories, or if each value occurs at least 1.5 times on average. A column of titles or
descriptions, most of which are unique, therefore stays a plain string. Only reserved fields can become textual.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from personalize_mock.data.schema_rules import RULES, FieldRule
from personalize_mock.loading.values import Value

OCCURRENCES = 1.5  # of each value of a categorical column, on average; our choice
LARGEST_FLOAT = 3.4e38  # larger numbers need the type double
RECORD_NAMES = {
    "INTERACTIONS": "Interactions",
    "ITEMS": "Items",
    "USERS": "Users",
    "ACTIONS": "Actions",
    "ACTION_INTERACTIONS": "ActionInteractions",
}


def rule_of(dataset_type: str, name: str, domain: str | None) -> FieldRule | None:
    """Return the service's rule for a field, such as its type, or None if the field is neither required nor reserved.

    Args:
        dataset_type: The type of the dataset, such as ITEMS.
        name: The name of the field.
        domain: ECOMMERCE, VIDEO_ON_DEMAND, or None for a custom dataset group.
    """
    rule = RULES[domain].get(dataset_type)
    return None if rule is None else {**rule.required, **rule.reserved}.get(name)


def field(dataset_type: str, name: str, values: Sequence[Value], domain: str | None) -> dict[str, Any]:
    """Return the field that describes a column in an Avro schema.

    Args:
        dataset_type: The type of the dataset, such as ITEMS.
        name: The name of the field.
        values: The values of the column. Missing values are None.
        domain: ECOMMERCE, VIDEO_ON_DEMAND or None.
    """
    rule = rule_of(dataset_type, name, domain)
    type_ = _type(values) if rule is None else rule.types[0]
    is_categorical = type_ == "string" and _is_categorical(values) if rule is None else rule.categorical
    is_nullable = None in values if rule is None else rule.nullable and (None in values or name == "EVENT_VALUE")
    flags = {"categorical": is_categorical, "textual": rule is not None and rule.textual}
    return {"name": name, "type": ["null", type_] if is_nullable else type_} | {k: v for k, v in flags.items() if v}


def schema(dataset_type: str, fields: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the Avro schema of a dataset.

    Args:
        dataset_type: The type of the dataset, such as ITEMS.
        fields: The fields of the schema, as `field` returns them.
    """
    return {
        "type": "record",
        "name": RECORD_NAMES[dataset_type],
        "namespace": "com.amazonaws.personalize.schema",
        "fields": list(fields),
        "version": "1.0",
    }


def _type(values: Iterable[Value]) -> str:
    present = [value for value in values if value is not None]
    if present and all(isinstance(value, bool) for value in present):
        return "boolean"
    if any(isinstance(value, (bool, str)) for value in present) or not present:
        return "string"
    if all(isinstance(value, datetime) for value in present):
        return "long"
    if any(isinstance(value, datetime) for value in present):
        return "string"
    numbers = [value for value in present if isinstance(value, (int, float))]
    return "long" if all(map(_is_long, numbers)) else _float_type(numbers)


def _is_long(value: float) -> bool:
    return isinstance(value, int) and -(2**63) <= value < 2**63


def _float_type(numbers: Iterable[float]) -> str:
    return "float" if max(map(abs, numbers)) <= LARGEST_FLOAT else "double"


def _is_categorical(values: Iterable[Value]) -> bool:
    present = [value for value in values if isinstance(value, str)]
    return any("|" in value for value in present) or len(present) >= OCCURRENCES * len(set(present)) > 0
