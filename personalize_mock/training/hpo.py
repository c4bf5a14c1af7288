"""Hyperparameter optimization, which tries combinations of values spread evenly over the given ranges.

Trials use only the training part of the data, so the held-out interactions still give an unbiased evaluation of the
final model. Trials run one after another, so the maximum number of parallel training jobs makes no difference.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, islice
from math import inf, isnan
from operator import itemgetter
from statistics import mean

import numpy as np
from numpy.typing import NDArray

from personalize_mock.evaluation.base import Evaluation
from personalize_mock.progress import logger, tracked
from personalize_mock.recipes.base import TrainingFailed
from personalize_mock.training.fit import TrainingJob

OVERHANG = 0.05  # share of the draws that fall beyond each end of a continuous range and are clamped to it
SPLITS = 4
DRAWS_PER_TRIAL = 20  # limits the draws of a search, many of which give the same point if the ranges have few values
DIGITS = 6

Hyperparameters = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegerRange:
    """Range of an integer hyperparameter.

    Attributes:
        name: The name of the hyperparameter.
        low: The smallest value.
        high: The largest value, which is included.
    """

    name: str
    low: int
    high: int

    def at(self, fraction: float) -> str:
        """Return the integer at a relative position in the range, formatted as a string.

        Args:
            fraction: The position, from 0 to below 1. Each integer covers an interval of the same length.
        """
        return str(min(self.high, self.low + int(fraction * (self.high - self.low + 1))))

    def clamp(self, value: str) -> str:
        """Return the integer in the range that is closest to the number in `value`, formatted as a string."""
        return str(min(self.high, max(self.low, round(float(value)))))


@dataclass(frozen=True, slots=True, kw_only=True)
class FloatRange:
    """Range of a continuous hyperparameter.

    Attributes:
        name: The name of the hyperparameter.
        low: The smallest value.
        high: The largest value, which is included.
    """

    name: str
    low: float
    high: float

    def at(self, fraction: float) -> str:
        """Return the number at a relative position in the range, formatted as a string.

        Args:
            fraction: The position, from 0 to below 1. Positions close to 0 or 1 give exactly the smallest or largest
                value, so that a search tries these values too.
        """
        within = min(1.0, max(0.0, fraction * (1 + 2 * OVERHANG) - OVERHANG))
        return self.clamp(f"{self.low + within * (self.high - self.low):.{DIGITS}g}")

    def clamp(self, value: str) -> str:
        """Return the number in the range that is closest to the number in `value`, formatted as a string."""
        return str(min(float(self.high), max(float(self.low), float(value))))


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoricalRange:
    """Possible values of a categorical hyperparameter.

    Attributes:
        name: The name of the hyperparameter.
        values: The values, at least one.
    """

    name: str
    values: tuple[str, ...]

    def at(self, fraction: float) -> str:
        """Return the value at a relative position in the list of values.

        Args:
            fraction: The position, from 0 to below 1. Each value covers an interval of the same length.
        """
        return self.values[min(len(self.values) - 1, int(fraction * len(self.values)))]

    def clamp(self, value: str) -> str:
        """Return `value` if it is one of the possible values, otherwise the first possible value."""
        return value if value in self.values else self.values[0]


Range = IntegerRange | FloatRange | CategoricalRange


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trials:
    """Training runs that compare combinations of hyperparameters. Each combination is run only once.

    A single split of the data has too few test users to tell similar hyperparameters apart (94 in MovieLens 100K).
    Therefore the training part of the data is split several times, each time into a smaller training part and a test
    part. The result of a trial is the mean of the metric over all test parts. All models are fitted to the smallest
    training part.

    Attributes:
        job: The training job that fits the models to the training part of the last split.
        splits: The evaluations, one per split. The last one is also the evaluation of `job`.
        metric: The name of the metric to maximise.
        results: The result of each trial so far, by its hyperparameters as (name, value) pairs sorted by name.
    """

    job: TrainingJob
    splits: Sequence[Evaluation]
    metric: str
    results: dict[tuple[tuple[str, str], ...], float] = field(default_factory=dict)

    @classmethod
    def from_job(cls, job: TrainingJob, *, metric: str | None = None) -> "Trials":
        """Prepare trials for a job by splitting the training part of its data several times.

        Args:
            job: The training job to find hyperparameters for. Its held-out interactions are not used.
            metric: The name of the metric to maximise. None selects the main metric of the evaluation.
        """
        splits = [job.evaluation]
        for number in range(1, SPLITS + 1):
            splits.append(type(job.evaluation).from_data(splits[-1].train, seed=job.request.seed + number))
        recipe = job.recipe.for_trials()
        trial_job = replace(job, recipe=recipe, data=job.evaluation.train, evaluation=splits[-1], is_trial=True)
        return cls(job=trial_job, splits=splits[1:], metric=metric or job.evaluation.main_metric)

    def result(self, hyperparameters: Hyperparameters) -> float:
        """Fit a model with the given hyperparameters and return the mean of its metric over all test parts.

        The result is -inf if the training fails, or if the metric is missing or NaN. Results are cached.

        Args:
            hyperparameters: Hyperparameters that replace those of the training request. All others stay the same.
        """
        key = tuple(sorted({**self.job.request.config.hyperparameters, **hyperparameters}.items()))
        if key not in self.results:
            self.results[key] = self._run(dict(key))
        return self.results[key]

    def _run(self, hyperparameters: Hyperparameters) -> float:
        try:
            fitted_model = self.job.fit(hyperparameters)
        except TrainingFailed:
            return -inf
        metrics = [fitted_model.metrics, *(split.measure(fitted_model.model) for split in self.splits[:-1])]
        result = mean(values.get(self.metric, -inf) for values in metrics)
        logger.info("trial of %s with %s: %s = %.4f", self.job.request.recipe, hyperparameters, self.metric, result)
        return -inf if isnan(result) else result


def best_hyperparameters(
    trials: Trials, ranges: Sequence[Range], *, start: Hyperparameters, max_trials: int
) -> dict[str, str]:
    """Try combinations of hyperparameters and return the best one. If several are equally good, return the first.

    Args:
        trials: Object that fits and evaluates a model for each combination, or returns the cached result.
        ranges: The ranges to search, at most one for each hyperparameter.
        start: A value for each hyperparameter in `ranges`. This combination, clamped to the ranges, is tried first.
        max_trials: The largest number of combinations to try. There are fewer if the ranges have few values.
    """
    points = trial_points(ranges, start=start, max_trials=max_trials, seed=trials.job.request.seed)
    tried = tracked(
        ((trials.result(point), point) for point in points), title="hyperparameters", unit="trials", total=len(points)
    )
    return max(tried, key=itemgetter(0))[1]


def trial_points(
    ranges: Sequence[Range], *, start: Hyperparameters, max_trials: int, seed: int
) -> list[dict[str, str]]:
    """Return distinct combinations of hyperparameters that are spread evenly over the ranges.

    Args:
        ranges: The ranges to search, at most one for each hyperparameter.
        start: A value for each hyperparameter in `ranges`. This combination, clamped to the ranges, comes first.
        max_trials: The largest number of combinations. There are fewer if the ranges have few values.
        seed: Seed of the sequence of combinations.
    """
    points = [{entry.name: entry.clamp(start[entry.name]) for entry in ranges}]
    for fractions in islice(_quasi_random(len(ranges), seed=seed), DRAWS_PER_TRIAL * max_trials):
        if len(points) >= max_trials:
            break
        point = {entry.name: entry.at(fraction) for entry, fraction in zip(ranges, fractions.tolist(), strict=True)}
        if point not in points:
            points.append(point)
    return points


def _quasi_random(dimensions: int, *, seed: int) -> Iterator[NDArray[np.float64]]:
    """Yield an endless quasi-random sequence of points, float64[dimensions], with coordinates in [0, 1).

    The points start at a random origin and advance by irrational steps (M. Roberts, "The Unreasonable Effectiveness of
    Quasirandom Sequences", 2018). In one dimension the step is the golden ratio, modulo 1.
    """
    ratio = 2.0
    for _ in range(50):
        ratio = (1 + ratio) ** (1 / (dimensions + 1))
    steps = ratio ** -np.arange(1.0, dimensions + 1)
    origin = np.random.default_rng(seed).random(dimensions)
    for number in count():
        yield (origin + number * steps) % 1.0
