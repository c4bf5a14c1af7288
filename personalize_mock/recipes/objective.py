"""Optimization objective: relevance blended with an item attribute.

The developer guide ("Optimizing a solution for an additional objective", 2025) promises an order of emphasis, not a
formula. The form is ours: an item's place is decided by

    relevance + weight * unit * grade

The grade is the rank of the item's attribute in the catalogue, so it depends on neither scale nor outliers. The unit is
the spread of relevance among the user's candidates (`relevance_unit`). The weight is found at training
(`objective_weights.py`), so that a level costs the same share of relevance whatever the attribute. Two weights are
applied: one chooses the items of the list, the other orders the first 25 of them.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes.numerics.top_k import top_k

Sensitivity = Literal["OFF", "LOW", "MEDIUM", "HIGH"]

# What the attribute adds to the score of a cold item that exploration may choose, whose relevance is a z-score. Ours.
EXPLORATION_EMPHASIS: dict[Sensitivity, float] = {"OFF": 0.0, "LOW": 0.25, "MEDIUM": 0.5, "HIGH": 1.5}
ORDERED = 25  # places of a list that have an order of their own; the metrics are those of so many places
BEST = 5
NO_SPREAD = 1e-6  # rounding of equal scores in float32
EXCLUDED_BELOW = 4.0  # units under the mean


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Objective:
    """Attribute to maximise besides relevance.

    Attributes:
        attribute: float64[n_items], values of the item attribute; NaN where missing.
        sensitivity: Emphasis on the attribute.
    """

    attribute: NDArray[np.float64]
    sensitivity: Sensitivity


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Blend:
    """Amounts that an objective adds to the relevance of the warm items, in units of relevance.

    Attributes:
        grades: float32[n_warm], see `attribute_grades`.
        weight: Weight of the grade for choosing the items of a list.
        order_weight: Weight of the grade for ordering the first 25 of them, at least `weight`.
    """

    grades: NDArray[np.float32]
    weight: float
    order_weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RelevanceUnit:
    """Scale of relevance among the candidates of a user.

    Attributes:
        unit: One unit of relevance.
        mean: Mean relevance.
    """

    unit: float
    mean: float

    @property
    def exclusion(self) -> float:
        """Relevance below which a seen item is excluded from lists, however high its attribute is."""
        return self.mean - EXCLUDED_BELOW * self.unit


def attribute_grades(attribute: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the grade of each item: 2 * (mid-rank quantile of its value in the catalogue) - 1, in (-1, 1).

    Ties share one grade, missing values count as the median (0), a constant attribute is 0 everywhere, and only the
    order of the values matters.
    """
    grades = np.zeros(len(attribute))
    known = ~np.isnan(attribute)
    _, rank, counts = np.unique(attribute[known], return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    grades[known] = (2 * middle / max(1, int(counts.sum())) - 1)[rank]
    return grades


def exploration_weights(objective: Objective) -> NDArray[np.float32]:
    """Return what an objective adds to the scores by which exploration chooses cold items: float32[n_items]."""
    emphasis = EXPLORATION_EMPHASIS[objective.sensitivity]
    return (emphasis * attribute_grades(objective.attribute)).astype(np.float32)


def relevance_unit(relevance: NDArray[np.float32], *, seen: NDArray[np.integer]) -> RelevanceUnit:
    """Return the unit of relevance among the candidates that the user has not seen.

    It is the geometric mean of two spreads, the standard deviation and the distance from the mean to the five best.
    The first alone gives away value where few items stand out, the second alone shrinks for short lists of candidates.
    Seen items count only if fewer than two others are left. The unit is 1 if all candidates are equally relevant, so
    that the attribute alone decides.

    Args:
        relevance: float32[n_candidates], with at least one candidate. It is changed and restored.
        seen: int[n_seen], which of them the user has seen, each once.
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
