"""Checks what a filter means: which fields exist, and what may be done with them.

The rules are those of the developer guide's pages about filters, and of published experiments. Where they are silent
the choice is ours: which dataset goes with which target, that CurrentItem needs ItemID, that strings are not compared
with bare numbers, and that numeric fields may be compared with numbers in quotes.
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
from personalize_mock.filtering.values import number

DATASETS_OF = {
    "ItemID": ("ITEMS", "INTERACTIONS"),
    "UserID": ("USERS", "INTERACTIONS"),
    "ActionID": ("ACTIONS", "ACTION_INTERACTIONS"),
}
AUTOMATIC = ("EXPIRATION_TIMESTAMP", "ACTION_EXPIRATION_TIMESTAMP", "REPEAT_FREQUENCY")
_DATASET_OF = {CURRENT_USER: "USERS", CURRENT_ITEM: "ITEMS"}


def check(
    filter: FilterExpression,  # noqa: A002  # the noun of the domain
    schemas: Mapping[str, AvroSchema],
    *,
    max_fields: int = 10,
) -> None:
    """Refuses a filter that cannot be used with the datasets of a group.

    Args:
        filter: the filter.
        schemas: those of the group's datasets, by type, `ITEMS`.
        max_fields: how many different fields it may use, a quota of the developer guide, 2025/26.

    Raises:
        InvalidFilter: with the reason.
    """
    first = filter.expressions[0]
    for expression in filter.expressions:
        if expression.target != first.target:
            raise errors.invalid_expression(
                errors.MIXED_TARGETS, at=expression.column, first=first.target, second=expression.target
            )
        _check_datasets(expression)
        for condition in expression.conditions:
            _check_condition(condition, schemas)
    count = len(distinct_fields(filter))
    if count > max_fields:
        raise errors.invalid_expression(errors.TOO_MANY_FIELDS, limit=max_fields, count=count)


def distinct_fields(filter: FilterExpression) -> frozenset[tuple[str, str]]:  # noqa: A002  # as above
    """The fields that count for the limits, as dataset and name; CurrentUser counts as Users, CurrentItem as Items."""
    return frozenset((dataset_of(name), name.name) for name in filter.fields)


def dataset_of(name: FieldName) -> str:
    """The type of the dataset in which a field is looked up."""
    return _DATASET_OF.get(name.dataset, name.dataset)


def _check_datasets(expression: FilterRule) -> None:
    """Each field stands where fields of its kind may stand."""
    first = next(expression.candidate_conditions).field
    for condition in expression.candidate_conditions:
        _check_left(condition.field, expression)
        if condition.field.dataset != first.dataset:
            raise _bad(errors.MIXED_DATASETS, condition.field, first=first.text, second=condition.field.text)
        for item in list(condition.fields)[1:]:
            if expression.target != "ItemID":
                raise _bad(errors.ONLY_RIGHT, item)
            if condition.field.dataset != "ITEMS":
                raise _bad(errors.ONLY_OF_ITEMS, item, other=condition.field.text)
    for condition in expression.user_conditions:
        for name in condition.fields:
            if name.dataset != CURRENT_USER:
                raise _bad(errors.ONLY_CURRENT_USER, name)


def _check_left(name: FieldName, expression: FilterRule) -> None:
    if name.dataset == CURRENT_USER:
        raise _bad(errors.ONLY_AFTER_IF, name)
    if name.dataset == CURRENT_ITEM:
        raise _bad(errors.ONLY_RIGHT, name)
    allowed = DATASETS_OF[expression.target]
    if name.dataset not in allowed:
        raise _bad(errors.WRONG_DATASET, name, target=expression.target, datasets=" or ".join(allowed))


def _check_condition(condition: Condition, schemas: Mapping[str, AvroSchema]) -> None:
    field = _field(condition.field, schemas)
    if condition.operator in RANGE and field.type == "string":
        raise _bad(errors.RANGE_OF_STRING, condition.field, operator=condition.operator)
    for operand in condition.operands:
        _check_operand(operand, condition.field, field)
        if isinstance(operand, FieldName):
            _check_comparable(condition.field, field, operand, _field(operand, schemas))


def _field(name: FieldName, schemas: Mapping[str, AvroSchema]) -> SchemaField:
    """The field of a schema that a name means; upper and lower case do not count."""
    dataset = dataset_of(name)
    if dataset in EVENTS and name.name != "EVENT_TYPE":
        raise _bad(errors.ONLY_EVENT_TYPE, name, dataset=dataset)
    if dataset == "ACTIONS" and name.name in AUTOMATIC:
        raise _bad(errors.AUTOMATIC, name)
    if dataset not in schemas:
        raise _bad(errors.NO_DATASET, name, dataset=dataset)
    field = next((field for field in schemas[dataset].fields if field.name.upper() == name.name), None)
    if field is None:
        raise _bad(errors.NO_FIELD, name, dataset=dataset)
    if field.type == "boolean" or field.textual:
        raise _bad(errors.TEXTUAL if field.textual else errors.BOOLEAN, name)
    return field


def _check_operand(operand: Operand, name: FieldName, field: SchemaField) -> None:
    is_string = field.type == "string"
    if isinstance(operand, NumberLiteral) and is_string:
        raise _bad(errors.NUMBER_FOR_STRING, name, value=operand.text)
    if not isinstance(operand, StringLiteral):
        return
    if operand.value == WILDCARD and name.dataset != "INTERACTIONS":
        raise errors.invalid_expression(errors.WILDCARD, at=operand.column)
    if not is_string and number(operand.value) is None:
        raise _bad(errors.STRING_FOR_NUMBER, name, type=field.type, value=f'"{operand.value}"')


def _check_comparable(name: FieldName, field: SchemaField, other: FieldName, other_field: SchemaField) -> None:
    if (field.type == "string") != (other_field.type == "string"):
        raise _bad(errors.ITEM_TYPE, name, type=field.type, other=other.text, other_type=other_field.type)


def _bad(text: str, name: FieldName, **parts: object) -> errors.InvalidFilter:
    return errors.invalid_expression(text, at=name.column, field=name.text, **parts)
