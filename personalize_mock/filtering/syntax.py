"""Syntax tree of a filter expression.

The names of datasets and fields are stored in upper case, and equality ignores their original spelling and position.
Two nodes are therefore equal if they have the same meaning.
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
    """A reference to a field of a dataset, such as `Items.GENRE`.

    Attributes:
        dataset: `CURRENT_USER`, `CURRENT_ITEM` or a dataset type in upper case, such as `ITEMS`.
        name: The name of the field in upper case.
        text: The reference as written in the expression.
        column: The position of the reference in the expression, counted from 1.
    """

    dataset: str
    name: str
    text: str = field(default="", compare=False)
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StringLiteral:
    """A quoted string in a filter expression.

    Attributes:
        value: The string without its quotes.
        column: The position of the string in the expression, counted from 1.
    """

    value: str
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberLiteral:
    """A number in a filter expression.

    Attributes:
        value: The number as an int or float.
        text: The number as written in the expression.
        column: The position of the number in the expression, counted from 1.
    """

    value: float
    text: str = field(default="", compare=False)
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeholder:
    """A placeholder in a filter expression, such as `$GENRE`. Its value comes from the filterValues of a request.

    Attributes:
        name: The name without the `$`.
        column: The position of the placeholder in the expression, counted from 1.
    """

    name: str
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A comparison of a field with one or more values.

    Attributes:
        field: The field on the left-hand side.
        operator: The comparison operator.
        operands: The right-hand side, which is one value, one placeholder, one field of CurrentItem, or several
            strings.
    """

    field: FieldName
    operator: Operator
    operands: tuple[Operand, ...]

    @property
    def placeholders(self) -> frozenset[str]:
        """The names of the placeholders on the right-hand side."""
        return frozenset(operand.name for operand in self.operands if isinstance(operand, Placeholder))

    @property
    def fields(self) -> Iterator[FieldName]:
        """The fields on both sides of the condition, the left-hand side first."""
        yield self.field
        yield from (operand for operand in self.operands if isinstance(operand, FieldName))


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterRule:
    """One INCLUDE or EXCLUDE rule of a filter expression.

    Attributes:
        verb: INCLUDE to include matching candidates, EXCLUDE to exclude them.
        target: ItemID, UserID or ActionID if the candidates are items, users or actions, respectively.
        any_of: Groups of conditions. A candidate matches if it meets all conditions of at least one group.
        user_conditions: The conditions after IF. The rule has an effect only if the current user meets all of them.
        column: The position of the rule in the expression, counted from 1.
    """

    verb: Verb
    target: Target
    any_of: tuple[tuple[Condition, ...], ...]
    user_conditions: tuple[Condition, ...] = ()
    column: int = field(default=1, compare=False)

    @property
    def candidate_conditions(self) -> Iterator[Condition]:
        """The conditions before IF, which are about the candidates, in the order of the expression."""
        return (condition for group in self.any_of for condition in group)

    @property
    def conditions(self) -> Iterator[Condition]:
        """All conditions of the rule, in the order of the expression."""
        yield from self.candidate_conditions
        yield from self.user_conditions

    @property
    def placeholders(self) -> frozenset[str]:
        """The names of the placeholders in all conditions of the rule."""
        return frozenset().union(*(condition.placeholders for condition in self.conditions))


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterExpression:
    """A complete filter expression.

    Attributes:
        rules: The rules, which are joined with `|` in the text. Their order does not affect the result.
    """

    rules: tuple[FilterRule, ...]

    @property
    def conditions(self) -> Iterator[Condition]:
        """The conditions of all rules, in the order of the expression."""
        return (condition for rule in self.rules for condition in rule.conditions)

    @property
    def fields(self) -> Iterator[FieldName]:
        """The fields of all conditions. A field that is used twice is yielded twice."""
        return (name for condition in self.conditions for name in condition.fields)
