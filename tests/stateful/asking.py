"""Requests that speak of what is there more often than not; a way to ask for each operation.

`pick` chooses one of a sequence: hypothesis, or a random generator, stands behind it.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

import builders
from stateful import texts
from stateful.kinds import KINDS, Kind
from stateful.model import Model, Request

from personalize_mock.wire.model import CONTROL, service_model

T = TypeVar("T")
DAY = 86_400
MISSING = "arn:aws:personalize:us-east-1:123456789012:{path}/missing"
JUMPS = (0, 1, 7, 29.5, 60, 301, 601, 1201, 3600, 5000, DAY, 8 * DAY)
NAMES = ("a", "b", "c")
MORE_NAMES = tuple("abcdefgh")


class Pick(Protocol):
    """Chooses."""

    def __call__(self, options: Sequence[T], /) -> T: ...


Ask = Callable[[Pick, Model], Request]
ASKING: dict[str, Ask] = {}
_CAMPAIGN_CONFIG = service_model(CONTROL).shape_for("CampaignConfig").members  # of the installed botocore
WEIGHTS: dict[str, int] = {}
ABOUT: dict[str, tuple[str, ...]] = {}  # kinds without any of which there is little sense in asking


def asks(operation: str, weight: int = 2, *, about: str = "") -> Callable[[Ask], Ask]:
    """Registers how an operation is asked for, how often compared with others, and what it speaks of.

    That is any of some kinds, of datasets with their type: `Campaign Dataset/ITEMS`.
    """

    def register(function: Ask) -> Ask:
        ASKING[operation] = function
        WEIGHTS[operation] = weight
        ABOUT[operation] = tuple(about.split())
        return function

    return register


def is_sensible(model: Model, operation: str) -> bool:
    """Whether there is something that an operation speaks of."""
    kinds = ABOUT.get(operation, ())
    return not kinds or any(_there(model, *kind.split("/")) for kind in kinds)


def _there(model: Model, kind: str, dataset_type: str | None = None) -> list[Any]:
    return model.all(kind, **({"datasetType": dataset_type} if dataset_type else {}))


def known(pick: Pick, model: Model, kind: str, **members: Any) -> str:
    """The ARN of something that is there, nine times in ten if there is one; preferably with these members."""
    there = [thing.arn for thing in model.all(kind, **members)] or list(model.things[kind])
    if there and pick(range(10)):
        return pick(there)
    return MISSING.format(path=KINDS[kind].path)


def usually(pick: Pick, common: T, *rare: T) -> T:
    """The common value, five times in six."""
    return pick(rare) if pick(range(6)) == 5 else common


def _maybe(pick: Pick, **members: Sequence[Any]) -> Request:
    """Each member with one of its values, one time in three."""
    return {name: pick(values) for name, values in members.items() if pick(range(3)) == 2}


@asks("CreateSchema", 3)
def create_schema(pick: Pick, model: Model) -> Request:
    kind = pick(list(texts.SCHEMAS))
    domain = pick(texts.DOMAINS) if not kind.startswith("Action") else usually(pick, None, texts.VOD)
    tail = (domain or "custom").lower()
    wider = texts.WIDER.get(kind, [])
    text = usually(pick, texts.SCHEMAS[kind], *texts.NO_SCHEMAS) if pick(range(3)) or not wider else pick(wider)
    return {
        "name": usually(pick, f"{kind}-{tail}-{texts.WIDTHS.get(text, 0)}", *NAMES),
        "schema": text,
        **({"domain": domain} if domain else {}),
    }


@asks("CreateDatasetGroup", 3)
def create_dataset_group(pick: Pick, model: Model) -> Request:
    domain = pick((None, None, texts.VOD, texts.VOD, texts.ECOMMERCE))
    return {"name": pick(MORE_NAMES), **({"domain": domain} if domain else {})}


@asks("CreateDataset", 5, about="Schema")
def create_dataset(pick: Pick, model: Model) -> Request:
    group = known(pick, model, "DatasetGroup", status="ACTIVE")
    found = model.get("DatasetGroup", group)
    domain = found.facts["domain"] if found else None
    schema = known(pick, model, "Schema", domain=domain)
    made = model.get("Schema", schema)
    kinds = list(builders.FIELDS)
    fitting = next((kind for kind in kinds if made and kind.upper() == made.facts["type"]), "Interactions")
    kind = usually(pick, fitting, fitting.upper(), *kinds, "Nothing")
    return {"name": pick(NAMES), "schemaArn": schema, "datasetGroupArn": group, "datasetType": kind}


@asks("CreateDatasetImportJob", 4, about="Dataset")
def create_dataset_import_job(pick: Pick, model: Model) -> Request:
    dataset = known(pick, model, "Dataset", status="ACTIVE")
    fitting = f"s3://{texts.BUCKET}/{dataset.rpartition('/')[2]}.csv"
    return {
        "jobName": f"job-{pick(range(12))}",
        "datasetArn": dataset,
        "dataSource": {"dataLocation": usually(pick, fitting, *texts.LOCATIONS, *texts.NO_LOCATIONS)},
        "roleArn": usually(pick, builders.ROLE, builders.ROLE, "arn:aws:iam::999999999999:role/Theirs"),
        **_maybe(pick, importMode=("FULL", "INCREMENTAL")),
    }


@asks("CreateEventTracker", about="DatasetGroup")
def create_event_tracker(pick: Pick, model: Model) -> Request:
    return {"name": pick(NAMES), "datasetGroupArn": known(pick, model, "DatasetGroup", status="ACTIVE")}


@asks("CreateFilter", 3, about="Dataset")
def create_filter(pick: Pick, model: Model) -> Request:
    expression = usually(pick, pick(list(texts.FILTERS)), *texts.NO_FILTERS)
    group = known(pick, model, "DatasetGroup", status="ACTIVE")
    return {"name": pick(MORE_NAMES), "datasetGroupArn": group, "filterExpression": expression}


@asks("PutEvents", 3, about="EventTracker")
def put_events(pick: Pick, model: Model) -> Request:
    trackers = [thing.shown["trackingId"] for thing in model.all("EventTracker")]
    events = [{**texts.GOOD_EVENT, "itemId": f"i{number}"} for number in range(pick((1, 2, 10)))]
    return {
        "trackingId": usually(pick, pick(trackers or ["none"]), "none"),
        "sessionId": "s1",
        "eventList": usually(pick, events, [*events[1:], texts.BAD_EVENT]),
        **({"userId": "u1", "sessionId": "s2"} if pick(range(3)) else {}),
    }


def _records(operation: str, member: str) -> None:
    @asks(operation, 1, about=f"Dataset/{member.upper()}")
    def put(pick: Pick, model: Model) -> Request:
        good, bad = texts.GOOD_RECORDS[member], texts.BAD_RECORDS[member]
        dataset = known(pick, model, "Dataset", datasetType=member.upper())
        return {"datasetArn": dataset, member: usually(pick, [good], [good, bad])}


for _operation in ("PutItems", "PutUsers", "PutActions"):
    _records(_operation, _operation[3:].lower())


@asks("PutActionInteractions", 2, about="Dataset/ACTION_INTERACTIONS")
def put_action_interactions(pick: Pick, model: Model) -> Request:
    ids = [thing.shown["trackingId"] for thing in model.all("Dataset", datasetType="ACTION_INTERACTIONS")]
    given = usually(pick, [texts.GOOD_ACTION], [texts.GOOD_ACTION, texts.BAD_ACTION])
    return {"trackingId": usually(pick, pick(ids or ["none"]), "none"), "actionInteractions": given}


@asks("CreateSolution", 4, about="DatasetGroup")
def create_solution(pick: Pick, model: Model) -> Request:
    recipe = usually(pick, pick(texts.SOLVABLE), texts.NO_RECIPE, *texts.USE_CASES)
    group = known(pick, model, "DatasetGroup", status="ACTIVE")
    config = {"autoTrainingConfig": {"schedulingExpression": "rate(2 days)"}}
    optional = _maybe(pick, performAutoTraining=(True,), solutionConfig=(config,))
    request = {"name": pick(MORE_NAMES), "datasetGroupArn": group, "recipeArn": recipe}
    return {**request, "performAutoTraining": False, **optional}


@asks("UpdateSolution", about="Solution")
def update_solution(pick: Pick, model: Model) -> Request:
    schedule = {"autoTrainingConfig": {"schedulingExpression": "rate(3 days)"}}
    given = _maybe(pick, performAutoTraining=(True, False), solutionUpdateConfig=(schedule,))
    return {"solutionArn": known(pick, model, "Solution"), **given}


@asks("CreateSolutionVersion", 5, about="Solution")
def create_solution_version(pick: Pick, model: Model) -> Request:
    given = {"name": pick(NAMES)} if pick(range(6)) == 5 else {}
    return {
        "solutionArn": known(pick, model, "Solution"),
        "trainingMode": usually(pick, "FULL", "FULL", "UPDATE", "AUTOTRAIN"),
        **given,
    }


@asks("StopSolutionVersionCreation", 2, about="SolutionVersion")
def stop_solution_version_creation(pick: Pick, model: Model) -> Request:
    moving = [thing.arn for thing in model.all("SolutionVersion") if thing.coming]
    return {"solutionVersionArn": pick(moving) if moving else known(pick, model, "SolutionVersion")}


@asks("GetSolutionMetrics", 1, about="SolutionVersion")
def get_solution_metrics(pick: Pick, model: Model) -> Request:
    return {"solutionVersionArn": known(pick, model, "SolutionVersion")}


def _serving(pick: Pick, model: Model) -> Request:
    latest = f"{known(pick, model, 'Solution')}/$LATEST"
    version = known(pick, model, "SolutionVersion", status="ACTIVE")
    synced = {"syncWithLatestSolutionVersion": True}
    arn = usually(pick, version, latest, latest, known(pick, model, "SolutionVersion"))
    configs: tuple[dict[str, Any], ...] = ({}, synced, {"enableMetadataWithRecommendations": True})
    if "rankingInfluence" in _CAMPAIGN_CONFIG:
        configs = (*configs, *configs, {"rankingInfluence": {"POPULARITY": 0.1}})
    config = pick((synced, synced, {})) if arn == latest else pick((None, *configs))
    return {"solutionVersionArn": arn, **({} if config is None else {"campaignConfig": config})}


@asks("CreateCampaign", 5, about="SolutionVersion")
def create_campaign(pick: Pick, model: Model) -> Request:
    return {"name": pick(MORE_NAMES), **_serving(pick, model), **_maybe(pick, minProvisionedTPS=(1, 2))}


@asks("UpdateCampaign", 3, about="Campaign")
def update_campaign(pick: Pick, model: Model) -> Request:
    given = _serving(pick, model) | _maybe(pick, minProvisionedTPS=(1, 2, 3))
    kept = {name: value for name, value in given.items() if pick(range(2))}
    return {"campaignArn": known(pick, model, "Campaign", status="ACTIVE"), **kept}


_RECOMMENDER_CONFIGS = (
    {},
    {"minRecommendationRequestsPerSecond": 2},
    {"enableMetadataWithRecommendations": True},
    {"itemExplorationConfig": {"explorationWeight": "0.1"}},
)


@asks("CreateRecommender", 4, about="DatasetGroup")
def create_recommender(pick: Pick, model: Model) -> Request:
    group = known(pick, model, "DatasetGroup", domain=texts.VOD)
    recipe = usually(pick, pick(list(texts.USE_CASES)), texts.ALIEN_USE_CASE, texts.NO_RECIPE, *texts.RECIPES)
    request = {"name": pick(MORE_NAMES), "datasetGroupArn": group, "recipeArn": recipe}
    return {**request, **_maybe(pick, recommenderConfig=_RECOMMENDER_CONFIGS)}


@asks("UpdateRecommender", about="Recommender")
def update_recommender(pick: Pick, model: Model) -> Request:
    recommender = known(pick, model, "Recommender", status="ACTIVE")
    return {"recommenderArn": recommender, "recommenderConfig": pick(_RECOMMENDER_CONFIGS)}


@asks("StopRecommender", 2, about="Recommender")
def stop_recommender(pick: Pick, model: Model) -> Request:
    return {"recommenderArn": known(pick, model, "Recommender", status="ACTIVE")}


@asks("StartRecommender", 2, about="Recommender")
def start_recommender(pick: Pick, model: Model) -> Request:
    return {"recommenderArn": known(pick, model, "Recommender", status="INACTIVE")}


def _asks_by_arn(kind: Kind) -> None:
    def by_arn(pick: Pick, model: Model) -> Request:
        return {kind.arn: known(pick, model, kind.name)}

    asks(f"Describe{kind.name}", 1, about=kind.name)(by_arn)
    if kind.deletable:
        asks(f"Delete{kind.name}", 2, about=kind.name)(by_arn)


for _kind in KINDS.values():
    _asks_by_arn(_kind)
