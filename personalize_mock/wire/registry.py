"""Registry of handlers: the functions that answer operations.

Importing `personalize_mock.resources`, `events` and `runtime` fills it. This module imports none of them.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from personalize_mock.wire.model import operations

Handler = Callable[..., Any]
_Function = TypeVar("_Function", bound=Handler)

_HANDLERS: dict[str, Handler] = {}


class PreShaped(list[dict[str, Any]]):
    """A list of structures that already have wire names and wire types. It is sent unchanged."""

    __slots__ = ()


def handler(function: _Function) -> _Function:
    """Register a function as the handler of the operation it is named after: `create_schema` answers CreateSchema."""
    _HANDLERS[function.__name__] = function
    return function


def register(name: str, function: Handler) -> Handler:
    """Register a generated function as the handler of an operation.

    Args:
        name: Name of the operation in snake case.
        function: The handler.
    """
    _HANDLERS[name] = function
    return function


def handler_for(name: str) -> Handler | None:
    """Return the handler of an operation, given its name in snake case, or None."""
    return _HANDLERS.get(name)


def coverage() -> dict[str, bool]:
    """Return for each operation of the three services, by its API name, whether it has a handler."""
    return {operation.name: operation.function in _HANDLERS for operation in operations()}
