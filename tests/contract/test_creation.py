"""Creations: of several faults the first by the suggested order is told, and names are one's own within their kind."""

from collections.abc import Callable, Mapping
from functools import partial

import builders
import pytest
from contract.registry import IMPLEMENTED
from contract.scenarios import QUOTAS, SCENARIOS
from contract.world import MISSING, Request, World, minimal_request

CREATIONS = [name for name in IMPLEMENTED if name.startswith("Create")]
THEIRS = "arn:aws:iam::999999999999:role/Theirs"
NOWHERE = "s3://no-such-bucket/a.csv"
NAMES = ("name", "jobName")
Fault = Callable[[World, str], Request]
ROLES = {name for name in CREATIONS if {"roleArn", "metricsOutputConfig"} & set(IMPLEMENTED[name].input.members)}
KNOWN = {
    *SCENARIOS,
    *((name, "ValidationException") for name in CREATIONS),
    *((name, "AccessDeniedException") for name in ROLES),
}


def _name(name: str) -> str:
    members = IMPLEMENTED[name].input.members
    return next(member for member in NAMES if member in members)


def a_bad_name(world: World, name: str) -> Request:
    return {_name(name): "!"}


def a_foreign_role(world: World, name: str) -> Request:
    members = IMPLEMENTED[name].input.members
    if "metricsOutputConfig" in members:
        return {"metricsOutputConfig": {"roleArn": THEIRS}}
    return {"roleArn": THEIRS} if "roleArn" in members else {}


def a_missing_parent(world: World, name: str) -> Request:
    shape = IMPLEMENTED[name].input
    named = [member for member in shape.required_members if shape.members[member].name == "Arn"]
    return dict.fromkeys(named, MISSING)


def an_unready_parent(world: World, name: str) -> Request:
    scenario = SCENARIOS.get((name, "ResourceInUseException"))
    if scenario is None:
        return {}
    parents = a_missing_parent(world, name)
    return {member: value for member, value in scenario(world, name).items() if member in parents}


def too_many_tags(world: World, name: str) -> Request:
    scenario = SCENARIOS.get((name, "TooManyTagsException"))
    return {} if scenario is None else {"tags": scenario(world, name)["tags"]}


def a_taken_name(world: World, name: str) -> Request:
    request = {**minimal_request(world, name), _name(name): world.new_name()}
    world.call(name, **request)
    return request


# In the suggested order; what comes later in the list is there as well when one of them is tried.
ORDER: Mapping[str, Fault] = {
    "ValidationException": a_bad_name,
    "AccessDeniedException": a_foreign_role,
    "ResourceNotFoundException": a_missing_parent,
    "ResourceInUseException": an_unready_parent,
    "TooManyTagsException": too_many_tags,
    "ResourceAlreadyExistsException": a_taken_name,
}
LIMIT = "LimitExceededException"


def faulty(world: World, name: str, errors: list[str]) -> Request:
    """A request with all faults of a list; where two are in one place, the first is there."""
    request = minimal_request(world, name)
    for error in reversed(errors):
        request |= ORDER[error](world, name)
    if name in QUOTAS:
        world.set_options(quotas={QUOTAS[name]: 0})
    return request


@pytest.mark.parametrize(
    ("name", "error"), [(name, error) for name in CREATIONS for error in (*ORDER, LIMIT) if (name, error) in KNOWN]
)
def test_the_first_of_several_faults_is_told(world: World, name: str, error: str):
    request = faulty(world, name, list(ORDER)[[*ORDER, LIMIT].index(error) :])
    before = world.snapshot()

    assert builders.refusal(partial(world.call, name), **request)[0] == error
    assert world.snapshot() == before


@pytest.mark.parametrize("name", [name for name in CREATIONS if "dataSource" in IMPLEMENTED[name].input.members])
@pytest.mark.parametrize("error", ["ResourceAlreadyExistsException", LIMIT])
def test_access_to_s3_is_tried_last(world: World, name: str, error: str):
    faults = [error] if error in ORDER else []
    request = {**faulty(world, name, faults), "dataSource": {"dataLocation": NOWHERE}}

    assert builders.refusal(partial(world.call, name), **request)[0] == error


BY_NAME = [name for name in CREATIONS if name not in ("CreateDataset", "CreateEventTracker", "CreateSolutionVersion")]


@pytest.mark.parametrize("name", BY_NAME)
def test_a_name_is_taken_for_one_kind_alone(world: World, name: str):
    taken = world.new_name()
    for other in BY_NAME:
        if other != name:
            world.call(other, **{**minimal_request(world, other), _name(other): taken})

    arn = world.call(name, **{**minimal_request(world, name), _name(name): taken})

    assert next(iter(arn.values())).endswith(f"/{taken}")


OTHER_PARENTS: Mapping[str, Callable[[World], Request]] = {
    "CreateCampaign": lambda w: {"solutionVersionArn": an_empty_version(w)},
    "CreateDataDeletionJob": lambda w: {"datasetGroupArn": builders.a_dataset_group(w.mock, w.new_name())},
    "CreateDatasetExportJob": lambda w: {"datasetArn": w.arns["datasetArn"].replace("INTERACTIONS", "ITEMS")},
    "CreateDatasetImportJob": lambda w: {"datasetArn": w.arns["datasetArn"].replace("INTERACTIONS", "ITEMS")},
    "CreateFilter": lambda w: {"datasetGroupArn": minimal_request(w, "CreateMetricAttribution")["datasetGroupArn"]},
    "CreateMetricAttribution": lambda w: {
        "datasetGroupArn": minimal_request(w, "CreateMetricAttribution")["datasetGroupArn"]
    },
    "CreateRecommender": lambda w: {"datasetGroupArn": builders.a_dataset_group(w.mock, w.new_name(), domain=DOMAIN)},
    "CreateSolution": lambda w: {"datasetGroupArn": builders.a_dataset_group(w.mock, w.new_name())},
}
DOMAIN = "VIDEO_ON_DEMAND"


def an_empty_version(world: World) -> str:
    group = builders.a_group_with_data(world.mock, world.new_name())
    solution = builders.a_solution(world.mock, group, "aws-popularity-count", name=world.new_name())
    return builders.a_solution_version(world.mock, solution)


@pytest.mark.parametrize("name", OTHER_PARENTS)
def test_a_name_is_taken_whatever_the_parent(world: World, name: str):
    request = minimal_request(world, name)
    existing = next(iter(world.call(name, **request).values()))

    again = {**request, **OTHER_PARENTS[name](world)}

    refusal = builders.refusal(partial(world.call, name), **again)
    assert refusal == ("ResourceAlreadyExistsException", f"Another resource with Arn {existing} already exists.")


@pytest.mark.parametrize("name", ["CreateDatasetGroup", "CreateSchema"])
@pytest.mark.parametrize("place", [{"account": "111122223333"}, {"region": "eu-west-1"}])
def test_a_name_is_free_in_another_account_or_region(world: World, name: str, place: dict[str, str]):
    request = minimal_request(world, name)
    here, there = (next(iter(world.call(name, **request, **where).values())) for where in ({}, place))

    assert here != there
    assert here.rpartition(":")[2] == there.rpartition(":")[2]
    assert set(place.values()) <= set(there.split(":"))
