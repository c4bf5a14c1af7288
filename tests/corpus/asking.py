"""Questions to campaigns and recommenders, the same for each of them."""

from collections.abc import Mapping
from typing import Any

from corpus.shop import GENRES, a_filter, item_id, user_id
from corpus.stage import Stage

KNOWN = (user_id(3), user_id(57), user_id(110))
STRANGER = "stranger"
CANDIDATES = [item_id(item) for item in range(0, 60, 3)] + ["unheard-of"]

EXPRESSIONS: Mapping[str, str] = {
    "seen": 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")',
    "genre": "INCLUDE ItemID WHERE Items.GENRES IN ($GENRE)",
    "price": "INCLUDE ItemID WHERE Items.PRICE >= $LOW AND Items.PRICE < $HIGH",
    "young": 'EXCLUDE ItemID WHERE Items.GENRES IN ("Horror", "Crime") IF CurrentUser.AGE < 40',
    "alike": "INCLUDE ItemID WHERE Items.GENRES IN CurrentItem.GENRES AND Items.PRICE < CurrentItem.PRICE",
}


def filters_of(stage: Stage, group: str) -> Mapping[str, str]:
    """Make the filters that the questions use; return their ARNs by name."""
    return {name: a_filter(stage, group, name, expression) for name, expression in EXPRESSIONS.items()}


def ask_for_items(stage: Stage, source: Mapping[str, str], filters: Mapping[str, str]) -> None:
    """Ask for recommendations in every way; what a recipe does not answer is recorded as its refusal."""

    def ask(note: str, **members: Any) -> None:
        stage.tried("GetRecommendations", note, **source, **members)

    for user in (*KNOWN, STRANGER):
        ask("plain", userId=user, itemId=item_id(4), numResults=12)
    ask("all that there is", userId=KNOWN[0], itemId=item_id(5), numResults=500)
    ask("no number", userId=KNOWN[1], itemId=item_id(140))
    ask("unknown item", userId=KNOWN[1], itemId="unheard-of")
    ask("no item", userId=KNOWN[1])
    ask("nobody")
    about = {"userId": KNOWN[0], "itemId": item_id(9), "numResults": 10}
    if "seen" in filters:
        ask("unseen", filterArn=filters["seen"], **about)
        ask("unseen by a stranger", filterArn=filters["seen"], **{**about, "userId": STRANGER})
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


def ask_for_ranking(stage: Stage, campaign: str, filters: Mapping[str, str]) -> None:
    """Have a list ranked in every way."""

    def ask(note: str, **members: Any) -> None:
        request = {"campaignArn": campaign, "userId": KNOWN[0], "inputList": CANDIDATES, **members}
        stage.tried("GetPersonalizedRanking", note, **request)

    for user in (*KNOWN, STRANGER):
        ask("plain", userId=user)
    ask("twice the same", inputList=[item_id(1), item_id(2), item_id(1)])
    ask("unseen", filterArn=filters["seen"])
    ask("genre", filterArn=filters["genre"], filterValues={"GENRE": '"Drama"'})
    ask("young", filterArn=filters["young"])
    ask("alike", filterArn=filters["alike"])
    ask("mobile", context={"DEVICE": "mobile"})
    ask("metadata", metadataColumns={"ITEMS": ["TITLE"]})
    ask("nothing", inputList=[])
