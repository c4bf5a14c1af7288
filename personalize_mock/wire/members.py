"""What an operation is told of a request: the members that its shapes know, without nulls."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from botocore.model import Shape, StructureShape

Known = Callable[[Any], Any]


def known(input_: StructureShape, params: Mapping[str, Any]) -> dict[str, Any]:
    """The known members of a valid request, as deep as there are structures."""
    told: dict[str, Any] = _known(input_)(params)
    return told


@cache
def _known(shape: Shape) -> Known:
    if shape.type_name == "structure":
        members = {name: _known(member) for name, member in shape.members.items()}
        return lambda value: {
            name: members[name](each) for name, each in value.items() if name in members and each is not None
        }
    if shape.type_name == "list" and _known(shape.member) is not _as_it_is:
        member = _known(shape.member)
        return lambda values: [member(value) for value in values]
    return _as_it_is  # no map of the three models holds structures


def _as_it_is(value: Any) -> Any:
    return value
