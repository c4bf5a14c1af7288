"""The personalize-runtime operations: who answers, whether the request is sound, and what is sent back."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha1
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NoReturn

from personalize_mock.resources.campaigns import Campaign
from personalize_mock.resources.catalogue import RecipeEntry
from personalize_mock.resources.core.lifecycle import record_poll
from personalize_mock.resources.core.resource import Resource
from personalize_mock.resources.filters import Filter
from personalize_mock.resources.recipes import find_recipe
from personalize_mock.resources.recommenders import Recommender
from personalize_mock.resources.solution_versions import SolutionVersion
from personalize_mock.simulation import Store, as_uuid
from personalize_mock.wire.errors import InvalidInputException
from personalize_mock.wire.registry import PreShaped, handler

if TYPE_CHECKING:
    from personalize_mock.runtime.answers import Promotion, RequestFilter
    from personalize_mock.runtime.serving_context import ServingContext

DEFAULT_RESULTS = 25
DEFAULT_ACTIONS = 5
MAX_RESULTS = 500
MAX_ACTIONS = 100
MAX_RESULTS_WITH_METADATA = 50
MAX_COLUMNS = 10

# Recorded for campaigns; recommenders and filters by analogy.
NOT_READY = "{arn} does not exist or is not active yet."
# Ours.
ONE_SOURCE = "Provide either a campaignArn or a recommenderArn."
NO_SOURCE = "Provide a campaignArn."
WRONG_OPERATION = "The recipe {recipe} of {arn} does not answer {operation}."
MISSING_ID = "The recipe {recipe} needs {member}, which the request does not give."
TOO_MANY = "{member} can have at most {most} {what}."
EMPTY_LIST = "The inputList must hold at least one item."
OTHER_GROUP = "The filter {arn} belongs to another dataset group."
WRONG_TARGET = "The filter {arn} is for {target}; {operation} takes filters for {wanted}."
FILTER_NEEDS_USER = "The filter {arn} depends on the user. Provide a userId."
FILTER_NEEDS_ITEM = "The filter {arn} uses CurrentItem. The recipe {recipe} answers no itemId."
NO_PROMOTIONS = "The recipe {recipe} does not support promotions."
INCOMPLETE_PROMOTION = "A promotion needs a name, percentPromotedItems and a filterArn."
NO_METADATA = "Metadata is not enabled. Set enableMetadataWithRecommendations of {arn} to true."
NO_COLUMN = "The columns {columns} are not all in the schema of the Items dataset."
ONLY_ITEMS = "metadataColumns takes one key, ITEMS, with at least one column."
NO_ITEMS = "Metadata needs an Items dataset with data."


@handler
def get_recommendations(  # the members of the request
    store: Store,
    *,
    campaign_arn: str | None = None,
    recommender_arn: str | None = None,
    user_id: str | None = None,
    item_id: str | None = None,
    num_results: int = DEFAULT_RESULTS,
    context: Mapping[str, str] | None = None,
    filter_arn: str | None = None,
    filter_values: Mapping[str, str] | None = None,
    promotions: Sequence[Mapping[str, Any]] = (),
    metadata_columns: Mapping[str, Sequence[str]] | None = None,
) -> Mapping[str, Any]:
    """GetRecommendations."""
    if (campaign_arn is None) == (recommender_arn is None):
        raise InvalidInputException(ONE_SOURCE)
    found = store.all(Campaign).get(campaign_arn) if campaign_arn else store.all(Recommender).get(recommender_arn or "")
    source = _source(store, found, campaign_arn or recommender_arn or "", "GetRecommendations")
    _check_ids(source.recipe, {"userId": user_id, "itemId": item_id})
    _check_count("numResults", num_results, MAX_RESULTS, with_metadata=bool(metadata_columns))
    filtering = _filtering(source, filter_arn, filter_values, operation="GetRecommendations", user_id=user_id)
    promotion = _promotion(source, promotions, user_id=user_id)
    columns = _columns(source, metadata_columns)

    from personalize_mock.runtime import answers, request_context

    request = answers.RecommendationRequest(
        user_id=user_id,
        item_id=item_id if source.requires_item else None,
        context=request_context.checked(source, context),
        count=num_results,
        filtering=filtering,
        promotion=promotion,
    )
    shown = answers.recommendations(source, request)
    return _answer(source, "itemList", shown, columns)


@handler
def get_personalized_ranking(  # the members of the request
    store: Store,
    *,
    campaign_arn: str,
    user_id: str,
    input_list: Sequence[str],
    context: Mapping[str, str] | None = None,
    filter_arn: str | None = None,
    filter_values: Mapping[str, str] | None = None,
    metadata_columns: Mapping[str, Sequence[str]] | None = None,
) -> Mapping[str, Any]:
    """GetPersonalizedRanking; an id that stands twice in the list counts once."""
    source = _source(store, store.all(Campaign).get(campaign_arn), campaign_arn, "GetPersonalizedRanking")
    if not input_list:
        raise InvalidInputException(EMPTY_LIST)
    _check_count("inputList", len(input_list), MAX_RESULTS, with_metadata=bool(metadata_columns))
    filtering = _filtering(source, filter_arn, filter_values, operation="GetPersonalizedRanking", user_id=user_id)
    columns = _columns(source, metadata_columns)

    from personalize_mock.runtime import answers, request_context

    told = request_context.checked(source, context)
    request = answers.RecommendationRequest(user_id=user_id, context=told, count=len(input_list), filtering=filtering)
    return _answer(source, "personalizedRanking", answers.ranking(source, request, input_list), columns)


@handler
def get_action_recommendations(
    store: Store,
    *,
    campaign_arn: str | None = None,
    user_id: str | None = None,
    num_results: int = DEFAULT_ACTIONS,
    filter_arn: str | None = None,
    filter_values: Mapping[str, str] | None = None,
) -> Mapping[str, Any]:
    """GetActionRecommendations."""
    if campaign_arn is None:
        raise InvalidInputException(NO_SOURCE)
    source = _source(store, store.all(Campaign).get(campaign_arn), campaign_arn, "GetActionRecommendations")
    _check_ids(source.recipe, {"userId": user_id})
    _check_count("numResults", num_results, MAX_ACTIONS)
    filtering = _filtering(source, filter_arn, filter_values, operation="GetActionRecommendations", user_id=user_id)

    from personalize_mock.runtime import answers

    request = answers.RecommendationRequest(user_id=user_id, count=num_results, filtering=filtering)
    return _answer(source, "actionList", answers.actions(source, request), [])


def _source(store: Store, resource: Campaign | Recommender | None, arn: str, asked: str) -> "ServingContext":
    """What answers, if it is ready and does answer such questions."""
    if resource is None or resource.status != "ACTIVE":
        _refuse_unready(store, resource, arn)
    if isinstance(resource, Campaign):
        version = store.all(SolutionVersion)[resource.solution_version_arn]
        recipe, trained, config = version.recipe_arn, version.fitted_model, resource.campaign_config
    else:
        recipe, trained, config = resource.recipe_arn, resource.fitted_model, resource.recommender_config or {}
    found = find_recipe(recipe or "")
    if found.operation != asked:
        raise InvalidInputException(WRONG_OPERATION.format(recipe=found.name, arn=arn, operation=asked))
    assert trained is not None  # noqa: S101  # what is ACTIVE has a model

    from personalize_mock.runtime.serving_context import ServingContext

    return ServingContext(store=store, resource=resource, recipe=found, fitted_model=trained, config=config)


def _refuse_unready(store: Store, resource: Resource | None, arn: str) -> NoReturn:
    """Refuses what is not ACTIVE, which counts as a look at it."""
    if resource is not None:
        record_poll(store, [resource])
    raise InvalidInputException(NOT_READY.format(arn=arn))


def _check_ids(recipe: RecipeEntry, ids: Mapping[str, str | None]) -> None:
    for member in recipe.required_ids:
        if ids.get(member) is None:
            raise InvalidInputException(MISSING_ID.format(member=member, recipe=recipe.name))


def _check_count(member: str, count: int, most: int, *, with_metadata: bool = False) -> None:
    if with_metadata and count > MAX_RESULTS_WITH_METADATA:
        what = "items where metadataColumns are asked for"
        raise InvalidInputException(TOO_MANY.format(member=member, most=MAX_RESULTS_WITH_METADATA, what=what))
    if count > most:
        raise InvalidInputException(TOO_MANY.format(member=member, most=most, what="items"))


def _filtering(
    source: "ServingContext", arn: str | None, values: Mapping[str, str] | None, *, operation: str, user_id: str | None
) -> "RequestFilter":
    """The filter of a request, if it is ready and can be used there."""
    from personalize_mock.runtime.answers import RequestFilter

    if arn is None:
        return RequestFilter()
    found = source.store.all(Filter).get(arn)
    if found is None or found.status != "ACTIVE":
        _refuse_unready(source.store, found, arn)
    if found.dataset_group_arn != source.resource.dataset_group_arn:
        raise InvalidInputException(OTHER_GROUP.format(arn=arn))
    plan = found.compiled
    wanted = "ActionID" if operation == "GetActionRecommendations" else "ItemID"
    if plan.target != wanted:
        text = WRONG_TARGET.format(arn=arn, target=plan.target, operation=operation, wanted=wanted)
        raise InvalidInputException(text)
    if plan.needs_user and user_id is None:
        raise InvalidInputException(FILTER_NEEDS_USER.format(arn=arn))
    if plan.needs_item and not source.requires_item:
        raise InvalidInputException(FILTER_NEEDS_ITEM.format(arn=arn, recipe=source.recipe.name))
    return RequestFilter(filter=found, values=values or {})


def _promotion(
    source: "ServingContext", promotions: Sequence[Mapping[str, Any]], *, user_id: str | None
) -> "Promotion | None":
    from personalize_mock.runtime.answers import Promotion

    if not promotions:
        return None
    if not source.recipe.promotions:
        raise InvalidInputException(NO_PROMOTIONS.format(recipe=source.recipe.name))
    if len(promotions) > 1:
        raise InvalidInputException(TOO_MANY.format(member="promotions", most=1, what="promotion"))
    given = promotions[0]
    if not {"name", "percentPromotedItems", "filterArn"} <= given.keys():
        raise InvalidInputException(INCOMPLETE_PROMOTION)
    arn, values = given["filterArn"], given.get("filterValues")
    filtering = _filtering(source, arn, values, operation="GetRecommendations", user_id=user_id)
    return Promotion(name=given["name"], percent=given["percentPromotedItems"], filtering=filtering)


def _columns(source: "ServingContext", asked: Mapping[str, Sequence[str]] | None) -> list[str]:
    """The columns of Items to show, by their names in the schema."""
    if not asked:
        return []
    always = source.recipe.metadata_with_recommendations == "always-on"
    if not always and not source.config.get("enableMetadataWithRecommendations"):
        raise InvalidInputException(NO_METADATA.format(arn=source.resource.arn))
    if set(asked) != {"ITEMS"} or not asked["ITEMS"]:
        raise InvalidInputException(ONLY_ITEMS)
    columns = _once(asked["ITEMS"])
    if len(columns) > MAX_COLUMNS:
        raise InvalidInputException(TOO_MANY.format(member="metadataColumns", most=MAX_COLUMNS, what="columns"))
    rows = source.rows("ITEMS")
    if rows is None:
        raise InvalidInputException(NO_ITEMS)

    from personalize_mock.runtime.entries import column_names

    found = column_names(rows, columns)
    if found is None:
        raise InvalidInputException(NO_COLUMN.format(columns=", ".join(columns)))
    return found


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _answer(
    source: "ServingContext", member: str, shown: list[dict[str, Any]], columns: Sequence[str]
) -> Mapping[str, Any]:
    rows = source.rows("ITEMS") if columns else None
    if rows is not None:
        from personalize_mock.runtime.entries import add_metadata

        add_metadata(shown, rows, columns)
    recommendation_id = _recommendation_id(source)
    if member != "actionList":
        source.store.keep_recommendation(recommendation_id, tuple(map(itemgetter("itemId"), shown)))
    return {member: PreShaped(shown), "recommendationId": recommendation_id}


def _recommendation_id(source: "ServingContext") -> str:
    """The recorded form: the end of a UUID of the answer, and six digits that stay the campaign's own."""
    arn = source.resource.arn
    ordinal = source.store.next_number(f"answers of {arn}")
    answer = as_uuid(source.store.digest("recommendation", arn, ordinal))[-25:]
    return f"RID-{answer}-CID-{_own_digits(arn)}"


@cache
def _own_digits(arn: str) -> str:
    return sha1(arn.encode(), usedforsecurity=False).hexdigest()[:6]
