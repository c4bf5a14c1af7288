"""Evidence that two items are related: users who interacted with both, and interactions close in their histories."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.recipes.related.close_pairs import ClosePairs

# The evidence in rows of a matrix, float32[rows, items], and the count of each stored entry.
Evidence: TypeAlias = tuple[sparse.csr_matrix, NDArray[np.float32]]

BLOCK_ROWS = 1024  # rows of the matrix of common users that are in memory at a time


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairCounts:
    """Matrices from which the evidence that two items are related is computed.

    The evidence is of two kinds. Common users are those who interacted with both items. Close interactions are a user's
    interactions with both items that are at most 10 positions apart in the user's history.

    Attributes:
        indicators: float32[users, items], sparse, 1 where a user interacted with an item.
        by_item: float32[items, users], sparse, the transpose of `indicators`.
        close: float32[items, items], sparse, the weighted number of close interactions for each pair of items; see
            `ClosePairs.weighted_by_distance`.
    """

    indicators: sparse.csr_matrix
    by_item: sparse.csr_matrix
    close: sparse.csr_matrix

    @classmethod
    def from_pairs(cls, pairs: ClosePairs) -> "PairCounts":
        """Build the matrices for counting the common users and the close interactions of any two items.

        Args:
            pairs: All pairs of interactions that are close in a user's history.
        """
        indicators = pairs.interactions.csr().astype(np.float32)
        indicators.data[:] = 1
        return cls(indicators=indicators, by_item=indicators.T.tocsr(), close=pairs.weighted_by_distance())

    @property
    def users(self) -> NDArray[np.integer]:
        """The number of distinct users of each item, int[items]."""
        return np.asarray(np.diff(self.by_item.indptr))

    def common_users(self, items: NDArray[np.integer]) -> sparse.csr_matrix:
        """For each given item and every item, return the number of users who interacted with both.

        Args:
            items: int[rows], item indices.

        Returns:
            float32[rows, items], sparse. The column indices of each row are sorted.
        """
        counts = self.by_item[items] @ self.indicators
        counts.sort_indices()
        return counts

    def evidence(self, common: sparse.csr_matrix, items: NDArray[np.integer], *, closeness: float) -> sparse.csr_matrix:
        """Return the evidence that the given items are related to every item.

        The evidence for two items is the number of users who interacted with both (common users), plus `closeness`
        times the weighted number of interactions with both that are close in a user's history (close interactions).

        Args:
            common: The result of `common_users(items)`.
            items: int[rows], the indices of the given items.
            closeness: The weight of close interactions.

        Returns:
            float32[rows, items], sparse. The same entries are stored as in `common`, in the same order.
        """
        return (common + np.float32(closeness) * self.close[items]).tocsr()

    def blocks(self, closeness: float) -> Iterator[Evidence]:
        """Yield the evidence that each item is related to every item, in blocks of rows to save memory.

        Args:
            closeness: The weight of close interactions. A common user has the weight 1.

        Yields:
            The result of `evidence` for a block of consecutive items, and the number of common users of each stored
            entry.
        """
        count = self.by_item.shape[0]
        for start in range(0, count, BLOCK_ROWS):
            items = np.arange(start, min(start + BLOCK_ROWS, count))
            common = self.common_users(items)
            yield self.evidence(common, items, closeness=closeness), common.data


def to_similarity(
    evidence: sparse.csr_matrix,
    discount: NDArray[np.float32],
    *,
    items: NDArray[np.integer],
    weak: NDArray[np.bool_],
) -> sparse.csr_matrix:
    """Convert the evidence that items are related to similarities, in place, and return the matrix.

    Args:
        evidence: float32[rows, items], sparse, with positive entries. The column indices of each row are sorted.
        discount: float32[items], the factor by which the similarity to each item is multiplied, above 0.
        items: int[rows], the item of each row, needed to remove the similarity of an item to itself.
        weak: bool[stored entries], whether two items have too few common users. Their similarity becomes negative, so
            that they are ranked after all other items. Among such items, more evidence still gives a higher rank.
    """
    evidence.data *= discount[evidence.indices]
    evidence.data[weak] = -1 / evidence.data[weak]
    evidence.data[evidence.indices == np.repeat(items, np.diff(evidence.indptr))] = 0
    evidence.eliminate_zeros()
    return evidence
