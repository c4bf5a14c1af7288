"""Copies of the resources of a simulation.

Resources, their updates and the containers in them are copied, because the mock changes them in place. Everything else
is immutable and shared: contents of datasets, fitted models, parsed filters, tables. The time of a copy therefore does
not depend on the amount of data.
"""

from collections.abc import Iterable
from dataclasses import is_dataclass
from functools import cache
from typing import Any, TypeVar

from personalize_mock.undo_log import Undoable

V = TypeVar("V")
_CONTAINERS: tuple[type, ...] = (list, set)
_SIMPLE = frozenset({str, int, float, bool, tuple, frozenset, type(None)})  # most attributes; they are shared


def copied(value: V) -> V:
    """Return a copy of a resource or of a container of resources.

    If two of the originals refer to a third one, their copies refer to the copy of the third one.
    """
    copy: V = _copy(value, {})
    return copy


def _copy(value: Any, memo: dict[int, Any]) -> Any:
    """Return a copy of a value, or the value itself if the mock never changes it in place.

    Args:
        value: The value to copy.
        memo: The copies made so far, by the identity of the original. The function adds to it.
    """
    if id(value) in memo:
        return memo[id(value)]
    kind: Any = type(value)
    if kind is dict:
        entries: dict[Any, Any] = {}
        memo[id(value)] = entries
        entries.update((key, _copy(entry, memo)) for key, entry in value.items())
        return entries
    if kind in _CONTAINERS:
        elements = memo[id(value)] = kind(_copies(value, memo))
        return elements
    return _copy_object(value, memo) if _is_mutable(kind) else value


def _copies(values: Iterable[Any], memo: dict[int, Any]) -> list[Any]:
    return [_copy(value, memo) for value in values]


def _copy_object(value: Any, memo: dict[int, Any]) -> Any:
    copy = memo[id(value)] = object.__new__(type(value))
    attributes = vars(copy)
    attributes.update(vars(value))
    for name, attribute in vars(value).items():
        if type(attribute) not in _SIMPLE:
            attributes[name] = _copy(attribute, memo)
    return copy


@cache
def _is_mutable(kind: Any) -> bool:
    """Return whether the mock assigns new values to attributes of objects of a class, such as `Campaign`."""
    if issubclass(kind, Undoable):
        return True
    is_update = kind.__module__.startswith("personalize_mock.resources.") and is_dataclass(kind)
    return is_update and not kind.__dataclass_params__.frozen
