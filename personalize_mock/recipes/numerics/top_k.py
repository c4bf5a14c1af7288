"""Selection of the k largest of many scores without sorting all of them, and small functions for index arrays."""

import numpy as np
from numpy.typing import NDArray

BLOCKWISE = 8192  # from this number of scores on, block maxima are cheaper than a partition of all scores
GATHERED = 1 << 15  # from this number of scores on, skipping blocks with too small a maximum saves time
BLOCK = 64


def top_k(scores: NDArray[np.float32], *, k: int) -> NDArray[np.int64]:
    """Return the indices of the `k` largest scores, best first.

    Ties are broken by index.

    Args:
        scores: Shape (n,), without NaN.
        k: Number of indices to return. If `k` exceeds n, all indices are returned.
    """
    k = min(k, len(scores))
    if k <= 0:
        return np.zeros(0, dtype=np.int64)
    contenders = _contenders(scores, k=k)
    order = (-scores[contenders]).argsort(kind="stable")[:k]
    return np.asarray(contenders[order])


def take(values: NDArray[np.float32], rows: NDArray[np.integer] | None) -> NDArray[np.float32]:
    """Return `values[rows]`, or `values` itself if `rows` is None."""
    return values if rows is None else values[rows]


def take_copy(values: NDArray[np.float32], rows: NDArray[np.integer] | None) -> NDArray[np.float32]:
    """Return `values[rows]`, or a copy of `values` if `rows` is None. The result may be modified."""
    return np.array(values) if rows is None else values.take(rows)


def positions(rows: NDArray[np.integer], *, among: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the index in `among` of each element of `rows`, or -1 if the element is not there.

    Args:
        rows: The elements to look up, in any order.
        among: The array to search, ascending.
    """
    if not len(among):
        return np.full(len(rows), -1, dtype=np.int64)
    position = among.searchsorted(rows)
    np.minimum(position, len(among) - 1, out=position)
    position[among[position] != rows] = -1
    return position


def _contenders(scores: NDArray[np.float32], *, k: int) -> NDArray[np.int64]:
    """Return the indices of scores that may be among the `k` largest, ascending, including all ties.

    Sorting or partitioning many scores takes longer than computing them. Instead, the scores are divided into blocks.
    At least k scores reach the k-th largest block maximum, because each of the k best blocks contains one. So all
    scores below this maximum can be dropped.
    """
    blocks = len(scores) // BLOCK
    if len(scores) < BLOCKWISE or k > blocks:
        return np.asarray((scores >= _kth_largest(scores, k=k)).nonzero()[0])
    # Block b holds the indices b, b + blocks, b + 2 * blocks, ..., so that the maxima are taken along long rows.
    maxima = scores[: blocks * BLOCK].reshape(BLOCK, blocks).max(axis=0)
    bound = _kth_largest(maxima, k=k)
    if len(scores) < GATHERED:
        return np.asarray((scores >= bound).nonzero()[0])
    inside = np.flatnonzero(maxima >= bound)[None, :] + blocks * np.arange(BLOCK)[:, None]
    indices = np.concatenate((inside.ravel(), np.arange(blocks * BLOCK, len(scores))))
    return np.asarray(indices[scores[indices] >= bound])


def _kth_largest(scores: NDArray[np.float32], *, k: int) -> float:
    kth = len(scores) - k
    values = scores.copy()
    values.partition(kth)
    return float(values[kth])
