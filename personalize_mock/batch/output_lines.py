"""Output lines of batch jobs, byte for byte: recipes differ in the blanks between JSON tokens.

Documented forms: developer guide, "Preparing input data for batch recommendations" (2025). Some documented lines lack
the `error` member; here every line has it, as recorded.
"""

from collections.abc import Mapping
from json import JSONEncoder
from typing import Any

_compact = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_spaced = JSONEncoder(ensure_ascii=False).encode

LineOutput = Mapping[str, Any]


def compact_line(input_: object, output: LineOutput | None, error: str | None) -> str:
    """Return a line without blanks. Recorded for USER_PERSONALIZATION, documented for rankings and themes."""
    return _compact({"input": input_, "output": output, "error": error})


def spaced_line(input_: object, output: LineOutput | None, error: str | None) -> str:
    """Return a line with blanks after colons and commas. Documented for RELATED_ITEMS and aws-popularity-count."""
    return _spaced({"input": input_, "output": output, "error": error})


def segment_line(input_: object, output: LineOutput | None, error: str | None) -> str:
    """Return a line with blanks, except in the list of users. Recorded 2024-07 for segments."""
    inside = "null" if output is None else f'{{"usersList": {_compact(output["usersList"])}}}'
    return f'{{"input": {_spaced(input_)}, "output": {inside}, "error": {_spaced(error)}}}'
