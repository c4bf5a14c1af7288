"""Runtime requests to campaigns and recommenders."""

from collections.abc import Mapping
from typing import Any

from corpus.shop import GENRES, a_filter, item_id, user_id
from corpus.stage import Stage

KNOWN_USERS = (user_id(3), user_id(57), user_id(110))
NEW_USER = "stranger"
CANDIDATES = [item_id(item) for item in range(0, 60, 3)] + ["unheard-of"]

EXPRESSIONS: Mapping[str, str] = {
    "seen": 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")',
    "genre": "INCLUDE ItemID WHERE Items.GENRES IN ($GENRE)",
    "price": "INCLUDE ItemID WHERE Items.PRICE >= $LOW AND Items.PRICE < $HIGH",
    "young": 'EXCLUDE ItemID WHERE Items.GENRES IN ("Horror", "Crime") IF CurrentUser.AGE < 40',
    "alike": "INCLUDE ItemID WHERE Items.GENRES IN CurrentItem.GENRES AND Items.PRICE < CurrentItem.PRICE",
}


def create_filters(stage: Stage, group: str) -> Mapping[str, str]:
    """Create the filters of the requests and return their ARNs by name."""
    return {name: a_filter(stage, group, name, expression) for name, expression in EXPRESSIONS.items()}


def request_items(stage: Stage, source: Mapping[str, str], filters: Mapping[str, str]) -> None:
    """Request recommendations in every way. Recipes that do not support a request record the error."""

    def ask(note: str, **members: Any) -> None:
        stage.try_call("GetRecommendations", note, **source, **members)

    for user in (*KNOWN_USERS, NEW_USER):
        ask("plain", userId=user, itemId=item_id(4), numResults=12)
    ask("all that there is", userId=KNOWN_USERS[0], itemId=item_id(5), numResults=500)
    ask("no number", userId=KNOWN_USERS[1], itemId=item_id(140))
    ask("unknown item", userId=KNOWN_USERS[1], itemId="unheard-of")
    ask("no item", userId=KNOWN_USERS[1])
    ask("nobody")
    about = {"userId": KNOWN_USERS[0], "itemId": item_id(9), "numResults": 10}
    if "seen" in filters:
        ask("unseen", filterArn=filters["seen"], **about)
        ask("unseen by a stranger", filterArn=filters["seen"], **{**about, "userId": NEW_USER})
    if "genre" in filters:
        ask("genre", filterArn=filters["genre"], filterValues={"GENRE": '"Comedy","Western"'}, **about)
        ask("genre without a value", filterArn=filters["genre"], **about)
        bounds = {"LOW": "3", "HIGH": "6.5"}
        ask("price", filterArn=filters["price"], filterValues=bounds, **about)
        ask("young", filterArn=filters["young"], **about)
        ask("alike", filterArn=filters["alike"], **about)
        values = {"GENRE": f'"{GENRES[3]}"'}
        promotion = {"name": "push", "percentPromotedItems": 30, "filterArn": filters["genre"], "filterValues": values}
        ask("promotion", promotions=[promotion], **about)
        ask("promotion and filter", promotions=[promotion], filterArn=filters["seen"], **about)
    ask("mobile", context={"DEVICE": "mobile"}, **about)
    ask("tv", context={"DEVICE": "tv"}, **about)
    ask("unknown context", context={"WEATHER": "rain"}, **about)
    ask("metadata", metadataColumns={"ITEMS": ["TITLE", "PRICE", "YEAR"]}, **about)
    ask("unknown metadata", metadataColumns={"ITEMS": ["COLOUR"]}, **about)


def request_rankings(stage: Stage, campaign: str, filters: Mapping[str, str]) -> None:
    """Request rankings in every way."""

    def ask(note: str, **members: Any) -> None:
        request = {"campaignArn": campaign, "userId": KNOWN_USERS[0], "inputList": CANDIDATES, **members}
        stage.try_call("GetPersonalizedRanking", note, **request)

    for user in (*KNOWN_USERS, NEW_USER):
        ask("plain", userId=user)
    ask("twice the same", inputList=[item_id(1), item_id(2), item_id(1)])
    ask("unseen", filterArn=filters["seen"])
    ask("genre", filterArn=filters["genre"], filterValues={"GENRE": '"Drama"'})
    ask("young", filterArn=filters["young"])
    ask("alike", filterArn=filters["alike"])
    ask("mobile", context={"DEVICE": "mobile"})
    ask("metadata", metadataColumns={"ITEMS": ["TITLE"]})
    ask("nothing", inputList=[])
