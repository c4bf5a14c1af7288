"""Evidence that two items are related, from the users who interacted with both.

Two kinds are computed for an item, when it is asked for: the users that it shares with each other item, and the
interactions shortly after and before its own. A user of many items says less about each of them and counts
1 / log2(2 + items). An interaction at a distance of k in a user's history counts 1 / k.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.interaction_matrix import InteractionMatrix

WINDOW = 10  # the largest distance in a user's history
MOST_PLACES = 2000  # interactions with an item of which the neighbours are read


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CoInteractionRows:
    """Co-interactions of some items with all items, 0 for an item with itself.

    Attributes:
        shared: float32[rows, items], the weighted number of shared users.
        after: float32[rows, items], the weighted number of interactions after those with the item of the row.
        before: float32[rows, items], the same before them.
    """

    shared: NDArray[np.float32]
    after: NDArray[np.float32]
    before: NDArray[np.float32]

    def without(self, items: NDArray[np.bool_], queries: NDArray[np.integer]) -> "CoInteractionRows":
        """Return the rows with zeros for some items, both as rows and as columns.

        Args:
            items: bool[items], the items to leave out.
            queries: int[rows], the item of each row.
        """
        kept = ~items[queries][:, None] & ~items[None, :]
        return CoInteractionRows(shared=self.shared * kept, after=self.after * kept, before=self.before * kept)

    def similarity(self, discount: NDArray[np.float32], *, closeness: float, before: float) -> NDArray[np.float32]:
        """Return the similarity of the items of the rows to all items, float32[rows, items].

        It is a sum of two distributions over items: the shared users, and `closeness` times the close interactions.

        Args:
            discount: float32[items], a factor of each item.
            closeness: The weight of close interactions.
            before: The weight of an earlier interaction relative to a later one.
        """
        close = self.after + np.float32(before) * self.before
        close *= np.float32(closeness) * _inverse(close @ discount)
        close += self.shared * _inverse(self.shared @ discount)
        close *= discount
        return close


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CoInteractions:
    """The interactions of a training, ordered by user and by item.

    Attributes:
        by_item: float32[items, users], 1 where a user interacted with an item.
        by_user: float32[users, items], the weight of the user where a user interacted with an item.
        user: int32[n], the user of each interaction. Interactions are sorted by user and time.
        item: int32[n], the item of each interaction.
        places: int64[n], the positions of the interactions with each item in `item`, one item after the other.
        starts: int64[items + 1], where the positions of each item start in `places`.
    """

    by_item: sparse.csr_matrix
    by_user: sparse.csr_matrix
    user: NDArray[np.int32]
    item: NDArray[np.int32]
    places: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def from_interactions(cls, interactions: InteractionMatrix, counts: sparse.csr_matrix) -> "CoInteractions":
        """Order the interactions, whose `csr` is `counts`, by user and by item."""
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
        """Return the co-interactions of some items with all items."""
        shared = (self.by_item[items] @ self.by_user).toarray()
        after, before = self._close(items, step=1), self._close(items, step=-1)
        for matrix in (shared, after, before):
            matrix[np.arange(len(items)), items] = 0
        return CoInteractionRows(shared=shared, after=after, before=before)

    def _close(self, items: NDArray[np.integer], *, step: int) -> NDArray[np.float32]:
        """Return the weighted number of interactions after (`step` 1) or before (`step` -1) those with each item."""
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
        """Return the places of the interactions with some items, and the row of each in `items`.

        For an item with many interactions these are `MOST_PLACES` evenly spaced ones.
        """
        starts, lengths = self.starts[items], self.starts[items + 1] - self.starts[items]
        taken = np.minimum(lengths, MOST_PLACES)
        rows = np.repeat(np.arange(len(items)), taken)
        turn = np.arange(len(rows)) - np.repeat(np.cumsum(taken) - taken, taken)
        return rows, self.places[starts[rows] + turn * lengths[rows] // taken[rows]]


def _inverse(sums: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the reciprocals of sums of rows as a column, 0 for rows of zeros."""
    return np.divide(1, sums, out=np.zeros_like(sums), where=sums > 0)[:, None]
