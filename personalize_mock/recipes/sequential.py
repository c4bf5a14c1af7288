"""Sequential rules: which items followed which, within a few steps of one user's history.

Kamehkhosh, Jannach, Ludewig: "A Comparison of Frequent Pattern Techniques and a Deep Learning Method for
Session-Based Recommendation" (2017), with a decay per step and a division by the follower's popularity.
"""

from dataclasses import dataclass

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
class Rules:
    """For each item its followers, as the rows of a sparse square matrix.

    Attributes:
        indptr: int64[items + 1]; the followers of item i are `indptr[i]:indptr[i + 1]`.
        followers: int32[m], at most 200 an item.
        strengths: float32[m].
    """

    indptr: NDArray[np.int64]
    followers: NDArray[np.int32]
    strengths: NDArray[np.float32]

    def scores(self, newest: NDArray[np.int32]) -> NDArray[np.float32]:
        """How strongly each item follows the newest items of some users, in standard deviations.

        Args:
            newest: int32[users, length], items, newest first, padded with -1; ten of them count.

        Returns:
            float32[users, items]: each row is scaled to a standard deviation of 1 over all items (0 without any
            rule), not centred: a constant changes no ranking.
        """
        count = len(self.indptr) - 1
        place, strength, user = self._fired(newest[:, :NEWEST], count=count)
        totals = np.zeros(len(newest) * count, dtype=np.float32)
        np.add.at(totals, place, strength)
        # The sum over distinct places of total**2 is the sum over all firings of strength * total.
        square = np.bincount(user, strength * totals[place], minlength=len(newest)) / max(1, count)
        mean = np.bincount(user, strength, minlength=len(newest)) / max(1, count)
        deviation = np.sqrt(np.maximum(square - mean**2, 0))
        scale = np.divide(1, deviation, out=np.zeros(len(newest)), where=deviation > 0)
        scaled = totals.reshape(len(newest), count)
        scaled *= scale.astype(np.float32)[:, None]
        return scaled

    def _fired(
        self, newest: NDArray[np.int32], *, count: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.int64]]:
        """Every rule that a history fires: its place in [users, items] laid flat, its strength, its user."""
        user, rank = np.nonzero(newest >= 0)
        item = newest[user, rank]
        lengths = self.indptr[item + 1] - self.indptr[item]
        shift = self.indptr[item] - np.cumsum(lengths) + lengths
        rule = np.arange(lengths.sum()) + np.repeat(shift, lengths)
        decay = np.repeat((RECENCY_DECAY**rank).astype(np.float32), lengths)
        user = np.repeat(user, lengths)
        return user * count + self.followers[rule], self.strengths[rule] * decay, user


def rules_from(item: NDArray[np.int32], user: NDArray[np.int32], *, count: int) -> Rules:
    """Count the followers within a window of 10 steps, decayed by 0.9 a step, over popularity**0.35.

    Args:
        item: int32[n], the items of events sorted by user and time.
        user: int32[n], the users of these events.
        count: How many items there are.
    """
    leader, follower, strength = _counted(item, user, count=count)
    popularity = np.bincount(item, minlength=count)
    strength /= popularity[follower] ** POPULARITY_POWER
    kept = _strongest(leader, strength, count=count)
    leader, follower, strength = leader[kept], follower[kept], strength[kept]
    return Rules(
        indptr=np.concatenate(([0], np.cumsum(np.bincount(leader, minlength=count)))).astype(np.int64),
        followers=follower.astype(np.int32),
        strengths=strength.astype(np.float32),
    )


def _counted(
    item: NDArray[np.int32], user: NDArray[np.int32], *, count: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
    """Pairs of item and follower, each once, ascending, with the sum of their decayed occurrences."""
    pairs = sparse.csr_matrix((count, count))
    for step in range(1, min(WINDOW, len(item)) + 1):
        same = user[:-step] == user[step:]
        value = np.full(np.count_nonzero(same), STEP_DECAY ** (step - 1))
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
