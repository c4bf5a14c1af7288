"""Weights of common users, close interactions and popularity in the similarities of aws-sims, learnt from the data.

The best weights differ between data sets. Where users have distinct tastes, a strong discount of popular items finds
the items that are specific to the users of an item. Elsewhere popular items are right more often. Where users choose an
item because of the previous one, close interactions say more than common users do.

To learn the weights, the newest interactions of some users are held out. For each pair of weights, the neighbours of
the last item before them are ranked. The pair that ranks the held-out items highest is used. The held-out interactions
stay in the counts. Instead, the contribution of each user is subtracted from the counts of their own held-out items.
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
    """Weights in the similarity of two items.

    Attributes:
        exponent: Exponent of the popularity discount if popularity_discount_factor has its default value, 0.5.
        closeness: Weight of close interactions. A common user has the weight 1.
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
    """Return the weights that rank held-out items highest.

    The result is `USUAL` unless others are better by more than one standard error. If fewer than 30 users have held-out
    items, it is `WITHOUT_USERS`, with which only common users count.

    Args:
        pairs: The pairs of close interactions.
        counts: The counts of the same interactions.
    """
    held_out = HeldOutQueries.from_interactions(pairs.interactions, count=_affordable_users(counts), step=1)
    if len(np.unique(held_out.rows)) < FEWEST_QUERIES:
        return WITHOUT_USERS
    gains = np.array(list(_RankedPairs.from_queries(held_out, pairs, counts).gains()))
    best = int(gains.mean(axis=0).argmax())
    return CHOICES[best] if clearly_larger(gains[:, best], gains[:, CHOICES.index(USUAL)]) else USUAL


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _RankedPairs:
    """Evidence for all items with common users of each query, with which the choices of weights rank the targets.

    Attributes:
        evidence: float32[weights of closeness, n], the evidence with each weight of close interactions.
        discount: float32[exponents, n], the factor for each exponent.
        starts: int[queries + 1], where the entries of each query begin.
        targets: int64[m], the entries of the held-out items, ascending.
    """

    evidence: NDArray[np.float32]
    discount: NDArray[np.float32]
    starts: NDArray[np.integer]
    targets: NDArray[np.int64]

    @classmethod
    def from_queries(cls, held_out: HeldOutQueries, pairs: ClosePairs, counts: PairCounts) -> "_RankedPairs":
        """Compute the evidence without the contributions of held-out interactions to their own queries."""
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
        """Yield the mean gain of the targets of each query with targets, float64[choices].

        The gain is that of `HeldOutQueries.gains`.
        """
        bounds = self.targets.searchsorted(self.starts).tolist()
        for start, stop, first, last in zip(self.starts, self.starts[1:], bounds, bounds[1:], strict=False):
            if last > first:
                scores = self._scores(slice(start, stop))
                yield _mean_gains(*_contenders(scores, self.targets[first:last] - start))

    def _scores(self, entries: slice) -> NDArray[np.float32]:
        """Return the similarities of some entries, float32[choices, entries]."""
        scores = self.evidence[:, None, entries] * self.discount[None, :, entries]
        return scores.reshape(len(CHOICES), -1)


def _contenders(
    scores: NDArray[np.float32], targets: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the scores of the targets, and those of the items that can be among the best with some choice.

    Args:
        scores: float32[choices, n].
        targets: The columns of the targets.
    """
    own, count = scores[:, targets], scores.shape[1]
    if count > len(CORNERS) * CONTENDERS:
        extremes = scores[list(CORNERS)]
        best = np.argpartition(extremes, count - CONTENDERS, axis=1)[:, count - CONTENDERS :]
        scores = scores[:, np.unique(best)]
    return own, scores


def _mean_gains(own: NDArray[np.float32], scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the mean gain of some targets with each choice, float64[choices].

    Args:
        own: float32[choices, targets], the scores of the targets.
        scores: float32[choices, n], the scores of all items.
    """
    least = max(0, scores.shape[1] - PLACES)
    best = np.partition(scores, least, axis=1)[:, least:]
    ranks = (best[:, None, :] > own[:, :, None]).sum(axis=2)
    gains = np.where((own > 0) & (ranks < PLACES), 1 / np.log2(2 + ranks), 0)
    return np.asarray(gains.mean(axis=1))


def _affordable_users(counts: PairCounts) -> int:
    """Return the number of users to learn from. To save time, it is smaller if items share users with many items."""
    of_users = np.diff(counts.indicators.indptr)
    items = np.minimum(len(counts.users), counts.by_item @ of_users)  # that an item can share users with
    mean = np.average(items, weights=counts.users) if of_users.any() else 1
    return int(np.clip(CELLS / mean, FEWEST_USERS, MOST_USERS))


def _factors(users: NDArray[np.integer]) -> NDArray[np.float32]:
    return np.stack([discounts(users, factor=MIDDLE, exponent=exponent) for exponent in EXPONENTS])


def _entries(matrix: sparse.csr_matrix, rows: NDArray[np.integer], columns: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return where entries of a matrix with sorted column indices are stored. All of them must be stored."""
    width = matrix.shape[1]
    stored = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr)) * width + matrix.indices
    return np.asarray(stored.searchsorted(rows * width + columns))
