"""What every evaluation is: data held out before a training, and what they tell of its model afterwards."""

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
    """A split of data (reference: metrics, "Test split").

    Attributes:
        train: What is left to train on; ids and their numbers are those of the whole.
        catalogue: How many distinct ids could be answered.
        best: The key of the metric that tells better models from worse ones.
    """

    best: ClassVar[str]

    train: TrainingData
    catalogue: int

    @classmethod
    @abstractmethod
    def of(cls, data: TrainingData, *, seed: int) -> "Evaluation":
        """Hold out what the split says; the same seed and data give the same split."""

    @abstractmethod
    def measure(self, model: Model, *, rewards: NDArray[np.float64] | None = None) -> dict[str, float]:
        """The metrics of a model that was trained on `train`, rounded to 4 decimals, sorted by key.

        Args:
            model: The model.
            rewards: float64[len(items)], the optimization objective's attribute, NaN where missing.
        """


def ranked_indices(model: Model, queries: Sequence[Query], *, n: int) -> NDArray[np.int32]:
    """Return the `n` best indices for each query, int32[len(queries), n], padded with -1."""
    indices = np.full((len(queries), n), NO_ITEM, dtype=np.int32)
    for row, ranking in zip(indices, model.rank_each(queries, n=n, candidates=[None] * len(queries)), strict=True):
        row[: len(ranking.indices)] = ranking.indices
    return indices


def shown(metrics: Mapping[str, float]) -> dict[str, float]:
    """Metrics as GetSolutionMetrics shows them: sorted by key, 4 decimals."""
    return {key: round(float(metrics[key]), DECIMALS) for key in sorted(metrics)}
