"""Parser for the itemAttributes of batch segment inputs, such as `ITEMS.genres = "Comedy" AND ITEMS.audience = "teen"`.

The only operators are `=` and `AND` (developer guide, "Preparing input data for user segments", 2025). AND and ITEMS
may be in upper or lower case. The wording of the error messages is the mock's own.
"""

import re

_STRING = r"\"[^\"]*\"|'[^']*'"
_CONDITION = re.compile(
    rf"""\s* ITEMS \s*\.\s* (?P<column>[A-Za-z_][A-Za-z0-9_]*) \s* = \s*
    (?P<value>{_STRING}|-?[0-9]+(?:\.[0-9]+)?(?![\w.])) \s*""",
    re.VERBOSE | re.IGNORECASE,
)
_AND = re.compile(r"AND\b", re.IGNORECASE)
_QUOTES = "\"'"
_MAX_SHOWN = 40

CONDITION = 'a condition such as ITEMS.GENRES = "Comedy" or ITEMS.YEAR = 1994'
AND = "AND or the end"


class InvalidItemAttributes(ValueError):  # noqa: N818  # named like InvalidFilter
    """Raised when an itemAttributes expression cannot be parsed."""


def parse_item_attributes(text: str) -> tuple[tuple[str, str], ...]:
    """Parse an itemAttributes expression, such as `ITEMS.genres = "Comedy" AND ITEMS.year = 1994`.

    Returns:
        A pair for each condition: the column name and the value, as text without quotes.

    Raises:
        InvalidItemAttributes: The expression cannot be parsed.
    """
    conditions, position = [], 0
    while True:
        match = _CONDITION.match(text, position)
        if match is None:
            raise _error(CONDITION, text, position=position)
        value = match["value"]
        conditions.append((match["column"], value[1:-1] if value[0] in _QUOTES else value))
        position = match.end()
        if position == len(text):
            return tuple(conditions)
        joint = _AND.match(text, position)
        if joint is None:
            raise _error(AND, text, position=position)
        position = joint.end()


def _error(expected: str, text: str, *, position: int) -> InvalidItemAttributes:
    rest = text[position:].lstrip()
    found = rest if len(rest) <= _MAX_SHOWN else f"{rest[:_MAX_SHOWN]}..."
    column = len(text) - len(rest) + 1
    return InvalidItemAttributes(
        f"The itemAttributes are invalid at column {column}. Expected {expected}, but found {found or 'nothing'}."
    )
