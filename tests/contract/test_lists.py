"""List operations: pagination and filters."""

from itertools import pairwise
from typing import Any

import builders
import pytest
from contract.registry import IMPLEMENTED
from contract.world import Request, World, minimal_request
from hypothesis import given, settings
from hypothesis import strategies as st

LISTS = [name for name, operation in IMPLEMENTED.items() if "nextToken" in operation.input.members]
OWN_LISTS = [name for name in LISTS if name != "ListRecipes"]
PAGING = {"nextToken", "maxResults"}
EXTRA = 4  # resources of each type beside those of the world
OTHER_PLACES = [{"account": "111122223333"}, {"region": "eu-west-1"}]


@pytest.fixture(scope="module")
def many(built: World) -> World:
    """Return a world with several resources of each type."""
    for name in IMPLEMENTED:
        if name.startswith("Create"):
            for _ in range(EXTRA):
                built.call(name, **minimal_request(built, name))
                built.mock.clock.jump(1)
    metric = {"eventType": "Watch", "expression": "SAMPLECOUNT()"}
    metrics = [{**metric, "metricName": f"m{number}"} for number in range(EXTRA)]
    built.call("UpdateMetricAttribution", metricAttributionArn=built.arns["metricAttributionArn"], addMetrics=metrics)
    return built


def scopes(world: World, name: str) -> list[Request]:
    """Return requests of a list: one for all entries, and one for each filter by a resource of the world."""
    parents = {
        "ListBatchSegmentJobs": {"solutionVersionArn": world.segments_version},
        "ListRecommenders": {"datasetGroupArn": world.domain_group},
    }
    known = {**world.arns, **parents.get(name, {})}
    shape = IMPLEMENTED[name].input
    narrowed = [{member: known[member]} for member in shape.members if member in known]
    return narrowed if shape.required_members else [{}, *narrowed]


def pages(name: str, scope: Request, size: int) -> list[list[Any]]:
    """Return the pages of a list."""
    call = getattr(builders.client(), IMPLEMENTED[name].function)
    result, token = [], {}
    while token is not None:
        response = call(**scope, maxResults=size, **token)
        result.append(next(value for value in response.values() if isinstance(value, list)))
        token = {"nextToken": response["nextToken"]} if "nextToken" in response else None
    return result


@pytest.mark.parametrize("name", LISTS)
@settings(max_examples=12, deadline=None, database=None, derandomize=True)
@given(data=st.data())
def test_pages_of_any_size_make_up_the_list(many: World, name: str, data: st.DataObject):
    scope = data.draw(st.sampled_from(scopes(many, name)))
    (whole,) = pages(name, scope, 100)
    size = data.draw(st.integers(1, len(whole) + 1))

    parts = pages(name, scope, size)

    assert [entry for page in parts for entry in page] == whole
    assert all(len(page) == size for page in parts[:-1])
    assert 0 < len(parts[-1]) <= size


@pytest.mark.parametrize("name", LISTS)
def test_a_list_contains_each_entry_once(many: World, name: str):
    for scope in scopes(many, name):
        (whole,) = pages(name, scope, 100)
        assert len({str(entry) for entry in whole}) == len(whole) >= 1


@pytest.mark.parametrize("name", OWN_LISTS)
def test_a_list_is_in_order_of_creation(many: World, name: str):
    for scope in scopes(many, name):
        (whole,) = pages(name, scope, 100)
        times = [entry["creationDateTime"] for entry in whole if "creationDateTime" in entry]
        if name == "ListDataDeletionJobs":
            times.reverse()
        assert all(before <= after for before, after in pairwise(times))


@pytest.mark.parametrize("name", OWN_LISTS)
def test_a_filter_keeps_the_entries_of_the_named_resource(many: World, name: str):
    whole = [entry for scope in scopes(many, name)[:1] for page in pages(name, scope, 100) for entry in page]

    for scope in scopes(many, name):
        (kept,) = pages(name, scope, 100)
        assert [entry for entry in whole if entry in kept] == kept
        assert {entry[member] for entry in kept for member in scope if member in entry} <= set(scope.values())


@pytest.mark.parametrize("name", [name for name in OWN_LISTS if not IMPLEMENTED[name].input.required_members])
@pytest.mark.parametrize("place", OTHER_PLACES)
def test_a_list_of_another_account_or_region_is_empty(many: World, name: str, place: dict[str, str]):
    assert all(entries == [] for entries in many.call(name, **place).values())
