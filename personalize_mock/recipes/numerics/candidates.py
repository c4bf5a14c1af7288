"""Functions that convert or test candidates, which are the items, users or actions that a model may return.

Candidates are given either as a boolean mask over all items, users or actions, or as ascending int32 indices.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MaskOrIndices = NDArray[np.bool_] | NDArray[np.int32]


def as_mask(candidates: MaskOrIndices, *, count: int) -> NDArray[np.bool_]:
    """Convert candidates to a boolean mask, bool[count].

    Args:
        candidates: The candidates, as a mask or as ascending indices. Candidates with an index of `count` or more are
            dropped.
        count: Length of the result.
    """
    if candidates.dtype == np.bool_:
        return np.asarray(candidates[:count], dtype=bool)
    mask = np.zeros(count, dtype=bool)
    mask[candidates[candidates < count]] = True
    return mask


def are_candidates(indices: NDArray[np.int32], candidates: MaskOrIndices) -> NDArray[np.bool_]:
    """Return the mask of the indices that are candidates, bool[len(indices)].

    Args:
        indices: The indices to test, in any order.
        candidates: The candidates, as a mask or as ascending indices.
    """
    if candidates.dtype == np.bool_:
        return np.asarray(candidates[indices], dtype=bool)
    if len(indices) >= len(candidates):
        return np.isin(indices, candidates)
    positions = np.minimum(np.searchsorted(candidates, indices), len(candidates) - 1)  # reads few of the candidates
    return np.asarray(candidates[positions] == indices)


def mean_count_below(candidates: Sequence[MaskOrIndices | None], limit: float) -> bool:
    """Return whether the mean number of candidates per query is below a limit.

    Args:
        candidates: The candidates of each query, as a mask or as indices. None stands for all items; if a query has
            None, the result is False.
        limit: The number of candidates with which the mean is compared.
    """
    total = 0
    for entry in candidates:
        if entry is None:
            return False
        total += int(np.count_nonzero(entry)) if entry.dtype == np.bool_ else len(entry)
    return total < limit * len(candidates)
