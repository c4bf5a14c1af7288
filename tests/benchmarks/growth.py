"""Time and memory of calls after many earlier calls in the same mock.

    python tests/benchmarks/growth.py [--events 200000] [--only NAME]

Each table shows one kind of call after growing numbers of earlier calls, with the ratio of the last to the first row
and a target for this ratio. Calls are made with `mock.call`, so botocore's own time does not hide growth. Times are CPU
times, medians in microseconds. Where the earlier calls concern one user, users with few and with many of them take
turns. Where they concern the whole mock, the times are divided by that of a fixed task measured beside them.

The function `results` returns the same numbers as data.
"""

import argparse
import gc
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from types import ModuleType

import boto3
from calls import create, deploy_campaign

from personalize_mock import MockPersonalize, mock_personalize
from personalize_mock.synthetic import generate

LIVE_EVENTS = (0, 1_000, 5_000, 20_000)
PUT_AT_ONCE = 10  # events per PutEvents, the quota of the service
ROUNDS = 9
USERS, ITEMS = 1_000, 1_682  # of `deploy_campaign`
ROLE = "arn:aws:iam::123456789012:role/any"
SEEN = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'
OF_USER = 'INCLUDE ItemID WHERE Items.GENRES IN ("g1") IF CurrentUser.AGE > 17'
ITEM_FIELDS = {"ITEM_ID": "string", "GENRES": "string"}
USER_FIELDS = {"USER_ID": "string", "AGE": "int"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """One kind of call after growing numbers of earlier calls.

    Attributes:
        name: What is measured.
        unit: Unit of the values.
        values: The value after each number of earlier calls.
        target: Largest ratio of the last to the first value that is acceptable.
        limit: Largest last value that is acceptable, or None if only the ratio counts.
    """

    name: str
    unit: str
    values: Mapping[int, float]
    target: float
    limit: float | None = None

    @property
    def ratio(self) -> float:
        """The ratio of the last to the first value."""
        first, *_, last = self.values.values()
        return last / first

    @property
    def is_met(self) -> bool:
        """Whether the targets are met."""
        last = [*self.values.values()][-1]
        return self.ratio <= self.target and (self.limit is None or last <= self.limit)

    def __str__(self) -> str:
        rows = [f"  after {count:>7,}  {value:11,.1f} {self.unit}" for count, value in self.values.items()]
        limit = "" if self.limit is None else f", at most {self.limit:,.0f} {self.unit}"
        verdict = "PASS" if self.is_met else f"FAIL, {self.ratio / self.target:.2f} x the target"
        return "\n".join([self.name, *rows, f"  ratio {self.ratio:.2f}, target {self.target:.2f}{limit}: {verdict}"])


class Shop:
    """A mock with a campaign, an event tracker, Items, Users and filters, and calls to it."""

    def __init__(self, mock: MockPersonalize) -> None:
        self.mock = mock
        self.campaign = deploy_campaign(mock)
        (self.group,) = (group["datasetGroupArn"] for group in mock.call("ListDatasetGroups")["datasetGroups"])
        self.items = self._dataset("Items", ITEM_FIELDS, items_csv())
        self.users = self._dataset("Users", USER_FIELDS, users_csv())
        self.seen = create(mock, "CreateFilter", name="seen", datasetGroupArn=self.group, filterExpression=SEEN)
        self.of_user = create(mock, "CreateFilter", name="user", datasetGroupArn=self.group, filterExpression=OF_USER)
        self.tracking_id = mock.call("CreateEventTracker", name="t", datasetGroupArn=self.group)["trackingId"]
        mock.clock.jump(86_400)
        self.sent = 0

    def _dataset(self, dataset_type: str, fields: Mapping[str, str], text: str) -> str:
        schema = create(self.mock, "CreateSchema", name=dataset_type, schema=avro(dataset_type, fields))
        members = {"datasetGroupArn": self.group, "datasetType": dataset_type, "schemaArn": schema}
        dataset = create(self.mock, "CreateDataset", name=dataset_type, **members)
        boto3.client("s3", region_name="us-east-1").put_object(Bucket="a-bucket", Key=dataset_type, Body=text.encode())
        location = {"dataLocation": f"s3://a-bucket/{dataset_type}"}
        create(self.mock, "CreateDatasetImportJob", jobName=dataset_type, datasetArn=dataset, dataSource=location)
        return dataset

    def put(self, user: str, count: int = 1) -> None:
        """Send new events of a user."""
        events = [self._event() for _ in range(count)]
        self.mock.call("PutEvents", trackingId=self.tracking_id, userId=user, sessionId=f"s-{user}", eventList=events)

    def _event(self) -> dict[str, object]:
        self.sent += 1
        at = self.mock.clock.timestamp() + self.sent / 1000
        return {"itemId": f"f{1 + self.sent * 7 % ITEMS:05}", "eventType": "watch", "sentAt": int(at)}

    def recommend(self, user: str, filter_arn: str | None = None) -> None:
        """Ask for recommendations."""
        members = {} if filter_arn is None else {"filterArn": filter_arn}
        self.mock.call("GetRecommendations", campaignArn=self.campaign, userId=user, **members)

    def put_users(self, number: int) -> None:
        """Send a user."""
        self.mock.call("PutUsers", datasetArn=self.users, users=[{"userId": f"n{number}", "properties": '{"age": 20}'}])

    def put_items(self, number: int) -> None:
        """Send an item."""
        item = {"itemId": f"n{number}", "properties": '{"genres": "g1"}'}
        self.mock.call("PutItems", datasetArn=self.items, items=[item])


def avro(dataset_type: str, fields: Mapping[str, str]) -> str:
    """Return an Avro schema."""
    listed = [{"name": name, "type": kind} for name, kind in fields.items()]
    return json.dumps({"type": "record", "name": dataset_type, "namespace": "n", "fields": listed, "version": "1.0"})


def items_csv() -> str:
    """Return the items of the campaign in ten genres."""
    return "".join(["ITEM_ID,GENRES\n", *(f"f{item:05},g{item % 10}\n" for item in range(1, ITEMS + 1))])


def users_csv() -> str:
    """Return the users of the campaign."""
    return "".join(["USER_ID,AGE\n", *(f"u{user:05},{user % 60}\n" for user in range(1, USERS + 1))])


def user(number: int) -> str:
    """Return the id of one of the users that the campaign knows."""
    return f"u{1 + number % USERS:05}"


def most_active_users() -> list[str]:
    """Return the ids of the users that the campaign knows, those with the longest histories first."""
    rows = generate(users=USERS, items=ITEMS, interactions=50_000).interactions.splitlines()[1:]
    return [user_id for user_id, _ in Counter(row.partition(",")[0] for row in rows).most_common()]


def microseconds(task: Callable[[], object]) -> float:
    """Return the CPU time of a task."""
    before = time.process_time()
    task()
    return 1e6 * (time.process_time() - before)


def fixed_task() -> float:
    """Return the CPU time of a task that never grows, by which times at different moments are compared."""
    return statistics.median(microseconds(lambda: sum(len(str(number)) for number in range(2_000))) for _ in range(15))


class Pace:
    """The speed of the machine, compared with that at the beginning."""

    def __init__(self) -> None:
        self._first = fixed_task()

    def median(self, task: Callable[[], object], *, times: int = 60) -> float:
        """Return the median CPU time of a task, as it would be at the beginning."""
        gc.collect()
        took = statistics.median(microseconds(task) for _ in range(times))
        return took * self._first / fixed_task()


def by_live_events() -> Iterator[Growth]:
    """Measure calls about users with few and many live events, in turn."""
    with mock_personalize() as mock:
        shop = Shop(mock)
        users = dict(zip(LIVE_EVENTS, most_active_users(), strict=False))
        for count, user_id in users.items():
            for _ in range(0, count, PUT_AT_ONCE):
                shop.put(user_id, PUT_AT_ONCE)
        calls: dict[str, Callable[[str], None]] = {
            "PutEvents of one user, by live events of the user": shop.put,
            "GetRecommendations after a new event, by live events of the user": shop.recommend,
            "GetRecommendations with an event filter, by live events of the user": lambda user: shop.recommend(
                user, shop.seen
            ),
            "GetRecommendations again, by live events of the user": shop.recommend,
        }
        times = {name: {count: [] for count in users} for name in calls}
        for _ in range(ROUNDS * 3):
            for count, user_id in users.items():
                for name, call in calls.items():
                    times[name][count].append(microseconds(partial(call, user_id)))
        for name, by_count in times.items():
            values = {count: statistics.median(taken) for count, taken in by_count.items()}
            yield Growth(name=name, unit="µs", values=values, target=1.3)


def in_turn(events: int) -> Iterator[Growth]:
    """Measure PutEvents and GetRecommendations while one user gets more and more events."""
    with mock_personalize() as mock:
        shop, pace, values = Shop(mock), Pace(), {}

        def put_and_recommend() -> None:
            shop.put("u00001")
            shop.recommend("u00001", shop.seen)

        steps = (events // 100, events // 10)
        for count in (60, *steps):
            while shop.sent < count - 60:
                put_and_recommend()
            values[count] = pace.median(put_and_recommend)
        yield Growth(name="PutEvents and a filtered GetRecommendations in turn", unit="µs", values=values, target=1.3)


def by_events_of_all(events: int) -> Iterator[Growth]:
    """Measure calls after events of many users, and the memory that these events take."""
    with mock_personalize() as mock:
        shop, pace = Shop(mock), Pace()
        puts, gets, filtered, sizes = {}, {}, {}, {}
        for count in (0, events // 100, events // 10, events):
            before, bytes_before = shop.sent, journal_bytes(mock)
            while shop.sent < count:
                shop.put(user(shop.sent))
                if shop.sent % 20 == 0:
                    shop.recommend(user(shop.sent))
            if count:
                sizes[count] = (journal_bytes(mock) - bytes_before) / max(1, (count - before) * 1.05)
            users = iter(range(count, count + 10_000))
            puts[count] = pace.median(lambda users=users: shop.put(user(next(users))))
            gets[count] = pace.median(lambda users=users: shop.recommend(user(next(users))))
            filtered[count] = pace.median(lambda users=users: shop.recommend(user(next(users)), shop.seen))
        yield Growth(name="PutEvents, by events of 1,000 users", unit="µs", values=puts, target=1.3)
        yield Growth(name="GetRecommendations, by events of 1,000 users", unit="µs", values=gets, target=1.3)
        yield Growth(
            name="GetRecommendations with an event filter, by events of 1,000 users",
            unit="µs",
            values=filtered,
            target=1.3,
        )
        yield Growth(name="Journal per call, by calls", unit="bytes", values=sizes, target=1.1, limit=400)


def by_users_of_a_filter() -> Iterator[Growth]:
    """Measure filtered recommendations while more and more users ask for them."""
    with mock_personalize() as mock:
        shop, pace = Shop(mock), Pace()
        for name, arn in (("on events", shop.seen), ("on CurrentUser", shop.of_user)):
            values, users = {}, iter(range(100_000))
            for count in (100, 1_000, 10_000):
                while (user := next(users)) < count:
                    shop.recommend(f"x{user}", arn)
                values[count] = pace.median(lambda users=users, arn=arn: shop.recommend(f"x{next(users)}", arn))
            yield Growth(
                name=f"GetRecommendations with a filter {name}, by users", unit="µs", values=values, target=1.3
            )


def by_put_records(count: int) -> Iterator[Growth]:
    """Measure PutUsers and PutItems, alone and in turn with a filter that reads the rows."""
    for name in ("PutUsers", "PutItems"):
        with mock_personalize() as mock:
            shop, pace, alone, turns = Shop(mock), Pace(), {}, {}
            put, numbers = (shop.put_users if name == "PutUsers" else shop.put_items), iter(range(10**9))
            for total in (100, count // 10, count):
                while next(numbers) < total:
                    put(next(numbers))
                alone[total] = pace.median(lambda put=put, numbers=numbers: put(next(numbers)))

                def both(shop: Shop = shop, put: Callable[[int], None] = put, numbers: Iterator[int] = numbers) -> None:
                    put(next(numbers))
                    shop.recommend("u00001", shop.of_user)

                turns[total] = pace.median(both)
            yield Growth(name=f"{name}, by earlier records", unit="µs", values=alone, target=1.3)
            yield Growth(
                name=f"{name} and a filtered GetRecommendations in turn, by earlier records",
                unit="µs",
                values=turns,
                target=1.3,
            )


def with_attribution(events: int) -> Iterator[Growth]:
    """Measure PutEvents with a metric attribution."""
    with mock_personalize() as mock:
        shop, pace, values = Shop(mock), Pace(), {}
        metrics = [{"metricName": "watched", "eventType": "watch", "expression": "SAMPLECOUNT()"}]
        members = {"datasetGroupArn": shop.group, "metrics": metrics, "metricsOutputConfig": {"roleArn": ROLE}}
        create(mock, "CreateMetricAttribution", name="a", **members)
        for count in (60, events // 100, events // 10):
            while shop.sent < count:
                shop.put(user(shop.sent))
            values[count] = pace.median(lambda: shop.put("u00001"))
        yield Growth(name="PutEvents with a metric attribution, by events", unit="µs", values=values, target=1.3)


def cloudwatch(calls: int) -> Iterator[Growth]:
    """Measure queries of CloudWatch: the first one per call before it, and later ones."""
    with mock_personalize() as mock:
        shop, pace, first, later = Shop(mock), Pace(), {}, {}
        metrics = boto3.client("cloudwatch", region_name="us-east-1")
        metrics.list_metrics(Namespace="AWS/Personalize")
        for count in (calls // 100, calls // 10, calls):
            for _ in range(count // 2):
                shop.put(user(shop.sent))
                shop.mock.call("GetRecommendations", campaignArn=shop.campaign, userId="u1", numResults=1)
            first[count] = pace.median(lambda: metrics.list_metrics(Namespace="AWS/Personalize"), times=1) / count
            later[count] = pace.median(lambda: metrics.list_metrics(Namespace="AWS/Personalize"), times=9)
        yield Growth(
            name="First ListMetrics, per call before it", unit="µs per call", values=first, target=1.3, limit=4
        )
        yield Growth(name="Another ListMetrics, by calls", unit="µs", values=later, target=1.3)


def journal_bytes(mock: MockPersonalize) -> int:
    """Return the memory of everything that only the journal refers to, directly or indirectly, and shared strings."""
    gc.collect()
    seen, size, stack = set[int](), 0, [vars(mock.journal)]
    while stack:
        item = stack.pop()
        if id(item) in seen or isinstance(item, (type, ModuleType)):
            continue
        seen.add(id(item))
        size += sys.getsizeof(item)
        stack += gc.get_referents(item)
    return size


@cache
def _tables(events: int) -> dict[str, Callable[[], Iterator[Growth]]]:
    return {
        "live": by_live_events,
        "turn": lambda: in_turn(events),
        "all": lambda: by_events_of_all(events),
        "filter": by_users_of_a_filter,
        "records": lambda: by_put_records(events // 20),
        "attribution": lambda: with_attribution(events),
        "cloudwatch": lambda: cloudwatch(events // 2),
    }


def results(*, events: int = 200_000, only: str | None = None) -> Iterator[Growth]:
    """Measure all kinds of calls, or one group of them.

    Args:
        events: Number of events in the largest run. Most other runs are a tenth of it.
        only: "live", "turn", "all", "filter", "records", "attribution" or "cloudwatch". None for all.
    """
    for name, table in _tables(events).items():
        if only in (None, name):
            yield from table()


def main() -> None:
    """Print a table for each kind of call."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--only")
    options = parser.parse_args()
    for growth in results(events=options.events, only=options.only):
        print(growth, flush=True)


if __name__ == "__main__":
    main()
