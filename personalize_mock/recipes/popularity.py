"""aws-popularity-count: the same items for everybody, those with the most users first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.matrix import Events
from personalize_mock.recipes.base import NO_ITEM, Model, Ranking, Recipe
from personalize_mock.recipes.objective import Objective


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Popularity(Model):
    """Items in the order of their popularity.

    Attributes:
        order: int32[warm items], item codes, most popular first.
    """

    personal: ClassVar[bool] = False
    scored: ClassVar[bool] = False

    order: NDArray[np.int32]

    def rank(
        self,
        history: NDArray[np.int32],  # noqa: ARG002  popularity ignores it
        *,
        n: int,
        eligible: NDArray[np.bool_] | None = None,
    ) -> Ranking:
        """The most popular of the eligible items, without scores."""
        order = self.order if eligible is None else self.order[eligible[self.order]]
        return Ranking(items=order[: max(0, n)], scores=None)

    def rank_many(self, histories: Sequence[NDArray[np.int32]], *, n: int) -> NDArray[np.int32]:
        """The same row for each history."""
        row = np.full(n, NO_ITEM, dtype=np.int32)
        row[: len(self.order)] = self.order[:n]
        return np.tile(row, (len(histories), 1))


class PopularityCount(Recipe):
    """aws-popularity-count: counts distinct users; no hyperparameters, no objective, no randomness."""

    def fit(
        self,
        events: Events,
        *,
        config: Mapping[str, str],  # noqa: ARG002  the recipe has none
        objective: Objective | None,  # noqa: ARG002  the recipe allows none
        seed: int,  # noqa: ARG002  nothing is random
    ) -> Popularity:
        """Order the items by distinct users; equals in the order of their ids."""
        users = events.csr().getnnz(axis=0)
        order = np.argsort(-users, kind="stable")
        return Popularity(order=order[users[order] > 0].astype(np.int32))
