"""Costs that must not grow with the number of existing resources.

    python tests/benchmarks/resource_growth.py [--sizes 100 1000 2000] [--rounds 9] [--json]

Regions with different numbers of resources are called in turn. The tables show the CPU time of one call in each
region, or of one event of a jump, and the ratio of the largest to the smallest region. A flat cost has the ratio 1.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import boto3
from calls import SCHEMA

from personalize_mock import MockPersonalize, mock_personalize

SIZES, ROUNDS, CALLS, REGIONS, PAGE = (
    (100, 1000, 2000),
    9,
    20,
    ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1"),
    100,
)
TARGET = 1.5  # of the ratios: the noise of short measurements
ROLE = "arn:aws:iam::123456789012:role/any"
UNLIMITED = dict.fromkeys(
    ("schemas", "active_dataset_groups", "filters_per_group", "campaigns_per_group", "import_jobs_in_flight"), 10**6
)
ROWS = [(f"u{number % 50}", f"i{number % 60}", "Watch") for number in range(1000)]
Task = Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Growth:
    """Times of one task.

    Attributes:
        name: The task.
        milliseconds: CPU time by the number of resources.
    """

    name: str
    milliseconds: Mapping[int, float]

    @property
    def ratio(self) -> float:
        """The time with most resources divided by the time with fewest."""
        return self.milliseconds[max(self.milliseconds)] / self.milliseconds[min(self.milliseconds)]

    def __str__(self) -> str:
        times = "".join(f"{value:10.3f}" for value in self.milliseconds.values())
        verdict = "PASS" if self.ratio <= TARGET else f"{self.ratio / TARGET:.2f} x target"
        return f"{self.name:<44}{times}{self.ratio:8.2f}{TARGET:8.2f}  {verdict}"


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
    s3 = boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="growth")
    s3.put_object(
        Bucket="growth", Key="interactions.csv", Body=b"USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP\nu1,i1,Watch,1700000000\n"
    )


def in_turn(tasks: Mapping[int, Task], *, rounds: int, calls: int = 1) -> dict[int, float]:
    """Return the median CPU time of each task in milliseconds, measured in alternating rounds of some calls."""
    times: dict[int, list[float]] = {size: [] for size in tasks}
    for _ in range(rounds):
        for size, task in tasks.items():
            before = time.process_time()
            for _ in range(calls):
                task()
            times[size].append((time.process_time() - before) * 1000 / calls)
    return {size: statistics.median(values) for size, values in times.items()}


def calls_of(resource: str, worlds: Mapping[int, World], *, rounds: int) -> list[Growth]:
    """Time the operations of a resource type. All resources are ACTIVE, except those that CreateX has just made."""
    settle = next(iter(worlds.values())).mock.clock.jump
    arns = {
        size: [each.create(resource, f"{resource}-{number}") for number in range(size)] for size, each in worlds.items()
    }
    settle(days=1)
    numbers = iter(range(10**9))
    listed = f"List{resource}s"
    member = f"{resource[0].lower()}{resource[1:]}Arn"

    def timed(name: str, task: Callable[[int, World], object], calls: int = CALLS) -> Growth:
        tasks = {size: (lambda size=size, each=each: task(size, each)) for size, each in worlds.items()}
        return Growth(name=f"{name}{resource}", milliseconds=in_turn(tasks, rounds=rounds, calls=calls))

    created: dict[int, list[str]] = {size: [] for size in worlds}
    growths = [
        timed("Create", lambda size, each: created[size].append(each.create(resource, f"new-{next(numbers)}"))),
    ]
    settle(days=1)
    last = {size: last_page(each, listed) for size, each in worlds.items()}
    growths += [
        timed("Describe", lambda size, each: each.call(f"Describe{resource}", **{member: arns[size][-1]})),
        timed("first page of 100: List", lambda _, each: each.call(listed, maxResults=PAGE)),
        timed("page of 1: List", lambda _, each: each.call(listed, maxResults=1)),
        timed("last page: List", lambda size, each: each.call(listed, **last[size])),
        timed("Tag ", lambda size, each: each.call("ListTagsForResource", resourceArn=arns[size][-1])),
    ]
    if not resource.endswith("Job"):
        growths.append(
            timed("Delete", lambda size, each: each.call(f"Delete{resource}", **{member: created[size].pop()}))
        )
    settle(days=1)
    return growths


def last_page(each: World, operation: str) -> dict:
    """Return the members of a request for the last page of a list."""
    request = {"maxResults": PAGE}
    while "nextToken" in (page := each.call(operation, **request)):
        request["nextToken"] = page["nextToken"]
    return request


def pending_pages(sizes: Sequence[int], *, rounds: int) -> list[Growth]:
    """Time pages of a list of campaigns that are all pending. Time moves only with the clock's rate."""
    with mock_personalize(clock="2024-05-01", quotas=UNLIMITED, autojump=False) as mock:
        worlds = {size: world(mock, region) for size, region in zip(sizes, REGIONS, strict=False)}
        for size, each in worlds.items():
            for number in range(size):
                each.create("Campaign", f"c{number}")
        tasks = {size: (lambda each=each: each.call("ListCampaigns", maxResults=PAGE)) for size, each in worlds.items()}
        return [
            Growth(name="page of 100 pending: ListCampaign", milliseconds=in_turn(tasks, rounds=rounds, calls=CALLS))
        ]


def jumps(sizes: Sequence[int], *, rounds: int) -> list[Growth]:
    """Time jumps over the creation and the deletion of pending campaigns, per campaign."""
    with mock_personalize(clock="2024-05-01", quotas=UNLIMITED) as mock:
        each = world(mock, "us-east-1")
        times: dict[str, dict[int, list[float]]] = {
            name: {size: [] for size in sizes} for name in ("creation", "deletion")
        }
        for turn in range(rounds):
            for size in sizes:
                arns = [each.create("Campaign", f"c{turn}-{number}") for number in range(size)]
                times["creation"][size].append(timed_jump(mock, size))
                for arn in arns:
                    each.call("DeleteCampaign", campaignArn=arn)
                times["deletion"][size].append(timed_jump(mock, size))
    return [
        Growth(
            name=f"jump over a {name}, per campaign", milliseconds={size: min(runs) for size, runs in by_size.items()}
        )
        for name, by_size in times.items()
    ]


def timed_jump(mock: MockPersonalize, count: int) -> float:
    before = time.process_time()
    mock.clock.jump(days=1)
    return (time.process_time() - before) * 1000 / count


def snapshots(sizes: Sequence[int], *, rounds: int) -> list[Growth]:
    """Time snapshots and restores of a mock, per existing campaign, and the first call after a restore."""
    rows = []
    for size in sizes:
        with mock_personalize(clock="2024-05-01", quotas=UNLIMITED) as mock:
            each = world(mock, "us-east-1")
            for number in range(size):
                each.create("Campaign", f"c{number}")
            mock.clock.jump(days=1)
            state = mock.snapshot()
            times: dict[str, list[float]] = {"snapshot": [], "restore": [], "first list after a restore": []}
            for _ in range(rounds):
                for name, task in (
                    ("snapshot", mock.snapshot),
                    ("restore", lambda mock=mock, state=state: mock.restore(state)),
                    ("first list after a restore", lambda each=each: each.call("ListCampaigns", maxResults=1)),
                ):
                    before = time.process_time()
                    task()
                    times[name].append((time.process_time() - before) * 1000 / size)
            rows.append({name: statistics.median(runs) for name, runs in times.items()})
    names = rows[0]
    return [
        Growth(
            name=f"{name}, per campaign", milliseconds={size: row[name] for size, row in zip(sizes, rows, strict=True)}
        )
        for name in names
    ]


def results(sizes: Sequence[int] = SIZES, *, rounds: int = ROUNDS) -> dict[str, list[Growth]]:
    """Return all measurements by the title of their table."""
    tables = {}
    with mock_personalize(clock="2024-05-01", quotas=UNLIMITED) as mock:
        put_file()
        worlds = {size: world(mock, region) for size, region in zip(sizes, REGIONS, strict=False)}
        for resource in worlds[sizes[0]].members:
            tables[f"{resource}, ms per call"] = calls_of(resource, worlds, rounds=rounds)
    tables["Pending resources, ms"] = [*pending_pages(sizes, rounds=rounds), *jumps(sizes, rounds=min(3, rounds))]
    tables["Snapshots, ms per resource"] = snapshots(sizes, rounds=rounds)
    return tables


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    tables = results(options.sizes, rounds=options.rounds)
    if options.json:
        print(
            json.dumps({title: [{**asdict(row), "ratio": row.ratio} for row in rows] for title, rows in tables.items()})
        )
        return
    for title, rows in tables.items():
        print(f"\n{title:<44}" + "".join(f"{size:>10,}" for size in options.sizes) + "   ratio  target")
        print(*rows, sep="\n")


if __name__ == "__main__":
    main()
