"""The table of operations that this version answers, and how one says that its answer needs no shaping.

Importing `personalize_mock.resources` and `runtime` fills it; this module imports none of them.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from personalize_mock.wire.model import operations

Implementation = Callable[..., Any]
_Function = TypeVar("_Function", bound=Implementation)

_IMPLEMENTED: dict[str, Implementation] = {}


class PreShaped(list[dict[str, Any]]):
    """A list of structures whose members are named and typed as they travel: it is sent as it is."""

    __slots__ = ()


def operation(function: _Function) -> _Function:
    """Registers a function as the operation of its name (`create_schema` is CreateSchema)."""
    _IMPLEMENTED[function.__name__] = function
    return function


def register(name: str, function: Implementation) -> Implementation:
    """Registers a made function as the operation `name` (in Python's spelling)."""
    _IMPLEMENTED[name] = function
    return function


def implementation(name: str) -> Implementation | None:
    """The function of an operation, by its name in Python's spelling, or None."""
    return _IMPLEMENTED.get(name)


def implemented() -> dict[str, bool]:
    """For each operation of the three services whether this version answers it, by its name in the API."""
    return {known.name: known.function in _IMPLEMENTED for known in operations()}
