"""Scenarios that raise each error of each operation's model, or the reasons why an error cannot be raised."""

from collections.abc import Callable, Mapping
from typing import Any

import builders
from contract.registry import IMPLEMENTED
from contract.world import MISSING, RECIPE, Request, World, minimal_request, stopped_recommender, tracking_id

Scenario = Callable[[World, str], Request]

SCENARIOS: dict[tuple[str, str], Scenario] = {}
HOUR = 3600.0


def _starting_with(prefix: str, *, without: tuple[str, ...] = ()) -> list[str]:
    return [name for name in IMPLEMENTED if name.startswith(prefix) and name not in without]


def _with_member(member: str) -> list[str]:
    return [name for name, operation in IMPLEMENTED.items() if member in operation.input.members]


def raises(error: str, *operations: str) -> Callable[[Scenario], Scenario]:
    """Register a scenario for an error of some operations. It prepares the world and returns the request to reject."""

    def register(scenario: Scenario) -> Scenario:
        SCENARIOS.update({(operation, error): scenario for operation in operations})
        return scenario

    return register


def register_requests(error: str, requests: Mapping[str, Callable[[World], Request]]) -> None:
    """Register a scenario for an error of each operation in `requests`."""
    for operation, make in requests.items():
        SCENARIOS[operation, error] = lambda world, _, make=make: make(world)


def minimal_with(operation: str, **members: Any) -> Callable[[World], Request]:
    """Return a function that makes the minimal request of an operation with some members replaced."""
    return lambda world: {**minimal_request(world, operation), **members}


def pending(world: World, operation: str, **changed: Any) -> str:
    """Call a Create or Update operation and return the ARN of the pending resource."""
    return str(next(iter(world.call(operation, **{**minimal_request(world, operation), **changed}).values())))


@raises(
    "ResourceNotFoundException",
    *_starting_with("Describe"),
    *_starting_with("Delete"),
    *_starting_with("Create", without=("CreateDatasetGroup", "CreateSchema")),
    "GetSolutionMetrics",
    "StartRecommender",
    "StopRecommender",
    "StopSolutionVersionCreation",
    "UpdateCampaign",
    "UpdateDataset",
    "UpdateSolution",
    "UpdateRecommender",
    "PutActions",
    "PutItems",
    "PutUsers",
)
def the_named_resource_does_not_exist(world: World, operation: str) -> Request:
    shape = IMPLEMENTED[operation].input
    named = [name for name in shape.required_members if shape.members[name].name == "Arn"]
    return {**minimal_request(world, operation), **dict.fromkeys(named, MISSING)}


@raises("ResourceNotFoundException", "TagResource", "UntagResource", "ListTagsForResource")
def the_resource_does_not_exist(world: World, operation: str) -> Request:
    return {**minimal_request(world, operation), "resourceArn": MISSING}


@raises("ResourceNotFoundException", "UpdateMetricAttribution")
def the_attribution_does_not_exist(world: World, operation: str) -> Request:
    return {**minimal_request(world, operation), "metricAttributionArn": MISSING}


@raises("ResourceNotFoundException", "ListSolutionVersions")
def the_parent_does_not_exist(world: World, operation: str) -> Request:
    return {"solutionArn": MISSING}


@raises("ResourceNotFoundException", "PutActionInteractions")
def the_tracking_id_does_not_exist(world: World, operation: str) -> Request:
    return {**minimal_request(world, operation), "trackingId": "unknown"}


@raises("ResourceAlreadyExistsException", *_starting_with("Create", without=("CreateSolutionVersion",)))
def the_resource_exists(world: World, operation: str) -> Request:
    request = minimal_request(world, operation)
    world.call(operation, **request)
    return request


@raises("ResourceAlreadyExistsException", "CreateSolutionVersion")
def the_name_is_taken(world: World, operation: str) -> Request:
    request = {**minimal_request(world, operation), "name": "taken"}
    world.call(operation, **request)
    return request


@raises("TooManyTagsException", *_with_member("tags"))
def there_are_51_tags(world: World, operation: str) -> Request:
    return {**minimal_request(world, operation), "tags": [{"tagKey": str(key), "tagValue": ""} for key in range(51)]}


@raises("TooManyTagKeysException", "UntagResource")
def there_are_51_tag_keys(world: World, operation: str) -> Request:
    return {**minimal_request(world, operation), "tagKeys": [str(key) for key in range(51)]}


@raises("InvalidInputException", "TagResource", "UntagResource", "ListTagsForResource")
def the_resource_has_no_tags(world: World, operation: str) -> Request:
    return {**minimal_request(world, operation), "resourceArn": world.arns["metricAttributionArn"]}


@raises("ResourceInUseException", "TagResource", "UntagResource")
def the_resource_is_pending(world: World, operation: str) -> Request:
    return {**minimal_request(world, operation), "resourceArn": pending(world, "CreateCampaign")}


@raises("ResourceInUseException", "ListTagsForResource")
def the_resource_is_being_deleted(world: World, operation: str) -> Request:
    world.call("DeleteCampaign", campaignArn=world.arns["campaignArn"])
    return {"resourceArn": world.arns["campaignArn"]}


@raises("ResourceAlreadyExistsException", "UpdateMetricAttribution")
def the_metric_exists(world: World, operation: str) -> Request:
    metric = {"metricName": "Watched", "eventType": "Watch", "expression": "SAMPLECOUNT()"}
    return {**minimal_request(world, operation), "addMetrics": [metric]}


@raises("InvalidNextTokenException", *_with_member("nextToken"))
def the_token_is_unknown(world: World, operation: str) -> Request:
    return {**minimal_request(world, operation), "nextToken": "unknown"}


QUOTAS = {
    "CreateBatchInferenceJob": "batch_inference_jobs_in_flight",
    "CreateBatchSegmentJob": "batch_segment_jobs_in_flight",
    "CreateCampaign": "campaigns_per_group",
    "CreateDataDeletionJob": "data_deletion_jobs_pending",
    "CreateDatasetGroup": "active_dataset_groups",
    "CreateDatasetImportJob": "import_jobs_in_flight",
    "CreateFilter": "filters_per_group",
    "CreateRecommender": "recommenders_per_group",
    "CreateSchema": "schemas",
    "CreateSolution": "solutions_per_group",
    "CreateSolutionVersion": "solution_versions_in_flight",
}


@raises("LimitExceededException", *QUOTAS)
def the_quota_is_used_up(world: World, operation: str) -> Request:
    request = minimal_request(world, operation)
    world.call(operation, **request)
    world.set_options(quotas={QUOTAS[operation]: 1})
    name = next((member for member in ("name", "jobName") if member in request), None)
    return {**request, name: world.new_name()} if name else request


register_requests(
    "ResourceInUseException",
    {
        "CreateBatchInferenceJob": lambda w: builders.batch_request("new", pending(w, "CreateSolutionVersion")),
        "CreateBatchSegmentJob": lambda w: builders.batch_request("new", pending(w, "CreateSolutionVersion")),
        "CreateCampaign": lambda w: {"name": "new", "solutionVersionArn": pending(w, "CreateSolutionVersion")},
        "CreateDataset": lambda w: {
            **minimal_request(w, "CreateDataset"),
            "datasetGroupArn": pending(w, "CreateDatasetGroup"),
        },
        "CreateDataDeletionJob": lambda w: {
            **minimal_request(w, "CreateDataDeletionJob"),
            "datasetGroupArn": pending(w, "CreateDatasetGroup"),
        },
        "CreateDatasetExportJob": lambda w: {
            **minimal_request(w, "CreateDatasetExportJob"),
            "datasetArn": pending(w, "CreateDataset"),
        },
        "CreateDatasetImportJob": lambda w: {
            **minimal_request(w, "CreateDatasetImportJob"),
            "datasetArn": pending(w, "UpdateDataset"),
        },
        "CreateEventTracker": lambda w: {"name": "new", "datasetGroupArn": pending(w, "CreateDatasetGroup")},
        "CreateMetricAttribution": lambda w: {
            **minimal_request(w, "CreateMetricAttribution"),
            "datasetGroupArn": pending(w, "CreateDatasetGroup"),
        },
        "CreateRecommender": lambda w: {
            **minimal_request(w, "CreateRecommender"),
            "datasetGroupArn": pending(w, "CreateDatasetGroup", domain="VIDEO_ON_DEMAND"),
        },
        "CreateSolution": lambda w: {
            **minimal_request(w, "CreateSolution"),
            "datasetGroupArn": pending(w, "CreateDatasetGroup"),
        },
        "DeleteCampaign": lambda w: {"campaignArn": pending(w, "CreateCampaign")},
        "DeleteDataset": lambda w: {"datasetArn": pending(w, "CreateDataset")},
        "DeleteDatasetGroup": lambda w: {"datasetGroupArn": pending(w, "CreateDatasetGroup")},
        "DeleteEventTracker": lambda w: {"eventTrackerArn": pending(w, "CreateEventTracker")},
        "DeleteFilter": lambda w: {"filterArn": pending(w, "CreateFilter")},
        "DeleteMetricAttribution": lambda w: {"metricAttributionArn": pending(w, "CreateMetricAttribution")},
        "DeleteRecommender": lambda w: {"recommenderArn": pending(w, "CreateRecommender")},
        "DeleteSchema": lambda w: {"schemaArn": w.arns["schemaArn"]},
        "DeleteSolution": lambda w: {"solutionArn": w.arns["solutionArn"]},
        "GetSolutionMetrics": lambda w: {"solutionVersionArn": pending(w, "CreateSolutionVersion")},
        "StartRecommender": lambda w: {"recommenderArn": pending(w, "CreateRecommender")},
        "StopRecommender": lambda w: {"recommenderArn": pending(w, "CreateRecommender")},
        "UpdateCampaign": lambda w: {"campaignArn": pending(w, "CreateCampaign"), "minProvisionedTPS": 2},
        "UpdateDataset": lambda w: {**minimal_request(w, "UpdateDataset"), "datasetArn": pending(w, "CreateDataset")},
        "UpdateSolution": lambda w: {"solutionArn": pending(w, "UpdateSolution"), "performAutoTraining": False},
        "UpdateMetricAttribution": lambda w: {
            **minimal_request(w, "UpdateMetricAttribution"),
            "metricAttributionArn": pending(w, "CreateMetricAttribution"),
        },
        "UpdateRecommender": lambda w: {
            **minimal_request(w, "UpdateRecommender"),
            "recommenderArn": pending(w, "CreateRecommender"),
        },
    },
)


@raises("ResourceInUseException", "PutItems", "PutUsers", "PutActions")
def the_dataset_is_pending(world: World, operation: str) -> Request:
    return {**minimal_request(world, operation), "datasetArn": pending(world, "CreateDataset")}


@raises("ResourceInUseException", "PutActionInteractions")
def the_tracker_is_pending(world: World, operation: str) -> Request:
    request = minimal_request(world, operation)
    schema = builders.a_schema(world.mock, "Action_Interactions", name=world.new_name())
    dataset = pending(world, "CreateDataset", schemaArn=schema, datasetType="Action_Interactions")
    return {**request, "trackingId": tracking_id(world, dataset)}


@raises("ResourceInUseException", "CreateSolutionVersion")
def the_solution_is_pending(world: World, operation: str) -> Request:
    world.set_options(durations={"solution": HOUR})
    return {"solutionArn": pending(world, "CreateSolution")}


register_requests(
    "InvalidInputException",
    {
        "CreateBatchInferenceJob": lambda w: builders.batch_request("new", w.segments_version),
        "CreateBatchSegmentJob": lambda w: builders.batch_request("new", w.arns["solutionVersionArn"]),
        "CreateCampaign": lambda w: {
            "name": "new",
            "solutionVersionArn": w.arns["solutionVersionArn"],
            "campaignConfig": {"syncWithLatestSolutionVersion": True},
        },
        "CreateDataset": minimal_with("CreateDataset", datasetType="Films"),
        "CreateDatasetGroup": minimal_with("CreateDatasetGroup", roleArn=builders.ROLE),
        "CreateDataDeletionJob": minimal_with(
            "CreateDataDeletionJob", dataSource={"dataLocation": "s3://no-such-bucket/a.csv"}
        ),
        "CreateDatasetExportJob": minimal_with(
            "CreateDatasetExportJob", jobOutput={"s3DataDestination": {"path": "s3://no-such-bucket/a/"}}
        ),
        "CreateDatasetImportJob": minimal_with(
            "CreateDatasetImportJob", dataSource={"dataLocation": "s3://no-such-bucket/a.csv"}
        ),
        "CreateEventTracker": minimal_with("CreateEventTracker", tags=[{"tagKey": "team", "tagValue": ""}] * 2),
        "CreateFilter": minimal_with("CreateFilter", filterExpression="INCLUDE everything"),
        "CreateMetricAttribution": minimal_with(
            "CreateMetricAttribution",
            metrics=[{"metricName": "spent", "eventType": "Buy", "expression": "SUM(Interactions.PRICE)"}],
        ),
        "CreateRecommender": minimal_with("CreateRecommender", recipeArn=RECIPE),
        "CreateSchema": minimal_with("CreateSchema", schema="{}"),
        "CreateSolution": lambda w: {"name": "new", "datasetGroupArn": w.arns["datasetGroupArn"]},
        "CreateSolutionVersion": minimal_with("CreateSolutionVersion", trainingMode="AUTOTRAIN"),
        "StartRecommender": lambda w: {"recommenderArn": w.arns["recommenderArn"]},
        "StopRecommender": lambda w: {"recommenderArn": stopped_recommender(w)},
        "StopSolutionVersionCreation": lambda w: {"solutionVersionArn": w.arns["solutionVersionArn"]},
        "UpdateCampaign": lambda w: {"campaignArn": w.arns["campaignArn"]},
        "UpdateDataset": lambda w: {**minimal_request(w, "UpdateDataset"), "datasetArn": w.arns["datasetArn"]},
        "UpdateSolution": lambda w: {"solutionArn": w.arns["solutionArn"]},
        "UpdateMetricAttribution": minimal_with("UpdateMetricAttribution", removeMetrics=["unknown"]),
        "UpdateRecommender": minimal_with("UpdateRecommender", recommenderConfig={}),
        "GetActionRecommendations": minimal_with("GetActionRecommendations", campaignArn=MISSING),
        "GetPersonalizedRanking": minimal_with("GetPersonalizedRanking", inputList=[]),
        "GetRecommendations": minimal_with("GetRecommendations", campaignArn=MISSING),
        "PutActionInteractions": minimal_with(
            "PutActionInteractions",
            actionInteractions=[{"actionId": "a1", "sessionId": "s1", "timestamp": 0, "eventType": "Seen"}],
        ),
        "PutActions": minimal_with("PutActions", actions=[{"actionId": "a1"}]),
        "PutEvents": minimal_with("PutEvents", trackingId="unknown"),
        "PutItems": minimal_with("PutItems", items=[{"itemId": "i1", "properties": "{"}]),
        "PutUsers": minimal_with("PutUsers", users=[{"userId": "u1", "properties": '{"age": "old"}'}]),
    },
)

_ONLY_AN_ARN = "takes only an ARN: a malformed one is a ValidationException, an unknown one is not found"
_ONLY_FILTERS = "takes only filters and paging: values outside the model's constraints are a ValidationException"

UNRAISABLE: dict[tuple[str, str], str] = {
    **{
        (name, "InvalidInputException"): _ONLY_AN_ARN
        for name in (*_starting_with("Describe"), *_starting_with("Delete"), "GetSolutionMetrics")
    },
    **{
        (name, "InvalidInputException"): _ONLY_FILTERS
        for name in _starting_with("List", without=("ListSchemas", "ListDatasetGroups", "ListTagsForResource"))
    },
    (
        "CreateMetricAttribution",
        "LimitExceededException",
    ): "a second one in a group already exists; there is no other limit",
    ("TagResource", "LimitExceededException"): "too many tags are a TooManyTagsException; there is no other limit",
    (
        "CreateEventTracker",
        "LimitExceededException",
    ): "a second tracker in a group already exists; there is no other limit",
    ("CreateDatasetExportJob", "LimitExceededException"): "no limit of export jobs is documented",
    ("CreateDataset", "LimitExceededException"): "a second dataset of a type already exists; there is no other limit",
    ("UpdateSolution", "LimitExceededException"): "it creates nothing that is counted",
    (
        "StopSolutionVersionCreation",
        "ResourceInUseException",
    ): "stopping a version that is not running is an InvalidInputException",
    **{
        (name, "ResourceNotFoundException"): "recorded: an unknown campaign is an InvalidInputException"
        for name in ("GetActionRecommendations", "GetPersonalizedRanking", "GetRecommendations")
    },
}
