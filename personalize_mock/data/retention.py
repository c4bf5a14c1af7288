"""Retention rule of filters, which decides for how long filters consider the interactions of a user.

If no interaction of a user arrives for three months, filters no longer consider the user's earlier interactions. The
time of arrival matters, not the timestamp of the interaction, so importing the same data again restores the
interactions.

The rule is documented for item interactions in the Amazon Personalize developer guide, "Filtering recommendations and
user segments" (2025). This mock takes three months as 90 days.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

RETENTION = 90 * 86_400.0  # seconds


@dataclass(slots=True)
class ArrivalRun:
    """A series of interactions of one user with at most 90 days between one arrival and the next.

    Attributes:
        position: Position at which the series begins: an offset in the `PutLog`, or the row number in the table of
            imported rows.
        first: Time of the first arrival, epoch seconds.
        last: Time of the last arrival, epoch seconds.
    """

    position: int
    first: float
    last: float


class ArrivalRuns:
    """Accumulator of the arrival times of the events that Put operations sent for one user.

    The attribute `runs` has one `ArrivalRun`, oldest first, for each series without a gap of more than 90 days.
    """

    def __init__(self) -> None:
        self.runs: list[ArrivalRun] = []

    def add(self, arrivals: Sequence[tuple[int, float]]) -> None:
        """Add new events, each as a pair (offset in the `PutLog`, arrival time in epoch seconds), oldest first."""
        for offset, at in arrivals:
            if self.runs and at - self.runs[-1].last <= RETENTION:
                self.runs[-1].last = at
            else:
                self.runs.append(ArrivalRun(offset, at, at))


def oldest_retained(runs: Iterable[ArrivalRun], now: float) -> float:
    """Return the arrival time of a user's oldest interaction that filters still consider, or infinity if there is none.

    Interactions that arrived before a gap of more than 90 days without arrivals are no longer considered.

    Args:
        runs: The arrivals of the user's interactions, in any order.
        now: The current time, epoch seconds.
    """
    oldest = inf
    for run in sorted(runs, key=attrgetter("last"), reverse=True):
        if min(oldest, now) - run.last > RETENTION:
            break
        oldest = min(oldest, run.first)
    return oldest


def retained_mask(users: NDArray[np.int32], arrivals: NDArray[np.float64], now: float) -> NDArray[np.bool_]:
    """Return a boolean mask of the interactions that filters still consider, bool[n].

    Interactions of a user that arrived before a gap of more than 90 days without arrivals are no longer considered.

    Args:
        users: int32[n], an integer that identifies the user of each interaction.
        arrivals: float64[n], arrival time of each interaction, epoch seconds.
        now: The current time, epoch seconds.
    """
    order = np.lexsort((-arrivals, users))  # by user, the newest first
    user, arrival = users[order], arrivals[order]
    is_first = np.append(True, user[1:] != user[:-1])[: len(user)]
    previous = np.where(is_first, now, np.roll(arrival, 1))
    gaps = np.cumsum(previous - arrival > RETENTION)
    first = np.flatnonzero(is_first)
    gaps_before = np.append(0, gaps)[first]  # number of gaps of all previous users
    retained = np.empty(len(users), dtype=np.bool_)
    retained[order] = gaps == np.repeat(gaps_before, np.diff(np.append(first, len(user))))
    return retained
