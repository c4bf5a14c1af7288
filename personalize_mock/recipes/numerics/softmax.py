"""Scores: the softmax of relevance over everything that was eligible."""

import numpy as np
from numpy.typing import NDArray

SHARPNESS = 0.6  # the best score on MovieLens is .02 to .3, .08 in the middle; recorded on the service: .01 to .2
PIECE = 1 << 14


def probabilities(
    ranked: NDArray[np.float32], relevance: NDArray[np.float32], *, besides: NDArray[np.float32] | None
) -> NDArray[np.float64]:
    """Softmax of a list over all candidates, and over what is explored besides them.

    Args:
        ranked: float32[k], the relevance of the list, best first.
        relevance: float32[n], that of the candidates.
        besides: float32[m], that of what is explored; None for nothing.
    """
    if not len(ranked):
        return np.zeros(0)
    total = exponential_sum(relevance, best=ranked[:1])
    if besides is not None:
        total += exponential_sum(besides, best=ranked[:1])
    return np.asarray(_shares(ranked) / total)


def probabilities_each(ranked: NDArray[np.float32], relevance: NDArray[np.float32]) -> NDArray[np.float64]:
    """`probabilities` of some lists, float32[lists, length], over the candidates of each, float32[lists, n]."""
    if not ranked.size:
        return np.zeros(ranked.shape)
    return np.asarray(_shares(ranked) / exponential_sum(relevance, best=ranked[:, :1])[:, None])


def _shares(ranked: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(np.exp(np.float32(SHARPNESS) * (ranked - ranked[..., :1])), dtype=np.float64)


def exponential_sum(relevance: NDArray[np.float32], *, best: NDArray[np.float32]) -> NDArray[np.float64]:
    """The sums of exp(SHARPNESS * (relevance - best)) over the last axis.

    Args:
        relevance: float32[..., n]
        best: float32[..., 1], the greatest of each, so that nothing overflows.

    Returns:
        float64[...]
    """
    count = relevance.shape[-1]
    room = np.empty((*relevance.shape[:-1], min(count, PIECE)), dtype=np.float32)  # stays in the processor's cache
    total = np.zeros(relevance.shape[:-1])
    for start in range(0, count, PIECE):
        piece = relevance[..., start : start + PIECE]
        share = room[..., : piece.shape[-1]]
        np.subtract(piece, best, out=share)
        share *= np.float32(SHARPNESS)
        np.exp(share, out=share)
        total += share.sum(axis=-1)
    return total
