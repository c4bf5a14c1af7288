"""The answers of the three runtime operations, once it is clear who answers and that the request is sound."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.id_map import IdMap
from personalize_mock.recipes.base import Query, Ranking
from personalize_mock.resources.filters import Filter
from personalize_mock.runtime.candidate_filter import CandidateFilter
from personalize_mock.runtime.entries import PROMOTED, Entry, entries, interleave
from personalize_mock.runtime.serving_context import ServingContext

MOST_PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFilter:
    """A filter and the values that a request gives it.

    Attributes:
        filter: None lets everything pass.
        values: filterValues.
    """

    filter: Filter | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """What is to be promoted.

    Attributes:
        name: Shown with each promoted item.
        percent: How much of the list.
        filtering: What is promoted.
    """

    name: str
    percent: int
    filtering: RequestFilter


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendationRequest:
    """Who asks for what.

    Attributes:
        user_id: Who asks.
        item_id: What is asked about.
        context: Contextual metadata.
        count: How many at most.
        filtering: What may be answered.
        promotion: What is promoted, None for nothing.
    """

    user_id: str | None = None
    item_id: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)
    count: int
    filtering: RequestFilter = field(default_factory=RequestFilter)
    promotion: Promotion | None = None


def recommendations(source: ServingContext, request: RecommendationRequest) -> list[Entry]:
    """The list of GetRecommendations: that of the request's filter, with the promoted items among it.

    Promoted items are the first of the list that their filter gives; scores of the two lists cannot be compared.

    Raises:
        InvalidInputException: filterValues do not fit their filter.
    """
    others, gives_reasons = _listed(source, request, request.filtering)
    if request.promotion is None:
        return others
    count = request.count * request.promotion.percent // MOST_PERCENT
    promoted = _listed(source, replace(request, count=count), request.promotion.filtering)[0]
    marks = {"promotionName": request.promotion.name} | ({"reason": [PROMOTED]} if gives_reasons else {})
    promoted = [{**entry, **marks} for entry in promoted]
    taken = {entry["itemId"] for entry in promoted}
    rest = [entry for entry in others if entry["itemId"] not in taken][: request.count - len(promoted)]
    return interleave(promoted, rest, seed=_seed(source, request))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RankingRequest:
    """A ranking that is asked for.

    Attributes:
        ids: What may be in it, each id once.
        codes: int32[k], ascending, of those that the model knows.
        query: What the model is asked.
    """

    ids: Sequence[str]
    codes: NDArray[np.int32]
    query: Query


def ranking(source: ServingContext, request: RecommendationRequest, input_list: Sequence[str]) -> list[Entry]:
    """The list of GetPersonalizedRanking: ids that the model does not know follow the others, without a score.

    Raises:
        InvalidInputException: filterValues do not fit their filter.
    """
    wanted = sought(source, request, input_list)
    ranked = source.fitted_model.model.rank(wanted.query, n=len(wanted.ids), candidates=wanted.codes)
    return _with_unknown(source, wanted, ranked)


def rankings(source: ServingContext, wanted: Sequence[RankingRequest]) -> list[list[Entry]]:
    """The lists of many rankings at once; see `ranking`."""
    longest = max((len(each.ids) for each in wanted), default=0)
    queries, candidates = [each.query for each in wanted], [each.codes for each in wanted]
    ranked = source.fitted_model.model.rank_each(queries, n=longest, candidates=candidates)
    return [_with_unknown(source, each, found) for each, found in zip(wanted, ranked, strict=True)]


def sought(source: ServingContext, request: RecommendationRequest, input_list: Sequence[str]) -> RankingRequest:
    """What of a list is to be ranked, and for whom.

    Raises:
        InvalidInputException: filterValues do not fit their filter.
    """
    kept = list(dict.fromkeys(input_list))
    if request.filtering.filter is not None:  # no recipe that ranks has a filter of its own
        candidate_filter = CandidateFilter(source=source, ids=IdMap(kept), all=False, user_id=request.user_id)
        mask = candidate_filter.allowed(request.filtering.filter, request.filtering.values)
        kept = kept if mask is None else list(compress(kept, mask.tolist()))
    codes = np.sort(source.fitted_model.ids.indices(kept))
    query = source.query(request.user_id, None, request.context)
    return RankingRequest(ids=kept, codes=codes[codes >= 0], query=query)


def _with_unknown(source: ServingContext, wanted: RankingRequest, ranked: Ranking) -> list[Entry]:
    shown = entries(source.fitted_model, ranked)
    if len(shown) == len(wanted.ids):
        return shown
    known = {entry["itemId"] for entry in shown}
    return shown + [{"itemId": each} for each in wanted.ids if each not in known]


def actions(source: ServingContext, request: RecommendationRequest) -> list[Entry]:
    """The list of GetActionRecommendations.

    Raises:
        InvalidInputException: filterValues do not fit their filter.
    """
    candidate_filter = CandidateFilter(
        source=source, ids=source.fitted_model.ids, target="ActionID", user_id=request.user_id
    )
    mask = candidate_filter.allowed(request.filtering.filter, request.filtering.values)
    query = source.query(request.user_id, None, request.context)
    return entries(
        source.fitted_model, source.fitted_model.model.rank(query, n=request.count, candidates=mask), key="actionId"
    )


def _listed(
    source: ServingContext, request: RecommendationRequest, filtering: RequestFilter
) -> tuple[list[Entry], bool]:
    """A list, and whether its model gives reasons."""
    candidate_filter = CandidateFilter(
        source=source, ids=source.fitted_model.ids, user_id=request.user_id, item_id=request.item_id
    )
    mask = candidate_filter.allowed(filtering.filter, filtering.values)
    query = source.query(request.user_id, request.item_id, request.context)
    ranked = source.fitted_model.model.rank(query, n=request.count, candidates=mask)
    return entries(source.fitted_model, ranked), ranked.reasons is not None


def _seed(source: ServingContext, request: RecommendationRequest) -> int:
    """The same request has its promoted items at the same places."""
    assert request.promotion is not None  # noqa: S101  # only promotions are placed
    return source.store.seed(
        "promotion", source.resource.arn, request.user_id, request.item_id, request.count, request.promotion.name
    )
