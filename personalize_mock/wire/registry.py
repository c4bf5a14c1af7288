"""Registry of handlers, the functions that answer the operations of the service.

The packages `resources` and `runtime` and the module `events` register their handlers when they are imported. This
module imports none of them.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from personalize_mock.wire.model import operations

Handler = Callable[..., Any]
_Function = TypeVar("_Function", bound=Handler)

_HANDLERS: dict[str, Handler] = {}


class PreShaped(list[dict[str, Any]]):
    """A list of structures that already have the names and types of the JSON response.

    A handler, a function that answers an operation, may put such a list into its result. The list is sent unchanged,
    which saves the time of a conversion.
    """

    __slots__ = ()

    def as_json(self) -> str | None:
        """Return the list as JSON text, or None if the list cannot make the text faster than a JSON encoder."""
        return None


def handler(function: _Function) -> _Function:
    """Register a function as the handler of the operation with the same name, and return the function.

    For example, the function `create_schema` answers CreateSchema.
    """
    _HANDLERS[function.__name__] = function
    return function


def register(name: str, function: Handler) -> Handler:
    """Register a function of any name as the handler of an operation, and return the function.

    Args:
        name: Name of the operation in snake case, such as "create_schema".
        function: Function that answers the operation.
    """
    _HANDLERS[name] = function
    return function


def handler_for(name: str) -> Handler | None:
    """Return the function that answers an operation, by the operation's name in snake case, or None."""
    return _HANDLERS.get(name)


def coverage() -> dict[str, bool]:
    """Return the name of every operation of Personalize, mapped to True if the mock supports the operation."""
    return {operation.name: operation.function in _HANDLERS for operation in operations()}
