"""Model of aws-sims for trials, which compare hyperparameters. It computes only the similarities that queries need."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.lru_cache import LruCache
from personalize_mock.recipes.base import Candidates, Model, Query, Ranking
from personalize_mock.recipes.popular.popularity_count import PopularityModel
from personalize_mock.recipes.related.neighbours import NeighbourModel, Neighbours, top_per_row
from personalize_mock.recipes.related.pair_counts import Evidence, PairCounts, to_similarity
from personalize_mock.recipes.related.pair_weights import PairWeights

CACHED_ROWS = 8  # one for each evaluation of a trial


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrialData:
    """Data that trials of aws-sims share if their hyperparameters select the same interactions.

    Attributes:
        counts: The matrices that give the common users and the close interactions of any two items.
        weights: The weights in the similarity of two items, learnt from the same interactions.
        popular: The ranking of items by popularity.
        cache: Cache of the results of `evidence`.
    """

    counts: PairCounts
    weights: PairWeights
    popular: PopularityModel
    cache: LruCache = field(default_factory=lambda: LruCache(CACHED_ROWS))

    def evidence(self, items: NDArray[np.int64]) -> Evidence:
        """Return the evidence that the given items are related to every item; see `PairCounts.evidence`.

        The second value is the number of common users of each stored entry. Results are cached. The matrix is a copy,
        so the caller may modify it.
        """
        evidence, common = self.cache.get(items.tobytes(), lambda: self._evidence(items))
        return evidence.copy(), common

    def _evidence(self, items: NDArray[np.int64]) -> Evidence:
        common = self.counts.common_users(items)
        return self.counts.evidence(common, items, closeness=self.weights.closeness), common.data


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrialModel(Model):
    """Model of aws-sims for a trial of hyperparameters, which finds the most similar items only when queried.

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
        evidence, common = self.data.evidence(items)
        similarity = to_similarity(evidence, self.discount, items=items, weak=common < self.minimum)
        lengths, neighbours = top_per_row(similarity)
        indptr = np.zeros(len(self.discount) + 1, dtype=np.int64)
        indptr[1 + items] = lengths
        found = Neighbours(indptr=np.cumsum(indptr), indices=neighbours)
        model = NeighbourModel(neighbours=found, popular=self.data.popular)
        return model.rank_each(queries, n=n, candidates=candidates)
