"""Evaluation of models that recommend trending items, based on how much the popularity of these items grows later.

No data is held out, because these models use only the interactions of the newest time intervals. The model predicts
trends at earlier times from the interactions up to then, and each prediction is compared with the interval that
follows. Popular items that fill the end of a list of recommendations are ignored.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.popularity_growth import count_per_interval, growth
from personalize_mock.evaluation.base import Evaluation, rounded_metrics
from personalize_mock.recipes.base import Model, TrainingData

METRIC = "trend_prediction_accuracy"  # derived from the name in the developer guide; the name in the API is not known
LIST_LENGTH = 25
INTERVALS = 5  # the service's number is not documented


@runtime_checkable
class TrendPredictor(Protocol):
    """Interface of models that can return the trending items at a given time."""

    @property
    def interval_length(self) -> float:
        """Length, in seconds, of the intervals in which the model counts interactions."""

    def trending_at(self, time: float) -> NDArray[np.int32]:
        """Return the indices of the items that are growing in popularity at a given time, fastest growing first.

        Args:
            time: Epoch seconds.
        """


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrendsEvaluation(Evaluation):
    """Evaluation of models that recommend trending items, on the newest five time intervals.

    The model defines the length of an interval. The intervals are counted back from the newest interaction that is not
    later than `TrainingData.now`. An interval is used only if there is at least one whole interval of data before it.
    The service's other item metrics are not computed. They need test users, and it is not known whether the service
    returns them for Trending-Now.
    """

    main_metric: ClassVar[str] = METRIC

    @classmethod
    def from_data(cls, data: TrainingData, *, seed: int) -> "TrendsEvaluation":
        """Return an evaluation on all of the data; none is held out.

        `seed` is ignored, because this evaluation makes no random choices.
        """
        del seed
        return cls(train=data, catalogue_size=len(data.interactions.items))

    def measure(self, model: Model, *, rewards: NDArray[np.float64] | None = None) -> dict[str, float]:
        """Return the trend prediction accuracy by metric name, from 0 to 1 and rounded to 4 decimals.

        For each time interval, the accuracy is (growth of the first 25 predicted items) / (growth of the 25 items that
        grew most). The result is the mean over the intervals in which items grew, or 0 if there are none. The growth of
        an item is the increase in its number of interactions from one interval to the next, or 0 if the number fell.
        Source: developer guide, "Evaluating an Amazon Personalize solution version with metrics", "trend prediction
        accuracy" (2025).

        Args:
            model: A model that was fitted to the training data of this evaluation, `train`.
            rewards: Not used, because Trending-Now has no optimization objective.

        Raises:
            TypeError: The model does not implement `TrendPredictor`.
        """
        del rewards  # the recipe has no objective
        if not isinstance(model, TrendPredictor):
            raise TypeError(
                f"The model {type(model).__name__} cannot be evaluated, because it does not predict trends."
            )
        shares = list(self._shares(model))
        return rounded_metrics({METRIC: float(np.mean(shares)) if shares else 0.0})

    def _shares(self, model: TrendPredictor) -> Iterator[float]:
        """Yield the trend prediction accuracy (0 to 1) of each interval in which an item gained interactions."""
        interactions = self.train.interactions
        past = interactions.timestamp[interactions.timestamp <= self.train.now]
        if not len(past):
            return
        length = model.interval_length
        first, last = float(past.min()), float(past.max())
        for end in last - length * np.arange(INTERVALS):
            if end - 2 * length < first:
                return
            gained = np.maximum(0, growth(count_per_interval(interactions, end=end, length=length)))
            possible = np.sort(gained)[-LIST_LENGTH:].sum()
            if possible > 0:
                yield float(gained[model.trending_at(end - length)[:LIST_LENGTH]].sum() / possible)
