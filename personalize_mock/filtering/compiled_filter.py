"""What a filter does: a plan, made once from an expression, says of all candidates which are allowed.

The guide says little about what is missing. Here a missing value, row, user or event fails every test but NOT IN and
`!=`; a part whose IF fails has no effect; without any effective INCLUDE part all candidates are included.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.id_map import IdMap
from personalize_mock.data.metadata import SEPARATOR, Metadata
from personalize_mock.filtering import condition_masks, errors, values
from personalize_mock.filtering.condition_masks import COMPARE, Mask, Value
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

Row: TypeAlias = Mapping[str, "str | float | None"]
Given: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FilterContext:
    """What a filter sees of a request.

    Attributes:
        ids: the candidates.
        metadata: their rows in the dataset of the target (Items, Users or Actions), aligned with `ids`; None if
            there is no such dataset. What is computed of it is kept while it lives, so use the same one again.
        user: the current user's row of Users, by field name; None if there is none.
        categories: the fields of Users whose values are categories, joined with `|`; in upper case.
        item: the row of the item that the request is about, empty if it has none; None if there is no such item.
        candidates_by_event_type: by event type, int32[n] of candidates with such an event among those that filters
            consider: of the requesting user, or, if the candidates are users, of themselves.
    """

    ids: IdMap
    metadata: Metadata | None = None
    user: Row | None = None
    categories: Collection[str] = ()
    item: Row | None = None
    candidates_by_event_type: Mapping[str, NDArray[np.int32]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledRule:
    """A part of a plan: an expression, and the names of its placeholders."""

    expression: FilterRule
    placeholders: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledFilter:
    """A filter that is ready to be used.

    Attributes:
        target: what the candidates must be.
        placeholders: the parameters that filterValues may give.
        needs_user: whether it asks about the current user or about events.
        needs_item: whether it asks about the current item.
        parts: its parts, in the order of the text, which does not matter.
    """

    target: Target
    placeholders: frozenset[str]
    needs_user: bool
    needs_item: bool
    parts: tuple[CompiledRule, ...]

    def mask(self, view: FilterContext, values: Given) -> Mask:
        """The candidates that are allowed: those included, or all if nothing is, without those excluded.

        Args:
            view: what the request is about.
            values: its filterValues, as on the wire; more than there are placeholders is no fault.

        Returns:
            bool[len(view.ids)], the caller's own.

        Raises:
            InvalidValues: an INCLUDE part lacks a value, a value does not fit its field, or CurrentItem is asked for
                and there is none.
        """
        parts = [part.expression for part in self.parts if _takes_part(part, view, values)]
        allowed = (_matching(part, view, values) for part in parts if part.verb == "INCLUDE")
        excluded = (_matching(part, view, values) for part in parts if part.verb == "EXCLUDE")
        start = np.full(len(view.ids), all(part.verb == "EXCLUDE" for part in parts))
        return reduce(_without, excluded, reduce(_with, allowed, start))


def compile_expression(filter: FilterExpression) -> CompiledFilter:  # noqa: A002  # the noun of the domain
    """The plan of a filter that was checked."""
    datasets = {name.dataset for name in filter.fields}
    parts = tuple(CompiledRule(expression=each, placeholders=each.placeholders) for each in filter.expressions)
    return CompiledFilter(
        target=filter.expressions[0].target,
        placeholders=frozenset().union(*(part.placeholders for part in parts)),
        needs_user=not datasets.isdisjoint((CURRENT_USER, *EVENTS)),
        needs_item=CURRENT_ITEM in datasets,
        parts=parts,
    )


def _with(allowed: Mask, included: Mask) -> Mask:
    return np.logical_or(allowed, included, out=allowed)


def _without(allowed: Mask, excluded: Mask) -> Mask:
    return np.greater(allowed, excluded, out=allowed)


def _takes_part(part: CompiledRule, view: FilterContext, given: Given) -> bool:
    """Whether a part has an effect: its values are there, and its IF holds."""
    missing = part.placeholders - given.keys()
    if missing and part.expression.verb == "INCLUDE":
        raise InvalidValues(errors.MISSING_VALUES.format(names=", ".join(sorted(missing))))
    return not missing and all(_holds(condition, view, given) for condition in part.expression.user_conditions)


def _matching(part: FilterRule, view: FilterContext, given: Given) -> Mask:
    """The candidates that meet the conditions of a part; perhaps read-only."""
    every = (reduce(np.logical_and, (_mask(each, view, given) for each in alternative)) for alternative in part.any_of)
    return reduce(np.logical_or, every)


def _mask(condition: Condition, view: FilterContext, given: Given) -> Mask:
    wanted = _wanted(condition, view, given)
    if condition.field.dataset in EVENTS:
        return _touched(condition, view, wanted)
    if view.metadata is not None:
        return condition_masks.mask(view.metadata, condition.field, condition.operator, wanted)
    if condition.operator in RANGE:
        condition_masks.to_numbers(condition.field, wanted)
    return np.full(len(view.ids), condition.operator in NEGATIVE)


def _touched(condition: Condition, view: FilterContext, wanted: Sequence[Value]) -> Mask:
    """The candidates with an event of one of the types."""
    dataset = condition.field.dataset
    types = {values.event_type(str(each), dataset=dataset) for each in wanted}
    negative = condition.operator in NEGATIVE
    found = np.full(len(view.ids), negative)
    for event_type, codes in view.candidates_by_event_type.items():
        if WILDCARD in types or values.event_type(event_type, dataset=dataset) in types:
            found[codes] = not negative
    return found


def _holds(condition: Condition, view: FilterContext, given: Given) -> bool:
    """Whether a condition holds of the current user."""
    wanted = [value for operand in condition.operands for value in _given(operand, condition, given)]
    value = _value(view.user or {}, condition.field)
    found = False
    if isinstance(value, str):
        own = set(value.split(SEPARATOR)) - {""} if condition.field.name in view.categories else {value}
        found = condition.operator not in RANGE and not own.isdisjoint(map(str, wanted))
    elif value is not None:
        compare = COMPARE[condition.operator]
        found = any(compare(value, each) for each in condition_masks.to_numbers(condition.field, wanted))
    return found != (condition.operator in NEGATIVE)


def _wanted(condition: Condition, view: FilterContext, given: Given) -> tuple[Value, ...]:
    """The values that candidates are compared with."""
    operand = condition.operands[0]
    if isinstance(operand, FieldName):
        return _of_item(operand, view)
    if len(condition.operands) == 1:
        return _given(operand, condition, given)
    return tuple(value for each in condition.operands for value in _given(each, condition, given))


def _of_item(name: FieldName, view: FilterContext) -> tuple[Value, ...]:
    """The values of the current item."""
    if view.item is None:
        raise InvalidValues(errors.NO_ITEM)
    value = _value(view.item, name)
    if isinstance(value, str) and view.metadata is not None and condition_masks.categorical(view.metadata, name):
        return tuple(part for part in value.split(SEPARATOR) if part)
    return () if value is None else (value,)


def _given(operand: Operand, condition: Condition, given: Given) -> tuple[Value, ...]:
    """The values of an operand that is no field."""
    if not isinstance(operand, Placeholder):
        assert isinstance(operand, (StringLiteral, NumberLiteral))  # noqa: S101  # fields are those of the current item
        return (operand.value,)
    found = values.split(given[operand.name], name=operand.name)
    if condition.operator != "IN" and len(found) != 1:
        raise InvalidValues(errors.ONE_VALUE.format(name=operand.name, count=len(found)))
    return found


def _value(row: Row, name: FieldName) -> str | float | None:
    """A value of a row whose names may be in any case."""
    if name.name in row:
        return row[name.name]
    return next((value for known, value in row.items() if known.upper() == name.name), None)
