"""Distinct values of index arrays, without sorting arrays that are long compared with the range of their values."""

import numpy as np
from numpy.typing import NDArray

DENSE = 4  # range of the values, divided by their number; below it a table of all values is faster than sorting


def distinct(values: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the distinct values of an array of indices (not negative), ascending."""
    if not _is_dense(values):
        return np.unique(values)
    return np.bincount(values).nonzero()[0].astype(values.dtype)


def last_places(values: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """Return the distinct values of an array of indices (not negative), with their last occurrences.

    Args:
        values: int32[n], the indices.

    Returns:
        Three arrays of the same length: the distinct values, ascending; for each value its last place, counted from the
        end of the array, 0 for the last element; and how often it occurs.
    """
    if not _is_dense(values):
        found, first, count = np.unique(values[::-1], return_index=True, return_counts=True)
        return found, first, count
    table = np.bincount(values)
    items = table.nonzero()[0]
    place = np.empty(len(table), dtype=np.int64)
    place[values] = np.arange(len(values) - 1, -1, -1)  # of repeated indices, numpy keeps the last assignment
    return items.astype(values.dtype), place[items], table[items]


def _is_dense(values: NDArray[np.int32]) -> bool:
    return len(values) > 0 and int(values.max()) < DENSE * len(values)
