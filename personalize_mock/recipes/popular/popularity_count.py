"""Recipe aws-popularity-count and its variants, which recommend the most popular items to every user."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.base import Candidates, Model, Query, Ranking, Recipe, TrainingData
from personalize_mock.recipes.numerics.candidates import are_candidates
from personalize_mock.recipes.objective import Objective


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PopularityModel(Model):
    """Model that ranks items by popularity.

    Attributes:
        order: int32[m], indices of items, most popular first. All other items are never recommended.
    """

    order: NDArray[np.int32]

    def rank(self, query: Query, *, n: int, candidates: Candidates | None = None) -> Ranking:
        """Return the most popular candidates, without scores; see `Model.rank`."""
        order = self.order if candidates is None else self.order[are_candidates(self.order, candidates)]
        best = order[: max(0, n) + 1]
        return Ranking(indices=best[best != query.item][: max(0, n)])


@dataclass(frozen=True, kw_only=True)
class PopularityCount(Recipe):
    """Recipe aws-popularity-count, and use cases such as aws-vod-most-popular, without hyperparameters.

    The recommended items are the most popular in the whole dataset (developer guide, "Popularity-Count recipe", 2025),
    so the deployed model also counts the interactions that were held out for the evaluation.

    Attributes:
        counts: Whether the popularity of an item is its number of distinct users or its number of interactions.
    """

    counts: Literal["users", "interactions"] = "users"

    def fit(
        self,
        data: TrainingData,
        *,
        config: Mapping[str, str],  # noqa: ARG002  the recipe has none
        objective: Objective | None,  # noqa: ARG002  the recipe allows none
        seed: int,  # noqa: ARG002  nothing is random
    ) -> PopularityModel:
        """Sort the items by popularity, and equally popular items by id; see `Recipe.fit`."""
        if self.counts == "users":
            return PopularityModel(order=items_by_users(data.interactions))
        counts = np.bincount(data.interactions.item, minlength=len(data.interactions.items))
        return PopularityModel(order=_descending(counts))

    def completed(self, model: Model, data: TrainingData) -> PopularityModel:
        """Return a model that also counts the interactions held out for the evaluation; see `Recipe.completed`."""
        del model
        return self.fit(data, config={}, objective=None, seed=0)


def items_by_users(interactions: InteractionMatrix) -> NDArray[np.int32]:
    """Return the indices of all items with interactions, int32[m], sorted by descending number of distinct users.

    Ties are broken by index.
    """
    return _descending(interactions.csr().getnnz(axis=0))


def _descending(counts: NDArray[np.integer]) -> NDArray[np.int32]:
    """Return the indices of all positive counts, int32[m], largest count first. Ties are broken by index."""
    order = np.argsort(-counts, kind="stable")
    return np.asarray(order[counts[order] > 0], dtype=np.int32)
