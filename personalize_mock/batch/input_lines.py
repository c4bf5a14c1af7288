"""JSON Lines: a stream of bytes cut into lines and blocks of them, and what a line asks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from json import JSONDecoder, JSONEncoder
from math import isfinite
from typing import Any, NoReturn

# Ours.
NOT_JSON = "The line is no valid JSON."
HALF = "The line has half of a surrogate pair, which is no character."
NOT_AN_OBJECT = "The line is no JSON object."
MISSING = "The line has no {member}."
NOT_TEXT = "{member} must be a string."
NOT_A_LIST = "{member} must be a list of strings."
NOT_A_MAP = "{member} must be an object whose values are strings."
EMPTY = "{member} must not be empty."
TOO_LONG = "{member} can have at most {most} items."

MAX_ITEMS = 500  # inferred from the runtime's inputList


@dataclass(frozen=True, slots=True, kw_only=True)
class InputLine:
    """What a line asks.

    Attributes:
        input: What the answer repeats; of a line that is no JSON its text.
        problem: Why it cannot be answered, None if it can.
        user_id: Its userId.
        item_id: Its itemId.
        item_list: Its itemList.
        item_attributes: Its itemAttributes.
        context: Its context.
        filter_values: Its filterValues.
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
    """The lines of a file that comes in pieces, without those that are blank."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line for line in whole if line.strip())
    if rest.strip():
        yield rest


def in_blocks(lines: Iterator[bytes], *, size: int) -> Iterator[list[bytes]]:
    """Lines in lists of `size`, the last perhaps shorter."""
    while block := list(islice(lines, size)):
        yield block


def parse_line(line: bytes, *, needs: Sequence[str]) -> InputLine:
    """What a line asks; what it has besides is repeated in the answer and has no effect.

    Args:
        line: The line.
        needs: The members that it must have.
    """
    try:
        text = line.decode("utf-8-sig")
        found = _decode(text)
    except (ValueError, RecursionError):
        return InputLine(input=line.decode("utf-8", "replace").strip(), error=NOT_JSON)
    if not isinstance(found, dict):
        return InputLine(input=found, error=NOT_AN_OBJECT)
    problem = HALF if "\\u" in text and _has_half(found) else _problem(found, needs)
    if problem is not None:
        return InputLine(input=found, error=problem)
    return InputLine(
        input=found,
        user_id=found.get("userId"),
        item_id=found.get("itemId"),
        item_list=found.get("itemList", ()),
        item_attributes=found.get("itemAttributes", ""),
        context=found.get("context", {}),
        filter_values=found.get("filterValues", {}),
    )


def _no_json(text: str) -> NoReturn:
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    return number if isfinite(number) else _no_json(text)


# NaN and Infinity are no JSON, and an answer that repeated them would be none either.
_decode = JSONDecoder(parse_constant=_no_json, parse_float=_finite).decode
_encode = JSONEncoder(ensure_ascii=False).encode


def _has_half(found: object) -> bool:
    """Whether there is a surrogate without its other half, as JSON can escape it."""
    return any("\ud800" <= character <= "\udfff" for character in _encode(found))


def _problem(found: Mapping[str, Any], needs: Sequence[str]) -> str | None:
    for member in needs:
        if member not in found:
            return MISSING.format(member=member)
    return next((text for text in map(_fault, found, found.values()) if text is not None), None)


def _fault(member: str, value: object) -> str | None:
    """What is wrong with a member, None if nothing is."""
    if member in ("userId", "itemId", "itemAttributes"):
        return None if isinstance(value, str) else NOT_TEXT.format(member=member)
    if member in ("context", "filterValues"):
        fits = isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
        return None if fits else NOT_A_MAP.format(member=member)
    return _list_fault(member, value) if member == "itemList" else None


def _list_fault(member: str, value: object) -> str | None:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        return NOT_A_LIST.format(member=member)
    if not value:
        return EMPTY.format(member=member)
    return TOO_LONG.format(member=member, most=MAX_ITEMS) if len(value) > MAX_ITEMS else None
