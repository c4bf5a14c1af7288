"""One of everything, what each operation is asked with at least, and how to look at it all and put it back."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from itertools import count
from typing import Any

import builders

from personalize_mock import MockPersonalize
from personalize_mock import mock as mock_module
from personalize_mock.simulation import Simulation
from personalize_mock.wire.model import operation_by_name

Request = dict[str, Any]

RECIPE = builders.recipe("aws-user-personalization")
NOTHING_SEEN = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'
MISSING = f"arn:aws:personalize:us-east-1:{builders.ACCOUNT}:dataset-group/missing"
_HEAVY = ("written", "fitted_model", "pending_model", "contents", "table", "fields")  # never changed once made


class World:
    """A mock in which a shop has been set up from its schemas to its campaign.

    Attributes:
        arns: what is there, by the member that takes its ARN.
        domain_group: a dataset group of a domain.
        ranking_campaign: a campaign that ranks items.
        action_campaign: a campaign that recommends actions.
        segments_version: a solution version that finds users.
    """

    def __init__(self, mock: MockPersonalize) -> None:
        self.mock = mock
        self.call = mock.call
        self._numbers = count(1)
        kinds = ("Interactions", "Items", "Users")
        group = builders.a_group_with_data(mock, "shop", *kinds)
        solution = builders.a_solution(mock, group)
        version = builders.a_solution_version(mock, solution)
        self.domain_group = builders.a_domain_group_with_data(mock)
        prefix = f"arn:aws:personalize:us-east-1:{builders.ACCOUNT}"
        self.arns: Mapping[str, str] = {
            "datasetGroupArn": group,
            "schemaArn": f"{prefix}:schema/shop-interactions",
            "datasetArn": f"{prefix}:dataset/shop/INTERACTIONS",
            "datasetImportJobArn": f"{prefix}:dataset-import-job/import-0",
            "datasetExportJobArn": builders.an_export_job(mock, f"{prefix}:dataset/shop/INTERACTIONS"),
            "dataDeletionJobArn": builders.a_data_deletion_job(mock, group, "nobody"),
            "solutionArn": solution,
            "solutionVersionArn": version,
            "campaignArn": builders.a_campaign(mock, version),
            "eventTrackerArn": builders.an_event_tracker(mock, group),
            "filterArn": a_filter(mock, group),
            "metricAttributionArn": builders.a_metric_attribution(mock, group),
            "recommenderArn": builders.a_recommender(mock, "aws-vod-most-popular", group=self.domain_group),
            "recipeArn": RECIPE,
            "algorithmArn": "arn:aws:personalize:::algorithm/aws-user-personalization",
            "featureTransformationArn": "arn:aws:personalize:::feature-transformation/JSON-percentile-filtering",
        }
        self.location = "s3://data/import-0.csv"
        self.arns = {**self.arns, "batchInferenceJobArn": builders.a_batch_inference_job(mock, version)}
        self.segments_version = builders.a_solution_version(
            mock, builders.a_solution(mock, group, "aws-item-affinity", name="segments")
        )
        self.arns = {**self.arns, "batchSegmentJobArn": builders.a_batch_segment_job(mock, self.segments_version)}
        self.ranking_campaign = self._campaign(group, "aws-personalized-ranking")
        actions = builders.a_dataset(mock, group, "Actions")
        builders.an_import_job(mock, actions, "ACTION_ID,KIND,VALUE\ncall,talk,3\nmail,text,1\n")
        self.action_campaign = self._campaign(group, "aws-next-best-action")

    def _campaign(self, group: str, recipe: str) -> str:
        solution = builders.a_solution(self.mock, group, recipe, name=recipe, performAutoTraining=False)
        return builders.a_campaign(self.mock, builders.a_solution_version(self.mock, solution), name=recipe)

    @property
    def simulation(self) -> Simulation:
        """What the mock runs on."""
        run = mock_module._run
        assert run is not None
        return run.simulation

    def new_name(self) -> str:
        """A name that nothing has."""
        return f"fresh-{next(self._numbers)}"

    def set_options(self, **options: Any) -> None:
        """Changes options of the mock until it is put back."""
        self.simulation.options = replace(self.simulation.options, **options)

    def snapshot(self) -> Any:
        """All that a call could have changed, comparable."""
        stores = {
            key: (_copied(store._resources), dict(store._counts), store._added, dict(store.recommendations))
            for key, store in self.simulation._stores.items()
        }
        return stores, self.mock.clock.timestamp(), self.mock.clock.upcoming(), self.mock.journal.transitions()

    @contextmanager
    def rolled_back(self) -> Iterator[None]:
        """Undoes all that is done within."""
        simulation = self.simulation
        stores = {
            key: (store, _copied(store._resources), store._added, store._counts.copy(), dict(store.recommendations))
            for key, store in simulation._stores.items()
        }
        clock, options, records = _shallow(vars(simulation.clock)), simulation.options, len(simulation.journal)
        try:
            yield
        finally:
            simulation._stores = {key: store for key, (store, *_) in stores.items()}
            for store, *kept in stores.values():
                store._resources, store._added, store._counts, store.recommendations = kept
            vars(simulation.clock).update(clock)
            simulation.options = options
            del simulation.journal._records[records:]


def minimal_request(world: World, operation: str) -> Request:
    """The smallest request that an operation answers in a world; it may set up what the request names."""
    if operation in _MINIMAL:
        return _MINIMAL[operation](world)
    asked = operation_by_name(operation)
    assert asked is not None
    return {member: world.arns[member] for member in asked.input.required_members}


def tracking_id(world: World, dataset: str) -> str:
    """Of the tracker that an action interactions dataset brings along."""
    return str(world.call("DescribeDataset", datasetArn=dataset)["dataset"]["trackingId"])


def stopped_recommender(world: World) -> str:
    """The world's recommender, which is INACTIVE from now on."""
    stopped = world.call("StopRecommender", recommenderArn=world.arns["recommenderArn"])
    return builders.settle(world.mock, stopped["recommenderArn"])


def _copied(resources: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    everything = (vars(resource) for kind in resources.values() for resource in kind.values())
    kept = [values[name] for values in everything for name in _HEAVY if values.get(name) is not None]
    return deepcopy(resources, {id(value): value for value in kept})


def _shallow(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.copy() if isinstance(value, (dict, list)) else value for name, value in values.items()}


def a_filter(mock: MockPersonalize, group: str) -> str:
    """A filter that is ACTIVE."""
    made = mock.call("CreateFilter", name="filter", datasetGroupArn=group, filterExpression=NOTHING_SEEN)
    return builders.settle(mock, made["filterArn"])


def _empty_group(world: World) -> str:
    return builders.a_dataset_group(world.mock, world.new_name())


def _group_with_interactions(world: World) -> str:
    group = _empty_group(world)
    builders.a_dataset(world.mock, group)
    return group


def _dataset(world: World) -> Request:
    return {
        "name": world.new_name(),
        "schemaArn": world.arns["schemaArn"],
        "datasetGroupArn": _empty_group(world),
        "datasetType": "Interactions",
    }


def _wider_items(world: World) -> Request:
    dataset = builders.a_dataset(world.mock, _empty_group(world), "Items")
    fields = {**builders.ITEMS, "NOTE": ["null", "string"]}
    schema = builders.a_schema(world.mock, name=world.new_name(), schema=builders.avro_schema("Items", fields))
    return {"datasetArn": dataset, "schemaArn": schema}


def _running_version(world: World) -> str:
    return str(world.call("CreateSolutionVersion", solutionArn=world.arns["solutionArn"])["solutionVersionArn"])


_MINIMAL: Mapping[str, Callable[[World], Request]] = {
    "CreateBatchInferenceJob": lambda w: builders.batch_request(w.new_name(), w.arns["solutionVersionArn"]),
    "CreateBatchSegmentJob": lambda w: builders.batch_request(w.new_name(), w.segments_version),
    "CreateCampaign": lambda w: {"name": w.new_name(), "solutionVersionArn": w.arns["solutionVersionArn"]},
    "CreateDataset": _dataset,
    "CreateDataDeletionJob": lambda w: {
        "jobName": w.new_name(),
        "datasetGroupArn": w.arns["datasetGroupArn"],
        "dataSource": {"dataLocation": "s3://data/gone/"},
        "roleArn": builders.ROLE,
    },
    "CreateDatasetExportJob": lambda w: {
        "jobName": w.new_name(),
        "datasetArn": w.arns["datasetArn"],
        "jobOutput": {"s3DataDestination": {"path": "s3://data/out/"}},
        "roleArn": builders.ROLE,
    },
    "CreateDatasetGroup": lambda w: {"name": w.new_name()},
    "CreateDatasetImportJob": lambda w: {
        "jobName": w.new_name(),
        "datasetArn": w.arns["datasetArn"],
        "dataSource": {"dataLocation": w.location},
        "roleArn": builders.ROLE,
    },
    "CreateEventTracker": lambda w: {"name": w.new_name(), "datasetGroupArn": _empty_group(w)},
    "CreateFilter": lambda w: {
        "name": w.new_name(),
        "datasetGroupArn": w.arns["datasetGroupArn"],
        "filterExpression": NOTHING_SEEN,
    },
    "CreateMetricAttribution": lambda w: {
        "name": w.new_name(),
        "datasetGroupArn": _group_with_interactions(w),
        "metrics": [],
        "metricsOutputConfig": {"roleArn": builders.ROLE},
    },
    "CreateRecommender": lambda w: {
        "name": w.new_name(),
        "datasetGroupArn": w.domain_group,
        "recipeArn": builders.recipe("aws-vod-most-popular"),
    },
    "CreateSchema": lambda w: {"name": w.new_name(), "schema": builders.avro_schema()},
    "CreateSolution": lambda w: {
        "name": w.new_name(),
        "datasetGroupArn": w.arns["datasetGroupArn"],
        "recipeArn": w.arns["recipeArn"],
    },
    "DeleteDataset": lambda w: {"datasetArn": builders.a_dataset(w.mock, _empty_group(w))},
    "DeleteDatasetGroup": lambda w: {"datasetGroupArn": _empty_group(w)},
    "DeleteSchema": lambda w: {"schemaArn": builders.a_schema(w.mock, name=w.new_name())},
    "DeleteSolution": lambda w: {
        "solutionArn": builders.a_solution(w.mock, w.arns["datasetGroupArn"], name=w.new_name()),
    },
    "StartRecommender": lambda w: {"recommenderArn": stopped_recommender(w)},
    "StopSolutionVersionCreation": lambda w: {"solutionVersionArn": _running_version(w)},
    "UpdateSolution": lambda w: {"solutionArn": w.arns["solutionArn"], "performAutoTraining": True},
    "UpdateCampaign": lambda w: {"campaignArn": w.arns["campaignArn"], "minProvisionedTPS": 2},
    "UpdateMetricAttribution": lambda w: {
        "metricAttributionArn": w.arns["metricAttributionArn"],
        "metricsOutputConfig": {"roleArn": builders.ROLE},
    },
    "ListTagsForResource": lambda w: {"resourceArn": w.arns["campaignArn"]},
    "TagResource": lambda w: {"resourceArn": w.arns["campaignArn"], "tags": [{"tagKey": "team", "tagValue": "films"}]},
    "UntagResource": lambda w: {"resourceArn": w.arns["campaignArn"], "tagKeys": ["team"]},
    "UpdateDataset": _wider_items,
    "UpdateRecommender": lambda w: {
        "recommenderArn": w.arns["recommenderArn"],
        "recommenderConfig": {"minRecommendationRequestsPerSecond": 2},
    },
    "PutActionInteractions": lambda w: {
        "trackingId": tracking_id(w, builders.a_dataset(w.mock, _empty_group(w), "Action_Interactions")),
        "actionInteractions": [{"actionId": "a1", "sessionId": "s1", "timestamp": 0, "eventType": "Taken"}],
    },
    "PutActions": lambda w: {
        "datasetArn": builders.a_dataset(w.mock, _empty_group(w), "Actions"),
        "actions": [{"actionId": "a1", "properties": '{"kind": "Call", "value": 1}'}],
    },
    "PutEvents": lambda w: {
        "trackingId": w.call("DescribeEventTracker", eventTrackerArn=w.arns["eventTrackerArn"])["eventTracker"][
            "trackingId"
        ],
        "sessionId": "s1",
        "eventList": [{"eventType": "Watch", "sentAt": 0, "itemId": "i1"}],
    },
    "PutItems": lambda w: {
        "datasetArn": w.arns["datasetArn"].replace("INTERACTIONS", "ITEMS"),
        "items": [{"itemId": "i1", "properties": '{"genres": "Crime", "price": 1, "creationTimestamp": 0}'}],
    },
    "PutUsers": lambda w: {
        "datasetArn": w.arns["datasetArn"].replace("INTERACTIONS", "USERS"),
        "users": [{"userId": "u1", "properties": '{"age": 30, "membership": "Free"}'}],
    },
    "GetActionRecommendations": lambda w: {"campaignArn": w.action_campaign, "userId": "u1"},
    "GetPersonalizedRanking": lambda w: {"campaignArn": w.ranking_campaign, "userId": "u1", "inputList": ["i1", "i2"]},
    "GetRecommendations": lambda w: {"campaignArn": w.arns["campaignArn"], "userId": "u1"},
}
