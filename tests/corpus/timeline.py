"""Two simulated weeks: automatic training, updates every two hours, campaigns that follow the latest version."""

import json

from corpus.runtime_requests import KNOWN_USERS
from corpus.shop import DAY, a_solution, a_tracker, item_id, open_shop
from corpus.stage import Stage, recipe

HOUR = 3600
LATEST = {
    "aws-user-personalization": "rate(3 days)",
    "aws-user-personalization-v2": "rate(5 days)",
    "aws-trending-now": "rate(7 days)",
    "aws-semantic-similarity": "rate(10 days)",
}
FIRST_STEPS = (30 * 60, HOUR, 2 * HOUR, 2 * HOUR)
DAYS = 14


def play(stage: Stage) -> None:
    """Let time go on, with events every day."""
    shop = open_shop(stage)
    tracking = a_tracker(stage, shop.group)
    solutions = {}
    for name, rate in LATEST.items():
        config = {"autoTrainingConfig": {"schedulingExpression": rate}}
        request = {"name": name, "datasetGroupArn": shop.group, "recipeArn": recipe(name), "solutionConfig": config}
        more = {"performIncrementalUpdate": True} if name == "aws-semantic-similarity" else {}
        solutions[name] = stage.create_and_wait("CreateSolution", performAutoTraining=True, **request, **more)
    stage.jump(3 * HOUR)
    campaigns = {}
    for name, solution in solutions.items():
        request = {"name": name, "solutionVersionArn": f"{solution}/$LATEST"}
        newest = {"syncWithLatestSolutionVersion": True}
        campaigns[name] = stage.create_and_wait("CreateCampaign", **request, campaignConfig=newest)
    for step in FIRST_STEPS:
        _live(stage, tracking, shop.datasets["Items"], step)
        stage.jump(step)
        _look(stage, campaigns, f"{step} s later")
    for day in range(DAYS):
        if day == DAYS // 2:
            faster = {"autoTrainingConfig": {"schedulingExpression": "rate(2 days)"}}
            arn = solutions["aws-user-personalization-v2"]
            stage.create_and_wait("UpdateSolution", solutionArn=arn, solutionUpdateConfig=faster)
            arn = solutions["aws-semantic-similarity"]
            stage.create_and_wait(
                "UpdateSolution", solutionArn=arn, performAutoTraining=False, performIncrementalUpdate=False
            )
        if day % 5 != 4:
            _live(stage, tracking, shop.datasets["Items"], day)
        stage.jump(DAY)
        _look(stage, campaigns, f"day {day}")
    for solution in solutions.values():
        stage.describe(solution)
        versions = stage.call("ListSolutionVersions", solutionArn=solution)["solutionVersions"]
        for version in versions:
            shown = stage.describe(version["solutionVersionArn"])
            if shown["status"] == "ACTIVE":
                stage.call("GetSolutionMetrics", solutionVersionArn=version["solutionVersionArn"])
    _manual(stage, shop.group)


def _live(stage: Stage, tracking: str, items: str, seed: int) -> None:
    now = stage.mock.clock.now()
    new = {
        "TITLE": f"The heist {seed}",
        "GENRES": "Crime",
        "PRICE": 3.5,
        "CREATION_TIMESTAMP": int(now.timestamp()),
        "DESCRIPTION": "A detective meets a gang.",
        "YEAR": 2024,
    }
    stage.call("PutItems", datasetArn=items, items=[{"itemId": f"n{seed}", "properties": json.dumps(new)}])
    for turn, user in enumerate((KNOWN_USERS[0], f"day-{seed % 3}")):
        events = [
            {"eventType": "Watch", "itemId": item, "sentAt": now, "properties": '{"DEVICE": "tv"}'}
            for item in (item_id((7 * seed + turn) % 150), item_id((11 * seed + 5) % 150), f"n{seed}")
        ]
        stage.call("PutEvents", trackingId=tracking, sessionId=f"s{seed}", userId=user, eventList=events)


def _look(stage: Stage, campaigns: dict[str, str], note: str) -> None:
    for campaign in campaigns.values():
        stage.describe(campaign)
        for user in (KNOWN_USERS[0], "day-1"):
            request = {"campaignArn": campaign, "userId": user, "itemId": item_id(7), "numResults": 10}
            stage.try_call("GetRecommendations", note, **request)


def _manual(stage: Stage, group: str) -> None:
    """Turn a schedule on and off; a manual training in the first hour takes the place of the automatic one."""
    solution = a_solution(stage, group, recipe("aws-popularity-count"), "manual")
    stage.create_and_wait("UpdateSolution", solutionArn=solution, performAutoTraining=True)
    stage.train(solution)
    stage.jump(2 * HOUR)
    stage.call("ListSolutionVersions", "after the hour", solutionArn=solution)
    stage.create_and_wait("UpdateSolution", "off", solutionArn=solution, performAutoTraining=False)
    stage.jump(9 * DAY)
    stage.call("ListSolutionVersions", "after all", solutionArn=solution)
