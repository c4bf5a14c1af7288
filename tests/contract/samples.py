"""Values derived from input shapes: the smallest valid ones, and values that violate one constraint each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.model import Shape

from personalize_mock.wire.model import Operation
from personalize_mock.wire.validate import compile_pattern

Path = tuple[str | int, ...]

KEY = "<key>"  # in a path: the key of a map's first entry
VALUE = "<value>"  # in a path: the value of a map's first entry
_EXAMPLES = {
    "Arn": "arn:aws:personalize:us-east-1:123456789012:filter/example",
    "KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/example",
    "RoleArn": "arn:aws:iam::123456789012:role/Example",
    "S3Location": "s3://data/example.csv",
    "SchedulingExpression": "rate(7 days)",
}
_MISMATCHES = ("!", "é", "\n", "")


@dataclass(frozen=True)
class Violation:
    """A value that violates a constraint.

    Attributes:
        path: Path of the value in the request.
        value: The value.
        text: Expected part of the error message. It begins with the value unless the model marks that as sensitive.
    """

    path: Path
    value: Any
    text: str

    def __str__(self) -> str:
        """Return the id of the test."""
        return f"{'.'.join(map(str, self.path))} must {self.text.partition('Member must ')[2]}"


def example(shape: Shape) -> Any:
    """Return the smallest valid value of a shape."""
    if shape.type_name == "structure":
        return {name: example(shape.members[name]) for name in shape.required_members}
    if shape.type_name == "list":
        return [example(shape.member)] * shape.metadata.get("min", 0)
    if shape.type_name == "map":
        return {}
    if shape.type_name == "string":
        enum = shape.metadata.get("enum")
        return enum[0] if enum else _EXAMPLES.get(shape.name, "a" * shape.metadata.get("min", 1))
    return {"boolean": True, "timestamp": 0}.get(shape.type_name, shape.metadata.get("min", 1))


def violations(operation: Operation) -> Iterator[Violation]:
    """Yield a violation of each constraint of an operation's input."""
    yield from _parts(operation.input, (), "", shown=True)


def with_violation(operation: Operation, request: dict[str, Any], violation: Violation) -> Any:
    """Return the request with the violating value in its place."""
    return _replaced(operation.input, request, violation.path, violation.value)


def _of_member(shape: Shape, path: Path, text: str, *, shown: bool) -> Iterator[Violation]:
    shown = shown and not shape.metadata.get("sensitive")
    for value, rule in _violating_values(shape):
        quoted = f"Value '{value}' " if shown and shape.type_name not in ("list", "map") else ""
        yield Violation(path, value, f"{quoted}{_failed_at(text)}Member must {rule}")
    yield from _parts(shape, path, text, shown=shown)


def _parts(shape: Shape, path: Path, text: str, *, shown: bool) -> Iterator[Violation]:
    shown = shown and not shape.metadata.get("sensitive")
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from _of_member(member, (*path, name), f"{text}.{name}".lstrip("."), shown=shown)
    elif shape.type_name == "list":
        yield from _of_elements("Member", shape.member, (*path, 0), text)
        yield from _parts(shape.member, (*path, 0), f"{text}.1.member", shown=shown)
    elif shape.type_name == "map":
        yield from _of_elements("Map keys", shape.key, (*path, KEY), text)
        yield from _of_elements("Map value", shape.value, (*path, VALUE), text)
        yield from _parts(shape.value, (*path, VALUE), f"{text}.{example(shape.key)}.member", shown=shown)


def _of_elements(noun: str, shape: Shape, path: Path, text: str) -> Iterator[Violation]:
    """Yield violations by one element of a collection. The message lists all rules of the elements."""
    listed = ", ".join(f"Member must {rule}" for rule in _all_rules(shape))
    for value, _ in _violating_values(shape):
        yield Violation(path, value, f"{_failed_at(text)}{noun} must satisfy constraint: [{listed}]")


def _failed_at(place: str) -> str:
    return f"at '{place}' failed to satisfy constraint: "


def _violating_values(shape: Shape) -> Iterator[tuple[Any, str]]:
    """Yield values that break one rule each, and the rule. A minimum length of 0 cannot be broken."""
    limits, noun = shape.metadata, _noun(shape)
    if "max" in limits:
        yield _sized(shape, limits["max"] + 1), f"have {noun} less than or equal to {limits['max']}"
    if limits.get("min", 0) > 0 or ("min" in limits and noun == "value"):
        yield _sized(shape, limits["min"] - 1), f"have {noun} greater than or equal to {limits['min']}"
    if "pattern" in limits:
        pattern = compile_pattern(limits["pattern"])
        mismatch = next(value for value in _MISMATCHES if not pattern.match(value))
        yield mismatch, f"satisfy regular expression pattern: {limits['pattern']}"
    if "enum" in limits:
        yield "NONE_OF_THEM", f"satisfy enum value set: [{', '.join(limits['enum'])}]"


def _all_rules(shape: Shape) -> list[str]:
    """Return all rules of a shape, including a minimum length of 0."""
    rules = [rule for _, rule in _violating_values(shape)]
    if shape.metadata.get("min") == 0 and _noun(shape) == "length":
        rules.insert(int("max" in shape.metadata), "have length greater than or equal to 0")
    return rules


def _noun(shape: Shape) -> str:
    return "length" if shape.type_name in ("string", "list", "map") else "value"


def _sized(shape: Shape, size: int) -> Any:
    if shape.type_name == "string":
        return "a" * size
    if shape.type_name == "list":
        return [example(shape.member)] * size
    if shape.type_name == "map":
        return {f"{example(shape.key)}{number}": example(shape.value) for number in range(size)}
    return size


def _replaced(shape: Shape, given: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    head, *rest = path
    given = example(shape) if given is None else given
    if shape.type_name == "structure":
        return {**given, head: _replaced(shape.members[head], given.get(head), tuple(rest), value)}
    if shape.type_name == "list":
        return [_replaced(shape.member, None, tuple(rest), value), *given[1:]]
    if head == KEY:
        return {value: example(shape.value)}
    return {example(shape.key): _replaced(shape.value, None, tuple(rest), value)}
