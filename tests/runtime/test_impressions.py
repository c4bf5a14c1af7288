"""Impressions: items that were shown and not chosen are explored less."""

import pytest
from builders import (
    INTERACTIONS,
    START,
    a_campaign,
    a_dataset,
    a_group_with_data,
    a_solution,
    a_solution_version,
    an_event_tracker,
    an_import_job,
    client,
    csv_text,
    items_csv,
    settle,
)
from builders import ITEMS as FIELDS
from put_events import Shop as EventShop
from put_events import dataset as stored

UP = "aws-user-personalization"
COLD = ("x0", "x1")
EXPLORING = {"itemExplorationConfig": {"explorationWeight": "1", "explorationItemAgeCutOff": "365"}}


class Shop:
    """A shop with two similar cold items."""

    def __init__(self, mock):
        self.mock = mock
        self.group = a_group_with_data(mock, "shop", "Interactions")
        items = a_dataset(mock, self.group, "Items")
        new = csv_text(list(FIELDS), [(item, "Comedy", 1, START + 10**5) for item in COLD])
        an_import_job(mock, items, items_csv() + new.partition("\n")[2])
        self.solution = a_solution(mock, self.group, UP, performAutoTraining=False)
        tracker = mock.call("DescribeEventTracker", eventTrackerArn=an_event_tracker(mock, self.group))
        self.tracking_id = tracker["eventTracker"]["trackingId"]

    def campaign(self, name):
        version = a_solution_version(self.mock, self.solution)
        return a_campaign(self.mock, version, name=name, campaignConfig=EXPLORING)

    def answer(self, campaign, user, **members):
        return client("personalize-runtime").get_recommendations(campaignArn=campaign, userId=user, **members)

    def only(self, *items):
        id_list = ", ".join(f'"{item}"' for item in items)
        text = f"INCLUDE ItemID WHERE Items.ITEM_ID IN ({id_list})"
        name = "-".join(("only", *items))
        response = self.mock.call("CreateFilter", name=name, datasetGroupArn=self.group, filterExpression=text)
        return settle(self.mock, response["filterArn"])

    def put(self, number, **members):
        event = {"eventType": "Watch", "itemId": "i1", "sentAt": START + number, **members}
        client("personalize-events").put_events(
            trackingId=self.tracking_id, sessionId="s", userId=f"u{number % 50}", eventList=[event]
        )

    def count_first(self, item, campaign, new):
        """Return how many of 50 users get an item before the other one."""
        lists = (self.answer(campaign, f"u{user}", filterArn=new)["itemList"] for user in range(50))
        return sum(items[0]["itemId"] == item for items in lists)


@pytest.fixture
def shop(mock):
    return Shop(mock)


def explicit_impression(shop, campaign):
    return {"impression": ["i1", "x0"]}


def implicit_impression(shop, campaign):
    answer = shop.answer(campaign, "u1", filterArn=shop.only("x0"))
    assert [item["itemId"] for item in answer["itemList"]] == ["x0"]
    return {"recommendationId": answer["recommendationId"]}


@pytest.mark.parametrize("impression", [explicit_impression, implicit_impression])
def test_items_that_are_shown_and_not_chosen_are_explored_less(shop, impression):
    new, before = shop.only(*COLD), shop.campaign("before")
    members = impression(shop, before)
    for number in range(200):
        shop.put(number, **members)
    after = shop.campaign("after")

    assert shop.count_first("x0", after, new) < shop.count_first("x0", before, new) / 2


@pytest.mark.parametrize("fields", [INTERACTIONS, {**INTERACTIONS, "IMPRESSION": "string"}], ids=["", "in the schema"])
def test_25_items_with_ids_of_256_characters_are_a_legal_impression(mock, fields):
    shop = EventShop(mock, fields)
    shown = [f"{number:03}".ljust(256, "x") for number in range(25)]
    shop.put({"itemId": shown[0], "impression": shown})
    (record,) = stored(shop.interactions).contents.records
    assert record.impression == tuple(shown)
    assert [row.get("IMPRESSION") for row in shop.rows] == ["|".join(shown) if "IMPRESSION" in fields else None]


@pytest.mark.parametrize("fields", [INTERACTIONS, {**INTERACTIONS, "IMPRESSION": "string"}], ids=["", "in the schema"])
def test_an_event_may_name_a_recommendation_of_any_length(mock, fields):
    """A production client asks for 200 items and sends the recommendationId alone."""
    shop = EventShop(mock, fields)
    rows = [f"u{n % 50},item-with-a-long-name-{n % 250},Watch,{START + n}" for n in range(1500)]
    columns = "USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP"
    if "IMPRESSION" in fields:
        columns, rows = f"{columns},IMPRESSION", [f"{row},a|b" for row in rows]
    an_import_job(mock, shop.interactions, "\n".join([columns, *rows]))
    campaign = a_campaign(mock, a_solution_version(mock, a_solution(mock, shop.group, "aws-popularity-count")))
    runtime = client("personalize-runtime")
    answer = runtime.get_recommendations(campaignArn=campaign, userId="u1", numResults=200)
    shown = [item["itemId"] for item in answer["itemList"]]
    assert len(shown) == 200
    shop.put({"itemId": shown[0], "recommendationId": answer["recommendationId"]})
    (record,) = stored(shop.interactions).contents.records
    assert record.impression == tuple(shown)
