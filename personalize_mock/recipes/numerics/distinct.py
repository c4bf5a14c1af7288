"""Functions that find the distinct values in arrays of non-negative integers.

If an array is long compared with the range of its values, counting the values in a table is faster than sorting them.
For a short array, Python's own set is faster than either.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

FEW = 64  # values; Python's sets take less time for them than several functions of numpy
DENSE = 4  # range of the values, divided by their number; below it a table of all values is faster than sorting


def distinct(values: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the distinct values of an array of non-negative integers, in ascending order."""
    if len(values) <= FEW:
        return np.array(sorted(set(values.tolist())), dtype=values.dtype)
    if _is_dense(values):
        return np.bincount(values).nonzero()[0].astype(values.dtype)
    ordered = np.sort(values)
    is_first = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return np.asarray(ordered[is_first])


def distinct_of_each(arrays: Sequence[NDArray[np.int32]]) -> list[NDArray[np.int32]]:
    """Return the distinct values of each array of non-negative integers, in ascending order.

    The result has one array for each of `arrays`.
    """
    if len(arrays) == 1:
        return [distinct(arrays[0])]
    together = np.concatenate(arrays)
    width = 1 + int(together.max(initial=0))
    owner = np.repeat(np.arange(len(arrays)), [len(array) for array in arrays])
    keys = np.sort(owner * width + together)
    owner, values = np.divmod(keys[np.diff(keys, prepend=-1) != 0], width)  # faster than np.unique
    bounds = owner.searchsorted(np.arange(len(arrays) + 1)).tolist()
    values = values.astype(np.int32)
    return [values[start:stop] for start, stop in pairwise(bounds)]


def last_places(values: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """Return the distinct values of an array of non-negative integers, with their last positions and counts.

    Args:
        values: int32[n], the array.

    Returns:
        Three arrays of the same length: the distinct values, ascending; the distance of each value's last occurrence
        from the end of the array, 0 for the last element; and how often each value occurs.
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
