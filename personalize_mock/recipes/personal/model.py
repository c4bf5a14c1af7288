"""Model that recommends items to a user.

A list of recommendations is computed in these steps:

1. User state: the user vector, the seen items and the association rules of the items in the history (`_user_state`).
2. Relevance of the candidates for this state (`_relevance`). If the training data has enough repeated interactions, the
   relevance of seen items is learnt from them.
3. Context: lifts of contextual metadata, and of the Users dataset for users without history (`_add_context`).
4. Seen items: if their relevance was not learnt, a shift makes them as improbable as repeats are in the training data
   (`_candidate_relevance`).
5. Objective: an amount that grows with the item attribute to maximise (`with_objective`).
6. Exploration: the best candidates, some of them replaced by cold items (`_best`). With an objective, the first items
   are reordered before that (`reordered`).
7. Probabilities: the softmax over all candidates (`_probabilities`).
"""

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import chain, repeat

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes.base import Candidates, Query, Ranking, RankingParts
from personalize_mock.recipes.numerics.blas import one_blas_thread
from personalize_mock.recipes.numerics.candidates import mean_count_below
from personalize_mock.recipes.numerics.normalization import normalize_rows
from personalize_mock.recipes.numerics.softmax import probabilities
from personalize_mock.recipes.numerics.top_k import top_k, top_k_each
from personalize_mock.recipes.objective import ORDERED
from personalize_mock.recipes.personal.adjusted_relevance import AdjustedRelevanceModel
from personalize_mock.recipes.personal.blended_relevance import objective_amounts, reordered, with_objective
from personalize_mock.recipes.personal.candidate_relevance import CandidateRelevance
from personalize_mock.recipes.personal.exploration import LONGEST_LIST, ExplorationCandidates
from personalize_mock.recipes.personal.exploration_choice import ExplorationChoice
from personalize_mock.recipes.personal.item_list import ItemList, insert_explored
from personalize_mock.recipes.personal.relevance import FEW
from personalize_mock.recipes.personal.user_state import UserState, UserStates, states_of_queries

BLOCK_QUERIES = 16


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Personalization(AdjustedRelevanceModel):
    """Model that recommends items to a user.

    Scores are the softmax of relevance times `INVERSE_TEMPERATURE`. If a filter removes candidates, the scores of the
    remaining ones increase in proportion.

    Attributes:
        exploration_candidates: The items that exploration can recommend. None if the recipe does not explore.
        scored: Whether rankings have scores.
    """

    exploration_candidates: ExplorationCandidates | None = None
    scored: bool = True

    @property
    def explores(self) -> bool:
        """Whether the model explores cold items; see `Model.explores`."""
        return self.exploration_candidates is not None

    def without_scores(self) -> "Personalization":
        """Return a model whose rankings have no scores; see `Model.without_scores`."""
        return replace(self, scored=False)

    def rank(self, query: Query, *, n: int, candidates: Candidates | None = None) -> Ranking:
        """Return the best items for the user of one query; see `Model.rank`."""
        state = self._user_state(query.history, query.live)
        multiplies = state.relevance is None or self.exploration_candidates is not None
        with one_blas_thread() if multiplies else nullcontext():
            return self._rank(query, state, n=n, candidates=candidates)

    def ranking_parts(
        self, query: Query, items: NDArray[np.int32], *, n: int, candidates: Candidates | None = None
    ) -> RankingParts:
        """Return the numbers that explain the positions of items in a ranking; see `Model.ranking_parts`."""
        state, places = self._user_state(query.history, query.live), self.position_of_item[items]
        with one_blas_thread():
            scored = self._candidate_relevance(query, state, candidates)
            choice = self._choice(query, state.vector, candidates, n=n)
            best = self._best(scored, self._top(scored, n=n), choice, n=n)
            relevance = self._without_objective(query, state, None).relevance.astype(np.float64)
            vectors, known = map(self._factors_for_similarity, (places, state.seen))
        cold = places < 0
        return RankingParts(
            explored=np.isin(items, [] if best.explored is None else best.items[best.explored]),
            relevance=np.where(cold, np.nan, relevance[places] - relevance.mean()),
            objective=np.where(cold, 0.0, objective_amounts(places, self.objective, unit=scored.unit)),
            history=self.warm_items[state.seen],
            similarity=np.where(cold[:, None], np.nan, vectors @ known.T),
        )

    def _factors_for_similarity(self, places: NDArray[np.int32]) -> NDArray[np.floating]:
        """Return the factors of items, without their directions, scaled to unit length.

        Args:
            places: int32[n], the items as indices into `warm_items`. The result for -1 (a cold item) is meaningless.
        """
        return normalize_rows(np.delete(self.fold_in.factors[places], self.fold_in.direction_columns, axis=1))

    def rank_each(self, queries: Sequence[Query], *, n: int, candidates: Sequence[Candidates | None]) -> list[Ranking]:
        """Return the best items for the user of each query; see `Model.rank_each`."""
        few = mean_count_below(candidates, FEW * len(self.warm_items))
        with one_blas_thread():
            histories, live = [query.history for query in queries], [query.live for query in queries]
            blocks = self._state_blocks(histories, live=live, with_relevance=not few)
            if all(mask is None for mask in candidates):
                return self._rank_all_items(queries, blocks, n=n)
            return [
                self._rank(query, state, n=n, candidates=mask)
                for query, state, mask in zip(queries, states_of_queries(blocks), candidates, strict=True)
            ]

    def _rank_all_items(self, queries: Sequence[Query], blocks: Iterable[UserStates], *, n: int) -> list[Ranking]:
        """Return the best items for each query if all items are candidates.

        Queries are ranked in blocks that are small enough for the processor's cache.
        """
        rankings: list[Ranking] = []
        for states in chain.from_iterable(block.split(BLOCK_QUERIES) for block in blocks):
            start = len(rankings)
            rankings += self._rank_block(queries[start : start + len(states.seen)], states, n=n)
        return rankings

    def _rank_block(self, queries: Sequence[Query], states: UserStates, *, n: int) -> Iterable[Ranking]:
        """Return the best items for each query if all items are candidates, given one state for each query."""
        relevance = self._block_relevance(queries, states)
        choices = [self._choice(query, states.vector(row), None, n=n) for row, query in enumerate(queries)]
        if self.objective is None and not any(choices):
            return self._most_relevant(relevance, n=n)
        rows = zip(relevance, states.seen, strict=True)
        adjusted = (CandidateRelevance(subset=None, relevance=row, seen=seen) for row, seen in rows)
        block = [with_objective(scored, self.objective) for scored in adjusted]
        tops = top_k_each(relevance, k=self._selected(n))
        best = [self._best(*parts, n=n) for parts in zip(block, tops, choices, strict=True)]
        return map(self._ranking, best, self._block_probabilities(best, block, choices, relevance))

    def _most_relevant(self, relevance: NDArray[np.float32], *, n: int) -> Iterable[Ranking]:
        """Return the `n` most relevant items for each of several queries.

        Args:
            relevance: float32[n_queries, n_warm], the relevance of all warm items for each query.
            n: Number of items in each ranking.
        """
        top = top_k_each(relevance, k=n)
        best = np.take_along_axis(relevance, top, axis=1)
        scores = probabilities(best, relevance, extra_scores=None) if self.scored else repeat(None)
        return (Ranking(indices=items, scores=own) for items, own in zip(self.warm_items[top], scores, strict=False))

    def _rank(self, query: Query, state: UserState, *, n: int, candidates: Candidates | None) -> Ranking:
        """Return the best `n` items for one query, given the state computed from the user's history."""
        scored = self._candidate_relevance(query, state, candidates)
        choice = self._choice(query, state.vector, candidates, n=n)
        best = self._best(scored, self._top(scored, n=n), choice, n=n)
        return self._ranking(best, self._probabilities(best, scored, choice))

    def _ranking(self, best: ItemList, scores: NDArray[np.float64] | None) -> Ranking:
        return Ranking(indices=best.items, scores=scores, reasons=self._reasons(best))

    def _selected(self, n: int) -> int:
        """Return how many candidates must be selected by relevance for a list of `n` items.

        With an objective, these are at least 25, because the first 25 items are reordered.
        """
        return n if self.objective is None else max(n, ORDERED)

    def _top(self, scored: CandidateRelevance, *, n: int) -> NDArray[np.integer]:
        """Return the indices in `scored.relevance` of the candidates needed for a list of `n` items, best first."""
        return top_k(scored.relevance, k=self._selected(n))

    def _choice(
        self, query: Query, vector: NDArray[np.float32] | None, candidates: Candidates | None, *, n: int
    ) -> ExplorationChoice | None:
        """Choose the positions at which lists of `n` or fewer items get cold items, and the cold items.

        The result is None if nothing is explored.
        """
        if self.exploration_candidates is None:
            return None
        return self.exploration_candidates.choice(query, length=n, vector=vector, candidates=candidates)

    def _best(
        self, scored: CandidateRelevance, top: NDArray[np.integer], choice: ExplorationChoice | None, *, n: int
    ) -> ItemList:
        """Return the best `n` candidates, with cold items in place of some of them if exploration has chosen any.

        Args:
            scored: The candidates with their relevance.
            top: The most relevant candidates, as returned by `_top`.
            choice: The positions to explore and the cold items for them, or None to explore nothing.
            n: Length of the list.
        """
        relevance = scored.relevance[top]
        best = top if scored.subset is None else scored.subset[top]
        best = reordered(best, relevance, self.objective, unit=scored.unit)
        items, relevance = self.warm_items[best[:n]], relevance[:n]
        explored = None if choice is None else choice.for_list(n=n, ranked=len(items))
        if explored is None:
            return ItemList(items=items, relevance=relevance)
        return insert_explored(explored, items=items, relevance=relevance, n=n)

    def _block_probabilities(
        self,
        lists: Sequence[ItemList],
        block: Sequence[CandidateRelevance],
        choices: Sequence[ExplorationChoice | None],
        relevance: NDArray[np.float32],
    ) -> Iterable[NDArray[np.float64] | None]:
        """Return the scores of the items in several lists of the same length; see `_probabilities`.

        Args:
            lists: The lists of recommended items.
            block: The candidates of each list.
            choices: For each list the positions to explore and the items for them, or None to explore nothing.
            relevance: float32[n_lists, n_candidates], the relevance of the candidates.
        """
        if not self.scored or any(choice is not None for choice in choices):
            return map(self._probabilities, lists, block, choices)
        return probabilities(np.stack([best.relevance for best in lists]), relevance, extra_scores=None)

    def _probabilities(
        self, best: ItemList, scored: CandidateRelevance, choice: ExplorationChoice | None
    ) -> NDArray[np.float64] | None:
        """Return the scores of the items in a list: a softmax over all candidates and explored items.

        If a list of the largest allowed length can hold all candidates, the softmax includes the explored items of that
        list instead. Then scores do not depend on the number of requested items.

        Args:
            best: The list of recommended items.
            scored: The candidates with their relevance.
            choice: The positions to explore and the items for them, or None to explore nothing.
        """
        if not self.scored:
            return None
        longest = best
        if choice is not None and len(scored.relevance) < LONGEST_LIST:
            longest = self._best(scored, self._top(scored, n=LONGEST_LIST), choice, n=LONGEST_LIST)
        explored = None if longest.explored is None else longest.relevance[longest.explored]
        return probabilities(best.relevance, scored.relevance, extra_scores=explored)

    def _reasons(self, best: ItemList) -> list[str | None] | None:
        """Return why each item of a list was recommended. This model gives no reasons, so it returns None."""
        del best
        return None
