"""aws-popularity-count and its kin: the same items for everybody, those with the most users or events first."""

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
class Popularity(Model):
    """Items in the order of their popularity.

    Attributes:
        order: int32[warm items], item codes, most popular first.
    """

    order: NDArray[np.int32]

    def rank(self, query: Query, *, n: int, candidates: Candidates | None = None) -> Ranking:
        """The most popular of the eligible items, without scores."""
        order = self.order if candidates is None else self.order[are_candidates(self.order, candidates)]
        best = order[: max(0, n) + 1]
        return Ranking(indices=best[best != query.item][: max(0, n)])


@dataclass(frozen=True, kw_only=True)
class PopularityCount(Recipe):
    """aws-popularity-count, and use cases of the domains; no hyperparameters, no objective, no randomness.

    Attributes:
        counts: What makes an item popular: its distinct users, or how often it had an event.
    """

    counts: Literal["users", "events"] = "users"

    def fit(
        self,
        data: TrainingData,
        *,
        config: Mapping[str, str],  # noqa: ARG002  the recipe has none
        objective: Objective | None,  # noqa: ARG002  the recipe allows none
        seed: int,  # noqa: ARG002  nothing is random
    ) -> Popularity:
        """Order the items by what counts; equals in the order of their ids."""
        if self.counts == "users":
            return Popularity(order=by_popularity(data.interactions))
        return Popularity(order=_greatest(np.bincount(data.interactions.item, minlength=len(data.interactions.items))))


def by_popularity(events: InteractionMatrix) -> NDArray[np.int32]:
    """Warm items by distinct users, most first, equals in the order of their codes: int32[warm items]."""
    return _greatest(events.csr().getnnz(axis=0))


def _greatest(counts: NDArray[np.integer]) -> NDArray[np.int32]:
    order = np.argsort(-counts, kind="stable")
    return np.asarray(order[counts[order] > 0], dtype=np.int32)
