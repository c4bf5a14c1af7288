"""Next best actions: imported and put, trained, measured, deployed, filtered."""

import json
from typing import Any

from corpus.shop import (
    CATEGORICAL,
    DAY,
    END,
    Fields,
    a_campaign,
    a_filter,
    a_solution,
    add_dataset,
    csv_text,
    load,
    open_shop,
    user_id,
)
from corpus.stage import Stage, recipe

ACTION_FIELDS: Fields = {
    "ACTION_ID": "string",
    "KIND": CATEGORICAL,
    "VALUE": "long",
    "EXPIRATION_TIMESTAMP": ["null", "long"],
    "REPEAT_FREQUENCY": ["null", "long"],
}
INTERACTION_FIELDS: Fields = {"USER_ID": "string", "ACTION_ID": "string", "EVENT_TYPE": "string", "TIMESTAMP": "long"}
TAKERS, OFFERED = 60, 6
RECIPE = "aws-next-best-action"


def play(stage: Stage) -> None:
    """Recommend actions before and after events about them."""
    shop = open_shop(stage)
    actions = add_dataset(stage, shop.group, "shop", "Actions", ACTION_FIELDS)
    taken = add_dataset(stage, shop.group, "shop", "Action_Interactions", INTERACTION_FIELDS)
    load(stage, actions, csv_text(list(ACTION_FIELDS), _actions()), "actions")
    bare = a_solution(stage, shop.group, recipe(RECIPE), "without-interactions")
    campaigns = [a_campaign(stage, stage.train(bare), "without-interactions")]
    load(stage, taken, csv_text(list(INTERACTION_FIELDS), _interactions()), "taken")
    for name, days in (("two-weeks", "14"), ("four-weeks", "28")):
        config = {"featureTransformationParameters": {"action_optimization_period": days}}
        solution = a_solution(stage, shop.group, recipe(RECIPE), name, solutionConfig=config)
        campaigns.append(a_campaign(stage, stage.train(solution), name))
    filters = {
        "kind": a_filter(stage, shop.group, "kind", "INCLUDE ActionID WHERE Actions.KIND IN ($KIND)"),
        "value": a_filter(stage, shop.group, "value", "EXCLUDE ActionID WHERE Actions.VALUE < ($VALUE)"),
        "taken": a_filter(
            stage, shop.group, "taken", "EXCLUDE ActionID WHERE Action_Interactions.EVENT_TYPE IN ($EVENT_TYPE)"
        ),
    }
    _look(stage, campaigns, filters, "before")
    _put(stage, actions, str(stage.describe(taken)["trackingId"]))
    _look(stage, campaigns, filters, "after events")
    stage.jump(3 * 3600)
    _look(stage, campaigns, filters, "after an update")
    stage.train(bare, "again")
    stage.try_call("GetRecommendations", "of actions", campaignArn=campaigns[0], userId=user_id(1))


def _actions() -> list[tuple[Any, ...]]:
    kinds = ("discount", "newsletter")
    offered = [(f"a{number}", kinds[number % 2], number + 1, "", "") for number in range(OFFERED)]
    return [*offered, ("over", "discount", 5, END - DAY, ""), ("monthly", "discount", 5, "", 30)]


def _interactions() -> list[tuple[Any, ...]]:
    """Even users take discounts, and odd ones newsletters."""
    return [
        (
            user_id(user),
            f"a{number}",
            "Taken" if user % 2 == number % 2 else ("Not Taken", "Viewed")[turn % 2],
            END - DAY * (user % 20) - 40_000 * turn - number,
        )
        for turn in range(4)
        for user in range(TAKERS)
        for number in range(OFFERED)
    ]


def _put(stage: Stage, actions: str, tracking: str) -> None:
    now = stage.mock.clock.now()
    new = [{"actionId": "new", "properties": json.dumps({"kind": "newsletter", "value": 9})}]
    stage.call("PutActions", datasetArn=actions, actions=new)
    stage.try_call("PutActions", "without kind", datasetArn=actions, actions=[{"actionId": "bare"}])
    events = [
        {"actionId": action, "userId": user_id(2), "sessionId": "s1", "timestamp": now, "eventType": kind}
        for action, kind in (("a0", "Taken"), ("monthly", "Taken"), ("a2", "Not Taken"), ("a1", "Viewed"))
    ]
    stage.call("PutActionInteractions", trackingId=tracking, actionInteractions=events)
    wrong = [{**events[0], "eventType": "Seen"}]
    stage.try_call("PutActionInteractions", "unknown type", trackingId=tracking, actionInteractions=wrong)
    stage.try_call("PutActionInteractions", "unknown tracker", trackingId="unknown", actionInteractions=events)


def _look(stage: Stage, campaigns: list[str], filters: dict[str, str], note: str) -> None:
    def ask(what: str, **members: Any) -> None:
        stage.try_call("GetActionRecommendations", f"{note}, {what}", **members)

    for campaign in campaigns:
        for user in (user_id(1), user_id(2), user_id(99), "stranger"):
            ask("plain", campaignArn=campaign, userId=user)
            ask("many", campaignArn=campaign, userId=user, numResults=100)
        request = {"campaignArn": campaign, "userId": user_id(2)}
        ask("discounts", filterArn=filters["kind"], filterValues={"KIND": '"discount"'}, **request)
        ask("valuable", filterArn=filters["value"], filterValues={"VALUE": "4"}, **request)
        ask("not taken", filterArn=filters["taken"], filterValues={"EVENT_TYPE": '"Taken"'}, **request)
        ask("no value", filterArn=filters["kind"], **request)
        ask("too many", numResults=101, **request)
        ask("nobody", campaignArn=campaign)
