"""Responses of the personalize-runtime operations to requests that have passed all checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.id_map import IdMap
from personalize_mock.filtering.condition_masks import Mask
from personalize_mock.recipes.base import Query, Ranking
from personalize_mock.resources.recommendation_ids import new_recommendation_id
from personalize_mock.runtime.candidate_filter import CandidateFilter
from personalize_mock.runtime.entries import PROMOTED, Entry, PlainEntries, add_metadata, interleave, to_entries
from personalize_mock.runtime.request import RecommendationRequest, RequestFilter
from personalize_mock.runtime.serving_context import ServingContext
from personalize_mock.wire.registry import PreShaped

Response = Mapping[str, Any]


def recommend_items(serving: ServingContext, request: RecommendationRequest) -> Response:
    """Return the response of GetRecommendations: the best items, mixed with promoted items if there is a promotion.

    Raises:
        InvalidInputException: A filter cannot be applied with the filterValues or the itemId of the request.
    """
    return _response(serving, "itemList", recommended_entries(serving, request), request.metadata_columns)


def recommended_entries(serving: ServingContext, request: RecommendationRequest) -> list[Entry]:
    """Return the entries of the response of GetRecommendations, without item metadata.

    No recommendationId is created, so later events cannot refer to these recommendations.

    Raises:
        InvalidInputException: A filter cannot be applied with the filterValues or the itemId of the request.
    """
    entries, has_reasons = _item_entries(serving, request, request.filter)
    if request.promotion is not None:
        promoted = _promoted_entries(serving, request, has_reasons=has_reasons)
        promoted_ids = {entry["itemId"] for entry in promoted}
        others = [entry for entry in entries if entry["itemId"] not in promoted_ids][: request.count - len(promoted)]
        entries = interleave(promoted, others, seed=_promotion_seed(serving, request))
    return entries


def rank_items(serving: ServingContext, request: RecommendationRequest, input_list: Sequence[str]) -> Response:
    """Return the response of GetPersonalizedRanking: the items of `input_list` that pass the filter, best first.

    Raises:
        InvalidInputException: A filter cannot be applied with the filterValues or the itemId of the request.
    """
    ranking_request = to_ranking_request(serving, request, input_list)
    return _response(serving, "personalizedRanking", ranked_entries(serving, ranking_request), request.metadata_columns)


def ranked_entries(serving: ServingContext, ranking_request: "RankingRequest") -> list[Entry]:
    """Return the entries of the response of GetPersonalizedRanking, best first and without item metadata.

    No recommendationId is created, so later events cannot refer to this ranking.
    """
    ranking = serving.fitted_model.model.rank(
        ranking_request.query, n=len(ranking_request.ids), candidates=ranking_request.indices
    )
    return _with_unknown_items(serving, ranking_request, ranking)


def recommend_actions(serving: ServingContext, request: RecommendationRequest) -> Response:
    """Return the response of GetActionRecommendations: among the actions that pass the filter, the best for the user.

    Raises:
        InvalidInputException: The filter cannot be applied with the filterValues of the request.
    """
    return _response(serving, "actionList", action_entries(serving, request))


def action_entries(serving: ServingContext, request: RecommendationRequest) -> list[Entry]:
    """Return the entries of the response of GetActionRecommendations, without creating a recommendationId.

    Raises:
        InvalidInputException: A filter cannot be applied with the filterValues of the request.
    """
    query = serving.model_query(request.user_id, None, request.context)
    mask = action_mask(serving, request)
    ranking = serving.fitted_model.model.rank(query, n=request.count, candidates=mask)
    return to_entries(serving.fitted_model, ranking, key="actionId")


def action_mask(serving: ServingContext, request: RecommendationRequest) -> Mask | None:
    """Return the mask of the actions that pass the filter of a request, or None if all actions pass.

    The mask is a boolean array with one element for each action of the model.
    """
    ids = serving.fitted_model.ids
    return CandidateFilter(serving=serving, ids=ids, target="ActionID", user_id=request.user_id).mask(request.filter)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RankingRequest:
    """The items of an inputList that pass the filter, and the query with which the model ranks them.

    Attributes:
        ids: The ids of the items that pass the filter, without duplicates.
        indices: int32[k], ascending: the item indices of those `ids` that are in the training data.
        query: The query for the model, with the user, the user history and the context.
    """

    ids: Sequence[str]
    indices: NDArray[np.int32]
    query: Query


def to_ranking_request(
    serving: ServingContext, request: RecommendationRequest, input_list: Sequence[str]
) -> RankingRequest:
    """Filter an inputList, drop duplicates, and return a request to rank the remaining items.

    Raises:
        InvalidInputException: A filter cannot be applied with the filterValues or the itemId of the request.
    """
    ids = list(dict.fromkeys(input_list))
    if request.filter.filter is not None:  # ranking recipes have no automatic filter
        candidates = CandidateFilter(serving=serving, ids=IdMap(ids), cacheable=False, user_id=request.user_id)
        mask = candidates.mask(request.filter)
        ids = ids if mask is None else list(compress(ids, mask.tolist()))
    indices = np.sort(serving.fitted_model.ids.indices(ids))
    query = serving.model_query(request.user_id, None, request.context)
    return RankingRequest(ids=ids, indices=indices[indices >= 0], query=query)


def rank_many(serving: ServingContext, requests: Sequence[RankingRequest]) -> list[list[Entry]]:
    """Rank several lists of items in one call to the model. Return the response entries of each list, best first."""
    longest = max((len(request.ids) for request in requests), default=0)
    queries, candidates = [request.query for request in requests], [request.indices for request in requests]
    rankings = serving.fitted_model.model.rank_each(queries, n=longest, candidates=candidates)
    return [_with_unknown_items(serving, request, ranking) for request, ranking in zip(requests, rankings, strict=True)]


def _with_unknown_items(serving: ServingContext, request: RankingRequest, ranking: Ranking) -> list[Entry]:
    """Return response entries for ranked items, followed by entries without a score for items unknown to the model."""
    entries = to_entries(serving.fitted_model, ranking)
    if len(entries) == len(request.ids):
        return entries
    ranked = {entry["itemId"] for entry in entries}
    return entries + [{"itemId": id_} for id_ in request.ids if id_ not in ranked]


def _promoted_entries(serving: ServingContext, request: RecommendationRequest, *, has_reasons: bool) -> list[Entry]:
    """Return entries for the best items that pass the promotion's filter. Each contains the promotion's name.

    Promoted items are ranked separately, as in the service (recorded 2024-07). Their scores can therefore not be
    compared with the scores of other items.

    Args:
        serving: The model and the data that answer the request.
        request: The request, which has a promotion.
        has_reasons: Whether the model gives reasons for recommendations. Promoted items then have the reason "Promoted
            item".
    """
    assert request.promotion is not None  # noqa: S101  # the caller has checked it
    count = request.count * request.promotion.percent // 100
    entries, _ = _item_entries(serving, replace(request, count=count), request.promotion.filter)
    marks = {"promotionName": request.promotion.name} | ({"reason": [PROMOTED]} if has_reasons else {})
    return [{**entry, **marks} for entry in entries]


def _item_entries(
    serving: ServingContext, request: RecommendationRequest, request_filter: RequestFilter
) -> tuple[list[Entry], bool]:
    """Return entries for the best items that pass a filter, and whether the model gives reasons for them."""
    fitted_model, mask = serving.fitted_model, candidate_mask(serving, request, request_filter)
    query = serving.model_query(request.user_id, request.item_id, request.context)
    ranking = fitted_model.model.rank(query, n=request.count, candidates=mask)
    return to_entries(fitted_model, ranking), ranking.reasons is not None


def candidate_mask(
    serving: ServingContext, request: RecommendationRequest, request_filter: RequestFilter
) -> Mask | None:
    """Return the mask of the items that pass a filter and the automatic filter of the recipe.

    The automatic filter of some recipes removes items that the user has already purchased or watched. The mask is a
    boolean array with one element for each item of the model, or None if no filter applies.
    """
    candidates = CandidateFilter(
        serving=serving, ids=serving.fitted_model.ids, user_id=request.user_id, item_id=request.item_id
    )
    return candidates.mask(request_filter)


def _promotion_seed(serving: ServingContext, request: RecommendationRequest) -> int:
    """Return the seed for the random positions of promoted items. Equal requests have equal seeds."""
    assert request.promotion is not None  # noqa: S101  # the caller has checked it
    return serving.store.seed(
        "promotion", serving.resource.arn, request.user_id, request.item_id, request.count, request.promotion.name
    )


def _response(
    serving: ServingContext, member: str, entries: list[Entry], metadata_columns: Sequence[str] = ()
) -> Response:
    """Return a response with the given entries, the requested item metadata and a new recommendationId.

    The ids of returned items are kept, because a later event can contain the recommendationId instead of an
    impression.

    Args:
        serving: The model and the data that answer the request.
        member: The member of the response that holds the entries, such as "itemList".
        entries: The recommended or ranked items or actions. Item metadata is added to them in place.
        metadata_columns: The columns of the Items dataset to add to each entry.
    """
    rows = serving.rows("ITEMS") if metadata_columns else None
    shaped = entries if isinstance(entries, PlainEntries) and rows is None else PreShaped(entries)
    if rows is not None:
        add_metadata(shaped, rows, metadata_columns)
    recommendation_id = new_recommendation_id(serving.store, serving.resource.arn)
    if member != "actionList":
        ids = shaped.ids if isinstance(shaped, PlainEntries) else map(itemgetter("itemId"), shaped)
        serving.store.keep_recommendation(recommendation_id, tuple(ids))
    return {member: shaped, "recommendationId": recommendation_id}
