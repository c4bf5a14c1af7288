"""Similarity of items by their common users, and a model for trials that computes it only for the items of queries.

A trial fits a model in order to compare hyperparameters.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.lru_cache import LruCache
from personalize_mock.recipes.base import Candidates, Model, Query, Ranking
from personalize_mock.recipes.popular.popularity_count import PopularityModel
from personalize_mock.recipes.related.neighbours import NeighbourModel, Neighbours, top_per_row

CACHED_ROWS = 8  # one for each evaluation of a trial


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrialData:
    """Data that trials of aws-sims share if their hyperparameters select the same interactions.

    Attributes:
        indicators: float32[users, items], 1 where a user interacted with an item.
        by_item: float32[items, users], the transpose of `indicators`.
        exponent: The exponent of the popularity discount for the default popularity_discount_factor; see
            `learn_exponent`.
        popular: The ranking of items by popularity.
        cache: Cache of the results of `common_users`.
    """

    indicators: sparse.csr_matrix
    by_item: sparse.csr_matrix
    exponent: float
    popular: PopularityModel
    cache: LruCache = field(default_factory=lambda: LruCache(CACHED_ROWS))

    @property
    def users(self) -> NDArray[np.integer]:
        """The number of distinct users of each item, int[items]."""
        return np.asarray(np.diff(self.by_item.indptr))

    def common_users(self, items: NDArray[np.int64]) -> sparse.csr_matrix:
        """Count the users that each given item has in common with every item, float32[len(items), items]."""
        counts = self.cache.get(items.tobytes(), lambda: self.by_item[items] @ self.indicators)
        return sparse.csr_matrix(counts, copy=True)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrialModel(Model):
    """Model of a trial. It ranks like the model of aws-sims, but finds the neighbours of an item only when queried.

    Attributes:
        data: The data that the trials share.
        discount: float32[items], the factor by which the similarity to each item is multiplied.
        minimum: Items with fewer common users than this are ranked after all others.
    """

    uses_item: ClassVar[bool] = True

    data: TrialData
    discount: NDArray[np.float32]
    minimum: float

    def rank(self, query: Query, *, n: int, candidates: Candidates | None = None) -> Ranking:
        """Return the items most closely related to the item of the query; see `Model.rank`."""
        return self.rank_each([query], n=n, candidates=[candidates])[0]

    def rank_each(self, queries: Sequence[Query], *, n: int, candidates: Sequence[Candidates | None]) -> list[Ranking]:
        """Return the items most closely related to the item of each query; see `Model.rank_each`."""
        items = np.unique(np.array([query.item for query in queries], dtype=np.int64))
        items = items[(items >= 0) & (items < len(self.discount))]
        counts = self.data.common_users(items)
        lengths, neighbours = top_per_row(to_similarity(counts, self.discount, items=items, minimum=self.minimum))
        indptr = np.zeros(len(self.discount) + 1, dtype=np.int64)
        indptr[1 + items] = lengths
        found = Neighbours(indptr=np.cumsum(indptr), indices=neighbours)
        model = NeighbourModel(neighbours=found, popular=self.data.popular)
        return model.rank_each(queries, n=n, candidates=candidates)


def to_similarity(
    counts: sparse.csr_matrix, discount: NDArray[np.float32], *, items: NDArray[np.integer], minimum: float
) -> sparse.csr_matrix:
    """Turn counts of common users into similarities of items, in place, and return them.

    Args:
        counts: float32[rows, items], rows of the co-occurrence matrix.
        discount: float32[items], the factor by which the similarity to each item is multiplied, above 0.
        items: int[rows], the item of each row, needed to remove the similarity of an item to itself.
        minimum: Items with a smaller count than this get negative similarities.
    """
    counts.data[counts.indices == np.repeat(items, np.diff(counts.indptr))] = 0
    counts.eliminate_zeros()
    counts.sort_indices()
    weak = counts.data < minimum
    counts.data *= discount[counts.indices]
    counts.data[weak] = -1 / counts.data[weak]
    return counts
