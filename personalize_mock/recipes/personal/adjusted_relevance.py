"""Relevance of items for a query, adjusted for context, seen items and the optimization objective."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes.base import Candidates, Query
from personalize_mock.recipes.objective import Blend, relevance_unit
from personalize_mock.recipes.objective_weights import TrainingList
from personalize_mock.recipes.personal.blended_relevance import with_objective
from personalize_mock.recipes.personal.candidate_relevance import CandidateRelevance
from personalize_mock.recipes.personal.context_lifts import UserAttributeLifts, ValueLifts
from personalize_mock.recipes.personal.relevance import RelevanceModel
from personalize_mock.recipes.personal.user_state import UserState, UserStates


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AdjustedRelevanceModel(RelevanceModel):
    """Model that adjusts the relevance of items for the context of a query, for seen items and for an objective.

    Attributes:
        seen_shift: The number added to the relevance of items in the user's history.
        objective: The amounts that the optimization objective adds to the relevance of each item. None if there is no
            objective or it has no effect.
        context: The amounts that each value of the contextual metadata adds to the relevance of items. None if the data
            has no contextual metadata or the recipe ignores it.
        user_attributes: The amounts that each attribute of a user without history adds to the relevance of items. None
            if the Users dataset has no usable attributes or the recipe ignores them.
    """

    seen_shift: float = 0.0
    objective: Blend | None = None
    context: ValueLifts | None = None
    user_attributes: UserAttributeLifts | None = None

    def training_lists(
        self, histories: Sequence[NDArray[np.int32]], grades: NDArray[np.float32]
    ) -> Iterator[TrainingList]:
        """Yield the relevance and grades of items for each of some users, to learn the weights of an objective.

        Contextual metadata is ignored. Seen items with a very low relevance are left out.

        Args:
            histories: The item indices of each user's history, oldest first.
            grades: float32[n_warm], the grade of each warm item, computed from the attribute of the objective.
        """
        for state in self._user_states(histories):
            relevance = self._relevance(state, None)
            relevance[state.seen] += np.float32(self.seen_shift)
            scale = relevance_unit(relevance, seen=state.seen)
            kept = np.delete(np.arange(len(relevance)), state.seen[relevance[state.seen] < scale.exclusion])
            yield TrainingList(relevance=relevance[kept], grades=np.float32(scale.unit) * grades[kept])

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
        return CandidateRelevance(subset=subset, relevance=relevance, seen=seen)

    def _block_relevance(self, queries: Sequence[Query], states: UserStates) -> NDArray[np.float32]:
        """Compute the relevance of all warm items for several queries, adjusted for context and seen items.

        The relevance in `states` is adjusted in place and returned, float32[n_queries, n_warm].
        """
        relevance = states.placed_relevance()
        if self.context is not None or self.user_attributes is not None:
            for row, query, own in zip(relevance, queries, states.seen, strict=True):
                self._add_context(row, query, subset=None, new_user=not len(own))
        seen = states.seen_cells()
        relevance.put(seen, relevance.take(seen) + np.float32(self.seen_shift))
        return relevance

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
            query: The query with the contextual metadata.
            subset: int[n_candidates], the positions of the candidates in `warm_items`. None if all warm items are
                candidates.
            new_user: Whether the user has no history. If so, relevance is also adjusted for the user's attributes.
        """
        lifts = [] if self.context is None else list(self.context.for_values(query.context))
        if self.user_attributes is not None and new_user:
            lifts += self.user_attributes.for_user(query.user, query.user_attributes)
        for lift in lifts:
            relevance += lift if subset is None else lift[subset]
