"""Conversion of the values in a rule to JSON types, with a check of their names and types.

Names and types come from botocore's service models, so a misspelt member is found where the rule is declared.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from personalize_mock.exceptions import PersonalizeMockError, did_you_mean
from personalize_mock.timing.instants import epoch_seconds

_TYPES: Mapping[str, tuple[tuple[type, ...], str]] = {
    "structure": ((Mapping,), "a dictionary"),
    "map": ((Mapping,), "a dictionary"),
    "list": ((list, tuple), "a list"),
    "string": ((str,), "a string"),
    "integer": ((int,), "a whole number"),
    "long": ((int,), "a whole number"),
    "float": ((int, float), "a number"),
    "double": ((int, float), "a number"),
    "boolean": ((bool,), "True or False"),
    "timestamp": ((datetime, int, float), "a datetime or a number of seconds since 1970"),
}
Leaf = Callable[[Any], bool]


def to_json(shape: Shape, value: Any, *, where: str, keeps: Leaf = lambda _: False) -> Any:
    """Check a value against a shape and convert it to JSON types. Datetimes become epoch seconds.

    Args:
        shape: The shape of the value in the service model.
        value: The value, typed as in boto3.
        where: The declaration of the rule and the path of the value as text, which begins error messages.
        keeps: Function that returns True for values to leave as they are, without a check.

    Raises:
        PersonalizeMockError: A member does not exist, or a value has the wrong type.
    """
    if keeps(value):
        return value
    _check_type(shape, value, where)
    if isinstance(shape, StructureShape):
        check_names(value, shape.members, where=where)
        return {
            name: to_json(shape.members[name], member, where=_member_path(where, name), keeps=keeps)
            for name, member in value.items()
        }
    if isinstance(shape, MapShape):
        return {key: to_json(shape.value, item, where=f"{where}[{key!r}]", keeps=keeps) for key, item in value.items()}
    if isinstance(shape, ListShape):
        return [to_json(shape.member, item, where=f"{where}[{at}]", keeps=keeps) for at, item in enumerate(value)]
    return epoch_seconds(value) if shape.type_name == "timestamp" else value


def check_names(names: Iterable[str], known: Mapping[str, object], *, where: str) -> None:
    """Check that all members have known names.

    Args:
        names: The names of the members to check.
        known: A mapping whose keys are the known names.
        where: The beginning of the error message.

    Raises:
        PersonalizeMockError: A name is unknown. The message suggests a similar name.
    """
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known) if known else "It has no members."
            raise PersonalizeMockError(f"{where}: there is no member {name!r}. {hint}")


def _member_path(where: str, name: str) -> str:
    return f"{where}: {name}" if where.endswith(")") else f"{where}.{name}"


def _check_type(shape: Shape, value: Any, where: str) -> None:
    types, noun = _TYPES[shape.type_name]
    if not isinstance(value, types) or (isinstance(value, bool) and shape.type_name != "boolean"):
        hint = f" Write {str(value)!r}." if shape.type_name == "string" and isinstance(value, (int, float)) else ""
        raise PersonalizeMockError(f"{where} must be {noun}, not {value!r}.{hint}")
