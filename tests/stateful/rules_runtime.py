"""Documented rules of the three runtime operations."""

from typing import Any

from stateful import samples
from stateful.model import Accepted, ExpectedErrors, Model, rule
from stateful.rules_data import Response
from stateful.timeline import ACTIVE, USABLE, ModelResource

Members = dict[str, Any]
NOT_READY = ("InvalidInput", "ResourceNotFound")


@rule("GetRecommendations")
def get_recommendations(
    model: Model,
    refuse: ExpectedErrors,
    *,
    campaign_arn: str | None = None,
    recommender_arn: str | None = None,
    user_id: str | None = None,
    item_id: str | None = None,
    num_results: int = 25,
    filter_arn: str | None = None,
    promotions: list[Members] | None = None,
    metadata_columns: dict[str, list[str]] | None = None,
) -> Accepted:
    source = model.get("Campaign", campaign_arn) or model.get("Recommender", recommender_arn)
    refuse("InvalidInput", when=(campaign_arn is None) == (recommender_arn is None))
    promoting = promotions or []
    if _answers(model, refuse, source, "GetRecommendations") and source is not None:
        needed = _needed(model, source)
        refuse("InvalidInput", when=needed and {"userId": user_id, "itemId": item_id}[needed] is None)
        for arn in (filter_arn, *(promotion["filterArn"] for promotion in promoting)):
            _check_filter(model, refuse, source, arn, user_id=user_id)
        refuse.perhaps(
            "InvalidInput", when=user_id is None and (source.resource_type == "Recommender" or needed is None)
        )
        _check_columns(model, refuse, source, metadata_columns, count=num_results)
    refuse("InvalidInput", when=num_results > 500)
    refuse("Validation", when=len(promoting) > 1)

    def accepted(response: Response) -> None:
        items = _ids(model, response, "itemList", most=num_results)
        assert len(items) == len(set(items))
        _check_promoted(response["itemList"], promoting, num_results)
        _check_metadata(response["itemList"], metadata_columns)

    return accepted


@rule("GetPersonalizedRanking")
def get_personalized_ranking(
    model: Model,
    refuse: ExpectedErrors,
    *,
    campaign_arn: str,
    user_id: str,
    input_list: list[str],
    filter_arn: str | None = None,
    metadata_columns: dict[str, list[str]] | None = None,
) -> Accepted:
    source = model.get("Campaign", campaign_arn)
    if _answers(model, refuse, source, "GetPersonalizedRanking") and source is not None:
        _check_filter(model, refuse, source, filter_arn, user_id=user_id)
        _check_columns(model, refuse, source, metadata_columns, count=len(input_list))
    refuse("InvalidInput", when=not input_list)

    def accepted(response: Response) -> None:
        items = _ids(model, response, "personalizedRanking", most=len(input_list))
        assert sorted(items) == sorted(set(input_list)) or (filter_arn and {*items} <= {*input_list})
        scores = [entry["score"] for entry in response["personalizedRanking"] if "score" in entry]
        assert scores == sorted(scores, reverse=True)
        _check_metadata(response["personalizedRanking"], metadata_columns)

    return accepted


@rule("GetActionRecommendations")
def get_action_recommendations(
    model: Model,
    refuse: ExpectedErrors,
    *,
    campaign_arn: str | None = None,
    user_id: str | None = None,
    num_results: int = 5,
    filter_arn: str | None = None,
) -> Accepted:
    source = model.get("Campaign", campaign_arn)
    if _answers(model, refuse, source, "GetActionRecommendations") and source is not None:
        _check_filter(model, refuse, source, filter_arn, user_id=user_id, target="ActionID")
    refuse("InvalidInput", when=user_id is None or num_results > 100)

    def accepted(response: Response) -> None:
        actions = _ids(model, response, "actionList", most=num_results, member="actionId")
        assert set(actions) <= samples.KNOWN_ACTIONS
        assert len(actions) == len(set(actions))
        assert all(0 <= entry.get("score", 0) <= 1 for entry in response["actionList"])

    return accepted


def _answers(model: Model, refuse: ExpectedErrors, source: ModelResource | None, operation: str) -> bool:
    """Return whether a campaign or recommender is ready to answer an operation."""
    unready = source is None or source.status != ACTIVE
    refuse(*NOT_READY, when=unready)
    if unready or source is None:
        return False
    serves = (
        "GetRecommendations" if source.resource_type == "Recommender" else samples.OPERATIONS[_recipe(model, source)]
    )
    return not refuse("InvalidInput", when=serves != operation)


def _recipe(model: Model, campaign: ModelResource) -> str:
    return str(model.resources["SolutionVersion"][campaign.shown["solutionVersionArn"]].shown["recipeArn"])


def _needed(model: Model, source: ModelResource) -> str | None:
    """Return the id that a request needs."""
    if source.resource_type == "Recommender":
        return samples.USE_CASES.get(source.shown["recipeArn"], (None, None))[1]
    return samples.RECIPES[_recipe(model, source)]


def _group(source: ModelResource) -> str:
    return str(source.shown.get("datasetGroupArn", source.facts.get("datasetGroupArn")))


def _check_filter(
    model: Model,
    refuse: ExpectedErrors,
    source: ModelResource,
    arn: str | None,
    *,
    user_id: str | None,
    target: str = "ItemID",
) -> None:
    chosen = model.get("Filter", arn)
    refuse(*NOT_READY, when=arn and (chosen is None or chosen.status not in USABLE))
    if chosen is not None:
        refuse("InvalidInput", when=chosen.shown["datasetGroupArn"] != _group(source))
        refuse("InvalidInput", when=chosen.facts["type"] == "INTERACTIONS" and user_id is None)
        refuse("InvalidInput", when=(chosen.facts["type"] == "ACTIONS") != (target == "ActionID"))


def _check_columns(
    model: Model, refuse: ExpectedErrors, source: ModelResource, columns: dict[str, list[str]] | None, *, count: int
) -> None:
    """Expect errors about metadata columns: metadata not enabled, more than 50 items, unknown columns (documented)."""
    if columns is None:
        return
    config = source.shown["campaignConfig" if source.resource_type == "Campaign" else "recommenderConfig"]
    refuse("InvalidInput", when=not config.get("enableMetadataWithRecommendations") or count > 50)
    (items,) = model.all("Dataset", datasetGroupArn=_group(source), datasetType="ITEMS") or (None,)
    if not refuse("InvalidInput", when=items is None or not items.facts["usable"]) and items is not None:
        known = {*samples.COLUMNS, *(["EXTRA"] if items.facts["width"] else [])}
        refuse("InvalidInput", when=not set(columns["ITEMS"]) <= known)


def _ids(model: Model, response: Response, listed: str, *, most: int, member: str = "itemId") -> list[str]:
    """Return the ids of a response, and check that its own id is new."""
    model.new_id(response["recommendationId"])
    ids = [entry[member] for entry in response[listed]]
    assert len(ids) <= most
    return ids


def _check_promoted(entries: list[Members], promotions: list[Members], count: int) -> None:
    """Check promoted items: their share is rounded down, and they carry the promotion's name (documented)."""
    marked = [entry["promotionName"] for entry in entries if "promotionName" in entry]
    percent = sum(promotion["percentPromotedItems"] for promotion in promotions)
    assert len(marked) <= count * percent // 100
    assert set(marked) <= {promotion["name"] for promotion in promotions}


def _check_metadata(entries: list[Members], requested: dict[str, list[str]] | None) -> None:
    """Check that names of metadata columns are in lower case (recorded)."""
    columns = {column.lower() for column in (requested or {}).get("ITEMS", ())}
    assert all(set(entry.get("metadata", {})) <= columns for entry in entries)
    assert all(isinstance(value, str) for entry in entries for value in entry.get("metadata", {}).values())
