"""aws-trending-now: first the items of the last two intervals, those that gained most first, then the popular ones.

The guide has popular items alone only where the last two intervals have no events, and AWS's tutorial still finds its
burst of events three quarters of an hour later, with intervals of half an hour: what is met less than before is ranked
behind what grows, not left out. The intervals end at `TrainingData.now`; the service looks at the time of day, not at
the newest event: in data that end long before, nothing trends and all is popularity. They are looked at again
whenever the model is `updated`, with the events that came since; popularity stays that of the training.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.data.popularity_growth import count_per_interval
from personalize_mock.recipes.base import Evaluation, Model, Recipe, TrainingData
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.popular.popularity_count import Popularity, by_popularity

HOUR = 3600.0
FREQUENCY = "trend_discovery_frequency"
FREQUENCIES: Mapping[str, float] = {
    "30 minutes": HOUR / 2,
    "1 hour": HOUR,
    "2 hours": 2 * HOUR,
    "3 hours": 3 * HOUR,
    "1 day": 24 * HOUR,
}
DEFAULT = "2 hours"
SLOWEST = 2 * HOUR  # "values above 2 hours are still refreshed every 2 hours" (reference: recipes)


def frequency(config: Mapping[str, str]) -> float:
    """The length of the compared intervals in seconds.

    Raises:
        KeyError: it is none of the service's values.
    """
    return FREQUENCIES[config.get(FREQUENCY, DEFAULT)]


def interval(config: Mapping[str, str]) -> float:
    """After how many seconds trends are looked at again: as often as `frequency` says, at least every two hours.

    Raises:
        KeyError: the frequency is none of the service's values.
    """
    return min(frequency(config), SLOWEST)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trending(Popularity):
    """Items that trend, then popular items.

    Attributes:
        order: int32[m], item codes, the fastest growing first, then those without new events, most popular first.
        popular: int32[warm items], all items of the training, most popular first.
        events: What the trends are read from.
        length: Of an interval, in seconds.
    """

    popular: NDArray[np.int32]
    events: InteractionMatrix
    length: float

    def trending(self, now: float) -> NDArray[np.int32]:
        """The items that trended at an instant by the events up to it, the fastest growing first.

        An item trends if the interval that ends at `now` has more of its events than the one before.
        """
        items, growth = self._met(now)
        return items[growth > 0]

    def met(self, now: float) -> NDArray[np.int32]:
        """The items with events in the two intervals that end at an instant, the fastest growing first."""
        return self._met(now)[0]

    def _met(self, now: float) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Items and their growth; among equal growth more events come first, then the smaller code."""
        compared = count_per_interval(self.events, end=now, length=self.length)
        growth = compared.growth()
        met = np.flatnonzero(compared.before + compared.newest)
        order = np.lexsort((-compared.newest[met], -growth[met]))
        return met[order].astype(np.int32), growth[met[order]]


class TrendingNow(Recipe):
    """aws-trending-now and aws-vod-trending-now; no objective, no randomness."""

    evaluation: ClassVar[Evaluation] = "trends"

    def fit(
        self,
        data: TrainingData,
        *,
        config: Mapping[str, str],
        objective: Objective | None,  # noqa: ARG002  the recipe allows none
        seed: int,  # noqa: ARG002  nothing is random
    ) -> Trending:
        """See `Recipe.fit`."""
        return _looked_at(data, popular=by_popularity(data.interactions), length=frequency(config))

    def updated(
        self,
        model: Model,
        data: TrainingData,
        *,
        objective: Objective | None = None,  # noqa: ARG002  the recipe allows none
    ) -> Trending:
        """The trends at `data.now`; new items can trend, and are popular only after the next training."""
        assert isinstance(model, Trending)  # noqa: S101  what this recipe fitted
        return _looked_at(data, popular=model.popular, length=model.length)


def _looked_at(data: TrainingData, *, popular: NDArray[np.int32], length: float) -> Trending:
    model = Trending(order=popular, popular=popular, events=data.interactions, length=length)
    first = model.met(data.now)
    rest = np.ones(len(data.interactions.items), dtype=bool)
    rest[first] = False
    return replace(model, order=np.concatenate((first, popular[rest[popular]])))
