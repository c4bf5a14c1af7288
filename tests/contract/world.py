"""A mock with a resource of each type, the smallest request of each operation, snapshots and rollback."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import Any

import builders

from personalize_mock import MockPersonalize, active
from personalize_mock.simulation import Simulation
from personalize_mock.snapshots.copying import copied
from personalize_mock.wire.model import operation_by_name

Request = dict[str, Any]

RECIPE = builders.recipe("aws-user-personalization")
UNSEEN_ITEMS = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'
MISSING = f"arn:aws:personalize:us-east-1:{builders.ACCOUNT}:dataset-group/missing"


class World:
    """A mock with a shop, from its schemas to its campaign.

    Attributes:
        arns: ARN of a resource of each type, by the request member that takes it.
        domain_group: ARN of a domain dataset group.
        ranking_campaign: ARN of a campaign that ranks items.
        action_campaign: ARN of a campaign that recommends actions.
        segments_version: ARN of a solution version for batch segment jobs.
    """

    def __init__(self, mock: MockPersonalize) -> None:
        self.mock = mock
        self.call = mock.call
        self._numbers = count(1)
        dataset_types = ("Interactions", "Items", "Users")
        group = builders.a_group_with_data(mock, "shop", *dataset_types)
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
        """Return the simulation of the mock."""
        run = active.current_run()
        assert run is not None
        return run.simulation

    def new_name(self) -> str:
        """Return a name that no resource has."""
        return f"new-{next(self._numbers)}"

    def set_options(self, **options: Any) -> None:
        """Change options of the mock until the rollback."""
        self.simulation.options = replace(self.simulation.options, **options)

    def snapshot(self) -> Any:
        """Return everything that a call can change, for comparison."""
        stores = {
            (store.account, store.region): (copied(state.resources), dict(state.counts), state.added)
            for store, state in ((store, store.state()) for store in self.simulation.stores())
        }
        recommendations = [dict(store.recommendations) for store in self.simulation.stores()]
        journal, clock = self.mock.journal, self.mock.clock
        return stores, recommendations, clock.timestamp(), clock.upcoming(), journal.transitions()

    @contextmanager
    def rolled_back(self) -> Iterator[None]:
        """Undo all changes that are made in the block."""
        options = self.simulation.options
        with self.mock.checkpoint():
            try:
                yield
            finally:
                self.simulation.options = options


def minimal_request(world: World, operation: str) -> Request:
    """Return the smallest valid request of an operation. May create resources that the request names."""
    if operation in _MINIMAL:
        return _MINIMAL[operation](world)
    modelled = operation_by_name(operation)
    assert modelled is not None
    return {member: world.arns[member] for member in modelled.input.required_members}


def tracking_id(world: World, dataset: str) -> str:
    """Return the tracking id of an action interactions dataset."""
    return str(world.call("DescribeDataset", datasetArn=dataset)["dataset"]["trackingId"])


def stopped_recommender(world: World) -> str:
    """Stop the recommender of the world and return its ARN."""
    stopped = world.call("StopRecommender", recommenderArn=world.arns["recommenderArn"])
    return builders.settle(world.mock, stopped["recommenderArn"])


def a_filter(mock: MockPersonalize, group: str) -> str:
    """Make a filter."""
    made = mock.call("CreateFilter", name="filter", datasetGroupArn=group, filterExpression=UNSEEN_ITEMS)
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


def _items_with_another_column(world: World) -> Request:
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
        "filterExpression": UNSEEN_ITEMS,
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
    "UpdateDataset": _items_with_another_column,
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
