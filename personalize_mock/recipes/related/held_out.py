"""Interactions held out within a training, on which models of related items choose their parameters.

The newest interactions of some users are hidden from the model. A good model ranks them high among the items related to
the item before them. The evaluation asks the same, about interactions that the training never sees.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix

SHARE = 0.1  # of the interactions of a user, at least one
MIN_INTERACTIONS = 2  # a query and a target
PLACES = 25
ERRORS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeldOutQueries:
    """Queries, and the held-out items of the users who asked them.

    Attributes:
        train: The interactions without the held-out ones. User and item indices do not change.
        queries: int32[n], the newest item of each user in `train`.
        rows: int64[m], the row in `queries` to which each target belongs, ascending.
        targets: int32[m], the distinct held-out items, without the query itself.
    """

    train: InteractionMatrix
    queries: NDArray[np.int32]
    rows: NDArray[np.int64]
    targets: NDArray[np.int32]

    @classmethod
    def from_interactions(cls, interactions: InteractionMatrix, *, count: int) -> "HeldOutQueries":
        """Hold out the newest tenth of the interactions of at most `count` evenly spaced users.

        At most every second user takes part, so that the other interactions resemble all interactions.
        """
        lengths = interactions.lengths()
        users = np.flatnonzero(lengths >= MIN_INTERACTIONS)
        users = users[:: max(2, -(-len(users) // max(1, count)))]
        stops = interactions.indptr[users + 1]
        held = np.maximum(1, np.rint(SHARE * lengths[users]).astype(np.int64))
        queries = interactions.item[stops - held - 1]
        rows = np.repeat(np.arange(len(users)), held)
        places = np.repeat(stops - np.cumsum(held), held) + np.arange(len(rows))
        kept = np.ones(len(interactions), dtype=bool)
        kept[places] = False
        pairs = np.unique(np.stack((rows, interactions.item[places]), axis=1), axis=0)
        pairs = pairs[pairs[:, 1] != queries[pairs[:, 0]]]
        return cls(
            train=interactions.select(kept), queries=queries, rows=pairs[:, 0], targets=pairs[:, 1].astype(np.int32)
        )

    def gains(self, scores: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the mean discounted gain at 25 of the targets of each query, float64[n].

        Targets without a positive score gain nothing.

        Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques" (2002).

        Args:
            scores: Shape (n, items), the scores for each query.
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
    """Return whether the mean of `gains` is larger than that of `others` by more than a standard error.

    Both have shape (n,), one gain per query.
    """
    difference = gains - others
    return len(difference) > 1 and float(difference.mean()) > ERRORS * float(difference.std()) / sqrt(len(difference))
