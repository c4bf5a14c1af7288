"""Recipe aws-similar-items, which recommends items that have the same users and similar metadata.

The similarity of two items is a weighted sum of three parts. The first is their co-interactions: how many users
interacted with both items, and how close together in their histories (`co_interactions.py`). The second is the cosine
of the items' ALS factors, and the third is the cosine of their metadata vectors. The weights and the discount of
popular items are learnt (`evidence_weights.py`). Items with fewer than five interactions are cold. Their factors are
predicted from their metadata by ridge regression, and a weak prediction has a small norm. The service publishes no
formula: only the hyperparameters and the limit of five interactions come from the developer guide, "Similar-Items
recipe" (2025).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.recipes.base import (
    Candidates,
    EvaluationName,
    Model,
    Query,
    Ranking,
    Recipe,
    TrainingData,
)
from personalize_mock.recipes.numerics.blas import one_blas_thread
from personalize_mock.recipes.numerics.implicit_als import AlsFactors, fit_als
from personalize_mock.recipes.numerics.item_vectors import Vectors, metadata_features, principal_components
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.popular.popularity_count import PopularityModel, items_by_users
from personalize_mock.recipes.related.co_interactions import CoInteractions
from personalize_mock.recipes.related.evidence_weights import EvidenceWeights, learn_weights
from personalize_mock.recipes.related.held_out import HeldOutQueries
from personalize_mock.recipes.related.item_evidence import ItemEvidence
from personalize_mock.recipes.related.neighbours import padded_with_popular, parsed_hyperparameters, top_positive

REGULARIZATION = 1.0  # if it is smaller, or ALPHA larger, films are similar merely because both are popular
ALPHA = 1.0
FIRST_ITERATIONS = 3  # without the held-out interactions
LAST_ITERATIONS = 1  # with them, starting from the first factors
FEWEST_QUERIES = 100
MOST_QUERIES = 200
CELLS = 1_000_000  # similarities per choice of weights
SAMPLE = 256
USUAL_SHARE = 0.6
BLOCK_SCORES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarItemsHyperparameters:
    """Hyperparameters of aws-similar-items.

    Names and defaults are those of the developer guide, "Similar-Items recipe" (2025).

    Attributes:
        popularity_discount_factor: From 0, which discounts popular items only as far as this improves the predictions,
            to 1, which ignores popularity.
        item_id_hidden_dim: The number of latent factors.
        item_metadata_hidden_dim: The largest number of dimensions of the vectors computed from metadata.
    """

    popularity_discount_factor: float = 0.0
    item_id_hidden_dim: int = 100
    item_metadata_hidden_dim: int = 100


_TYPES = {"popularity_discount_factor": float, "item_id_hidden_dim": int, "item_metadata_hidden_dim": int}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimilarItemsModel(Model):
    """Model that ranks items by a sum of similarities: in their users, in their latent factors and in their metadata.

    Attributes:
        co_interactions: The interactions, from which co-interactions are computed: the users of both of two items, and
            interactions with both that are close in a user's history.
        weights: The weights of the different kinds of evidence.
        discount: float32[items], the factor by which each item's co-interactions are multiplied; smaller for popular
            items.
        vectors: float32[items, dimensions], vectors whose dot products are weighted sums of the cosines of latent
            factors and metadata. They are 0 for an item without interactions and metadata.
        boost: float32[items], the factor by which the dot products with each item are multiplied.
        popular: The ranking of items by popularity, used if there are too few similar items.
    """

    uses_item: ClassVar[bool] = True

    co_interactions: CoInteractions
    weights: EvidenceWeights
    discount: NDArray[np.float32]
    vectors: Vectors
    boost: NDArray[np.float32]
    popular: PopularityModel

    def rank(self, query: Query, *, n: int, candidates: Candidates | None = None) -> Ranking:
        """Return the items most similar to the item of the query; see `Model.rank`."""
        return self.rank_each([query], n=n, candidates=[candidates])[0]

    def rank_each(self, queries: Sequence[Query], *, n: int, candidates: Sequence[Candidates | None]) -> list[Ranking]:
        """Return the most similar items for each query, computed for many queries at once; see `Model.rank_each`."""
        similar = [self.popular.order[:0]] * len(queries)
        known = [row for row, query in enumerate(queries) if 0 <= query.item < len(self.vectors)]
        size = max(1, BLOCK_SCORES // max(1, len(self.vectors)))
        for start in range(0, len(known), size):
            rows = known[start : start + size]
            with one_blas_thread():
                block = self._similar(np.array([queries[row].item for row in rows]))
            for row, scores in zip(rows, block, strict=True):
                similar[row] = top_positive(scores, n=n, item=queries[row].item, candidates=candidates[row])
        return [
            padded_with_popular(items, self.popular, query, n=n, candidates=own)
            for items, query, own in zip(similar, queries, candidates, strict=True)
        ]

    def _similar(self, items: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the similarity of some items to all items, float32[len(items), items]."""
        cosines = self.vectors[items] @ self.vectors.T
        np.maximum(cosines, 0, out=cosines)
        cosines *= self.boost
        weights = self.weights
        rows = self.co_interactions.rows(items)
        return cosines + rows.similarity(self.discount, closeness=weights.closeness, before=weights.before)


@dataclass(frozen=True, kw_only=True)
class SimilarItems(Recipe):
    """Recipe aws-similar-items and, with another `interaction_share`, the use case aws-vod-more-like-x.

    Attributes:
        interaction_share: Weight of interactions relative to metadata, between 0 and 1. At 0.6, metadata has the weight
            that is learnt from the data. At smaller values, metadata has a larger weight.
    """

    evaluation: ClassVar[EvaluationName] = "related"

    interaction_share: float = USUAL_SHARE

    def fit(
        self,
        data: TrainingData,
        *,
        config: Mapping[str, str],
        objective: Objective | None,  # noqa: ARG002  the recipe allows none
        seed: int,
    ) -> SimilarItemsModel:
        """Learn weights from held-out interactions, then fit the model to all interactions; see `Recipe.fit`.

        The weights decide how much interactions, latent factors and metadata count in the similarity of items.
        """
        hyperparameters = SimilarItemsHyperparameters(**parsed_hyperparameters(config, _TYPES))
        with one_blas_thread():
            weights, evidence = _learn(data, hyperparameters, seed=seed)
            share = weights.metadata * _odds(1 - self.interaction_share) / _odds(1 - USUAL_SHARE)
            weights = replace(weights, metadata=share).discounted(hyperparameters.popularity_discount_factor)
            return _model(evidence, weights)


def _learn(
    data: TrainingData, hyperparameters: SimilarItemsHyperparameters, *, seed: int
) -> tuple[EvidenceWeights, ItemEvidence]:
    """Learn how much each kind of evidence counts in the similarity of items, and return the weights and the evidence.

    The weights are learnt from held-out interactions. The returned evidence is computed from all interactions.
    """
    metadata = _metadata_vectors(data, dimensions=hyperparameters.item_metadata_hidden_dim, seed=seed)
    factors = hyperparameters.item_id_hidden_dim
    held_out = HeldOutQueries.from_interactions(data.interactions, count=_queries(data), step=2)
    train = held_out.train()
    counts = train.csr()
    als = _fit_factors(counts, factors=factors, seed=seed, iterations=FIRST_ITERATIONS)
    evidence = ItemEvidence.from_interactions(train, counts, als=als, metadata=metadata)
    weights = learn_weights(evidence.about(held_out.queries), held_out)
    counts = data.interactions.csr()
    als = _fit_factors(counts, factors=factors, seed=seed, iterations=LAST_ITERATIONS, start=als)
    return weights, ItemEvidence.from_interactions(data.interactions, counts, als=als, metadata=metadata)


def _model(evidence: ItemEvidence, weights: EvidenceWeights) -> SimilarItemsModel:
    warm = np.flatnonzero(~evidence.popularity.cold)
    sample = warm[:: max(1, len(warm) // SAMPLE)]
    return SimilarItemsModel(
        co_interactions=evidence.co_interactions(weights),
        weights=weights,
        discount=evidence.popularity.discount(weights),
        vectors=evidence.vectors(weights, sample=sample),
        boost=evidence.popularity.boost(weights),
        popular=PopularityModel(order=items_by_users(evidence.interactions)),
    )


def _fit_factors(
    counts: sparse.csr_matrix, *, factors: int, seed: int, iterations: int, start: AlsFactors | None = None
) -> AlsFactors:
    return fit_als(
        counts,
        factors=factors,
        seed=seed,
        regularization=REGULARIZATION,
        alpha=ALPHA,
        iterations=iterations,
        start=start,
    )


def _metadata_vectors(data: TrainingData, *, dimensions: int, seed: int) -> Vectors | None:
    features = None if data.items is None else metadata_features(data.items)
    return None if features is None else principal_components(features, dimensions=dimensions, seed=seed)


def _queries(data: TrainingData) -> int:
    """Return the largest number of users whose interactions are held out to learn the weights.

    To save time, it is smaller for a large catalogue.
    """
    return max(FEWEST_QUERIES, min(MOST_QUERIES, CELLS // max(1, len(data.interactions.items))))


def _odds(share: float) -> float:
    return share / (1 - share)
