"""Compiled filters, which find out which items, users or actions (the candidates) pass a filter expression.

AWS documents little about missing data. The mock handles it as follows:

* A condition on a missing value, row, user or event holds only if its operator is NOT IN or `!=`.
* A rule whose IF condition does not hold has no effect.
* If no INCLUDE rule has an effect, all candidates are included.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.current_metadata import ReplacedRows
from personalize_mock.data.id_map import IdMap
from personalize_mock.data.metadata import SEPARATOR, Metadata
from personalize_mock.filtering import errors
from personalize_mock.filtering.condition_masks import (
    COMPARISONS,
    FilterValue,
    Mask,
    condition_mask,
    is_categorical,
    to_numbers,
)
from personalize_mock.filtering.errors import InvalidValues
from personalize_mock.filtering.syntax import (
    CURRENT_ITEM,
    CURRENT_USER,
    EVENTS,
    NEGATIVE,
    RANGE,
    WILDCARD,
    Condition,
    FieldName,
    FilterExpression,
    FilterRule,
    NumberLiteral,
    Operand,
    Placeholder,
    StringLiteral,
    Target,
)
from personalize_mock.filtering.values import event_type_key, split_values

Row: TypeAlias = Mapping[str, "str | float | None"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FilterContext:
    """The data of a request to which a filter is applied.

    Attributes:
        ids: The ids of the candidates.
        metadata: The rows of the candidates in the Items, Users or Actions dataset, in the order of `ids`; None if
            there is no such dataset. Masks are cached per object, so pass the same object for the same rows.
        replaced: Newer rows that replace some of those in `metadata`, or None if all of them are current.
        user: The values of the current user in the Users dataset by field name. None if the request has no user, or the
            dataset lacks the user.
        categorical_user_fields: Names of the categorical fields of the Users dataset, in upper case.
        item: The values of the current item in the Items dataset by field name; empty if the dataset lacks the item.
            None if the request has no item.
        candidates_by_event_type: For each event type, int[n], the indices of the candidates that have an event of
            this type. If the candidates are users, their own events count. Otherwise, only events of the current user
            count.
    """

    ids: IdMap
    metadata: Metadata | None = None
    replaced: ReplacedRows | None = None
    user: Row | None = None
    categorical_user_fields: Collection[str] = ()
    item: Row | None = None
    candidates_by_event_type: Mapping[str, NDArray[np.integer]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledRule:
    """A filter rule, and the names of the placeholders in it."""

    rule: FilterRule
    placeholders: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledFilter:
    """A filter that is ready to be applied to requests.

    Attributes:
        target: ItemID, UserID or ActionID if the candidates are items, users or actions, respectively.
        placeholders: The names of all placeholders, whose values come from the filterValues of a request.
        needs_user: Whether the filter uses fields of CurrentUser or events.
        needs_item: Whether the filter uses fields of CurrentItem.
        uses_events: Whether the filter uses Interactions or Action_Interactions.
        rules: The rules, in the order of the expression.
    """

    target: Target
    placeholders: frozenset[str]
    needs_user: bool
    needs_item: bool
    uses_events: bool
    rules: tuple[CompiledRule, ...]

    def mask(self, context: FilterContext, filter_values: Mapping[str, str]) -> Mask:
        """Return a boolean mask of the candidates that pass the filter.

        If an INCLUDE rule has an effect, only candidates that match such a rule pass. Candidates that match an EXCLUDE
        rule never pass.

        Args:
            context: The candidates, and the data of the request that the filter uses.
            filter_values: The filterValues of the request. Values for unknown placeholders are ignored. An EXCLUDE rule
                has no effect if the value for one of its placeholders is missing.

        Returns:
            bool[len(context.ids)], a new array that the caller may change.

        Raises:
            InvalidValues: The value for a placeholder of an INCLUDE rule is missing, a value does not fit its field, or
                the filter uses CurrentItem and the request has no item.
        """
        rules = [compiled.rule for compiled in self.rules if _is_effective(compiled, context, filter_values)]
        included = [_rule_mask(rule, context, filter_values) for rule in rules if rule.verb == "INCLUDE"]
        mask = included[0].copy() if included else np.ones(len(context.ids), dtype=bool)
        for other in included[1:]:
            mask |= other
        for rule in rules:
            if rule.verb == "EXCLUDE":
                np.greater(mask, _rule_mask(rule, context, filter_values), out=mask)
        return mask


def compile_expression(expression: FilterExpression) -> CompiledFilter:
    """Compile a filter expression that `check_expression` has accepted."""
    datasets = {name.dataset for name in expression.fields}
    rules = tuple(CompiledRule(rule=rule, placeholders=rule.placeholders) for rule in expression.rules)
    return CompiledFilter(
        target=expression.rules[0].target,
        placeholders=frozenset().union(*(rule.placeholders for rule in rules)),
        needs_user=not datasets.isdisjoint((CURRENT_USER, *EVENTS)),
        needs_item=CURRENT_ITEM in datasets,
        uses_events=not datasets.isdisjoint(EVENTS),
        rules=rules,
    )


def _is_effective(compiled: CompiledRule, context: FilterContext, filter_values: Mapping[str, str]) -> bool:
    """Return whether a rule has an effect on a request.

    It has one if the request has values for all placeholders of the rule and the current user meets all conditions
    after IF.

    Raises:
        InvalidValues: The value for a placeholder of an INCLUDE rule is missing.
    """
    missing = compiled.placeholders - filter_values.keys() if compiled.placeholders else ()
    if missing and compiled.rule.verb == "INCLUDE":
        raise InvalidValues(errors.MISSING_VALUES.format(names=", ".join(sorted(missing))))
    return not missing and all(
        _user_meets(condition, context, filter_values) for condition in compiled.rule.user_conditions
    )


def _rule_mask(rule: FilterRule, context: FilterContext, filter_values: Mapping[str, str]) -> Mask:
    """Return a boolean mask of the candidates that match a rule. The mask may be read-only."""
    groups = (
        reduce(np.logical_and, (_mask(condition, context, filter_values) for condition in group))
        for group in rule.any_of
    )
    return reduce(np.logical_or, groups)


def _mask(condition: Condition, context: FilterContext, filter_values: Mapping[str, str]) -> Mask:
    values = _values(condition, context, filter_values)
    if condition.field.dataset in EVENTS:
        return _event_mask(condition, context, values)
    if context.metadata is not None:
        mask = condition_mask(context.metadata, condition.field, condition.operator, values)
        return mask if context.replaced is None else _with_replaced_rows(mask, context.replaced, condition, values)
    if condition.operator in RANGE:
        to_numbers(condition.field, values)
    return np.full(len(context.ids), condition.operator in NEGATIVE)


def _with_replaced_rows(
    mask: Mask, replaced: ReplacedRows, condition: Condition, values: tuple[FilterValue, ...]
) -> Mask:
    mask = mask.copy()
    mask[replaced.positions] = condition_mask(replaced.metadata, condition.field, condition.operator, values)
    return mask


def _event_mask(condition: Condition, context: FilterContext, event_types: Sequence[FilterValue]) -> Mask:
    """Return a boolean mask of the candidates that meet a condition on event types.

    Args:
        condition: A condition on Interactions.EVENT_TYPE or Action_Interactions.EVENT_TYPE.
        context: The candidates, and the data of the request that the filter uses.
        event_types: The event types in the condition, with the values of placeholders filled in.
    """
    dataset = condition.field.dataset
    keys = {event_type_key(str(event_type), dataset=dataset) for event_type in event_types}
    mask = np.zeros(len(context.ids), dtype=bool)
    for event_type, indices in context.candidates_by_event_type.items():
        if WILDCARD in keys or event_type_key(event_type, dataset=dataset) in keys:
            mask[indices] = True
    return ~mask if condition.operator in NEGATIVE else mask


def _user_meets(condition: Condition, context: FilterContext, filter_values: Mapping[str, str]) -> bool:
    """Return whether the current user meets a condition from the IF part of a rule."""
    values = [value for operand in condition.operands for value in _operand_values(operand, condition, filter_values)]
    own = _field_value(context.user or {}, condition.field)
    matches = False
    if isinstance(own, str):
        multiple = condition.field.name in context.categorical_user_fields
        categories = set(own.split(SEPARATOR)) - {""} if multiple else {own}
        matches = condition.operator not in RANGE and not categories.isdisjoint(map(str, values))
    elif own is not None:
        compare = COMPARISONS[condition.operator]
        matches = any(compare(own, number) for number in to_numbers(condition.field, values))
    return matches != (condition.operator in NEGATIVE)


def _values(condition: Condition, context: FilterContext, filter_values: Mapping[str, str]) -> tuple[FilterValue, ...]:
    """Return the values on the right-hand side of a condition.

    They come from the expression itself, from filterValues or from the current item.
    """
    operand = condition.operands[0]
    if isinstance(operand, FieldName):
        return _current_item_values(operand, context)
    if len(condition.operands) == 1:
        return _operand_values(operand, condition, filter_values)
    return tuple(
        value for operand in condition.operands for value in _operand_values(operand, condition, filter_values)
    )


def _current_item_values(name: FieldName, context: FilterContext) -> tuple[FilterValue, ...]:
    """Return the values of a field of the current item.

    A categorical field can have several values. If the value is missing, the result is empty.

    Raises:
        InvalidValues: The request has no item.
    """
    if context.item is None:
        raise InvalidValues(errors.NO_ITEM)
    value = _field_value(context.item, name)
    if isinstance(value, str) and context.metadata is not None and is_categorical(context.metadata, name):
        return tuple(category for category in value.split(SEPARATOR) if category)
    return () if value is None else (value,)


def _operand_values(
    operand: Operand, condition: Condition, filter_values: Mapping[str, str]
) -> tuple[FilterValue, ...]:
    """Return the value of a literal, or the values that the request has for a placeholder.

    Args:
        operand: The literal or placeholder.
        condition: The condition that contains the operand.
        filter_values: The filterValues of the request.

    Raises:
        InvalidValues: The values are malformed, or the request has several values for an operator other than IN.
    """
    if not isinstance(operand, Placeholder):
        assert isinstance(operand, (StringLiteral, NumberLiteral))  # noqa: S101  # fields belong to the current item
        return (operand.value,)
    values = split_values(filter_values[operand.name], name=operand.name)
    if condition.operator != "IN" and len(values) != 1:
        raise InvalidValues(errors.ONE_VALUE.format(name=operand.name, count=len(values)))
    return values


def _field_value(row: Row, name: FieldName) -> str | float | None:
    """Return the value of a field in a row, or None if the row has no value for it. The case of field names is ignored.

    Args:
        row: The values of a user or item by field name.
        name: The field.
    """
    if name.name in row:
        return row[name.name]
    return next((value for column, value in row.items() if column.upper() == name.name), None)
