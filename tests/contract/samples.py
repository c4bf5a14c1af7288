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
    yield from _within(asked.input, (), "")


def with_violation(asked: Operation, request: dict[str, Any], violation: Violation) -> Any:
    """A request, changed where a violation stands."""
    return _placed(asked.input, request, violation.path, violation.value)


def _within(shape: Shape, path: Path, text: str) -> Iterator[Violation]:
    for value, rule in _broken(shape):
        yield Violation(path, value, _text(shape, text, value, rule))
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from _within(member, (*path, name), f"{text}.{name}".lstrip("."))
    elif shape.type_name == "list":
        yield from _within(shape.member, (*path, 0), f"{text}.1.member")
    elif shape.type_name == "map":
        yield from _keys(shape, path, text)
        yield from _within(shape.value, (*path, VALUE), f"{text}.{example(shape.key)}.member")


def _keys(shape: Shape, path: Path, text: str) -> Iterator[Violation]:
    for key, rule in _broken(shape.key):
        if key:
            yield Violation((*path, KEY), key, _text(shape.key, f"{text}.{key}.key", key, rule))


def _text(shape: Shape, place: str, value: Any, rule: str) -> str:
    hidden = shape.metadata.get("sensitive") or isinstance(value, (list, dict))
    shown = "" if hidden else f"Value '{value}' "
    return f"{shown}at '{place}' failed to satisfy constraint: Member must {rule}"


def _broken(shape: Shape) -> Iterator[tuple[Any, str]]:
    rules, sized = shape.metadata, shape.type_name in ("string", "list", "map")
    noun = "length" if sized else "value"
    if "max" in rules:
        yield _sized(shape, rules["max"] + 1), f"have {noun} less than or equal to {rules['max']}"
    if rules.get("min", 0) > 0 or ("min" in rules and not sized):
        yield _sized(shape, rules["min"] - 1), f"have {noun} greater than or equal to {rules['min']}"
    if "enum" in rules:
        yield "NONE_OF_THEM", f"satisfy enum value set: [{', '.join(rules['enum'])}]"
    if "pattern" in rules:
        pattern = compile_pattern(rules["pattern"])
        misfit = next(value for value in _MISFITS if not pattern.match(value))
        yield misfit, f"satisfy regular expression pattern: {rules['pattern']}"


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
