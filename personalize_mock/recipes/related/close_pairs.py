"""Pairs of interactions that are close in a user's history, as evidence that their items are related.

Two interactions of a user are close if they are at most 10 positions apart in the user's history, which is sorted by
time.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.related.held_out import HeldOutQueries

WINDOW = 10
BEFORE = np.float32(0.5)  # weight of the item that comes before another one, relative to the item that comes after it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClosePairs:
    """All pairs of interactions of the same user that are at most 10 positions apart in the user's history.

    Attributes:
        interactions: The interactions from which the pairs are formed, sorted by user, then by time.
        first: int32[n], the position in `interactions` of the older interaction of each pair.
        second: int32[n], the position in `interactions` of the newer interaction of each pair.
    """

    interactions: InteractionMatrix
    first: NDArray[np.int32]
    second: NDArray[np.int32]

    @classmethod
    def from_interactions(cls, interactions: InteractionMatrix) -> "ClosePairs":
        """Find all pairs of interactions of the same user that are at most 10 positions apart in the user's history."""
        user = interactions.user
        steps = range(1, min(WINDOW, len(interactions) - 1) + 1)
        first = [np.flatnonzero(user[:-step] == user[step:]).astype(np.int32) for step in steps]
        second = [places + np.int32(step) for places, step in zip(first, steps, strict=True)]
        none = [np.empty(0, dtype=np.int32)]
        return cls(interactions=interactions, first=np.concatenate(none + first), second=np.concatenate(none + second))

    def weighted_by_time(self, half_time: float) -> sparse.csr_matrix:
        """Return the weighted number of close interactions for each pair of items, float32[items, items].

        Two interactions of a user are close if they are at most 10 positions apart in the user's history. The matrix is
        sparse and symmetric.

        Args:
            half_time: A time in seconds. Two interactions that are `gap` seconds apart have the weight half_time /
                (half_time + gap).
        """
        gap = self.interactions.timestamp[self.second] - self.interactions.timestamp[self.first]
        counts = self._sums((half_time / (half_time + gap)).astype(np.float32))
        return (counts + counts.T).tocsr()

    def weighted_by_distance(self) -> sparse.csr_matrix:
        """Return the weighted number of close interactions for each pair of items, float32[items, items].

        The matrix is sparse. Two interactions that are k positions apart in a user's history, with k from 1 to 10, add
        1 / k in the row of the older item and the column of the newer item. They add half of this in the row of the
        newer item and the column of the older item.
        """
        counts = self._sums(np.reciprocal((self.second - self.first).astype(np.float32)))
        return (counts + BEFORE * counts.T).tocsr()

    def of_held_out(self, held_out: HeldOutQueries) -> sparse.csr_matrix:
        """Sum the weights of the pairs that contain the query item and a held-out interaction, by query and other item.

        A pair of close interactions counts only if it belongs to the user of the query, one of its interactions is with
        the query item, and at least one of them is held out. Its weight is 1 / k if the interactions are k positions
        apart, and half of this if the interaction with the query item is the newer one.

        Args:
            held_out: The queries, made from the same interactions.

        Returns:
            float32[queries, items], sparse. The column of a weight is the item of the other interaction.
        """
        held = held_out.mask[self.first] | held_out.mask[self.second]
        older = self._sums_for(held_out, self.first[held], self.second[held])
        newer = self._sums_for(held_out, self.second[held], self.first[held])
        return (older + BEFORE * newer).tocsr()

    def _sums_for(
        self, held_out: HeldOutQueries, places: NDArray[np.int32], others: NDArray[np.int32]
    ) -> sparse.csr_matrix:
        """Sum the weights of the pairs in which one interaction is with the query item of the user.

        The weight of a pair is 1 / k if its interactions are k positions apart in the user's history.

        Args:
            held_out: The queries, at most one for each user.
            places: int32[n], for each pair the position in `interactions` of one of its two interactions. A pair counts
                only if this interaction is with the query item of its user.
            others: int32[n], for each pair the position in `interactions` of its other interaction.

        Returns:
            float32[queries, items], sparse. The row of a weight is the query, and its column is the item of the other
            interaction.
        """
        interactions = self.interactions
        query = np.full(len(interactions.users), -1)
        query[held_out.users] = held_out.queries
        chosen = interactions.item[places] == query[interactions.user[places]]
        places, others = places[chosen], others[chosen]
        rows = held_out.users.searchsorted(interactions.user[places])
        weights = np.reciprocal(np.abs(others - places).astype(np.float32))
        shape = len(held_out.users), len(interactions.items)
        return sparse.csr_matrix((weights, (rows, interactions.item[others])), shape=shape)

    def _sums(self, weights: NDArray[np.float32]) -> sparse.csr_matrix:
        """Sum the weights of pairs of interactions for each pair of items, float32[items, items], sparse.

        The row of a sum is the item of the older interaction, and its column is the item of the newer one.

        Args:
            weights: float32[n], the weight of each pair of interactions.
        """
        item, count = self.interactions.item, len(self.interactions.items)
        return sparse.csr_matrix((weights, (item[self.first], item[self.second])), shape=(count, count))
