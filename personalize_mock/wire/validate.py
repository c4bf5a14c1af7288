"""The constraints of the input shapes, checked and worded as AWS's framework words them.

botocore checks types, required members and minimums before it sends; maximum, pattern and enum are the service's to
check. A request need not come from botocore, so all of them are checked here. A shape is compiled once into a closure.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from personalize_mock.wire.errors import SerializationException, ValidationException
from personalize_mock.wire.model import Operation

Check = Callable[[Any, str, list[str]], None]

_PYTHON_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "timestamp": (int, float),
    "list": (list, tuple),
    "map": (dict,),
    "structure": (dict,),
}


def validate(operation: Operation, params: Mapping[str, Any]) -> None:
    """Checks a request against its input shape.

    Raises:
        SerializationException: a value has the wrong JSON type.
        ValidationException: values break constraints; the text lists all of them.
    """
    faults: list[str] = []
    _check(operation.input)(params, "", faults)
    if faults:
        noun = "error" if len(faults) == 1 else "errors"
        raise ValidationException(f"{len(faults)} validation {noun} detected: {'; '.join(faults)}")


def compile_pattern(pattern: str) -> re.Pattern[str]:
    r"""A pattern of the service models (Java's dialect, whole match) as Python's.

    Letters are approximated: `re` has no Unicode categories, so a class that holds `\p{L}` and `\p{N}` takes `\w`.
    Elsewhere `\d` and `\w` are ASCII's alone, as in Java.
    """
    plain = pattern.replace(r"\p{ASCII}", r"[\x00-\x7F]")
    translated = plain.replace(r"\p{L}", r"\w").replace(r"\p{N}", r"\d").replace(r"\p{Z}", r"\s")
    return re.compile(rf"(?:{translated})\Z", re.ASCII if translated == plain else re.UNICODE)


@cache
def _check(shape: Shape) -> Check:
    return _typed(shape, _BUILDERS.get(shape.type_name, _scalar)(shape))


def _typed(shape: Shape, check: Check) -> Check:
    expected = _PYTHON_TYPES[shape.type_name]
    wants_bool = shape.type_name == "boolean"

    def checked(value: Any, path: str, faults: list[str]) -> None:
        if not isinstance(value, expected) or (isinstance(value, bool) and not wants_bool):
            raise SerializationException(f"Value at '{path}' must be of type {shape.type_name}.")
        check(value, path, faults)

    return checked


def _structure(shape: StructureShape) -> Check:
    required = shape.required_members
    # Built lazily: no shape of the three models contains itself, but most calls touch few members.
    members = shape.members

    def check(value: Mapping[str, Any], path: str, faults: list[str]) -> None:
        prefix = f"{path}." if path else ""
        faults.extend(_null(f"{prefix}{name}") for name in required if value.get(name) is None)
        for name, member in value.items():
            if member is not None and name in members:
                _check(members[name])(member, prefix + name, faults)

    return check


def _list(shape: ListShape) -> Check:
    sizes, member = _length(shape), _check(shape.member)
    are_fine = _plain_texts(shape.member)

    def check(value: list[Any], path: str, faults: list[str]) -> None:
        sizes(value, path, faults)
        if are_fine(value):
            return
        for position, item in enumerate(value, 1):
            member(item, f"{path}.{position}.member", faults)

    return check


def _plain_texts(member: Shape) -> Callable[[list[Any]], bool]:
    """Whether a list holds nothing but sound texts, told quickly; False where it takes a closer look."""
    if member.type_name != "string" or {"pattern", "enum"} & member.metadata.keys():
        return lambda _: False
    low, high = member.metadata.get("min", 0), member.metadata.get("max", sys.maxsize)
    return lambda values: (
        set(map(type, values)) == {str} and low <= min(map(len, values)) <= max(map(len, values)) <= high
    )


def _map(shape: MapShape) -> Check:
    sizes, key_check, value_check = _length(shape), _check(shape.key), _check(shape.value)

    def check(value: dict[str, Any], path: str, faults: list[str]) -> None:
        sizes(value, path, faults)
        for key, item in value.items():
            key_check(key, f"{path}.{key}.key" if key else path, faults)
            value_check(item, f"{path}.{key}.member", faults)

    return check


def _string(shape: Shape) -> Check:
    sizes, metadata = _length(shape), shape.metadata
    pattern = compile_pattern(metadata["pattern"]) if "pattern" in metadata else None
    enum = metadata.get("enum")
    hidden = metadata.get("sensitive", False)

    def check(value: str, path: str, faults: list[str]) -> None:
        sizes(value, path, faults)
        if pattern is not None and not pattern.match(value):
            rule = f"satisfy regular expression pattern: {metadata['pattern']}"
            faults.append(_fault(value, path, rule, hidden=hidden))
        if enum and value not in enum:
            faults.append(_fault(value, path, f"satisfy enum value set: [{', '.join(enum)}]", hidden=hidden))

    return check


def _length(shape: Shape) -> Check:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    hidden = _is_hidden(shape)

    def check(value: Any, path: str, faults: list[str]) -> None:
        if low is not None and len(value) < low:
            rule = f"have length greater than or equal to {low}"
            faults.append(_fault(value, path, rule, hidden=hidden))
        if high is not None and len(value) > high:
            faults.append(_fault(value, path, f"have length less than or equal to {high}", hidden=hidden))

    return check


def _is_hidden(shape: Shape) -> bool:
    """Whether the model marks a value, or something within it, as sensitive: then no text shows the value."""
    return bool(shape.metadata.get("sensitive")) or any(map(_is_hidden, _parts(shape)))


def _parts(shape: Shape) -> Iterator[Shape]:
    if isinstance(shape, StructureShape):
        yield from shape.members.values()
    elif isinstance(shape, MapShape):
        yield from (shape.key, shape.value)
    elif isinstance(shape, ListShape):
        yield shape.member


def _scalar(shape: Shape) -> Check:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")

    def check(value: Any, path: str, faults: list[str]) -> None:
        if low is not None and value < low:
            faults.append(_fault(value, path, f"have value greater than or equal to {low}"))
        if high is not None and value > high:
            faults.append(_fault(value, path, f"have value less than or equal to {high}"))

    return check


def _null(path: str) -> str:
    return f"Value null at '{path}' failed to satisfy constraint: Member must not be null"


def _fault(value: Any, path: str, rule: str, *, hidden: bool = False) -> str:
    shown = "" if hidden else f" '{value}'"
    return f"Value{shown} at '{path}' failed to satisfy constraint: Member must {rule}"


_BUILDERS: Mapping[str, Callable[[Any], Check]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
}
