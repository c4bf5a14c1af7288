"""Recipe aws-trending-now, which ranks items by the growth of their popularity, followed by popular items.

Interactions are counted in intervals of equal length. According to the developer guide, "Trending-Now recipe" (2025),
only popular items are recommended if the last two intervals have no interactions. In AWS's sample notebook
`trending_now_example.ipynb`, a burst of events still trends three quarters of an hour later, with intervals of half an
hour. So items that are unusually popular, but no longer grow, are ranked after growing items and are not left out.
Growth is estimated from up to twelve intervals, because the counts of two intervals differ by chance.

Most items are neither unusually popular nor growing faster than chance explains. They are ranked by popularity, which
predicts their interactions better than a few recent ones do.

The last interval ends at the current time, as in the service, and not at the newest interaction. So if all data is old,
no items trend and all items are ranked by popularity. Each update of the model computes the trends again from all
interactions so far. The popularity of items is computed only when the model is trained.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.data.popularity_growth import (
    chance_of_growth,
    complete_intervals,
    count_per_interval,
    estimated_growth,
)
from personalize_mock.data.unusual_popularity import chance_of_recent_users, discoveries
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
# Largest expected share of growing items that grow by chance. On synthetic data, the recommended items gain about
# as many interactions with any value from 0.2 to 0.7.
FALSE_GROWTH = 0.5
# The same for items with unusually many users. It is smaller, because such an item need not grow any longer, so nothing
# is lost if popular items come before it. Values from 0.001 to 0.01 give equally good lists. With 0.05, popular items
# give way to items whose popularity changed weeks ago.
FALSE_POPULARITY = 0.01


def interval_length(config: Mapping[str, str]) -> float:
    """Return the length, in seconds, of the intervals in which interactions are counted.

    Args:
        config: The featureTransformationParameters of a solution or recommender.

    Raises:
        KeyError: trend_discovery_frequency has a value that the service does not accept.
    """
    return FREQUENCIES[config.get(FREQUENCY, DEFAULT_FREQUENCY)]


def refresh_interval(config: Mapping[str, str]) -> float:
    """Return the number of seconds between two updates of the trends: the length of an interval, at most two hours.

    Args:
        config: The featureTransformationParameters of a solution or recommender.

    Raises:
        KeyError: trend_discovery_frequency has a value that the service does not accept.
    """
    return min(interval_length(config), LONGEST_REFRESH)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrendingModel(PopularityModel):
    """Model that ranks trending items, followed by popular items.

    Attributes:
        order: int32[m], indices of items. Items that grow or are unusually popular come first, fastest growing first;
            popular items follow, most popular first.
        popular: int32[n], indices of the items with interactions in the training data, most popular first.
        interactions: The interactions from which trends are computed.
        interval_length: Length, in seconds, of the intervals in which interactions are counted.
    """

    popular: NDArray[np.int32]
    interactions: InteractionMatrix
    interval_length: float

    def trending_at(self, time: float) -> NDArray[np.int32]:
        """Return the indices of the items whose popularity grew at `time` (epoch seconds).

        Such an item has interactions in the two intervals before `time`, and its estimated growth is positive. Items
        that `unusual_at` returns come first. The remaining items, which may grow by chance, follow. Both groups are
        sorted by growth, fastest first.
        """
        items, growth, _ = self._active_at(time)
        return items[growth > 0]

    def unusual_at(self, time: float) -> NDArray[np.int32]:
        """Return the indices of the items that grew or were unusually popular at `time`, fastest growing first.

        Such an item has interactions in the two intervals before `time`. Either it grew faster than chance explains, or
        it has more recent users than its share of the earlier interactions explains. In the second case, its
        popularity may have decreased since.

        Args:
            time: Epoch seconds.
        """
        items, _, unusual = self._active_at(time)
        return items[unusual]

    def _active_at(self, time: float) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.bool_]]:
        """Return the items with interactions in the two intervals before `time`.

        Items that `unusual_at` returns come first. Within this group and among the remaining items, the order is by
        growth, then by the number of interactions in the last interval, then by index.

        Args:
            time: Epoch seconds.

        Returns:
            The indices of the items, their growth in interactions per interval, and whether `unusual_at` returns them.
        """
        interactions, length = self.interactions, self.interval_length
        intervals = complete_intervals(interactions, end=time, length=length)
        counts = count_per_interval(interactions, end=time, length=length, intervals=intervals)
        active = np.flatnonzero(counts[-1] + counts[-2])
        growth, chance = np.zeros(counts.shape[1]), np.ones(counts.shape[1])
        growth[active], chance[active] = estimated_growth(counts[:, active]), chance_of_growth(counts[:, active])
        unusual = discoveries(chance, false=FALSE_GROWTH)
        chance = chance_of_recent_users(interactions, end=time, length=length)
        unusual |= discoveries(chance, false=FALSE_POPULARITY)
        items = active[np.lexsort((-counts[-1][active], -growth[active], ~unusual[active]))]
        return items.astype(np.int32), growth[items], unusual[items]


class TrendingNow(Recipe):
    """Recipes aws-trending-now and aws-vod-trending-now, which recommend the items that gain interactions fastest."""

    evaluation: ClassVar[EvaluationName] = "trends"
    depends_on_time: ClassVar[bool] = True

    def fit(
        self,
        data: TrainingData,
        *,
        config: Mapping[str, str],
        objective: Objective | None,  # noqa: ARG002  the recipe allows none
        seed: int,  # noqa: ARG002  nothing is random
    ) -> TrendingModel:
        """Compute the popularity of the items, and the trends at the time `data.now`; see `Recipe.fit`."""
        return _model(data, popular=items_by_users(data.interactions), length=interval_length(config))

    def updated(
        self,
        model: Model,
        data: TrainingData,
        *,
        objective: Objective | None,  # noqa: ARG002  the recipe allows none
    ) -> TrendingModel:
        """Return the model with the trends at the time `data.now`; see `Recipe.updated`.

        New items with recent interactions are recommended. All other new items are recommended only after the model is
        trained again, because popularity is computed only then.
        """
        assert isinstance(model, TrendingModel)  # noqa: S101  fitted by this recipe
        return _model(data, popular=model.popular, length=model.interval_length)


def _model(data: TrainingData, *, popular: NDArray[np.int32], length: float) -> TrendingModel:
    model = TrendingModel(order=popular, popular=popular, interactions=data.interactions, interval_length=length)
    unusual = model.unusual_at(data.now)
    usual = np.ones(len(data.interactions.items), dtype=bool)
    usual[unusual] = False
    return replace(model, order=np.concatenate((unusual, popular[usual[popular]])))
