"""Execution of one operation: validate the request, call its handler, build the response and log the call.

A handler is the function that answers an operation. The simulation is locked and its clock is frozen while it runs.
"""

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from personalize_mock.journal import Call
from personalize_mock.simulation import Store
from personalize_mock.undo_log import Transaction
from personalize_mock.wire.errors import NotImplementedException, ServiceError
from personalize_mock.wire.input import handler_arguments
from personalize_mock.wire.model import Operation
from personalize_mock.wire.output import shape_output
from personalize_mock.wire.quick_checks import is_surely_valid
from personalize_mock.wire.registry import handler_for
from personalize_mock.wire.validate import validate

Answer = Callable[[Store, Operation, Mapping[str, Any]], dict[str, Any]]


def dispatch(store: Store, operation: Operation, params: Mapping[str, Any]) -> dict[str, Any]:
    """Run an operation and return its response.

    Args:
        store: Store with the resources of the account and region in which the operation runs.
        operation: Operation to run.
        params: Request members, as parsed from JSON.

    Returns:
        Response members, ready to be encoded as JSON.

    Raises:
        ServiceError: The operation returns an error.
    """
    simulation = store.simulation
    simulation.on_call(service="personalize")
    clock = simulation.clock
    is_outermost = not clock.is_held()
    with clock.lock:
        if is_outermost:
            clock.recover()
        with clock.during_call(operation.name):
            if is_outermost:
                clock.catch_up()
            run = simulation.interceptor or run_and_log
            return run(store, operation, params)


def run_and_log(
    store: Store, operation: Operation, params: Mapping[str, Any], answer: Answer | None = None
) -> dict[str, Any]:
    """Run an operation, log the call in the simulation's journal even if it fails, and return the response members.

    Args:
        store: Store with the resources of the account and region in which the operation runs.
        operation: Operation to run.
        params: Request members, as parsed from JSON.
        answer: Function to call in place of `handle`, or None to call `handle`.
    """
    simulation = store.simulation
    error_code, error_message, response = None, None, {}
    answer = answer or handle
    try:
        if simulation.options.pending == "wait":
            response = _when_ready(answer, store, operation, params)
        else:
            response = answer(store, operation, params)
    except BaseException as error:
        error_code = error.code if isinstance(error, ServiceError) else type(error).__name__
        error_message = str(error)
        raise
    else:
        return response
    finally:
        simulation.journal.add(
            Call(
                at=simulation.clock.timestamp(),
                operation=operation.name,
                account=store.account,
                region=store.region,
                params=dict(params),
                error=error_code,
                error_message=error_message,
                is_loading=simulation.is_loading,
                recommendation_id=response.get("recommendationId"),
            )
        )


def _when_ready(answer: Answer, store: Store, operation: Operation, params: Mapping[str, Any]) -> dict[str, Any]:
    """Call `answer` and return the response members that it returns. Repeat a call that fails while resources change.

    Before each repetition, the clock jumps to the next event of the resources that make the call fail. If there is no
    such event, the error is raised. This is for the option `pending="wait"`.
    """
    clock = store.simulation.clock
    clock.take_awaited()
    while True:
        try:
            return answer(store, operation, params)
        except ServiceError:
            awaited = clock.take_awaited()
            if awaited is None:
                raise
        clock.jump_to(awaited)


def handle(store: Store, operation: Operation, params: Mapping[str, Any]) -> dict[str, Any]:
    """Validate a request, run its handler (the function that answers the operation), and return the response members.

    If the handler is interrupted or raises an unexpected exception, its changes are undone. If it raises ServiceError,
    its changes are kept, because failed calls can change state too: a test that repeats a failing call advances
    simulated time.
    """
    refusal = None
    with Transaction():
        try:
            if not is_surely_valid(operation, params):
                validate(operation, params)
            handler = handler_for(operation.function) or _no_handler(operation)
            return shape_output(operation.output, handler(store, **handler_arguments(operation, params)))
        except ServiceError as error:
            refusal = error
    raise refusal


def _no_handler(operation: Operation) -> NoReturn:
    raise NotImplementedException(
        f"personalize_mock does not support {operation.name} yet. Run 'python -m personalize_mock coverage' to "
        "list the operations that it supports."
    )
