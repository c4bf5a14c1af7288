"""What is documented of the three runtime operations."""

from typing import Any

from stateful import texts
from stateful.model import Accepted, Model, Refusals, rule
from stateful.rules_data import Response
from stateful.timeline import ACTIVE, Thing

Members = dict[str, Any]
NOT_READY = ("InvalidInput", "ResourceNotFound")


@rule("GetRecommendations")
def get_recommendations(
    model: Model,
    refuse: Refusals,
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
        for arn in (filter_arn, *(each["filterArn"] for each in promoting)):
            _check_filter(model, refuse, source, arn, user_id=user_id)
        refuse.perhaps("InvalidInput", when=user_id is None and (source.kind == "Recommender" or needed is None))
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
    refuse: Refusals,
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
    refuse: Refusals,
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
        assert set(actions) <= texts.KNOWN_ACTIONS
        assert len(actions) == len(set(actions))
        assert all(0 <= entry.get("score", 0) <= 1 for entry in response["actionList"])

    return accepted


def _answers(model: Model, refuse: Refusals, source: Thing | None, operation: str) -> bool:
    """Whether something is ready to be asked so."""
    unready = source is None or source.status != ACTIVE
    refuse(*NOT_READY, when=unready)
    if unready or source is None:
        return False
    serves = "GetRecommendations" if source.kind == "Recommender" else texts.SERVING[_recipe(model, source)]
    return not refuse("InvalidInput", when=serves != operation)


def _recipe(model: Model, campaign: Thing) -> str:
    return str(model.things["SolutionVersion"][campaign.shown["solutionVersionArn"]].shown["recipeArn"])


def _needed(model: Model, source: Thing) -> str | None:
    """The id that must be given."""
    if source.kind == "Recommender":
        return texts.USE_CASES.get(source.shown["recipeArn"], (None, None))[1]
    return texts.RECIPES[_recipe(model, source)]


def _group(source: Thing) -> str:
    return str(source.shown.get("datasetGroupArn", source.facts.get("datasetGroupArn")))


def _check_filter(
    model: Model, refuse: Refusals, source: Thing, arn: str | None, *, user_id: str | None, target: str = "ItemID"
) -> None:
    found = model.get("Filter", arn)
    refuse(*NOT_READY, when=arn and (found is None or found.status != ACTIVE))
    if found is not None:
        refuse("InvalidInput", when=found.shown["datasetGroupArn"] != _group(source))
        refuse("InvalidInput", when=found.facts["type"] == "INTERACTIONS" and user_id is None)
        refuse("InvalidInput", when=(found.facts["type"] == "ACTIONS") != (target == "ActionID"))


def _check_columns(
    model: Model, refuse: Refusals, source: Thing, asked: dict[str, list[str]] | None, *, count: int
) -> None:
    """Documented: metadata must be enabled; at most 50 items and 10 columns, which the Items dataset must have."""
    if asked is None:
        return
    config = source.shown["campaignConfig" if source.kind == "Campaign" else "recommenderConfig"]
    refuse("InvalidInput", when=not config.get("enableMetadataWithRecommendations") or count > 50)
    (items,) = model.all("Dataset", datasetGroupArn=_group(source), datasetType="ITEMS") or (None,)
    if not refuse("InvalidInput", when=items is None or not items.facts["usable"]) and items is not None:
        known = {*texts.COLUMNS, *(["EXTRA"] if items.facts["width"] else [])}
        refuse("InvalidInput", when=not set(asked["ITEMS"]) <= known)


def _ids(model: Model, response: Response, listed: str, *, most: int, member: str = "itemId") -> list[str]:
    """The ids of an answer, which has an id of its own."""
    model.fresh(response["recommendationId"])
    found = [entry[member] for entry in response[listed]]
    assert len(found) <= most
    return found


def _check_promoted(entries: list[Members], promotions: list[Members], count: int) -> None:
    """Documented: the share is rounded down, and what is promoted carries the promotion's name."""
    marked = [entry["promotionName"] for entry in entries if "promotionName" in entry]
    percent = sum(each["percentPromotedItems"] for each in promotions)
    assert len(marked) <= count * percent // 100
    assert set(marked) <= {each["name"] for each in promotions}


def _check_metadata(entries: list[Members], asked: dict[str, list[str]] | None) -> None:
    """Recorded: the names of columns are in lower case."""
    columns = {column.lower() for column in (asked or {}).get("ITEMS", ())}
    assert all(set(entry.get("metadata", {})) <= columns for entry in entries)
    assert all(isinstance(value, str) for entry in entries for value in entry.get("metadata", {}).values())
