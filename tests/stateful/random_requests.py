"""Random requests for each operation. Most of them name existing resources.

`pick` chooses an element of a sequence, either with hypothesis or with a random generator.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

import builders
from stateful import samples
from stateful.model import Model, Request
from stateful.resource_types import RESOURCE_TYPES, ResourceType

from personalize_mock.wire.model import CONTROL, service_model

T = TypeVar("T")
DAY = 86_400
MISSING = "arn:aws:personalize:us-east-1:123456789012:{path}/missing"
JUMPS = (0, 1, 7, 29.5, 60, 301, 601, 1201, 3600, 5000, DAY, 8 * DAY)
NAMES = ("a", "b", "c")
MORE_NAMES = tuple("abcdefgh")


class Pick(Protocol):
    """A function that chooses an element of a sequence."""

    def __call__(self, options: Sequence[T], /) -> T: ...


RequestMaker = Callable[[Pick, Model], Request]
REQUESTS: dict[str, RequestMaker] = {}
_CAMPAIGN_CONFIG = service_model(CONTROL).shape_for("CampaignConfig").members  # of the installed botocore
WEIGHTS: dict[str, int] = {}
NEEDS: dict[str, tuple[str, ...]] = {}  # the operation is useless without any resource of these types


def request_for(operation: str, weight: int = 2, *, needs: str = "") -> Callable[[RequestMaker], RequestMaker]:
    """Register a function that makes requests for an operation.

    Args:
        operation: Name of the operation.
        weight: Frequency relative to other operations.
        needs: Resource types, one of which must exist. Datasets can have a type: `Campaign Dataset/ITEMS`.
    """

    def register(function: RequestMaker) -> RequestMaker:
        REQUESTS[operation] = function
        WEIGHTS[operation] = weight
        NEEDS[operation] = tuple(needs.split())
        return function

    return register


def is_possible(model: Model, operation: str) -> bool:
    """Return whether a resource that the operation needs exists."""
    resource_types = NEEDS.get(operation, ())
    return not resource_types or any(_existing(model, *name.split("/")) for name in resource_types)


def _existing(model: Model, resource_type: str, dataset_type: str | None = None) -> list[Any]:
    return model.all(resource_type, **({"datasetType": dataset_type} if dataset_type else {}))


def existing_arn(pick: Pick, model: Model, resource_type: str, **members: Any) -> str:
    """Return the ARN of an existing resource nine times in ten, preferably of one with these members."""
    arns = [resource.arn for resource in model.all(resource_type, **members)] or list(model.resources[resource_type])
    if arns and pick(range(10)):
        return pick(arns)
    return MISSING.format(path=RESOURCE_TYPES[resource_type].path)


def usually(pick: Pick, common: T, *rare: T) -> T:
    """Return the common value five times in six."""
    return pick(rare) if pick(range(6)) == 5 else common


def _optional(pick: Pick, **members: Sequence[Any]) -> Request:
    """Return each member with one of its values one time in three."""
    return {name: pick(values) for name, values in members.items() if pick(range(3)) == 2}


@request_for("CreateSchema", 3)
def create_schema(pick: Pick, model: Model) -> Request:
    dataset_type = pick(list(samples.SCHEMAS))
    domain = pick(samples.DOMAINS) if not dataset_type.startswith("Action") else usually(pick, None, samples.VOD)
    tail = (domain or "custom").lower()
    wider = samples.WIDER.get(dataset_type, [])
    text = (
        usually(pick, samples.SCHEMAS[dataset_type], *samples.INVALID_SCHEMAS)
        if pick(range(3)) or not wider
        else pick(wider)
    )
    return {
        "name": usually(pick, f"{dataset_type}-{tail}-{samples.WIDTHS.get(text, 0)}", *NAMES),
        "schema": text,
        **({"domain": domain} if domain else {}),
    }


@request_for("CreateDatasetGroup", 3)
def create_dataset_group(pick: Pick, model: Model) -> Request:
    domain = pick((None, None, samples.VOD, samples.VOD, samples.ECOMMERCE))
    return {"name": pick(MORE_NAMES), **({"domain": domain} if domain else {})}


@request_for("CreateDataset", 5, needs="Schema")
def create_dataset(pick: Pick, model: Model) -> Request:
    group = existing_arn(pick, model, "DatasetGroup", status="ACTIVE")
    existing = model.get("DatasetGroup", group)
    domain = existing.facts["domain"] if existing else None
    schema = existing_arn(pick, model, "Schema", domain=domain)
    chosen = model.get("Schema", schema)
    dataset_types = list(builders.FIELDS)
    matching = next((name for name in dataset_types if chosen and name.upper() == chosen.facts["type"]), "Interactions")
    dataset_type = usually(pick, matching, matching.upper(), *dataset_types, "Nothing")
    return {"name": pick(NAMES), "schemaArn": schema, "datasetGroupArn": group, "datasetType": dataset_type}


@request_for("CreateDatasetImportJob", 4, needs="Dataset")
def create_dataset_import_job(pick: Pick, model: Model) -> Request:
    dataset = existing_arn(pick, model, "Dataset", status="ACTIVE")
    matching = f"s3://{samples.BUCKET}/{dataset.rpartition('/')[2]}.csv"
    return {
        "jobName": f"job-{pick(range(12))}",
        "datasetArn": dataset,
        "dataSource": {"dataLocation": usually(pick, matching, *samples.LOCATIONS, *samples.MISSING_LOCATIONS)},
        "roleArn": usually(pick, builders.ROLE, builders.ROLE, "arn:aws:iam::999999999999:role/Theirs"),
        **_optional(pick, importMode=("FULL", "INCREMENTAL")),
    }


@request_for("CreateEventTracker", needs="DatasetGroup")
def create_event_tracker(pick: Pick, model: Model) -> Request:
    return {"name": pick(NAMES), "datasetGroupArn": existing_arn(pick, model, "DatasetGroup", status="ACTIVE")}


@request_for("CreateFilter", 3, needs="Dataset")
def create_filter(pick: Pick, model: Model) -> Request:
    expression = usually(pick, pick(list(samples.FILTERS)), *samples.INVALID_FILTERS)
    group = existing_arn(pick, model, "DatasetGroup", status="ACTIVE")
    return {"name": pick(MORE_NAMES), "datasetGroupArn": group, "filterExpression": expression}


@request_for("PutEvents", 3, needs="EventTracker")
def put_events(pick: Pick, model: Model) -> Request:
    trackers = [resource.shown["trackingId"] for resource in model.all("EventTracker")]
    events = [{**samples.VALID_EVENT, "itemId": f"i{number}"} for number in range(pick((1, 2, 10)))]
    return {
        "trackingId": usually(pick, pick(trackers or ["none"]), "none"),
        "sessionId": "s1",
        "eventList": usually(pick, events, [*events[1:], samples.INVALID_EVENT]),
        **({"userId": "u1", "sessionId": "s2"} if pick(range(3)) else {}),
    }


def _records(operation: str, member: str) -> None:
    @request_for(operation, 1, needs=f"Dataset/{member.upper()}")
    def put(pick: Pick, model: Model) -> Request:
        valid, invalid = samples.VALID_RECORDS[member], samples.INVALID_RECORDS[member]
        dataset = existing_arn(pick, model, "Dataset", datasetType=member.upper())
        return {"datasetArn": dataset, member: usually(pick, [valid], [valid, invalid])}


for _operation in ("PutItems", "PutUsers", "PutActions"):
    _records(_operation, _operation[3:].lower())


@request_for("PutActionInteractions", 2, needs="Dataset/ACTION_INTERACTIONS")
def put_action_interactions(pick: Pick, model: Model) -> Request:
    ids = [resource.shown["trackingId"] for resource in model.all("Dataset", datasetType="ACTION_INTERACTIONS")]
    given = usually(pick, [samples.VALID_ACTION], [samples.VALID_ACTION, samples.INVALID_ACTION])
    return {"trackingId": usually(pick, pick(ids or ["none"]), "none"), "actionInteractions": given}


@request_for("CreateSolution", 4, needs="DatasetGroup")
def create_solution(pick: Pick, model: Model) -> Request:
    recipe = usually(pick, pick(samples.SOLUTION_RECIPES), samples.UNKNOWN_RECIPE, *samples.USE_CASES)
    group = existing_arn(pick, model, "DatasetGroup", status="ACTIVE")
    config = {"autoTrainingConfig": {"schedulingExpression": "rate(2 days)"}}
    optional = _optional(pick, performAutoTraining=(True,), solutionConfig=(config,))
    request = {"name": pick(MORE_NAMES), "datasetGroupArn": group, "recipeArn": recipe}
    return {**request, "performAutoTraining": False, **optional}


@request_for("UpdateSolution", needs="Solution")
def update_solution(pick: Pick, model: Model) -> Request:
    schedule = {"autoTrainingConfig": {"schedulingExpression": "rate(3 days)"}}
    given = _optional(pick, performAutoTraining=(True, False), solutionUpdateConfig=(schedule,))
    return {"solutionArn": existing_arn(pick, model, "Solution"), **given}


@request_for("CreateSolutionVersion", 5, needs="Solution")
def create_solution_version(pick: Pick, model: Model) -> Request:
    given = {"name": pick(NAMES)} if pick(range(6)) == 5 else {}
    return {
        "solutionArn": existing_arn(pick, model, "Solution"),
        "trainingMode": usually(pick, "FULL", "FULL", "UPDATE", "AUTOTRAIN"),
        **given,
    }


@request_for("StopSolutionVersionCreation", 2, needs="SolutionVersion")
def stop_solution_version_creation(pick: Pick, model: Model) -> Request:
    changing = [resource.arn for resource in model.all("SolutionVersion") if resource.creating]
    return {"solutionVersionArn": pick(changing) if changing else existing_arn(pick, model, "SolutionVersion")}


@request_for("GetSolutionMetrics", 1, needs="SolutionVersion")
def get_solution_metrics(pick: Pick, model: Model) -> Request:
    return {"solutionVersionArn": existing_arn(pick, model, "SolutionVersion")}


def _serving(pick: Pick, model: Model) -> Request:
    latest = f"{existing_arn(pick, model, 'Solution')}/$LATEST"
    version = existing_arn(pick, model, "SolutionVersion", status="ACTIVE")
    synced = {"syncWithLatestSolutionVersion": True}
    arn = usually(pick, version, latest, latest, existing_arn(pick, model, "SolutionVersion"))
    configs: tuple[dict[str, Any], ...] = ({}, synced, {"enableMetadataWithRecommendations": True})
    if "rankingInfluence" in _CAMPAIGN_CONFIG:
        configs = (*configs, *configs, {"rankingInfluence": {"POPULARITY": 0.1}})
    config = pick((synced, synced, {})) if arn == latest else pick((None, *configs))
    return {"solutionVersionArn": arn, **({} if config is None else {"campaignConfig": config})}


@request_for("CreateCampaign", 5, needs="SolutionVersion")
def create_campaign(pick: Pick, model: Model) -> Request:
    return {"name": pick(MORE_NAMES), **_serving(pick, model), **_optional(pick, minProvisionedTPS=(1, 2))}


@request_for("UpdateCampaign", 3, needs="Campaign")
def update_campaign(pick: Pick, model: Model) -> Request:
    given = _serving(pick, model) | _optional(pick, minProvisionedTPS=(1, 2, 3))
    kept = {name: value for name, value in given.items() if pick(range(2))}
    return {"campaignArn": existing_arn(pick, model, "Campaign", status="ACTIVE"), **kept}


_RECOMMENDER_CONFIGS = (
    {},
    {"minRecommendationRequestsPerSecond": 2},
    {"enableMetadataWithRecommendations": True},
    {"itemExplorationConfig": {"explorationWeight": "0.1"}},
)


@request_for("CreateRecommender", 4, needs="DatasetGroup")
def create_recommender(pick: Pick, model: Model) -> Request:
    group = existing_arn(pick, model, "DatasetGroup", domain=samples.VOD)
    recipe = usually(
        pick, pick(list(samples.USE_CASES)), samples.OTHER_DOMAIN_USE_CASE, samples.UNKNOWN_RECIPE, *samples.RECIPES
    )
    request = {"name": pick(MORE_NAMES), "datasetGroupArn": group, "recipeArn": recipe}
    return {**request, **_optional(pick, recommenderConfig=_RECOMMENDER_CONFIGS)}


@request_for("UpdateRecommender", needs="Recommender")
def update_recommender(pick: Pick, model: Model) -> Request:
    recommender = existing_arn(pick, model, "Recommender", status="ACTIVE")
    return {"recommenderArn": recommender, "recommenderConfig": pick(_RECOMMENDER_CONFIGS)}


@request_for("StopRecommender", 2, needs="Recommender")
def stop_recommender(pick: Pick, model: Model) -> Request:
    return {"recommenderArn": existing_arn(pick, model, "Recommender", status="ACTIVE")}


@request_for("StartRecommender", 2, needs="Recommender")
def start_recommender(pick: Pick, model: Model) -> Request:
    return {"recommenderArn": existing_arn(pick, model, "Recommender", status="INACTIVE")}


def _request_by_arn(resource_type: ResourceType) -> None:
    def by_arn(pick: Pick, model: Model) -> Request:
        return {resource_type.arn: existing_arn(pick, model, resource_type.name)}

    request_for(f"Describe{resource_type.name}", 1, needs=resource_type.name)(by_arn)
    if resource_type.deletable:
        request_for(f"Delete{resource_type.name}", 2, needs=resource_type.name)(by_arn)


for _type in RESOURCE_TYPES.values():
    _request_by_arn(_type)
