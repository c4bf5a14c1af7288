"""Any object to the members of an output shape, and back to what boto3 would show.

A member is taken from a mapping by its wire name, from anything else by its Python name (`xform_name`). What is None is
absent: the service sends no nulls. Timestamps are epoch seconds everywhere inside, as on the wire.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from functools import cache
from operator import attrgetter
from typing import Any

from botocore import xform_name
from botocore.model import Shape, StructureShape

from personalize_mock.wire.registry import PreShaped

Convert = Callable[[Any], Any]


def shape(output: StructureShape | None, result: Any) -> dict[str, Any]:
    """The members of `output` that `result` has, in the model's order."""
    shaped: dict[str, Any] = {} if output is None or result is None else _to_wire(output)(result)
    return shaped


def as_boto3_shows(output: StructureShape | None, body: Mapping[str, Any]) -> dict[str, Any]:
    """A shaped body with its timestamps as aware datetimes, which is what boto3 returns."""
    shown: dict[str, Any] = {} if output is None else _to_python(output)(body)
    return shown


@cache
def _to_wire(output: Shape) -> Convert:
    if output.type_name == "structure":
        return _structure(output)
    if output.type_name == "list":
        member = _to_wire(output.member)
        return lambda values: values if type(values) is PreShaped else [member(value) for value in values]
    if output.type_name == "map":
        member = _to_wire(output.value)
        return lambda values: {key: member(value) for key, value in values.items()}
    return _same


def _structure(output: StructureShape) -> Convert:
    members = [(name, attrgetter(xform_name(name)), _to_wire(member)) for name, member in output.members.items()]

    def convert(result: Any) -> dict[str, Any]:
        shaped = {}
        mapping = isinstance(result, Mapping)
        for name, attribute, member in members:
            value = result.get(name) if mapping else _attribute(result, attribute)
            if value is not None:
                shaped[name] = value if member is _same else member(value)
        return shaped

    return convert


def _attribute(result: Any, attribute: Callable[[Any], Any]) -> Any:
    try:
        return attribute(result)
    except AttributeError:
        return None


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
    return _same


def _same(value: Any) -> Any:
    return value
