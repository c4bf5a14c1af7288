"""Errors about filter expressions and filterValues, and all their messages.

The text about NOT_IN and the forms `Invalid input symbol: <token>. <why>` and `Invalid Expression: <why>` come from the
Amazon Personalize developer guide, "Common error messages in Amazon Personalize" (2025). The other texts are specific
to this mock.
"""


class InvalidFilter(ValueError):  # noqa: N818  # named after the service's message
    """Raised when a filter expression is invalid.

    Attributes:
        column: Position of the error in the expression, counted from 1. None if the error has no single position.
    """

    def __init__(self, message: str, column: int | None = None) -> None:
        super().__init__(message)
        self.column = column


class InvalidValues(ValueError):  # noqa: N818  # as above
    """Raised when the filterValues or the itemId of a request do not fit the filter that it uses."""


SYMBOL = "Invalid input symbol: {token}. {why}"
EXPRESSION = "Invalid Expression: {why}"

# Documented by AWS.
NOT_IN_PLACEHOLDER = "Placeholders are not allowed with NOT_IN operator."

# Syntax errors. The texts of the service are not known.
EXPECTED = "Expected {what} at column {column}."
END = "the end of the expression"
ILLEGAL = "Unexpected character at column {column}; remove it, or quote the string that contains it."
CURLY = "Curly quotes cannot enclose a string (column {column}); write straight quotes instead."
UNTERMINATED = "The string that begins at column {column} has no closing quote; add it."
ALONE = "A placeholder must be the only value in its parentheses (column {column}); remove the other values."
ONLY_AND = "Conditions after IF can only be joined with AND (column {column}); replace OR."

# Semantic errors. The texts of the service are not known.
MIXED_TARGETS = (
    "all INCLUDE and EXCLUDE rules of a filter must have the same target; found {first} and {second}. "
    "Write one filter for each target."
)
MIXED_DATASETS = (
    "all conditions of a rule must use the same dataset; found {first} and {second}. Write two rules joined with |."
)
WRONG_DATASET = "{field} cannot be used in a filter of {target}; use fields of {datasets}."
ONLY_AFTER_IF = "{field} can only be used after IF; move its condition there."
ONLY_CURRENT_USER = (
    "only CurrentUser can be used after IF, not {field}; write a condition on a field of CurrentUser there."
)
ONLY_RIGHT = "{field} can only be used on the right-hand side of a condition of an ItemID filter."
ONLY_OF_ITEMS = "{field} can only be compared with fields of Items, such as Items.GENRE, not with {other}."
ONLY_EVENT_TYPE = "EVENT_TYPE is the only field of {dataset} that filters can use, not {field}."
NO_DATASET = "{field} needs a dataset of type {dataset}; create one in the dataset group first."
NO_FIELD = "{field} is not in the schema of the dataset of type {dataset}; use a field of this schema."
BOOLEAN = "{field} is of type boolean, which filters cannot use. Use strings or the numbers 0 and 1 instead."
TEXTUAL = "{field} is textual, and filters cannot use textual fields; use another field."
AUTOMATIC = "{field} cannot be used in filters; remove it, because the service applies it automatically."
RANGE_OF_STRING = "{operator} compares numbers, and {field} is of type string; use IN, NOT IN, = or != instead."
NUMBER_FOR_STRING = "{field} is of type string; write {value} in quotes."
STRING_FOR_NUMBER = "{field} is of type {type}, and {value} is not a number; write a number such as 5."
ITEM_TYPE = "{field} is of type {type}, {other} of type {other_type}; compare fields of the same type instead."
WILDCARD = '"*" can only be used with Interactions.EVENT_TYPE.'
TOO_MANY_FIELDS = "a filter can use at most {limit} different fields; this one uses {count}, so remove some."

# Errors of filterValues. The texts of the service are not known. Values are sensitive, so no message contains one.
MISSING_VALUES = "The filter needs filterValues for these parameters: {names}."
NOT_A_NUMBER = "The filter compares {field} with numbers, but one of its filterValues is not a number. Write a number."
ONE_VALUE = "The filter's parameter {name} takes one value, but {count} were given; pass only one."
BAD_QUOTES = (
    "The filterValues of the parameter {name} are malformed. Write each value in double quotes, separated by commas."
)
NO_ITEM = (
    "The filter uses CurrentItem, but the request has no itemId. Provide an itemId, and use a recipe that takes one."
)

_MAX_TOKEN = 60


def invalid_symbol(token: str, why: str, *, column: int, **parts: str) -> InvalidFilter:
    """Return the error about a token that is not allowed at its position in a filter expression.

    Args:
        token: The token as written. A long token is truncated in the message.
        why: Template of the explanation. It may contain {column} and the names in `parts`.
        column: Position of the token in the expression, counted from 1.
        parts: Values for the template.
    """
    shown = token if len(token) <= _MAX_TOKEN else f"{token[:_MAX_TOKEN]}..."
    if len(token) == 1 and (token.isspace() or not token.isprintable()):
        shown = f"U+{ord(token):04X}"
    return InvalidFilter(SYMBOL.format(token=shown, why=why.format(column=column, **parts)), column)


def invalid_expression(text: str, *, at: int | None = None, **parts: object) -> InvalidFilter:
    """Return the error about a filter expression that can be parsed but breaks a rule.

    Args:
        text: Template of the explanation, with placeholders such as `{name}` for the values in `parts`.
        at: Position of the error in the expression, counted from 1. None if the error has no single position.
        parts: Values for the template.
    """
    return InvalidFilter(EXPRESSION.format(why=text.format(**parts)), at)
