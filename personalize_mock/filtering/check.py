"""Checks of parsed filter expressions against the schemas of a dataset group.

The rules follow the Amazon Personalize developer guide, "Filter expressions" (2025). The guide does not cover the
following cases, which the mock handles as follows:

* Each target (ItemID, UserID or ActionID) can be used with fields of the datasets in `TARGET_DATASETS`.
* Fields of CurrentItem can be used only in ItemID filters.
* A string field cannot be compared with an unquoted number.
* A numeric field can be compared with a quoted number.
"""

from collections.abc import Mapping

from personalize_mock.data.avro import AvroSchema, SchemaField
from personalize_mock.filtering import errors
from personalize_mock.filtering.syntax import (
    CURRENT_ITEM,
    CURRENT_USER,
    EVENTS,
    RANGE,
    WILDCARD,
    Condition,
    FieldName,
    FilterExpression,
    FilterRule,
    NumberLiteral,
    Operand,
    StringLiteral,
)
from personalize_mock.filtering.values import parse_number

# For each target, the dataset type of its metadata and that of its interactions.
TARGET_DATASETS = {
    "ItemID": ("ITEMS", "INTERACTIONS"),
    "UserID": ("USERS", "INTERACTIONS"),
    "ActionID": ("ACTIONS", "ACTION_INTERACTIONS"),
}
AUTOMATIC = ("EXPIRATION_TIMESTAMP", "ACTION_EXPIRATION_TIMESTAMP", "REPEAT_FREQUENCY")
_DATASET_TYPES = {CURRENT_USER: "USERS", CURRENT_ITEM: "ITEMS"}


def check_expression(expression: FilterExpression, schemas: Mapping[str, AvroSchema], *, max_fields: int = 10) -> None:
    """Check that a filter expression can be used with the datasets of a dataset group.

    Args:
        expression: The parsed expression.
        schemas: The schemas of the dataset group by dataset type, such as `ITEMS`.
        max_fields: Maximum number of different fields in the expression.

    Raises:
        InvalidFilter: The expression breaks a rule of filter expressions, or uses a field that no schema has.
    """
    first = expression.rules[0]
    for rule in expression.rules:
        if rule.target != first.target:
            raise errors.invalid_expression(
                errors.MIXED_TARGETS, at=rule.column, first=first.target, second=rule.target
            )
        _check_datasets(rule)
        for condition in rule.conditions:
            _check_condition(condition, schemas)
    count = len(distinct_fields(expression))
    if count > max_fields:
        raise errors.invalid_expression(errors.TOO_MANY_FIELDS, limit=max_fields, count=count)


def distinct_fields(expression: FilterExpression) -> frozenset[tuple[str, str]]:
    """Return the different fields that an expression uses, as pairs of dataset type and field name.

    Quotas limit their number. Fields of CurrentUser count as fields of Users, and fields of CurrentItem as fields of
    Items. AWS does not document how the service counts them.
    """
    return frozenset((dataset_type_of(name), name.name) for name in expression.fields)


def dataset_type_of(name: FieldName) -> str:
    """Return the type of the dataset that contains a field, such as ITEMS for `Items.GENRE`.

    Fields of CurrentUser belong to USERS, and fields of CurrentItem to ITEMS.
    """
    return _DATASET_TYPES.get(name.dataset, name.dataset)


def _check_datasets(rule: FilterRule) -> None:
    """Check that each field in a rule belongs to a dataset that is allowed in its place.

    For example, fields of CurrentUser are allowed only after IF, and fields of CurrentItem only on the right-hand side.

    Raises:
        InvalidFilter: A field of another dataset is used.
    """
    first = next(rule.candidate_conditions).field
    for condition in rule.candidate_conditions:
        _check_left(condition.field, rule)
        if condition.field.dataset != first.dataset:
            raise _error(errors.MIXED_DATASETS, condition.field, first=first.text, second=condition.field.text)
        for item_field in list(condition.fields)[1:]:
            if rule.target != "ItemID":
                raise _error(errors.ONLY_RIGHT, item_field)
            if condition.field.dataset != "ITEMS":
                raise _error(errors.ONLY_OF_ITEMS, item_field, other=condition.field.text)
    for condition in rule.user_conditions:
        for name in condition.fields:
            if name.dataset != CURRENT_USER:
                raise _error(errors.ONLY_CURRENT_USER, name)


def _check_left(name: FieldName, rule: FilterRule) -> None:
    if name.dataset == CURRENT_USER:
        raise _error(errors.ONLY_AFTER_IF, name)
    if name.dataset == CURRENT_ITEM:
        raise _error(errors.ONLY_RIGHT, name)
    allowed = TARGET_DATASETS[rule.target]
    if name.dataset not in allowed:
        raise _error(errors.WRONG_DATASET, name, target=rule.target, datasets=" or ".join(allowed))


def _check_condition(condition: Condition, schemas: Mapping[str, AvroSchema]) -> None:
    field = _field(condition.field, schemas)
    if condition.operator in RANGE and field.type == "string":
        raise _error(errors.RANGE_OF_STRING, condition.field, operator=condition.operator)
    for operand in condition.operands:
        _check_operand(operand, condition.field, field)
        if isinstance(operand, FieldName):
            _check_comparable(condition.field, field, operand, _field(operand, schemas))


def _field(name: FieldName, schemas: Mapping[str, AvroSchema]) -> SchemaField:
    """Return the definition of a field in the schemas. The case of the name is ignored.

    Raises:
        InvalidFilter: The field does not exist, or the service does not allow it in filters.
    """
    dataset_type = dataset_type_of(name)
    if dataset_type in EVENTS and name.name != "EVENT_TYPE":
        raise _error(errors.ONLY_EVENT_TYPE, name, dataset=dataset_type)
    if dataset_type == "ACTIONS" and name.name in AUTOMATIC:
        raise _error(errors.AUTOMATIC, name)
    if dataset_type not in schemas:
        raise _error(errors.NO_DATASET, name, dataset=dataset_type)
    field = next((field for field in schemas[dataset_type].fields if field.name.upper() == name.name), None)
    if field is None:
        raise _error(errors.NO_FIELD, name, dataset=dataset_type)
    if field.type == "boolean" or field.textual:
        raise _error(errors.TEXTUAL if field.textual else errors.BOOLEAN, name)
    return field


def _check_operand(operand: Operand, name: FieldName, field: SchemaField) -> None:
    is_string = field.type == "string"
    if isinstance(operand, NumberLiteral) and is_string:
        raise _error(errors.NUMBER_FOR_STRING, name, value=operand.text)
    if not isinstance(operand, StringLiteral):
        return
    if operand.value == WILDCARD and name.dataset != "INTERACTIONS":
        raise errors.invalid_expression(errors.WILDCARD, at=operand.column)
    if not is_string and parse_number(operand.value) is None:
        raise _error(errors.STRING_FOR_NUMBER, name, type=field.type, value=f'"{operand.value}"')


def _check_comparable(name: FieldName, field: SchemaField, other: FieldName, other_field: SchemaField) -> None:
    if (field.type == "string") != (other_field.type == "string"):
        raise _error(errors.ITEM_TYPE, name, type=field.type, other=other.text, other_type=other_field.type)


def _error(text: str, name: FieldName, **parts: object) -> errors.InvalidFilter:
    return errors.invalid_expression(text, at=name.column, field=name.text, **parts)
