"""Comparison of a request with the members that a rule expects.

* A value matches if it is equal.
* A dictionary matches if each of its members does, so the request may have more members.
* A list matches if it has the same length and each element matches.
* A callable matches if the request has the member and the callable returns a true value for it.
* None matches if the request lacks the member.
"""

from collections.abc import Mapping
from typing import Any

from personalize_mock.exceptions import PersonalizeMockError

SHOWN = 100  # characters of a value in messages


def is_condition(value: object) -> bool:
    """Return whether an expected value is a callable or None. These can be given for members of any type."""
    return value is None or callable(value)


def mismatch(expected: Any, actual: Any, path: str = "") -> str | None:
    """Return the reason why a value of a request does not match a rule, such as "userId is 'u2', not 'u1'".

    Args:
        expected: The value that the rule expects.
        actual: The value in the request, as JSON types, or None if the request lacks it.
        path: The path of the value in the request, such as `context.DEVICE`.

    Returns:
        The reason, or None if the value matches.

    Raises:
        PersonalizeMockError: A callable of the rule raised an exception.
    """
    if callable(expected):
        return _mismatch_of_condition(expected, actual, path)
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        prefix = f"{path}." if path else ""
        reasons = (mismatch(value, actual.get(name), prefix + name) for name, value in expected.items())
        return next((reason for reason in reasons if reason is not None), None)
    if isinstance(expected, list) and isinstance(actual, (list, tuple)) and len(expected) == len(actual):
        pairs = enumerate(zip(expected, actual, strict=True))
        reasons = (mismatch(one, other, f"{path}[{position}]") for position, (one, other) in pairs)
        return next((reason for reason in reasons if reason is not None), None)
    return None if expected == actual else _difference(expected, actual, path)


def _mismatch_of_condition(condition: Any, actual: Any, path: str) -> str | None:
    if actual is None:
        return f"{path} is missing"
    try:
        holds = condition(actual)
    except Exception as error:
        raise PersonalizeMockError(
            f"The condition {short_repr(condition)} raised {type(error).__name__}: {error} for "
            f"{path}={actual!r}. Write a function that returns True or False for any value of {path}."
        ) from error
    return None if holds else f"{path} is {actual!r}, and {short_repr(condition)} is not true for it"


def _difference(expected: Any, actual: Any, path: str) -> str:
    if actual is None:
        return f"{path} is missing"
    return f"{path} is {actual!r}, not {expected!r}" if expected is not None else f"{path} is {actual!r}, not missing"


def short_repr(value: Any) -> str:
    """Return the `repr` of a value for messages.

    Functions and classes are shown by name. A long result is truncated.
    """
    text = str(getattr(value, "__qualname__", None) or repr(value)) if callable(value) else repr(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."
