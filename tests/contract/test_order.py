"""Of several faults of a request the first is told: what is not there, then what is in use, then what is wrong."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import builders
import pytest
from botocore.exceptions import ClientError
from contract.registry import IMPLEMENTED
from contract.scenarios import SCENARIOS, pending
from contract.world import MISSING, Request, World, minimal_request

NOT_FOUND, IN_USE, WRONG = "ResourceNotFoundException", "ResourceInUseException", "InvalidInputException"
FOR_GOOD = ("DeleteSchema", "DeleteSolution")  # in use until somebody deletes what uses it
NO_RECIPE = builders.recipe("aws-none")
FOLLOWS_AT_ONCE = "CreateDatasetImportJob"  # takes a dataset that is being created
AUTO_ML = {"performAutoML": True, "solutionConfig": {"autoMLConfig": {"recipeList": [NO_RECIPE]}}}


def arns(name: str) -> list[str]:
    """The members of a request that name what must be there."""
    members = IMPLEMENTED[name].input.members
    return [member for member in members if members[member].name == "Arn"]


def faulty(world: World, name: str, error: str) -> Request:
    """A request that is refused with an error, or a sound one where the operation has no such error."""
    return SCENARIOS.get((name, error), minimal_request)(world, name)


def unready(world: World, name: str) -> Iterator[tuple[str, str]]:
    """What can be made with a status of its own and is not ACTIVE yet, by the member of the request that takes it."""
    for member in arns(name):
        creation = f"Create{member[0].upper()}{member[1:].removesuffix('Arn')}"
        if creation in IMPLEMENTED and creation not in ("CreateSchema", "CreateSolution"):
            yield member, pending(world, creation)


@pytest.mark.parametrize("later", [IN_USE, WRONG])
@pytest.mark.parametrize(
    ("name", "member"),
    [(name, member) for name in IMPLEMENTED for member in arns(name) if (name, NOT_FOUND) in SCENARIOS],
)
def test_what_is_not_there_is_told_before_anything_else(world: World, name: str, member: str, later: str):
    request = {**faulty(world, name, later), member: MISSING}

    assert builders.refusal(partial(world.call, name), **request)[0] == NOT_FOUND


def test_a_candidate_of_auto_ml_that_is_not_there_is_told_before_a_group_that_is_pending(world: World):
    request = {**AUTO_ML, "name": "new", "datasetGroupArn": pending(world, "CreateDatasetGroup")}

    assert builders.refusal(partial(world.call, "CreateSolution"), **request)[0] == NOT_FOUND


@pytest.mark.parametrize("name", [name for name, error in SCENARIOS if error == IN_USE])
def test_what_is_in_use_is_told_before_what_is_wrong(world: World, name: str):
    wrong, busy = (faulty(world, name, error) for error in (WRONG, IN_USE))
    own = {member: busy[member] for member in (*arns(name), "trackingId") if member in busy}

    assert builders.refusal(partial(world.call, name), **{**wrong, **own})[0] == IN_USE


@pytest.mark.parametrize(
    "name",
    [name for name, error in SCENARIOS if error == IN_USE and name.startswith("Create") and name != FOLLOWS_AT_ONCE],
)
def test_each_thing_that_a_creation_names_must_be_ready_before_the_rest_is_looked_at(world: World, name: str):
    wrong: dict[str, Any] = faulty(world, name, WRONG)

    for member, arn in unready(world, name):
        assert builders.refusal(partial(world.call, name), **{**wrong, member: arn})[0] == IN_USE, member


@pytest.mark.parametrize("name", [name for name, error in SCENARIOS if error == IN_USE and name not in FOR_GOOD])
def test_a_call_that_is_tried_again_without_sleep_is_not_refused_for_ever(world: World, name: str):
    request = faulty(world, name, IN_USE)
    world.mock.clock.autojump = True

    codes = [_code(world, name, request) for _ in range(6)]

    assert codes[0] == IN_USE
    assert {*codes} != {IN_USE}


def _code(world: World, name: str, request: Request) -> str:
    """The error of a call, or nothing."""
    try:
        world.call(name, **request)
    except ClientError as refused:
        return str(refused.response["Error"]["Code"])
    return ""
