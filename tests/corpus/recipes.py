"""Every recipe for custom dataset groups, trained, measured, deployed and asked; and the levels of an objective."""

from collections.abc import Mapping
from typing import Any

from corpus.catalogue import UNLISTED
from corpus.runtime_requests import CANDIDATES, KNOWN_USERS, NEW_USER, create_filters, request_items, request_rankings
from corpus.shop import a_campaign, a_solution, open_shop
from corpus.stage import Stage, recipe

CONFIGS: Mapping[str, Mapping[str, Any]] = {
    "aws-hrnn-coldstart": {
        "featureTransformationParameters": {
            "cold_start_max_interactions": "60",
            "cold_start_max_duration": "1000",
        }
    },
    "aws-semantic-similarity": {},
}
METADATA = {"enableMetadataWithRecommendations": True}
CAMPAIGNS: Mapping[str, Mapping[str, Any]] = {
    "aws-semantic-similarity": {"rankingInfluence": {"POPULARITY": 0.3, "FRESHNESS": 0.2}},
    "aws-user-personalization": {**METADATA, "itemExplorationConfig": {"explorationWeight": "0.3"}},
}
ACTIONS = "aws-next-best-action"


def play(stage: Stage) -> None:
    """Train every recipe that can be trained on users, items and interactions."""
    shop = open_shop(stage)
    filters = create_filters(stage, shop.group)
    pages = stage.pages("ListRecipes", 30)
    listed = [entry for page in pages for entry in page["recipes"] if "domain" not in entry]
    names = [entry["name"] for entry in listed if entry["name"] != ACTIONS]
    for name in (*names, *UNLISTED):
        solution = a_solution(stage, shop.group, recipe(name), name, solutionConfig=CONFIGS.get(name, {}))
        version = stage.train(solution)
        answer = stage.try_call(
            "CreateCampaign", name=name, solutionVersionArn=version, campaignConfig=CAMPAIGNS.get(name, METADATA)
        )
        if "Error" in answer:
            continue
        campaign = answer["campaignArn"]
        stage.settle(campaign)
        if "ranking" in name:
            request_rankings(stage, campaign, filters)
        else:
            request_items(stage, {"campaignArn": campaign}, filters)
    stage.try_call("ListSolutions", datasetGroupArn=shop.group)
    stage.try_call("ListCampaigns")


def play_objective(stage: Stage) -> None:
    """Weigh the price at each level, and explore as much as each weight says."""
    shop = open_shop(stage)
    for name in ("aws-user-personalization", "aws-personalized-ranking"):
        for level in (None, "OFF", "LOW", "MEDIUM", "HIGH"):
            objective = {"itemAttribute": "PRICE", **({} if level is None else {"objectiveSensitivity": level})}
            config = {"optimizationObjective": objective}
            label = f"{name[4:]}-{level or 'unsaid'}"
            solution = a_solution(stage, shop.group, recipe(name), label, solutionConfig=config)
            campaign = a_campaign(stage, stage.train(solution), label)
            _ask_briefly(stage, name, campaign)
    for name in ("aws-user-personalization-v2", "aws-personalized-ranking-v2"):
        config = {"optimizationObjective": {"itemAttribute": "PRICE", "objectiveSensitivity": "HIGH"}}
        request = {"name": name, "datasetGroupArn": shop.group, "recipeArn": recipe(name), "solutionConfig": config}
        stage.try_call("CreateSolution", "with an objective", **request)
    _explore(stage, shop.group)


def _ask_briefly(stage: Stage, name: str, campaign: str) -> None:
    for user in (*KNOWN_USERS, NEW_USER):
        if "ranking" in name:
            stage.call("GetPersonalizedRanking", campaignArn=campaign, userId=user, inputList=CANDIDATES)
        else:
            stage.call("GetRecommendations", campaignArn=campaign, userId=user, numResults=20)


def _explore(stage: Stage, group: str) -> None:
    solution = a_solution(stage, group, recipe("aws-user-personalization"), "explored")
    version = stage.train(solution)
    for weight, cut_off in (("0", "30"), ("0.3", "10"), ("1", "1000")):
        exploration = {"explorationWeight": weight, "explorationItemAgeCutOff": cut_off}
        campaign = a_campaign(stage, version, f"weight-{weight[0]}{cut_off}", itemExplorationConfig=exploration)
        for user in (*KNOWN_USERS, NEW_USER):
            for _ in range(2):
                stage.call("GetRecommendations", campaignArn=campaign, userId=user, numResults=20)
