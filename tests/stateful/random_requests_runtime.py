"""Random requests for recommendations, rankings and actions, most of them from a campaign that can answer."""

from stateful import random_requests, samples
from stateful.model import Model, Request
from stateful.random_requests import Pick, existing_arn, request_for, usually
from stateful.timeline import ACTIVE, ModelResource

MISSING = random_requests.MISSING.format(path="campaign")


def _campaigns(model: Model, operation: str) -> list[ModelResource]:
    """Return the ACTIVE campaigns that answer an operation."""
    served = {
        resource.arn
        for resource in model.all("SolutionVersion")
        if samples.OPERATIONS.get(resource.shown["recipeArn"]) == operation
    }
    return [
        campaign for campaign in model.all("Campaign", status=ACTIVE) if campaign.shown["solutionVersionArn"] in served
    ]


def _campaign(pick: Pick, model: Model, operation: str) -> ModelResource | None:
    candidates = _campaigns(model, operation)
    campaign = pick(candidates) if candidates and pick(range(8)) else None
    return campaign or model.get("Campaign", existing_arn(pick, model, "Campaign"))


def _filter(pick: Pick, model: Model, source: ModelResource | None, *, actions: bool = False) -> str:
    """Return a filter, preferably one that the source can use."""
    group = None if source is None else source.shown.get("datasetGroupArn", source.facts.get("datasetGroupArn"))
    ready = model.all("Filter", datasetGroupArn=group, status=ACTIVE)
    candidates = [chosen.arn for chosen in ready if (chosen.facts["type"] == "ACTIONS") == actions]
    return (
        pick(candidates)
        if candidates and pick(range(6))
        else existing_arn(pick, model, "Filter", datasetGroupArn=group, status=ACTIVE)
    )


def _filtered(pick: Pick, model: Model, source: ModelResource | None, *, actions: bool = False) -> Request:
    likely = 3 if model.resources["Filter"] else 12
    return {} if pick(range(likely)) else {"filterArn": _filter(pick, model, source, actions=actions)}


def _metadata(pick: Pick, source: ModelResource | None) -> Request:
    """Return metadata columns, rarely where metadata is not enabled."""
    shown = {} if source is None else source.shown
    config = shown.get("campaignConfig", shown.get("recommenderConfig", {}))
    if pick(range(2 if config.get("enableMetadataWithRecommendations") else 20)):
        return {}
    return {"metadataColumns": {"ITEMS": pick((["GENRES"], ["GENRES", "PRICE"], ["GENRES"], ["EXTRA"], ["NONE"]))}}


@request_for("GetRecommendations", 7, needs="Campaign Recommender")
def get_recommendations(pick: Pick, model: Model) -> Request:
    candidates = [*_campaigns(model, "GetRecommendations"), *model.all("Recommender", status=ACTIVE)]
    source = (
        pick(candidates)
        if candidates and pick(range(10))
        else model.get("Campaign", existing_arn(pick, model, "Campaign"))
    )
    member = "recommenderArn" if source is not None and source.resource_type == "Recommender" else "campaignArn"
    named = {member: MISSING if source is None else source.arn}
    both = {
        **named,
        "campaignArn": existing_arn(pick, model, "Campaign"),
        "recommenderArn": existing_arn(pick, model, "Recommender"),
    }
    ids = usually(pick, {"userId": "u1", "itemId": "i1"}, {"userId": "new"}, {"itemId": "new"}, {})
    request = {**usually(pick, named, named, {}, both), **ids, **_filtered(pick, model, source)}
    if not pick(range(4 if model.resources["Filter"] else 20)):
        promoted = {
            "name": "best",
            "percentPromotedItems": pick((1, 40, 100)),
            "filterArn": _filter(pick, model, source),
        }
        request["promotions"] = usually(pick, [promoted], [promoted] * 2)
    counts = {} if pick(range(2)) else {"numResults": pick((1, 5, 50, 500, 501))}
    return {**request, **counts, **_metadata(pick, source)}


@request_for("GetPersonalizedRanking", 3, needs="Campaign")
def get_personalized_ranking(pick: Pick, model: Model) -> Request:
    source = _campaign(pick, model, "GetPersonalizedRanking")
    items = usually(pick, ["i1", "i2"], ["i3", "none", "i3"], [], [f"i{number}" for number in range(51)])
    request = {
        "campaignArn": MISSING if source is None else source.arn,
        "userId": pick(("u1", "new")),
        "inputList": items,
    }
    return {**request, **_filtered(pick, model, source), **_metadata(pick, source)}


@request_for("GetActionRecommendations", 3, needs="Campaign")
def get_action_recommendations(pick: Pick, model: Model) -> Request:
    source = _campaign(pick, model, "GetActionRecommendations")
    request = {
        "campaignArn": MISSING if source is None else source.arn,
        **usually(pick, {"userId": "u1"}, {"userId": "new"}, {}),
    }
    counts = {} if pick(range(2)) else {"numResults": pick((1, 100, 101))}
    return {**request, **counts, **_filtered(pick, model, source, actions=True)}
