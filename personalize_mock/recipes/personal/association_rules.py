"""Sequential rules: which items followed which, within a few steps of one user's history.

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
FOLLOWERS = 200
NEWEST = 10
RECENCY_DECAY = 0.85


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AssociationRules:
    """For each item its followers, as the rows of a sparse square matrix.

    Attributes:
        indptr: int64[items + 1]; the followers of item i are `indptr[i]:indptr[i + 1]`.
        followers: int32[m], at most 200 an item.
        strengths: float32[m].
        energies: float64[items], the sum of the squared strengths of each item's followers.
    """

    indptr: NDArray[np.int64]
    followers: NDArray[np.int32]
    strengths: NDArray[np.float32]
    energies: NDArray[np.float64]

    def add_to(self, relevance: NDArray[np.float32], *, newest: NDArray[np.int32], weight: float) -> None:
        """Add to each item how strongly it follows the newest items of some users.

        Args:
            relevance: float32[users, items], contiguous; changed in place.
            newest: int32[users, length], items, newest first, padded with -1; ten of them count.
            weight: The root mean square over all items of what is added to a user's relevance, were no two
                rules to agree. Where they do it is more.
        """
        count = relevance.shape[1]
        user, follower, strength = self._fired(newest, weight=weight, count=count)
        np.add.at(relevance.reshape(-1), follower + user * count, strength)

    def fired(
        self, newest: NDArray[np.int32], *, weight: float, count: int
    ) -> list[tuple[NDArray[np.int32], NDArray[np.float32]]]:
        """What `add_to` would add for each user: items, perhaps more than once, and what each gets.

        Args:
            newest: As for `add_to`.
            weight: As for `add_to`.
            count: How many items there are.
        """
        user, follower, strength = self._fired(newest, weight=weight, count=count)
        if len(newest) == 1:
            return [(follower, strength)]
        bounds = np.searchsorted(user, np.arange(len(newest) + 1)).tolist()
        return [(follower[start:stop], strength[start:stop]) for start, stop in pairwise(bounds)]

    def _fired(
        self, newest: NDArray[np.int32], *, weight: float, count: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
        """The rules that hold: user, follower and weighted strength of each."""
        user, rank = np.nonzero(newest[:, :NEWEST] >= 0)
        item = newest[user, rank]
        decay = RECENCY_DECAY**rank
        energy = np.bincount(user, decay**2 * self.energies[item], minlength=len(newest)) / max(1, count)
        scale = np.divide(weight, np.sqrt(energy), out=np.zeros(len(energy)), where=energy > 0)
        stop = self.indptr[item + 1]
        lengths = stop - self.indptr[item]
        fired = np.repeat(np.arange(len(item)), lengths)
        rule = np.arange(len(fired)) + (stop - np.cumsum(lengths))[fired]
        strength = self.strengths[rule] * (decay * scale[user]).astype(np.float32)[fired]
        return user[fired], self.followers[rule], strength


def mine_rules(
    item: NDArray[np.int32], user: NDArray[np.int32], *, count: int, weight: NDArray[np.float64] | None = None
) -> AssociationRules:
    """Count the followers within a window of 10 steps, decayed by 0.9 a step, over popularity**0.35.

    Args:
        item: int32[n], the items of events sorted by user and time.
        user: int32[n], the users of these events.
        count: How many items there are.
        weight: float64[n], what an event counts as a follower; None if all count 1.
    """
    leader, follower, strength = _counted(item, user, count=count, weight=weight)
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


def _counted(
    item: NDArray[np.int32], user: NDArray[np.int32], *, count: int, weight: NDArray[np.float64] | None
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
    """Pairs of item and follower, each once, ascending, with the sum of their decayed occurrences."""
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


def _strongest(item: NDArray[np.int64], strength: NDArray[np.float64], *, count: int) -> NDArray[np.bool_]:
    """A mask that keeps the 200 strongest followers of each item; `item` ascends."""
    kept = np.ones(len(item), dtype=bool)
    lengths = np.bincount(item, minlength=count)
    stops = np.cumsum(lengths)
    for row in np.flatnonzero(lengths > FOLLOWERS):
        start, stop = stops[row] - lengths[row], stops[row]
        weakest = np.argsort(-strength[start:stop], kind="stable")[FOLLOWERS:]
        kept[start + weakest] = False
    return kept
