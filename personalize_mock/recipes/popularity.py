"""aws-popularity-count: the same items for everybody, those with the most users first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.matrix import Events
from personalize_mock.recipes.base import NO_ITEM, Data, Eligible, Model, Query, Ranking, Recipe
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.selection import allowed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Popularity(Model):
    """Items in the order of their popularity.

    Attributes:
        order: int32[warm items], item codes, most popular first.
    """

    order: NDArray[np.int32]

    def rank(self, query: Query, *, n: int, eligible: Eligible | None = None) -> Ranking:
        """The most popular of the eligible items, without scores."""
        order = self.order if eligible is None else self.order[allowed(eligible, self.order)]
        best = order[: max(0, n) + 1]
        return Ranking(codes=best[best != query.item][: max(0, n)])

    def rank_many(self, queries: Sequence[Query], *, n: int) -> NDArray[np.int32]:
        """The same row for each query."""
        row = np.full(n, NO_ITEM, dtype=np.int32)
        row[: len(self.order)] = self.order[:n]
        return np.tile(row, (len(queries), 1))


class PopularityCount(Recipe):
    """aws-popularity-count: counts distinct users; no hyperparameters, no objective, no randomness."""

    def fit(
        self,
        data: Data,
        *,
        config: Mapping[str, str],  # noqa: ARG002  the recipe has none
        objective: Objective | None,  # noqa: ARG002  the recipe allows none
        seed: int,  # noqa: ARG002  nothing is random
    ) -> Popularity:
        """Order the items by distinct users; equals in the order of their ids."""
        return Popularity(order=by_popularity(data.events))


def by_popularity(events: Events) -> NDArray[np.int32]:
    """Warm items by distinct users, most first, equals in the order of their codes: int32[warm items]."""
    users = events.csr().getnnz(axis=0)
    order = np.argsort(-users, kind="stable")
    return np.asarray(order[users[order] > 0], dtype=np.int32)
