"""Order of errors when a request deserves several: missing resources, resources in use, invalid input."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import builders
import pytest
from botocore.exceptions import ClientError
from contract.registry import IMPLEMENTED
from contract.scenarios import SCENARIOS, pending
from contract.world import MISSING, Request, World, minimal_request

NOT_FOUND, IN_USE, INVALID = "ResourceNotFoundException", "ResourceInUseException", "InvalidInputException"
PERMANENT = ("DeleteSchema", "DeleteSolution")  # in use until the dependent resource is deleted
NO_RECIPE = builders.recipe("aws-none")
ACCEPTS_PENDING = "CreateDatasetImportJob"  # accepts a dataset that is being created
AUTO_ML = {"performAutoML": True, "solutionConfig": {"autoMLConfig": {"recipeList": [NO_RECIPE]}}}


def arns(name: str) -> list[str]:
    """Return the members of a request that are ARNs of existing resources."""
    members = IMPLEMENTED[name].input.members
    return [member for member in members if members[member].name == "Arn"]


def rejected_request(world: World, name: str, error: str) -> Request:
    """Return a request that raises an error, or a valid one where the operation has no such error."""
    return SCENARIOS.get((name, error), minimal_request)(world, name)


def pending_resources(world: World, name: str) -> Iterator[tuple[str, str]]:
    """Yield members of a request with the ARN of a pending resource for each."""
    for member in arns(name):
        creation = f"Create{member[0].upper()}{member[1:].removesuffix('Arn')}"
        if creation in IMPLEMENTED and creation not in ("CreateSchema", "CreateSolution"):
            yield member, pending(world, creation)


@pytest.mark.parametrize("later", [IN_USE, INVALID])
@pytest.mark.parametrize(
    ("name", "member"),
    [(name, member) for name in IMPLEMENTED for member in arns(name) if (name, NOT_FOUND) in SCENARIOS],
)
def test_a_missing_resource_is_reported_first(world: World, name: str, member: str, later: str):
    request = {**rejected_request(world, name, later), member: MISSING}

    assert builders.refusal(partial(world.call, name), **request)[0] == NOT_FOUND


def test_a_missing_recipe_of_auto_ml_is_reported_before_a_pending_group(world: World):
    request = {**AUTO_ML, "name": "new", "datasetGroupArn": pending(world, "CreateDatasetGroup")}

    assert builders.refusal(partial(world.call, "CreateSolution"), **request)[0] == NOT_FOUND


@pytest.mark.parametrize("name", [name for name, error in SCENARIOS if error == IN_USE])
def test_a_resource_in_use_is_reported_before_invalid_input(world: World, name: str):
    invalid, in_use = (rejected_request(world, name, error) for error in (INVALID, IN_USE))
    resources = {member: in_use[member] for member in (*arns(name), "trackingId") if member in in_use}

    assert builders.refusal(partial(world.call, name), **{**invalid, **resources})[0] == IN_USE


@pytest.mark.parametrize(
    "name",
    [name for name, error in SCENARIOS if error == IN_USE and name.startswith("Create") and name != ACCEPTS_PENDING],
)
def test_each_pending_resource_is_reported_before_invalid_input(world: World, name: str):
    invalid: dict[str, Any] = rejected_request(world, name, INVALID)

    for member, arn in pending_resources(world, name):
        assert builders.refusal(partial(world.call, name), **{**invalid, member: arn})[0] == IN_USE, member


@pytest.mark.parametrize("name", [name for name, error in SCENARIOS if error == IN_USE and name not in PERMANENT])
def test_retrying_a_call_without_sleep_succeeds_eventually(world: World, name: str):
    request = rejected_request(world, name, IN_USE)
    world.mock.clock.autojump = True

    codes = [_error_code(world, name, request) for _ in range(6)]

    assert codes[0] == IN_USE
    assert {*codes} != {IN_USE}


def _error_code(world: World, name: str, request: Request) -> str:
    """Return the error code of a call, or an empty text."""
    try:
        world.call(name, **request)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""
