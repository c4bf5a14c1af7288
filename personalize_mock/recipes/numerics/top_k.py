"""Selection of the k largest of many scores without sorting all of them, and look-ups in arrays of indices."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

BLOCKWISE = 8192  # from this number of scores on, block maxima are cheaper than a partition of all scores
GATHERED = 1 << 15  # from this number of scores on, skipping blocks with too small a maximum saves time
BLOCK = 64

Float = TypeVar("Float", bound=np.floating)


def top_k(scores: NDArray[np.floating], *, k: int) -> NDArray[np.int64]:
    """Return the indices of the `k` largest scores, best first.

    Of equal scores, the one with the smaller index comes first.

    Args:
        scores: Shape (n,), without NaN.
        k: Number of indices to return. If `k` exceeds n, all indices are returned.
    """
    if k >= len(scores):
        return (-scores).argsort(kind="stable")
    if k <= 0:
        return np.zeros(0, dtype=np.int64)
    contenders = _contenders(scores, k=k)
    order = (-scores[contenders]).argsort(kind="stable")[:k]
    return np.asarray(contenders[order])


def top_k_each(scores: NDArray[np.float32], *, k: int) -> NDArray[np.int64]:
    """Return the indices of the `k` largest scores of each row, best first, int64[n_rows, k].

    Of equal scores in a row, the one with the smaller index comes first.

    Args:
        scores: Shape (n_rows, n), without NaN.
        k: Number of indices in each row. If `k` exceeds n, all indices are returned.
    """
    rows, count = scores.shape
    k = min(k, count)
    if k <= 0 or not rows:
        return np.zeros((rows, max(k, 0)), dtype=np.int64)
    if count >= GATHERED:
        return np.stack([top_k(row, k=k) for row in scores])
    row, index = np.divmod(np.flatnonzero(scores >= _bound(scores, k=k)[:, None]), count)
    order = np.lexsort((-scores[row, index], row))
    first = row.searchsorted(np.arange(rows))
    return np.asarray(index[order[first[:, None] + np.arange(k)]])


def are_largest(scores: NDArray[np.floating], *, k: int) -> NDArray[np.bool_]:
    """Return a mask of the `k` largest scores, bool[n]. It marks the same scores as `top_k`, without sorting them.

    Of equal scores, the one with the smaller index counts as larger.

    Args:
        scores: Shape (n,), without NaN. It must not be empty.
        k: Number of scores to mark, at least 1. If `k` exceeds n, all scores are marked.
    """
    bound = _kth_largest(scores, k=min(k, len(scores)))
    mask = np.asarray(scores >= bound)
    surplus = int(np.count_nonzero(mask)) - k
    if surplus > 0:
        mask[np.flatnonzero(scores == bound)[-surplus:]] = False
    return mask


def take(values: NDArray[np.float32], rows: NDArray[np.integer] | None) -> NDArray[np.float32]:
    """Return `values[rows]`, or `values` itself if `rows` is None."""
    return values if rows is None else values.take(rows)


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


def _contenders(scores: NDArray[np.floating], *, k: int) -> NDArray[np.int64]:
    """Return the indices of scores that may be among the `k` largest, ascending, including all ties.

    Sorting or partitioning many scores takes longer than computing them. Instead, the scores are divided into blocks.
    At least k scores reach the k-th largest block maximum, because each of the k best blocks contains one. So all
    scores below this maximum can be dropped.
    """
    if len(scores) < GATHERED or k > len(scores) // BLOCK:
        return np.asarray((scores >= _bound(scores, k=k)).nonzero()[0])
    maxima = _block_maxima(scores)
    blocks = len(maxima)
    bound = _kth_largest(maxima, k=k)
    inside = np.flatnonzero(maxima >= bound)[None, :] + blocks * np.arange(BLOCK)[:, None]
    indices = np.concatenate((inside.ravel(), np.arange(blocks * BLOCK, len(scores))))
    return np.asarray(indices[scores[indices] >= bound])


def _bound(scores: NDArray[Float], *, k: int) -> NDArray[Float]:
    """Return a threshold for each row of scores, which at least `k` of the scores in the row reach.

    For few scores, it is the k-th largest score. For many scores, it is the k-th largest maximum of a block of scores,
    which is faster to compute; see `_contenders`.
    """
    count = scores.shape[-1]
    whole = count < BLOCKWISE or k > count // BLOCK
    return _kth_largest(scores if whole else _block_maxima(scores), k=k)


def _block_maxima(scores: NDArray[Float]) -> NDArray[Float]:
    """Divide the scores along the last axis into blocks of `BLOCK` scores, and return the maximum of each block.

    If the number of scores is not a multiple of `BLOCK`, the remaining scores at the end are ignored.
    """
    blocks = scores.shape[-1] // BLOCK
    # Block b holds the indices b, b + blocks, b + 2 * blocks, ..., so that the maxima are taken along long rows.
    parts = scores[..., : blocks * BLOCK].reshape(*scores.shape[:-1], BLOCK, blocks)
    return np.asarray(parts.max(axis=-2))


def _kth_largest(scores: NDArray[Float], *, k: int) -> NDArray[Float]:
    """Return the k-th largest score along the last axis: shape (...) for scores of the shape (..., n)."""
    kth = scores.shape[-1] - k
    values = scores.copy()
    values.partition(kth)
    return np.asarray(values[..., kth])
