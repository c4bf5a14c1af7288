"""Affinities of users to items, and the model that ranks users by them: what both recipes of segments are made of."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.id_map import UNKNOWN
from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.base import NO_INDICES, Candidates, Model, Query, Ranked, Ranking
from personalize_mock.recipes.numerics import implicit_als
from personalize_mock.recipes.numerics.blas import one_blas_thread
from personalize_mock.recipes.numerics.candidates import are_candidates
from personalize_mock.recipes.numerics.top_k import top_k

HIDDEN_DIMENSION = 149  # reference: recipes
BLOCK_QUERIES = 256
BLOCK_SCORES = 1 << 24


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AffinityFactors:
    """Trained factors of the users and items that have events: "rows" of `user_codes` and of `item_codes`.

    Attributes:
        user_codes: int32[user rows], ascending.
        item_codes: int32[item rows], ascending.
        users: float64[user rows, factors].
        items: float64[item rows, factors].
        counts: The events that it was trained on, user rows x item rows.
    """

    user_codes: NDArray[np.int32]
    item_codes: NDArray[np.int32]
    users: NDArray[np.float64]
    items: NDArray[np.float64]
    counts: sparse.csr_matrix

    def item_rows(self, *, total: int) -> NDArray[np.int32]:
        """The row of each of `total` item codes, -1 where it has none; one more entry stands for code -1."""
        rows = np.full(total + 1, UNKNOWN, dtype=np.int32)
        rows[self.item_codes] = np.arange(len(self.item_codes), dtype=np.int32)
        return rows


def factorized(events: InteractionMatrix, *, config: Mapping[str, str], seed: int) -> AffinityFactors:
    """Implicit ALS of users and items; in float64, whose results depend on no processor and no thread.

    Args:
        events: What to train on.
        config: Of it, `hidden_dimension` is the number of factors.
        seed: Of the first factors.

    Raises:
        ValueError: hidden_dimension is no number.
    """
    factors = int(config.get("hidden_dimension", HIDDEN_DIMENSION))
    user_codes = np.flatnonzero(events.lengths()).astype(np.int32)
    item_codes = np.flatnonzero(events.warm).astype(np.int32)
    counts = events.csr()[user_codes][:, item_codes]
    found = implicit_als.fit_als(counts, factors=factors, seed=seed)
    return AffinityFactors(
        user_codes=user_codes, item_codes=item_codes, users=found.users, items=found.items, counts=counts
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AffinityModel(Model):
    """Ranks the users with events by the product of their factors with those of what is wanted.

    Attributes:
        codes: int32[rows], the code of each user, ascending.
        users: float32[rows, factors].
    """

    ranks: ClassVar[Ranked] = "users"

    codes: NDArray[np.int32]
    users: NDArray[np.float32]

    @abstractmethod
    def wanted(self, query: Query) -> NDArray[np.float32] | None:
        """The factors of what a query asks about, float32[factors]; None if the model does not know it."""

    @abstractmethod
    def finish(self, scores: NDArray[np.float32], query: Query) -> None:
        """Change the scores of all rows in place."""

    def rank(self, query: Query, *, n: int, candidates: Candidates | None = None) -> Ranking:
        """The users with the greatest affinity, without scores; nobody if what is asked about is not known."""
        vector = self.wanted(query)
        if vector is None:
            return Ranking(indices=NO_INDICES)
        scores = self.users @ vector
        self.finish(scores, query)
        if candidates is None:
            return Ranking(indices=self.codes[top_k(scores, k=n)])
        rows = np.flatnonzero(are_candidates(self.codes, candidates))
        return Ranking(indices=self.codes[rows[top_k(scores[rows], k=n)]])

    def rank_each(self, queries: Sequence[Query], *, n: int, candidates: Sequence[Candidates | None]) -> list[Ranking]:
        """See `Model.rank_each`; computed in blocks where nothing is filtered."""
        if any(mask is not None for mask in candidates):
            return [self.rank(query, n=n, candidates=mask) for query, mask in zip(queries, candidates, strict=True)]
        size = max(1, min(BLOCK_QUERIES, BLOCK_SCORES // max(1, len(self.codes))))
        with one_blas_thread():
            blocks = [self._rank_block(queries[start : start + size], n=n) for start in range(0, len(queries), size)]
        return [ranking for block in blocks for ranking in block]

    def _rank_block(self, queries: Sequence[Query], *, n: int) -> list[Ranking]:
        vectors = [self.wanted(query) for query in queries]
        rankings = [Ranking(indices=NO_INDICES)] * len(queries)
        known = [place for place, vector in enumerate(vectors) if vector is not None]
        stacked = [vector for vector in vectors if vector is not None]
        if stacked:
            for place, scores in zip(known, np.stack(stacked) @ self.users.T, strict=True):
                self.finish(scores, queries[place])
                rankings[place] = Ranking(indices=self.codes[top_k(scores, k=n)])
        return rankings
