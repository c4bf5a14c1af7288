"""Pairs of interactions that are close in a user's history, as evidence that their items are related.

Two interactions of a user are close if they are at most 10 positions apart in the history.
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
    """All pairs of close interactions, as positions in the arrays of the interactions.

    Attributes:
        interactions: The interactions.
        first: int32[n], the position of the older interaction of each pair.
        second: int32[n], the position of the newer interaction of each pair.
    """

    interactions: InteractionMatrix
    first: NDArray[np.int32]
    second: NDArray[np.int32]

    @classmethod
    def from_interactions(cls, interactions: InteractionMatrix) -> "ClosePairs":
        """Find the pairs of close interactions of each user."""
        user = interactions.user
        steps = range(1, min(WINDOW, len(interactions) - 1) + 1)
        first = [np.flatnonzero(user[:-step] == user[step:]).astype(np.int32) for step in steps]
        second = [places + np.int32(step) for places, step in zip(first, steps, strict=True)]
        none = [np.empty(0, dtype=np.int32)]
        return cls(interactions=interactions, first=np.concatenate(none + first), second=np.concatenate(none + second))

    def weighted_by_time(self, half_time: float) -> sparse.csr_matrix:
        """Count the pairs of interactions with two items, float32[items, items]. The matrix is symmetric.

        Args:
            half_time: Two interactions that are `gap` seconds apart count half_time / (half_time + gap).
        """
        gap = self.interactions.timestamp[self.second] - self.interactions.timestamp[self.first]
        counts = self._sums((half_time / (half_time + gap)).astype(np.float32))
        return (counts + counts.T).tocsr()

    def weighted_by_distance(self) -> sparse.csr_matrix:
        """Count the pairs of interactions with two items, float32[items, items].

        Two interactions that are k positions apart count 1 / k in the row of the older item and the column of the newer
        item. They count half of this in the row of the newer item.
        """
        counts = self._sums(np.reciprocal((self.second - self.first).astype(np.float32)))
        return (counts + BEFORE * counts.T).tocsr()

    def of_held_out(self, held_out: HeldOutQueries) -> sparse.csr_matrix:
        """Count what the held-out interactions add to `weighted_by_distance`, float32[queries, items].

        A row belongs to a query. It counts the pairs of the query's user of which at least one interaction is held out.

        Args:
            held_out: The queries, made from the same interactions.
        """
        held = held_out.mask[self.first] | held_out.mask[self.second]
        older = self._sums_for(held_out, self.first[held], self.second[held])
        newer = self._sums_for(held_out, self.second[held], self.first[held])
        return (older + BEFORE * newer).tocsr()

    def _sums_for(
        self, held_out: HeldOutQueries, places: NDArray[np.int32], others: NDArray[np.int32]
    ) -> sparse.csr_matrix:
        """Add 1 / distance for each interaction of a query's user with the query item and another interaction.

        Args:
            held_out: The queries.
            places: Positions of interactions. Those with other items than the query of their user do not count.
            others: For each of them, the position of the other interaction of the pair.

        Returns:
            float32[queries, items], the sums in the row of the query and the column of the other item.
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
        """Add the weights of the pairs, one per pair, in the row of the older and the column of the newer item."""
        item, count = self.interactions.item, len(self.interactions.items)
        return sparse.csr_matrix((weights, (item[self.first], item[self.second])), shape=(count, count))
