"""The personalize-runtime operations: a campaign's model answers."""

from collections.abc import Mapping, Sequence
from hashlib import sha1
from typing import Any

from personalize_mock.recipes.base import Query
from personalize_mock.resources.campaigns import Campaign
from personalize_mock.resources.catalogue import RecipeEntry
from personalize_mock.resources.recipes import find_recipe
from personalize_mock.resources.solution_versions import SolutionVersion
from personalize_mock.simulation import Store, as_uuid
from personalize_mock.wire.errors import InvalidInputException, NotImplementedException
from personalize_mock.wire.registry import operation

DEFAULT_RESULTS = 25
MOST_RESULTS = 500
DECIMALS = 7

# Recorded for campaigns; recommenders and filters by analogy.
NOT_READY = "{arn} does not exist or is not active yet."
# Ours.
ONE_SOURCE = "Provide either a campaignArn or a recommenderArn."
WRONG_OPERATION = "The recipe {recipe} of {arn} does not answer {operation}."
MISSING_ID = "Provide a {member}; the recipe {recipe} needs it."
TOO_MANY_RESULTS = "numResults must be at most {most}."


@operation
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
    """GetRecommendations; context and filterValues are accepted and, as yet, without influence."""
    del context, filter_values
    if (campaign_arn is None) == (recommender_arn is None):
        raise InvalidInputException(ONE_SOURCE)
    campaign, version = _serving(store, campaign_arn or recommender_arn or "")
    _check_recipe(find_recipe(version.recipe_arn or ""), campaign, {"userId": user_id, "itemId": item_id})
    if num_results > MOST_RESULTS:
        raise InvalidInputException(TOO_MANY_RESULTS.format(most=MOST_RESULTS))
    for arn in (filter_arn, *(promotion.get("filterArn", "") for promotion in promotions)):
        if arn is not None:
            raise InvalidInputException(NOT_READY.format(arn=arn))
    if metadata_columns:
        raise NotImplementedException("personalize_mock does not answer metadataColumns yet.")
    return {
        "itemList": _recommended(version, user_id, num_results),
        "recommendationId": _recommendation_id(store, campaign),
    }


def _serving(store: Store, arn: str) -> tuple[Campaign, SolutionVersion]:
    campaign = store.all(Campaign).get(arn)
    if campaign is None or campaign.status != "ACTIVE":
        raise InvalidInputException(NOT_READY.format(arn=arn))
    return campaign, store.all(SolutionVersion)[campaign.solution_version_arn]


def _check_recipe(recipe: RecipeEntry, campaign: Campaign, ids: Mapping[str, str | None]) -> None:
    if recipe.operation != "GetRecommendations":
        raise InvalidInputException(
            WRONG_OPERATION.format(recipe=recipe.name, arn=campaign.arn, operation="GetRecommendations")
        )
    for member in recipe.required_ids:
        if ids.get(member) is None:
            raise InvalidInputException(MISSING_ID.format(member=member, recipe=recipe.name))


def _recommended(version: SolutionVersion, user_id: str | None, count: int) -> list[dict[str, Any]]:
    trained = version.trained
    assert trained is not None  # noqa: S101  # an ACTIVE campaign has an ACTIVE version
    ranking = trained.model.rank(Query(history=trained.history(user_id), user=trained.user(user_id)), n=count)
    item_ids = trained.ids.take(ranking.codes)
    if ranking.scores is None:
        return [{"itemId": item_id} for item_id in item_ids]
    scores = ranking.scores.round(DECIMALS).tolist()
    return [{"itemId": item_id, "score": score} for item_id, score in zip(item_ids, scores, strict=True)]


def _recommendation_id(store: Store, campaign: Campaign) -> str:
    """The recorded form: the end of a UUID of the answer, and six digits that stay the campaign's own."""
    campaign.answers += 1
    answer = as_uuid(store.digest("recommendation", campaign.arn, campaign.answers))[-25:]
    own = sha1(campaign.arn.encode(), usedforsecurity=False).hexdigest()[:6]
    return f"RID-{answer}-CID-{own}"
