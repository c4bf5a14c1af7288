"""How to ask for recommendations, rankings and actions, more often than not of who can answer."""

from stateful import asking, texts
from stateful.asking import Pick, asks, known, usually
from stateful.model import Model, Request
from stateful.timeline import ACTIVE, Thing

MISSING = asking.MISSING.format(path="campaign")


def _campaigns(model: Model, operation: str) -> list[Thing]:
    """The ACTIVE campaigns that answer an operation."""
    served = {
        thing.arn for thing in model.all("SolutionVersion") if texts.SERVING.get(thing.shown["recipeArn"]) == operation
    }
    return [each for each in model.all("Campaign", status=ACTIVE) if each.shown["solutionVersionArn"] in served]


def _campaign(pick: Pick, model: Model, operation: str) -> Thing | None:
    able = _campaigns(model, operation)
    found = pick(able) if able and pick(range(8)) else None
    return found or model.get("Campaign", known(pick, model, "Campaign"))


def _filter(pick: Pick, model: Model, source: Thing | None, *, actions: bool = False) -> str:
    """A filter, preferably one that can be used there."""
    group = None if source is None else source.shown.get("datasetGroupArn", source.facts.get("datasetGroupArn"))
    ready = model.all("Filter", datasetGroupArn=group, status=ACTIVE)
    able = [each.arn for each in ready if (each.facts["type"] == "ACTIONS") == actions]
    return pick(able) if able and pick(range(6)) else known(pick, model, "Filter", datasetGroupArn=group, status=ACTIVE)


def _filtered(pick: Pick, model: Model, source: Thing | None, *, actions: bool = False) -> Request:
    likely = 3 if model.things["Filter"] else 12
    return {} if pick(range(likely)) else {"filterArn": _filter(pick, model, source, actions=actions)}


def _metadata(pick: Pick, source: Thing | None) -> Request:
    """Columns to show, seldom where that is not enabled."""
    shown = {} if source is None else source.shown
    config = shown.get("campaignConfig", shown.get("recommenderConfig", {}))
    if pick(range(2 if config.get("enableMetadataWithRecommendations") else 20)):
        return {}
    return {"metadataColumns": {"ITEMS": pick((["GENRES"], ["GENRES", "PRICE"], ["GENRES"], ["EXTRA"], ["NONE"]))}}


@asks("GetRecommendations", 7, about="Campaign Recommender")
def get_recommendations(pick: Pick, model: Model) -> Request:
    able = [*_campaigns(model, "GetRecommendations"), *model.all("Recommender", status=ACTIVE)]
    source = pick(able) if able and pick(range(10)) else model.get("Campaign", known(pick, model, "Campaign"))
    member = "recommenderArn" if source is not None and source.kind == "Recommender" else "campaignArn"
    named = {member: MISSING if source is None else source.arn}
    both = {**named, "campaignArn": known(pick, model, "Campaign"), "recommenderArn": known(pick, model, "Recommender")}
    ids = usually(pick, {"userId": "u1", "itemId": "i1"}, {"userId": "new"}, {"itemId": "new"}, {})
    request = {**usually(pick, named, named, {}, both), **ids, **_filtered(pick, model, source)}
    if not pick(range(4 if model.things["Filter"] else 20)):
        promoted = {
            "name": "best",
            "percentPromotedItems": pick((1, 40, 100)),
            "filterArn": _filter(pick, model, source),
        }
        request["promotions"] = usually(pick, [promoted], [promoted] * 2)
    counts = {} if pick(range(2)) else {"numResults": pick((1, 5, 50, 500, 501))}
    return {**request, **counts, **_metadata(pick, source)}


@asks("GetPersonalizedRanking", 3, about="Campaign")
def get_personalized_ranking(pick: Pick, model: Model) -> Request:
    source = _campaign(pick, model, "GetPersonalizedRanking")
    items = usually(pick, ["i1", "i2"], ["i3", "none", "i3"], [], [f"i{number}" for number in range(51)])
    asked = {
        "campaignArn": MISSING if source is None else source.arn,
        "userId": pick(("u1", "new")),
        "inputList": items,
    }
    return {**asked, **_filtered(pick, model, source), **_metadata(pick, source)}


@asks("GetActionRecommendations", 3, about="Campaign")
def get_action_recommendations(pick: Pick, model: Model) -> Request:
    source = _campaign(pick, model, "GetActionRecommendations")
    asked = {
        "campaignArn": MISSING if source is None else source.arn,
        **usually(pick, {"userId": "u1"}, {"userId": "new"}, {}),
    }
    counts = {} if pick(range(2)) else {"numResults": pick((1, 100, 101))}
    return {**asked, **counts, **_filtered(pick, model, source, actions=True)}
