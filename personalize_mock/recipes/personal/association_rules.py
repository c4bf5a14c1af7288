"""Association rules, which say how often users interact with one item soon after another.

The method is that of Kamehkhosh, Jannach, Ludewig, "A Comparison of Frequent Pattern Techniques and a Deep Learning
Method for Session-Based Recommendation" (2017), with two changes: pairs of items count less if they are further apart
in a history, and the counts are divided by a power of the second item's popularity.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.progress import tracked
from personalize_mock.recipes.numerics.top_k import are_largest
from personalize_mock.recipes.personal.item_pairs import pair_blocks, stacked

WINDOW = 10
POPULARITY_POWER = 0.35
MOST_FOLLOWERS = 200
NEWEST = 10
RECENCY_DECAY = 0.85
RULES_RMS = 0.4  # usual root mean square of the scores


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleKind:
    """Settings with which association rules are mined from histories and applied to a history.

    Attributes:
        window: The largest number of steps between two items that count as a pair. Neighbours are 1 step apart.
        recency_decay: When rules are applied to a history, the rules of each item are weighted by `recency_decay` ** a,
            where a is the number of newer items in the history.
        backward: Weight of pairs in reverse order. With 0, the rule from item A to item B only counts how often B
            follows A. With 1, it counts just as much how often B precedes A.
    """

    window: int = WINDOW
    recency_decay: float = RECENCY_DECAY
    backward: float = 0.0


USUAL_RULES = RuleKind()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AssociationRules:
    """Association rules between items, stored like the rows of a sparse matrix.

    A rule connects an item with a follower, which is an item that users interact with soon afterwards.

    Attributes:
        indptr: int64[n_items + 1]; the rules of item i are the entries `indptr[i]:indptr[i + 1]` of `followers` and
            `strengths`.
        followers: int32[m], the follower of each rule. An item has at most 200 followers.
        strengths: float32[m], the strength of each rule.
        energies: float64[n_items], the sum of the squared strengths of each item's rules.
        recency_decay: When rules are applied to a history, the rules of each item are weighted by `recency_decay` ** a,
            where a is the number of newer items in the history.
    """

    indptr: NDArray[np.int64]
    followers: NDArray[np.int32]
    strengths: NDArray[np.float32]
    energies: NDArray[np.float64]
    recency_decay: float = RECENCY_DECAY

    def follower_scores(
        self, newest: NDArray[np.int32], *, weight: float, count: int
    ) -> list[tuple[NDArray[np.int32], NDArray[np.float32]]]:
        """Return the items that usually follow each user's newest items, with scores.

        The score of a follower is the strength of an association rule, weighted by the recency of the user's item. An
        item that follows several of the newest items is returned several times. The caller must add its scores.

        Args:
            newest: int32[n_users, length], the items of each user, newest first, padded with -1. Only the first ten
                items of a user count.
            weight: The scores of each user are scaled so that their root mean square over all items is this number.
                Items that are not returned count as 0. If an item is returned several times, the scaling is
                approximate.
            count: Number of all items.

        Returns:
            For each user, the items that follow as int32[k] and their scores as float32[k].
        """
        if len(newest) == 1:
            return [self._follower_scores_of_one(newest[0, :NEWEST], weight=weight, count=count)]
        user, age = np.nonzero(newest[:, :NEWEST] >= 0)
        item = newest[user, age]
        decay = self.recency_decay**age
        energy = np.bincount(user, decay**2 * self.energies[item], minlength=len(newest)) / max(1, count)
        scale = np.divide(weight, np.sqrt(energy), out=np.zeros(len(energy)), where=energy > 0)
        start, stop = self.indptr[item], self.indptr[item + 1]
        followers, scores = self._rules_in(start, stop)
        scores *= (decay * scale[user]).astype(np.float32).repeat(stop - start)
        ends = np.bincount(user, stop - start, minlength=len(newest)).cumsum().astype(np.int64).tolist()
        return [(followers[start:stop], scores[start:stop]) for start, stop in pairwise((0, *ends))]

    def _rules_in(
        self, start: NDArray[np.int64], stop: NDArray[np.int64]
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return the followers and strengths of several ranges of rules, one after the other.

        Args:
            start: The first rule of each range.
            stop: The rule after the last one of each range.
        """
        lengths = stop - start
        rules = np.arange(lengths.sum()) + (stop - lengths.cumsum()).repeat(lengths)
        return self.followers[rules], self.strengths[rules]

    def _follower_scores_of_one(
        self, newest: NDArray[np.int32], *, weight: float, count: int
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Do the same as `follower_scores` for one user, in less time.

        Args:
            newest: int32[k], the user's newest items, newest first, padded with -1. All of them count.
            weight: The scores are scaled so that their root mean square over all items is this number.
            count: Number of all items.
        """
        age = (newest >= 0).nonzero()[0]
        items, decay = newest.take(age), self.recency_decay**age
        energy = float((decay**2 * self.energies.take(items)).cumsum()[-1]) / max(1, count) if len(items) else 0.0
        scale = weight / sqrt(energy) if energy > 0 else 0.0
        start, stop = self.indptr.take(items), self.indptr.take(items + 1)
        ranges = [slice(0), *map(slice, start.tolist(), stop.tolist())]
        scores = np.concatenate([self.strengths[rules] for rules in ranges])
        scores *= (decay * scale).astype(np.float32).repeat(stop - start)
        return np.concatenate([self.followers[rules] for rules in ranges]), scores


def mine_rules(
    item: NDArray[np.int32],
    user: NDArray[np.int32],
    *,
    count: int,
    weight: NDArray[np.float64] | None = None,
    kind: RuleKind = USUAL_RULES,
) -> AssociationRules:
    """Learn association rules from interactions.

    The strength of a rule is the number of times that the follower occurs soon after the item, divided by the
    follower's number of interactions to the power of 0.35. A follower that comes directly after the item counts 1, and
    each further step multiplies this by 0.9. Only the 200 strongest rules of each item are kept.

    Args:
        item: int32[n], the item of each interaction. Interactions are sorted by user, then by time.
        user: int32[n], the user of each interaction.
        count: Number of items.
        weight: float64[n], how much each interaction counts when it follows another. None if all interactions count 1.
        kind: Settings, such as the largest number of steps between an item and a follower.
    """
    blocks: Iterable[sparse.csr_matrix] = pair_blocks(item, user, count=count, window=kind.window, weight=weight)
    if kind.backward:
        pairs = stacked(blocks, count=count)
        blocks = [(pairs + kind.backward * pairs.T).tocsr()]
    discount = np.bincount(item, minlength=count).astype(np.float64) ** POPULARITY_POWER
    mined = tracked(blocks, title="mining association rules", unit="items", total=count, count=lambda b: b.shape[0])
    rules = stacked([_strongest(block, discount) for block in mined], count=count)
    leader = np.repeat(np.arange(count), np.diff(rules.indptr))
    return AssociationRules(
        indptr=rules.indptr.astype(np.int64),
        followers=rules.indices.astype(np.int32),
        strengths=rules.data.astype(np.float32),
        energies=np.bincount(leader, rules.data**2, minlength=count).astype(np.float64),
        recency_decay=kind.recency_decay,
    )


def rule_weights(newest: NDArray[np.int32], *, count: int, recency_decay: float) -> sparse.csr_matrix:
    """Return the weight of each item's association rules for each user, float64[n_users, count], sparse.

    The rules of a user's newest items apply to the user; all other entries are 0. If an item occurs several times among
    the newest ones, its weights are added.

    Args:
        newest: int32[n_users, length], the items of each user, newest first, padded with -1. Only the first ten items
            of a user count.
        count: Number of all items.
        recency_decay: The weight of an item is `recency_decay` ** a, where a is the number of newer items of the user.
    """
    user, age = np.nonzero(newest[:, :NEWEST] >= 0)
    return sparse.csr_matrix((recency_decay**age, (user, newest[user, age])), shape=(len(newest), count))


def _strongest(pairs: sparse.csr_matrix, discount: NDArray[np.float64]) -> sparse.csr_matrix:
    """Return the strengths of the strongest association rules, at most 200 for each item, float64[n, count].

    Args:
        pairs: float64[n, count], sparse, how often each follower (a column) occurs soon after each item (a row).
        discount: float64[count], the number by which each column of `pairs` is divided.
    """
    pairs.sort_indices()
    strength = pairs.data / discount[pairs.indices]
    kept = np.ones(len(strength), dtype=bool)
    lengths = np.diff(pairs.indptr)
    for row in np.flatnonzero(lengths > MOST_FOLLOWERS):
        start, stop = pairs.indptr[row], pairs.indptr[row + 1]
        kept[start:stop] = are_largest(strength[start:stop], k=MOST_FOLLOWERS)
    indptr = np.concatenate(([0], np.cumsum(np.minimum(lengths, MOST_FOLLOWERS))))
    return sparse.csr_matrix((strength[kept], pairs.indices[kept], indptr), shape=pairs.shape)
