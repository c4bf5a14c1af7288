"""Registry of effects: functions that run when a resource enters a stage of its lifecycle, or at a scheduled time.

Lifecycles and scheduled events refer to effects by name, and the function is looked up when the effect runs. A resource
type can therefore be defined in one module and its effects in another, which the first module does not import.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from personalize_mock.resources.core.resource import Resource
from personalize_mock.simulation import Store

R = TypeVar("R", bound=Resource)

_EFFECTS: dict[tuple[type[Resource], str], Callable[[Store, Any], None]] = {}


def effect(resource_type: type[R]) -> Callable[[Callable[[Store, R], None]], Callable[[Store, R], None]]:
    """Return a decorator that registers a function as an effect of a resource type and its subclasses.

    An effect runs when a resource enters a stage of its lifecycle, or at a scheduled time. Its name is the name of the
    function. If it belongs to a stage, it may raise `JobFailed` to make the job fail. A module that is imported again
    may register its effects again.
    """

    def register(function: Callable[[Store, R], None]) -> Callable[[Store, R], None]:
        key = (resource_type, function.__name__)
        known = _EFFECTS.get(key, function)
        message = f"{resource_type.__name__} has two effects {known.__name__}"
        assert _definition(known) == _definition(function), message  # noqa: S101
        _EFFECTS[key] = function
        return function

    return register


def _definition(function: Callable[..., None]) -> tuple[str, str]:
    """Return the module and the qualified name of a function, which stay the same when its module is imported again."""
    return function.__module__, function.__qualname__


def find_effect(resource_type: type[Resource], name: str) -> Callable[[Store, Any], None]:
    """Return the function that the decorator `effect` has registered under a name, or raise LookupError."""
    for base in resource_type.__mro__:
        if (base, name) in _EFFECTS:
            return _EFFECTS[base, name]
    raise LookupError(f"No effect {name!r} is registered for {resource_type.__name__}. Register it with @effect.")
