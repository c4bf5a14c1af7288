"""Search of the loaded modules for those that contain `from time import sleep`, and replacement of their names."""

import sys
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

from personalize_mock.cleanup import Cleanup

_read_namespace: Callable[[ModuleType], dict[str, Any] | None] = vars(ModuleType)["__dict__"].__get__


def namespaces_with(name: str, *values: object) -> list[dict[str, Any]]:
    """Return the namespaces of the loaded modules in which a name stands for one of some values.

    Only namespaces are read, never attributes, so a module that loads itself on access is not loaded. Thousands of
    modules take well under a millisecond.

    Args:
        name: The name.
        *values: The objects to search for. They are compared by identity.
    """
    found = []
    for module in tuple(sys.modules.values()):
        namespace = module.__dict__ if type(module) is ModuleType else _namespace_of(module)
        if name in namespace and any(namespace[name] is value for value in values):
            found.append(namespace)
    return found


def _namespace_of(module: Any) -> dict[str, Any]:
    """Return the namespace of an instance of a subclass of ModuleType without reading an attribute of it."""
    try:
        return _read_namespace(module) or {}
    except TypeError:  # not a module
        return {}


def replace(namespace: dict[str, Any], name: str, original: object, replacement: object, cleanup: Cleanup) -> None:
    """Replace a value in a namespace, and add a step to `cleanup` that restores it.

    Nothing happens if the name does not stand for `original`. The step leaves the name alone if other code has replaced
    it in the meantime.
    """
    if namespace.get(name) is original:
        cleanup.add(partial(_swap, namespace, name, replacement, original))
        namespace[name] = replacement


def _swap(namespace: dict[str, Any], name: str, expected: object, value: object) -> None:
    if namespace.get(name) is expected:
        namespace[name] = value
