"""Split of interactions into training and test data, by user.

Developer guide, "Evaluating an Amazon Personalize solution version with metrics" (2025). Two rules are ours: there is
at least one test user even in small data, and a test user needs two interactions.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix

TEST_USERS = 0.1
HELD_OUT = 0.1
MIN_INTERACTIONS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Interactions to train on, and the held-out interactions of the test users.

    Attributes:
        train: All interactions except the held-out ones, with the same user and item indices as the full matrix.
        users: int32[m], indices of the test users, ascending.
        relevant: The distinct held-out items of each test user, ascending.
        weights: The weights of these items for each test user. The weight of an item is the largest weight of its
            interactions. None if all interactions have the same weight.
    """

    train: InteractionMatrix
    users: NDArray[np.int32]
    relevant: list[NDArray[np.int32]]
    weights: list[NDArray[np.float64]] | None = None

    @classmethod
    def from_interactions(cls, interactions: InteractionMatrix, *, seed: int) -> "Split":
        """For 10 % of the users, hold out the newest 10 % of the interactions (at least one).

        Only users with at least two interactions can be test users, because one interaction must remain. If there are
        such users, at least one becomes a test user. The same interactions and seed give the same split.
        """
        lengths = interactions.lengths()
        users = sample_test_users(np.flatnonzero(lengths >= MIN_INTERACTIONS), seed=seed)
        stops = interactions.indptr[users + 1]
        starts = stops - held_out_counts(lengths[users])
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


def sample_test_users(users: NDArray[np.int64], *, seed: int) -> NDArray[np.int64]:
    """Draw 10 % of `users`, but at least one unless `users` is empty. Return them in ascending order."""
    count = min(len(users), max(1, round(TEST_USERS * len(users))))
    return np.sort(np.random.default_rng(seed).choice(users, size=count, replace=False))


def held_out_counts(lengths: NDArray[np.integer]) -> NDArray[np.int64]:
    """For each history length, return how many interactions are held out: 10 %, but at least one."""
    return np.asarray(np.maximum(1, np.rint(HELD_OUT * lengths).astype(np.int64)))


def _largest_weights(interactions: InteractionMatrix, span: slice, items: NDArray[np.int32]) -> NDArray[np.float64]:
    """For each item, return the largest weight of its interactions in the rows `span`. `items` must be ascending."""
    assert interactions.weight is not None  # noqa: S101  checked by the caller
    weights = np.zeros(len(items))
    np.maximum.at(weights, np.searchsorted(items, interactions.item[span]), interactions.weight[span])
    return weights
