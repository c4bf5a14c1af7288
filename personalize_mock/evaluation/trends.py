"""Evaluation of trends by the share of the later growth that a model predicted.

No data is held out, because a model of trends reads only the newest intervals. The model predicts the trends at earlier
times from the interactions until then, and its prediction is compared with the next interval. Popular items at the end
of its lists do not count.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.popularity_growth import count_per_interval, growth
from personalize_mock.evaluation.base import Evaluation, rounded_metrics
from personalize_mock.recipes.base import Model, TrainingData

METRIC = "trend_prediction_accuracy"  # never recorded; inferred from the guide's name and the form of recorded names
LIST_LENGTH = 25
INTERVALS = 5  # ours


@runtime_checkable
class TrendPredictor(Protocol):
    """A model that can return the trending items of any time."""

    @property
    def interval_length(self) -> float:
        """Length of an interval in seconds."""

    def trending_at(self, time: float) -> NDArray[np.int32]:
        """Return the items that were growing at `time` (epoch seconds), fastest growing first."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrendsEvaluation(Evaluation):
    """Evaluation on the newest five intervals, counted back from the newest interaction until `TrainingData.now`.

    An interval counts if there are interactions more than one interval before it. The service's other metrics of items
    are left out: they need test users, and whether the service returns them for this recipe is not known.
    """

    main_metric: ClassVar[str] = METRIC

    @classmethod
    def from_data(cls, data: TrainingData, *, seed: int) -> "TrendsEvaluation":
        """Return the evaluation without holding out data; see `Evaluation.from_data`."""
        del seed
        return cls(train=data, catalogue_size=len(data.interactions.items))

    def measure(self, model: Model, *, rewards: NDArray[np.float64] | None = None) -> dict[str, float]:
        """Return the trend prediction accuracy, in [0, 1]; see `Evaluation.measure`.

        It is the mean over intervals of (growth of the predicted items) / (growth of the 25 items that grew most), 0 if
        nothing grew. The growth of an item is the number of interactions that it gained, 0 if it lost some. Developer
        guide, "Evaluating an Amazon Personalize solution version with metrics", "trend prediction accuracy" (2025).

        Raises:
            TypeError: The model does not predict trends.
        """
        del rewards  # the recipe has no objective
        if not isinstance(model, TrendPredictor):
            raise TypeError(f"{type(model).__name__} predicts no trends")
        shares = list(self._shares(model))
        return rounded_metrics({METRIC: float(np.mean(shares)) if shares else 0.0})

    def _shares(self, model: TrendPredictor) -> Iterator[float]:
        """Yield the accuracy of each interval in which items grew."""
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
