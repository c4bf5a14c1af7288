"""Choosing among many scores: those of some rows, and the best, without sorting what cannot win."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BLOCKWISE = 8192
GATHERED = 1 << 15  # to compare fewer scores costs less than to find out which need not be compared
BLOCK = 64


def top_k(scores: NDArray[np.float32], *, k: int) -> NDArray[np.int64]:
    """The positions of the `k` greatest scores, best first; of equal scores the first position is best.

    `scores` is float32[n] without NaN; the answer has min(k, n) entries.
    """
    k = min(k, len(scores))
    if k <= 0:
        return np.zeros(0, dtype=np.int64)
    contenders = _contenders(scores, k=k)
    order = (-scores[contenders]).argsort(kind="stable")[:k]
    return np.asarray(contenders[order])


def top_k_each(scores: NDArray[np.float32], *, k: int) -> NDArray[np.int64]:
    """`top_k` of each row of some scores, float32[rows, n]: int64[rows, min(k, n)]."""
    rows, count = scores.shape
    k = min(k, count)
    if k <= 0 or not rows:
        return np.zeros((rows, max(0, k)), dtype=np.int64)
    row, position = np.divmod(np.flatnonzero(scores >= _least_of_each(scores, k=k)[:, None]), count)
    order = np.lexsort((-scores[row, position], row))  # stable: of equal scores the first position is best
    first = np.searchsorted(row, np.arange(rows))
    return np.asarray(position[order[first[:, None] + np.arange(k)]])


def _least_of_each(scores: NDArray[np.float32], *, k: int) -> NDArray[np.float32]:
    """For each row a score that at least k of its scores reach, few more than k; see `_contenders`."""
    blocks = scores.shape[1] // BLOCK
    if scores.shape[1] < BLOCKWISE or k > blocks:
        parted = scores.copy()
    else:
        parted = scores[:, : blocks * BLOCK].reshape(-1, BLOCK, blocks).max(axis=1)
    place = parted.shape[1] - k
    parted.partition(place, axis=1)
    return np.asarray(parted[:, place])


def _contenders(scores: NDArray[np.float32], *, k: int) -> NDArray[np.int64]:
    """Ascending positions that include all of the `k` greatest scores and all that equal the last of them.

    In a large catalogue a partition costs more than computing the scores did. There, each of k blocks holds
    a score that is at least the k-th greatest block maximum, so nothing below that can be among the k best.
    """
    blocks = len(scores) // BLOCK
    if len(scores) < BLOCKWISE or k > blocks:
        return np.asarray((scores >= _kth(scores, k=k)).nonzero()[0])
    # Block b holds the positions b, b + blocks, b + 2 * blocks, ...: so the maxima are taken along long rows.
    maxima = scores[: blocks * BLOCK].reshape(BLOCK, blocks).max(axis=0)
    least = _kth(maxima, k=k)
    if len(scores) < GATHERED:
        return np.asarray((scores >= least).nonzero()[0])
    inside = np.flatnonzero(maxima >= least)[None, :] + blocks * np.arange(BLOCK)[:, None]
    found = np.concatenate((inside.ravel(), np.arange(blocks * BLOCK, len(scores))))
    return np.asarray(found[scores[found] >= least])


def _kth(scores: NDArray[np.float32], *, k: int) -> float:
    """The k-th greatest score."""
    place = len(scores) - k
    parted = scores.copy()
    parted.partition(place)
    return float(parted[place])


def of_rows(values: NDArray[np.float32], rows: NDArray[np.integer] | None) -> NDArray[np.float32]:
    """The values of some rows; None stands for all, whose values are not copied."""
    return values if rows is None else values[rows]


def copied(values: NDArray[np.float32], rows: NDArray[np.integer] | None) -> NDArray[np.float32]:
    """As `of_rows`, always a copy."""
    return np.array(values) if rows is None else values.take(rows)


def positions(rows: NDArray[np.integer], *, among: NDArray[np.integer]) -> NDArray[np.int64]:
    """Where each of `rows` stands in the ascending `among`, -1 where it does not."""
    if not len(among):
        return np.full(len(rows), -1, dtype=np.int64)
    places = among.searchsorted(rows)
    np.minimum(places, len(among) - 1, out=places)
    places[among[places] != rows] = -1
    return places


def allowed(candidates: NDArray[np.bool_] | NDArray[np.int32], codes: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which of `codes` are eligible: by a mask over all codes, or by a list of codes."""
    if candidates.dtype == np.bool_:
        return np.asarray(candidates[codes])
    return np.isin(codes, candidates)


def mostly_few(candidates: Sequence[NDArray[np.bool_] | NDArray[np.int32] | None], *, fewer_than: float) -> bool:
    """Whether of masks or lists of codes the mean passes fewer than so many; None passes everything."""
    passing = 0
    for each in candidates:
        if each is None:
            return False
        passing += int(np.count_nonzero(each)) if each.dtype == np.bool_ else len(each)
    return passing < fewer_than * len(candidates)
