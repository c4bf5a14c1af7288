"""aws-similar-items: items that the same users touched and whose metadata is alike.

The similarity of two items is 0.6 times the cosine of their factors of alternating least squares, plus 0.4 times the
cosine of their metadata, times the logarithm of the candidate's users to the power of 1 - popularity_discount_factor.
Items with few interactions are cold, as the service has it: their factors are foretold from their metadata by ridge
regression, and are the shorter the less the metadata tells. All of this is ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.base import NO_ITEM, Candidates, Evaluation, Model, Query, Ranking, Recipe, TrainingData
from personalize_mock.recipes.numerics.blas import one_blas_thread
from personalize_mock.recipes.numerics.implicit_als import fit_als
from personalize_mock.recipes.numerics.item_vectors import metadata_features, principal_components, unit_vectors
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.popular.popularity_count import Popularity, by_popularity
from personalize_mock.recipes.related.neighbours import completed, few, greatest, read

COLD = 5  # interactions; items with fewer are cold (reference: recipes)
RIDGE = 10.0
REGULARIZATION = 1.0  # with less, or more confidence, films resemble each other by popularity
ALPHA = 1.0
BLOCK_SCORES = 1 << 22

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarItemsHyperparameters:
    """The hyperparameters of aws-similar-items; names and defaults are the service's (reference: recipes).

    Attributes:
        popularity_discount_factor: 0 does not discount popular items, 1 ignores popularity.
        item_id_hidden_dim: The number of factors.
        item_metadata_hidden_dim: The number of directions that are left of the metadata.
    """

    popularity_discount_factor: float = 0.0
    item_id_hidden_dim: int = 100
    item_metadata_hidden_dim: int = 100


_READ = {"popularity_discount_factor": float, "item_id_hidden_dim": int, "item_metadata_hidden_dim": int}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimilarItemsModel(Model):
    """Vectors of items, whose products are similarities before popularity.

    Attributes:
        vectors: float32[items, dimensions], 0 for an item of which nothing is known.
        gain: float32[items], what popularity makes of a similarity.
        popular: The popular items.
    """

    related: ClassVar[bool] = True

    vectors: Vectors
    gain: NDArray[np.float32]
    popular: Popularity

    def rank(self, query: Query, *, n: int, candidates: Candidates | None = None) -> Ranking:
        """The items most similar to that of the query; see `Model.rank`."""
        with one_blas_thread():
            found = self._found(query.item, n=n, candidates=candidates)
        return completed(found, self.popular, query, n=n, candidates=candidates)

    def _found(self, item: int, *, n: int, candidates: Candidates | None) -> NDArray[np.int32]:
        if not 0 <= item < len(self.vectors):
            return self.popular.order[:0]
        rows = few(candidates, count=len(self.vectors))
        if rows is None:
            return greatest(self.vectors @ self.vectors[item] * self.gain, n=n, item=item, candidates=candidates)
        return greatest(self.vectors[rows] @ self.vectors[item] * self.gain[rows], n=n, item=item, rows=rows)

    def rank_each(self, queries: Sequence[Query], *, n: int, candidates: Sequence[Candidates | None]) -> list[Ranking]:
        """See `Model.rank_each`."""
        found = self._found_each(queries, n=n, candidates=candidates)
        return [
            completed(codes, self.popular, query, n=n, candidates=passing)
            for codes, query, passing in zip(found, queries, candidates, strict=True)
        ]

    def _found_each(
        self, queries: Sequence[Query], *, n: int, candidates: Sequence[Candidates | None]
    ) -> list[NDArray[np.int32]]:
        """`_found` for many: where all items have to be scored, in blocks."""
        count = len(self.vectors)
        items = [query.item if query.item < count else NO_ITEM for query in queries]
        found = [self.popular.order[:0]] * len(items)
        whole = [row for row, item in enumerate(items) if item >= 0 and few(candidates[row], count=count) is None]
        size = max(1, BLOCK_SCORES // max(1, count))
        with one_blas_thread():
            for row in set(range(len(items))).difference(whole):
                found[row] = self._found(items[row], n=n, candidates=candidates[row])
            for start in range(0, len(whole), size):
                rows = whole[start : start + size]
                block = self.vectors[[items[row] for row in rows]] @ self.vectors.T
                block *= self.gain
                for row, scores in zip(rows, block, strict=True):
                    found[row] = greatest(scores, n=n, item=items[row], candidates=candidates[row])
        return found


@dataclass(frozen=True, kw_only=True)
class SimilarItems(Recipe):
    """aws-similar-items, and with another value a use case of a domain.

    Attributes:
        share: The share of the interactions in a similarity; the rest is the metadata's, if there is any.
    """

    evaluation: ClassVar[Evaluation] = "related"

    share: float = 0.6

    def fit(
        self,
        data: TrainingData,
        *,
        config: Mapping[str, str],
        objective: Objective | None,  # noqa: ARG002  the recipe allows none
        seed: int,
    ) -> SimilarItemsModel:
        """Train; see `Recipe.fit`."""
        chosen = SimilarItemsHyperparameters(**read(config, _READ))
        users = data.interactions.csr().getnnz(axis=0)
        warm = np.bincount(data.interactions.item, minlength=len(users)) >= COLD
        with one_blas_thread():
            tastes = _tastes(data.interactions, warm, factors=chosen.item_id_hidden_dim, seed=seed)
            traits = _traits(data, dimensions=chosen.item_metadata_hidden_dim, seed=seed)
            vectors = tastes if traits is None else self._together(tastes, traits, warm)
        return SimilarItemsModel(
            vectors=vectors,
            gain=_gain(users, warm, discount=chosen.popularity_discount_factor),
            popular=Popularity(order=by_popularity(data.interactions)),
        )

    def _together(self, tastes: Vectors, traits: Vectors, warm: NDArray[np.bool_]) -> Vectors:
        """Both side by side, those of cold items foretold."""
        system = traits[warm].T @ traits[warm] + RIDGE * np.eye(traits.shape[1])
        foretold = traits @ np.linalg.solve(system, traits[warm].T @ tastes[warm])
        known = np.where(warm[:, None], tastes, foretold)
        both = np.concatenate((np.sqrt(self.share) * known, np.sqrt(1 - self.share) * traits), axis=1)
        return np.ascontiguousarray(both, dtype=np.float32)


def _tastes(events: InteractionMatrix, warm: NDArray[np.bool_], *, factors: int, seed: int) -> Vectors:
    """The item factors, float32[items, factors], of length 1, or 0 where cold."""
    found = fit_als(events.csr(), factors=factors, seed=seed, regularization=REGULARIZATION, alpha=ALPHA)
    vectors = unit_vectors(found.items)
    vectors[~warm] = 0
    return vectors


def _traits(data: TrainingData, *, dimensions: int, seed: int) -> Vectors | None:
    features = None if data.items is None else metadata_features(data.items)
    return None if features is None else principal_components(features, dimensions=dimensions, seed=seed)


def _gain(users: NDArray[np.integer], warm: NDArray[np.bool_], *, discount: float) -> NDArray[np.float32]:
    """The logarithm of the number of users, 1 for the most popular item; of cold ones the median of the others."""
    if not warm.any():
        return np.ones(len(users), dtype=np.float32)
    popularity = np.log1p(users) / np.log1p(users.max())
    popularity[~warm] = np.median(popularity[warm])
    return np.asarray(popularity ** (1 - discount), dtype=np.float32)
