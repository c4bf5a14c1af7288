"""Operation and parameters in, response out: lock, catch up, validate, run, shape, journal.

Importing `personalize_mock.resources` and `runtime` fills the operation table; this module imports none of them.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

from botocore import xform_name

from personalize_mock.journal import Call
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import NotImplementedException, ServiceError
from personalize_mock.wire.model import Operation, operations
from personalize_mock.wire.shape import shape
from personalize_mock.wire.validate import validate

Implementation = Callable[..., Any]
_Function = TypeVar("_Function", bound=Implementation)

_IMPLEMENTED: dict[str, Implementation] = {}


def operation(function: _Function) -> _Function:
    """Registers a function as the operation of its name (`create_schema` is CreateSchema)."""
    _IMPLEMENTED[function.__name__] = function
    return function


def register(name: str, function: Implementation) -> Implementation:
    """Registers a made function as the operation `name` (in Python's spelling)."""
    _IMPLEMENTED[name] = function
    return function


def implemented() -> dict[str, bool]:
    """For each operation of the three services whether this version answers it, by its name in the API."""
    return {known.name: known.function in _IMPLEMENTED for known in operations()}


def dispatch(store: Store, asked: Operation, params: Mapping[str, Any]) -> dict[str, Any]:
    """Runs one operation.

    Args:
        store: the account and region that are called.
        asked: the operation.
        params: the members of its input shape, with the types that JSON gives.

    Returns:
        The members of its output shape, with the types that JSON takes.

    Raises:
        ServiceError: the service refuses; nothing has changed.
    """
    simulation = store.simulation
    simulation.seen()
    with simulation.lock:
        simulation.clock.catch_up()
        error = None
        try:
            validate(asked, params)
            result = _implementation(asked)(store, **_arguments(asked, params))
            return shape(asked.output, result)
        except ServiceError as refusal:
            error = refusal.code
            raise
        finally:
            simulation.journal.add(
                Call(
                    at=simulation.clock.timestamp(),
                    operation=asked.name,
                    account=store.account,
                    region=store.region,
                    params=dict(params),
                    error=error,
                )
            )


def _implementation(asked: Operation) -> Implementation:
    try:
        return _IMPLEMENTED[asked.function]
    except KeyError:
        raise NotImplementedException(
            f"personalize_mock does not answer {asked.name} yet. 'python -m personalize_mock coverage' lists what it "
            "answers."
        ) from None


def _arguments(asked: Operation, params: Mapping[str, Any]) -> dict[str, Any]:
    names = _argument_names(asked)
    return {names[name]: value for name, value in params.items() if value is not None and name in names}


@cache
def _argument_names(asked: Operation) -> dict[str, str]:
    return {name: xform_name(name) for name in asked.input.members}
