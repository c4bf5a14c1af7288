"""Parser of filter expressions.

AWS does not document whether AND or OR binds more tightly; in this parser, AND does. A placeholder may be in quotes, as
in the examples of the AWS CLI reference. The module `check` applies the rules that go beyond the grammar.
"""

from collections.abc import Callable
from typing import TypeVar, cast

from personalize_mock.filtering import errors
from personalize_mock.filtering.syntax import (
    CURRENT_ITEM,
    CURRENT_USER,
    Condition,
    FieldName,
    FilterExpression,
    FilterRule,
    NumberLiteral,
    Operand,
    Operator,
    Placeholder,
    StringLiteral,
    Target,
    Verb,
)
from personalize_mock.filtering.tokens import Token, tokenize
from personalize_mock.filtering.values import parse_number

T = TypeVar("T")

VERBS: dict[str, Verb] = {"include": "INCLUDE", "exclude": "EXCLUDE"}
TARGETS: dict[str, Target] = {"itemid": "ItemID", "userid": "UserID", "actionid": "ActionID"}
# The developer guide also uses the singular forms in some examples.
DATASETS = {
    "items": "ITEMS",
    "item": "ITEMS",
    "interactions": "INTERACTIONS",
    "interaction": "INTERACTIONS",
    "users": "USERS",
    "actions": "ACTIONS",
    "action": "ACTIONS",
    "action_interactions": "ACTION_INTERACTIONS",
    "currentuser": CURRENT_USER,
    "currentitem": CURRENT_ITEM,
}
FIELD = "a field with its dataset, such as Items.GENRE,"
VALUE = "a number, a quoted string, a placeholder or a field of CurrentItem"


def parse_expression(text: str) -> FilterExpression:
    """Parse a filter expression. The time is linear in the length of `text`.

    Raises:
        InvalidFilter: The text is not a filter expression. The `column` of the exception is the position of the error.
    """
    cursor = _Cursor(text)
    rules = _separated(cursor, lambda: cursor.accept("|"), _rule)
    cursor.expect("end", "AND, | or the end" if rules[-1].user_conditions else "AND, OR, IF, | or the end")
    return FilterExpression(rules=rules)


class _Cursor:
    """Stream of the tokens of a filter expression. Its attribute `next` is the first token not yet consumed."""

    def __init__(self, text: str) -> None:
        self._rest = tokenize(text)
        self.next = next(self._rest)

    def take(self) -> Token:
        taken = self.next
        self.next = next(self._rest, taken)
        return taken

    def accept(self, kind: str) -> bool:
        return self.next.kind == kind and bool(self.take())

    def accept_word(self, word: str) -> bool:
        return self.next.is_word(word) and bool(self.take())

    def expect(self, kind: str, what: str) -> Token:
        if self.next.kind != kind:
            raise self.unexpected(what)
        return self.take()

    def expect_word(self, *words: str, what: str) -> Token:
        if not self.next.is_word(*words):
            raise self.unexpected(what)
        return self.take()

    def unexpected(self, what: str) -> errors.InvalidFilter:
        return self.error(errors.EXPECTED, what=what)

    def error(self, why: str, **parts: str) -> errors.InvalidFilter:
        return errors.invalid_symbol(self.next.text, why, column=self.next.column, **parts)


def _separated(cursor: _Cursor, separator: Callable[[], bool], parse: Callable[[_Cursor], T]) -> tuple[T, ...]:
    """Parse one or more elements of the same kind with a separator between them, and return the elements.

    Args:
        cursor: The tokens, starting at the first element.
        separator: Function that consumes a separator and returns True, or returns False if there is no separator next.
        parse: Function that parses one element.
    """
    elements = [parse(cursor)]
    while separator():
        elements.append(parse(cursor))
    return tuple(elements)


def _rule(cursor: _Cursor) -> FilterRule:
    verb = cursor.expect_word(*VERBS, what="INCLUDE or EXCLUDE")
    target = cursor.expect_word(*TARGETS, what="ItemID, UserID or ActionID")
    cursor.expect_word("where", what="WHERE")
    return FilterRule(
        verb=VERBS[verb.text.casefold()],
        target=TARGETS[target.text.casefold()],
        any_of=_separated(cursor, lambda: cursor.accept_word("or"), _and_group),
        user_conditions=_user_conditions(cursor) if cursor.accept_word("if") else (),
        column=verb.column,
    )


def _and_group(cursor: _Cursor) -> tuple[Condition, ...]:
    return _separated(cursor, lambda: cursor.accept_word("and"), _condition)


def _user_conditions(cursor: _Cursor) -> tuple[Condition, ...]:
    conditions = _and_group(cursor)
    if cursor.next.is_word("or"):
        raise cursor.error(errors.ONLY_AND)
    return conditions


def _condition(cursor: _Cursor) -> Condition:
    field = _field(cursor)
    if cursor.accept_word("not"):
        cursor.expect_word("in", what="IN")
        return Condition(field=field, operator="NOT_IN", operands=_without_placeholders(_list(cursor)))
    if cursor.accept_word("in"):
        return Condition(field=field, operator="IN", operands=_list(cursor))
    operator = cursor.expect("operator", "IN, NOT IN or a comparison").text
    return Condition(field=field, operator=cast("Operator", operator), operands=(_scalar(cursor),))


def _field(cursor: _Cursor) -> FieldName:
    dataset = cursor.expect_word(*DATASETS, what=FIELD)
    cursor.expect(".", "a dot")
    name = cursor.expect("word", "the name of a field")
    return FieldName(
        dataset=DATASETS[dataset.text.casefold()],
        name=name.text.upper(),
        text=f"{dataset.text}.{name.text}",
        column=dataset.column,
    )


def _list(cursor: _Cursor) -> tuple[Operand, ...]:
    if cursor.next.is_word("currentitem"):
        return (_field(cursor),)
    cursor.expect("(", "a list in parentheses or a field of CurrentItem")
    values = _separated(cursor, lambda: cursor.accept(","), _list_value)
    placeholder = next((value for value in values if isinstance(value, Placeholder)), None)
    if placeholder and len(values) > 1:
        raise errors.invalid_symbol(f"${placeholder.name}", errors.ALONE, column=placeholder.column)
    cursor.expect(")", "a comma or a closing parenthesis")
    return values


def _without_placeholders(operands: tuple[Operand, ...]) -> tuple[Operand, ...]:
    for operand in operands:
        if isinstance(operand, Placeholder):
            raise errors.invalid_symbol(f"${operand.name}", errors.NOT_IN_PLACEHOLDER, column=operand.column)
    return operands


def _list_value(cursor: _Cursor) -> Operand:
    if cursor.next.kind not in ("string", "placeholder"):
        raise cursor.unexpected("a quoted string or a placeholder")
    return _value(cursor.take())


def _scalar(cursor: _Cursor) -> Operand:
    if cursor.next.is_word("currentitem"):
        return _field(cursor)
    if cursor.accept("("):
        placeholder = _value(cursor.expect("placeholder", "a placeholder"))
        cursor.expect(")", "a closing parenthesis")
        return placeholder
    if cursor.next.kind not in ("number", "string", "placeholder"):
        raise cursor.unexpected(VALUE)
    return _value(cursor.take())


def _value(token: Token) -> Operand:
    if token.kind == "number":
        number = parse_number(token.text)
        assert number is not None  # noqa: S101  # tokens of this kind are numbers
        return NumberLiteral(value=number, text=token.text, column=token.column)
    if token.kind == "placeholder":
        return Placeholder(name=token.text[1:], column=token.column)
    text = token.text[1:-1]
    if text[:1] == "$" and text[1:].isascii() and text[1:].isidentifier():
        return Placeholder(name=text[1:], column=token.column)
    return StringLiteral(value=text, column=token.column)
