"""Hyperparameter optimization by a search over points that are spread evenly over the ranges.

Trials use only the training part of a job, so its held-out interactions stay unseen and its metrics stay honest.
Trials run one after another, so the number of parallel jobs makes no difference.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, islice
from math import inf, isnan
from statistics import mean

import numpy as np
from numpy.typing import NDArray

from personalize_mock.evaluation.base import Evaluation
from personalize_mock.recipes.base import TrainingFailed
from personalize_mock.training.fit import TrainingJob

OVERHANG = 0.05  # share of the draws that fall beyond each end of a continuous range and are clamped to it
SPLITS = 4
DRAWS_PER_TRIAL = 20  # the search ends if this many draws in a row give no new point
DIGITS = 6

Hyperparameters = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegerRange:
    """The integers from `low` to `high`, both included."""

    name: str
    low: int
    high: int

    def at(self, fraction: float) -> str:
        """Return the value at a fraction of the range, from 0 to below 1."""
        return str(min(self.high, self.low + int(fraction * (self.high - self.low + 1))))

    def clamp(self, value: str) -> str:
        """Return the value of the range that is closest to `value`."""
        return str(min(self.high, max(self.low, round(float(value)))))


@dataclass(frozen=True, slots=True, kw_only=True)
class FloatRange:
    """The numbers from `low` to `high`, both included."""

    name: str
    low: float
    high: float

    def at(self, fraction: float) -> str:
        """Return the value at a fraction of the range, in [0, 1). Fractions close to 0 or 1 give the ends."""
        within = min(1.0, max(0.0, fraction * (1 + 2 * OVERHANG) - OVERHANG))
        return self.clamp(f"{self.low + within * (self.high - self.low):.{DIGITS}g}")

    def clamp(self, value: str) -> str:
        """Return the value of the range that is closest to `value`."""
        return str(min(float(self.high), max(float(self.low), float(value))))


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoricalRange:
    """The values of a list, which must not be empty."""

    name: str
    values: tuple[str, ...]

    def at(self, fraction: float) -> str:
        """Return the value at a fraction of the list, in [0, 1)."""
        return self.values[min(len(self.values) - 1, int(fraction * len(self.values)))]

    def clamp(self, value: str) -> str:
        """Return `value` if it is in the list, otherwise the first value of the list."""
        return value if value in self.values else self.values[0]


Range = IntegerRange | FloatRange | CategoricalRange


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trials:
    """Trials of one job with different hyperparameters. No trial is run twice.

    One split has too few test users to tell similar hyperparameters apart (MovieLens 100K: 94). Therefore the training
    part is split several times, each time into a smaller training part and a test part, and the metric is the mean over
    all test parts. All models are fitted to the smallest training part.

    Attributes:
        job: The job that fits the models, to the training part of the last split.
        splits: The evaluations, one per split. The last one is also the evaluation of `job`.
        metric: The name of the metric to maximise.
        results: The values of the metric by hyperparameters, for the trials run so far.
    """

    job: TrainingJob
    splits: Sequence[Evaluation]
    metric: str
    results: dict[tuple[tuple[str, str], ...], float] = field(default_factory=dict)

    @classmethod
    def from_job(cls, job: TrainingJob, *, metric: str | None = None) -> "Trials":
        """Split the training part of a job for trials.

        Args:
            job: The job. Its held-out part is not used.
            metric: The metric to maximise; by default the main metric of the evaluation.
        """
        splits = [job.evaluation]
        for number in range(1, SPLITS + 1):
            splits.append(type(job.evaluation).from_data(splits[-1].train, seed=job.request.seed + number))
        trial_job = replace(job, data=job.evaluation.train, evaluation=splits[-1], is_trial=True)
        return cls(job=trial_job, splits=splits[1:], metric=metric or job.evaluation.main_metric)

    def result(self, hyperparameters: Hyperparameters) -> float:
        """Return the metric of a model with these hyperparameters, or -inf if it cannot be trained.

        Args:
            hyperparameters: The hyperparameters to change; all others are those of the request.
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
        return -inf if isnan(result) else result


def best_hyperparameters(
    trials: Trials, ranges: Sequence[Range], *, start: Hyperparameters, max_trials: int
) -> dict[str, str]:
    """Search the ranges and return the best hyperparameters. If several are equally good, return the first.

    Args:
        trials: The trials to run.
        ranges: The ranges to search, whose names must differ.
        start: A value for each range. It is clamped to the range and tried first.
        max_trials: The number of trials. There are fewer if the ranges have fewer points.
    """
    points = trial_points(ranges, start=start, max_trials=max_trials, seed=trials.job.request.seed)
    return max(points, key=trials.result)


def trial_points(
    ranges: Sequence[Range], *, start: Hyperparameters, max_trials: int, seed: int
) -> list[dict[str, str]]:
    """Return distinct points that are spread evenly over the ranges. The first point is `start`, clamped to them."""
    points = [{entry.name: entry.clamp(start[entry.name]) for entry in ranges}]
    for fractions in islice(_quasi_random(len(ranges), seed=seed), DRAWS_PER_TRIAL * max_trials):
        if len(points) >= max_trials:
            break
        point = {entry.name: entry.at(fraction) for entry, fraction in zip(ranges, fractions.tolist(), strict=True)}
        if point not in points:
            points.append(point)
    return points


def _quasi_random(dimensions: int, *, seed: int) -> Iterator[NDArray[np.float64]]:
    """Yield a quasi-random sequence of points in [0, 1), each float64[dimensions].

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
