"""Validation of requests against botocore's service models, with the error messages of AWS's server framework.

botocore checks types, required members and minimums before it sends a request. It leaves maximums, patterns and enums
to the service. Requests may also come from other clients, so everything is checked here. Each shape is compiled once
into a checking function, which is cached for the life of the process.

Error messages of other AWS services show how the framework treats lists and maps. If any elements of a list are
invalid, it reports a single violation, which quotes the whole list in Java's notation and names all constraints on
elements. The keys of a map are treated like the elements of a list, and so are its values. Sensitive values, and
collections that contain them, are not quoted.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from math import isfinite
from typing import Any, TypeAlias

from botocore.model import ListShape, MapShape, Shape, StructureShape

from personalize_mock.wire.errors import SerializationException, ValidationException
from personalize_mock.wire.model import Operation
from personalize_mock.wire.quoting import as_java

Check: TypeAlias = Callable[[Any, str, list[str]], None]  # value, path, violations to append to
Constraint: TypeAlias = tuple[str, Callable[[Any], bool]]  # its text after "Member must", whether a value satisfies it

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
_SIZED = ("string", "list", "map")
# Patterns of the models that take time cubic in the length of the text, and equivalent ones that take linear time.
_FAST_PATTERNS = {
    r"^[\x20-\x7E]*[\x21-\x7E]+[\x20-\x7E]*$": r"^ *[\x21-\x7E][\x20-\x7E]*$",
    r"arn:([a-z\d-]+):personalize:.*:.*:.+": r"arn:([a-z\d-]+):personalize:[^:\n]*:[^:\n]*:.+",
}


def validate(operation: Operation, params: Mapping[str, Any]) -> None:
    """Validate a request against the input shape of its operation.

    Raises:
        SerializationException: A value has the wrong type, or JSON cannot represent it.
        ValidationException: Values violate constraints. The message lists all violations.
    """
    violations: list[str] = []
    _check(operation.input)(params, "", violations)
    if violations:
        noun = "error" if len(violations) == 1 else "errors"
        raise ValidationException(f"{len(violations)} validation {noun} detected: {'; '.join(violations)}")


def violations_of(shape: Shape, value: Any, path: str) -> list[str]:
    """Return a message, in the words of the service, for each constraint of a shape that a value violates.

    Args:
        shape: Shape of the value.
        value: Value to check, as JSON types.
        path: Path of the value in the request or response.
    """
    violations: list[str] = []
    _check(shape)(value, path, violations)
    return violations


def compile_pattern(pattern: str) -> re.Pattern[str]:
    r"""Compile a regular expression of the service models, which is in Java's dialect and must match the whole text.

    Python's `re` has no Unicode categories, so they are approximated: `\p{L}` becomes `\w`, `\p{N}` becomes `\d`, and
    `\p{Z}` becomes `\s`. In patterns without categories, `\d` and `\w` match only ASCII characters, as in Java.
    """
    plain = _FAST_PATTERNS.get(pattern, pattern).replace(r"\p{ASCII}", r"[\x00-\x7F]")
    translated = plain.replace(r"\p{L}", r"\w").replace(r"\p{N}", r"\d").replace(r"\p{Z}", r"\s")
    return re.compile(rf"(?:{translated})\Z", re.ASCII if translated == plain else re.UNICODE)


@cache
def _check(shape: Shape, *, in_sensitive: bool = False, constrained: bool = True) -> Check:
    """Return a function that checks values of a shape: first their type, then their constraints, then their contents.

    The contents of a value are its members, its elements, or its keys and values. They are checked only if the value
    itself is valid.

    Args:
        shape: Shape of the values.
        in_sensitive: Whether the values are part of a sensitive value. Messages do not quote such values.
        constrained: Whether to check constraints on the values themselves. False for the contents of lists and maps,
            whose constraints are checked for all of them together.
    """
    in_sensitive = in_sensitive or shape.metadata.get("sensitive", False)
    check_type, constraints = _type_check(shape), constraints_of(shape) if constrained else ()
    shown = not in_sensitive and not _holds_sensitive(shape)
    is_text = shape.type_name == "string"
    check_parts = None
    if shape.type_name in _PARTS_CHECKS:
        check_parts = _PARTS_CHECKS[shape.type_name](shape, in_sensitive=in_sensitive)

    def check(value: Any, path: str, violations: list[str]) -> None:
        if type(value) is not str or not is_text or not value.isascii():  # else the type is right
            check_type(value, path)
        is_valid = True
        for text, is_satisfied in constraints:
            if not is_satisfied(value):
                is_valid = False
                violations.append(_violation(value, path, f"Member must {text}", shown=shown))
        if check_parts is not None and is_valid:
            check_parts(value, path, violations)

    return check


def _type_check(shape: Shape) -> Callable[[Any, str], None]:
    """Return a function that checks that a value has the right type and can be represented in JSON.

    The function takes the value and its path in the request, and raises SerializationException if the check fails.
    """
    types = _PYTHON_TYPES[shape.type_name]
    wants_float = float in types

    def check(value: Any, path: str) -> None:
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise SerializationException(f"Value at '{path}' must be of type {shape.type_name}.")
        if isinstance(value, str) and not _is_unicode(value):
            raise SerializationException(f"Value at '{path}' must be Unicode; it contains half a surrogate pair.")
        if wants_float and not _is_finite(value):
            raise SerializationException(f"Value at '{path}' must be a finite number.")

    return check


def _is_finite(number: Any) -> bool:
    try:
        return isfinite(number)
    except OverflowError:  # an int that is larger than any float
        return False


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@cache
def constraints_of(shape: Shape) -> tuple[Constraint, ...]:
    """Return the constraints of a shape, as pairs of text and predicate, in the order in which they are reported."""
    metadata = shape.metadata
    low, high, enum = metadata.get("min"), metadata.get("max"), metadata.get("enum")
    noun, size = ("length", len) if shape.type_name in _SIZED else ("value", _unchanged)
    constraints: list[Constraint] = []
    if high is not None:
        constraints.append((f"have {noun} less than or equal to {high}", lambda value: size(value) <= high))
    if low is not None:
        constraints.append((f"have {noun} greater than or equal to {low}", lambda value: size(value) >= low))
    if "pattern" in metadata:
        matches = compile_pattern(metadata["pattern"]).match
        max_length = sys.maxsize if high is None else high  # longer text violates `high`, and could take long to match
        constraints.append(
            (
                f"satisfy regular expression pattern: {metadata['pattern']}",
                lambda text: len(text) > max_length or bool(matches(text)),
            )
        )
    if enum:
        constraints.append((f"satisfy enum value set: [{', '.join(enum)}]", lambda text: text in enum))
    return tuple(constraints)


def _unchanged(value: float) -> float:
    return value


@cache
def _holds_sensitive(shape: Shape) -> bool:
    """Return whether the service model marks a shape, or any shape nested in it, as sensitive."""
    return bool(shape.metadata.get("sensitive")) or any(map(_holds_sensitive, _parts(shape)))


def _parts(shape: Shape) -> Iterator[Shape]:
    if isinstance(shape, StructureShape):
        yield from shape.members.values()
    elif isinstance(shape, MapShape):
        yield from (shape.key, shape.value)
    elif isinstance(shape, ListShape):
        yield shape.member


def _structure_check(shape: StructureShape, *, in_sensitive: bool) -> Check:
    required = shape.required_members
    # Checks of members are built on first use, because most calls use few members.
    members, checks = shape.members, dict[str, Check]()

    def check(structure: Mapping[str, Any], path: str, violations: list[str]) -> None:
        prefix = f"{path}." if path else ""
        violations += [_null_violation(prefix + name) for name in required if structure.get(name) is None]
        for name, value in structure.items():
            if value is not None and name in members:
                if name not in checks:
                    checks[name] = _check(members[name], in_sensitive=in_sensitive)
                checks[name](value, prefix + name, violations)

    return check


def _list_check(shape: ListShape, *, in_sensitive: bool) -> Check:
    check_member = _check(shape.member, in_sensitive=in_sensitive, constrained=False)
    are_valid_texts = _text_list_check(shape.member)
    check_all = _collective_check("Member", shape.member, shown=not in_sensitive and not _holds_sensitive(shape))

    def check(values: list[Any], path: str, violations: list[str]) -> None:
        if are_valid_texts(values):
            return
        for position, value in enumerate(values, 1):
            check_member(value, f"{path}.{position}.member", violations)
        check_all(values, values, path, violations)

    return check


def _text_list_check(member: Shape) -> Callable[[list[Any]], bool]:
    """Return a function that quickly checks a list of strings.

    The function returns True if all strings are valid. If it returns False, they must be checked one by one. It always
    returns False if `member`, the shape of the list's elements, is not a string or has a pattern or an enum.
    """
    if member.type_name != "string" or {"pattern", "enum"} & member.metadata.keys():
        return lambda _: False
    low, high = member.metadata.get("min", 0), member.metadata.get("max", sys.maxsize)
    return lambda values: (
        set(map(type, values)) == {str}
        and low <= min(map(len, values)) <= max(map(len, values)) <= high
        and _is_unicode("".join(values))
    )


def _map_check(shape: MapShape, *, in_sensitive: bool) -> Check:
    check_key, check_value = (
        _check(part, in_sensitive=in_sensitive, constrained=False) for part in (shape.key, shape.value)
    )
    shown = not in_sensitive and not _holds_sensitive(shape)
    check_keys = _collective_check("Map keys", shape.key, shown=shown)
    check_values = _collective_check("Map value", shape.value, shown=shown)

    def check(mapping: dict[str, Any], path: str, violations: list[str]) -> None:
        for key, value in mapping.items():
            check_key(key, f"{path}.key", violations)
            check_value(value, f"{path}.{key}.member", violations)
        check_keys(mapping.keys(), mapping, path, violations)
        check_values(mapping.values(), mapping, path, violations)

    return check


def _collective_check(noun: str, shape: Shape, *, shown: bool) -> Callable[[Iterable[Any], Any, str, list[str]], None]:
    """Return a function that checks all elements of a collection and reports at most one violation for all of them.

    Args:
        noun: Word for the elements in the message: "Member", "Map keys" or "Map value".
        shape: Shape of the elements.
        shown: Whether the message may quote the collection.

    Returns:
        A function of the elements, the collection, its path, and the list to which a violation is appended.
    """
    constraints = constraints_of(shape)
    text = f"{noun} must satisfy constraint: [{', '.join(f'Member must {text}' for text, _ in constraints)}]"

    def check(values: Iterable[Any], collection: Any, path: str, violations: list[str]) -> None:
        if not all(is_satisfied(value) for value in values for _, is_satisfied in constraints):
            violations.append(_violation(collection, path, text, shown=shown))

    return check


def _null_violation(path: str) -> str:
    return f"Value null at '{path}' failed to satisfy constraint: Member must not be null"


def _violation(value: Any, path: str, constraint: str, *, shown: bool) -> str:
    quoted = f" '{as_java(value)}'" if shown else ""
    return f"Value{quoted} at '{path}' failed to satisfy constraint: {constraint}"


_PARTS_CHECKS: Mapping[str, Callable[..., Check]] = {
    "structure": _structure_check,
    "list": _list_check,
    "map": _map_check,
}
