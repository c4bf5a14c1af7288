"""Association rules: pairs of items of which one followed the other within a few steps of a user's history.

Kamehkhosh, Jannach, Ludewig: "A Comparison of Frequent Pattern Techniques and a Deep Learning Method for
Session-Based Recommendation" (2017), with a decay per step and a division by the follower's popularity.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

WINDOW = 10
STEP_DECAY = 0.9
POPULARITY_POWER = 0.35
MOST_FOLLOWERS = 200
NEWEST = 10
RECENCY_DECAY = 0.85


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AssociationRules:
    """Followers of each item, as the rows of a sparse square matrix.

    Attributes:
        indptr: int64[n_items + 1]; the followers of item i are `indptr[i]:indptr[i + 1]`.
        followers: int32[m], at most 200 for an item.
        strengths: float32[m].
        energies: float64[n_items], the sum of the squared strengths of each item's followers.
    """

    indptr: NDArray[np.int64]
    followers: NDArray[np.int32]
    strengths: NDArray[np.float32]
    energies: NDArray[np.float64]

    def follower_scores(
        self, newest: NDArray[np.int32], *, weight: float, count: int
    ) -> list[tuple[NDArray[np.int32], NDArray[np.float32]]]:
        """For each user, return the items that follow the newest items, with duplicates, and their scores.

        Args:
            newest: int32[n_users, length], items, newest first, padded with -1. Only the first ten count.
            weight: Root mean square, over all items, of a user's scores. It is exceeded if an item follows twice.
            count: Number of items.

        Returns:
            The items, int32[k], and the scores, float32[k], of each user.
        """
        user, follower, score = self._scores(newest, weight=weight, count=count)
        if len(newest) == 1:
            return [(follower, score)]
        bounds = np.searchsorted(user, np.arange(len(newest) + 1)).tolist()
        return [(follower[start:stop], score[start:stop]) for start, stop in pairwise(bounds)]

    def _scores(
        self, newest: NDArray[np.int32], *, weight: float, count: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
        """Return the user, the follower and the score of each rule that applies, sorted by user."""
        user, age = np.nonzero(newest[:, :NEWEST] >= 0)
        item = newest[user, age]
        decay = RECENCY_DECAY**age
        energy = np.bincount(user, decay**2 * self.energies[item], minlength=len(newest)) / max(1, count)
        scale = np.divide(weight, np.sqrt(energy), out=np.zeros(len(energy)), where=energy > 0)
        stop = self.indptr[item + 1]
        lengths = stop - self.indptr[item]
        leader = np.repeat(np.arange(len(item)), lengths)
        rule = np.arange(len(leader)) + (stop - np.cumsum(lengths))[leader]
        score = self.strengths[rule] * (decay * scale[user]).astype(np.float32)[leader]
        return user[leader], self.followers[rule], score


def mine_rules(
    item: NDArray[np.int32], user: NDArray[np.int32], *, count: int, weight: NDArray[np.float64] | None = None
) -> AssociationRules:
    """Count the followers within 10 steps, decayed by 0.9 per step, and divide by their popularity**0.35.

    Args:
        item: int32[n], the items of interactions sorted by user and time.
        user: int32[n], the users of these interactions.
        count: Number of items.
        weight: float64[n], the weight of each interaction as a follower. None if all weights are 1.
    """
    leader, follower, strength = _count_pairs(item, user, count=count, weight=weight)
    popularity = np.bincount(item, minlength=count)
    strength /= popularity[follower] ** POPULARITY_POWER
    kept = _strongest(leader, strength, count=count)
    leader, follower, strength = leader[kept], follower[kept], strength[kept]
    return AssociationRules(
        indptr=np.concatenate(([0], np.cumsum(np.bincount(leader, minlength=count)))).astype(np.int64),
        followers=follower.astype(np.int32),
        strengths=strength.astype(np.float32),
        energies=np.bincount(leader, strength**2, minlength=count).astype(np.float64),
    )


def _count_pairs(
    item: NDArray[np.int32], user: NDArray[np.int32], *, count: int, weight: NDArray[np.float64] | None
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
    """Return the distinct pairs of item and follower, ascending, and the sum of the decayed counts of each pair."""
    pairs = sparse.csr_matrix((count, count))
    for step in range(1, min(WINDOW, len(item)) + 1):
        same = user[:-step] == user[step:]
        value = np.full(np.count_nonzero(same), STEP_DECAY ** (step - 1))
        if weight is not None:
            value *= weight[step:][same]
        ends = (item[:-step][same], item[step:][same])
        pairs = pairs + sparse.csr_matrix((value, ends), shape=pairs.shape)
    pairs.sort_indices()
    return np.repeat(np.arange(count), np.diff(pairs.indptr)), pairs.indices, pairs.data


def _strongest(leader: NDArray[np.int64], strength: NDArray[np.float64], *, count: int) -> NDArray[np.bool_]:
    """Return the mask of the 200 strongest followers of each item. `leader` must be ascending."""
    kept = np.ones(len(leader), dtype=bool)
    lengths = np.bincount(leader, minlength=count)
    stops = np.cumsum(lengths)
    for item in np.flatnonzero(lengths > MOST_FOLLOWERS):
        start, stop = stops[item] - lengths[item], stops[item]
        weakest = np.argsort(-strength[start:stop], kind="stable")[MOST_FOLLOWERS:]
        kept[start + weakest] = False
    return kept
