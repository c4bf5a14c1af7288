"""Evaluation of models on held-out data: the interface, and helpers that all evaluations share."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes.base import NO_ITEM, Model, Query, TrainingData

DECIMALS = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluation(ABC):
    """Evaluation of models on test data that is held out from the training.

    Attributes:
        train: The data to train on, with the same user, item and action indices as the full data.
        catalogue_size: Number of distinct ids that could be recommended.
        main_metric: Name of the metric that decides which of two models is better.
    """

    main_metric: ClassVar[str]

    train: TrainingData
    catalogue_size: int

    @classmethod
    @abstractmethod
    def from_data(cls, data: TrainingData, *, seed: int) -> "Evaluation":
        """Hold out test data. The same data and seed give the same split."""

    @abstractmethod
    def measure(self, model: Model, *, rewards: NDArray[np.float64] | None = None) -> dict[str, float]:
        """Return the metrics of a model, sorted and rounded by `rounded_metrics`.

        Args:
            model: A model that was fitted to `train`.
            rewards: float64[items], the attribute of the optimization objective, NaN where it is missing. None without
                an objective.
        """


def ranked_indices(model: Model, queries: Sequence[Query], *, n: int) -> NDArray[np.int32]:
    """Return the `n` best indices for each query, int32[len(queries), n], padded with -1."""
    indices = np.full((len(queries), n), NO_ITEM, dtype=np.int32)
    for row, ranking in zip(indices, model.rank_each(queries, n=n, candidates=[None] * len(queries)), strict=True):
        row[: len(ranking.indices)] = ranking.indices
    return indices


def rounded_metrics(metrics: Mapping[str, float]) -> dict[str, float]:
    """Sort metrics by name and round them to 4 decimals, as recorded answers of GetSolutionMetrics do."""
    return {name: round(float(metrics[name]), DECIMALS) for name in sorted(metrics)}
