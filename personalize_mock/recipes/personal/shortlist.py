"""Model of aws-user-personalization-v2, which gives scores only to the items that are most relevant to the user."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes.base import Candidates, Query, Ranking
from personalize_mock.recipes.numerics.candidates import are_candidates
from personalize_mock.recipes.numerics.top_k import top_k
from personalize_mock.recipes.personal.blended_relevance import with_objective
from personalize_mock.recipes.personal.candidate_relevance import CandidateRelevance
from personalize_mock.recipes.personal.item_list import ItemList
from personalize_mock.recipes.personal.model import Personalization
from personalize_mock.recipes.personal.user_state import UserState, UserStates, states_of_queries

# Twice the longest list. Developer guide, "Getting item recommendations" (2024), says only "a subset of items".
SHORTLIST = 1000
# Reasons. Botocore model, PredictedItem.
EXPLORATION = "Exploration"
POPULAR_ITEM = "Popular item"


class ShortlistPersonalization(Personalization):
    """Model that ranks a shortlist of the 1,000 items that are most relevant to the user.

    An optimization objective orders the shortlist but does not change which items are in it.

    Scores are a softmax over the candidates in the shortlist. If a filter leaves fewer of these candidates than
    requested, the most popular candidates outside the shortlist follow without a score.
    """

    __slots__ = ()

    def _rank_all_items(self, queries: Sequence[Query], blocks: Iterable[UserStates], *, n: int) -> list[Ranking]:
        pairs = zip(queries, states_of_queries(blocks), strict=True)
        return [self._rank(query, state, n=n, candidates=None) for query, state in pairs]

    def _rank(self, query: Query, state: UserState, *, n: int, candidates: Candidates | None) -> Ranking:
        ranking = super()._rank(query, state, n=n, candidates=candidates)
        missing = n - len(ranking.indices)
        if missing <= 0:
            return ranking
        popular = self._popular_items(candidates, without=ranking.indices)[:missing]
        assert ranking.reasons is not None  # noqa: S101  # this model gives reasons
        return Ranking(
            indices=np.concatenate((ranking.indices, popular)),
            scores=None if ranking.scores is None else np.append(ranking.scores, np.full(len(popular), np.nan)),
            reasons=[*ranking.reasons, *[POPULAR_ITEM] * len(popular)],
        )

    def _candidate_relevance(self, query: Query, state: UserState, candidates: Candidates | None) -> CandidateRelevance:
        scored = self._without_objective(query, state, None)
        subset = np.sort(top_k(scored.relevance, k=SHORTLIST))
        scored = with_objective(scored, self.objective)
        if candidates is not None:
            subset = subset[are_candidates(self.warm_items[subset], candidates)]
        seen, relevance = state.seen_among(subset), scored.relevance[subset]
        return replace(scored, subset=subset, relevance=relevance, seen=seen)

    def _popular_items(self, candidates: Candidates | None, *, without: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the indices of the candidates that have an interaction, most popular first.

        Args:
            candidates: The items that may be recommended, as a mask or as ascending indices. None allows all.
            without: Indices of items to leave out.
        """
        assert self.exploration_candidates is not None  # noqa: S101  # the recipe explores
        items = self.exploration_candidates.most_popular()
        items = items[~np.isin(items, without)]
        return items if candidates is None else items[are_candidates(items, candidates)]

    def _reasons(self, best: ItemList) -> list[str | None]:
        if best.explored is None:
            return [None] * len(best.items)
        return [EXPLORATION if explored else None for explored in best.explored.tolist()]
