"""Conversion of values given by a user to plain Python values, and of plain values to the types of a schema.

Plain Python values are booleans, numbers, strings and datetimes, or None for a missing value.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timezone
from decimal import Decimal
from enum import Enum
from math import isfinite, isnan
from typing import Any

Value = bool | int | float | str | datetime | None

LARGEST = 1.7e308  # for the type double
EARLIEST = 100_000_000  # epoch seconds; a smaller number with a fraction is no time
LATEST = 99_999_999_999  # epoch seconds; a larger number is in milliseconds or smaller units
_BREAK = re.compile(r"[\r\n\0]")
_INTEGER = re.compile(r"[+-]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[+-]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_BOOLEANS = {"true": True, "false": False}


class Unfit(ValueError):  # noqa: N818  # named after what it says of a value
    """Raised when a value does not fit its column. The message completes the sentence "the value is ..."."""


def plain(value: Any) -> Value:
    """Convert a value to a number, boolean, string or datetime, or to None if it is missing.

    An empty string counts as missing. The elements of a list are joined with `|`.

    Raises:
        Unfit: The value has a type or content that no column can hold.
    """
    if hasattr(value, "dtype") and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, Enum):
        value = value.value
    if _is_missing(value):
        return None
    if isinstance(value, (bool, int, datetime)):
        return value
    if isinstance(value, (str, bytes)):
        return _text(value)
    if isinstance(value, (float, Decimal)):
        return _number(float(value))
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=timezone.utc)
    if isinstance(value, (list, tuple, set, frozenset)):
        parts = map(str, sorted(value) if isinstance(value, (set, frozenset)) else value)
        return _text("|".join(parts))
    raise Unfit(f"a {type(value).__name__}. Write a number, a string, a bool, a datetime or a list of strings")


def _is_missing(value: Any) -> bool:
    """Return whether a value is None, NaN, or a missing value of pandas (NA or NaT). This does not import pandas."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return value.is_nan() if isinstance(value, Decimal) else isinstance(value, float) and isnan(value)


def _text(value: str | bytes) -> str | None:
    try:
        text = value.decode() if isinstance(value, bytes) else value
        text.encode()
    except UnicodeError:
        raise Unfit("not valid Unicode. Write a string that can be encoded as UTF-8") from None
    if _BREAK.search(text):
        raise Unfit("a string with a line break or NUL, which an import does not accept. Replace it with a space")
    return text or None


def _number(number: float) -> float:
    if not isfinite(number):
        raise Unfit("infinite. Write a finite number, or None")
    return number


def parsed_texts(values: Sequence[Value]) -> Sequence[Value]:
    """Convert the strings of a CSV column to ints, floats or booleans.

    The first of these types that fits all strings is used. Booleans are "true" and "false" in upper or lower case. If
    no type fits, `values` is returned unchanged. Missing values stay None.
    """
    texts = {value for value in values if isinstance(value, str)}
    for pattern, convert in _PARSERS:
        if texts and all(map(pattern, texts)):
            parsed: dict[Value, Value] = {text: convert(text) for text in texts}
            return [parsed.get(value) for value in values]
    return values


_PARSERS: Sequence[tuple[Callable[[str], object], Callable[[str], Value]]] = (
    (_INTEGER.fullmatch, int),
    (_FLOAT.fullmatch, float),
    (lambda text: text.casefold() in _BOOLEANS, lambda text: _BOOLEANS[text.casefold()]),
)


def as_text(value: Value) -> str:
    """Convert a value to a string. Booleans become "true" or "false", and datetimes become ISO 8601 strings.

    Floats such as 42.0 become "42", because pandas stores integer ids as floats if some of them are missing.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, datetime) else str(value)


def as_instant(value: Value) -> int:
    """Convert a time to epoch seconds, rounded down.

    Epoch seconds as numbers or strings, datetimes and ISO 8601 strings are accepted. Datetimes and ISO 8601 strings
    without an offset are taken as UTC.

    Raises:
        Unfit: The value is not a time, or it looks like a time in milliseconds or a rating.
    """
    if isinstance(value, str):
        value = _parsed_instant(value)
    if isinstance(value, datetime):
        value = value.replace(tzinfo=value.tzinfo or timezone.utc).timestamp()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Unfit("not a time. Write epoch seconds, a datetime or an ISO 8601 string such as '2024-05-01T12:00:00Z'")
    if abs(value) < EARLIEST and value != value // 1:
        raise Unfit("not a time in epoch seconds. If it is a rating, name its column EVENT_VALUE")
    if not abs(value) <= LATEST:
        raise Unfit(f"too large for epoch seconds. Write seconds, not milliseconds: {int(value) // 1000}")
    return int(value // 1)


def _parsed_instant(text: str) -> Value:
    if _FLOAT.fullmatch(text):
        return float(text)
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return text


def as_whole(value: Value) -> int:
    """Convert an integer, a float such as 3.0, or a string such as "3" or "3.0" to an integer.

    Raises:
        Unfit: The value is a boolean, a number with a fraction, or not a number.
    """
    number = as_float(value)
    if not number.is_integer():
        raise Unfit("not a whole number. Write a whole number")
    return value if isinstance(value, int) else int(number)


def as_float(value: Value) -> float:
    """Convert an integer, a float, or a string such as "3" or "1.5e3" to a float.

    Raises:
        Unfit: The value is a boolean, not a number, or too large for the type double.
    """
    if isinstance(value, str) and _FLOAT.fullmatch(value):
        return float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Unfit("not a number. Write a number")
    if abs(value) > LARGEST:
        raise Unfit("too large. Write a number between -1.7e308 and 1.7e308")
    return float(value)
