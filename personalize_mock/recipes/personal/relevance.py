"""Relevance of items for a user: item factors, association rules and popularity."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from personalize_mock.lru_cache import LruCache
from personalize_mock.recipes.base import Model
from personalize_mock.recipes.numerics.blas import one_blas_thread
from personalize_mock.recipes.numerics.softmax import INVERSE_TEMPERATURE
from personalize_mock.recipes.numerics.top_k import positions, take, take_copy
from personalize_mock.recipes.personal.association_rules import AssociationRules
from personalize_mock.recipes.personal.fold_in import FoldIn, newest_first
from personalize_mock.recipes.personal.repeat_shift import seen_log_odds
from personalize_mock.recipes.personal.repeats import Repeats, SeenItems
from personalize_mock.recipes.personal.user_state import UserState

RULES_WEIGHT = 0.4
BLOCK_USERS = 256
BLOCK_SCORES = 1 << 24
FEW = 0.08  # share of the warm items; below it the candidates' factors are gathered, above it their scores
USER_STATES = 256
SMALL_CATALOGUE = 4096  # warm items; in smaller catalogues a user state keeps the relevance of all of them


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RelevanceModel(Model):
    """Item factors, association rules and popularity of the warm items.

    Warm items have an interaction in the training. They are numbered in the order of their item indices; such a number
    is called a position.

    Relevance is the score of the factor model, scaled to a standard deviation of 1 over the warm items, plus the score
    of the rules, whose scale is about `RULES_WEIGHT`. For an empty history it is popularity.

    Attributes:
        warm_items: int32[n_warm], item indices, ascending.
        position_of_item: int32[n_items + 1], the position of each item index, -1 for cold items. The last entry is for
            unknown items, whose index is -1.
        fold_in: The item factors.
        rules: The association rules.
        popularity: float32[n_warm], the relevance for an empty history.
        recency_weights: float64[length], weights of the items in a history, newest first.
        repeats: How users repeat themselves, which decides the relevance of seen items. None if they do not.
        user_states: Cache of the states of recent users.
    """

    warm_items: NDArray[np.int32]
    position_of_item: NDArray[np.int32]
    fold_in: FoldIn
    rules: AssociationRules
    popularity: NDArray[np.float32]
    recency_weights: NDArray[np.float64]
    repeats: Repeats | None = None
    user_states: LruCache = field(default_factory=lambda: LruCache(USER_STATES))

    def seen_log_odds(self, histories: Sequence[NDArray[np.int32]]) -> NDArray[np.float64]:
        """Return the log odds that each user gets a seen item, based only on relevance, float64[len(histories)].

        They are infinite for users who have seen no items or all items.
        """
        states = self._user_states(histories, with_relevance=True)
        odds = [seen_log_odds(self._relevance(state, None), state.seen) for state in states]
        return np.array(odds, dtype=np.float64)

    def _warm_history(self, history: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the positions of the warm items in a history, oldest first."""
        warm = self.position_of_item[history]
        return warm[warm >= 0]

    def _user_state(self, history: NDArray[np.int32]) -> UserState:
        """Return the state of one user from the cache."""
        return self.user_states.get(
            history.astype(np.int32, copy=False).tobytes(), lambda: self._new_user_state(self._warm_history(history))
        )

    def _new_user_state(self, warm: NDArray[np.int32]) -> UserState:
        with one_blas_thread():
            (state,) = self._block_states([warm])
            if state.vector is None:
                return state
            if len(self.warm_items) < SMALL_CATALOGUE:
                state = replace(state, relevance=self._unplaced_relevance(state, None))
            return self._with_seen_relevance(state, warm)

    def _user_states(self, histories: Sequence[NDArray[np.int32]], *, with_relevance: bool) -> Iterator[UserState]:
        """Yield the states of users, computed in blocks.

        Args:
            histories: The item indices of each user's history, oldest first.
            with_relevance: Whether to compute the relevance of all warm items, which is faster in blocks. The arrays
                are overwritten by the next block.
        """
        size = BLOCK_USERS
        if with_relevance:
            size = max(1, min(size, BLOCK_SCORES // max(1, len(self.warm_items)), len(histories)))
        buffer = np.empty((size, len(self.warm_items)), dtype=np.float32) if with_relevance else None
        for start in range(0, len(histories), size):
            warm = list(map(self._warm_history, histories[start : start + size]))
            states = self._block_states(warm, relevance=None if buffer is None else buffer[: len(warm)])
            yield from map(self._with_seen_relevance, states, warm)

    def _block_states(
        self, warm: Sequence[NDArray[np.int32]], *, relevance: NDArray[np.float32] | None = None
    ) -> list[UserState]:
        """Return the states of a block of users and fill `relevance`, float32[n_users, n_warm], if it is given."""
        if not any(map(len, warm)):
            return [UserState()] * len(warm)
        newest = newest_first(warm, length=len(self.recency_weights))
        vectors = self.fold_in.user_vectors(newest, weights=self.recency_weights)
        rules = self.rules.follower_scores(newest, weight=RULES_WEIGHT, count=len(self.warm_items))
        if relevance is not None:
            np.matmul(vectors, self.fold_in.factors.T, out=relevance)
            for row, (followers, scores) in zip(relevance, rules, strict=True):
                np.add.at(row, followers, scores)
        rows = [None] * len(warm) if relevance is None else relevance
        return [
            UserState(seen=np.unique(seen), vector=vector, followers=followers, follower_scores=scores, relevance=row)
            if len(seen)
            else UserState()
            for seen, vector, (followers, scores), row in zip(warm, vectors, rules, rows, strict=True)
        ]

    def _with_seen_relevance(self, state: UserState, warm: NDArray[np.int32]) -> UserState:
        """Return a state with the relevance that repeats give to the seen items of the history `warm`."""
        if self.repeats is None or state.vector is None:
            return state
        logits = self.repeats.logits(SeenItems.from_history(warm))
        relevance = (logits + self._log_unseen_mass(state)) / INVERSE_TEMPERATURE
        return replace(state, seen_relevance=relevance.astype(np.float32))

    def _log_unseen_mass(self, state: UserState) -> float:
        """Return the log of the sum of exp(b relevance) over the unseen items; b is `INVERSE_TEMPERATURE`.

        In a large catalogue the sum is estimated from the followers and evenly spaced items.
        """
        count = len(self.warm_items)
        spaced = np.arange(0, count, max(1, count // SMALL_CATALOGUE))
        rows = np.unique(np.concatenate((spaced, state.followers)))
        certain = np.isin(rows, state.followers)
        relevance = self._unplaced_relevance(state, rows)
        followers = int(np.count_nonzero(certain))
        others = (count - followers) / max(1, len(rows) - followers)
        share = np.where(certain, 1, others) * np.exp(INVERSE_TEMPERATURE * relevance.astype(np.float64))
        share[np.isin(rows, state.seen)] = 0
        total = float(share.sum())
        return float(np.log(total)) if total > 0 else 0.0

    def _relevance(self, state: UserState, subset: NDArray[np.integer] | None) -> NDArray[np.float32]:
        """Return a new array of the relevance of the positions in `subset`, or of all warm items if it is None."""
        relevance = self._unplaced_relevance(state, subset)
        if state.seen_relevance is not None:
            places = state.seen if subset is None else positions(state.seen, among=subset)
            relevance[places[places >= 0]] = state.seen_relevance[places >= 0]
        return relevance

    def _unplaced_relevance(self, state: UserState, subset: NDArray[np.integer] | None) -> NDArray[np.float32]:
        """Return the relevance as if no item had been seen, in a new array."""
        if state.vector is None:
            return take_copy(self.popularity, subset)
        if state.relevance is not None:
            return take_copy(state.relevance, subset)
        factors = self.fold_in.factors
        if subset is not None and len(subset) < FEW * len(self.warm_items):
            relevance = factors.take(subset, axis=0) @ state.vector
            places = positions(state.followers, among=subset)
            np.add.at(relevance, places[places >= 0], state.follower_scores[places >= 0])
            return np.asarray(relevance)
        relevance = factors @ state.vector
        np.add.at(relevance, state.followers, state.follower_scores)
        return take(relevance, subset)
