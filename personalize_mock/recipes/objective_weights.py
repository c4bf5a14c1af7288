"""Weights of an optimization objective, found at training.

The levels of the objective mean shares of relevance that the lists keep. The model itself says how relevant a list is:
each place counts with the softmax probability of its item, discounted as in NDCG, and the sum is compared with that of
the user's most relevant list. The weights are those for which the mean share over some training users reaches the
target of the level. The targets are ours; held-out data confirm that NDCG@25 keeps about these shares.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes.numerics.softmax import INVERSE_TEMPERATURE
from personalize_mock.recipes.objective import ORDERED, Sensitivity

FIRST = 5
SMALLEST, LARGEST = 1e-3, 1e4  # weights
HALVINGS = 18
VALUE_MARGIN = 1.1  # above the order weight at which the first five are as valuable as the list
PREFIX = 64  # most relevant candidates that are always compared
DISCOUNTS = 1 / np.log2(2 + np.arange(ORDERED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Shares of relevance that a level keeps.

    Attributes:
        kept: Share of the discounted relevance of the list.
        kept_of_loss: The same as a share of what the attribute alone would lose. It applies if the attribute alone
            keeps so much that the other target cannot be reached, or only by the last items.
        kept_first: Share of the discounted relevance of the first five. None if relevance decides their order as it
            decides the list. Recorded at HIGH, July 2021: NDCG keeps 4 % at 5 and 37 % at 25, so valuable items come
            first.
    """

    kept: float
    kept_of_loss: float
    kept_first: float | None = None


TARGETS: dict[Sensitivity, Target] = {
    "LOW": Target(kept=0.90, kept_of_loss=0.60),
    "MEDIUM": Target(kept=0.75, kept_of_loss=0.30),
    "HIGH": Target(kept=0.50, kept_of_loss=0.10, kept_first=0.20),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingList:
    """Candidates of one training user.

    Attributes:
        relevance: float32[k].
        grades: float32[k], grades of the attribute times the user's unit of relevance.
    """

    relevance: NDArray[np.float32]
    grades: NDArray[np.float32]

    def contenders(self) -> "TrainingList":
        """Drop the candidates that are in no list, whatever the weight: 25 others are better in both respects."""
        order = np.argsort(-self.relevance, kind="stable")
        kept, stop = [order[:PREFIX]], PREFIX
        best = np.sort(self.grades[kept[0]])[-ORDERED:]
        while stop < len(order):
            block = order[stop : 2 * stop]
            block = block[self.grades[block] > best[0]]
            kept.append(block)
            best = np.sort(np.concatenate((best, self.grades[block])))[-ORDERED:]
            stop *= 2
        rows = np.concatenate(kept)
        return TrainingList(relevance=self.relevance[rows], grades=self.grades[rows])


class _TrainingLists:
    """Contenders of all training users as arrays of shape (n_users, k), padded with items that no list contains."""

    def __init__(self, lists: Sequence[TrainingList]) -> None:
        shape = len(lists), max(ORDERED, *(len(entry.relevance) for entry in lists))
        self.relevance = np.full(shape, -np.inf, dtype=np.float32)
        self.grades = np.zeros(shape, dtype=np.float32)
        for row, entry in enumerate(lists):
            self.relevance[row, : len(entry.relevance)] = entry.relevance
            self.grades[row, : len(entry.grades)] = entry.grades
        largest = self.relevance.max(axis=1, keepdims=True)
        self.probability = np.exp(INVERSE_TEMPERATURE * (self.relevance - largest)).astype(np.float64)
        self.best = self._discounted(0.0, 0.0)

    def kept(self, weight: float, order_weight: float, *, places: int = ORDERED) -> float:
        """Return the mean share of the relevance that the first places keep."""
        gained = self._discounted(weight, order_weight)[:, :places].sum(axis=1)
        return float(np.mean(gained / self.best[:, :places].sum(axis=1)))

    def value_behind(self, weight: float, order_weight: float) -> float:
        """Return the mean grade of a list minus that of its first five."""
        grades = np.take_along_axis(self.grades, self._rows(weight, order_weight), 1)
        return float(grades.mean() - grades[:, :FIRST].mean())

    def _discounted(self, weight: float, order_weight: float) -> NDArray[np.float64]:
        rows = self._rows(weight, order_weight)
        return np.asarray(np.take_along_axis(self.probability, rows, 1) * DISCOUNTS)

    def _rows(self, weight: float, order_weight: float) -> NDArray[np.int64]:
        """Return the columns of each user's list, int64[n_users, 25], first item first."""
        blended = self.relevance + np.float32(weight) * self.grades
        rows = np.argpartition(-blended, ORDERED - 1, axis=1)[:, :ORDERED]
        ordered = self.relevance + np.float32(order_weight) * self.grades
        order = np.argsort(-np.take_along_axis(ordered, rows, 1), axis=1, kind="stable")
        return np.asarray(np.take_along_axis(rows, order, 1))


def objective_weights(lists: Sequence[TrainingList], sensitivity: Sensitivity) -> tuple[float, float]:
    """Return `Blend.weight` and `Blend.order_weight` of a level.

    Args:
        lists: Candidates of at least one training user, at least one each.
        sensitivity: A level other than OFF.
    """
    target = TARGETS[sensitivity]
    training = _TrainingLists([entry.contenders() for entry in lists])
    least = training.kept(LARGEST, LARGEST)
    kept = max(target.kept, least + target.kept_of_loss * (1 - least))
    weight = _reaching(kept, lambda tried: training.kept(tried, tried), low=SMALLEST, high=LARGEST)
    if target.kept_first is None:
        return weight, weight

    def kept_first(tried: float) -> float:
        return training.kept(weight, tried, places=FIRST)

    def value_behind(tried: float) -> float:
        return training.value_behind(weight, tried)

    high = max(weight, LARGEST)
    first = _reaching(target.kept_first, kept_first, low=weight, high=high)
    valuable = VALUE_MARGIN * _reaching(0.0, value_behind, low=weight, high=high)
    return weight, min(high, max(first, valuable))


def _reaching(target: float, share: Callable[[float], float], *, low: float, high: float) -> float:
    """Return the weight for which a falling share reaches a target, by bisection of the logarithm."""
    for _ in range(HALVINGS):
        middle = float(np.sqrt(low * high))
        low, high = (middle, high) if share(middle) > target else (low, middle)
    return float(np.sqrt(low * high))
