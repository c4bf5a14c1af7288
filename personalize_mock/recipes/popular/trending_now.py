"""Recipe aws-trending-now, which ranks items by the growth of their popularity, followed by popular items.

According to the developer guide, "Trending-Now recipe" (2025), only popular items are recommended if the last two
intervals have no interactions. In AWS's tutorial, a burst of events still trends three quarters of an hour later, with
intervals of half an hour. So an item whose interactions decrease is ranked behind growing items, but is not left out.
Growth is estimated from up to twelve intervals, because the counts of two intervals differ by chance.

The last interval ends at `TrainingData.now`. The service uses the current time, not the newest interaction, so if all
data is old, no items trend and all items are ranked by popularity. Whenever the model is `updated`, trends are computed
again from all interactions until then. Popularity stays as it was at the training.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.data.popularity_growth import complete_intervals, count_per_interval, estimated_growth
from personalize_mock.recipes.base import EvaluationName, Model, Recipe, TrainingData
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.popular.popularity_count import PopularityModel, items_by_users

HOUR = 3600.0
FREQUENCY = "trend_discovery_frequency"
# Developer guide, "Trending-Now recipe" (2025).
FREQUENCIES: Mapping[str, float] = {
    "30 minutes": HOUR / 2,
    "1 hour": HOUR,
    "2 hours": 2 * HOUR,
    "3 hours": 3 * HOUR,
    "1 day": 24 * HOUR,
}
DEFAULT_FREQUENCY = "2 hours"
LONGEST_REFRESH = 2 * HOUR


def interval_length(config: Mapping[str, str]) -> float:
    """Return the length of an interval in seconds.

    Args:
        config: featureTransformationParameters.

    Raises:
        KeyError: The frequency is not one of the service's values.
    """
    return FREQUENCIES[config.get(FREQUENCY, DEFAULT_FREQUENCY)]


def refresh_interval(config: Mapping[str, str]) -> float:
    """Return the seconds between two updates: the length of an interval, but at most two hours.

    Args:
        config: featureTransformationParameters.

    Raises:
        KeyError: The frequency is not one of the service's values.
    """
    return min(interval_length(config), LONGEST_REFRESH)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrendingModel(PopularityModel):
    """Model that ranks trending items, followed by popular items.

    Attributes:
        order: int32[m], item indices. Items with interactions in the last two intervals come first, fastest growing
            first; the others follow, most popular first.
        popular: int32[warm items], all items of the training, most popular first.
        interactions: The interactions from which trends are computed.
        interval_length: Length of an interval in seconds.
    """

    popular: NDArray[np.int32]
    interactions: InteractionMatrix
    interval_length: float

    def trending_at(self, time: float) -> NDArray[np.int32]:
        """Return the items that trended at `time`, fastest growing first.

        An item trends if it has interactions in the last two intervals and its estimated growth is positive.
        """
        items, growth = self._growth_at(time)
        return items[growth > 0]

    def active_at(self, time: float) -> NDArray[np.int32]:
        """Return the items with interactions in the two intervals before `time`, fastest growing first."""
        return self._growth_at(time)[0]

    def _growth_at(self, time: float) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Return the active items and their growth, descending. Ties are broken by the newest count, then by index."""
        interactions, length = self.interactions, self.interval_length
        intervals = complete_intervals(interactions, end=time, length=length)
        counts = count_per_interval(interactions, end=time, length=length, intervals=intervals)
        active = np.flatnonzero(counts[-1] + counts[-2])
        counts = counts[:, active]
        growth = estimated_growth(counts)
        order = np.lexsort((-counts[-1], -growth))
        return active[order].astype(np.int32), growth[order]


class TrendingNow(Recipe):
    """Recipes aws-trending-now and aws-vod-trending-now, which have no objective and no randomness."""

    evaluation: ClassVar[EvaluationName] = "trends"

    def fit(
        self,
        data: TrainingData,
        *,
        config: Mapping[str, str],
        objective: Objective | None,  # noqa: ARG002  the recipe allows none
        seed: int,  # noqa: ARG002  nothing is random
    ) -> TrendingModel:
        """Compute trends at `data.now`; see `Recipe.fit`."""
        return _model(data, popular=items_by_users(data.interactions), length=interval_length(config))

    def updated(
        self,
        model: Model,
        data: TrainingData,
        *,
        objective: Objective | None = None,  # noqa: ARG002  the recipe allows none
    ) -> TrendingModel:
        """Compute trends at `data.now`. New items can trend, but have no popularity before the next training."""
        assert isinstance(model, TrendingModel)  # noqa: S101  fitted by this recipe
        return _model(data, popular=model.popular, length=model.interval_length)


def _model(data: TrainingData, *, popular: NDArray[np.int32], length: float) -> TrendingModel:
    model = TrendingModel(order=popular, popular=popular, interactions=data.interactions, interval_length=length)
    active = model.active_at(data.now)
    inactive = np.ones(len(data.interactions.items), dtype=bool)
    inactive[active] = False
    return replace(model, order=np.concatenate((active, popular[inactive[popular]])))
