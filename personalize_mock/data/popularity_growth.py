"""Growth of the popularity of items, estimated from their interactions in consecutive time intervals."""

from math import floor

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from personalize_mock.data.interaction_matrix import InteractionMatrix

INTERVALS = 12
# Each interval counts less than the next one by these factors. The test whether an item grows needs many intervals. The
# rate of growth changes soon, so it is estimated from fewer.
DECAY_OF_CHANCE = 0.65
DECAY_OF_GROWTH = 0.5
PRIOR_COUNT = 2.0  # added to the mean count of an item before its variance is estimated
NOISE = 4.0  # squared standard errors at which an estimate is halved


def count_per_interval(
    interactions: InteractionMatrix, *, end: float, length: float, intervals: int = 2
) -> NDArray[np.int64]:
    """Count the interactions of each item in consecutive intervals of the same length.

    Args:
        interactions: The interactions to count.
        end: End of the last interval, epoch seconds. An interval includes its end but not its start.
        length: Length of one interval, in seconds.
        intervals: Number of intervals.

    Returns:
        int64[intervals, n_items], oldest interval first.
    """
    edges = [floor(end - back * length) for back in range(intervals, -1, -1)]  # timestamps are whole seconds
    inside = (interactions.timestamp > edges[0]) & (interactions.timestamp <= edges[-1])
    interval = np.searchsorted(edges, interactions.timestamp[inside]) - 1
    items = len(interactions.items)
    counts = np.bincount(interval * items + interactions.item[inside], minlength=intervals * items)
    return counts.reshape(intervals, items)


def complete_intervals(interactions: InteractionMatrix, *, end: float, length: float) -> int:
    """Return the number of complete intervals between the first interaction and `end`, at least 2 and at most 12.

    Args:
        interactions: The interactions, whose timestamps determine the first interval.
        end: End of the last interval, epoch seconds.
        length: Length of one interval, in seconds.
    """
    first = int(interactions.timestamp.min(initial=floor(end)))
    return int(np.clip((end - first) // length, 2, INTERVALS))


def growth(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the increase in the interactions of each item from the last but one interval to the last.

    The result is float64[n_items]. It is negative for items with fewer interactions than before.

    Args:
        counts: int64[intervals, n_items], number of interactions, oldest interval first.
    """
    return np.asarray(counts[-1] - counts[-2], dtype=np.float64)


def estimated_growth(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Estimate how fast the popularity of each item grows, in interactions per interval, float64[n_items].

    The result is negative for items whose popularity declines. For popular items, the plain difference between two
    intervals is mostly chance. The estimate is therefore the slope of a line through the counts since the item's first
    interaction. The line is fitted by least squares, in which newer intervals have larger weights. The slope is then
    multiplied by z / (z + 4), where z is the square of (slope / its standard error), so that a slope that may be chance
    is reduced towards 0. AWS does not publish the formula of the service; this one is specific to the mock.

    Args:
        counts: int64[intervals, n_items], number of interactions, oldest interval first. At least two intervals.
    """
    slope, variance = _slopes(counts, decay=DECAY_OF_GROWTH)
    return np.asarray(slope**3 / (slope**2 + NOISE * variance))


def chance_of_growth(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return for each item the probability of growing as fast, or faster, by chance alone, float64[n_items].

    The probability is 0.5 for equal counts, and close to 0 for a steep and steady rise. It follows from a slope and its
    standard error, under the normal distribution. The slope is that of a line fitted as in `estimated_growth`, but with
    larger weights for older intervals.

    Args:
        counts: int64[intervals, n_items], number of interactions, oldest interval first. At least two intervals.
    """
    slope, variance = _slopes(counts, decay=DECAY_OF_CHANCE)
    return np.asarray(ndtr(-slope / np.sqrt(variance)))


def _slopes(counts: NDArray[np.int64], *, decay: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit a line to the counts of each item by weighted least squares; see `estimated_growth`.

    Args:
        counts: int64[intervals, n_items], number of interactions, oldest interval first. At least two intervals.
        decay: The weight of an interval divided by the weight of the next, newer interval.

    Returns:
        The slopes and the squares of their standard errors, each float64[n_items].
    """
    time = np.arange(1.0 - len(counts), 1.0)[:, None]
    first = np.minimum((counts > 0).argmax(axis=0), len(counts) - 2)
    weight = np.where(np.arange(len(counts))[:, None] < first, 0.0, decay**-time)
    weight /= weight.sum(axis=0)
    kernel = weight * (time - (weight * time).sum(axis=0))
    kernel /= (kernel * time).sum(axis=0)
    slope = np.round((kernel * counts).sum(axis=0), 9)  # without rounding, equal counts have a slope of about 1e-17
    variance = (kernel**2).sum(axis=0) * ((weight * counts).sum(axis=0) + PRIOR_COUNT)  # of Poisson counts
    return slope, variance
