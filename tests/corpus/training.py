"""Trainings with a configuration: searches, updates, events, columns, hyperparameters; and one that is stopped."""

from collections.abc import Mapping
from typing import Any

from corpus.runtime_requests import KNOWN_USERS, NEW_USER
from corpus.shop import (
    END,
    INCREMENT,
    Shop,
    a_campaign,
    a_solution,
    a_tracker,
    csv_text,
    item_id,
    load,
    open_shop,
    tables,
)
from corpus.stage import Stage, recipe

PERSONAL = "aws-user-personalization"
FEW_TRIALS = {"hpoConfig": {"hpoResourceConfig": {"maxNumberOfTrainingJobs": "3", "maxParallelTrainingJobs": "2"}}}

CONFIGURED: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "hyperparameters": (PERSONAL, {"algorithmHyperParameters": {"hidden_dimension": "40", "bptt": "8"}}),
    "no recency": (PERSONAL, {"algorithmHyperParameters": {"recency_mask": "false"}}),
    "percentiles": (
        PERSONAL,
        {
            "featureTransformationParameters": {
                "min_user_history_length_percentile": "0.1",
                "max_user_history_length_percentile": "0.9",
            }
        },
    ),
    "threshold": (PERSONAL, {"eventValueThreshold": "0.3"}),
    "excluded": (PERSONAL, {"trainingDataConfig": {"excludedDatasetColumns": {"Items": ["GENRES"], "Users": ["AGE"]}}}),
    "included": (PERSONAL, {"trainingDataConfig": {"includedDatasetColumns": {"Items": ["GENRES"]}}}),
    "weights": (
        "aws-user-personalization-v2",
        {
            "eventsConfig": {
                "eventParametersList": [
                    {"eventType": "Watch", "weight": 1.0, "eventValueThreshold": 0.1},
                    {"eventType": "Click", "weight": 0.2},
                ]
            }
        },
    ),
    "no bias": ("aws-personalized-ranking-v2", {"algorithmHyperParameters": {"apply_recency_bias": "false"}}),
    "discount": ("aws-similar-items", {"algorithmHyperParameters": {"popularity_discount_factor": "0.6"}}),
    "cointeraction": ("aws-sims", {"algorithmHyperParameters": {"min_cointeraction_count": "1"}}),
    "trends": ("aws-trending-now", {"featureTransformationParameters": {"trend_discovery_frequency": "1 day"}}),
}
SEARCHES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    **{f"search {name}": (name, FEW_TRIALS) for name in (PERSONAL, "aws-hrnn", "aws-hrnn-metadata", "aws-sims")},
    **{f"search {name}": (name, FEW_TRIALS) for name in ("aws-personalized-ranking", "aws-similar-items")},
    "search": ("aws-sims", {}),
    "ranges": (
        PERSONAL,
        {
            "hpoConfig": {
                "hpoResourceConfig": {"maxNumberOfTrainingJobs": "3", "maxParallelTrainingJobs": "2"},
                "algorithmHyperParameterRanges": {
                    "integerHyperParameterRanges": [{"name": "hidden_dimension", "minValue": 32, "maxValue": 64}],
                    "categoricalHyperParameterRanges": [{"name": "recency_mask", "values": ["true", "false"]}],
                },
            }
        },
    ),
    "continuous": (
        "aws-similar-items",
        {
            "hpoConfig": {
                "hpoResourceConfig": {"maxNumberOfTrainingJobs": "2", "maxParallelTrainingJobs": "1"},
                "algorithmHyperParameterRanges": {
                    "integerHyperParameterRanges": [{"name": "item_id_hidden_dim", "minValue": 30, "maxValue": 60}]
                },
            }
        },
    ),
}


def play(stage: Stage) -> None:
    """Train with what a configuration can say."""
    shop = open_shop(stage)
    for name, (of, config) in CONFIGURED.items():
        _train(stage, shop, name, of, solutionConfig=config)
    _train(stage, shop, "watched", PERSONAL, eventType="Watch")
    for name, (of, config) in SEARCHES.items():
        _train(stage, shop, name, of, solutionConfig=config, performHPO=True)
    recipes = [recipe("aws-popularity-count"), recipe("aws-hrnn"), recipe("aws-hrnn-metadata")]
    choice = {"autoMLConfig": {"metricName": "precision_at_10", "recipeList": recipes}}
    _train(stage, shop, "automl", None, performAutoML=True, solutionConfig=choice)
    _update(stage, shop)
    _stop(stage, shop)
    stage.pages("ListSolutions", 7, datasetGroupArn=shop.group)


def _train(stage: Stage, shop: Shop, name: str, of: str | None, **members: Any) -> str:
    label = name.replace(" ", "-")
    solution = a_solution(stage, shop.group, None if of is None else recipe(of), label, **members)
    version = stage.train(solution)
    stage.describe(solution)
    if of == PERSONAL and name != "ranges":
        return version
    campaign = stage.create_and_wait("CreateCampaign", name=label, solutionVersionArn=version)
    for user in (KNOWN_USERS[0], NEW_USER):
        stage.try_call("GetRecommendations", campaignArn=campaign, userId=user, itemId=item_id(8), numResults=8)
    stage.delete(campaign)
    return version


def _update(stage: Stage, shop: Shop) -> None:
    """Train with UPDATE after new events and items, and deploy the result."""
    solution = a_solution(stage, shop.group, recipe(PERSONAL), "updated")
    stage.try_call("CreateSolutionVersion", "update before all", solutionArn=solution, trainingMode="UPDATE")
    first = stage.train(solution, trainingMode="FULL", name="first")
    campaign = a_campaign(stage, first, "updated")
    rows = [
        (f"new-{row % 40}", item_id(row * row % 150), "Watch", 0.9, END + 60 * row, "tv", "")
        for row in range(INCREMENT)
    ]
    header = list(tables()["Interactions"].fields)
    load(stage, shop.datasets["Interactions"], csv_text(header, rows), "more", importMode="INCREMENTAL")
    films = [("i900", "The joke and the horse 900", "Comedy|Western", 4.5, END, "A clown and a sheriff.", 2024)]
    text = csv_text(list(tables()["Items"].fields), films)
    load(stage, shop.datasets["Items"], text, "new-films", importMode="INCREMENTAL")
    tracking = a_tracker(stage, shop.group)
    event = {"eventType": "Watch", "itemId": "i900", "sentAt": stage.mock.clock.now(), "properties": '{"DEVICE": "tv"}'}
    stage.call("PutEvents", trackingId=tracking, sessionId="s1", userId=KNOWN_USERS[0], eventList=[event])
    second = stage.train(solution, "update", trainingMode="UPDATE")
    third = stage.train(solution, "full", trainingMode="FULL")
    for version in (second, third):
        stage.create_and_wait("UpdateCampaign", campaignArn=campaign, solutionVersionArn=version)
        for user in (*KNOWN_USERS, "new-1", NEW_USER):
            stage.call("GetRecommendations", campaignArn=campaign, userId=user, numResults=10)
    stage.pages("ListSolutionVersions", 2, solutionArn=solution)


def _stop(stage: Stage, shop: Shop) -> None:
    solution = a_solution(stage, shop.group, recipe(PERSONAL), "stopped")
    version = stage.create("CreateSolutionVersion", solutionArn=solution)
    stage.describe(version)
    stage.call("StopSolutionVersionCreation", solutionVersionArn=version)
    stage.settle(version)
    stage.try_call("GetSolutionMetrics", solutionVersionArn=version)
    stage.try_call("CreateCampaign", name="of-stopped", solutionVersionArn=version)
    running = stage.create("CreateSolutionVersion", solutionArn=solution)
    stage.jump(600)
    stage.call("StopSolutionVersionCreation", "in progress", solutionVersionArn=running)
    stage.settle(running)
