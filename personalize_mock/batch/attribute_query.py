"""The language of batch segment inputs: `ITEMS.genres = "Comedy" AND ITEMS.audience = "teen"`.

It has `=` and `AND` and nothing else. Keywords and the dataset may be written in any case; the texts of the
refusals are ours.
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
_SHOWN = 40

CONDITION = 'Expected a condition such as ITEMS.GENRES = "Comedy" or ITEMS.YEAR = 1994'
AND = "Conditions can only be joined with AND; expected AND or the end"


class InvalidItemAttributes(ValueError):  # noqa: N818  # named as the service words what it refuses
    """An attribute expression that cannot be read; the text says where and what to write instead."""


def parse_item_attributes(text: str) -> tuple[tuple[str, str], ...]:
    """The pairs of a column and a value that all must hold, at least one, in the order written.

    The columns are as written; of values in quotes the quotes are taken away, and numbers stay text.

    Raises:
        InvalidAttributes: the text is no such expression.
    """
    pairs, at = [], 0
    while True:
        found = _CONDITION.match(text, at)
        if found is None:
            raise _refusal(CONDITION, text, at=at)
        value = found["value"]
        pairs.append((found["column"], value[1:-1] if value[0] in _QUOTES else value))
        at = found.end()
        if at == len(text):
            return tuple(pairs)
        joint = _AND.match(text, at)
        if joint is None:
            raise _refusal(AND, text, at=at)
        at = joint.end()


def _refusal(what: str, text: str, *, at: int) -> InvalidItemAttributes:
    at += len(text[at:]) - len(text[at:].lstrip())
    rest = text[at:]
    shown = rest if len(rest) <= _SHOWN else f"{rest[:_SHOWN]}..."
    return InvalidItemAttributes(f"Invalid item attributes: {what} at column {at + 1}, found: {shown or 'nothing'}")
