"""Retention of interactions for filters: a user's interactions are kept until no data arrives for three months.

Arrival counts, not the timestamp of the interaction. Importing the data again restores it.

Developer guide, "Filtering recommendations and user segments" (2025), which covers only item interactions. Counting
three months as 90 days is ours.
"""

from collections.abc import Iterable
from math import inf

import numpy as np
from numpy.typing import NDArray

RETENTION = 90 * 86_400.0  # seconds


def oldest_retained(arrivals: Iterable[float], now: float) -> float:
    """Return the arrival of a user's oldest retained interactions, or infinity if no interactions are retained.

    Args:
        arrivals: Arrivals of the user's interactions, epoch seconds, in any order.
        now: The current time, epoch seconds.
    """
    oldest, last = inf, now
    for arrival in sorted(arrivals, reverse=True):
        if last - arrival > RETENTION:
            break
        oldest = last = arrival
    return oldest


def retained_mask(users: NDArray[np.int32], arrivals: NDArray[np.float64], now: float) -> NDArray[np.bool_]:
    """Return the mask of the retained interactions, bool[n].

    Args:
        users: int32[n], the user of each interaction, as any number that identifies the user.
        arrivals: float64[n], arrival of each interaction, epoch seconds.
        now: The current time, epoch seconds.
    """
    order = np.lexsort((-arrivals, users))  # by user, the newest first
    user, arrival = users[order], arrivals[order]
    is_first = np.append(True, user[1:] != user[:-1])[: len(user)]
    previous = np.where(is_first, now, np.roll(arrival, 1))
    gaps = np.cumsum(previous - arrival > RETENTION)
    first = np.flatnonzero(is_first)
    gaps_before = np.append(0, gaps)[first]  # gaps of the users before
    retained = np.empty(len(users), dtype=np.bool_)
    retained[order] = gaps == np.repeat(gaps_before, np.diff(np.append(first, len(user))))
    return retained
