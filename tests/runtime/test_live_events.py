"""What users do now changes what they are recommended next."""

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

UP = "aws-user-personalization"


class Live:
    """A shop whose users may act; each test has users of its own."""

    def __init__(self, shop):
        self.shop = shop
        self.tracker = an_event_tracker(shop.mock, shop.group)
        self.events = client("personalize-events")

    def watch(self, user, *items):
        described = self.shop.mock.call("DescribeEventTracker", eventTrackerArn=self.tracker)["eventTracker"]
        now = self.shop.mock.clock.now()
        events = [{"eventType": "Watch", "itemId": item, "sentAt": now} for item in items]
        self.events.put_events(
            trackingId=described["trackingId"], sessionId=f"session of {user}", userId=user, eventList=events
        )


@pytest.fixture(scope="module")
def live(shop):
    return Live(shop)


def side(items):
    """The share of items of the second half."""
    return sum(int(item[1:]) >= 30 for item in items) / len(items)


def test_a_new_user_gets_what_belongs_to_the_first_events(shop, live):
    before = shop.ids(UP, userId="newcomer", numResults=10)
    live.watch("newcomer", "i40", "i43", "i46")
    after = shop.ids(UP, userId="newcomer", numResults=10)
    assert before != after
    assert side(after) > 0.9


def test_events_of_one_user_change_nothing_for_another(shop, live):
    before = shop.recommend(UP, userId="u5")
    live.watch("someone", "i3", "i6", "i9")
    assert shop.recommend(UP, userId="u5") == before


def test_a_known_users_list_follows_the_turn_of_taste(shop, live):
    before = shop.ids(UP, userId="u2", numResults=10)
    live.watch("u2", *(f"i{number}" for number in range(31, 41)))
    assert side(shop.ids(UP, userId="u2", numResults=10)) > side(before)


def test_a_session_is_recommended_to_by_its_id(shop, live):
    described = shop.mock.call("DescribeEventTracker", eventTrackerArn=live.tracker)["eventTracker"]
    event = {"eventType": "Watch", "itemId": "i50", "sentAt": shop.mock.clock.now()}
    live.events.put_events(trackingId=described["trackingId"], sessionId="anonymous-1", eventList=[event])
    assert shop.ids(UP, userId="anonymous-1") != shop.ids(UP, userId="nobody-at-all")


@pytest.mark.parametrize("recipe", ["aws-popularity-count", "aws-hrnn", "aws-user-personalization-v2"])
def test_only_recipes_that_notice_events_answer_otherwise(shop, live, recipe):
    before = shop.ids(recipe, userId=f"user of {recipe}")
    live.watch(f"user of {recipe}", "i40", "i43", "i46")
    assert (shop.ids(recipe, userId=f"user of {recipe}") != before) == (recipe != "aws-popularity-count")


def test_rankings_follow_too(shop, live):
    items = ["i1", "i2", "i35", "i36"]
    live.watch("ranked", "i40", "i43", "i46")
    assert {each["itemId"] for each in shop.rank(items, userId="ranked")[:2]} == {"i35", "i36"}


def test_filters_see_an_event_at_once(shop, live):
    watched = shop.filter('INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("watch")')
    unwatched = shop.filter('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("watch")')
    assert shop.ids(userId="filtering", filterArn=watched) == []
    live.watch("filtering", "i4", "i5")
    assert sorted(shop.ids(userId="filtering", filterArn=watched)) == ["i4", "i5"]
    assert not {"i4", "i5"} & set(shop.ids(userId="filtering", filterArn=unwatched, numResults=100))


def test_an_item_that_no_model_knows_is_no_harm(shop, live):
    before = shop.ids(UP, userId="odd")
    live.watch("odd", "never-heard-of")
    assert shop.ids(UP, userId="odd") == before


def test_items_put_one_by_one_are_seen_by_filters_and_metadata(shop):
    changed = {"genres": "Western", "price": 1000, "onSale": True, "creationTimestamp": 1_700_000_000}
    client("personalize-events").put_items(
        datasetArn=shop.items, items=[{"itemId": "i59", "properties": json.dumps(changed)}]
    )
    western = shop.filter('INCLUDE ItemID WHERE Items.GENRES IN ("Western")')
    found = shop.recommend(
        config={"enableMetadataWithRecommendations": True}, filterArn=western, metadataColumns={"ITEMS": ["PRICE"]}
    )
    assert found == [{"itemId": "i59", "metadata": {"price": "1000.0"}}]


def test_the_next_training_knows_the_events(shop, live):
    group = a_dataset_group(shop.mock, "from-events")
    an_import_job(shop.mock, a_dataset(shop.mock, group))
    tracker = an_event_tracker(shop.mock, group)
    described = shop.mock.call("DescribeEventTracker", eventTrackerArn=tracker)["eventTracker"]
    for user in range(60):
        event = {"eventType": "Watch", "itemId": "a-new-hit", "sentAt": shop.mock.clock.now()}
        live.events.put_events(
            trackingId=described["trackingId"], sessionId=f"s{user}", userId=f"u{user}", eventList=[event]
        )
    version = a_solution_version(
        shop.mock, a_solution(shop.mock, group, "aws-popularity-count", name="hits", performAutoTraining=False)
    )
    arn = a_campaign(shop.mock, version, name="hits")
    best = shop.runtime.get_recommendations(campaignArn=arn, userId="x", numResults=1)["itemList"]
    assert best == [{"itemId": "a-new-hit"}]
