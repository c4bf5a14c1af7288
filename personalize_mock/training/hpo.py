"""Hyperparameter optimization: trials on a part of the training data that is kept from them; the best one wins.

The events that a model's metrics are made of take no part, so that the metrics stay honest. Trials run one after
another, because training is synchronous: how many could run at a time makes no difference.
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

OVERHANG = 0.05  # so much of what is drawn lies beyond each end of a continuous range, and becomes that end
SPLITS = 4
DRAWS = 20  # for each trial that is wanted, before a small space counts as exhausted
DIGITS = 6

Hyperparameters = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Integers:
    """The whole numbers from `low` to `high`, both included."""

    name: str
    low: int
    high: int

    def at(self, share: float) -> str:
        """The value at a share of the range, from 0 to below 1."""
        return str(min(self.high, self.low + int(share * (self.high - self.low + 1))))

    def nearest(self, value: str) -> str:
        """The value of the range that comes closest to one that may lie outside."""
        return str(min(self.high, max(self.low, round(float(value)))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reals:
    """The numbers from `low` to `high`, both included."""

    name: str
    low: float
    high: float

    def at(self, share: float) -> str:
        """The value at a share of the range; shares close to 0 and 1 are its ends."""
        within = min(1.0, max(0.0, share * (1 + 2 * OVERHANG) - OVERHANG))
        return self.nearest(f"{self.low + within * (self.high - self.low):.{DIGITS}g}")

    def nearest(self, value: str) -> str:
        """The value of the range that comes closest to one that may lie outside."""
        return str(min(float(self.high), max(float(self.low), float(value))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """One of some values, at least one."""

    name: str
    values: tuple[str, ...]

    def at(self, share: float) -> str:
        """The value at a share of the list."""
        return self.values[min(len(self.values) - 1, int(share * len(self.values)))]

    def nearest(self, value: str) -> str:
        """The value itself if it is one of the choice, else the first of them."""
        return value if value in self.values else self.values[0]


Range = Integers | Reals | Choices


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trials:
    """Trainings of one recipe that are measured on events kept from them; none is done twice.

    One split has too few test users to tell close hyperparameters apart (MovieLens 100K: 94). So the training part is
    split again and again, each time what the split before has left, and the metric is the mean over all splits.

    Attributes:
        prepared: What is left to train on in the end.
        splits: The evaluations, of which the last is that of `prepared`.
        metric: What is to be as great as possible.
        values: The metric by hyperparameters, of the trials done so far.
    """

    prepared: TrainingJob
    splits: Sequence[Evaluation]
    metric: str
    values: dict[tuple[tuple[str, str], ...], float] = field(default_factory=dict)

    @classmethod
    def of(cls, prepared: TrainingJob, *, metric: str | None = None) -> "Trials":
        """Trials for an order.

        Args:
            prepared: The order; what it holds out for the metrics stays out of sight.
            metric: A key of the metrics; the best one of the evaluation by default.
        """
        splits = [prepared.evaluation]
        for number in range(1, SPLITS + 1):
            splits.append(type(prepared.evaluation).of(splits[-1].train, seed=prepared.request.seed + number))
        held = replace(prepared, data=prepared.evaluation.train, evaluation=splits[-1])
        return cls(prepared=held, splits=splits[1:], metric=metric or prepared.evaluation.best)

    def value(self, hyperparameters: Hyperparameters) -> float:
        """The metric of a model with these hyperparameters besides the order's; -inf where none can be trained."""
        key = tuple(sorted({**self.prepared.request.hyperparameters, **hyperparameters}.items()))
        if key not in self.values:
            self.values[key] = self._measured(dict(key))
        return self.values[key]

    def _measured(self, hyperparameters: Hyperparameters) -> float:
        try:
            trained = self.prepared.fit(hyperparameters)
        except TrainingFailed:
            return -inf
        measured = [trained.metrics, *(each.measure(trained.model) for each in self.splits[:-1])]
        value = mean(each.get(self.metric, -inf) for each in measured)
        return -inf if isnan(value) else value


def best(trials: Trials, ranges: Sequence[Range], *, start: Hyperparameters, most: int) -> dict[str, str]:
    """The hyperparameters that do best; the earlier ones of equals.

    Args:
        trials: Where they are tried.
        ranges: What may vary, each name once.
        start: The values to try first, moved into the ranges; all names of the ranges.
        most: How many trials at most.
    """
    tried = candidates(ranges, start=start, most=most, seed=trials.prepared.request.seed)
    return max(tried, key=trials.value)


def candidates(ranges: Sequence[Range], *, start: Hyperparameters, most: int, seed: int) -> list[dict[str, str]]:
    """Up to `most` different points, spread evenly over the ranges: the start, and what follows from the seed."""
    found = [{each.name: each.nearest(start[each.name]) for each in ranges}]
    for point in islice(_shares(len(ranges), seed=seed), DRAWS * most):
        if len(found) >= most:
            break
        drawn = {each.name: each.at(share) for each, share in zip(ranges, point.tolist(), strict=True)}
        if drawn not in found:
            found.append(drawn)
    return found


def _shares(dimensions: int, *, seed: int) -> Iterator[NDArray[np.float64]]:
    """A quasi-random sequence in [0, 1): float64[dimensions] each.

    Steps of irrational length from a random place (M. Roberts, "The Unreasonable Effectiveness of Quasirandom
    Sequences", 2018), the golden ratio in one dimension.
    """
    ratio = 2.0
    for _ in range(50):
        ratio = (1 + ratio) ** (1 / (dimensions + 1))
    steps = ratio ** -np.arange(1.0, dimensions + 1)
    origin = np.random.default_rng(seed).random(dimensions)
    for number in count():
        yield (origin + number * steps) % 1.0
