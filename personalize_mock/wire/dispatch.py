"""Operation and parameters in, response out: lock, catch up, validate, run, shape, journal."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from botocore import xform_name

from personalize_mock.journal import Call
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import NotImplementedException, ServiceError
from personalize_mock.wire.members import known
from personalize_mock.wire.model import Operation
from personalize_mock.wire.registry import Implementation, implementation
from personalize_mock.wire.shape import shape
from personalize_mock.wire.validate import validate


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
    simulation.seen(personalize=True)
    with simulation.lock:
        simulation.clock.catch_up()
        error = None
        try:
            validate(asked, params)
            with simulation.clock.held(asked.name):
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
    found = implementation(asked.function)
    if found is None:
        raise NotImplementedException(
            f"personalize_mock does not answer {asked.name} yet. 'python -m personalize_mock coverage' lists what it "
            "answers."
        )
    return found


def _arguments(asked: Operation, params: Mapping[str, Any]) -> dict[str, Any]:
    names = _argument_names(asked)
    return {names[name]: value for name, value in known(asked.input, params).items()}


@cache
def _argument_names(asked: Operation) -> dict[str, str]:
    return {name: xform_name(name) for name in asked.input.members}
