"""A request to the runtime, for catalogues of three sizes.

A campaign serves a random model of 64 factors, and BLAS uses one thread. The floor of GetRecommendations is the same
response, canned, through the same kind of client, plus the bare product of the item factors and a user vector. The
floor of GetPersonalizedRanking is the canned response alone. Each call is for another user. A user with 50
interactions who asks for the first time needs a user vector; "first request of a user" is the time that this adds to
the user's second request.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle
from typing import Any

import boto3
import numpy as np
from campaigns import ACCOUNT, KEYS, REGION, canned_client, create, deploy_campaign
from measure import ROUNDS, Result, against, alone, alternate, seconds, times
from report import main
from serving import FACTORS, als_factors, random_model
from threadpoolctl import threadpool_limits

from personalize_mock import active, mock_personalize
from personalize_mock.data.interaction_matrix import interaction_matrix
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.recipes.base import TrainingData
from personalize_mock.resources.datasets import Dataset
from personalize_mock.resources.solution_versions import SolutionVersion

TARGETS = {"GetRecommendations": 1.5, "GetPersonalizedRanking": 1.5, "first request of a user": 0.0001}
SIZES = (1_682, 60_000, 750_000)
LARGE = 100_000  # items from which fewer calls are made, and first requests are not compared
CALLS, CALLS_OF_LARGE, HISTORY = 60, 10, 50
CACHED_USERS = 200  # fewer than the number of user vectors that a model keeps
USERS = CACHED_USERS + CALLS * (ROUNDS + 1)  # the others ask for the first time
GENRES = ("Comedy", "Drama", "Action", "Horror", "Crime", "War", "Music", "Sport", "News", "Rare")
ITEMS = {"ITEM_ID": "string", "GENRES": {"type": "string", "categorical": True}, "PRICE": "float"}
FILTER = (
    'INCLUDE ItemID WHERE Items.GENRES IN ("Drama", "Rare") AND Items.PRICE < 50'
    ' | EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'
)
Call = Callable[[Any, str], Any]  # of a client and a user


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """Two campaigns with a random model, and a filter."""

    campaign: str
    ranking: str
    filter: str
    factors: np.ndarray

    def calls(self, items: int) -> dict[str, Call]:
        """Return the calls to measure, by name."""
        listed = [f"i{number}" for number in np.random.default_rng(3).choice(items, 500, replace=False)]
        return {
            f"GetRecommendations, 25 of {items:,} items": lambda client, user: client.get_recommendations(
                campaignArn=self.campaign, userId=user
            ),
            f"GetRecommendations, 25 of {items:,} items, filtered": lambda client, user: client.get_recommendations(
                campaignArn=self.campaign, userId=user, filterArn=self.filter
            ),
            f"GetPersonalizedRanking, 500 of {items:,} items": lambda client, user: client.get_personalized_ranking(
                campaignArn=self.ranking, userId=user, inputList=listed
            ),
        }


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


def deploy(mock, items: int) -> Deployment:
    """Deploy campaigns and replace their models by random ones."""
    campaign = deploy_campaign(mock)
    version_arn = mock.call("DescribeCampaign", campaignArn=campaign)["campaign"]["solutionVersionArn"]
    store = active.current_run().simulation.store(ACCOUNT, REGION)
    group = store.all(SolutionVersion)[version_arn].dataset_group_arn
    _create_items(mock, group)
    interactions, catalogue = tables(items)
    for dataset in store.all(Dataset).values():
        table = catalogue if dataset.dataset_type == "ITEMS" else interactions
        dataset.contents = dataset.contents.with_import(table, at=store.clock.timestamp())
    ranking = _ranking_campaign(mock, group)
    events = interaction_matrix(interactions, items=catalogue)
    model = random_model(items)
    for version in store.all(SolutionVersion).values():
        data = TrainingData(interactions=events, interactions_table=interactions)
        version.fitted_model = replace(version.fitted_model, model=model, data=data)
    filter_arn = create(mock, "CreateFilter", name="f", datasetGroupArn=group, filterExpression=FILTER)
    return Deployment(campaign=campaign, ranking=ranking, filter=filter_arn, factors=als_factors(model))


def _create_items(mock, group: str) -> None:
    """Create an empty Items dataset."""
    fields = [
        {"name": name, **(field if isinstance(field, dict) else {"type": field})} for name, field in ITEMS.items()
    ]
    schema = {"type": "record", "name": "Items", "namespace": "n", "fields": fields, "version": "1.0"}
    arn = create(mock, "CreateSchema", name="items", schema=json.dumps(schema))
    create(mock, "CreateDataset", name="items", datasetGroupArn=group, datasetType="Items", schemaArn=arn)


def _ranking_campaign(mock, group: str) -> str:
    recipe = "arn:aws:personalize:::recipe/aws-personalized-ranking"
    solution = create(
        mock, "CreateSolution", name="r", datasetGroupArn=group, recipeArn=recipe, performAutoTraining=False
    )
    version = create(mock, "CreateSolutionVersion", solutionArn=solution)
    return create(mock, "CreateCampaign", name="r", solutionVersionArn=version)


def one_size(items: int) -> Iterator[Result]:
    """Compare the requests to a catalogue with their floors."""
    with mock_personalize(minimum_interactions=0) as mock:
        deployed = deploy(mock, items)
        runtime = boto3.client("personalize-runtime", **KEYS)
        for name, call in deployed.calls(items).items():
            yield _compare(name, call, runtime, deployed.factors)
        if items < LARGE:
            yield _first_requests(deployed, runtime, items)


def _compare(name: str, call: Call, runtime, factors: np.ndarray) -> Result:
    users = cycle(f"u{number}" for number in range(CACHED_USERS))
    canned = canned_client("personalize-runtime", call(runtime, "u0"))
    vector = np.ones(FACTORS, dtype=np.float32)
    tasks = {
        "canned": lambda: call(canned, next(users)),
        "product": lambda: factors @ vector,
        "request": lambda: call(runtime, next(users)),
    }
    taken = times(tasks, calls=CALLS if len(factors) < LARGE else CALLS_OF_LARGE)
    operation, floors = name.partition(",")[0], taken["canned"]
    if operation == "GetRecommendations":
        floors = [sum(parts) for parts in zip(floors, taken["product"], strict=True)]
    return against(name, taken["request"], floors, target=TARGETS[operation])


def _first_requests(deployed: Deployment, runtime, items: int) -> Result:
    """Compare the first request of users who have not asked before with their second request."""
    users = iter(f"u{number}" for number in range(CACHED_USERS, USERS))

    def added() -> float:
        recommend = partial(runtime.get_recommendations, campaignArn=deployed.campaign, userId=next(users))
        return seconds(recommend) - seconds(recommend)

    samples = {"added": lambda: float(np.median([added() for _ in range(CALLS)]))}
    name = f"first request of a user, {items:,} items: in addition"
    return alone(name, alternate(samples)["added"], target=TARGETS["first request of a user"])


def results(sizes: Sequence[int] = SIZES) -> Iterator[Result]:
    """Yield the results for catalogues of some sizes."""
    with threadpool_limits(1, "blas"):
        for items in sizes:
            yield from one_size(items)


if __name__ == "__main__":
    main(results, sizes=SIZES)
