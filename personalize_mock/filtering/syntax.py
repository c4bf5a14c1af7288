"""Syntax tree of a filter expression.

Nodes are equal if they mean the same: names are in upper case, and spelling and position are ignored.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Verb: TypeAlias = Literal["INCLUDE", "EXCLUDE"]
Target: TypeAlias = Literal["ItemID", "UserID", "ActionID"]
Operator: TypeAlias = Literal["IN", "NOT_IN", "=", "!=", "<", "<=", ">", ">="]
Operand: TypeAlias = "StringLiteral | NumberLiteral | Placeholder | FieldName"

CURRENT_USER = "CURRENT_USER"
CURRENT_ITEM = "CURRENT_ITEM"
EVENTS = ("INTERACTIONS", "ACTION_INTERACTIONS")
NEGATIVE = ("NOT_IN", "!=")
RANGE = ("<", "<=", ">", ">=")
WILDCARD = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldName:
    """A field of a dataset.

    Attributes:
        dataset: The dataset type in upper case, such as `ITEMS`, or else `CURRENT_USER` or `CURRENT_ITEM`.
        name: The name of the field in upper case.
        text: The field as written in the expression.
        column: The position of the field in the expression, counted from 1.
    """

    dataset: str
    name: str
    text: str = field(default="", compare=False)
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StringLiteral:
    """A string in an expression, without its quotes."""

    value: str
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberLiteral:
    """A number in an expression."""

    value: float
    text: str = field(default="", compare=False)
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeholder:
    """A parameter whose value comes from filterValues. `name` does not include the `$`."""

    name: str
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A comparison of a field with values.

    Attributes:
        field: The field on the left.
        operator: The comparison.
        operands: The values on the right: one operand or several strings. A field here belongs to the current item.
    """

    field: FieldName
    operator: Operator
    operands: tuple[Operand, ...]

    @property
    def placeholders(self) -> frozenset[str]:
        """The names of the placeholders."""
        return frozenset(operand.name for operand in self.operands if isinstance(operand, Placeholder))

    @property
    def fields(self) -> Iterator[FieldName]:
        """The fields on both sides."""
        yield self.field
        yield from (operand for operand in self.operands if isinstance(operand, FieldName))


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterRule:
    """One INCLUDE or EXCLUDE part of a filter.

    Attributes:
        verb: Whether matching candidates are included or excluded.
        target: Whether the candidates are items, users or actions.
        any_of: Groups of conditions. A candidate matches if it meets all conditions of at least one group.
        user_conditions: The conditions after IF. Unless the current user meets all, the rule has no effect.
        column: The position of the rule in the expression, from 1.
    """

    verb: Verb
    target: Target
    any_of: tuple[tuple[Condition, ...], ...]
    user_conditions: tuple[Condition, ...] = ()
    column: int = field(default=1, compare=False)

    @property
    def candidate_conditions(self) -> Iterator[Condition]:
        """The conditions on candidates, in the order of the text."""
        return (condition for group in self.any_of for condition in group)

    @property
    def conditions(self) -> Iterator[Condition]:
        """All conditions, in the order of the text."""
        yield from self.candidate_conditions
        yield from self.user_conditions

    @property
    def placeholders(self) -> frozenset[str]:
        """The names of the placeholders."""
        return frozenset().union(*(condition.placeholders for condition in self.conditions))


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterExpression:
    """A whole filter, which consists of rules joined by `|`. Their order does not matter."""

    rules: tuple[FilterRule, ...]

    @property
    def conditions(self) -> Iterator[Condition]:
        """The conditions of all rules."""
        return (condition for rule in self.rules for condition in rule.conditions)

    @property
    def fields(self) -> Iterator[FieldName]:
        """The fields of all conditions. A field that is used twice is yielded twice."""
        return (name for condition in self.conditions for name in condition.fields)
