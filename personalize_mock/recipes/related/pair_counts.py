"""Counts of the users and of the close interactions that pairs of items have in common."""

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
    """Interactions from which the common users and the close interactions of two items are counted.

    Attributes:
        indicators: float32[users, items], 1 where a user interacted with an item.
        by_item: float32[items, users], the transpose of `indicators`.
        close: float32[items, items], the close interactions; see `ClosePairs.weighted_by_distance`.
    """

    indicators: sparse.csr_matrix
    by_item: sparse.csr_matrix
    close: sparse.csr_matrix

    @classmethod
    def from_pairs(cls, pairs: ClosePairs) -> "PairCounts":
        """Count pairs of close interactions, and index all interactions by item and by user."""
        indicators = pairs.interactions.csr().astype(np.float32)
        indicators.data[:] = 1
        return cls(indicators=indicators, by_item=indicators.T.tocsr(), close=pairs.weighted_by_distance())

    @property
    def users(self) -> NDArray[np.integer]:
        """The number of distinct users of each item, int[items]."""
        return np.asarray(np.diff(self.by_item.indptr))

    def common_users(self, items: NDArray[np.integer]) -> sparse.csr_matrix:
        """Count the users that each given item has in common with every item.

        Args:
            items: int[rows], item indices.

        Returns:
            float32[rows, items]. The column indices of each row are sorted.
        """
        counts = self.by_item[items] @ self.indicators
        counts.sort_indices()
        return counts

    def evidence(self, common: sparse.csr_matrix, items: NDArray[np.integer], *, closeness: float) -> sparse.csr_matrix:
        """Return the sum of common users and `closeness` times close interactions.

        Args:
            common: The result of `common_users(items)`.
            items: int[rows], item indices.
            closeness: The weight of close interactions.

        Returns:
            float32[rows, items]. The same entries are stored as in `common`, in the same order.
        """
        return (common + np.float32(closeness) * self.close[items]).tocsr()

    def blocks(self, closeness: float) -> Iterator[Evidence]:
        """Yield the evidence for all items. To save memory, yield it in blocks of consecutive items.

        Args:
            closeness: The weight of close interactions.
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
    """Turn the evidence that items are related into their similarities, in place, and return them.

    Args:
        evidence: float32[rows, items], all stored entries above 0. The column indices of each row are sorted.
        discount: float32[items], the factor by which the similarity to each item is multiplied, above 0.
        items: int[rows], the item of each row, needed to remove the similarity of an item to itself.
        weak: For each stored entry, whether it gets a negative similarity. The order of these entries among themselves
            does not change.
    """
    evidence.data *= discount[evidence.indices]
    evidence.data[weak] = -1 / evidence.data[weak]
    evidence.data[evidence.indices == np.repeat(items, np.diff(evidence.indptr))] = 0
    evidence.eliminate_zeros()
    return evidence
