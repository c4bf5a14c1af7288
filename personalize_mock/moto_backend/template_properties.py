"""Conversion of properties in CloudFormation templates to members of requests to Personalize.

A property has the name of the request member, but with a capital first letter. A template may write a number or a
boolean as a string.
"""

from collections.abc import Callable, Mapping
from typing import Any

from botocore.model import Shape

from personalize_mock.wire.model import Operation, operation_by_name

Properties = Mapping[str, Any]

_CONVERTERS: Mapping[str, Callable[[Any], Any]] = {
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "boolean": lambda value: value if isinstance(value, bool) else str(value).lower() == "true",
    "string": lambda value: str(value).lower() if isinstance(value, bool) else str(value),
}


def request_from_properties(operation: str, properties: Properties) -> dict[str, Any]:
    """Convert a resource's properties to the members of a request. Properties that the request cannot have are omitted.

    Args:
        operation: Name of the operation, such as "CreateSchema".
        properties: Properties of the resource in the template.
    """
    input_shape = existing_operation(operation).input
    request: dict[str, Any] = _convert(input_shape, properties)
    if "tags" in input_shape.members and tags_from_properties(properties):
        request["tags"] = tags_from_properties(properties)
    return request


def existing_operation(name: str) -> Operation:
    """Return the operation with a name such as "CreateSchema". There must be an operation with this name."""
    operation = operation_by_name(name)
    assert operation is not None  # noqa: S101  # callers build the names of operations that exist
    return operation


def tags_from_properties(properties: Properties) -> list[dict[str, str]]:
    """Return the value of the property Tags in the form of the API, with the members `tagKey` and `tagValue`.

    A template may write tags with Key and Value, as most resource types do, or with TagKey and TagValue.
    """
    return [
        {"tagKey": tag.get("TagKey", tag.get("Key")), "tagValue": tag.get("TagValue", tag.get("Value", ""))}
        for tag in properties.get("Tags", ())
    ]


def member_name(property_name: str) -> str:
    """Return the name of the request member for a property, such as "datasetArn" for "DatasetArn"."""
    return property_name[0].lower() + property_name[1:]


def _property_name(member: str) -> str:
    return member[0].upper() + member[1:]


def _convert(shape: Shape, value: Any) -> Any:
    if shape.type_name == "structure":
        present = {name: value[_property_name(name)] for name in shape.members if _property_name(name) in value}
        return {name: _convert(shape.members[name], member) for name, member in present.items() if name != "tags"}
    if shape.type_name == "list":
        return [_convert(shape.member, element) for element in value]
    if shape.type_name == "map":
        return {key: _convert(shape.value, element) for key, element in value.items()}
    try:
        return _CONVERTERS[shape.type_name](value)
    except (TypeError, ValueError):
        return value  # the operation reports the invalid value
