"""Lists: pages of any size make up the whole, and a filter chooses what belongs to what it names."""

from itertools import pairwise
from typing import Any

import builders
import pytest
from contract.registry import IMPLEMENTED
from contract.world import Request, World, minimal_request
from hypothesis import given, settings
from hypothesis import strategies as st

LISTS = [name for name, asked in IMPLEMENTED.items() if "nextToken" in asked.input.members]
OWN_LISTS = [name for name in LISTS if name != "ListRecipes"]
PAGING = {"nextToken", "maxResults"}
MORE = 4  # entries made for each kind, beside those of the world
ELSEWHERE = [{"account": "111122223333"}, {"region": "eu-west-1"}]


@pytest.fixture(scope="module")
def many(built: World) -> World:
    """A world with several of everything."""
    for name in IMPLEMENTED:
        if name.startswith("Create"):
            for _ in range(MORE):
                built.call(name, **minimal_request(built, name))
                built.mock.clock.jump(1)
    metric = {"eventType": "Watch", "expression": "SAMPLECOUNT()"}
    metrics = [{**metric, "metricName": f"m{number}"} for number in range(MORE)]
    built.call("UpdateMetricAttribution", metricAttributionArn=built.arns["metricAttributionArn"], addMetrics=metrics)
    return built


def scopes(world: World, name: str) -> list[Request]:
    """What a list can be asked for: everything, and what belongs to something of the world."""
    parents = {
        "ListBatchSegmentJobs": {"solutionVersionArn": world.segments_version},
        "ListRecommenders": {"datasetGroupArn": world.domain_group},
    }
    known = {**world.arns, **parents.get(name, {})}
    asked = IMPLEMENTED[name].input
    narrowed = [{member: known[member]} for member in asked.members if member in known]
    return narrowed if asked.required_members else [{}, *narrowed]


def pages(name: str, scope: Request, size: int) -> list[list[Any]]:
    """The pages of a list."""
    ask = getattr(builders.client(), IMPLEMENTED[name].function)
    found, token = [], {}
    while token is not None:
        answer = ask(**scope, maxResults=size, **token)
        found.append(next(value for value in answer.values() if isinstance(value, list)))
        token = {"nextToken": answer["nextToken"]} if "nextToken" in answer else None
    return found


@pytest.mark.parametrize("name", LISTS)
@settings(max_examples=12, deadline=None, database=None, derandomize=True)
@given(data=st.data())
def test_pages_of_any_size_make_up_the_list(many: World, name: str, data: st.DataObject):
    scope = data.draw(st.sampled_from(scopes(many, name)))
    (whole,) = pages(name, scope, 100)
    size = data.draw(st.integers(1, len(whole) + 1))

    found = pages(name, scope, size)

    assert [entry for page in found for entry in page] == whole
    assert all(len(page) == size for page in found[:-1])
    assert 0 < len(found[-1]) <= size


@pytest.mark.parametrize("name", LISTS)
def test_a_list_has_each_entry_once(many: World, name: str):
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
def test_a_filter_chooses_what_belongs_to_what_it_names(many: World, name: str):
    everything = [entry for scope in scopes(many, name)[:1] for page in pages(name, scope, 100) for entry in page]

    for scope in scopes(many, name):
        (chosen,) = pages(name, scope, 100)
        assert [entry for entry in everything if entry in chosen] == chosen
        assert {entry[member] for entry in chosen for member in scope if member in entry} <= set(scope.values())


@pytest.mark.parametrize("name", [name for name in OWN_LISTS if not IMPLEMENTED[name].input.required_members])
@pytest.mark.parametrize("place", ELSEWHERE)
def test_another_account_or_region_sees_nothing_of_it(many: World, name: str, place: dict[str, str]):
    assert all(entries == [] for entries in many.call(name, **place).values())
