"""Calls after many earlier calls in the same mock.

Two mocks have the same campaign. In one of them there were no earlier calls. The floor of a call is the same call in
this mock; both run in turn. In the other mock, one user has as many events of PutEvents as the size says, many users
together have as many again, and as many users were sent by PutUsers and asked for filtered recommendations. Calls are
made with `mock.call`, so the time of botocore does not hide growth. "After an event" means that the call follows a
PutEvents of the same user. The memory is that of everything to which the journal refers.
"""

import contextlib
import gc
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from types import ModuleType

import boto3
from botocore.exceptions import ClientError
from campaigns import REGION, create, deploy_campaign
from measure import ROUNDS, Result, against, alone, alternate, seconds, times
from report import main

from personalize_mock import MockPersonalize, mock_personalize
from personalize_mock.moto_backend.cloudwatch import MetricProvider
from personalize_mock.synthetic import generate

SIZES = (1_000, 20_000)
USERS, ITEMS = 1_000, 1_682  # of `deploy_campaign`
TARGET = 1.5  # of calls after many others
TARGETS = {"journal per 100,000 calls": 30 * 2**20, "first ListMetrics, per call": 1e-5}
AT_ONCE = 10  # events per PutEvents, the quota of the service
ROLE = "arn:aws:iam::123456789012:role/any"
SEEN = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'
OF_USER = 'INCLUDE ItemID WHERE Items.GENRES IN ("g1") IF CurrentUser.AGE > 17'
ITEM_FIELDS = {"ITEM_ID": "string", "GENRES": "string"}
USER_FIELDS = {"USER_ID": "string", "AGE": "int"}


class Shop:
    """A mock with a campaign, an event tracker, a metric attribution, Items, Users and filters, and calls to it."""

    def __init__(self, mock: MockPersonalize) -> None:
        self.mock = mock
        self.campaign = deploy_campaign(mock)
        (self.group,) = (group["datasetGroupArn"] for group in mock.call("ListDatasetGroups")["datasetGroups"])
        self.items = self._dataset("Items", ITEM_FIELDS, items_csv())
        self.users = self._dataset("Users", USER_FIELDS, users_csv())
        self.seen = create(mock, "CreateFilter", name="seen", datasetGroupArn=self.group, filterExpression=SEEN)
        self.of_user = create(mock, "CreateFilter", name="user", datasetGroupArn=self.group, filterExpression=OF_USER)
        metrics = [{"metricName": "watched", "eventType": "watch", "expression": "SAMPLECOUNT()"}]
        members = {"datasetGroupArn": self.group, "metrics": metrics, "metricsOutputConfig": {"roleArn": ROLE}}
        create(mock, "CreateMetricAttribution", name="a", **members)
        self.tracking_id = mock.call("CreateEventTracker", name="t", datasetGroupArn=self.group)["trackingId"]
        mock.clock.jump(86_400)
        self.sent = 0
        self.asked = 0

    def _dataset(self, dataset_type: str, fields: Mapping[str, str], text: str) -> str:
        schema = create(self.mock, "CreateSchema", name=dataset_type, schema=avro(dataset_type, fields))
        members = {"datasetGroupArn": self.group, "datasetType": dataset_type, "schemaArn": schema}
        dataset = create(self.mock, "CreateDataset", name=dataset_type, **members)
        boto3.client("s3", region_name=REGION).put_object(Bucket="a-bucket", Key=dataset_type, Body=text.encode())
        location = {"dataLocation": f"s3://a-bucket/{dataset_type}"}
        create(self.mock, "CreateDatasetImportJob", jobName=dataset_type, datasetArn=dataset, dataSource=location)
        return dataset

    def put(self, user_id: str, count: int = 1) -> None:
        """Send new events of a user."""
        events = [self._event() for _ in range(count)]
        session = f"session of {user_id}"
        self.mock.call("PutEvents", trackingId=self.tracking_id, userId=user_id, sessionId=session, eventList=events)

    def _event(self) -> dict[str, object]:
        self.sent += 1
        at = int(self.mock.clock.timestamp()) + self.sent // 100
        return {"itemId": f"f{1 + self.sent * 7 % ITEMS:05}", "eventType": "watch", "sentAt": at}

    def recommend(self, user_id: str, filter_arn: str | None = None) -> None:
        """Ask for recommendations."""
        members = {} if filter_arn is None else {"filterArn": filter_arn}
        self.mock.call("GetRecommendations", campaignArn=self.campaign, userId=user_id, **members)

    def recommend_to_another(self) -> None:
        """Ask for filtered recommendations for a user who has not asked before."""
        self.asked += 1
        self.recommend(f"n{self.asked}", self.of_user)

    def put_user(self, user_id: str) -> None:
        """Send a user."""
        self.mock.call("PutUsers", datasetArn=self.users, users=[{"userId": user_id, "properties": '{"age": 20}'}])

    def put_item(self, item_id: str) -> None:
        """Send an item."""
        item = {"itemId": item_id, "properties": '{"genres": "g1"}'}
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


def most_active_user() -> str:
    """Return the id of the user with the longest history."""
    rows = generate(users=USERS, items=ITEMS, interactions=50_000).interactions.splitlines()[1:]
    return Counter(row.partition(",")[0] for row in rows).most_common(1)[0][0]


def results(sizes: Sequence[int] = SIZES) -> Iterator[Result]:
    """Yield the results for each number of earlier calls."""
    user_id = most_active_user()
    with mock_personalize() as one, mock_personalize(isolated=True) as other:
        few, many = Shop(one), Shop(other)
        for size in sorted(sizes):
            before = journal_bytes(many.mock), len(many.mock.journal)
            grow(many, size, user_id)
            after = journal_bytes(many.mock), len(many.mock.journal)
            yield from compare(few, many, size, user_id)
            name = "journal per 100,000 calls"
            per_call = (after[0] - before[0]) / (after[1] - before[1])
            yield alone(f"{size:,}: {name}", [1e5 * per_call], target=TARGETS[name], unit="B")
    for size in sizes:
        yield from cloudwatch(size)


def grow(shop: Shop, size: int, user_id: str) -> None:
    """Make the earlier calls."""
    while shop.sent < size:
        shop.put(user_id, AT_ONCE)
    for number in range(shop.asked, size):
        shop.put(f"u{1 + number % USERS:05}")
        shop.put_user(f"n{number}")
        shop.recommend_to_another()


def compare(few: Shop, many: Shop, size: int, user_id: str) -> Iterator[Result]:
    """Compare calls in a mock with few and with many earlier calls."""
    steps: dict[str, Callable[[Shop], object]] = {
        "PutEvents": lambda shop: shop.put(user_id),
        "GetRecommendations after an event": lambda shop: shop.recommend(user_id),
        "GetRecommendations with an event filter": lambda shop: shop.recommend(user_id, shop.seen),
        "GetRecommendations again": lambda shop: shop.recommend(user_id),
        "GetRecommendations with a filter, for another user": Shop.recommend_to_another,
        "PutUsers": lambda shop: shop.put_user(f"p{shop.sent}"),
        "GetRecommendations with a filter after PutUsers": lambda shop: shop.recommend(user_id, shop.of_user),
        "PutItems": lambda shop: shop.put_item(f"p{shop.sent}"),
        "GetRecommendations with a filter after PutItems": lambda shop: shop.recommend(user_id, shop.of_user),
    }
    taken = alternate({shop: partial(_round, shop, steps) for shop in (few, many)}, rounds=3 * ROUNDS)
    for name in steps:
        own, floors = ([times[name] for times in taken[shop]] for shop in (many, few))
        yield against(f"{size:,}: {name}", own, floors, target=TARGET)


def _round(shop: Shop, steps: Mapping[str, Callable[[Shop], object]]) -> dict[str, float]:
    """Run each step once, and return its seconds."""
    return {name: seconds(partial(step, shop)) for name, step in steps.items()}


def cloudwatch(size: int) -> Iterator[Result]:
    """Measure the first ListMetrics after `size` calls, and further ones."""
    with mock_personalize() as mock:
        campaign = f"arn:aws:personalize:{REGION}:123456789012:campaign/none"
        list_metrics = partial(boto3.client("cloudwatch", region_name=REGION).list_metrics, MetricName="none")
        list_metrics()
        for _ in range(size):
            with contextlib.suppress(ClientError):
                mock.call("GetRecommendations", campaignArn=campaign, userId="u1")

        def first() -> None:
            MetricProvider.metrics.clear()
            list_metrics()

        taken = times({"first": first, "again": list_metrics})
    name = "first ListMetrics, per call"
    yield alone(f"{size:,}: {name}", [whole / size for whole in taken["first"]], target=TARGETS[name])
    yield alone(f"{size:,}: another ListMetrics", taken["again"])


def journal_bytes(mock: MockPersonalize) -> int:
    """Return the memory of everything to which the journal refers, directly or indirectly."""
    gc.collect()
    seen, size, stack = set[int](), 0, [vars(mock.journal)]
    while stack:
        item = stack.pop()
        if id(item) not in seen and not isinstance(item, (type, ModuleType)):
            seen.add(id(item))
            size += sys.getsizeof(item)
            stack += gc.get_referents(item)
    return size


if __name__ == "__main__":
    main(results, sizes=SIZES)
