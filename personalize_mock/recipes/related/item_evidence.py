"""Evidence about the items of a training: co-interactions, latent factors, metadata and popularity."""

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
    """The evidence about all items.

    Attributes:
        interactions: The interactions.
        counts: The counts of interactions, users x items.
        popularity: The popularity of the items.
        factors: float32[items, factors], of unit norm for warm items. Those of cold items are predicted from metadata.
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
        """Collect the evidence.

        Args:
            interactions: The interactions.
            counts: Their counts, users x items.
            als: The factors of the same interactions.
            metadata: The metadata vectors of all items, of unit norm, or None.
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
        """Return the evidence about the relation of some items to all items."""
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
        """Return the co-interactions, without those of cold items if these do not count."""
        if weights.cold or not self.popularity.cold.any():
            return CoInteractions.from_interactions(self.interactions, self.counts)
        warm = self.interactions.select(~self.popularity.cold[self.interactions.item])
        return CoInteractions.from_interactions(warm, warm.csr())

    def vectors(self, weights: EvidenceWeights, *, sample: NDArray[np.integer]) -> Vectors:
        """Return factors and metadata scaled by their weights, so that dot products are sums of weighted cosines.

        Args:
            weights: The weights.
            sample: Items on which the scale is measured.
        """
        boost = self.popularity.boost(weights)
        factors = self.factors * np.sqrt(cosine_scale(_cosines(self.factors, sample), boost, weights.factors))
        if self.metadata is None:
            return np.ascontiguousarray(factors, dtype=np.float32)
        scale = cosine_scale(_cosines(self.metadata, sample), boost, weights.metadata)
        return np.ascontiguousarray(np.hstack((factors, self.metadata * np.sqrt(scale))), dtype=np.float32)


def _cosines(vectors: Vectors, items: NDArray[np.integer]) -> NDArray[np.float32]:
    """Return the cosines of some items with all items, float32[len(items), items], 0 instead of negative ones."""
    return np.asarray(np.maximum(vectors[items] @ vectors.T, 0), dtype=np.float32)


def _predicted(factors: Vectors, metadata: Vectors, *, warm: NDArray[np.bool_]) -> Vectors:
    """Return the factors of all items as predicted by a ridge regression of those of warm items on metadata."""
    system = metadata[warm].T @ metadata[warm] + RIDGE * np.eye(metadata.shape[1])
    return np.asarray(metadata @ np.linalg.solve(system, metadata[warm].T @ factors[warm]), dtype=np.float32)
