"""Hyperparameter optimization: a search over points that are spread evenly over the ranges.

Trials use the training part of a job alone, so its held-out interactions stay unseen and its metrics stay honest.
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

OVERHANG = 0.05  # share of the draws that fall beyond each end of a continuous range and are moved to that end
SPLITS = 4
DRAWS_PER_TRIAL = 20  # a space that yields no new point in so many draws is exhausted
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
        """Return the value at a fraction of the range, from 0 to below 1; fractions close to 0 or 1 give the ends."""
        within = min(1.0, max(0.0, fraction * (1 + 2 * OVERHANG) - OVERHANG))
        return self.clamp(f"{self.low + within * (self.high - self.low):.{DIGITS}g}")

    def clamp(self, value: str) -> str:
        """Return the value of the range that is closest to `value`."""
        return str(min(float(self.high), max(float(self.low), float(value))))


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoricalRange:
    """A list of one or more values."""

    name: str
    values: tuple[str, ...]

    def at(self, fraction: float) -> str:
        """Return the value at a fraction of the list, from 0 to below 1."""
        return self.values[min(len(self.values) - 1, int(fraction * len(self.values)))]

    def clamp(self, value: str) -> str:
        """Return `value` if it is listed, else the first value."""
        return value if value in self.values else self.values[0]


Range = IntegerRange | FloatRange | CategoricalRange


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trials:
    """Trials of one job with different hyperparameters; none is run twice.

    One split has too few test users to tell similar hyperparameters apart (MovieLens 100K: 94). The training part is
    therefore split several times, each time what the previous split left, and the metric is averaged over the splits.

    Attributes:
        job: The job whose training part is what the last split left.
        splits: The evaluations. The last one is that of `job`.
        metric: The metric to maximise.
        results: The metric by hyperparameters, for the trials run so far.
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
        trial_job = replace(job, data=job.evaluation.train, evaluation=splits[-1])
        return cls(job=trial_job, splits=splits[1:], metric=metric or job.evaluation.main_metric)

    def result(self, hyperparameters: Hyperparameters) -> float:
        """Return the metric of a model with these hyperparameters, -inf if none can be trained.

        Args:
            hyperparameters: They replace those of the request; the others stay.
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
    """Return the best point of a search; the earliest one of equals.

    Args:
        trials: The trials to run.
        ranges: The ranges to search, each name once.
        start: A value for each range. It is clamped to the range and tried first.
        max_trials: The number of trials, unless the space is smaller.
    """
    points = trial_points(ranges, start=start, max_trials=max_trials, seed=trials.job.request.seed)
    return max(points, key=trials.result)


def trial_points(
    ranges: Sequence[Range], *, start: Hyperparameters, max_trials: int, seed: int
) -> list[dict[str, str]]:
    """Return different points that are spread evenly over the ranges, the clamped `start` first."""
    points = [{entry.name: entry.clamp(start[entry.name]) for entry in ranges}]
    for fractions in islice(_quasi_random(len(ranges), seed=seed), DRAWS_PER_TRIAL * max_trials):
        if len(points) >= max_trials:
            break
        point = {entry.name: entry.at(fraction) for entry, fraction in zip(ranges, fractions.tolist(), strict=True)}
        if point not in points:
            points.append(point)
    return points


def _quasi_random(dimensions: int, *, seed: int) -> Iterator[NDArray[np.float64]]:
    """Yield a quasi-random sequence in [0, 1), each element float64[dimensions].

    The steps have irrational lengths and begin at a random origin (M. Roberts, "The Unreasonable Effectiveness of
    Quasirandom Sequences", 2018). In one dimension the length is the golden ratio.
    """
    ratio = 2.0
    for _ in range(50):
        ratio = (1 + ratio) ** (1 / (dimensions + 1))
    steps = ratio ** -np.arange(1.0, dimensions + 1)
    origin = np.random.default_rng(seed).random(dimensions)
    for number in count():
        yield (origin + number * steps) % 1.0
