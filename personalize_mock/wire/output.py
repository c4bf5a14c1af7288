"""Conversion of operation results to response bodies, and of response bodies to the values that boto3 returns.

Handlers, the functions that answer operations, return dictionaries or resource objects. A response member is read from
a dictionary by its name in the API, and from any other object by its name in snake case. Members that are None are
omitted, because the service sends no nulls. Timestamps in response bodies are epoch seconds. Converters are built once
per shape.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from functools import cache
from typing import Any

from botocore import xform_name
from botocore.model import Shape, StructureShape

from personalize_mock.wire.registry import PreShaped

Convert = Callable[[Any], Any]


def shape_output(output: StructureShape | None, result: Any) -> dict[str, Any]:
    """Convert the result of a handler, the function that answers an operation, to a response body.

    The body contains the members of `output` that are not None in `result`, in the order of the service model. It is
    empty if `output` or `result` is None.
    """
    shaped: dict[str, Any] = {} if output is None or result is None else _to_wire(output)(result)
    return shaped


def as_boto3_returns(output: StructureShape | None, body: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a response body to the values that boto3 returns: timestamps become aware datetimes in UTC."""
    returned: dict[str, Any] = {} if output is None else _to_python(output)(body)
    return returned


@cache
def _to_wire(output: Shape) -> Convert:
    if output.type_name == "structure":
        return _structure(output)
    if output.type_name == "list":
        member = _to_wire(output.member)
        return lambda values: values if isinstance(values, PreShaped) else [member(value) for value in values]
    if output.type_name == "map":
        member = _to_wire(output.value)
        return lambda values: {key: member(value) for key, value in values.items()}
    return _unchanged


def _structure(output: StructureShape) -> Convert:
    members = [(name, xform_name(name), _to_wire(member)) for name, member in output.members.items()]

    def convert(result: Any) -> dict[str, Any]:
        shaped = {}
        is_mapping = isinstance(result, dict)
        for name, attribute, member in members:
            value = result.get(name) if is_mapping else getattr(result, attribute, None)
            if value is not None:
                shaped[name] = value if member is _unchanged else member(value)
        return shaped

    return convert


@cache
def _to_python(output: Shape) -> Convert:
    if output.type_name == "structure":
        members = output.members
        return lambda body: {name: _to_python(members[name])(value) for name, value in body.items()}
    if output.type_name == "list":
        member = _to_python(output.member)
        return lambda values: [member(value) for value in values]
    if output.type_name == "timestamp":
        return lambda seconds: datetime.fromtimestamp(seconds, tz=timezone.utc)
    return _unchanged


def _unchanged(value: Any) -> Any:
    return value
