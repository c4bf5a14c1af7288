"""Calls beside many resources of the same type.

Two regions of a mock have the same data and different numbers of resources: schemas, dataset groups, filters,
campaigns and import jobs. The floor is the call in the region with few of them; both run in turn. Calls are made with
`mock.call`, so the time of botocore does not hide growth. Jumps, snapshots and restores are divided by the number of
campaigns that they concern.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

import boto3
from calls import SCHEMA
from campaigns import REGION
from measure import Result, Task, against, alternate, seconds, times
from report import main

from personalize_mock import MockPersonalize, mock_personalize

FEW, SIZES = 100, (2_000,)
TARGETS = {"call": 1.5}
CALLS, PAGE = 10, 100
REGIONS = (REGION, "us-west-2")  # with few and with many resources
ROLE = "arn:aws:iam::123456789012:role/any"
UNLIMITED = dict.fromkeys(
    ("schemas", "active_dataset_groups", "filters_per_group", "campaigns_per_group", "import_jobs_in_flight"), 10**6
)
ROWS = [(f"u{number % 50}", f"i{number % 60}", "Watch") for number in range(1000)]


@dataclass(frozen=True)
class World:
    """A region with a number of resources of each type, besides those of `mock.load`."""

    mock: MockPersonalize
    region: str
    members: Mapping[str, Mapping[str, object]]

    def call(self, operation: str, **members: object) -> dict:
        return self.mock.call(operation, region=self.region, **members)

    def create(self, resource: str, name: str) -> str:
        """Create a resource, which is pending if its type has a status, and return its ARN."""
        key = "jobName" if resource.endswith("Job") else "name"
        (arn,) = self.call(f"Create{resource}", **{key: name}, **self.members[resource]).values()
        return arn


def world(mock: MockPersonalize, region: str) -> World:
    """Load data in a region. `World.create` then creates further resources with the same data."""
    loaded = mock.load(ROWS, recipe="aws-popularity-count", region=region)
    source = {"dataLocation": "s3://growth/interactions.csv"}
    group, expression = loaded.dataset_group_arn, 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("Watch")'
    members = {
        "Schema": {"schema": json.dumps(SCHEMA)},
        "DatasetGroup": {},
        "Filter": {"datasetGroupArn": group, "filterExpression": expression},
        "Campaign": {"solutionVersionArn": loaded.solution_version_arn},
        "DatasetImportJob": {"datasetArn": loaded.dataset_arns["interactions"], "dataSource": source, "roleArn": ROLE},
    }
    return World(mock, region, members)


def put_file() -> None:
    """Put the file that the import jobs read."""
    s3 = boto3.client("s3", region_name=REGION)
    s3.create_bucket(Bucket="growth")
    s3.put_object(
        Bucket="growth", Key="interactions.csv", Body=b"USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP\nu1,i1,Watch,1700000000\n"
    )


def results(sizes: Sequence[int] = SIZES) -> Iterator[Result]:
    """Yield the results for each larger number of resources."""
    for size in sizes:
        with mock_personalize(clock="2024-05-01", quotas=UNLIMITED) as mock:
            put_file()
            worlds = dict(zip((FEW, size), (world(mock, region) for region in REGIONS), strict=True))
            for resource in worlds[FEW].members:
                yield from calls_of(resource, worlds)
        yield pending_pages(size)
        yield from jumps(size)
        yield from snapshots(size)


def compared(name: str, size: int, taken: Mapping[int, Sequence[float]]) -> Result:
    """Return the comparison of many resources with few."""
    return against(f"{size:,}: {name}", taken[size], taken[FEW], target=TARGETS["call"])


def calls_of(resource: str, worlds: Mapping[int, World]) -> Iterator[Result]:
    """Compare the operations of a resource type. All resources are ACTIVE, except those that CreateX has just made."""
    jump, size = worlds[FEW].mock.clock.jump, max(worlds)
    arns = {
        number: [one.create(resource, f"{resource}-{index}") for index in range(number)]
        for number, one in worlds.items()
    }
    jump(days=1)
    new, numbers = {number: list[str]() for number in worlds}, count()

    def compare(name: str, task: Callable[[int, World], object]) -> Result:
        tasks: dict[int, Task] = {number: partial(task, number, one) for number, one in worlds.items()}
        return compared(name.format(resource), size, times(tasks, calls=CALLS))

    yield compare("Create{}", lambda number, one: new[number].append(one.create(resource, f"new-{next(numbers)}")))
    jump(days=1)
    for name, call in reading_calls(resource).items():
        requests = {number: call(one, arns[number][-1]) for number, one in worlds.items()}
        yield compare(name, lambda number, _, requests=requests: requests[number]())
    if not resource.endswith("Job"):
        member = arn_member(resource)
        yield compare("Delete{}", lambda number, one: one.call(f"Delete{resource}", **{member: new[number].pop()}))
    jump(days=1)


def arn_member(resource: str) -> str:
    """Return the member that has the ARN of a resource."""
    return f"{resource[0].lower()}{resource[1:]}Arn"


def reading_calls(resource: str) -> dict[str, Callable[[World, str], Task]]:
    """Return functions of a region and an ARN that prepare a call, by name."""
    operation = f"List{resource}s"
    return {
        "Describe{}": lambda one, arn: partial(one.call, f"Describe{resource}", **{arn_member(resource): arn}),
        "List{}s, first page of 100": lambda one, _: partial(one.call, operation, maxResults=PAGE),
        "List{}s, page of 1": lambda one, _: partial(one.call, operation, maxResults=1),
        "List{}s, last page": lambda one, _: partial(one.call, operation, **last_page(one, operation)),
        "ListTagsForResource of a {}": lambda one, arn: partial(one.call, "ListTagsForResource", resourceArn=arn),
    }


def last_page(one: World, operation: str) -> dict[str, Any]:
    """Return the members of a request for the last page of a list."""
    request: dict[str, Any] = {"maxResults": PAGE}
    while "nextToken" in (page := one.call(operation, **request)):
        request["nextToken"] = page["nextToken"]
    return request


def pending_pages(size: int) -> Result:
    """Compare pages of lists of campaigns that are all pending."""
    with mock_personalize(clock="2024-05-01", quotas=UNLIMITED, autojump=False) as mock:
        tasks: dict[int, Task] = {}
        for number, region in zip((FEW, size), REGIONS, strict=True):
            one = world(mock, region)
            create_campaigns(one, number)
            tasks[number] = partial(one.call, "ListCampaigns", maxResults=PAGE)
        return compared("ListCampaigns, page of 100 pending ones", size, times(tasks, calls=CALLS))


def create_campaigns(one: World, number: int, prefix: str = "c") -> list[str]:
    """Create pending campaigns and return their ARNs."""
    return [one.create("Campaign", f"{prefix}{index}") for index in range(number)]


def jumps(size: int) -> Iterator[Result]:
    """Compare jumps over the creation and the deletion of campaigns, per campaign."""
    with mock_personalize(clock="2024-05-01", quotas=UNLIMITED) as mock:
        one, turns = world(mock, REGION), count()
        taken = alternate({number: partial(jump_times, one, number, turns) for number in (FEW, size)}, rounds=7)
    for index, name in enumerate(("creation", "deletion")):
        per_campaign = {number: [sample[index] for sample in samples] for number, samples in taken.items()}
        yield compared(f"jump over the {name} of campaigns, each", size, per_campaign)


def jump_times(one: World, number: int, turns: Iterator[int]) -> tuple[float, float]:
    """Return the seconds of the jumps over the creation and over the deletion of campaigns, per campaign."""
    jump = partial(one.mock.clock.jump, days=1)
    arns = create_campaigns(one, number, f"c{next(turns)}-")
    created = seconds(jump)
    for arn in arns:
        one.call("DeleteCampaign", campaignArn=arn)
    return created / number, seconds(jump) / number


def snapshots(size: int) -> Iterator[Result]:
    """Compare snapshots, restores and the first list after a restore, per campaign."""
    names = ("snapshot", "restore", "first list after a restore")
    options: dict[str, Any] = {"clock": "2024-05-01", "quotas": UNLIMITED}
    with mock_personalize(**options) as few, mock_personalize(**options, isolated=True) as many:
        taken = alternate({number: snapshot_sample(mock, number) for number, mock in ((FEW, few), (size, many))})
    for index, name in enumerate(names):
        per_campaign = {number: [sample[index] for sample in samples] for number, samples in taken.items()}
        yield compared(f"{name}, per campaign", size, per_campaign)


def snapshot_sample(mock: MockPersonalize, number: int) -> Callable[[], tuple[float, ...]]:
    """Return a function that takes a snapshot, restores it and lists a campaign, and returns the times of each."""
    one = world(mock, REGION)
    create_campaigns(one, number)
    mock.clock.jump(days=1)
    state = mock.snapshot()
    tasks = (mock.snapshot, partial(mock.restore, state), partial(one.call, "ListCampaigns", maxResults=1))
    return lambda: tuple(seconds(task) / number for task in tasks)


if __name__ == "__main__":
    main(results, sizes=SIZES)
