"""Co-interactions: evidence that two items are related, because the same users interacted with both.

Two kinds of evidence are computed for an item on demand:

* Shared users are those who interacted with both items. A shared user counts 1 / log2(2 + number of the user's items),
  because users of many items say less about each of them.
* Close interactions follow or precede an interaction with the item in a user's history. An interaction that is k steps
  away counts 1 / k, up to 10 steps.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.interaction_matrix import InteractionMatrix

WINDOW = 10  # the largest distance in a user's history
MOST_PLACES = 2000  # the largest number of interactions per item whose neighbours are counted


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CoInteractionRows:
    """Co-interactions of a selection of items with all items: shared users, and interactions close in user histories.

    Each array has a row for each selected item. An item's co-interactions with itself are 0.

    Attributes:
        shared: float32[rows, items], the weighted number of shared users.
        after: float32[rows, items], the weighted number of interactions shortly after one with the item of the row.
        before: float32[rows, items], the weighted number of interactions shortly before one with the item of the row.
    """

    shared: NDArray[np.float32]
    after: NDArray[np.float32]
    before: NDArray[np.float32]

    def without(self, items: NDArray[np.bool_], queries: NDArray[np.integer]) -> "CoInteractionRows":
        """Return a copy in which the given items share no users and no close interactions with other items.

        Their rows and their columns are 0.

        Args:
            items: bool[items], the mask of the items to leave out.
            queries: int[rows], the item index of each row.
        """
        kept = ~items[queries][:, None] & ~items[None, :]
        return CoInteractionRows(shared=self.shared * kept, after=self.after * kept, before=self.before * kept)

    def similarity(self, discount: NDArray[np.float32], *, closeness: float, before: float) -> NDArray[np.float32]:
        """Return the similarity of the item of each row to all items, float32[rows, items].

        Shared users are those who interacted with both items. Close interactions are those shortly after or before an
        interaction with the item of the row. Both numbers are multiplied by `discount`, and scaled so that a row sums
        to 1. The similarity is the scaled shared users plus `closeness` times the scaled close interactions.

        Args:
            discount: float32[items], the factor that discounts each item for its popularity.
            closeness: The weight of close interactions. Shared users have the weight 1.
            before: Weight of interactions before one with the item of the row, relative to those after it.
        """
        close = self.after + np.float32(before) * self.before
        close *= np.float32(closeness) * _inverse(close @ discount)
        close += self.shared * _inverse(self.shared @ discount)
        close *= discount
        return close


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CoInteractions:
    """Interactions of the training data, indexed by item and by user to compute the co-interactions of any item.

    Co-interactions of two items are the users who interacted with both, and interactions with both that are close in a
    user's history.

    Attributes:
        by_item: float32[items, users], sparse, 1 where a user interacted with an item.
        by_user: float32[users, items], sparse, 1 / log2(2 + number of the user's items) where a user interacted with an
            item.
        user: int32[n], the user index of each interaction. Interactions are sorted by user, then by time.
        item: int32[n], the item index of each interaction.
        places: int64[n], the positions of each item's interactions in `item`, one item after another.
        starts: int64[items + 1]; the positions of item i are `places[starts[i]:starts[i + 1]]`.
    """

    by_item: sparse.csr_matrix
    by_user: sparse.csr_matrix
    user: NDArray[np.int32]
    item: NDArray[np.int32]
    places: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def from_interactions(cls, interactions: InteractionMatrix, counts: sparse.csr_matrix) -> "CoInteractions":
        """Index interactions by item and by user, to compute the users and close interactions that items share.

        Args:
            interactions: The interactions to index.
            counts: The result of `interactions.csr()`, which the caller already has: shape (users, items).
        """
        indicators = counts.astype(np.float32)
        indicators.data[:] = 1
        items = np.diff(indicators.indptr)
        by_item = indicators.T.tocsr()
        indicators.data[:] = np.repeat(1 / np.log2(2 + items), items)
        lengths = np.bincount(interactions.item, minlength=indicators.shape[1])
        return cls(
            by_item=by_item,
            by_user=indicators,
            user=interactions.user,
            item=interactions.item,
            places=np.argsort(interactions.item, kind="stable"),
            starts=np.concatenate(([0], np.cumsum(lengths))),
        )

    def rows(self, items: NDArray[np.integer]) -> CoInteractionRows:
        """Return the weighted numbers of shared users and close interactions of the given items with all items."""
        shared = (self.by_item[items] @ self.by_user).toarray()
        after, before = self._close(items, step=1), self._close(items, step=-1)
        for matrix in (shared, after, before):
            matrix[np.arange(len(items)), items] = 0
        return CoInteractionRows(shared=shared, after=after, before=before)

    def _close(self, items: NDArray[np.integer], *, step: int) -> NDArray[np.float32]:
        """Return the weighted number of close interactions of items with all items, float32[len(items), items].

        An interaction is close if it is k positions away from one with the given item in a user's history, with k from
        1 to 10. It counts 1 / k.

        Args:
            items: Item indices.
            step: 1 to count the interactions after those with an item, -1 to count the interactions before them.
        """
        shape = len(items), self.by_item.shape[0]
        rows, places = self._places(items)
        distances = np.arange(1, WINDOW + 1)
        others = places[:, None] + step * distances
        inside = (others >= 0) & (others < len(self.item))
        np.clip(others, 0, max(0, len(self.item) - 1), out=others)
        row, column = np.nonzero(inside & (self.user[others] == self.user[places][:, None]))
        cells = rows[row] * shape[1] + self.item[others[row, column]]
        counts = np.bincount(cells, 1 / distances[column], minlength=shape[0] * shape[1])
        return counts.reshape(shape).astype(np.float32)

    def _places(self, items: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the positions in the array `item` of the interactions with the given items.

        To limit the time for popular items, at most 2000 evenly spaced positions are returned for each item.

        Returns:
            Two arrays with an entry for each interaction: the index of its item in `items`, and its position in `item`.
        """
        starts, lengths = self.starts[items], self.starts[items + 1] - self.starts[items]
        taken = np.minimum(lengths, MOST_PLACES)
        rows = np.repeat(np.arange(len(items)), taken)
        turn = np.arange(len(rows)) - np.repeat(np.cumsum(taken) - taken, taken)
        return rows, self.places[starts[rows] + turn * lengths[rows] // taken[rows]]


def _inverse(sums: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the reciprocals of sums as a column, float32[n, 1]. The reciprocal of 0 is 0."""
    return np.divide(1, sums, out=np.zeros_like(sums), where=sums > 0)[:, None]
