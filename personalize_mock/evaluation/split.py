"""Split of interactions into training data and the held-out interactions of test users.

It follows the developer guide, "Evaluating an Amazon Personalize solution version with metrics" (2025), with two
additional rules: even small data has at least one test user, and a test user needs two interactions.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.data.newest_tenths import newest_tenths

TEST_USERS = 0.1
MIN_INTERACTIONS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Interactions to train on, and the held-out items of the test users.

    Attributes:
        train: All interactions except the held-out ones, with the same user and item indices as the full matrix.
        users: int32[m], ascending indices of the test users.
        relevant: For each test user, the distinct held-out items in ascending order.
        weights: For each test user, the weights of the items in `relevant`. The weight of an item is the largest weight
            of its held-out interactions. None if all interactions have the same weight.
    """

    train: InteractionMatrix
    users: NDArray[np.int32]
    relevant: list[NDArray[np.int32]]
    weights: list[NDArray[np.float64]] | None = None

    @classmethod
    def from_interactions(cls, interactions: InteractionMatrix, *, seed: int) -> "Split":
        """Hold out the newest 10 % of the interactions of randomly drawn test users.

        Test users are 10 % of the users with at least two interactions, but at least one user if there are any. Each
        test user has at least one held-out interaction, and at least one that remains in the training data. The same
        interactions and seed give the same split.
        """
        users = sample_test_users(np.flatnonzero(interactions.lengths() >= MIN_INTERACTIONS), seed=seed)
        starts, stops = newest_tenths(interactions.indptr, users)
        held_out = np.zeros(len(interactions), dtype=bool)
        relevant = []
        for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
            held_out[start:stop] = True
            relevant.append(np.unique(interactions.item[start:stop]))
        weights = None
        if interactions.weight is not None:
            spans = zip(starts.tolist(), stops.tolist(), relevant, strict=True)
            weights = [_largest_weights(interactions, slice(start, stop), items) for start, stop, items in spans]
        train = interactions.select(~held_out)
        return cls(train=train, users=users.astype(np.int32), relevant=relevant, weights=weights)

    def every(self, step: int) -> "Split":
        """Return a split with only every `step`-th test user, or with all test users if `step` is 0 or 1."""
        chosen = slice(None, None, max(1, step))
        weights = None if self.weights is None else self.weights[chosen]
        return replace(self, users=self.users[chosen], relevant=self.relevant[chosen], weights=weights)


def sample_test_users(users: NDArray[np.int64], *, seed: int) -> NDArray[np.int64]:
    """Draw 10 % of `users` at random and return them in ascending order. At least one is drawn, if there are any."""
    count = min(len(users), max(1, round(TEST_USERS * len(users))))
    return np.sort(np.random.default_rng(seed).choice(users, size=count, replace=False))


def _largest_weights(interactions: InteractionMatrix, span: slice, items: NDArray[np.int32]) -> NDArray[np.float64]:
    """For each item, return the largest weight of its interactions in `span`, float64[len(items)].

    Args:
        interactions: The interactions with their weights.
        span: Range of rows of `interactions`.
        items: Indices of the items in these rows, ascending.
    """
    assert interactions.weight is not None  # noqa: S101  checked by the caller
    weights = np.zeros(len(items))
    np.maximum.at(weights, np.searchsorted(items, interactions.item[span]), interactions.weight[span])
    return weights
