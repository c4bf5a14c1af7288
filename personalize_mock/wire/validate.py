"""The constraints of the input shapes, checked and worded as AWS's framework words them.

botocore checks types, required members and minimums before it sends; maximum, pattern and enum are the service's to
check. A request need not come from botocore, so all of them are checked here. A shape is compiled once into a closure.
Other services of that framework were seen to tell of a list's members, a map's keys and its values once each, however
many are wrong, to name all that holds for them, and to write collections as Java does. What is sensitive, or holds
something sensitive, is not shown.
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

Check: TypeAlias = Callable[[Any, str, list[str]], None]
Rule: TypeAlias = tuple[str, Callable[[Any], bool]]

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
# Patterns that take the cube of a text's length, and what takes the same texts in one go.
_QUICK = {
    r"^[\x20-\x7E]*[\x21-\x7E]+[\x20-\x7E]*$": r"^ *[\x21-\x7E][\x20-\x7E]*$",
    r"arn:([a-z\d-]+):personalize:.*:.*:.+": r"arn:([a-z\d-]+):personalize:[^:\n]*:[^:\n]*:.+",
}


def validate(operation: Operation, params: Mapping[str, Any]) -> None:
    """Checks a request against its input shape.

    Raises:
        SerializationException: a value has the wrong JSON type, or is no text or number that JSON can carry.
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
    plain = _QUICK.get(pattern, pattern).replace(r"\p{ASCII}", r"[\x00-\x7F]")
    translated = plain.replace(r"\p{L}", r"\w").replace(r"\p{N}", r"\d").replace(r"\p{Z}", r"\s")
    return re.compile(rf"(?:{translated})\Z", re.ASCII if translated == plain else re.UNICODE)


@cache
def _check(shape: Shape, *, hidden: bool = False, ruled: bool = True) -> Check:
    """Checks a value: its type, its own constraints if `ruled`, and, where it meets them, its parts."""
    hidden = hidden or shape.metadata.get("sensitive", False)
    typed, rules, shown = _typed(shape), _rules(shape) if ruled else (), not hidden and not _is_hidden(shape)
    parts = _PARTS[shape.type_name](shape, hidden=hidden) if shape.type_name in _PARTS else None

    def check(value: Any, path: str, faults: list[str]) -> None:
        typed(value, path)
        is_sound = True
        for rule, fits in rules:
            if not fits(value):
                is_sound = False
                faults.append(_fault(value, path, f"Member must {rule}", shown=shown))
        if parts is not None and is_sound:
            parts(value, path, faults)

    return check


def _typed(shape: Shape) -> Callable[[Any, str], None]:
    """Refuses what is of another type, and what JSON has no way to write."""
    expected = _PYTHON_TYPES[shape.type_name]
    wants_bool, wants_text = shape.type_name == "boolean", shape.type_name == "string"
    wants_float = float in expected

    def check(value: Any, path: str) -> None:
        if wants_text and type(value) is str and value.isascii():
            return  # most values are such
        if not isinstance(value, expected) or (isinstance(value, bool) and not wants_bool):
            raise SerializationException(f"Value at '{path}' must be of type {shape.type_name}.")
        if isinstance(value, str) and not _is_unicode(value):
            raise SerializationException(f"Value at '{path}' must be Unicode; it has half of a surrogate pair.")
        if wants_float and not _is_finite(value):
            raise SerializationException(f"Value at '{path}' must be a finite number.")

    return check


def _is_finite(number: Any) -> bool:
    try:
        return isfinite(number)
    except OverflowError:  # a whole number that is larger than any float
        return False


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@cache
def _rules(shape: Shape) -> tuple[Rule, ...]:
    """What a value must do, and whether it does, in the order in which the framework names it."""
    metadata, sized = shape.metadata, shape.type_name in _SIZED
    low, high, enum = metadata.get("min"), metadata.get("max"), metadata.get("enum")
    noun, size = ("length", len) if sized else ("value", _itself)
    rules: list[Rule] = []
    if high is not None:
        rules.append((f"have {noun} less than or equal to {high}", lambda value: size(value) <= high))
    if low is not None:
        rules.append((f"have {noun} greater than or equal to {low}", lambda value: size(value) >= low))
    if "pattern" in metadata:
        matches = compile_pattern(metadata["pattern"]).match
        longest = sys.maxsize if high is None else high  # a longer text has its fault, and may take patterns long
        rules.append(
            (
                f"satisfy regular expression pattern: {metadata['pattern']}",
                lambda text: len(text) > longest or bool(matches(text)),
            )
        )
    if enum:
        rules.append((f"satisfy enum value set: [{', '.join(enum)}]", lambda text: text in enum))
    return tuple(rules)


def _itself(value: float) -> float:
    return value


@cache
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


def _structure(shape: StructureShape, *, hidden: bool) -> Check:
    required = shape.required_members
    # Built lazily: no shape of the three models contains itself, but most calls touch few members.
    members, checks = shape.members, dict[str, Check]()

    def check(value: Mapping[str, Any], path: str, faults: list[str]) -> None:
        prefix = f"{path}." if path else ""
        faults.extend(_null(f"{prefix}{name}") for name in required if value.get(name) is None)
        for name, member in value.items():
            if member is not None and name in members:
                if name not in checks:
                    checks[name] = _check(members[name], hidden=hidden)
                checks[name](member, prefix + name, faults)

    return check


def _list(shape: ListShape, *, hidden: bool) -> Check:
    member, are_fine = _check(shape.member, hidden=hidden, ruled=False), _plain_texts(shape.member)
    rule = _of_all("Member", shape.member, shown=not hidden and not _is_hidden(shape))

    def check(values: list[Any], path: str, faults: list[str]) -> None:
        if are_fine(values):
            return
        for position, item in enumerate(values, 1):
            member(item, f"{path}.{position}.member", faults)
        rule(values, values, path, faults)

    return check


def _plain_texts(member: Shape) -> Callable[[list[Any]], bool]:
    """Whether a list holds nothing but sound texts, told quickly; False where it takes a closer look."""
    if member.type_name != "string" or {"pattern", "enum"} & member.metadata.keys():
        return lambda _: False
    low, high = member.metadata.get("min", 0), member.metadata.get("max", sys.maxsize)
    return lambda values: (
        set(map(type, values)) == {str}
        and low <= min(map(len, values)) <= max(map(len, values)) <= high
        and _is_unicode("".join(values))
    )


def _map(shape: MapShape, *, hidden: bool) -> Check:
    key_check, value_check = (_check(part, hidden=hidden, ruled=False) for part in (shape.key, shape.value))
    shown = not hidden and not _is_hidden(shape)
    keys_rule, values_rule = _of_all("Map keys", shape.key, shown=shown), _of_all("Map value", shape.value, shown=shown)

    def check(value: dict[str, Any], path: str, faults: list[str]) -> None:
        for key, item in value.items():
            key_check(key, f"{path}.key", faults)
            value_check(item, f"{path}.{key}.member", faults)
        keys_rule(value.keys(), value, path, faults)
        values_rule(value.values(), value, path, faults)

    return check


def _of_all(what: str, shape: Shape, *, shown: bool) -> Callable[[Iterable[Any], Any, str, list[str]], None]:
    """What all members of a collection must do; one fault, and it stands where the collection does."""
    rules = _rules(shape)
    text = f"{what} must satisfy constraint: [{', '.join(f'Member must {rule}' for rule, _ in rules)}]"

    def check(values: Iterable[Any], whole: Any, path: str, faults: list[str]) -> None:
        if not all(fits(value) for value in values for _, fits in rules):
            faults.append(_fault(whole, path, text, shown=shown))

    return check


def _null(path: str) -> str:
    return f"Value null at '{path}' failed to satisfy constraint: Member must not be null"


def _fault(value: Any, path: str, rule: str, *, shown: bool) -> str:
    quoted = f" '{_java(value)}'" if shown else ""
    return f"Value{quoted} at '{path}' failed to satisfy constraint: {rule}"


def _java(value: Any) -> str:
    """A value as Java writes it."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}={_java(each)}' for key, each in value.items())}}}"
    return f"[{', '.join(map(_java, value))}]" if isinstance(value, (list, tuple)) else str(value)


_PARTS: Mapping[str, Callable[..., Check]] = {"structure": _structure, "list": _list, "map": _map}
