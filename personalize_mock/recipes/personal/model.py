"""Model of the personal recipes.

A list of recommendations is computed in these steps:

1. User state: the user vector, seen items and association rules that apply to the history (`_user_state`).
2. Relevance of the candidates for this state, with seen items placed if users repeat themselves (`_relevance`).
3. Context: lifts of contextual metadata, and of the Users dataset for users without history (`_add_context`).
4. Seen items: a shift that makes them as improbable as repeats are, unless step 2 placed them (`_candidate_relevance`).
5. Objective: what the attribute adds (`_add_objective`), and the order of the first places (`_reordered`).
6. Exploration: the best candidates, some replaced by cold items (`_best`).
7. Probabilities: the softmax over all candidates (`_probabilities`).
"""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes.base import Candidates, Query, Ranking
from personalize_mock.recipes.numerics.blas import one_blas_thread
from personalize_mock.recipes.numerics.candidates import mean_count_below
from personalize_mock.recipes.numerics.softmax import probabilities
from personalize_mock.recipes.numerics.top_k import positions, take, top_k
from personalize_mock.recipes.objective import ORDERED, Blend, relevance_unit
from personalize_mock.recipes.objective_weights import TrainingList
from personalize_mock.recipes.personal.context_lifts import UserAttributeLifts, ValueLifts
from personalize_mock.recipes.personal.exploration import LONGEST_LIST, ExplorationCandidates
from personalize_mock.recipes.personal.item_list import ItemList, insert_explored
from personalize_mock.recipes.personal.relevance import FEW, RelevanceModel
from personalize_mock.recipes.personal.user_state import UserState


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CandidateRelevance:
    """Relevance of the candidates of one query, with context, objective and the shift of seen items.

    Attributes:
        query: The query.
        vector: float32[n_factors], the user vector. None without history.
        candidates: The candidates as passed to `Model.rank`.
        subset: int[n_candidates], the positions of the candidates, ascending. None if all warm items are candidates.
        relevance: float32[n_candidates], the relevance of each candidate.
        unit: The user's unit of relevance; 0 without an objective.
    """

    query: Query
    vector: NDArray[np.float32] | None
    candidates: Candidates | None
    subset: NDArray[np.integer] | None
    relevance: NDArray[np.float32]
    unit: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Personalization(RelevanceModel):
    """Model that ranks items for a user.

    Scores are a softmax with logits of `INVERSE_TEMPERATURE` times relevance, so a filter only renormalises them.

    Attributes:
        seen_shift: The number added to the relevance of items in the history.
        objective: Grades and weights of the objective. None without an objective, with OFF or a constant attribute.
        context: Lifts of contextual metadata. None if the data has no contextual metadata or the recipe ignores it.
        user_attributes: Lifts of the Users dataset, for users without history, or None as in `context`.
        exploration_candidates: Cold items to explore. None if the recipe does not explore.
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

    def rank(self, query: Query, *, n: int, candidates: Candidates | None = None) -> Ranking:
        """Return the best items for one user; see `Model.rank`."""
        state = self._user_state(query.history)
        multiplies = state.relevance is None or self.exploration_candidates is not None
        with one_blas_thread() if multiplies else nullcontext():
            return self._rank(query, state, n=n, candidates=candidates)

    def rank_each(self, queries: Sequence[Query], *, n: int, candidates: Sequence[Candidates | None]) -> list[Ranking]:
        """Return the best items for many users; see `Model.rank_each`."""
        few = mean_count_below(candidates, FEW * len(self.warm_items))
        with one_blas_thread():
            states = self._user_states([query.history for query in queries], with_relevance=not few)
            return [
                self._rank(query, state, n=n, candidates=mask)
                for query, state, mask in zip(queries, states, candidates, strict=True)
            ]

    def _rank(self, query: Query, state: UserState, *, n: int, candidates: Candidates | None) -> Ranking:
        """Return the best items for a user state: steps 2 to 7."""
        scored = self._candidate_relevance(query, state, candidates)
        best = self._best(scored, n=n)
        return Ranking(
            indices=best.items,
            scores=self._probabilities(best, scored) if self.scored else None,
            reasons=self._reasons(best),
        )

    def _candidate_relevance(self, query: Query, state: UserState, candidates: Candidates | None) -> CandidateRelevance:
        """Return the relevance of the candidates: steps 2 to 5."""
        subset = self._positions(candidates)
        relevance = self._relevance(state, subset)
        seen: NDArray[np.integer] = state.seen
        if subset is not None:
            places = positions(seen, among=subset)
            seen = places[places >= 0]
        self._add_context(relevance, query, subset=subset, new_user=state.vector is None)
        relevance[seen] += np.float32(self.seen_shift)
        unit = self._add_objective(relevance, subset=subset, seen=seen)
        return CandidateRelevance(
            query=query, vector=state.vector, candidates=candidates, subset=subset, relevance=relevance, unit=unit
        )

    def _positions(self, candidates: Candidates | None) -> NDArray[np.integer] | None:
        """Return the positions of the candidates, ascending; None if all warm items are candidates."""
        if candidates is None:
            return None
        items = candidates.nonzero()[0] if candidates.dtype == np.bool_ else candidates
        warm = self.position_of_item[items]
        warm = warm[warm >= 0]
        return None if len(warm) == len(self.warm_items) else warm

    def _add_context(
        self, relevance: NDArray[np.float32], query: Query, *, subset: NDArray[np.integer] | None, new_user: bool
    ) -> None:
        """Add the lifts of the query's context to `relevance` in place. For new users, also add those of Users."""
        lifts = [] if self.context is None else list(self.context.for_values(query.context))
        if self.user_attributes is not None and new_user:
            lifts += self.user_attributes.for_user(query.user, query.user_attributes)
        for lift in lifts:
            relevance += lift if subset is None else lift[subset]

    def _add_objective(
        self, relevance: NDArray[np.float32], *, subset: NDArray[np.integer] | None, seen: NDArray[np.integer]
    ) -> float:
        """Add what the objective adds, in place, and return the unit of relevance; `seen` indexes `relevance`.

        Seen items that relevance excludes stay behind all others.
        """
        blend = self.objective
        if blend is None or not len(relevance):
            return 0.0
        scale = relevance_unit(relevance, seen=seen)
        excluded = seen[relevance[seen] < scale.exclusion]
        relevance += np.float32(scale.unit * blend.weight) * take(blend.grades, subset)
        relevance[excluded] -= np.float32(2 * scale.unit * blend.order_weight)
        return scale.unit

    def training_lists(
        self, histories: Sequence[NDArray[np.int32]], grades: NDArray[np.float32]
    ) -> Iterator[TrainingList]:
        """Yield the candidates of some training users, without context and without excluded items.

        Args:
            histories: For each user the item indices of the history, oldest first.
            grades: float32[n_warm], grades of an attribute.
        """
        for state in self._user_states(histories, with_relevance=True):
            relevance = self._relevance(state, None)
            relevance[state.seen] += np.float32(self.seen_shift)
            scale = relevance_unit(relevance, seen=state.seen)
            kept = np.delete(np.arange(len(relevance)), state.seen[relevance[state.seen] < scale.exclusion])
            yield TrainingList(relevance=relevance[kept], grades=np.float32(scale.unit) * grades[kept])

    def _best(self, scored: CandidateRelevance, *, n: int) -> ItemList:
        """Return the best `n` items, some of them explored: step 6."""
        top = top_k(scored.relevance, k=n if self.objective is None else max(n, ORDERED))
        relevance = scored.relevance[top]
        best = self._reordered(top if scored.subset is None else scored.subset[top], relevance, unit=scored.unit)
        items, relevance = self.warm_items[best[:n]], relevance[:n]
        if self.exploration_candidates is None or scored.query.exploration is None:
            return ItemList(items=items, relevance=relevance)
        explored = self.exploration_candidates.choose(
            scored.query, n=n, ranked=len(items), vector=scored.vector, candidates=scored.candidates
        )
        if explored is None:
            return ItemList(items=items, relevance=relevance)
        return insert_explored(explored, items=items, relevance=relevance, n=n)

    def _reordered(
        self, best: NDArray[np.integer], relevance: NDArray[np.float32], *, unit: float
    ) -> NDArray[np.integer]:
        """Return the positions of a list whose first items are ordered with more emphasis on the objective.

        A score belongs to a place of the list, so scores fall in any order.
        """
        blend = self.objective
        if blend is None or blend.order_weight == blend.weight:
            return best
        first = best[:ORDERED]
        more = np.float32(unit * (blend.order_weight - blend.weight)) * blend.grades[first]
        order = (-(relevance[:ORDERED] + more)).argsort(kind="stable")
        return np.concatenate((first[order], best[ORDERED:]))

    def _probabilities(self, best: ItemList, scored: CandidateRelevance) -> NDArray[np.float64]:
        """Return the scores of a list: step 7.

        The softmax is over all candidates and explored items. If the longest list can hold all candidates, the explored
        items are those of the longest list, so that scores do not depend on the number of requested items.
        """
        longest = best
        if scored.query.exploration is not None and self.explores and len(scored.relevance) < LONGEST_LIST:
            longest = self._best(scored, n=LONGEST_LIST)
        explored = None if longest.explored is None else longest.relevance[longest.explored]
        return probabilities(best.relevance, scored.relevance, extra_scores=explored)

    def _reasons(self, best: ItemList) -> list[str | None] | None:
        """Return the reasons of a list's entries. Here it is None, because most recipes give no reasons."""
        del best
        return None
