"""Functions that find the loaded modules with a global name `sleep` and replace functions in them."""

import sys
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

from personalize_mock.cleanup import Cleanup

_read_namespace: Callable[[ModuleType], dict[str, Any] | None] = vars(ModuleType)["__dict__"].__get__


_searched: tuple[Any, ...] = ()  # modules, in the order in which they were loaded
_sleepers: list[dict[str, Any]] = []  # the namespaces of those among them that contain the name `sleep`


def namespaces_with_sleep() -> list[dict[str, Any]]:
    """Return the namespaces of the loaded modules that contain the name `sleep`, whatever its value.

    No attributes are read, because that would load lazy modules. A module without the name is searched only once,
    because the search is most of the cost of starting a mock. If a module has been removed or replaced since the last
    search, all modules are searched again.
    """
    global _searched, _sleepers  # noqa: PLW0603  # the modules belong to the process too
    modules = tuple(sys.modules.values())
    known = len(_searched)
    if modules[:known] != _searched:
        known = 0
    namespaces = map(_namespace_of, modules[known:])
    _sleepers = [*(_sleepers if known else ()), *(space for space in namespaces if "sleep" in space)]
    _searched = modules
    return _sleepers


def _namespace_of(module: Any) -> dict[str, Any]:
    """Return the namespace of a module without running code of its class, or {} for an object that is no module."""
    if type(module) is ModuleType:
        return module.__dict__
    try:
        return _read_namespace(module) or {}
    except TypeError:  # not a module
        return {}


def replace(namespace: dict[str, Any], name: str, original: object, replacement: object, cleanup: Cleanup) -> None:
    """Replace the value of a name in a namespace, and add a step to `cleanup` that restores it.

    The step leaves the name alone if other code has changed its value in the meantime.

    Args:
        namespace: The namespace, such as that of a module.
        name: The name in the namespace.
        original: The expected value. If the name has another value, the function does nothing.
        replacement: The new value.
        cleanup: Steps to run when the mock ends.
    """
    if namespace.get(name) is original:
        cleanup.add(partial(_swap, namespace, name, replacement, original))
        namespace[name] = replacement


def _swap(namespace: dict[str, Any], name: str, expected: object, value: object) -> None:
    if namespace.get(name) is expected:
        namespace[name] = value
