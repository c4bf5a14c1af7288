"""Properties of CloudFormation templates as members of requests: a property is a member that begins with a capital."""

from collections.abc import Callable, Mapping
from typing import Any

from botocore.model import Shape

from personalize_mock.wire.model import Operation, operation_by_name

Properties = Mapping[str, Any]

_TYPES: Mapping[str, Callable[[Any], Any]] = {
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "boolean": lambda value: value if isinstance(value, bool) else str(value).lower() == "true",
    "string": lambda value: str(value).lower() if isinstance(value, bool) else str(value),
}


def request_of(operation: str, properties: Properties) -> dict[str, Any]:
    """Properties as the members of a request; what the operation does not take is left out."""
    asked = operation_of(operation)
    request: dict[str, Any] = _converted(asked.input, properties)
    if "tags" in asked.input.members and tags_of(properties):
        request["tags"] = tags_of(properties)
    return request


def operation_of(name: str) -> Operation:
    """The operation of a name, which must be one."""
    found = operation_by_name(name)
    assert found is not None  # noqa: S101  # only the names of operations get here
    return found


def _converted(shape: Shape, value: Any) -> Any:
    """A value of a template as a shape has it: members begin with a small letter, and numbers may be texts."""
    if shape.type_name == "structure":
        own = {name: value[_property(name)] for name in shape.members if _property(name) in value and name != "tags"}
        return {name: _converted(shape.members[name], each) for name, each in own.items()}
    if shape.type_name == "list":
        return [_converted(shape.member, each) for each in value]
    if shape.type_name == "map":
        return {key: _converted(shape.value, each) for key, each in value.items()}
    try:
        return _TYPES[shape.type_name](value)
    except (TypeError, ValueError):
        return value  # the operation says what is wrong


def tags_of(properties: Properties) -> list[dict[str, str]]:
    """Tags, written as CloudFormation's other types have them or as the API has them."""
    return [
        {"tagKey": tag.get("TagKey", tag.get("Key")), "tagValue": tag.get("TagValue", tag.get("Value", ""))}
        for tag in properties.get("Tags", ())
    ]


def member_of(name: str) -> str:
    """The member of a property."""
    return name[0].lower() + name[1:]


def _property(name: str) -> str:
    return name[0].upper() + name[1:]
