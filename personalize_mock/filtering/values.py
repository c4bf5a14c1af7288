"""Reads what requests and expressions give as values: filterValues, numbers, names of event types."""

import re
from functools import lru_cache

from personalize_mock.filtering import errors
from personalize_mock.filtering.errors import InvalidValues
from personalize_mock.filtering.syntax import EVENTS

# A quoted value, or a bare one, and the comma or the end after it. No blank can belong to two of its parts, so that the
# time is linear.
_VALUE = re.compile(r"""\s*(?:"(?P<quoted>[^"]*)"\s*|(?!\s)(?P<bare>[^",]*))(?P<end>,|\Z)""")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


@lru_cache(maxsize=1024)
def split(text: str, *, name: str) -> tuple[str, ...]:
    r"""The values in one of a request's filterValues: `"Comedy","Drama"` are two, without the quotes.

    Values may lack the quotes (numbers, as recorded; other values, as we read the guide); blanks around them are
    dropped, and so are bare values of nothing.

    Args:
        text: at most 1000 characters; time is linear in them.
        name: of the parameter, for the error.

    Raises:
        InvalidValues: a quote is not closed, or something follows one.
    """
    values, at = [], 0
    while at < len(text):
        found = _VALUE.match(text, at)
        if found is None:
            raise InvalidValues(errors.BAD_QUOTES.format(name=name))
        values.append(found["bare"].strip() or None if found["quoted"] is None else found["quoted"])
        at = found.end()
    return tuple(value for value in values if value is not None)


def number(text: str) -> float | None:
    """The number that `text` is, or None."""
    bare = text.strip()
    return float(bare) if _NUMBER.fullmatch(bare) else None


def event_type(text: str, *, dataset: str) -> str:
    """What an event type is compared by: case does not count, and for actions neither do blanks and underscores.

    The guide's own filters write `NOT_TAKEN` for the action event type `Not Taken`.
    """
    known = text.casefold()
    return known.replace("_", "").replace(" ", "") if dataset == EVENTS[1] else known
