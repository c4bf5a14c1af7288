"""Time of a request to the runtime, compared with botocore and the product of factors.

    python tests/benchmarks/runtime_calls.py [ITEMS ...]

A campaign serves a random model of 64 factors. The floor of a request is the same response, canned, through the same
client, plus the bare product over all items (not for a ranking). Each call is for another user with another history.
"""

import json
import sys
from dataclasses import replace

import boto3
import numpy as np
from botocore.awsrequest import AWSResponse
from calls import create, deploy_campaign
from measure import report, seconds
from moto.core.botocore_stubber import MockRawResponse
from moto.core.models import botocore_stubber
from serving import FACTORS, random_model
from threadpoolctl import threadpool_limits

from personalize_mock import active, mock_personalize
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
    """Return interactions of some users, and a catalogue."""
    rng = np.random.default_rng(0)
    ids = [f"i{number}" for number in range(items)]
    seen = rng.integers(0, items, USERS * HISTORY)
    users = [f"u{number}" for number in range(USERS) for _ in range(HISTORY)]
    interactions = {
        "USER_ID": Strings.from_values(users),
        "ITEM_ID": Strings.from_values(ids[item] for item in seen),
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
    """Return a campaign for users, one for rankings, a filter, the solution version, and the item factors."""
    campaign = deploy_campaign(mock)
    group = mock.call("DescribeCampaign", campaignArn=campaign)["campaign"]["solutionVersionArn"]
    version_arn, store = group, active.current_run().simulation.store("123456789012", "us-east-1")
    group = store.all(SolutionVersion)[version_arn].dataset_group_arn
    fields = [
        {"name": name, **(field if isinstance(field, dict) else {"type": field})} for name, field in ITEMS.items()
    ]
    schema = {"type": "record", "name": "Items", "namespace": "n", "fields": fields, "version": "1.0"}
    arn = create(mock, "CreateSchema", name="items", schema=json.dumps(schema))
    create(mock, "CreateDataset", name="items", datasetGroupArn=group, datasetType="Items", schemaArn=arn)
    interactions, catalogue = tables(items)
    for dataset in store.all(Dataset).values():
        table = catalogue if dataset.dataset_type == "ITEMS" else interactions
        dataset.contents = dataset.contents.with_import(table, at=store.clock.timestamp())
    ranking = ranking_campaign(mock, group)
    events = interaction_matrix(interactions, items=catalogue)
    model = random_model(items)
    for version in store.all(SolutionVersion).values():
        data = TrainingData(interactions=events, interactions_table=interactions)
        version.fitted_model = replace(version.fitted_model, model=model, data=data)
    filter_arn = create(mock, "CreateFilter", name="f", datasetGroupArn=group, filterExpression=FILTER)
    return campaign, ranking, filter_arn, version_arn, model.fold_in.factors


def ranking_campaign(mock, group: str) -> str:
    recipe = "arn:aws:personalize:::recipe/aws-personalized-ranking"
    solution = create(
        mock, "CreateSolution", name="r", datasetGroupArn=group, recipeArn=recipe, performAutoTraining=False
    )
    version = create(mock, "CreateSolutionVersion", solutionArn=solution)
    return create(mock, "CreateCampaign", name="r", solutionVersionArn=version)


def canned_client(response: dict):
    """Return a client whose requests get a canned response. moto does not see them."""
    body = {name: value for name, value in response.items() if name != "ResponseMetadata"}
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
        calls = {
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
        floors = {name: canned_client(call(runtime)) for name, call in calls.items()}
        times = CALLS if items < 100_000 else CALLS // 6
        for name, call in calls.items():
            tasks = {
                "canned response": lambda call=call, name=name: call(floors[name]),
                "product": lambda: factors @ vector,
                "request": lambda call=call: call(runtime),
            }
            rounds = []
            for _ in range(ROUNDS):
                took = {part: seconds(task, times=times) for part, task in tasks.items()}
                floor = took["canned response"] + (0 if "Ranking" in name else took.pop("product"))
                rounds.append({"floor": floor, "request": took["request"]})
            report(f"{name} of {items:,} items", rounds, floor="floor")


if __name__ == "__main__":
    with threadpool_limits(1, "blas"):
        for size in map(int, sys.argv[1:] or SIZES):
            one_size(size)
