"""How long filters remember a user's interactions: as long as no three months pass without any that comes in.

The guide has it of item interactions alone. What is forgotten is known again once it is imported again. What counts is
when interactions came, not when they happened. That three months are 90 days is ours.
"""

from collections.abc import Iterable
from math import inf

import numpy as np
from numpy.typing import NDArray

MEMORY = 90 * 86_400.0  # seconds


def since(arrivals: Iterable[float], now: float) -> float:
    """The arrival of the oldest interactions of a user that are remembered; infinite if none are.

    Args:
        arrivals: when interactions of the user came, epoch seconds.
        now: the instant, epoch seconds.
    """
    oldest, last = inf, now
    for arrival in sorted(arrivals, reverse=True):
        if last - arrival > MEMORY:
            break
        oldest = last = arrival
    return oldest


def remembered(users: NDArray[np.int32], arrivals: NDArray[np.float64], now: float) -> NDArray[np.bool_]:
    """Which interactions of many users are remembered.

    Args:
        users: int32[n], who, as codes.
        arrivals: float64[n], when each came, epoch seconds.
        now: the instant, epoch seconds.
    """
    order = np.lexsort((-arrivals, users))  # by user, the newest first
    user, arrival = users[order], arrivals[order]
    begins = np.append(True, user[1:] != user[:-1])[: len(user)]
    before = np.where(begins, now, np.roll(arrival, 1))
    gaps = np.cumsum(before - arrival > MEMORY)
    first = np.flatnonzero(begins)
    outside = np.append(0, gaps)[first]  # gaps of the users before
    known = np.empty(len(users), dtype=np.bool_)
    known[order] = gaps == np.repeat(outside, np.diff(np.append(first, len(user))))
    return known
