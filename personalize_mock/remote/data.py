"""Conversion of data for `mock.load` to JSON that can be sent to a server."""

import json
from datetime import date
from typing import Any

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.loading import sources


def source_as_json(argument: str, source: Any) -> Any:
    """Convert data for `mock.load` to a CSV string or a dictionary of columns. Return a location in S3 unchanged.

    Files are read in this process, because the server does not read files.

    Args:
        argument: The name of the argument of `mock.load`, such as "interactions".
        source: The data, in any form that `mock.load` accepts.

    Raises:
        PersonalizeMockError: `mock.load` does not take such a value, or a cell cannot be sent as JSON.
    """
    if isinstance(source, str) and source.startswith("s3://"):
        return source
    content = sources.csv_content(argument, source, _no_fetch)
    if content is not None:
        sources.read(argument, content)  # checks that it is a CSV text
        return f"{content.decode('utf-8-sig')}\n"
    columns = sources.read(argument, source)
    document = {columns.given[name]: list(values) for name, values in columns.values.items()}
    try:
        return json.loads(json.dumps(document, default=_as_json))
    except TypeError as error:
        raise PersonalizeMockError(
            f"{argument}: a value cannot be sent to the server as JSON ({error}). Convert it to a string or a number."
        ) from None


def _no_fetch(location: str) -> bytes:
    raise AssertionError(location)  # locations in S3 are sent to the server


def _as_json(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "item"):
        return value.item()  # a scalar of NumPy
    raise TypeError(f"{value!r} is neither a string, a number nor a date")
