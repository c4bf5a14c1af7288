"""Latent factors of users and items, and the model that ranks users by them. Both segment recipes use them."""

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
from personalize_mock.recipes.numerics.blas import one_blas_thread
from personalize_mock.recipes.numerics.candidates import are_candidates
from personalize_mock.recipes.numerics.implicit_als import fit_als
from personalize_mock.recipes.numerics.top_k import top_k

# Developer guide, "Item-Affinity recipe" and "Item-Attribute-Affinity recipe" (2025).
HIDDEN_DIMENSION = 149
BLOCK_QUERIES = 256
BLOCK_SCORES = 1 << 24


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AffinityFactors:
    """Latent factors of the users and items that have interactions.

    Attributes:
        user_indices: int32[user rows], the user index of each row, ascending.
        item_indices: int32[item rows], the item index of each row, ascending.
        users: float64[user rows, factors].
        items: float64[item rows, factors].
        counts: The counts of interactions, shape (user rows, item rows).
    """

    user_indices: NDArray[np.int32]
    item_indices: NDArray[np.int32]
    users: NDArray[np.float64]
    items: NDArray[np.float64]
    counts: sparse.csr_matrix

    @classmethod
    def from_interactions(
        cls, interactions: InteractionMatrix, *, config: Mapping[str, str], seed: int
    ) -> "AffinityFactors":
        """Factorize interactions by ALS.

        Args:
            interactions: The interactions.
            config: algorithmHyperParameters; `hidden_dimension` is the number of factors.
            seed: Seed of the initial factors.

        Raises:
            ValueError: `hidden_dimension` is not a number.
        """
        user_indices = np.flatnonzero(interactions.lengths()).astype(np.int32)
        item_indices = np.flatnonzero(interactions.warm).astype(np.int32)
        counts = interactions.csr()[user_indices][:, item_indices]
        als = fit_als(counts, factors=int(config.get("hidden_dimension", HIDDEN_DIMENSION)), seed=seed)
        return cls(
            user_indices=user_indices, item_indices=item_indices, users=als.users, items=als.items, counts=counts
        )

    def item_rows(self, *, item_count: int) -> NDArray[np.int32]:
        """Return the row of each item index, int32[item_count + 1], or -1 for cold items and for index -1."""
        rows = np.full(item_count + 1, UNKNOWN, dtype=np.int32)
        rows[self.item_indices] = np.arange(len(self.item_indices), dtype=np.int32)
        return rows


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AffinityModel(Model):
    """Model that ranks users by the dot product of their factors with the factors of a target.

    Attributes:
        user_indices: int32[rows], the user index of each row, ascending.
        users: float32[rows, factors].
    """

    ranks: ClassVar[Ranked] = "users"

    user_indices: NDArray[np.int32]
    users: NDArray[np.float32]

    @abstractmethod
    def target(self, query: Query) -> NDArray[np.float32] | None:
        """Return the factors of a query's item or attributes, float32[factors], or None if these are unknown."""

    @abstractmethod
    def adjust(self, scores: NDArray[np.float32], query: Query) -> None:
        """Change the scores of all rows, float32[rows], in place."""

    def rank(self, query: Query, *, n: int, candidates: Candidates | None = None) -> Ranking:
        """Return the users with the highest affinity, without scores, or an empty ranking if the target is unknown."""
        target = self.target(query)
        if target is None:
            return Ranking(indices=NO_INDICES)
        scores = self.users @ target
        self.adjust(scores, query)
        if candidates is None:
            return Ranking(indices=self.user_indices[top_k(scores, k=n)])
        rows = np.flatnonzero(are_candidates(self.user_indices, candidates))
        return Ranking(indices=self.user_indices[rows[top_k(scores[rows], k=n)]])

    def rank_each(self, queries: Sequence[Query], *, n: int, candidates: Sequence[Candidates | None]) -> list[Ranking]:
        """Rank users in blocks unless candidates are given; see `Model.rank_each`."""
        if any(mask is not None for mask in candidates):
            return [self.rank(query, n=n, candidates=mask) for query, mask in zip(queries, candidates, strict=True)]
        size = max(1, min(BLOCK_QUERIES, BLOCK_SCORES // max(1, len(self.user_indices))))
        with one_blas_thread():
            blocks = [self._rank_block(queries[start : start + size], n=n) for start in range(0, len(queries), size)]
        return [ranking for block in blocks for ranking in block]

    def _rank_block(self, queries: Sequence[Query], *, n: int) -> list[Ranking]:
        rankings = [Ranking(indices=NO_INDICES)] * len(queries)
        targets = {row: target for row, query in enumerate(queries) if (target := self.target(query)) is not None}
        if targets:
            for row, scores in zip(targets, np.stack([*targets.values()]) @ self.users.T, strict=True):
                self.adjust(scores, queries[row])
                rankings[row] = Ranking(indices=self.user_indices[top_k(scores, k=n)])
        return rankings
