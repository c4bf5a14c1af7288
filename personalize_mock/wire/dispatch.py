"""Execution of one operation: lock, advance the clock, validate, run the handler, shape the result, log the call."""

from collections.abc import Mapping
from typing import Any

from personalize_mock.journal import Call
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import NotImplementedException, ServiceError
from personalize_mock.wire.input import handler_arguments
from personalize_mock.wire.model import Operation
from personalize_mock.wire.output import shape_output
from personalize_mock.wire.registry import Handler, handler_for
from personalize_mock.wire.validate import validate


def dispatch(store: Store, operation: Operation, params: Mapping[str, Any]) -> dict[str, Any]:
    """Run one operation.

    Args:
        store: The account and region that are called.
        operation: The operation.
        params: Members of its input shape, as parsed from JSON.

    Returns:
        Members of its output shape, ready to be written as JSON.

    Raises:
        ServiceError: The operation fails. No state has changed.
    """
    simulation = store.simulation
    simulation.on_call(personalize=True)
    with simulation.lock:
        simulation.clock.catch_up()
        error_code = None
        try:
            validate(operation, params)
            with simulation.clock.freeze(operation.name):
                result = _handler(operation)(store, **handler_arguments(operation, params))
            return shape_output(operation.output, result)
        except ServiceError as error:
            error_code = error.code
            raise
        finally:
            simulation.journal.add(
                Call(
                    at=simulation.clock.timestamp(),
                    operation=operation.name,
                    account=store.account,
                    region=store.region,
                    params=dict(params),
                    error=error_code,
                )
            )


def _handler(operation: Operation) -> Handler:
    handler = handler_for(operation.function)
    if handler is None:
        raise NotImplementedException(
            f"personalize_mock does not support {operation.name} yet. Run 'python -m personalize_mock coverage' to "
            "list the operations that it supports."
        )
    return handler
