"""Reader of the input files of batch jobs, which are in the JSON Lines format."""

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from json import JSONDecodeError, JSONDecoder, JSONEncoder
from math import isfinite
from typing import Any, NoReturn

# Messages of the mock; the service's are not documented.
NOT_JSON = "The line is not valid JSON{where}. Write one JSON object on each line."
SURROGATE = (
    "The line contains only one half of a surrogate pair. Write both halves of the character, such as \\ud83d\\ude00."
)
NOT_AN_OBJECT = "The line is not a JSON object. Write one object in braces on each line."
MISSING = "The line has no {member}. Add it."
NOT_A_STRING = "{member} must be a string."
NOT_A_LIST = "{member} must be a list of strings."
NOT_A_MAP = "{member} must be an object whose values are strings."
EMPTY = "{member} must not be empty."
TOO_LONG = "{member} can have at most {limit} items."

MAX_ITEMS = 500  # not documented for batch jobs; the maximum length of the inputList of GetPersonalizedRanking


@dataclass(frozen=True, slots=True, kw_only=True)
class InputLine:
    """A parsed line of a batch job's input file.

    Attributes:
        input: JSON value of the line, or its text if it is not JSON. The output line repeats it.
        error: Reason why the line cannot be answered, or None if it can.
        user_id: User id from the member userId, or None.
        item_id: Item id from the member itemId, or None.
        item_list: Item ids to rank, from the member itemList.
        item_attributes: Expression from the member itemAttributes, such as `ITEMS.genres = "Comedy"`.
        context: Contextual metadata from the member context, by column name.
        filter_values: The member filterValues, with values by the name of a placeholder in the filter expression.
    """

    input: object
    error: str | None = None
    user_id: str | None = None
    item_id: str | None = None
    item_list: Sequence[str] = ()
    item_attributes: str = ""
    context: Mapping[str, str] = field(default_factory=dict)
    filter_values: Mapping[str, str] = field(default_factory=dict)


def split_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a file whose content is given in pieces, which may end within a line. Skip blank lines."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from (line for line in lines if line.strip())
    if rest.strip():
        yield rest


def in_blocks(lines: Iterator[bytes], *, size: int) -> Iterator[list[bytes]]:
    """Yield lines in lists of `size` lines each. The last list may be shorter."""
    while block := list(islice(lines, size)):
        yield block


def parse_line(line: bytes, *, required: Sequence[str]) -> InputLine:
    """Parse a line of a batch job's input file.

    If the line is invalid, no exception is raised; the `error` of the result says what is wrong. Members that batch
    jobs do not use have no effect, but the output line repeats them.

    Args:
        line: The line in UTF-8.
        required: Names of the members that the line must have, such as "userId".
    """
    try:
        text = line.removeprefix(BOM_UTF8).decode()
        value = _decode(text)
    except (ValueError, RecursionError) as problem:
        where = f" at character {problem.colno}" if isinstance(problem, JSONDecodeError) else ""
        return InputLine(input=line.decode("utf-8", "replace").strip(), error=NOT_JSON.format(where=where))
    if not isinstance(value, dict):
        return InputLine(input=value, error=NOT_AN_OBJECT)
    error = SURROGATE if "\\u" in text and _has_surrogate(value) else _error(value, required)
    if error is not None:
        return InputLine(input=value, error=error)
    return InputLine(
        input=value,
        user_id=value.get("userId"),
        item_id=value.get("itemId"),
        item_list=value.get("itemList", ()),
        item_attributes=value.get("itemAttributes", ""),
        context=value.get("context", {}),
        filter_values=value.get("filterValues", {}),
    )


def _reject(text: str) -> NoReturn:
    raise ValueError(text)


def _parse_float(text: str) -> float:
    number = float(text)
    return number if isfinite(number) else _reject(text)


# Python's decoder accepts NaN and Infinity. They are not JSON, and the output line would repeat them.
_decode = JSONDecoder(parse_constant=_reject, parse_float=_parse_float).decode
_encode = JSONEncoder(ensure_ascii=False).encode


def _has_surrogate(value: object) -> bool:
    """Return whether a JSON value contains text with an unpaired surrogate, which UTF-8 cannot represent."""
    return any("\ud800" <= character <= "\udfff" for character in _encode(value))


def _error(value: Mapping[str, Any], required: Sequence[str]) -> str | None:
    for member in required:
        if member not in value:
            return MISSING.format(member=member)
    return next((error for error in map(_member_error, value, value.values()) if error is not None), None)


def _member_error(member: str, value: object) -> str | None:
    if member in ("userId", "itemId", "itemAttributes"):
        return None if isinstance(value, str) else NOT_A_STRING.format(member=member)
    if member in ("context", "filterValues"):
        is_map = isinstance(value, dict) and all(isinstance(entry, str) for entry in value.values())
        return None if is_map else NOT_A_MAP.format(member=member)
    return _list_error(member, value) if member == "itemList" else None


def _list_error(member: str, value: object) -> str | None:
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        return NOT_A_LIST.format(member=member)
    if not value:
        return EMPTY.format(member=member)
    return TOO_LONG.format(member=member, limit=MAX_ITEMS) if len(value) > MAX_ITEMS else None
