"""Optimization objective, which favours items with high values of a numeric attribute, such as revenue.

According to the developer guide ("Optimizing a solution for an additional objective", 2025), a higher sensitivity puts
more emphasis on the attribute. The guide gives no formula, so the mock has its own. Items are ranked by

    relevance + weight * unit * grade

The grade is the rank of the item's attribute value among all items, so neither the scale nor the outliers of the
attribute matter. The unit is the spread of relevance among the user's candidates (`relevance_unit`). The weight is
found at training (`objective_weights.py`), so that a sensitivity costs the same share of relevance for any attribute.
There are two weights: one to choose the items of a list, and one to order the first 25 of them.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes.numerics.top_k import top_k

Sensitivity = Literal["OFF", "LOW", "MEDIUM", "HIGH"]

# Weights of the attribute's grade in the score by which exploration chooses cold items. Not from the service.
EXPLORATION_EMPHASIS: dict[Sensitivity, float] = {"OFF": 0.0, "LOW": 0.25, "MEDIUM": 0.5, "HIGH": 1.5}
ORDERED = 25  # first items of a list that the second weight orders; the metrics use at most as many
BEST = 5
NO_SPREAD = 1e-6  # smaller spreads are rounding errors of float32
EXCLUDED_BELOW = 4.0  # units below the mean


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Objective:
    """Optimization objective of a solution: an item attribute to maximise in addition to relevance.

    Attributes:
        attribute: float64[n_items], the value of the attribute for each item; NaN where it is missing.
        sensitivity: The objectiveSensitivity, which is the emphasis on the attribute. OFF ignores it.
    """

    attribute: NDArray[np.float64]
    sensitivity: Sensitivity


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Blend:
    """Grades of items and the weights with which an objective adds them to relevance.

    Warm items are those with an interaction in the training data. The amount added to the relevance of an item is its
    grade times a weight, multiplied by the spread of relevance among the user's candidates (`RelevanceUnit.unit`).

    Attributes:
        grades: float32[n_warm], the attribute of each warm item as a grade between -1 and 1.
        weight: Weight of the grade when the items of a list are chosen.
        order_weight: Weight of the grade when the first 25 items of the list are ordered, at least `weight`.
    """

    grades: NDArray[np.float32]
    weight: float
    order_weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RelevanceUnit:
    """Spread and mean of the relevance of a user's candidates.

    Attributes:
        unit: A measure of the spread, by which the weights of an optimization objective are multiplied.
        mean: The mean relevance.
    """

    unit: float
    mean: float

    @property
    def exclusion(self) -> float:
        """Threshold of relevance, four units below the mean, for items that the user has already seen.

        Seen items that are less relevant are ranked last, even if the objective favours them.
        """
        return self.mean - EXCLUDED_BELOW * self.unit


def attribute_grades(attribute: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convert the attribute values of items to grades between -1 (low) and 1 (high), which depend only on their order.

    The grade is 2 * q - 1, where q is the mid-rank quantile of the value among all items. Equal values have the same
    grade. Missing values have the grade 0, and if all values are equal, every grade is 0.

    Args:
        attribute: float64[n_items], NaN where the value is missing.
    """
    grades = np.zeros(len(attribute))
    known = ~np.isnan(attribute)
    _, rank, counts = np.unique(attribute[known], return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    grades[known] = (2 * middle / max(1, int(counts.sum())) - 1)[rank]
    return grades


def exploration_weights(objective: Objective) -> NDArray[np.float32]:
    """Return the amount that an objective adds to each item's score when exploration chooses new items.

    Returns:
        float32[n_items], positive for items whose attribute is above the median, negative below it. All 0 if the
        sensitivity is OFF.
    """
    emphasis = EXPLORATION_EMPHASIS[objective.sensitivity]
    return (emphasis * attribute_grades(objective.attribute)).astype(np.float32)


def relevance_unit(relevance: NDArray[np.float32], *, seen: NDArray[np.integer]) -> RelevanceUnit:
    """Measure the spread and the mean of relevance among the candidates that the user has not seen.

    The spread is the geometric mean of two numbers: the standard deviation, and the distance from the mean to the mean
    of the best candidates (at most five). The standard deviation alone is too small where few candidates stand out, and
    the distance alone is too small where there are few candidates. If all candidates are equally relevant, the spread
    is set to 1, so that the objective alone decides their order. Seen items are included if there are fewer than two
    unseen candidates.

    Args:
        relevance: float32[n_candidates], with at least one candidate. It is modified temporarily and then restored.
        seen: int[n_seen], indices into `relevance` of the seen items, without duplicates.
    """
    if len(relevance) - len(seen) <= 1:
        seen = seen[:0]
    kept, count = relevance[seen], len(relevance) - len(seen)
    relevance[seen] = 0
    mean = float(relevance.sum()) / count
    deviation = relevance - np.float32(mean)
    deviation[seen] = 0
    relevance[seen] = -np.inf
    best = float(relevance[top_k(relevance, k=min(BEST, (count + 1) // 2))].mean())
    relevance[seen] = kept
    spread = sqrt(sqrt(float(deviation @ deviation) / count) * max(0.0, best - mean))
    return RelevanceUnit(unit=spread if spread > NO_SPREAD else 1.0, mean=mean)
