"""How much items gained from one interval to the next."""

from dataclasses import dataclass
from math import floor

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix

PRIOR = 5.0  # events: growth from nothing to one is noise, and must not beat growth from ten to twenty


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IntervalCounts:
    """Events per item in two intervals of the same length, one after the other.

    Attributes:
        before: int64[items], in the first interval.
        newest: int64[items], in the second one.
    """

    before: NDArray[np.int64]
    newest: NDArray[np.int64]

    def growth(self) -> NDArray[np.float64]:
        """The smoothed rate (newest - before) / (before + 5), float64[items]; negative where an item lost.

        The service publishes no formula: this one is ours.
        """
        return np.asarray((self.newest - self.before) / (self.before + PRIOR))


def count_per_interval(events: InteractionMatrix, *, end: float, length: float) -> IntervalCounts:
    """Count the events after `end - 2 * length` and up to `end`.

    Args:
        events: The events; those after `end` do not count.
        end: Epoch seconds; an event at this instant is inside, one that is exactly `length` older is in the first
            interval.
        length: Of one interval, in seconds.
    """
    edges = [floor(end - back * length) for back in (2, 1, 0)]  # whole seconds compare with whole seconds
    rows = np.flatnonzero((events.timestamp > edges[0]) & (events.timestamp <= edges[2]))
    newest = events.timestamp[rows] > edges[1]
    counts = [np.bincount(events.item[rows[mask]], minlength=len(events.items)) for mask in (~newest, newest)]
    return IntervalCounts(before=counts[0], newest=counts[1])
