"""Recipe aws-similar-items, which recommends items that have the same users and similar metadata.

The similarity of two items is 0.6 times the cosine of their ALS factors plus 0.4 times the cosine of their metadata
vectors. It is multiplied by log(1 + users) ** (1 - popularity_discount_factor), where `users` is the number of users of
the recommended item. Items with fewer than five interactions are cold. Their factors are predicted from their metadata
by ridge regression, and a weak prediction has a small norm. The service publishes no formula: only the hyperparameters
and the limit of five interactions come from the developer guide, "Similar-Items recipe" (2025).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.base import (
    NO_ITEM,
    Candidates,
    EvaluationName,
    Model,
    Query,
    Ranking,
    Recipe,
    TrainingData,
)
from personalize_mock.recipes.numerics.blas import one_blas_thread
from personalize_mock.recipes.numerics.candidates import as_small_set
from personalize_mock.recipes.numerics.implicit_als import fit_als
from personalize_mock.recipes.numerics.item_vectors import (
    Vectors,
    metadata_features,
    principal_components,
    unit_vectors,
)
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.popular.popularity_count import PopularityModel, items_by_users
from personalize_mock.recipes.related.neighbours import padded_with_popular, parsed_hyperparameters, top_positive

WARM_INTERACTIONS = 5  # items with fewer are cold; developer guide, "Similar-Items recipe" (2025)
RIDGE = 10.0
REGULARIZATION = 1.0  # if it is smaller, or ALPHA larger, films are similar merely because both are popular
ALPHA = 1.0
BLOCK_SCORES = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarItemsHyperparameters:
    """Hyperparameters of aws-similar-items.

    Names and defaults are those of the developer guide, "Similar-Items recipe" (2025).

    Attributes:
        popularity_discount_factor: From 0, which favours popular items, to 1, which ignores popularity.
        item_id_hidden_dim: The number of latent factors.
        item_metadata_hidden_dim: The largest number of dimensions of the vectors computed from metadata.
    """

    popularity_discount_factor: float = 0.0
    item_id_hidden_dim: int = 100
    item_metadata_hidden_dim: int = 100


_TYPES = {"popularity_discount_factor": float, "item_id_hidden_dim": int, "item_metadata_hidden_dim": int}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimilarItemsModel(Model):
    """Model that ranks items by the dot product of two item vectors, multiplied by a factor that favours popular items.

    Attributes:
        vectors: float32[items, dimensions], zeros for an item that has neither interactions nor metadata.
        popularity_factor: float32[items], from 0 to 1; larger for items with more users.
        popular: The ranking of items by popularity, used if there are too few similar items.
    """

    uses_item: ClassVar[bool] = True

    vectors: Vectors
    popularity_factor: NDArray[np.float32]
    popular: PopularityModel

    def rank(self, query: Query, *, n: int, candidates: Candidates | None = None) -> Ranking:
        """Return the items most similar to the item of the query; see `Model.rank`."""
        with one_blas_thread():
            similar = self._similar(query.item, n=n, candidates=candidates)
        return padded_with_popular(similar, self.popular, query, n=n, candidates=candidates)

    def rank_each(self, queries: Sequence[Query], *, n: int, candidates: Sequence[Candidates | None]) -> list[Ranking]:
        """Return the most similar items for each query, computed for many queries at once; see `Model.rank_each`."""
        similar = self._similar_each(queries, n=n, candidates=candidates)
        return [
            padded_with_popular(items, self.popular, query, n=n, candidates=own)
            for items, query, own in zip(similar, queries, candidates, strict=True)
        ]

    def _similar(self, item: int, *, n: int, candidates: Candidates | None) -> NDArray[np.int32]:
        if not 0 <= item < len(self.vectors):
            return self.popular.order[:0]
        rows = as_small_set(candidates, count=len(self.vectors))
        if rows is None:
            scores = self.vectors @ self.vectors[item] * self.popularity_factor
            return top_positive(scores, n=n, item=item, candidates=candidates)
        scores = self.vectors[rows] @ self.vectors[item] * self.popularity_factor[rows]
        return top_positive(scores, n=n, item=item, rows=rows)

    def _similar_each(
        self, queries: Sequence[Query], *, n: int, candidates: Sequence[Candidates | None]
    ) -> list[NDArray[np.int32]]:
        """Return the indices of the most similar items for each query, best first, without padding.

        Queries with many candidates are scored together, which is faster than calling `_similar` for each of them.
        """
        count = len(self.vectors)
        items = [query.item if query.item < count else NO_ITEM for query in queries]
        similar = [self.popular.order[:0]] * len(items)
        unrestricted = [
            row for row, item in enumerate(items) if item >= 0 and as_small_set(candidates[row], count=count) is None
        ]
        size = max(1, BLOCK_SCORES // max(1, count))
        with one_blas_thread():
            for row in set(range(len(items))).difference(unrestricted):
                similar[row] = self._similar(items[row], n=n, candidates=candidates[row])
            for start in range(0, len(unrestricted), size):
                rows = unrestricted[start : start + size]
                block = self.vectors[[items[row] for row in rows]] @ self.vectors.T
                block *= self.popularity_factor
                for row, scores in zip(rows, block, strict=True):
                    similar[row] = top_positive(scores, n=n, item=items[row], candidates=candidates[row])
        return similar


@dataclass(frozen=True, kw_only=True)
class SimilarItems(Recipe):
    """Recipe aws-similar-items and, with another `interaction_share`, the use case aws-vod-more-like-x.

    Attributes:
        interaction_share: The weight of interactions in the similarity of two items, from 0 to 1. Metadata has the
            remaining weight. Without metadata, only interactions count.
    """

    evaluation: ClassVar[EvaluationName] = "related"

    interaction_share: float = 0.6

    def fit(
        self,
        data: TrainingData,
        *,
        config: Mapping[str, str],
        objective: Objective | None,  # noqa: ARG002  the recipe allows none
        seed: int,
    ) -> SimilarItemsModel:
        """Compute the vectors of the items from their interactions and metadata; see `Recipe.fit`."""
        hyperparameters = SimilarItemsHyperparameters(**parsed_hyperparameters(config, _TYPES))
        users = data.interactions.csr().getnnz(axis=0)
        warm = np.bincount(data.interactions.item, minlength=len(users)) >= WARM_INTERACTIONS
        with one_blas_thread():
            factors = _item_factors(data.interactions, warm, factors=hyperparameters.item_id_hidden_dim, seed=seed)
            metadata = _metadata_vectors(data, dimensions=hyperparameters.item_metadata_hidden_dim, seed=seed)
            vectors = factors if metadata is None else self._combined(factors, metadata, warm)
        return SimilarItemsModel(
            vectors=vectors,
            popularity_factor=_popularity_factor(users, warm, discount=hyperparameters.popularity_discount_factor),
            popular=PopularityModel(order=items_by_users(data.interactions)),
        )

    def _combined(self, factors: Vectors, metadata: Vectors, warm: NDArray[np.bool_]) -> Vectors:
        """Join the latent factors and the metadata vector of each item into one weighted vector.

        Args:
            factors: float32[items, factors], the latent factors. Cold items get factors predicted from their metadata
                instead.
            metadata: float32[items, dimensions], the metadata vectors.
            warm: bool[items], False for cold items.
        """
        system = metadata[warm].T @ metadata[warm] + RIDGE * np.eye(metadata.shape[1])
        predicted = metadata @ np.linalg.solve(system, metadata[warm].T @ factors[warm])
        completed = np.where(warm[:, None], factors, predicted)
        share = self.interaction_share
        combined = np.concatenate((np.sqrt(share) * completed, np.sqrt(1 - share) * metadata), axis=1)
        return np.ascontiguousarray(combined, dtype=np.float32)


def _item_factors(interactions: InteractionMatrix, warm: NDArray[np.bool_], *, factors: int, seed: int) -> Vectors:
    """Return latent factors of the items, scaled to unit norm, float32[items, factors]. Cold items have zeros.

    Args:
        interactions: The interactions to factorize.
        warm: bool[items], False for cold items.
        factors: Number of latent factors.
        seed: Seed of the initial factors.
    """
    als = fit_als(interactions.csr(), factors=factors, seed=seed, regularization=REGULARIZATION, alpha=ALPHA)
    vectors = unit_vectors(als.items)
    vectors[~warm] = 0
    return vectors


def _metadata_vectors(data: TrainingData, *, dimensions: int, seed: int) -> Vectors | None:
    features = None if data.items is None else metadata_features(data.items)
    return None if features is None else principal_components(features, dimensions=dimensions, seed=seed)


def _popularity_factor(users: NDArray[np.integer], warm: NDArray[np.bool_], *, discount: float) -> NDArray[np.float32]:
    """Return a factor for the scores of each item, float32[items], which is 1 for the most popular item.

    It is the logarithm of the number of users, scaled to at most 1 and raised to the power 1 - `discount`. Cold items
    get the median of the scaled logarithms of the warm items, raised to the same power.

    Args:
        users: int[items], the number of distinct users of each item.
        warm: bool[items], False for cold items.
        discount: The hyperparameter popularity_discount_factor, from 0 to 1.
    """
    if not warm.any():
        return np.ones(len(users), dtype=np.float32)
    popularity = np.log1p(users) / np.log1p(users.max())
    popularity[~warm] = np.median(popularity[warm])
    return np.asarray(popularity ** (1 - discount), dtype=np.float32)
