"""Syntax tree of a filter expression.

Nodes compare by meaning: names are in upper case, and spelling and position do not count.
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
        dataset: The dataset type in upper case, such as `ITEMS`, or `CURRENT_USER` or `CURRENT_ITEM`.
        name: The name in upper case.
        text: The field as written.
        column: Its position in the expression, from 1.
    """

    dataset: str
    name: str
    text: str = field(default="", compare=False)
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StringLiteral:
    """A string, without its quotes."""

    value: str
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberLiteral:
    """A number."""

    value: float
    text: str = field(default="", compare=False)
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeholder:
    """A parameter that filterValues fill in. `name` has no `$`."""

    name: str
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A comparison of a field with values.

    Attributes:
        field: The field on the left.
        operator: The comparison.
        operands: One operand, or several strings. A field is always one of the current item.
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
        target: The kind of candidates.
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
    """A whole filter: rules that were joined by `|`. Their order does not matter."""

    rules: tuple[FilterRule, ...]

    @property
    def conditions(self) -> Iterator[Condition]:
        """The conditions of all rules."""
        return (condition for rule in self.rules for condition in rule.conditions)

    @property
    def fields(self) -> Iterator[FieldName]:
        """The fields of all conditions. A field that is used twice comes twice."""
        return (name for condition in self.conditions for name in condition.fields)
