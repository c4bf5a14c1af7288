"""Conversions and tests of candidates: boolean masks over all indices, or ascending int32 indices."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MaskOrIndices = NDArray[np.bool_] | NDArray[np.int32]

SMALL_SHARE = 0.2  # share of the items; below it only the candidates are scored, from it on all items


def as_mask(candidates: MaskOrIndices, *, count: int) -> NDArray[np.bool_]:
    """Return candidates as a mask, bool[count]. Indices of `count` or more are ignored."""
    if candidates.dtype == np.bool_:
        return np.asarray(candidates[:count], dtype=bool)
    mask = np.zeros(count, dtype=bool)
    mask[candidates[candidates < count]] = True
    return mask


def are_candidates(indices: NDArray[np.int32], candidates: MaskOrIndices) -> NDArray[np.bool_]:
    """Return whether each index is a candidate, bool[len(indices)]."""
    if candidates.dtype == np.bool_:
        return np.asarray(candidates[indices], dtype=bool)
    if len(indices) >= len(candidates):
        return np.isin(indices, candidates)
    positions = np.minimum(np.searchsorted(candidates, indices), len(candidates) - 1)  # reads few of the candidates
    return np.asarray(candidates[positions] == indices)


def as_small_set(candidates: MaskOrIndices | None, *, count: int) -> NDArray[np.int32] | None:
    """Return the candidates below `count` as indices, or None if there are many or `candidates` is None (all)."""
    if candidates is None:
        return None
    is_mask = candidates.dtype == np.bool_
    if (np.count_nonzero(candidates) if is_mask else len(candidates)) >= SMALL_SHARE * count:
        return None
    indices = np.flatnonzero(candidates) if is_mask else candidates
    return np.asarray(indices[indices < count], dtype=np.int32)


def mean_count_below(candidates: Sequence[MaskOrIndices | None], limit: float) -> bool:
    """Return whether the mean number of candidates is below `limit`. False if an entry is None (all items)."""
    total = 0
    for entry in candidates:
        if entry is None:
            return False
        total += int(np.count_nonzero(entry)) if entry.dtype == np.bool_ else len(entry)
    return total < limit * len(candidates)
