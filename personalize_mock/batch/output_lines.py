"""Formatting of the output lines of batch jobs, byte for byte as in the service.

Recipes differ in the spaces between JSON tokens. The formats come from recorded output files and from the developer
guide, "Preparing input data for batch recommendations" (2025). Some lines in the guide lack the `error` member; here
every line has it, as in the recorded files.
"""

from collections.abc import Mapping
from json import JSONEncoder
from typing import Any

_compact = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_spaced = JSONEncoder(ensure_ascii=False).encode

LineOutput = Mapping[str, Any]


def compact_line(input_: object, output: LineOutput | None, error: str | None) -> str:
    """Format an output line without spaces between JSON tokens.

    Outputs of recipes of the type USER_PERSONALIZATION have this format, as recorded from the service. The developer
    guide shows it for personalized ranking and theme generation.

    Args:
        input_: JSON value of the input line.
        output: Result for the line, or None if there is an error.
        error: Error message, or None.
    """
    return _compact({"input": input_, "output": output, "error": error})


def spaced_line(input_: object, output: LineOutput | None, error: str | None) -> str:
    """Format an output line with a space after each colon and comma.

    The developer guide shows this format for recipes of the type RELATED_ITEMS and for aws-popularity-count.

    Args:
        input_: JSON value of the input line.
        output: Result for the line, or None if there is an error.
        error: Error message, or None.
    """
    return _spaced({"input": input_, "output": output, "error": error})


def segment_line(input_: object, output: LineOutput | None, error: str | None) -> str:
    """Format an output line of a batch segment job, with spaces after colons and commas except in the list of users.

    This format was recorded from the service in 2024-07.

    Args:
        input_: JSON value of the input line.
        output: Result with the member usersList, or None if there is an error.
        error: Error message, or None.
    """
    inside = "null" if output is None else f'{{"usersList": {_compact(output["usersList"])}}}'
    return f'{{"input": {_spaced(input_)}, "output": {inside}, "error": {_spaced(error)}}}'
