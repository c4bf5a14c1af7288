"""Relevance of items for a user, computed from item factors, association rules, categories and popularity."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import groupby, islice, pairwise, repeat

import numpy as np
from numpy.typing import NDArray

from personalize_mock.lru_cache import LruCache
from personalize_mock.recipes.base import Model
from personalize_mock.recipes.numerics.blas import one_blas_thread
from personalize_mock.recipes.numerics.distinct import distinct_of_each
from personalize_mock.recipes.numerics.softmax import INVERSE_TEMPERATURE
from personalize_mock.recipes.numerics.top_k import positions, take, take_copy
from personalize_mock.recipes.personal.association_rules import RULES_RMS, AssociationRules
from personalize_mock.recipes.personal.fold_in import FoldIn, newest_first
from personalize_mock.recipes.personal.repeat_shift import seen_log_odds
from personalize_mock.recipes.personal.repeats import Repeats, SeenItems
from personalize_mock.recipes.personal.user_state import UserState, UserStates, states_of_queries

BLOCK_USERS = 256
BLOCK_SCORES = 1 << 25
FEW = 0.08  # share of the warm items; below it the candidates' factors are gathered, above it their scores
USER_STATES = 256
LONGEST_KEY = 1024  # items in a history; a longer one is identified by a digest
SMALL_CATALOGUE = 4096  # warm items; in smaller catalogues a user state keeps the relevance of all of them


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RelevanceModel(Model):
    """Model that computes the relevance of items for a user from the user's history.

    Relevance is the weighted sum of scores from factors and association rules, similarity to the newest items, category
    lifts and popularity. The weights are learnt at training. For an empty history, relevance is popularity alone.

    Only warm items, which have an interaction in the training data, have a relevance. The position of an item is its
    index in `warm_items`.

    Attributes:
        warm_items: int32[n_warm], the item indices of the warm items, ascending.
        position_of_item: int32[n_items + 1], the position of each item, or -1 for a cold item. The last entry is -1
            for unknown items, whose index is -1.
        fold_in: The item factors, from which user vectors are computed.
        rules: The association rules between items.
        popularity: float32[n_warm], the relevance of each item for an empty history.
        recency_weights: float64[length], the weights of the items in a history by recency, newest first.
        rules_weight: Weight of the association rules. A user's scores from the rules are scaled so that their root mean
            square over all items is this number.
        popularity_lifts: float32[n_warm], the amount that popularity adds to the relevance of each item, for users with
            a history. None if it adds nothing.
        repeats: Model of repeated interactions, which determines the relevance of seen items. None if the training data
            has too few repeats to learn from.
        user_states: Cache of the states of users with recent queries, by history.
    """

    warm_items: NDArray[np.int32]
    position_of_item: NDArray[np.int32]
    fold_in: FoldIn
    rules: AssociationRules
    popularity: NDArray[np.float32]
    recency_weights: NDArray[np.float64]
    rules_weight: float = RULES_RMS
    popularity_lifts: NDArray[np.float32] | None = None
    repeats: Repeats | None = None
    user_states: LruCache = field(default_factory=lambda: LruCache(USER_STATES))

    def seen_log_odds(self, histories: Sequence[NDArray[np.int32]]) -> NDArray[np.float64]:
        """Return the log odds that an item recommended to each user is one that the user has seen.

        Only relevance is considered, without context, objective and exploration.

        Args:
            histories: The item indices of each user's history, oldest first.

        Returns:
            float64[len(histories)], infinity for users who have seen no items or all items.
        """
        states = self._user_states(histories)
        odds = [seen_log_odds(self._relevance(state, None), state.seen) for state in states]
        return np.array(odds, dtype=np.float64)

    def _warm_history(self, history: NDArray[np.int32], live: int) -> tuple[NDArray[np.int32], int]:
        """Drop from a history the items without an interaction in the training data, and return the other items.

        Args:
            history: The item indices of a user's history, oldest first.
            live: Number of items at the end of the history that were sent after the training.

        Returns:
            The items as positions in `warm_items`, oldest first, and the number of them that were sent after the
            training.
        """
        positions = self.position_of_item.take(history)
        is_warm = positions >= 0
        return positions[is_warm], int(np.count_nonzero(is_warm[-live:])) if live else 0

    def _warm_histories(
        self, users: Sequence[tuple[NDArray[np.int32], int]]
    ) -> tuple[list[NDArray[np.int32]], list[int]]:
        """Drop items without an interaction in the training data from the histories of many users.

        `users` holds a history for each user and the number of its items that were sent after the training. The two
        lists hold the values that `_warm_history` returns for each user.
        """
        histories, live = zip(*users, strict=True)
        positions = self.position_of_item.take(np.concatenate(histories))
        is_warm = positions >= 0
        warm, warm_before = positions[is_warm], np.concatenate(([0], is_warm.cumsum()))
        lengths = np.array(list(map(len, histories)))
        ends = lengths.cumsum()
        bounds = [0, *warm_before[ends].tolist()]
        newest = warm_before[ends] - warm_before[ends - np.minimum(live, lengths)]
        return [warm[start:stop] for start, stop in pairwise(bounds)], newest.tolist()

    def _user_state(self, history: NDArray[np.int32], live: int) -> UserState:
        """Return the state of a user: numbers computed from the history, which determine relevance. States are cached.

        Args:
            history: The item indices of the user's history, oldest first.
            live: Number of items at the end of the history that were sent after the training.
        """
        return self.user_states.get(
            (live, _key(history.astype(np.int32, copy=False))),
            lambda: self._new_user_state(*self._warm_history(history, live)),
        )

    def _new_user_state(self, warm: NDArray[np.int32], live: int) -> UserState:
        if not len(warm):
            return UserState()
        with one_blas_thread():
            state = self._block_states([warm], [live], uses=[1]).state(0)
            if len(self.warm_items) < SMALL_CATALOGUE:
                state = replace(state, relevance=self._unplaced_relevance(state, None), shared=True)
            if self.repeats is None:
                return state
            return replace(state, seen_relevance=self._seen_relevance(self.repeats, state, warm))

    def _user_states(self, histories: Sequence[NDArray[np.int32]]) -> Iterator[UserState]:
        """Yield the state of each user, with the relevance of all warm items, given the users' histories."""
        return states_of_queries(self._state_blocks(histories, live=repeat(0), with_relevance=True))

    def _state_blocks(
        self, histories: Sequence[NDArray[np.int32]], *, live: Iterable[int], with_relevance: bool
    ) -> Iterator[UserStates]:
        """Yield the states of many users in blocks, which are computed faster than single states.

        Args:
            histories: The item indices of each user's history, oldest first. If an array occurs several times in
                succession, its state is computed only once.
            live: Number of items at the end of each history that were sent after the training.
            with_relevance: Whether the states contain the relevance of all warm items. The memory for it is overwritten
                after each block, so a block must be used before the next one is requested.
        """
        groups = groupby(zip(histories, live, strict=False), key=lambda user: id(user[0]))
        size = BLOCK_USERS
        if with_relevance:
            size = max(1, min(size, BLOCK_SCORES // max(1, len(self.warm_items)), len(histories)))
        buffer = np.empty((size, len(self.warm_items)), dtype=np.float32) if with_relevance else None
        while block := [list(group) for _, group in islice(groups, size)]:
            warm, newest = self._warm_histories([group[0] for group in block])
            states = self._block_states(warm, newest, uses=list(map(len, block)))
            if buffer is not None:
                states = replace(states, relevance=self._fill(buffer[: len(block)], states))
            if self.repeats is not None:
                users = enumerate(warm)
                seen = [self._seen_relevance(self.repeats, states.state(user), own) for user, own in users]
                states = replace(states, seen_relevance=seen)
            yield states

    def _block_states(
        self, warm: Sequence[NDArray[np.int32]], live: Sequence[int], *, uses: Sequence[int]
    ) -> UserStates:
        """Compute the states of several users at once from their histories, without the relevance of items.

        Args:
            warm: The history of each user as positions in `warm_items`, oldest first.
            live: Number of items at the end of each history that were sent after the training.
            uses: Number of queries for which each state is used.
        """
        newest = newest_first(warm, length=len(self.recency_weights))
        return UserStates(
            seen=distinct_of_each(warm),
            vectors=self.fold_in.user_vectors(newest, weights=self.recency_weights, live=live),
            rules=self.rules.follower_scores(newest, weight=self.rules_weight, count=len(self.warm_items)),
            uses=uses,
        )

    def _fill(self, relevance: NDArray[np.float32], states: UserStates) -> NDArray[np.float32]:
        """Write the relevance of all warm items for several users into an array, float32[n_users, n_warm].

        The array is returned. Seen items do not get the relevance learnt from repeated interactions.
        """
        np.matmul(states.vectors, self.fold_in.factors.T, out=relevance)
        if self.popularity_lifts is not None:
            relevance += self.popularity_lifts
        _add_to_rows(relevance, states.rules)
        relevance[[not len(seen) for seen in states.seen]] = self.popularity
        return relevance

    def _seen_relevance(self, repeats: Repeats, state: UserState, warm: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return the relevance of a user's seen items as learnt from repeated interactions, float32[n_seen].

        Args:
            repeats: The model of repeated interactions.
            state: The state of the user.
            warm: The user's history as positions in `warm_items`, oldest first.
        """
        if not len(warm):
            return np.empty(0, dtype=np.float32)
        logits = repeats.logits(SeenItems.from_history(warm))
        return np.asarray((logits + self._log_unseen_mass(state)) / INVERSE_TEMPERATURE, dtype=np.float32)

    def _log_unseen_mass(self, state: UserState) -> float:
        """Return the log of the sum of exp(b * relevance) over all unseen items, where b is `INVERSE_TEMPERATURE`.

        For a large catalogue, the sum is estimated from a sample: all items that association rules recommend, and
        other items at equal intervals.
        """
        count = len(self.warm_items)
        if count < 2 * SMALL_CATALOGUE:
            share = np.exp(INVERSE_TEMPERATURE * self._unplaced_relevance(state, None).astype(np.float64))
            share[state.seen] = 0
            return _log_sum(share)
        rows = np.arange(0, count, count // SMALL_CATALOGUE)
        certain, seen = np.zeros((2, count), dtype=bool)
        certain[state.followers] = seen[state.seen] = True
        rows = np.sort(np.concatenate((rows[~certain[rows]], np.flatnonzero(certain))))
        relevance = self._unplaced_relevance(state, rows)
        followers = int(np.count_nonzero(certain))
        others = (count - followers) / max(1, len(rows) - followers)
        share = np.where(certain[rows], 1, others) * np.exp(INVERSE_TEMPERATURE * relevance.astype(np.float64))
        share[seen[rows]] = 0
        return _log_sum(share)

    def _relevance(self, state: UserState, subset: NDArray[np.integer] | None) -> NDArray[np.float32]:
        """Return the relevance of items for a user as an array that the caller may modify.

        Args:
            state: The state of the user.
            subset: The positions of the items in `warm_items`. None stands for all warm items.
        """
        relevance = self._unplaced_relevance(state, subset)
        if state.seen_relevance is not None:
            places = state.seen if subset is None else positions(state.seen, among=subset)
            relevance[places[places >= 0]] = state.seen_relevance[places >= 0]
        return relevance

    def _unplaced_relevance(self, state: UserState, subset: NDArray[np.integer] | None) -> NDArray[np.float32]:
        """Return the relevance of items, before seen items get the relevance learnt from repeated interactions.

        The caller may modify the array.

        Args:
            state: The state of the user.
            subset: The positions of the items in `warm_items`. None stands for all warm items.
        """
        if state.vector is None:
            return take_copy(self.popularity, subset)
        if state.relevance is not None:
            return (take_copy if state.shared else take)(state.relevance, subset)
        factors = self.fold_in.factors
        if subset is not None and len(subset) < FEW * len(self.warm_items):
            relevance = factors.take(subset, axis=0) @ state.vector
            if self.popularity_lifts is not None:
                relevance += self.popularity_lifts.take(subset)
            places = positions(state.followers, among=subset)
            np.add.at(relevance, places[places >= 0], state.follower_scores[places >= 0])
            return np.asarray(relevance)
        relevance = factors @ state.vector
        if self.popularity_lifts is not None:
            relevance += self.popularity_lifts
        np.add.at(relevance, state.followers, state.follower_scores)
        return take(relevance, subset)


def _key(history: NDArray[np.int32]) -> bytes:
    """Return a cache key for a history. Long histories are replaced with a hash, so that the cache stays small."""
    return history.tobytes() if len(history) <= LONGEST_KEY else sha256(history.tobytes()).digest()


def _add_to_rows(
    relevance: NDArray[np.float32], amounts: Sequence[tuple[NDArray[np.int32], NDArray[np.float32]]]
) -> None:
    """Add amounts to the relevance of some items of each user, in place.

    Args:
        relevance: float32[n_users, n_items], contiguous.
        amounts: For each user the items, which may repeat, as int32[k], and the amounts, float32[k].
    """
    items, scores = (np.concatenate(arrays) for arrays in zip(*amounts, strict=True))
    rows = np.repeat(np.arange(len(relevance)), [len(own) for own, _ in amounts])
    np.add.at(relevance.reshape(-1), rows * relevance.shape[1] + items, scores)


def _log_sum(numbers: NDArray[np.float64]) -> float:
    """Return the log of the sum of numbers that are not negative, or 0 if the sum is 0."""
    total = float(numbers.sum())
    return float(np.log(total)) if total > 0 else 0.0
