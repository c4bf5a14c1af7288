"""Filters: many expressions, made and used, and those with faults."""

from collections.abc import Mapping
from typing import Any

from corpus.runtime_requests import CANDIDATES, KNOWN_USERS, NEW_USER
from corpus.shop import a_campaign, a_solution, item_id, open_shop
from corpus.stage import Stage, recipe

VALID: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "watched": ('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("Watch")', {}),
    "only-watched": ('INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("Watch")', {}),
    "untouched": ('INCLUDE ItemID WHERE Interactions.EVENT_TYPE NOT IN ("*")', {}),
    "event-types": ("EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ($TYPES)", {"TYPES": '"Click"'}),
    "lower-case": ("exclude itemId where interactions.event_type in ('Watch','Click')", {}),
    "genres": ("INCLUDE ItemID WHERE Items.GENRES IN ($GENRES)", {"GENRES": '"Drama","Crime"'}),
    "no-genres": ('INCLUDE ItemID WHERE Items.GENRES NOT IN ("Drama", "Crime")', {}),
    "cheap": ("INCLUDE ItemID WHERE Items.PRICE <= $PRICE", {"PRICE": "4"}),
    "between": ("INCLUDE ItemID WHERE Items.PRICE>=$LOW AND Items.PRICE<$HIGH", {"LOW": "3", "HIGH": "5"}),
    "new": ("INCLUDE ItemID WHERE Items.CREATION_TIMESTAMP > 1718000000", {}),
    "year": ("EXCLUDE ItemID WHERE Items.YEAR != 1984", {}),
    "years": ("INCLUDE ItemID WHERE Items.YEAR >= 1970 AND Items.YEAR < 1980", {}),
    "negative": ("INCLUDE ItemID WHERE Items.PRICE > -1", {}),
    "or-and": ('INCLUDE ItemID WHERE Items.GENRES IN ("Drama") OR Items.GENRES IN ("Crime") AND Items.PRICE < 4', {}),
    "old-users": ('EXCLUDE ItemID WHERE Items.GENRES IN ("Horror") IF CurrentUser.AGE > $AGE', {"AGE": "30"}),
    "members": ('INCLUDE ItemID WHERE Items.GENRES IN ("Comedy") IF CurrentUser.MEMBERSHIP = "Premium"', {}),
    "both-ends": ("EXCLUDE ItemID WHERE Items.PRICE > 3 IF CurrentUser.AGE > 18 AND CurrentUser.AGE < 50", {}),
    "chain": (
        'INCLUDE ItemID WHERE Items.GENRES IN ($GENRES) | EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")',
        {"GENRES": '"Western"'},
    ),
    "includes": (
        'INCLUDE ItemID WHERE Items.GENRES IN ("Drama") | INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("Click")',
        {},
    ),
    "alike": ("INCLUDE ItemID WHERE Items.GENRES IN CurrentItem.GENRES", {}),
    "cheaper": (
        "INCLUDE ItemID WHERE Items.PRICE < CurrentItem.PRICE AND Items.CREATION_TIMESTAMP > $DATE",
        {"DATE": "1600000000"},
    ),
    "users": ("INCLUDE UserID WHERE Users.MEMBERSHIP IN ($MEMBERSHIP)", {"MEMBERSHIP": '"Free"'}),
}
INVALID = (
    "INCLUDE everything",
    "",
    "   ",
    "EXCLUDE ItemID WHERE Items.GENRES NOT IN ($GENRE)",
    'EXCLUDE ItemID WHERE Items.GENRES IN ("a") IF CurrentUser.AGE > 18 OR CurrentUser.AGE < 5',
    'EXCLUDE ItemID IF CurrentUser.AGE > 18 WHERE Items.GENRES IN ("a")',
    "INCLUDE ItemID WHERE Products.PRICE > 3",
    'SELECT ItemID WHERE Items.GENRES IN ("a")',
    "INCLUDE ItemID WHERE Items.GENRES IN ()",
    'INCLUDE ItemID WHERE Items.GENRES IN ("a)',
    'INCLUDE ItemID WHERE Items.GENRES IN ("a",)',
    "INCLUDE ItemID WHERE Items.PRICE BETWEEN 1 AND 5",
    "INCLUDE ItemID WHERE Items.PRICE == 5",
    "INCLUDE ItemID WHERE Items.PRICE >",
    'INCLUDE ItemID WHERE NOT Items.GENRES IN ("a")',
    'INCLUDE ItemID WHERE (Items.GENRES IN ("a"))',
    'INCLUDE ItemID WHERE Items.GENRES IN ("a") |',
    'INCLUDE ItemID WHERE Items.GENRES IN ("a");',
    "INCLUDE ItemID WHERE Items.GENRES IN ($A, $B)",
    "INCLUDE ItemID WHERE Items.YEAR IN (1999, 2000)",
    'INCLUDE ItemID WHERE Items.DESCRIPTION IN ("boot")',
    'INCLUDE ItemID WHERE Items.GENRES IN ("Comedy") IF Users.AGE > 20',
    "EXCLUDE ItemID WHERE CurrentUser.AGE > 18",
    'INCLUDE ItemID WHERE Items.COLOUR IN ("red")',
    "INCLUDE ItemID WHERE Items.GENRES > 3",
    'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("Click") OR Items.PRICE > 3',
    'EXCLUDE ItemID WHERE Interactions.DEVICE IN ("mobile")',
    'EXCLUDE ItemID WHERE Items.GENRES IN ("*")',
    'INCLUDE UserID WHERE Items.GENRES IN ("a")',
    "INCLUDE ItemID WHERE Users.AGE > 3",
    'INCLUDE ItemID WHERE Items.GENRES IN ("a") | EXCLUDE UserID WHERE Users.AGE > 3',
    'EXCLUDE ActionID WHERE Actions.KIND IN ("a")',
)
INVALID_VALUES: tuple[Mapping[str, str], ...] = (
    {},
    {"GENRES": ""},
    {"GENRES": "Drama"},
    {"GENRES": '"Drama'},
    {"GENRES": '"Drama"', "MORE": '"x"'},
    {"genres": '"Drama"'},
    {"OTHER": '"Drama"'},
)


def play(stage: Stage) -> None:
    """Make all filters and use them."""
    shop = open_shop(stage)
    campaigns = {}
    for name in ("aws-user-personalization", "aws-similar-items", "aws-personalized-ranking"):
        campaigns[name] = a_campaign(stage, stage.train(a_solution(stage, shop.group, recipe(name), name)), name)
    made = {}
    for name, (expression, values) in VALID.items():
        request: dict[str, Any] = {"name": name, "datasetGroupArn": shop.group, "filterExpression": expression}
        made[name] = stage.create_and_wait("CreateFilter", **request)
        with_values = {"filterArn": made[name], "filterValues": values} if values else {"filterArn": made[name]}
        for user in (*KNOWN_USERS, NEW_USER):
            request = {"campaignArn": campaigns["aws-user-personalization"], "userId": user, "numResults": 40}
            stage.try_call("GetRecommendations", name, **request, **with_values)
        for item in (item_id(3), item_id(77)):
            request = {"campaignArn": campaigns["aws-similar-items"], "itemId": item, "numResults": 10}
            stage.try_call("GetRecommendations", name, userId=KNOWN_USERS[1], **request, **with_values)
        stage.try_call("GetRecommendations", f"{name}, nobody", **request, **with_values)
        request = {
            "campaignArn": campaigns["aws-personalized-ranking"],
            "userId": KNOWN_USERS[1],
            "inputList": CANDIDATES,
        }
        stage.try_call("GetPersonalizedRanking", name, **request, **with_values)
    for number, expression in enumerate(INVALID):
        request = {"name": f"faulty-{number}", "datasetGroupArn": shop.group, "filterExpression": expression}
        stage.try_call("CreateFilter", **request)
    for number, values in enumerate(INVALID_VALUES):
        request = {"campaignArn": campaigns["aws-user-personalization"], "userId": KNOWN_USERS[0]}
        stage.try_call(
            "GetRecommendations", f"values {number}", filterArn=made["genres"], filterValues=values, **request
        )
    stage.pages("ListFilters", 6, datasetGroupArn=shop.group)
    stage.delete(made["cheap"])
    stage.try_call("GetRecommendations", "a filter that is gone", filterArn=made["cheap"], **request)
