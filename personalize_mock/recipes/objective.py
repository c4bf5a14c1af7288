"""Optimization objective: the weight that an item's attribute adds to its relevance.

The developer guide ("Optimizing a solution for an additional objective", 2024) describes degrees of emphasis but gives
no formula. The formula is ours. Relevance is measured in units of the distance from the top of the user's list to its
100th place (see `relevance_unit`), and the attribute by its rank in the catalogue. So the result does not depend on
scales, outliers or the size of the catalogue.
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
NO_SPAN = 1e-6  # smaller differences are rounding errors of equal scores in float32


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Objective:
    """Attribute to maximise besides relevance.

    Attributes:
        attribute: float64[n_items], values of the item attribute; NaN where missing.
        sensitivity: The degree of emphasis on the attribute.
    """

    attribute: NDArray[np.float64]
    sensitivity: Sensitivity


def objective_weights(objective: Objective) -> NDArray[np.float32]:
    """Return the weights to add to relevance, in units of relevance: lambda * g, float32[n_items].

    g = 2 * (mid-rank quantile of the item's value in the catalogue) - 1, in (-1, 1). Ties share one value, missing
    values count as the median (0), a constant attribute is 0 everywhere, and only the order of the values matters. At
    MEDIUM, the distance from the least to the most valuable item (2 * 0.5) weighs as much as that from the best to the
    100th recommendation.
    """
    return (EMPHASIS[objective.sensitivity] * _grades(objective.attribute)).astype(np.float32)


def _grades(attribute: NDArray[np.float64]) -> NDArray[np.float64]:
    grades = np.zeros(len(attribute))
    known = ~np.isnan(attribute)
    _, rank, counts = np.unique(attribute[known], return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    grades[known] = (2 * middle / max(1, int(counts.sum())) - 1)[rank]
    return grades


def relevance_unit(relevance: NDArray[np.float32], *, count: int) -> float:
    """Return one unit of relevance: the mean of the 5 best scores minus the 100th best (the last of a shorter list).

    Args:
        relevance: float32[n], -inf where an item is not a candidate.
        count: Number of candidates.

    Returns:
        The unit. It is 1 if all candidates are equally relevant, so that the attribute alone decides.
    """
    head = relevance[top_k(relevance, k=min(DEPTH, count))].astype(np.float64)
    span = float(head[:HEAD].mean() - head[-1]) if len(head) else 0.0
    return span if span > NO_SPAN else 1.0


def unseen_relevance_unit(relevance: NDArray[np.float32], *, seen: NDArray[np.integer]) -> float:
    """Return the unit of relevance of the candidates that the user has not seen, or of all if these are too few.

    Seen items are left out because their high relevance would enlarge the unit although they may not be in the list.

    Args:
        relevance: float32[n], the relevance of the candidates.
        seen: int[n_seen], the positions in `relevance` of the items that the user has seen, without duplicates.
    """
    if len(relevance) - len(seen) <= 1:
        return relevance_unit(relevance, count=len(relevance))
    kept = relevance[seen]
    relevance[seen] = -np.inf
    unit = relevance_unit(relevance, count=len(relevance) - len(seen))
    relevance[seen] = kept
    return unit
