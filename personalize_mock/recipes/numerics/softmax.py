"""Softmax of scores over all candidates, computed in chunks."""

import numpy as np
from numpy.typing import NDArray

# Recorded probabilities of the best item lie between .01 and .2. On MovieLens this value gives .02 to .3, with a median
# of .08.
INVERSE_TEMPERATURE = 0.6
_INVERSE_TEMPERATURE = np.float32(INVERSE_TEMPERATURE)
CHUNK = 1 << 14  # scores; a chunk of float32 stays in the processor's cache


def probabilities(
    top_scores: NDArray[np.float32], scores: NDArray[np.float32], *, extra_scores: NDArray[np.float32] | None
) -> NDArray[np.float64]:
    """Return the softmax probability of each item in a recommendation list, or in several lists, float64[..., k].

    The probability of a score s is exp(b * s), divided by the sum of exp(b * t) over the scores t of all candidates.
    The constant b is `INVERSE_TEMPERATURE`.

    Args:
        top_scores: float32[..., k], the scores of the items in each list, best first.
        scores: float32[..., n], the scores of all candidates of each list.
        extra_scores: float32[m], the scores of further candidates, which `scores` does not contain, or None.
    """
    if not top_scores.shape[-1]:
        return np.zeros(top_scores.shape)
    maximum = top_scores[..., :1]
    if extra_scores is not None:
        maximum = np.maximum(maximum, extra_scores.max(initial=-np.inf))
    total = sum_exp(scores, maximum=maximum)
    if extra_scores is not None:
        total += sum_exp(extra_scores, maximum=maximum)
    return np.asarray(_exp(top_scores, maximum).astype(np.float64) / total[..., None])


def sum_exp(scores: NDArray[np.float32], *, maximum: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the sum of exp(b * (score - maximum)) over the last axis, where b is `INVERSE_TEMPERATURE`.

    Args:
        scores: Shape (..., n).
        maximum: Shape (..., 1), for each row a number that no score of the row exceeds. Subtracting it avoids an
            overflow.

    Returns:
        The sums, float64[...].
    """
    count = scores.shape[-1]
    if count <= CHUNK:
        return np.asarray(np.add.reduce(_exp(scores, maximum), axis=-1), dtype=np.float64)
    buffer = np.empty((*scores.shape[:-1], CHUNK), dtype=np.float32)
    total = np.zeros(scores.shape[:-1])
    for start in range(0, count, CHUNK):
        chunk = scores[..., start : start + CHUNK]
        total += np.add.reduce(_exp(chunk, maximum, out=buffer[..., : chunk.shape[-1]]), axis=-1)
    return total


def _exp(
    scores: NDArray[np.float32], maximum: NDArray[np.float32], *, out: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """Return exp(b * (score - maximum)) for each score, where b is `INVERSE_TEMPERATURE`.

    Args:
        scores: Shape (..., n).
        maximum: Shape (..., 1), for each row a number that no score of the row exceeds. It prevents an overflow.
        out: An array of the shape of `scores` for the result. If it is None, a new array is made.
    """
    terms = np.subtract(scores, maximum, out=out)
    terms *= _INVERSE_TEMPERATURE
    return np.exp(terms, out=terms)
