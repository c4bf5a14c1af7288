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

from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes.base import Candidates, Query, Ranking, RankingParts
from personalize_mock.recipes.numerics.blas import one_blas_thread
from personalize_mock.recipes.numerics.candidates import mean_count_below
from personalize_mock.recipes.numerics.normalization import normalize_rows
from personalize_mock.recipes.numerics.softmax import probabilities
from personalize_mock.recipes.numerics.top_k import top_k, top_k_each
from personalize_mock.recipes.objective import ORDERED, Blend, relevance_unit
from personalize_mock.recipes.objective_weights import TrainingList
from personalize_mock.recipes.personal.blended_relevance import objective_amounts, reordered, with_objective
from personalize_mock.recipes.personal.candidate_relevance import CandidateRelevance
from personalize_mock.recipes.personal.context_lifts import UserAttributeLifts, ValueLifts
from personalize_mock.recipes.personal.exploration import LONGEST_LIST, ExplorationCandidates
from personalize_mock.recipes.personal.exploration_choice import ExplorationChoice
from personalize_mock.recipes.personal.item_list import ItemList, insert_explored
from personalize_mock.recipes.personal.relevance import FEW, RelevanceModel
from personalize_mock.recipes.personal.user_state import UserState

BLOCK_QUERIES = 16


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Personalization(RelevanceModel):
    """Model that recommends items to a user.

    Scores are the softmax of relevance times `INVERSE_TEMPERATURE`. If a filter removes candidates, the scores of the
    remaining ones increase in proportion.

    Attributes:
        seen_shift: The number added to the relevance of items in the user's history.
        objective: The amounts that the optimization objective adds to the relevance of each item. None if there is no
            objective or it has no effect.
        context: The amounts that each value of the contextual metadata adds to the relevance of items. None if the data
            has no contextual metadata or the recipe ignores it.
        user_attributes: The amounts that each attribute of a user without history adds to the relevance of items. None
            if the Users dataset has no usable attributes or the recipe ignores them.
        exploration_candidates: The items that exploration can recommend. None if the recipe does not explore.
        scored: Whether rankings have scores.
    """

    seen_shift: float = 0.0
    objective: Blend | None = None
    context: ValueLifts | None = None
    user_attributes: UserAttributeLifts | None = None
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
        """Return the amounts that determine the positions of items in a ranking; see `Model.ranking_parts`."""
        state, places = self._user_state(query.history, query.live), self.position_of_item[items]
        with one_blas_thread():
            scored = self._candidate_relevance(query, state, candidates)
            best = self._best(scored, self._top(scored, n=n), self._choice(scored, n=n), n=n)
            relevance = self._without_objective(query, state, None).relevance.astype(np.float64)
            vectors, known = (normalize_rows(self.fold_in.factors[rows]) for rows in (places, state.seen))
        cold = places < 0
        return RankingParts(
            explored=np.isin(items, [] if best.explored is None else best.items[best.explored]),
            relevance=np.where(cold, np.nan, relevance[places] - relevance.mean()),
            objective=np.where(cold, 0.0, objective_amounts(places, self.objective, unit=scored.unit)),
            history=self.warm_items[state.seen],
            similarity=np.where(cold[:, None], np.nan, vectors @ known.T),
        )

    def rank_each(self, queries: Sequence[Query], *, n: int, candidates: Sequence[Candidates | None]) -> list[Ranking]:
        """Return the best items for the user of each query; see `Model.rank_each`."""
        few = mean_count_below(candidates, FEW * len(self.warm_items))
        with one_blas_thread():
            histories, live = [query.history for query in queries], [query.live for query in queries]
            states = self._user_states(histories, live=live, with_relevance=not few)
            if all(mask is None for mask in candidates):
                return self._rank_all_items(queries, states, n=n)
            return [
                self._rank(query, state, n=n, candidates=mask)
                for query, state, mask in zip(queries, states, candidates, strict=True)
            ]

    def _rank_all_items(self, queries: Sequence[Query], states: Iterator[UserState], *, n: int) -> list[Ranking]:
        """Return the best items for each query if all items are candidates.

        Selection and softmax run for blocks of queries that are small enough for the processor's cache.
        """
        rankings: list[Ranking] = []
        pairs = zip(queries, states, strict=True)
        while block := [self._candidate_relevance(query, state, None) for query, state in islice(pairs, BLOCK_QUERIES)]:
            relevance = np.stack([scored.relevance for scored in block])
            tops = top_k_each(relevance, k=self._selected(n))
            choices = [self._choice(scored, n=n) for scored in block]
            best = [self._best(*parts, n=n) for parts in zip(block, tops, choices, strict=True)]
            rankings += map(self._ranking, best, self._block_probabilities(best, block, choices, relevance))
        return rankings

    def _rank(self, query: Query, state: UserState, *, n: int, candidates: Candidates | None) -> Ranking:
        """Return the best `n` items for one query, given the state computed from the user's history."""
        scored = self._candidate_relevance(query, state, candidates)
        choice = self._choice(scored, n=n)
        best = self._best(scored, self._top(scored, n=n), choice, n=n)
        return self._ranking(best, self._probabilities(best, scored, choice))

    def _ranking(self, best: ItemList, scores: NDArray[np.float64] | None) -> Ranking:
        return Ranking(indices=best.items, scores=scores, reasons=self._reasons(best))

    def _candidate_relevance(self, query: Query, state: UserState, candidates: Candidates | None) -> CandidateRelevance:
        """Compute the relevance of the candidates, adjusted for context, seen items and the optimization objective."""
        return with_objective(self._without_objective(query, state, candidates), self.objective)

    def _without_objective(self, query: Query, state: UserState, candidates: Candidates | None) -> CandidateRelevance:
        """Compute the relevance of the candidates, adjusted for context and seen items but not for the objective."""
        subset = self._positions(candidates)
        relevance = self._relevance(state, subset)
        seen = state.seen_among(subset)
        self._add_context(relevance, query, subset=subset, new_user=state.vector is None)
        relevance.put(seen, relevance.take(seen) + np.float32(self.seen_shift))
        return CandidateRelevance(
            query=query, vector=state.vector, candidates=candidates, subset=subset, relevance=relevance, seen=seen
        )

    def _positions(self, candidates: Candidates | None) -> NDArray[np.integer] | None:
        """Return the positions of the candidates in `warm_items`, ascending; None if all warm items are candidates."""
        if candidates is None:
            return None
        items = candidates.nonzero()[0] if candidates.dtype == np.bool_ else candidates
        warm = self.position_of_item[items]
        warm = warm[warm >= 0]
        return None if len(warm) == len(self.warm_items) else warm

    def _add_context(
        self, relevance: NDArray[np.float32], query: Query, *, subset: NDArray[np.integer] | None, new_user: bool
    ) -> None:
        """Adjust `relevance` in place for the contextual metadata of the query.

        Args:
            relevance: float32[n_candidates], the relevance of each candidate.
            query: The query.
            subset: int[n_candidates], the positions of the candidates in `warm_items`. None if all warm items are
                candidates.
            new_user: Whether the user has no history. If so, relevance is also adjusted for the user's attributes.
        """
        lifts = [] if self.context is None else list(self.context.for_values(query.context))
        if self.user_attributes is not None and new_user:
            lifts += self.user_attributes.for_user(query.user, query.user_attributes)
        for lift in lifts:
            relevance += lift if subset is None else lift[subset]

    def training_lists(
        self, histories: Sequence[NDArray[np.int32]], grades: NDArray[np.float32]
    ) -> Iterator[TrainingList]:
        """Yield the relevance and grades of items for each of some users, to learn the weights of an objective.

        Contextual metadata is ignored. Seen items with a very low relevance are left out.

        Args:
            histories: The item indices of each user's history, oldest first.
            grades: float32[n_warm], the grade of each warm item, computed from the attribute of the objective.
        """
        for state in self._user_states(histories, with_relevance=True):
            relevance = self._relevance(state, None)
            relevance[state.seen] += np.float32(self.seen_shift)
            scale = relevance_unit(relevance, seen=state.seen)
            kept = np.delete(np.arange(len(relevance)), state.seen[relevance[state.seen] < scale.exclusion])
            yield TrainingList(relevance=relevance[kept], grades=np.float32(scale.unit) * grades[kept])

    def _selected(self, n: int) -> int:
        """Return how many candidates must be selected by relevance for a list of `n` items.

        With an objective, these are at least 25, because the first 25 items are reordered.
        """
        return n if self.objective is None else max(n, ORDERED)

    def _top(self, scored: CandidateRelevance, *, n: int) -> NDArray[np.integer]:
        """Return the most relevant candidates for a list of `n` items, as indices into `scored.relevance`."""
        return top_k(scored.relevance, k=self._selected(n))

    def _choice(self, scored: CandidateRelevance, *, n: int) -> ExplorationChoice | None:
        """Choose the positions at which lists of `n` or fewer items get cold items, and the cold items.

        The result is None if nothing is explored.
        """
        if self.exploration_candidates is None:
            return None
        return self.exploration_candidates.choice(
            scored.query, length=n, vector=scored.vector, candidates=scored.candidates
        )

    def _best(
        self, scored: CandidateRelevance, top: NDArray[np.integer], choice: ExplorationChoice | None, *, n: int
    ) -> ItemList:
        """Return the best `n` candidates, with cold items in place of some of them if exploration has chosen any.

        Args:
            scored: The candidates.
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
            lists: The lists.
            block: The candidates of each list.
            choices: For each list the positions to explore and the items for them, or None to explore nothing.
            relevance: float32[n_lists, n_candidates], the relevance of the candidates.
        """
        explored = any(best.explored is not None for best in lists)
        if not self.scored or explored or (self.explores and relevance.shape[1] < LONGEST_LIST):
            return map(self._probabilities, lists, block, choices)
        return probabilities(np.stack([best.relevance for best in lists]), relevance, extra_scores=None)

    def _probabilities(
        self, best: ItemList, scored: CandidateRelevance, choice: ExplorationChoice | None
    ) -> NDArray[np.float64] | None:
        """Return the scores of the items in a list: a softmax over all candidates and explored items.

        If a list of the largest allowed length can hold all candidates, the softmax includes the explored items of that
        list instead. Then scores do not depend on the number of requested items.

        Args:
            best: The list.
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
