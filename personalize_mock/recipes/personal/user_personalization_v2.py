"""aws-user-personalization-v2: scores for the user's best items only, popular ones where a filter leaves too few."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes.base import Candidates, Query, Ranking
from personalize_mock.recipes.numerics.candidates import are_candidates
from personalize_mock.recipes.numerics.top_k import top_k
from personalize_mock.recipes.personal.exploration import Policy
from personalize_mock.recipes.personal.hyperparameters import Hyperparameters
from personalize_mock.recipes.personal.model import Personalization
from personalize_mock.recipes.personal.user_personalization import UserPersonalization
from personalize_mock.recipes.personal.user_state import UserState

SHORTLIST = 1000  # ours: the guide says "a subset of items"; twice the longest list
EXPLORED_SHARE = 0.001
EXPLORED_DAYS = 30.0
EXPLORATION = "Exploration"
POPULAR_ITEM = "Popular item"


class ShortlistPersonalization(Personalization):
    """The softmax is over the best 1,000 items of the user; of these a filter chooses.

    Where it leaves fewer than were asked for, the most popular others that pass it follow, without a score.
    """

    __slots__ = ()

    def _rank_all(self, queries: Sequence[Query], *, n: int) -> list[Ranking]:
        return self._rank_passing(queries, n=n, candidates=[None] * len(queries))

    def _ranking(
        self,
        query: Query,
        taste: UserState,
        *,
        n: int,
        candidates: Candidates | None,
        whole: NDArray[np.float32] | None = None,
    ) -> Ranking:
        ranking = super()._ranking(query, taste, n=n, candidates=candidates, whole=whole)
        missing = n - len(ranking.indices)
        if missing <= 0:
            return ranking
        more = self._popular_others(ranking.indices, candidates)[:missing]
        assert ranking.scores is not None  # noqa: S101  # these models score
        assert ranking.reasons is not None  # noqa: S101  # and give reasons
        return Ranking(
            indices=np.concatenate((ranking.indices, more)),
            scores=np.concatenate((ranking.scores, np.full(len(more), np.nan))),
            reasons=[*ranking.reasons, *[POPULAR_ITEM] * len(more)],
        )

    def _candidates(
        self, query: Query, taste: UserState, candidates: Candidates | None, whole: NDArray[np.float32] | None
    ) -> tuple[NDArray[np.integer], NDArray[np.float32]]:
        _, relevance = super()._candidates(query, taste, None, whole)
        rows = np.sort(top_k(relevance, k=SHORTLIST))
        if candidates is not None:
            rows = rows[are_candidates(self.codes[rows], candidates)]
        return rows, relevance[rows]

    def _popular_others(self, codes: NDArray[np.int32], candidates: Candidates | None) -> NDArray[np.int32]:
        """Eligible items with events that are not among `codes`, the most popular first."""
        assert self.exploration_candidates is not None  # noqa: S101  # the recipe explores
        order = self.exploration_candidates.by_events()
        others = order[~np.isin(order, codes)]
        return others if candidates is None else others[are_candidates(others, candidates)]

    def _reasons(self, codes: NDArray[np.int32], explored: NDArray[np.bool_] | None) -> list[str | None]:
        if explored is None:
            return [None] * len(codes)
        return [EXPLORATION if each else None for each in explored.tolist()]


class UserPersonalizationV2(UserPersonalization):
    """aws-user-personalization-v2: one item in a thousand is explored, whatever a query says of weights."""

    model: ClassVar[type[Personalization]] = ShortlistPersonalization
    known: ClassVar[frozenset[str]] = frozenset(("apply_recency_bias",))
    default: ClassVar[Hyperparameters] = Hyperparameters(max_user_history_length_percentile=1.0)
    exploration: ClassVar[Policy | None] = Policy(fewer_than=np.inf, age_cut_off=EXPLORED_DAYS, share=EXPLORED_SHARE)
