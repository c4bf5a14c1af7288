"""Interface of the evaluation classes, and helper functions that they share."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.progress import tracked
from personalize_mock.recipes.base import NO_ITEM, Model, Query, TrainingData

DECIMALS = 4
BLOCK_QUERIES = 1024  # lists after which the progress is reported


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluation(ABC):
    """Base class of evaluations, which measure how well a model predicts data that was held out from its training.

    Attributes:
        train: Data to train on, with the same user, item and action indices as the full data.
        catalogue_size: Number of items, users or actions that a model could recommend.
        main_metric: Name of the metric that decides which of two models is better.
    """

    main_metric: ClassVar[str]

    train: TrainingData
    catalogue_size: int

    @classmethod
    @abstractmethod
    def from_data(cls, data: TrainingData, *, seed: int) -> "Evaluation":
        """Split data into training data and held-out test data, and return an evaluation that uses them.

        Args:
            data: The full data.
            seed: Seed of random choices, such as that of the test users. The same data and seed give the same split.
        """

    @abstractmethod
    def measure(self, model: Model, *, rewards: NDArray[np.float64] | None = None) -> dict[str, float]:
        """Return the metrics of a model by metric name, sorted by name and rounded to 4 decimals.

        Args:
            model: A model that was fitted to the training data of this evaluation, `train`.
            rewards: float64[items], value of each item in the column of the optimization objective, NaN where it is
                missing. None if there is no objective.
        """


def ranked_indices(model: Model, queries: Sequence[Query], *, n: int) -> NDArray[np.int32]:
    """Return the `n` items, users or actions that a model ranks highest for each query.

    Returns:
        int32[len(queries), n], their indices, best first, padded with -1.
    """
    indices = np.full((len(queries), n), NO_ITEM, dtype=np.int32)
    blocks = (slice(start, start + BLOCK_QUERIES) for start in range(0, len(queries), BLOCK_QUERIES))
    for block in tracked(blocks, title="ranking", unit="lists", total=len(queries), count=lambda b: len(queries[b])):
        rankings = model.rank_each(queries[block], n=n, candidates=[None] * len(queries[block]))
        for row, ranking in zip(indices[block], rankings, strict=True):
            row[: len(ranking.indices)] = ranking.indices
    return indices


def rounded_metrics(metrics: Mapping[str, float]) -> dict[str, float]:
    """Return metrics sorted by name and rounded to 4 decimals, as in recorded responses of GetSolutionMetrics."""
    return {name: round(float(metrics[name]), DECIMALS) for name in sorted(metrics)}
