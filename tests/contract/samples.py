"""Values made from input shapes: the smallest that are valid, and those that break one constraint each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.model import Shape

from personalize_mock.wire.model import Operation
from personalize_mock.wire.validate import compile_pattern

Path = tuple[str | int, ...]

KEY = "<key>"  # stands in a path for the key of a map's first entry, and VALUE for its value
VALUE = "<value>"
_EXAMPLES = {
    "Arn": "arn:aws:personalize:us-east-1:123456789012:filter/example",
    "KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/example",
    "RoleArn": "arn:aws:iam::123456789012:role/Example",
    "S3Location": "s3://data/example.csv",
    "SchedulingExpression": "rate(7 days)",
}
_MISFITS = ("!", "é", "\n", "")


@dataclass(frozen=True)
class Violation:
    """A value that breaks a constraint.

    Attributes:
        path: where it stands in the request.
        value: the value.
        text: what the refusal says, from the value on if that may be shown.
    """

    path: Path
    value: Any
    text: str

    def __str__(self) -> str:
        """The name of the test."""
        return f"{'.'.join(map(str, self.path))} must {self.text.partition('Member must ')[2]}"


def example(shape: Shape) -> Any:
    """The smallest value that is valid."""
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


def violations(asked: Operation) -> Iterator[Violation]:
    """All constraints of an operation's input, each broken once."""
    yield from _parts(asked.input, (), "", shown=True)


def with_violation(asked: Operation, request: dict[str, Any], violation: Violation) -> Any:
    """A request, changed where a violation stands."""
    return _placed(asked.input, request, violation.path, violation.value)


def _within(shape: Shape, path: Path, text: str, *, shown: bool) -> Iterator[Violation]:
    shown = shown and not shape.metadata.get("sensitive")
    for value, rule in _broken(shape):
        quoted = f"Value '{value}' " if shown and shape.type_name not in ("list", "map") else ""
        yield Violation(path, value, f"{quoted}{_fails(text)}Member must {rule}")
    yield from _parts(shape, path, text, shown=shown)


def _parts(shape: Shape, path: Path, text: str, *, shown: bool) -> Iterator[Violation]:
    shown = shown and not shape.metadata.get("sensitive")
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from _within(member, (*path, name), f"{text}.{name}".lstrip("."), shown=shown)
    elif shape.type_name == "list":
        yield from _of_all("Member", shape.member, (*path, 0), text)
        yield from _parts(shape.member, (*path, 0), f"{text}.1.member", shown=shown)
    elif shape.type_name == "map":
        yield from _of_all("Map keys", shape.key, (*path, KEY), text)
        yield from _of_all("Map value", shape.value, (*path, VALUE), text)
        yield from _parts(shape.value, (*path, VALUE), f"{text}.{example(shape.key)}.member", shown=shown)


def _of_all(what: str, shape: Shape, path: Path, text: str) -> Iterator[Violation]:
    """What is wrong with one of a collection, told with all that holds for each of them."""
    broken = list(_broken(shape))
    listed = ", ".join(f"Member must {rule}" for rule in _all_rules(shape))
    for value, _ in broken:
        yield Violation(path, value, f"{_fails(text)}{what} must satisfy constraint: [{listed}]")


def _fails(place: str) -> str:
    return f"at '{place}' failed to satisfy constraint: "


def _broken(shape: Shape) -> Iterator[tuple[Any, str]]:
    """Values that break one rule each, and the rule; what nothing can be smaller than is left out."""
    limits, noun = shape.metadata, _noun(shape)
    if "max" in limits:
        yield _sized(shape, limits["max"] + 1), f"have {noun} less than or equal to {limits['max']}"
    if limits.get("min", 0) > 0 or ("min" in limits and noun == "value"):
        yield _sized(shape, limits["min"] - 1), f"have {noun} greater than or equal to {limits['min']}"
    if "pattern" in limits:
        pattern = compile_pattern(limits["pattern"])
        misfit = next(value for value in _MISFITS if not pattern.match(value))
        yield misfit, f"satisfy regular expression pattern: {limits['pattern']}"
    if "enum" in limits:
        yield "NONE_OF_THEM", f"satisfy enum value set: [{', '.join(limits['enum'])}]"


def _all_rules(shape: Shape) -> list[str]:
    """All that is asked of a value; a least length of nothing is a rule too."""
    rules = [rule for _, rule in _broken(shape)]
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


def _placed(shape: Shape, given: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    head, *rest = path
    given = example(shape) if given is None else given
    if shape.type_name == "structure":
        return {**given, head: _placed(shape.members[head], given.get(head), tuple(rest), value)}
    if shape.type_name == "list":
        return [_placed(shape.member, None, tuple(rest), value), *given[1:]]
    if head == KEY:
        return {value: example(shape.value)}
    return {example(shape.key): _placed(shape.value, None, tuple(rest), value)}
