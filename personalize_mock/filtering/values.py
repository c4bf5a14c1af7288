"""Parsing and normalisation of the values that filters compare: lists in filterValues, numbers and event types."""

import re
from functools import lru_cache

from personalize_mock.filtering import errors
from personalize_mock.filtering.errors import InvalidValues
from personalize_mock.filtering.syntax import EVENTS

# A quoted or bare value, followed by a comma or the end. Each space can match in one place only, so matching takes
# linear time.
_VALUE = re.compile(r"""\s*(?:"(?P<quoted>[^"]*)"\s*|(?!\s)(?P<bare>[^",]*))(?P<end>,|\Z)""")
_NUMBER = re.compile(r"[+-]?[0-9]+(?P<fraction>\.[0-9]+)?(?P<exponent>[eE][+-]?[0-9]+)?")


@lru_cache(maxsize=1024)
def split_values(text: str, *, name: str) -> tuple[str, ...]:
    """Split the text of one parameter in filterValues into its values.

    For example, the values of `"Comedy","Drama"` are Comedy and Drama. Values without quotes are accepted too. The
    service is known to accept numbers without quotes; accepting strings without quotes is an assumption. Spaces around
    values and empty values without quotes are dropped.

    Args:
        text: The text of the parameter, at most 1000 characters.
        name: The name of the parameter, for the error message.

    Raises:
        InvalidValues: A quote is not closed, or text follows a closing quote.
    """
    values, position = [], 0
    while position < len(text):
        match = _VALUE.match(text, position)
        if match is None:
            raise InvalidValues(errors.BAD_QUOTES.format(name=name))
        values.append(match["bare"].strip() or None if match["quoted"] is None else match["quoted"])
        position = match.end()
    return tuple(value for value in values if value is not None)


def parse_number(text: str) -> float | None:
    """Convert a string such as "2.5" to a number, or return None if it is not a decimal number.

    Integers of at most 64 bits become ints, so that no digit is lost. Other numbers become floats.
    """
    bare = text.strip()
    match = _NUMBER.fullmatch(bare)
    if match is None:
        return None
    is_whole = match["fraction"] is None and match["exponent"] is None
    return int(bare) if is_whole and -(2**63) <= int(bare) < 2**63 else float(bare)


def event_type_key(text: str, *, dataset: str) -> str:
    """Return an event type in a normalised form. Filters treat event types with the same normalised form as equal.

    Case is ignored. For action interactions, spaces and underscores are ignored too, because the developer guide writes
    `NOT_TAKEN` in filters for the event type `Not Taken`.

    Args:
        text: The event type.
        dataset: The dataset type: INTERACTIONS or ACTION_INTERACTIONS.
    """
    key = text.casefold()
    return key.replace("_", "").replace(" ", "") if dataset == EVENTS[1] else key
