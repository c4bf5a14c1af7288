"""Real-time personalization: PutEvents changes the next recommendations."""

import json

import pytest
from builders import (
    a_campaign,
    a_dataset,
    a_dataset_group,
    a_solution,
    a_solution_version,
    an_event_tracker,
    an_import_job,
    client,
)

from personalize_mock.data.put_log import PutLog

UP = "aws-user-personalization"


class Events:
    """An event tracker of the shop. Each test has its own users."""

    def __init__(self, shop):
        self.shop = shop
        self.tracker = an_event_tracker(shop.mock, shop.group)
        self.client = client("personalize-events")

    def watch(self, user, *items):
        described = self.shop.mock.call("DescribeEventTracker", eventTrackerArn=self.tracker)["eventTracker"]
        now = self.shop.mock.clock.now()
        event_list = [{"eventType": "Watch", "itemId": item, "sentAt": now} for item in items]
        self.client.put_events(
            trackingId=described["trackingId"], sessionId=f"session of {user}", userId=user, eventList=event_list
        )


@pytest.fixture(scope="module")
def events(shop):
    return Events(shop)


def second_half_share(items):
    """Return the share of items of the second half."""
    return sum(int(item[1:]) >= 30 for item in items) / len(items)


def test_a_new_user_gets_items_similar_to_the_first_events(shop, events):
    before = shop.ids(UP, userId="new-user", numResults=10)
    events.watch("new-user", "i40", "i43", "i46")
    after = shop.ids(UP, userId="new-user", numResults=10)
    assert before != after
    assert second_half_share(after) > 0.9


def test_events_of_one_user_do_not_affect_another(shop, events):
    before = shop.recommend(UP, userId="u5")
    events.watch("someone", "i3", "i6", "i9")
    assert shop.recommend(UP, userId="u5") == before


def test_recommendations_follow_new_interests_of_a_known_user(shop, events):
    before = shop.ids(UP, userId="u2", numResults=10)
    events.watch("u2", *(f"i{number}" for number in range(31, 41)))
    assert second_half_share(shop.ids(UP, userId="u2", numResults=10)) > second_half_share(before)


def test_a_session_without_a_user_gets_recommendations_by_its_id(shop, events):
    described = shop.mock.call("DescribeEventTracker", eventTrackerArn=events.tracker)["eventTracker"]
    event = {"eventType": "Watch", "itemId": "i50", "sentAt": shop.mock.clock.now()}
    events.client.put_events(trackingId=described["trackingId"], sessionId="anonymous-1", eventList=[event])
    assert shop.ids(UP, userId="anonymous-1") != shop.ids(UP, userId="nobody-at-all")


@pytest.mark.parametrize("recipe", ["aws-popularity-count", "aws-hrnn", "aws-user-personalization-v2"])
def test_events_change_the_recommendations_of_realtime_recipes_only(shop, events, recipe):
    before = shop.ids(recipe, userId=f"user of {recipe}")
    events.watch(f"user of {recipe}", "i40", "i43", "i46")
    assert (shop.ids(recipe, userId=f"user of {recipe}") != before) == (recipe != "aws-popularity-count")


def test_rankings_follow_events(shop, events):
    items = ["i1", "i2", "i35", "i36"]
    events.watch("ranked", "i40", "i43", "i46")
    assert {item["itemId"] for item in shop.rank(items, userId="ranked")[:2]} == {"i35", "i36"}


def test_a_request_reads_only_the_events_that_are_new(shop, events, monkeypatch):
    unwatched = shop.filter('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("watch")')
    for start in range(0, 50, 10):
        events.watch("busy", *(f"i{number}" for number in range(start, start + 10)))
    shop.ids(UP, userId="busy", filterArn=unwatched)
    reads, read = [], PutLog._interaction
    monkeypatch.setattr(PutLog, "_interaction", lambda log, row: reads.append(row) or read(log, row))
    events.watch("busy", "i55")
    assert "i55" not in shop.ids(UP, userId="busy", filterArn=unwatched)
    assert [row[1] for row in reads] == ["i55", "i55"]  # by the model and by the filter


def test_filters_see_events_immediately(shop, events):
    watched = shop.filter('INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("watch")')
    unwatched = shop.filter('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("watch")')
    assert shop.ids(userId="filtering", filterArn=watched) == []
    events.watch("filtering", "i4", "i5")
    assert sorted(shop.ids(userId="filtering", filterArn=watched)) == ["i4", "i5"]
    assert not {"i4", "i5"} & set(shop.ids(userId="filtering", filterArn=unwatched, numResults=100))


def test_events_on_unknown_items_are_ignored(shop, events):
    before = shop.ids(UP, userId="odd")
    events.watch("odd", "never-heard-of")
    assert shop.ids(UP, userId="odd") == before


def test_filters_and_metadata_see_items_from_put_items(shop):
    changed = {"genres": "Western", "price": 1000, "onSale": True, "creationTimestamp": 1_700_000_000}
    client("personalize-events").put_items(
        datasetArn=shop.items, items=[{"itemId": "i59", "properties": json.dumps(changed)}]
    )
    western = shop.filter('INCLUDE ItemID WHERE Items.GENRES IN ("Western")')
    items = shop.recommend(
        config={"enableMetadataWithRecommendations": True}, filterArn=western, metadataColumns={"ITEMS": ["PRICE"]}
    )
    assert items == [{"itemId": "i59", "metadata": {"price": "1000.0"}}]


def test_the_next_training_uses_the_events(shop, events):
    group = a_dataset_group(shop.mock, "from-events")
    an_import_job(shop.mock, a_dataset(shop.mock, group))
    tracker = an_event_tracker(shop.mock, group)
    described = shop.mock.call("DescribeEventTracker", eventTrackerArn=tracker)["eventTracker"]
    for user in range(60):
        event = {"eventType": "Watch", "itemId": "a-new-hit", "sentAt": shop.mock.clock.now()}
        events.client.put_events(
            trackingId=described["trackingId"], sessionId=f"s{user}", userId=f"u{user}", eventList=[event]
        )
    version = a_solution_version(
        shop.mock, a_solution(shop.mock, group, "aws-popularity-count", name="hits", performAutoTraining=False)
    )
    arn = a_campaign(shop.mock, version, name="hits")
    best = shop.runtime.get_recommendations(campaignArn=arn, userId="x", numResults=1)["itemList"]
    assert best == [{"itemId": "a-new-hit"}]
