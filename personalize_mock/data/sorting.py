"""Sorting of interactions, and index pointers to the rows of each user."""

import numpy as np
from numpy.typing import NDArray


def sorted_distinct(*columns: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return row numbers sorted by the first column, then the second, and so on. Equal rows are returned once."""
    order = np.lexsort(columns[::-1])
    is_new = np.zeros(len(order), dtype=bool)
    is_new[:1] = True
    for column in columns:
        ordered = column[order]
        is_new[1:] |= ordered[1:] != ordered[:-1]
    return np.asarray(order[is_new])


def index_pointers(user: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """Return int64[count + 1] pointers: the rows of user u are `pointers[u]:pointers[u + 1]`. `user` must be sorted."""
    counts = np.bincount(user, minlength=count)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
