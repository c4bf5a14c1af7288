"""Values in filterValues and expressions: lists, numbers and event types."""

import re
from functools import lru_cache

from personalize_mock.filtering import errors
from personalize_mock.filtering.errors import InvalidValues
from personalize_mock.filtering.syntax import EVENTS

# A quoted or bare value, followed by a comma or the end. Each blank can match in one place only, so matching takes
# linear time.
_VALUE = re.compile(r"""\s*(?:"(?P<quoted>[^"]*)"\s*|(?!\s)(?P<bare>[^",]*))(?P<end>,|\Z)""")
_NUMBER = re.compile(r"[+-]?[0-9]+(?P<fraction>\.[0-9]+)?(?P<exponent>[eE][+-]?[0-9]+)?")


@lru_cache(maxsize=1024)
def split_values(text: str, *, name: str) -> tuple[str, ...]:
    r"""Return the values of one parameter in filterValues: `"Comedy","Drama"` is two values, without the quotes.

    Values without quotes are accepted too: for numbers this was recorded, for strings it is ours. Blanks around values
    and empty values without quotes are dropped.

    Args:
        text: At most 1000 characters.
        name: The name of the parameter, for the error.

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
    """Return the number in `text`, or None if it is not a number.

    Whole numbers in the range of the type long are ints, so that no digit is lost.
    """
    bare = text.strip()
    match = _NUMBER.fullmatch(bare)
    if match is None:
        return None
    is_whole = match["fraction"] is None and match["exponent"] is None
    return int(bare) if is_whole and -(2**63) <= int(bare) < 2**63 else float(bare)


def event_type_key(text: str, *, dataset: str) -> str:
    """Return the key by which event types are compared.

    Case is ignored. For action interactions, blanks and underscores are ignored too, because the guide's filters write
    `NOT_TAKEN` for the event type `Not Taken`.
    """
    key = text.casefold()
    return key.replace("_", "").replace(" ", "") if dataset == EVENTS[1] else key
