"""Relevance of the items that may be recommended to a user."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CandidateRelevance:
    """Relevance of the candidates of one query, adjusted for context, seen items and the optimization objective.

    Warm items are those with an interaction in the training data.

    Attributes:
        subset: int[n_candidates], the candidates as positions in the array of warm items, ascending. None if all warm
            items are candidates.
        relevance: float32[n_candidates], the relevance of each candidate.
        seen: int[n_seen], indices into `relevance` of the items in the user's history.
        unit: A measure of the spread of relevance among the candidates, by which the weights of the objective are
            multiplied. 0 if no objective has been added to the relevance.
    """

    subset: NDArray[np.integer] | None
    relevance: NDArray[np.float32]
    seen: NDArray[np.integer]
    unit: float = 0.0
