"""The classes whose objects a saved snapshot may contain, and the types of their attributes.

Class names in a file are looked up here. A file cannot cause any other class or module to be used.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from types import SimpleNamespace
from typing import Any, Literal, get_args, get_origin, get_type_hints

from personalize_mock.timing.event_queue import Due, EventQueue
from personalize_mock.timing.polls import PollCounter

# Packages and modules whose dataclasses may be saved.
_SOURCES = ("attribution", "data", "filtering.syntax", "journal", "recipes", "resources", "simulation", "training")
_SOURCES_OF_STATE = ("option_defaults", "timing.clock_state", "timing.event_queue")


@cache
def saved_classes() -> Mapping[str, type]:
    """Return the classes whose objects may be saved, by class name. No two of them have the same name."""
    from personalize_mock.data.contents import DatasetContents
    from personalize_mock.data.id_map import IdMap

    modules = [module for name in (*_SOURCES, *_SOURCES_OF_STATE) for module in _modules(f"personalize_mock.{name}")]
    found = {
        name: value
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, type) and is_dataclass(value) and value.__module__ == module.__name__
    }
    return {**found, **{cls.__name__: cls for cls in (DatasetContents, IdMap, EventQueue, PollCounter)}}


@cache
def attribute_types(name: str) -> Mapping[str, Any]:
    """Return the types of the saved attributes of a class, by attribute name. A type that cannot be imported is Any.

    Args:
        name: The name of the class, as in `saved_classes`.
    """
    if name in _attributes_of_others():
        return _attributes_of_others()[name]
    cls = saved_classes()[name]
    hints: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        module = sys.modules.get(base.__module__)
        names = {**saved_classes(), **_known_to(module)}
        hints.update({key: _evaluated(hint, names) for key, hint in vars(base).get("__annotations__", {}).items()})
    return {field.name: hints[field.name] for field in fields(cls)}


@cache
def _attributes_of_others() -> Mapping[str, Mapping[str, Any]]:
    """Return the types of the saved attributes, by class and attribute name, for classes that are not dataclasses."""
    classes = saved_classes()
    return {
        "DatasetContents": {
            "schema": classes["AvroSchema"],
            "put_count": int,
            "_bulk": classes["BulkImports"],
            "_log": classes["PutLog"],
        },
        "IdMap": {"values": tuple[str, ...]},
        "EventQueue": {"_events": list[Due], "_ties": int},
        "PollCounter": {"_polls": dict[str, dict[str, tuple[float, int]]]},
    }


def _modules(name: str) -> Iterator[Any]:
    module = import_module(name)
    yield module
    for found in walk_packages(getattr(module, "__path__", []), f"{name}."):
        yield import_module(found.name)


def _known_to(module: Any) -> dict[str, Any]:
    return {} if module is None else vars(module)


def _evaluated(hint: Any, names: Mapping[str, Any]) -> Any:
    """Return the type that an annotation stands for, or Any if it uses a name that only type checkers import.

    Args:
        hint: The annotation, which may be a string.
        names: The values of the names that the annotation may use.
    """
    try:
        evaluated = get_type_hints(SimpleNamespace(__annotations__={"hint": hint}), {}, _Names(names))["hint"]
    except NameError:
        return Any
    arguments = get_args(evaluated)
    if not any(isinstance(argument, str) for argument in arguments) or get_origin(evaluated) is Literal:
        return evaluated
    resolved = (_evaluated(argument, names) if isinstance(argument, str) else argument for argument in arguments)
    return get_origin(evaluated)[tuple(resolved)]  # Python 3.10 leaves strings in built-in generic types


class _Names(dict[str, Any]):
    """Values of the names used in annotations.

    A value that is a string, such as a type alias, is evaluated when it is read.
    """

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        return _evaluated(value, self) if isinstance(value, str) else value
