"""What is found beside what is expected: where the model says `...`, anything will do."""

from typing import Any


class Summary(dict[str, Any]):
    """An entry of a list, alike to what is found where the model has no text for a failure."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, dict) and alike(other, dict(self))


def alike(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Whether both have the same members, with values that are alike."""
    return found.keys() == expected.keys() and all(_same(found[name], value) for name, value in expected.items())


def _same(found: Any, expected: Any) -> bool:
    if expected is ...:
        return found is not None
    if isinstance(found, dict) and isinstance(expected, dict):
        return alike(found, expected)
    return bool(found == expected)
