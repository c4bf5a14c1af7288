"""Evidence from which the similarity of items is computed: interactions, latent factors, metadata and popularity."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.numerics.implicit_als import AlsFactors
from personalize_mock.recipes.numerics.item_vectors import Vectors, unit_vectors
from personalize_mock.recipes.related.co_interactions import CoInteractions
from personalize_mock.recipes.related.evidence_weights import Evidence, EvidenceWeights, Popularity, cosine_scale

WARM_INTERACTIONS = 5  # items with fewer are cold; developer guide, "Similar-Items recipe" (2025)
RIDGE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemEvidence:
    """Data of all items from which the similarity of any two items can be computed.

    An item is warm if it has at least five interactions, otherwise cold.

    Attributes:
        interactions: The interactions of users with items.
        counts: Shape (users, items), sparse, the sum of the weights of each user's interactions with each item.
        popularity: The popularity of the items.
        factors: float32[items, factors], the latent factors. They have unit norm for warm items, and are predicted from
            metadata for cold items.
        metadata: float32[items, dimensions], the metadata vectors, or None if there is no metadata.
    """

    interactions: InteractionMatrix
    counts: sparse.csr_matrix
    popularity: Popularity
    factors: Vectors
    metadata: Vectors | None

    @classmethod
    def from_interactions(
        cls,
        interactions: InteractionMatrix,
        counts: sparse.csr_matrix,
        *,
        als: AlsFactors,
        metadata: Vectors | None,
    ) -> "ItemEvidence":
        """Collect the data that shows which items are related: interactions, latent factors and metadata.

        Args:
            interactions: The interactions of users with items.
            counts: The result of `interactions.csr()`, which the caller already has: shape (users, items).
            als: The latent factors fitted to these interactions.
            metadata: float32[items, dimensions], the metadata vectors, scaled to unit norm. None if there is no
                metadata.
        """
        users = counts.getnnz(axis=0)
        cold = np.bincount(interactions.item, minlength=len(users)) < WARM_INTERACTIONS
        factors = unit_vectors(als.items)
        factors[cold] = 0 if metadata is None else _predicted(factors, metadata, warm=~cold)[cold]
        return cls(
            interactions=interactions,
            counts=counts,
            popularity=Popularity(users=users, cold=cold),
            factors=factors,
            metadata=metadata,
        )

    def about(self, items: NDArray[np.integer]) -> Evidence:
        """Return the evidence of how strongly the given items are related to every item."""
        rows = CoInteractions.from_interactions(self.interactions, self.counts).rows(items)
        return Evidence(
            queries=items,
            rows=rows,
            warm_rows=rows.without(self.popularity.cold, items),
            factors=_cosines(self.factors, items),
            metadata=None if self.metadata is None else _cosines(self.metadata, items),
            popularity=self.popularity,
        )

    def co_interactions(self, weights: EvidenceWeights) -> CoInteractions:
        """Return an object that counts the users and close interactions that any item shares with other items.

        Close interactions are those with both items that are close in a user's history.

        Args:
            weights: Only `weights.cold` is used. If it is False, interactions with cold items are left out. Cold items
                are those with fewer than five interactions.
        """
        if weights.cold or not self.popularity.cold.any():
            return CoInteractions.from_interactions(self.interactions, self.counts)
        warm = self.interactions.select(~self.popularity.cold[self.interactions.item])
        return CoInteractions.from_interactions(warm, warm.csr())

    def vectors(self, weights: EvidenceWeights, *, sample: NDArray[np.integer]) -> Vectors:
        """Return item vectors whose dot products are weighted sums of the cosines of latent factors and of metadata.

        Args:
            weights: The weights of the kinds of evidence, including latent factors and metadata.
            sample: Indices of some items, from which the scale of the cosines is measured.

        Returns:
            The vectors, float32[items, dimensions].
        """
        boost = self.popularity.boost(weights)
        factors = self.factors * np.sqrt(cosine_scale(_cosines(self.factors, sample), boost, weights.factors))
        if self.metadata is None:
            return np.ascontiguousarray(factors, dtype=np.float32)
        scale = cosine_scale(_cosines(self.metadata, sample), boost, weights.metadata)
        return np.ascontiguousarray(np.hstack((factors, self.metadata * np.sqrt(scale))), dtype=np.float32)


def _cosines(vectors: Vectors, items: NDArray[np.integer]) -> NDArray[np.float32]:
    """Return the dot products of some items' vectors with the vectors of all items, float32[len(items), items].

    They are cosines if the vectors have unit norm. Negative products become 0.
    """
    return np.asarray(np.maximum(vectors[items] @ vectors.T, 0), dtype=np.float32)


def _predicted(factors: Vectors, metadata: Vectors, *, warm: NDArray[np.bool_]) -> Vectors:
    """Predict the latent factors of all items from metadata, by ridge regression on the warm items.

    Args:
        factors: float32[items, factors], the latent factors.
        metadata: float32[items, dimensions], the metadata vectors.
        warm: bool[items], the mask of the warm items, which have enough interactions.

    Returns:
        The predicted factors, float32[items, factors].
    """
    system = metadata[warm].T @ metadata[warm] + RIDGE * np.eye(metadata.shape[1])
    return np.asarray(metadata @ np.linalg.solve(system, metadata[warm].T @ factors[warm]), dtype=np.float32)
