"""Conversion of a validated request to keyword arguments for its handler, the function that answers the operation."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from botocore import xform_name
from botocore.model import Shape

from personalize_mock.wire.model import Operation

Convert = Callable[[Any], Any]


def handler_arguments(operation: Operation, params: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a request to keyword arguments for the handler, the function that answers its operation.

    The names of the top-level members become snake case: `datasetArn` becomes `dataset_arn`. Unknown members and nulls
    are dropped at any depth.

    Args:
        operation: The requested operation.
        params: Request members by their names in the API.
    """
    arguments, members = {}, _arguments(operation)
    for name, value in params.items():
        if value is not None and name in members:
            argument, convert = members[name]
            arguments[argument] = value if convert is _unchanged else convert(value)
    return arguments


@cache
def _arguments(operation: Operation) -> dict[str, tuple[str, Convert]]:
    """Return the name of the handler's argument and a function that converts its value, for each request member."""
    return {name: (xform_name(name), _known_members(member)) for name, member in operation.input.members.items()}


@cache
def _known_members(shape: Shape) -> Convert:
    """Return a function that drops unknown and null members from values of a shape, at any depth.

    The function is built once per shape and cached.
    """
    if shape.type_name == "structure":
        members = {name: _known_members(member) for name, member in shape.members.items()}
        return lambda structure: {
            name: members[name](value) for name, value in structure.items() if name in members and value is not None
        }
    if shape.type_name == "list" and _known_members(shape.member) is not _unchanged:
        member = _known_members(shape.member)
        return lambda values: [member(value) for value in values]
    return _unchanged  # no map of the three models holds structures


def _unchanged(value: Any) -> Any:
    return value
