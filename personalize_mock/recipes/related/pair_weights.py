"""Weights of interactions and popularity in the similarities of aws-sims, learnt from the data.

Two items are similar if they have common users, who interacted with both, and close interactions, which are
interactions of a user with both that are at most 10 positions apart in the user's history. Popular items are
discounted. The best weights differ between data sets. Where users have distinct tastes, a strong discount of popular
items finds the items that are specific to the users of an item. Elsewhere popular items are better recommendations.
Where users choose an item because of the previous one, close interactions say more than common users do.

To learn the weights, the newest interactions of some users are held out. Each choice of weights ranks the items related
to the newest item of each user that is not held out. The choice that ranks the held-out items highest is used. The
held-out interactions stay in the counts. Instead, the contribution of a user's held-out interactions is subtracted when
the items are ranked for this user.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.recipes.related.close_pairs import ClosePairs
from personalize_mock.recipes.related.held_out import PLACES, HeldOutQueries, clearly_larger
from personalize_mock.recipes.related.pair_counts import PairCounts
from personalize_mock.recipes.related.popularity_discount import MIDDLE, discounts

MOST_USERS = 2000
FEWEST_USERS = 100
FEWEST_QUERIES = 30
CELLS = 400_000  # counts of the queries, unless FEWEST_USERS have more
CONTENDERS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class PairWeights:
    """Weights of popularity and of close interactions in the similarity of two items.

    Attributes:
        exponent: Exponent of the popularity discount if popularity_discount_factor has its default value, 0.5.
        closeness: Weight of close interactions, in which a user interacted with both items shortly after each other. A
            user who interacted with both items at any time has the weight 1.
    """

    exponent: float
    closeness: float


CLOSENESS = (0.0, 1.0, 3.0, 10.0, 30.0)
EXPONENTS = (0.02, 0.25, 0.5, 0.7, 0.85)
CHOICES = tuple(PairWeights(exponent=power, closeness=weight) for weight, power in product(CLOSENESS, EXPONENTS))
CORNERS = (0, len(EXPONENTS) - 1, -len(EXPONENTS), -1)  # the choices with the smallest and largest values
USUAL = PairWeights(exponent=0.25, closeness=10.0)  # unless others are clearly better
WITHOUT_USERS = PairWeights(exponent=0.7, closeness=0.0)  # if there are too few users to learn from


def learn_weights(pairs: ClosePairs, counts: PairCounts) -> PairWeights:
    """Learn the weights of popularity and close interactions with which users' held-out items rank highest.

    The newest interactions of some users are held out. The items related to each user's newest remaining item are
    ranked by similarity.

    The result is the default, `USUAL`, unless other weights are better by more than one standard error. If fewer than
    30 users have held-out items, the result is `WITHOUT_USERS`, which ignores close interactions.

    Args:
        pairs: The pairs of interactions that are close in a user's history.
        counts: The matrices built from these pairs.
    """
    held_out = HeldOutQueries.from_interactions(pairs.interactions, count=_affordable_users(counts), step=1)
    if len(np.unique(held_out.rows)) < FEWEST_QUERIES:
        return WITHOUT_USERS
    gains = np.array(list(_RankedPairs.from_queries(held_out, pairs, counts).gains()))
    best = int(gains.mean(axis=0).argmax())
    return CHOICES[best] if clearly_larger(gains[:, best], gains[:, CHOICES.index(USUAL)]) else USUAL


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _RankedPairs:
    """Evidence from which the similarities of query items to other items are computed for each choice of weights.

    An entry belongs to a query and to an item with at least one user in common. A choice of weights combines a weight
    of close interactions (`CLOSENESS`) with an exponent of the popularity discount (`EXPONENTS`).

    Attributes:
        evidence: float32[weights of close interactions, n], the evidence of each entry with each of these weights.
        discount: float32[exponents, n], the popularity discount of each entry's item with each exponent.
        starts: int[queries + 1], the position of the first entry of each query, followed by n.
        targets: int64[m], the positions of the entries whose item is a held-out item of the query's user, ascending.
    """

    evidence: NDArray[np.float32]
    discount: NDArray[np.float32]
    starts: NDArray[np.integer]
    targets: NDArray[np.int64]

    @classmethod
    def from_queries(cls, held_out: HeldOutQueries, pairs: ClosePairs, counts: PairCounts) -> "_RankedPairs":
        """Compute, for each query item, the evidence that it is similar to the items with which it has users in common.

        The held-out interactions of a user do not count in the evidence for the query of this user.
        """
        queries, rows, items = held_out.queries, held_out.rows, held_out.targets
        common = counts.common_users(queries)
        evidence = np.stack([counts.evidence(common, queries, closeness=weight).data for weight in CLOSENESS])
        discount = _factors(counts.users)[:, common.indices]
        targets, new = _entries(common, rows, items), held_out.are_new()
        others = common.data[targets] - new
        own = np.asarray(pairs.of_held_out(held_out)[rows, items]).ravel()
        evidence[:, targets] -= new + np.outer(CLOSENESS, own)
        evidence[:, targets[others <= 0]] = 0  # not only almost
        evidence[:, _entries(common, np.arange(len(queries)), queries)] = 0
        discount[:, targets[new]] = _factors(counts.users - 1)[:, items[new]]
        return cls(evidence=evidence, discount=discount, starts=common.indptr, targets=targets)

    def gains(self) -> Iterator[NDArray[np.float64]]:
        """Yield how highly each choice of weights ranks the held-out items of a query, float64[choices].

        There is one array for each query with held-out items. Its values are mean gains, which are larger for higher
        ranks; see `HeldOutQueries.gains`.
        """
        bounds = self.targets.searchsorted(self.starts).tolist()
        for start, stop, first, last in zip(self.starts, self.starts[1:], bounds, bounds[1:], strict=False):
            if last > first:
                scores = self._scores(slice(start, stop))
                yield _mean_gains(*_contenders(scores, self.targets[first:last] - start))

    def _scores(self, entries: slice) -> NDArray[np.float32]:
        """Return the similarities in a range of entries for each choice of weights, float32[choices, entries].

        An entry is a pair of a query item and another item.
        """
        scores = self.evidence[:, None, entries] * self.discount[None, :, entries]
        return scores.reshape(len(CHOICES), -1)


def _contenders(
    scores: NDArray[np.float32], targets: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the scores of held-out items, and the scores of the items that rank high with some choice of weights.

    To save time, the second array contains only the 64 best items of each of the four most extreme choices, unless
    there are few items.

    Args:
        scores: float32[choices, n], the scores of n items for a query, with each choice of weights.
        targets: int64[m], the columns of the held-out items.
    """
    own, count = scores[:, targets], scores.shape[1]
    if count > len(CORNERS) * CONTENDERS:
        extremes = scores[list(CORNERS)]
        best = np.argpartition(extremes, count - CONTENDERS, axis=1)[:, count - CONTENDERS :]
        scores = scores[:, np.unique(best)]
    return own, scores


def _mean_gains(own: NDArray[np.float32], scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the mean gain of the held-out items of a query for each choice of weights, float64[choices].

    A held-out item at rank r, up to 25, gains 1 / log2(1 + r) if its score is positive, and otherwise 0.

    Args:
        own: float32[choices, m], the scores of the held-out items.
        scores: float32[choices, n], the scores of all items that can be ranked high.
    """
    least = max(0, scores.shape[1] - PLACES)
    best = np.partition(scores, least, axis=1)[:, least:]
    ranks = (best[:, None, :] > own[:, :, None]).sum(axis=2)
    gains = np.where((own > 0) & (ranks < PLACES), 1 / np.log2(2 + ranks), 0)
    return np.asarray(gains.mean(axis=1))


def _affordable_users(counts: PairCounts) -> int:
    """Return the largest number of users whose interactions are held out to learn the weights.

    To save time, it is smaller if items have users in common with many other items.
    """
    of_users = np.diff(counts.indicators.indptr)
    items = np.minimum(len(counts.users), counts.by_item @ of_users)  # that an item can share users with
    mean = np.average(items, weights=counts.users) if of_users.any() else 1
    return int(np.clip(CELLS / mean, FEWEST_USERS, MOST_USERS))


def _factors(users: NDArray[np.integer]) -> NDArray[np.float32]:
    return np.stack([discounts(users, factor=MIDDLE, exponent=exponent) for exponent in EXPONENTS])


def _entries(matrix: sparse.csr_matrix, rows: NDArray[np.integer], columns: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the positions in `matrix.data` of the entries at the given rows and columns.

    All of these entries must be stored, and the column indices of each row must be sorted.
    """
    width = matrix.shape[1]
    stored = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr)) * width + matrix.indices
    return np.asarray(stored.searchsorted(rows * width + columns))
