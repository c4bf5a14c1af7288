"""Helpers that sort interactions and locate the interactions of each user in the sorted arrays."""

import numpy as np
from numpy.typing import NDArray


def sorted_distinct(*columns: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the row numbers of a table in the order that sorts its rows by the first column, the second, and so on.

    If several rows are equal in all columns, only the number of the first of them is returned.

    Args:
        columns: The columns of the table, integer arrays of the same length.
    """
    order = np.lexsort(columns[::-1])
    is_new = np.zeros(len(order), dtype=bool)
    is_new[:1] = True
    for column in columns:
        ordered = column[order]
        is_new[1:] |= ordered[1:] != ordered[:-1]
    return np.asarray(order[is_new])


def index_pointers(user: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """Return an array of pointers, int64[count + 1]: user u has the rows `pointers[u]:pointers[u + 1]`.

    Args:
        user: int32[n], the user index of each row, in ascending order.
        count: Number of users.
    """
    counts = np.bincount(user, minlength=count)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
