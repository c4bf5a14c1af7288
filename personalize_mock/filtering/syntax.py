"""What a filter expression consists of, once read.

Two conditions that say the same are equal, however they were written: names are in upper case, and how and where they
stood in the text does not count.
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
        dataset: its type, `ITEMS`, or `CURRENT_USER` or `CURRENT_ITEM`.
        name: in upper case.
        text: as written.
        column: where it was written, from 1.
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
    """A parameter, which a request gives a value; `name` is without its `$`."""

    name: str
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A comparison of a field: with several strings, a placeholder or a field of the current item, or with one value.

    A field on the right is always one of `CURRENT_ITEM`.
    """

    field: FieldName
    operator: Operator
    operands: tuple[Operand, ...]

    @property
    def placeholders(self) -> frozenset[str]:
        """The names of its placeholders."""
        return frozenset(each.name for each in self.operands if isinstance(each, Placeholder))

    @property
    def fields(self) -> Iterator[FieldName]:
        """The fields on both sides."""
        yield self.field
        yield from (each for each in self.operands if isinstance(each, FieldName))


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterRule:
    """A part of a filter.

    Attributes:
        verb: what becomes of the candidates that match.
        target: what the candidates are.
        any_of: a candidate matches if it meets all conditions of one of these.
        only_if: all of these must hold of the current user, else the part has no effect.
        column: where it begins, from 1.
    """

    verb: Verb
    target: Target
    any_of: tuple[tuple[Condition, ...], ...]
    user_conditions: tuple[Condition, ...] = ()
    column: int = field(default=1, compare=False)

    @property
    def candidate_conditions(self) -> Iterator[Condition]:
        """The conditions on candidates, in the order of the text."""
        return (condition for every in self.any_of for condition in every)

    @property
    def conditions(self) -> Iterator[Condition]:
        """All conditions, in the order of the text."""
        yield from self.candidate_conditions
        yield from self.user_conditions

    @property
    def placeholders(self) -> frozenset[str]:
        """The names of its placeholders."""
        return frozenset().union(*(condition.placeholders for condition in self.conditions))


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterExpression:
    """A filter: parts that were joined by `|`, whose order does not matter."""

    expressions: tuple[FilterRule, ...]

    @property
    def conditions(self) -> Iterator[Condition]:
        """All conditions of all parts."""
        return (condition for expression in self.expressions for condition in expression.conditions)

    @property
    def fields(self) -> Iterator[FieldName]:
        """All fields of all conditions, as often as they occur."""
        return (name for condition in self.conditions for name in condition.fields)
