"""Scores: the softmax of relevance over everything that was eligible."""

import numpy as np
from numpy.typing import NDArray

SHARPNESS = 0.6  # the best score on MovieLens is .02 to .3, .08 in the middle; recorded on the service: .01 to .2
PIECE = 1 << 14


def probabilities(
    ranked: NDArray[np.float32], relevance: NDArray[np.float32], *, explored: NDArray[np.bool_] | None
) -> NDArray[np.float64]:
    """Softmax of a list over all candidates and over what was explored."""
    if not len(ranked):
        return np.zeros(0)
    share = np.exp(np.float32(SHARPNESS) * (ranked - ranked[0])).astype(np.float64)
    total = exponential_sum(relevance, best=float(ranked[0]))
    return np.asarray(share / (total if explored is None else total + share[explored].sum()))


def exponential_sum(relevance: NDArray[np.float32], *, best: float) -> float:
    """The sum of exp(SHARPNESS * (relevance - best)); `best` is the greatest, so that nothing overflows."""
    if len(relevance) <= PIECE:
        return _exponential_sum(relevance, best, np.empty(len(relevance), dtype=np.float32))
    room = np.empty(PIECE, dtype=np.float32)  # stays in the processor's cache, as an array for all would not
    starts = range(0, len(relevance), PIECE)
    return sum(_exponential_sum(relevance[start : start + PIECE], best, room) for start in starts)


def _exponential_sum(relevance: NDArray[np.float32], best: float, room: NDArray[np.float32]) -> float:
    share = room[: len(relevance)]
    np.subtract(relevance, np.float32(best), out=share)
    share *= np.float32(SHARPNESS)
    np.exp(share, out=share)
    return float(share.sum())
