"""Execution of one operation: lock, advance the clock, validate, run the handler, shape the result, log the call."""

from collections.abc import Mapping
from typing import Any

from personalize_mock.journal import Call
from personalize_mock.simulation import Store
from personalize_mock.undo_log import Transaction
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
    store.simulation.on_call(personalize=True)
    clock = store.clock
    is_outermost = not clock.is_held()
    with clock.lock:
        if is_outermost:
            clock.recover()
        with clock.freeze(operation.name):
            if is_outermost:
                clock.catch_up()
            return _run(store, operation, params)


def _run(store: Store, operation: Operation, params: Mapping[str, Any]) -> dict[str, Any]:
    """Run one operation at a fixed time, and log it. Undo its changes if it is interrupted."""
    error_code = None
    try:
        return _result(store, operation, params)
    except BaseException as error:
        error_code = error.code if isinstance(error, ServiceError) else type(error).__name__
        raise
    finally:
        store.simulation.journal.add(
            Call(
                at=store.clock.timestamp(),
                operation=operation.name,
                account=store.account,
                region=store.region,
                params=dict(params),
                error=error_code,
            )
        )


def _result(store: Store, operation: Operation, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result. A refusal of the service undoes nothing, because it still counts as a poll."""
    refusal = None
    with Transaction():
        try:
            validate(operation, params)
            result = _handler(operation)(store, **handler_arguments(operation, params))
            return shape_output(operation.output, result)
        except ServiceError as error:
            refusal = error
    raise refusal


def _handler(operation: Operation) -> Handler:
    handler = handler_for(operation.function)
    if handler is None:
        raise NotImplementedException(
            f"personalize_mock does not support {operation.name} yet. Run 'python -m personalize_mock coverage' to "
            "list the operations that it supports."
        )
    return handler
