"""Live events and records: their effects at once, after the next update and after the next training."""

import json
from typing import Any

from corpus.runtime_requests import CANDIDATES, KNOWN_USERS
from corpus.shop import DAY, Shop, a_campaign, a_filter, a_solution, a_tracker, item_id, open_shop
from corpus.stage import Stage, recipe

SEEN = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("Watch")'
NAMES = ("aws-user-personalization", "aws-user-personalization-v2", "aws-personalized-ranking", "aws-similar-items")


def play(stage: Stage) -> None:
    """Put events and records, and compare recommendations in between."""
    shop = open_shop(stage)
    seen = a_filter(stage, shop.group, "seen", SEEN)
    genre = a_filter(stage, shop.group, "genre", "INCLUDE ItemID WHERE Items.GENRES IN ($GENRE)")
    member = 'EXCLUDE ItemID WHERE Items.PRICE > 5 IF CurrentUser.MEMBERSHIP = "Free"'
    filters = {"seen": seen, "genre": genre, "member": a_filter(stage, shop.group, "member", member)}
    tracking = a_tracker(stage, shop.group)
    campaigns = []
    for name in NAMES:
        solution = a_solution(stage, shop.group, recipe(name), name)
        campaigns.append(a_campaign(stage, stage.train(solution), name, enableMetadataWithRecommendations=True))
    _look(stage, campaigns, filters, "before")
    _put_events(stage, tracking, campaigns[0])
    _look(stage, campaigns, filters, "after events")
    _put_records(stage, shop)
    _look(stage, campaigns, filters, "after records")
    stage.jump(2 * 3600 + 60)
    _look(stage, campaigns, filters, "after an update")
    for name, campaign in zip(NAMES, campaigns, strict=True):
        version = stage.train(stage.describe(campaign)["solutionVersionArn"].rpartition("/")[0], f"again {name}")
        stage.create_and_wait("UpdateCampaign", campaignArn=campaign, solutionVersionArn=version, minProvisionedTPS=2)
    _look(stage, campaigns, filters, "after a training")
    stage.jump(95 * DAY)
    _look(stage, campaigns, filters, "after three months")
    for kind in shop.datasets.values():
        stage.describe(kind)


def _put_events(stage: Stage, tracking: str, campaign: str) -> None:
    now = stage.mock.clock.now()
    shown = stage.call("GetRecommendations", "to be shown", campaignArn=campaign, userId=KNOWN_USERS[0], numResults=5)

    def put(note: str, user: str | None, session: str, *events: Any) -> None:
        user_id = {} if user is None else {"userId": user}
        given = [
            {"eventType": "Watch", "sentAt": now, "properties": json.dumps({"DEVICE": "mobile"}), **event}
            for event in events
        ]
        stage.try_call("PutEvents", note, trackingId=tracking, sessionId=session, eventList=given, **user_id)

    put("by a known user", KNOWN_USERS[0], "s1", *({"itemId": item_id(item), "eventValue": 0.8} for item in range(5)))
    put("by nobody yet", None, "s2", {"itemId": item_id(10)}, {"itemId": item_id(11)})
    put("by the same session", "fresh", "s2", {"itemId": item_id(12), "eventId": "e1"})
    put("a click", "fresh", "s2", {"itemId": item_id(13), "eventType": "Click"})
    impression = [entry["itemId"] for entry in shown["itemList"]]
    put("of a list", KNOWN_USERS[0], "s1", {"itemId": impression[2], "recommendationId": shown["recommendationId"]})
    put("of an impression", KNOWN_USERS[1], "s3", {"itemId": item_id(20), "impression": impression})
    attribution = {"eventAttributionSource": "home"}
    put("with a source", KNOWN_USERS[2], "s4", {"itemId": item_id(21), "metricAttribution": attribution})
    put("an unknown item", KNOWN_USERS[2], "s4", {"itemId": "i950"})
    put("without an item", KNOWN_USERS[2], "s4", {})
    put("bad properties", KNOWN_USERS[2], "s4", {"itemId": item_id(1), "properties": "{"})
    put("forbidden property", KNOWN_USERS[2], "s4", {"itemId": item_id(1), "properties": '{"userId": "x"}'})


def _put_records(stage: Stage, shop: Shop) -> None:
    film = {
        "TITLE": "The ghost 950",
        "GENRES": "Horror",
        "PRICE": 2.5,
        "CREATION_TIMESTAMP": 1_719_700_000,
        "YEAR": 2024,
    }
    items = [
        {"itemId": "i950", "properties": json.dumps({**film, "DESCRIPTION": "A scream in the night."})},
        {"itemId": item_id(2), "properties": json.dumps({**film, "genres": "Comedy"} | {"GENRES": "Comedy"})},
    ]
    stage.call("PutItems", datasetArn=shop.datasets["Items"], items=items[:1])
    stage.try_call("PutItems", "twice a field", datasetArn=shop.datasets["Items"], items=items[1:])
    again = [{"itemId": item_id(2), "properties": json.dumps({**film, "price": 99}).replace('"PRICE": 2.5, ', "")}]
    stage.try_call("PutItems", "replaced", datasetArn=shop.datasets["Items"], items=again)
    users = [
        {"userId": KNOWN_USERS[0], "properties": '{"AGE": 20, "MEMBERSHIP": "Free"}'},
        {"userId": "fresh", "properties": '{"age": 71, "membership": "Premium"}'},
    ]
    stage.call("PutUsers", datasetArn=shop.datasets["Users"], users=users)


def _look(stage: Stage, campaigns: list[str], filters: dict[str, str], note: str) -> None:
    personal, newer, ranking, related = campaigns
    for user in (*KNOWN_USERS, "fresh", "s2", "nobody"):
        for campaign in (personal, newer):
            stage.call("GetRecommendations", note, campaignArn=campaign, userId=user, numResults=15)
        stage.call("GetPersonalizedRanking", note, campaignArn=ranking, userId=user, inputList=[*CANDIDATES, "i950"])
        request = {"campaignArn": personal, "userId": user, "numResults": 15}
        stage.call("GetRecommendations", f"{note}, unwatched", filterArn=filters["seen"], **request)
        stage.call("GetRecommendations", f"{note}, member", filterArn=filters["member"], **request)
        values = {"GENRE": '"Horror"'}
        stage.call("GetRecommendations", f"{note}, horror", filterArn=filters["genre"], filterValues=values, **request)
    for item in (item_id(2), "i950"):
        columns = {"ITEMS": ["TITLE", "PRICE"]}
        request = {"campaignArn": related, "itemId": item, "numResults": 6, "metadataColumns": columns}
        stage.try_call("GetRecommendations", note, **request)
