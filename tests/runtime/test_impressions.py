"""Impressions: items that were shown and not chosen are explored less."""

import pytest
from builders import ITEMS as FIELDS
from builders import (
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
