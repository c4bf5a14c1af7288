"""The optimization objective: how much an item's attribute adds to its relevance.

The guide promises an order of emphasis, not a formula. The form is ours: relevance is measured in units of
the way from the head of the user's list to its 100th place (see `unit`), the attribute by its rank in the
catalogue, so that neither depends on scales, outliers or the size of the catalogue.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes.numerics.top_k import top_k

Sensitivity = Literal["OFF", "LOW", "MEDIUM", "HIGH"]

EMPHASIS: dict[Sensitivity, float] = {"OFF": 0.0, "LOW": 0.25, "MEDIUM": 0.5, "HIGH": 1.5}
HEAD = 5
DEPTH = 100
NO_SPAN = 1e-6  # what float32 makes of equal scores


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Objective:
    """What to favour besides relevance.

    Attributes:
        attribute: float64[len(items)], the item attribute; NaN where it is missing.
        sensitivity: How much emphasis it gets.
    """

    attribute: NDArray[np.float64]
    sensitivity: Sensitivity


def weights(objective: Objective) -> NDArray[np.float32]:
    """What to add to relevance, in units of it: lambda * g, float32[len(items)].

    g = 2 * (mid-rank quantile of the item's value in the catalogue) - 1, in (-1, 1): ties share one value,
    missing values count as the median (0), a constant attribute is 0 everywhere, and only the order of the
    values matters. At MEDIUM the way from the least to the most valuable item (2 * 0.5) weighs as much as
    the way from the best to the 100th recommendation.
    """
    return (EMPHASIS[objective.sensitivity] * _grades(objective.attribute)).astype(np.float32)


def _grades(attribute: NDArray[np.float64]) -> NDArray[np.float64]:
    grades = np.zeros(len(attribute))
    known = ~np.isnan(attribute)
    _, place, counts = np.unique(attribute[known], return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    grades[known] = (2 * middle / max(1, counts.sum()) - 1)[place]
    return grades


def unit(relevance: NDArray[np.float32], *, count: int) -> float:
    """One unit of relevance: the mean of the 5 best scores minus the 100th best (the last of a shorter list).

    Args:
        relevance: float32[n]; -inf where an item is no candidate.
        count: How many candidates there are.

    Returns:
        The unit; 1 where all candidates are equally relevant, so that the attribute alone decides.
    """
    head = relevance[top_k(relevance, k=min(DEPTH, count))].astype(np.float64)
    span = float(head[:HEAD].mean() - head[-1]) if len(head) else 0.0
    return span if span > NO_SPAN else 1.0


def unit_of_unseen(relevance: NDArray[np.float32], *, seen: NDArray[np.integer]) -> float:
    """The unit of relevance among the candidates that the user has not touched, or all if those are too few.

    Touched items would stretch it: where they never return they do not belong to the list that it measures.
    """
    if len(relevance) - len(seen) <= 1:
        return unit(relevance, count=len(relevance))
    kept = relevance[seen]
    relevance[seen] = -np.inf
    found = unit(relevance, count=len(relevance) - len(seen))
    relevance[seen] = kept
    return found
