"""Held-out interactions, on which the recipes for related items choose the parameters of a model.

The newest interactions of some users are held out. A good model ranks the held-out items high among the items related
to the newest remaining item of the user. The evaluation of a solution version works in the same way, but holds out
other interactions.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.data.newest_tenths import newest_tenths

MIN_INTERACTIONS = 2  # a query and a target
PLACES = 25
ERRORS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeldOutQueries:
    """Queries for related items, and the held-out items (targets) that a good model ranks high for each query.

    The query of a user is the newest item that is not held out. The targets of the query are the user's held-out items.

    Attributes:
        interactions: All interactions.
        mask: bool[len(interactions)], True for the interactions that are held out.
        users: int64[n], the user index of each query, ascending.
        queries: int32[n], the item index of each query.
        rows: int64[m], for each target the index of its query in `queries`, ascending.
        targets: int32[m], the item indices of the targets, distinct for each query and without the query itself.
    """

    interactions: InteractionMatrix
    mask: NDArray[np.bool_]
    users: NDArray[np.int64]
    queries: NDArray[np.int32]
    rows: NDArray[np.int64]
    targets: NDArray[np.int32]

    @classmethod
    def from_interactions(cls, interactions: InteractionMatrix, *, count: int, step: int) -> "HeldOutQueries":
        """Choose some users, and hold out the newest tenth of each user's interactions, but at least one interaction.

        Only users with at least two interactions can be chosen. The chosen ones are evenly spaced by user index.

        Args:
            interactions: The interactions to split.
            count: The largest number of users to choose.
            step: The smallest step from one chosen user to the next. With a step of 2, at most every second user is
                chosen, so the remaining interactions resemble the complete data.
        """
        users = np.flatnonzero(interactions.lengths() >= MIN_INTERACTIONS)
        users = users[:: max(step, -(-len(users) // max(1, count)))]
        starts, stops = newest_tenths(interactions.indptr, users)
        held = stops - starts
        queries = interactions.item[starts - 1]
        rows = np.repeat(np.arange(len(users)), held)
        places = np.repeat(stops - np.cumsum(held), held) + np.arange(len(rows))
        mask = np.zeros(len(interactions), dtype=bool)
        mask[places] = True
        pairs = np.unique(np.stack((rows, interactions.item[places]), axis=1), axis=0)
        pairs = pairs[pairs[:, 1] != queries[pairs[:, 0]]]
        return cls(
            interactions=interactions,
            mask=mask,
            users=users,
            queries=queries,
            rows=pairs[:, 0],
            targets=pairs[:, 1].astype(np.int32),
        )

    def train(self) -> InteractionMatrix:
        """Return the interactions without the held-out ones. User and item indices do not change."""
        return self.interactions.select(~self.mask)

    def are_new(self) -> NDArray[np.bool_]:
        """For each held-out item in `targets`, return whether all of the user's interactions with it are held out.

        The result is bool[m]. The user of an item is the user of its query.
        """
        interactions, count = self.interactions, len(self.interactions.items)
        is_query_user = np.zeros(len(interactions.users), dtype=bool)
        is_query_user[self.users] = True
        earlier = is_query_user[interactions.user] & ~self.mask
        seen = interactions.user[earlier].astype(np.int64) * count + interactions.item[earlier]
        return ~np.isin(self.users[self.rows] * count + self.targets, seen)

    def gains(self, scores: NDArray[np.floating]) -> NDArray[np.float64]:
        """Measure how highly the given scores rank the held-out items (targets) of each query, float64[n].

        A target at rank r, up to 25, gains 1 / log2(1 + r). Targets at lower ranks and targets without a positive score
        gain 0. The result is the mean gain of the targets of each query. See Järvelin and Kekäläinen, "Cumulated
        Gain-Based Evaluation of IR Techniques" (2002).

        Args:
            scores: Shape (n, items), the scores of all items for each query.
        """
        own = scores[self.rows, self.targets]
        least = max(0, scores.shape[1] - PLACES)
        best = np.partition(scores, least, axis=1)[:, least:]
        ranks = (best[self.rows] > own[:, None]).sum(axis=1)
        gains = np.where((own > 0) & (ranks < PLACES), 1 / np.log2(2 + ranks), 0)
        count = len(self.queries)
        targets = np.bincount(self.rows, minlength=count)
        return np.bincount(self.rows, gains, minlength=count) / np.maximum(1, targets)


def clearly_larger(gains: NDArray[np.float64], others: NDArray[np.float64]) -> bool:
    """Return whether the mean of `gains` exceeds the mean of `others` by more than one standard error.

    The standard error is that of the mean difference between `gains` and `others`.

    Args:
        gains: float64[n], the gain of each query with one choice of model parameters; see `HeldOutQueries.gains`.
        others: float64[n], the gains of the same queries with another choice.
    """
    difference = gains - others
    return len(difference) > 1 and float(difference.mean()) > ERRORS * float(difference.std()) / sqrt(len(difference))
