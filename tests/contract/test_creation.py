"""Create operations: the order in which several errors are reported, and the scope of names."""

from collections.abc import Callable, Mapping
from functools import partial

import builders
import pytest
from contract.registry import IMPLEMENTED
from contract.scenarios import QUOTAS, SCENARIOS
from contract.world import MISSING, Request, World, minimal_request

CREATIONS = [name for name in IMPLEMENTED if name.startswith("Create")]
FOREIGN_ROLE = "arn:aws:iam::999999999999:role/Theirs"
MISSING_BUCKET = "s3://no-such-bucket/a.csv"
NAMES = ("name", "jobName")
Flaw = Callable[[World, str], Request]
ROLES = {name for name in CREATIONS if {"roleArn", "metricsOutputConfig"} & set(IMPLEMENTED[name].input.members)}
RAISED = {
    *SCENARIOS,
    *((name, "ValidationException") for name in CREATIONS),
    *((name, "AccessDeniedException") for name in ROLES),
}


def _name_member(name: str) -> str:
    members = IMPLEMENTED[name].input.members
    return next(member for member in NAMES if member in members)


def an_invalid_name(world: World, name: str) -> Request:
    return {_name_member(name): "!"}


def a_foreign_role(world: World, name: str) -> Request:
    members = IMPLEMENTED[name].input.members
    if "metricsOutputConfig" in members:
        return {"metricsOutputConfig": {"roleArn": FOREIGN_ROLE}}
    return {"roleArn": FOREIGN_ROLE} if "roleArn" in members else {}


def a_missing_parent(world: World, name: str) -> Request:
    shape = IMPLEMENTED[name].input
    named = [member for member in shape.required_members if shape.members[member].name == "Arn"]
    return dict.fromkeys(named, MISSING)


def a_pending_parent(world: World, name: str) -> Request:
    scenario = SCENARIOS.get((name, "ResourceInUseException"))
    if scenario is None:
        return {}
    parents = a_missing_parent(world, name)
    return {member: value for member, value in scenario(world, name).items() if member in parents}


def too_many_tags(world: World, name: str) -> Request:
    scenario = SCENARIOS.get((name, "TooManyTagsException"))
    return {} if scenario is None else {"tags": scenario(world, name)["tags"]}


def a_taken_name(world: World, name: str) -> Request:
    request = {**minimal_request(world, name), _name_member(name): world.new_name()}
    world.call(name, **request)
    return request


# In the order in which they are reported. A request with one of them also has all that follow.
ORDER: Mapping[str, Flaw] = {
    "ValidationException": an_invalid_name,
    "AccessDeniedException": a_foreign_role,
    "ResourceNotFoundException": a_missing_parent,
    "ResourceInUseException": a_pending_parent,
    "TooManyTagsException": too_many_tags,
    "ResourceAlreadyExistsException": a_taken_name,
}
LIMIT = "LimitExceededException"


def invalid_request(world: World, name: str, errors: list[str]) -> Request:
    """Return a request that deserves all of the errors. Where two concern one member, the first wins."""
    request = minimal_request(world, name)
    for error in reversed(errors):
        request |= ORDER[error](world, name)
    if name in QUOTAS:
        world.set_options(quotas={QUOTAS[name]: 0})
    return request


@pytest.mark.parametrize(
    ("name", "error"), [(name, error) for name in CREATIONS for error in (*ORDER, LIMIT) if (name, error) in RAISED]
)
def test_the_first_of_several_errors_is_reported(world: World, name: str, error: str):
    request = invalid_request(world, name, list(ORDER)[[*ORDER, LIMIT].index(error) :])
    before = world.snapshot()

    assert builders.refusal(partial(world.call, name), **request)[0] == error
    assert world.snapshot() == before


@pytest.mark.parametrize("name", [name for name in CREATIONS if "dataSource" in IMPLEMENTED[name].input.members])
@pytest.mark.parametrize("error", ["ResourceAlreadyExistsException", LIMIT])
def test_access_to_s3_is_checked_last(world: World, name: str, error: str):
    errors = [error] if error in ORDER else []
    request = {**invalid_request(world, name, errors), "dataSource": {"dataLocation": MISSING_BUCKET}}

    assert builders.refusal(partial(world.call, name), **request)[0] == error


NAMED = [name for name in CREATIONS if name not in ("CreateDataset", "CreateEventTracker", "CreateSolutionVersion")]


@pytest.mark.parametrize("name", NAMED)
def test_a_name_can_be_used_once_for_each_resource_type(world: World, name: str):
    taken = world.new_name()
    for other in NAMED:
        if other != name:
            world.call(other, **{**minimal_request(world, other), _name_member(other): taken})

    arn = world.call(name, **{**minimal_request(world, name), _name_member(name): taken})

    assert next(iter(arn.values())).endswith(f"/{taken}")


OTHER_PARENTS: Mapping[str, Callable[[World], Request]] = {
    "CreateCampaign": lambda w: {"solutionVersionArn": a_version_in_another_group(w)},
    "CreateDataDeletionJob": lambda w: {"datasetGroupArn": builders.a_dataset_group(w.mock, w.new_name())},
    "CreateDatasetExportJob": lambda w: {"datasetArn": w.arns["datasetArn"].replace("INTERACTIONS", "ITEMS")},
    "CreateDatasetImportJob": lambda w: {"datasetArn": w.arns["datasetArn"].replace("INTERACTIONS", "ITEMS")},
    "CreateFilter": lambda w: {"datasetGroupArn": minimal_request(w, "CreateMetricAttribution")["datasetGroupArn"]},
    "CreateMetricAttribution": lambda w: {
        "datasetGroupArn": minimal_request(w, "CreateMetricAttribution")["datasetGroupArn"]
    },
    "CreateRecommender": lambda w: {"datasetGroupArn": builders.a_dataset_group(w.mock, w.new_name(), domain=DOMAIN)},
    "CreateSolution": lambda w: {"datasetGroupArn": builders.a_group_with_data(w.mock, w.new_name())},
}
DOMAIN = "VIDEO_ON_DEMAND"


def a_version_in_another_group(world: World) -> str:
    group = builders.a_group_with_data(world.mock, world.new_name())
    solution = builders.a_solution(world.mock, group, "aws-popularity-count", name=world.new_name())
    return builders.a_solution_version(world.mock, solution)


@pytest.mark.parametrize("name", OTHER_PARENTS)
def test_a_name_is_taken_under_another_parent_too(world: World, name: str):
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
