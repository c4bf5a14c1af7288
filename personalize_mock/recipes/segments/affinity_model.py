"""Latent factors of users and items, and the base class of the models that rank users by these factors."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

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
        user_indices: int32[user rows], the user index of each row of `users`, ascending.
        item_indices: int32[item rows], the item index of each row of `items`, ascending.
        users: float64[user rows, factors], the factors of the users.
        items: float64[item rows, factors], the factors of the items.
        counts: float64[user rows, item rows], sparse, the number of interactions of each user with each item.
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
        """Compute latent factors of users and items from interactions, by implicit-feedback ALS.

        Args:
            interactions: The interactions to factorize.
            config: The algorithmHyperParameters. `hidden_dimension` is the number of factors, 149 by default.
            seed: Seed of the initial factors.

        Raises:
            ValueError: `hidden_dimension` is not an integer.
        """
        user_indices = np.flatnonzero(interactions.lengths()).astype(np.int32)
        item_indices = np.flatnonzero(interactions.warm).astype(np.int32)
        counts = interactions.csr()[user_indices][:, item_indices]
        with one_blas_thread():
            als = fit_als(counts, factors=int(config.get("hidden_dimension", HIDDEN_DIMENSION)), seed=seed)
        return cls(
            user_indices=user_indices, item_indices=item_indices, users=als.users, items=als.items, counts=counts
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AffinityModel(Model):
    """Base class of models that rank users by their affinity to the item or to the item attributes in a query.

    The affinity is the dot product of two vectors of factors: that of the user, and a target vector for the item or the
    attributes. Subclasses compute the target and may adjust the affinity.

    Attributes:
        user_indices: int32[rows], the user index of each row of `users`, ascending.
        users: float32[rows, factors], the factors of the users.
    """

    ranks: ClassVar[Ranked] = "users"

    user_indices: NDArray[np.int32]
    users: NDArray[np.float32]

    @abstractmethod
    def target(self, query: Query) -> NDArray[np.float32] | None:
        """Return the vector whose dot product with a user's factors is the user's score for a query, float32[factors].

        The result is None if the model has no factors for the item or the attributes in the query.
        """

    @abstractmethod
    def adjust(self, scores: NDArray[np.float32], query: Query) -> None:
        """Adjust the scores of all users for a query, in place, before the users are ranked.

        A subclass implements this method to take into account more than the factors, such as the interactions of users
        with similar items.

        Args:
            scores: float32[rows], the dot product of each row of `users` with the vector that `target` returns for the
                query.
            query: The query. The model has factors for its item or its attributes.
        """

    def rank(self, query: Query, *, n: int, candidates: Candidates | None = None) -> Ranking:
        """Return the users with the highest affinity, without scores; see `Model.rank`.

        The ranking is empty if the model has no factors for the item or the attributes in the query.
        """
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
        """Return the users with the highest affinity for each query; see `Model.rank_each`.

        The queries are computed in large blocks, unless one of them restricts the candidates.
        """
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
