"""Sorting of interactions: order without repetitions, and index pointers."""

import numpy as np
from numpy.typing import NDArray


def sorted_distinct(*columns: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the rows sorted by the columns, the first one first; of equal rows only one."""
    order = np.lexsort(columns[::-1])
    is_new = np.zeros(len(order), dtype=bool)
    is_new[:1] = True
    for column in columns:
        ordered = column[order]
        is_new[1:] |= ordered[1:] != ordered[:-1]
    return np.asarray(order[is_new])


def index_pointers(user: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """Return int64[count + 1]: the rows of user u are `indptr[u]:indptr[u + 1]`, if `user` is sorted."""
    counts = np.bincount(user, minlength=count)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
