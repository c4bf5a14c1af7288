"""Growth of items' popularity from one interval to the next."""

from dataclasses import dataclass
from math import floor

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix

PRIOR = 5.0  # interactions; without it, growth from none to one would beat growth from ten to twenty


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IntervalCounts:
    """Interactions per item in two consecutive intervals of the same length.

    Attributes:
        before: int64[n_items], counts in the first interval.
        newest: int64[n_items], counts in the second interval.
    """

    before: NDArray[np.int64]
    newest: NDArray[np.int64]

    def growth(self) -> NDArray[np.float64]:
        """Return (newest - before) / (before + 5), float64[n_items]; negative where an item lost.

        Ours: the service publishes no formula.
        """
        return np.asarray((self.newest - self.before) / (self.before + PRIOR))


def count_per_interval(interactions: InteractionMatrix, *, end: float, length: float) -> IntervalCounts:
    """Count the interactions after `end - 2 * length` and up to `end`.

    Args:
        interactions: The interactions.
        end: End of the second interval, epoch seconds. The end belongs to an interval, its start does not.
        length: Length of one interval, in seconds.
    """
    edges = [floor(end - back * length) for back in (2, 1, 0)]  # timestamps are whole seconds
    inside = np.flatnonzero((interactions.timestamp > edges[0]) & (interactions.timestamp <= edges[2]))
    newest = interactions.timestamp[inside] > edges[1]
    counts = [
        np.bincount(interactions.item[inside[mask]], minlength=len(interactions.items)) for mask in (~newest, newest)
    ]
    return IntervalCounts(before=counts[0], newest=counts[1])
