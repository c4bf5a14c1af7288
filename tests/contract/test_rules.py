"""Rules for jobs, swept over all operations that begin a lifecycle."""

import builders
import pytest
from contract.registry import IMPLEMENTED
from contract.world import World, minimal_request

from personalize_mock import PersonalizeMockError
from personalize_mock.resources.core.lifecycle import STOP_PENDING
from personalize_mock.resources.core.resource import Resource
from personalize_mock.rules.jobs import begun_lifecycle
from personalize_mock.wire.model import operation_by_name


def lifecycle_of(name):
    """Return the lifecycle that an operation begins, or None."""
    try:
        return begun_lifecycle(operation_by_name(name), where="")
    except PersonalizeMockError:
        return None


LIFECYCLES = {name: lifecycle for name in IMPLEMENTED if (lifecycle := lifecycle_of(name)) is not None}
WITHOUT_REASON = {"CreateDataset", "CreateSolution", "CreateEventTracker"}  # their Describe responses have none
FAILING = [name for name in LIFECYCLES if name.startswith(("Create", "Update"))]


def begin(world: World, operation: str) -> str:
    """Call an operation with the smallest request and return the ARN of the resource that changes."""
    request = minimal_request(world, operation)
    response = world.call(operation, **request)
    return next(value for name, value in {**request, **response}.items() if name == arn_member(operation))


def resource_types(base=Resource):
    """Return all resource types."""
    return [resource_type for cls in base.__subclasses__() for resource_type in (cls, *resource_types(cls))]


def arn_member(operation: str) -> str:
    noun = operation.removeprefix("Create").removeprefix("Update").removeprefix("Delete").removeprefix("Start")
    noun = noun.removeprefix("Stop").removesuffix("Creation")
    return f"{noun[0].lower()}{noun[1:]}Arn"


def test_every_lifecycle_of_every_resource_can_be_ruled():
    of_resources = {lifecycle for resource_type in resource_types() for lifecycle in resource_type.LIFECYCLES}

    assert of_resources - {STOP_PENDING} == set(LIFECYCLES.values())


@pytest.mark.parametrize("operation", FAILING)
def test_what_a_call_creates_or_updates_can_fail(world: World, operation: str):
    rule = world.mock.on(operation, optional=True).fails_job("Out of luck", times=1)

    arn = begin(world, operation)
    builders.settle(world.mock, arn)

    last = world.mock.journal.transitions(arn)[-1]
    assert rule.call_count == 1
    assert (last.status, last.failure_reason) == (LIFECYCLES[operation].failed, "Out of luck")
    noun = operation.removeprefix("Create").removeprefix("Update")
    shown = repr(world.call(f"Describe{noun}", **{arn_member(operation): arn}))
    assert LIFECYCLES[operation].failed in shown
    if operation not in WITHOUT_REASON:
        assert "Out of luck" in shown


@pytest.mark.parametrize("operation", sorted(LIFECYCLES.keys() - {"StopSolutionVersionCreation"}))
def test_what_a_call_begins_stays_in_a_status_until_it_is_released(world: World, operation: str):
    *statuses, last = [stage.status for stage in LIFECYCLES[operation].stages]
    held = world.mock.on(operation, optional=True).holds(statuses[-1], times=1)

    arn = begin(world, operation)
    world.mock.clock.jump(hours_of(world))
    assert world.mock.journal.transitions(arn)[-1].status == statuses[-1]
    held.release()
    builders.settle(world.mock, arn)

    assert world.mock.journal.transitions(arn)[-1].status == last


def hours_of(world: World) -> float:
    """Return the longest time until a scheduled status change, in seconds."""
    now = world.mock.clock.timestamp()
    return max((due.at - now for due in world.mock.clock.upcoming() if due.action == "stage"), default=0.0) + 1
