"""Operations of the personalize-runtime API.

Each operation finds the campaign or recommender and its model, checks the request, and returns a response computed by
the module `answers`.
"""

from collections.abc import Mapping, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any

from personalize_mock.resources.campaigns import Campaign
from personalize_mock.resources.recipes import find_recipe
from personalize_mock.resources.recommenders import Recommender
from personalize_mock.resources.solution_versions import SolutionVersion
from personalize_mock.runtime.request import RecommendationRequest
from personalize_mock.runtime.request_checks import (
    MAX_ACTIONS,
    MAX_RESULTS,
    check_count,
    check_filter,
    check_ids,
    check_input_list,
    check_metadata_columns,
    check_promotion,
    refuse_unready,
)
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import InvalidInputException
from personalize_mock.wire.registry import handler

if TYPE_CHECKING:
    from personalize_mock.runtime.serving_context import ServingContext

DEFAULT_RESULTS = 25
DEFAULT_ACTIONS = 5

# Messages in our words; the service's are unknown.
ONE_SOURCE = "Provide either a campaignArn or a recommenderArn, but not both."
NO_SOURCE = "Provide a campaignArn."
WRONG_OPERATION = "The recipe {recipe} of {arn} does not support {operation}. Call {supported} instead."


def item_request(  # the members of the request
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
) -> "tuple[ServingContext, RecommendationRequest]":
    """Check a GetRecommendations request. Return the model and data that answer it, and the checked request."""
    if (campaign_arn is None) == (recommender_arn is None):
        raise InvalidInputException(ONE_SOURCE)
    arn = campaign_arn or recommender_arn or ""
    resource = store.all(Campaign).get(arn) if campaign_arn else store.all(Recommender).get(arn)
    serving = _serving_context(store, resource, arn, "GetRecommendations")
    check_ids(serving.recipe, {"userId": user_id, "itemId": item_id})
    check_count("numResults", num_results, MAX_RESULTS, with_metadata=bool(metadata_columns))

    from personalize_mock.runtime.request_context import check_context

    return serving, RecommendationRequest(
        user_id=user_id,
        item_id=item_id if serving.requires_item else None,
        count=num_results,
        filter=check_filter(serving, filter_arn, filter_values, operation="GetRecommendations", user_id=user_id),
        promotion=check_promotion(serving, promotions, user_id=user_id),
        metadata_columns=check_metadata_columns(serving, metadata_columns),
        context=check_context(serving, context),
    )


@handler
@wraps(item_request, assigned=(), updated=())  # it has the same parameters
def get_recommendations(store: Store, **members: Any) -> Mapping[str, Any]:
    """Answer GetRecommendations: recommend items with a campaign or recommender."""
    serving, request = item_request(store, **members)

    from personalize_mock.runtime.answers import recommend_items

    return recommend_items(serving, request)


def ranking_request(  # the members of the request
    store: Store,
    *,
    campaign_arn: str,
    user_id: str,
    input_list: Sequence[str],
    context: Mapping[str, str] | None = None,
    filter_arn: str | None = None,
    filter_values: Mapping[str, str] | None = None,
    metadata_columns: Mapping[str, Sequence[str]] | None = None,
) -> "tuple[ServingContext, RecommendationRequest]":
    """Check a GetPersonalizedRanking request. Return the model and data that answer it, and the checked request."""
    serving = _serving_context(store, store.all(Campaign).get(campaign_arn), campaign_arn, "GetPersonalizedRanking")
    check_input_list(input_list, with_metadata=bool(metadata_columns))

    from personalize_mock.runtime.request_context import check_context

    return serving, RecommendationRequest(
        user_id=user_id,
        count=len(input_list),
        filter=check_filter(serving, filter_arn, filter_values, operation="GetPersonalizedRanking", user_id=user_id),
        metadata_columns=check_metadata_columns(serving, metadata_columns),
        context=check_context(serving, context),
    )


@handler
@wraps(ranking_request, assigned=(), updated=())  # it has the same parameters
def get_personalized_ranking(store: Store, **members: Any) -> Mapping[str, Any]:
    """Answer GetPersonalizedRanking: rank the items of the inputList for a user. Repeated ids are ranked once."""
    serving, request = ranking_request(store, **members)

    from personalize_mock.runtime.answers import rank_items

    return rank_items(serving, request, members["input_list"])


def action_request(
    store: Store,
    *,
    campaign_arn: str | None = None,
    user_id: str | None = None,
    num_results: int = DEFAULT_ACTIONS,
    filter_arn: str | None = None,
    filter_values: Mapping[str, str] | None = None,
) -> "tuple[ServingContext, RecommendationRequest]":
    """Check a GetActionRecommendations request. Return the model and data that answer it, and the checked request."""
    if campaign_arn is None:
        raise InvalidInputException(NO_SOURCE)
    serving = _serving_context(store, store.all(Campaign).get(campaign_arn), campaign_arn, "GetActionRecommendations")
    check_ids(serving.recipe, {"userId": user_id})
    check_count("numResults", num_results, MAX_ACTIONS, what="actions")

    return serving, RecommendationRequest(
        user_id=user_id,
        count=num_results,
        filter=check_filter(serving, filter_arn, filter_values, operation="GetActionRecommendations", user_id=user_id),
    )


@handler
@wraps(action_request, assigned=(), updated=())  # it has the same parameters
def get_action_recommendations(store: Store, **members: Any) -> Mapping[str, Any]:
    """Answer GetActionRecommendations: recommend actions for a user with a campaign."""
    serving, request = action_request(store, **members)

    from personalize_mock.runtime.answers import recommend_actions

    return recommend_actions(serving, request)


def _serving_context(
    store: Store, resource: Campaign | Recommender | None, arn: str, operation_name: str
) -> "ServingContext":
    """Return the model and the data with which a campaign or recommender answers an operation.

    Args:
        store: The resources of one account and region.
        resource: The campaign or recommender, or None if it does not exist.
        arn: The ARN in the request.
        operation_name: The called operation, such as "GetRecommendations".

    Raises:
        InvalidInputException: The resource does not exist or is not ACTIVE, or its recipe does not support the
            operation.
    """
    if resource is None or resource.status != "ACTIVE":
        refuse_unready(store, resource, arn)
    config: Mapping[str, Any]
    if isinstance(resource, Campaign):
        version = store.all(SolutionVersion)[resource.solution_version_arn]
        recipe_arn, fitted_model, config = version.recipe_arn, version.fitted_model, resource.campaign_config
    else:
        recipe_arn, fitted_model = resource.recipe_arn, resource.fitted_model
        config = resource.recommender_config or {}
    recipe = find_recipe(recipe_arn or "")
    if recipe.operation != operation_name:
        values = {"recipe": recipe.name, "arn": arn, "operation": operation_name, "supported": recipe.operation}
        raise InvalidInputException(WRONG_OPERATION.format(**values))
    assert fitted_model is not None  # noqa: S101  # ACTIVE resources have a model

    from personalize_mock.runtime.serving_context import ServingContext

    return ServingContext(store=store, resource=resource, recipe=recipe, fitted_model=fitted_model, config=config)
