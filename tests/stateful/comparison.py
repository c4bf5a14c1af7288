"""Comparison of responses with expectations. An expected value of `...` matches any value but None."""

from typing import Any


class Summary(dict[str, Any]):
    """An expected entry of a list. It equals every response that `matches` it."""

    __hash__ = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, dict) and matches(other, dict(self))


def matches(actual: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Return whether both have the same members with matching values."""
    return actual.keys() == expected.keys() and all(_same(actual[name], value) for name, value in expected.items())


def _same(actual: Any, expected: Any) -> bool:
    if expected is ...:
        return actual is not None
    if isinstance(actual, dict) and isinstance(expected, dict):
        return matches(actual, expected)
    return bool(actual == expected)
