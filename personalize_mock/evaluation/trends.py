"""The evaluation of trends: how much of what grew next had been predicted.

Nothing is held out of the training, because a model of trends has nothing but its look at the newest intervals: it is
asked what trended at earlier instants, at which it reads only the events up to them, and what followed is
compared. The popular items that fill its lists do not count.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.popularity_growth import count_per_interval
from personalize_mock.evaluation.base import Evaluation, shown
from personalize_mock.recipes.base import Model, TrainingData

KEY = (
    "trend_prediction_accuracy"  # not recorded on the service: the guide's name of the metric in the form of the others
)
LONGEST = 25
REPLAYS = 5  # ours


@runtime_checkable
class Predictor(Protocol):
    """A model that can be asked what trended when."""

    @property
    def interval_length(self) -> float:
        """Of an interval, in seconds."""

    def trending_at(self, time: float) -> NDArray[np.int32]:
        """Item codes by the events up to `now`, the fastest growing first."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrendsEvaluation(Evaluation):
    """The newest five intervals, counted back from the newest event that is not after `TrainingData.now`.

    An interval counts if it can be predicted: if there are events more than one interval before it.

    The service's other metrics of items need test users, which a list that is the same for all says little about;
    whether it shows them besides is not known, and they are left out here.
    """

    best: ClassVar[str] = KEY

    @classmethod
    def of(cls, data: TrainingData, *, seed: int) -> "TrendsEvaluation":
        """Hold out nothing; see the module."""
        del seed
        return cls(train=data, catalogue=len(data.interactions.items))

    def measure(self, model: Model, *, rewards: NDArray[np.float64] | None = None) -> dict[str, float]:
        """Trend prediction accuracy: growth of the predicted items / growth of the 25 items that grew most.

        Mean over the intervals in which anything grew, in [0, 1], 0 if there is none (reference: metrics,
        "Formulas"). Items that lost have a growth of 0.

        Raises:
            TypeError: the model knows of no trends.
        """
        del rewards
        if not isinstance(model, Predictor):
            raise TypeError(f"{type(model).__name__} predicts no trends")
        shares = list(self._shares(model))
        return shown({KEY: float(np.mean(shares)) if shares else 0.0})

    def _shares(self, model: Predictor) -> Iterator[float]:
        events = self.train.interactions
        past = events.timestamp[events.timestamp <= self.train.now]
        if not len(past):
            return
        first, last = float(past.min()), float(past.max())
        for end in last - model.interval_length * np.arange(REPLAYS):
            if end - 2 * model.interval_length < first:
                return
            growth = np.maximum(0, count_per_interval(events, end=end, length=model.interval_length).growth())
            possible = np.sort(growth)[-LONGEST:].sum()
            if possible > 0:
                yield float(growth[model.trending_at(end - model.interval_length)[:LONGEST]].sum() / possible)
