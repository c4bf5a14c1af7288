"""What a request to the runtime costs beyond the product of factors that it needs and botocore's own work; run by hand.

    python tests/benchmarks/runtime_calls.py [ITEMS ...]

A campaign serves a made-up model of 64 factors. The floor of a request is the bare product over all items (for a
ranking, nothing) plus the same answer, canned, through the same client. Users differ from call to call, as do their
histories.
"""

import json
import sys
from dataclasses import replace

import boto3
import numpy as np
from botocore.awsrequest import AWSResponse
from calls import deployed, made
from measure import report, seconds
from moto.core.botocore_stubber import MockRawResponse
from moto.core.models import botocore_stubber
from serving import FACTORS, made_up
from threadpoolctl import threadpool_limits

from personalize_mock import mock as mock_module
from personalize_mock import mock_personalize
from personalize_mock.data.interaction_matrix import interaction_matrix
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.recipes.base import TrainingData
from personalize_mock.resources.datasets import Dataset
from personalize_mock.resources.solution_versions import SolutionVersion

ROUNDS, CALLS, USERS, HISTORY = 9, 60, 200, 50
SIZES = (1_682, 60_000, 750_000)
GENRES = ("Comedy", "Drama", "Action", "Horror", "Crime", "War", "Music", "Sport", "News", "Rare")
ITEMS = {"ITEM_ID": "string", "GENRES": {"type": "string", "categorical": True}, "PRICE": "float"}
FILTER = (
    'INCLUDE ItemID WHERE Items.GENRES IN ("Drama", "Rare") AND Items.PRICE < 50'
    ' | EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'
)


def tables(items: int) -> tuple[Table, Table]:
    """Interactions of some users, and a catalogue."""
    rng = np.random.default_rng(0)
    ids = [f"i{number}" for number in range(items)]
    touched = rng.integers(0, items, USERS * HISTORY)
    users = [f"u{number}" for number in range(USERS) for _ in range(HISTORY)]
    interactions = {
        "USER_ID": Strings.from_values(users),
        "ITEM_ID": Strings.from_values(ids[item] for item in touched),
        "EVENT_TYPE": Strings.from_values("Watch" for _ in users),
        "TIMESTAMP": Numbers(values=np.arange(len(users))),
    }
    catalogue = {
        "ITEM_ID": Strings.from_values(ids),
        "GENRES": Strings.from_values(GENRES[number % len(GENRES)] for number in range(items)),
        "PRICE": Numbers(values=rng.random(items) * 100),
    }
    return Table(columns=interactions, rows=len(users)), Table(columns=catalogue, rows=items)


def serve(mock, items: int) -> tuple[str, str, str, str, np.ndarray]:
    """A campaign for users, one for lists, and a filter; and the factors they multiply."""
    campaign = deployed(mock)
    group = mock.call("DescribeCampaign", campaignArn=campaign)["campaign"]["solutionVersionArn"]
    version_arn, store = group, mock_module._run.simulation.store("123456789012", "us-east-1")
    group = store.all(SolutionVersion)[version_arn].dataset_group_arn
    fields = [{"name": name, **(kind if isinstance(kind, dict) else {"type": kind})} for name, kind in ITEMS.items()]
    schema = {"type": "record", "name": "Items", "namespace": "n", "fields": fields, "version": "1.0"}
    arn = made(mock, "CreateSchema", name="items", schema=json.dumps(schema))
    made(mock, "CreateDataset", name="items", datasetGroupArn=group, datasetType="Items", schemaArn=arn)
    interactions, catalogue = tables(items)
    for dataset in store.all(Dataset).values():
        table = catalogue if dataset.dataset_type == "ITEMS" else interactions
        dataset.contents = dataset.contents.with_import(table, at=store.clock.timestamp())
    ranking = ranking_campaign(mock, group)
    events = interaction_matrix(interactions, items=catalogue)
    model = made_up(items)
    for version in store.all(SolutionVersion).values():
        data = TrainingData(interactions=events, interactions_table=interactions)
        version.fitted_model = replace(version.fitted_model, model=model, data=data)
    filter_arn = made(mock, "CreateFilter", name="f", datasetGroupArn=group, filterExpression=FILTER)
    return campaign, ranking, filter_arn, version_arn, model.fold_in.factors


def ranking_campaign(mock, group: str) -> str:
    recipe = "arn:aws:personalize:::recipe/aws-personalized-ranking"
    solution = made(
        mock, "CreateSolution", name="r", datasetGroupArn=group, recipeArn=recipe, performAutoTraining=False
    )
    version = made(mock, "CreateSolutionVersion", solutionArn=solution)
    return made(mock, "CreateCampaign", name="r", solutionVersionArn=version)


def canned(answer: dict):
    """A client whose requests end in a ready-made answer; moto does not see them."""
    body = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    encoded, headers = json.dumps(body).encode(), {"content-type": "application/json"}
    client = boto3.client("personalize-runtime", region_name="us-east-1")
    client.meta.events.unregister("before-send", botocore_stubber)
    client.meta.events.register_first(
        "before-send", lambda request, **_: AWSResponse(request.url, 200, headers, MockRawResponse(encoded))
    )
    return client


def one_size(items: int) -> None:
    with mock_personalize(minimum_interactions=0) as mock:
        campaign, ranking, filter_arn, _, factors = serve(mock, items)
        runtime = boto3.client("personalize-runtime", region_name="us-east-1")
        users = iter(f"u{number % USERS}" for number in range(10**9))
        listed = [f"i{number}" for number in np.random.default_rng(3).choice(items, 500, replace=False)]
        vector = np.ones(FACTORS, dtype=np.float32)
        asks = {
            "GetRecommendations, 25": lambda client: client.get_recommendations(
                campaignArn=campaign, userId=next(users)
            ),
            "GetRecommendations, 25, filtered": lambda client: client.get_recommendations(
                campaignArn=campaign, userId=next(users), filterArn=filter_arn
            ),
            "GetPersonalizedRanking, 500": lambda client: client.get_personalized_ranking(
                campaignArn=ranking, userId=next(users), inputList=listed
            ),
        }
        floors = {name: canned(ask(runtime)) for name, ask in asks.items()}
        times = CALLS if items < 100_000 else CALLS // 6
        for name, ask in asks.items():
            works = {
                "canned answer": lambda ask=ask, name=name: ask(floors[name]),
                "product": lambda: factors @ vector,
                "request": lambda ask=ask: ask(runtime),
            }
            rounds = []
            for _ in range(ROUNDS):
                found = {each: seconds(work, times=times) for each, work in works.items()}
                needed = found["canned answer"] + (0 if "Ranking" in name else found.pop("product"))
                rounds.append({"floor": needed, "request": found["request"]})
            report(f"{name} of {items:,} items", rounds, floor="floor")


if __name__ == "__main__":
    with threadpool_limits(1, "blas"):
        for size in map(int, sys.argv[1:] or SIZES):
            one_size(size)
