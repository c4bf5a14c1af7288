"""How answers look, byte for byte: recipes differ in where they put blanks, as was recorded or is documented.

That documented lines of some recipes have no `error` is taken for an omission: every line has it here.
"""

from collections.abc import Mapping
from json import JSONEncoder
from typing import Any

_compact = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_spaced = JSONEncoder(ensure_ascii=False).encode

Output = Mapping[str, Any] | None


def compact_line(asked: object, output: Output, error: str | None) -> str:
    """A line without blanks: recorded for USER_PERSONALIZATION, documented for rankings and themes."""
    return _compact({"input": asked, "output": output, "error": error})


def spaced_line(asked: object, output: Output, error: str | None) -> str:
    """A line with blanks after colons and commas: documented for RELATED_ITEMS and aws-popularity-count."""
    return _spaced({"input": asked, "output": output, "error": error})


def segment_line(asked: object, output: Output, error: str | None) -> str:
    """A line with blanks but among the users: recorded for segments."""
    inside = "null" if output is None else f'{{"usersList": {_compact(output["usersList"])}}}'
    return f'{{"input": {_spaced(asked)}, "output": {inside}, "error": {_spaced(error)}}}'
