"""Work of calls and jumps, which must not grow with the number of resources.

Work is counted in bytecode instructions, because times would vary.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import builders
import pytest

import personalize_mock
from personalize_mock import MockPersonalize, mock_personalize

CODE = (str(Path(personalize_mock.__file__).parent), "<string>")  # the package, and methods of its dataclasses
FEW, MANY = 30, 150
UNLIMITED = dict.fromkeys(("schemas", "campaigns_per_group", "filters_per_group", "import_jobs_in_flight"), 10**6)
VIEWS = [("u1", "i1", "Watch"), ("u1", "i2", "Watch"), ("u2", "i1", "Watch")]


def work(task: Callable[[], object]) -> int:
    """Return the number of bytecode instructions that the package runs during a task."""
    counts = Counter[str]()
    with counting(counts):
        task()
    return sum(count for path, count in counts.items() if path.startswith(CODE))


@contextmanager
def counting(counts: Counter[str]) -> Iterator[None]:
    """Count the bytecode instructions that run in a block, by the path of their file."""
    if sys.version_info < (3, 12):

        def trace(frame: FrameType, event: str, _: object) -> Any:
            frame.f_trace_opcodes = True
            counts[frame.f_code.co_filename] += event == "opcode"
            return trace

        sys.settrace(trace)
        try:
            yield
        finally:
            sys.settrace(None)
    else:  # where settrace does not report every instruction

        def instruction(code: CodeType, _: int) -> None:
            counts[code.co_filename] += 1

        monitoring, tool = sys.monitoring, sys.monitoring.PROFILER_ID
        monitoring.use_tool_id(tool, "work")
        monitoring.register_callback(tool, monitoring.events.INSTRUCTION, instruction)
        monitoring.set_events(tool, monitoring.events.INSTRUCTION)
        try:
            yield
        finally:
            monitoring.set_events(tool, 0)
            monitoring.free_tool_id(tool)


class World:
    """A mock with a campaign, to which campaigns, schemas, filters and import jobs are added."""

    def __init__(self, mock: MockPersonalize) -> None:
        self.mock, self.loaded = mock, mock.load(VIEWS, recipe="aws-popularity-count")
        location = builders.put_object("USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP\nu1,i1,Watch,1700000000\n")
        source = {"dataLocation": location}
        expression = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("Watch")'
        self.requests = {
            "Schema": {"schema": builders.avro_schema()},
            "Filter": {"datasetGroupArn": self.loaded.dataset_group_arn, "filterExpression": expression},
            "Campaign": {"solutionVersionArn": self.loaded.solution_version_arn},
            "DatasetImportJob": {
                "datasetArn": self.loaded.dataset_arns["interactions"],
                "dataSource": source,
                "roleArn": builders.ROLE,
            },
        }

    def create(self, resource: str, name: str) -> str:
        key = "jobName" if resource.endswith("Job") else "name"
        (arn,) = self.mock.call(f"Create{resource}", **{key: name}, **self.requests[resource]).values()
        return arn

    def create_many(self, resource: str, count: int) -> list[str]:
        return [self.create(resource, f"{resource}-{number}") for number in range(count)]


@pytest.fixture
def world() -> Iterator[World]:
    with mock_personalize(clock="2024-05-01", quotas=UNLIMITED) as mock:
        yield World(mock)


def works(world: World, resource: str, task: Callable[[str], object]) -> tuple[int, int]:
    """Return the work of a task with few and with many resources. The task gets the ARN of a resource."""
    first, *_ = world.create_many(resource, FEW)
    world.mock.clock.jump(days=1)
    task(first)
    few = work(lambda: task(first))
    for number in range(FEW, MANY):
        world.create(resource, f"{resource}-{number}")
    world.mock.clock.jump(days=1)
    return few, work(lambda: task(first))


TYPES = ("Schema", "Filter", "Campaign", "DatasetImportJob")


@pytest.mark.parametrize("resource", TYPES)
def test_a_creation_does_not_visit_the_other_resources(world: World, resource: str):
    names = iter("abcdef")

    few, many = works(world, resource, lambda _: world.create(resource, next(names)))

    assert many - few < MANY - FEW


@pytest.mark.parametrize("resource", TYPES)
def test_a_page_of_a_list_does_not_visit_the_other_resources(world: World, resource: str):
    few, many = works(world, resource, lambda _: world.mock.call(f"List{resource}s", maxResults=2))

    assert many - few < MANY - FEW


@pytest.mark.parametrize("resource", TYPES)
def test_a_description_does_not_visit_the_other_resources(world: World, resource: str):
    member = f"{resource[0].lower()}{resource[1:]}Arn"

    few, many = works(world, resource, lambda arn: world.mock.call(f"Describe{resource}", **{member: arn}))

    assert many - few < MANY - FEW


def test_a_deletion_does_not_visit_resources_that_do_not_need_it(world: World):
    recipe = builders.recipe("aws-popularity-count")
    request = {"datasetGroupArn": world.loaded.dataset_group_arn, "recipeArn": recipe, "performAutoTraining": False}
    arns = [world.mock.call("CreateSolution", name=name, **request)["solutionArn"] for name in "abc"]

    few, many = works(world, "Campaign", lambda _: world.mock.call("DeleteSolution", solutionArn=arns.pop()))

    assert many - few < MANY - FEW


def test_the_last_page_of_a_list_does_not_visit_the_pages_before(world: World):
    world.create_many("Schema", MANY)
    request, tokens = {"maxResults": 10}, []
    while "nextToken" in (page := world.mock.call("ListSchemas", **request)):
        request["nextToken"] = page["nextToken"]
        tokens.append(page["nextToken"])

    second = work(lambda: world.mock.call("ListSchemas", maxResults=1, nextToken=tokens[0]))
    last = work(lambda: world.mock.call("ListSchemas", maxResults=1, nextToken=tokens[-1]))

    assert abs(last - second) < MANY - FEW


def test_a_page_of_pending_resources_does_not_visit_the_others(world: World):
    world.mock.clock.autojump = False
    world.create_many("Campaign", FEW)
    few = work(lambda: world.mock.call("ListCampaigns", maxResults=2))
    for number in range(FEW, MANY):
        world.create("Campaign", f"Campaign-{number}")

    assert work(lambda: world.mock.call("ListCampaigns", maxResults=2)) - few < MANY - FEW


def test_waiting_does_not_visit_the_other_resources(world: World):
    few, many = works(world, "Campaign", world.mock.wait)

    assert many - few < MANY - FEW


@pytest.mark.parametrize("seconds_between", [0, 1])
def test_the_work_of_a_jump_is_linear_in_its_events(world: World, seconds_between: int):
    def per_campaign(count: int) -> float:
        arns = []
        for number in range(count):
            arns.append(world.create("Campaign", f"{count}-{number}"))
            world.mock.clock.jump(seconds_between)
        creation = work(lambda: world.mock.clock.jump(days=1))
        for arn in arns:
            world.mock.call("DeleteCampaign", campaignArn=arn)
        return (creation + work(lambda: world.mock.clock.jump(days=1))) / count

    few, many = per_campaign(FEW), per_campaign(MANY)

    assert many < 1.2 * few
