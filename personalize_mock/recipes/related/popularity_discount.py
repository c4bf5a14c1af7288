"""Discount of popular items among the neighbours of an item, with a strength that is learnt from the data.

The similarity of two items is their number of common users, divided by a power of the recommended item's number of
users. The best exponent differs between data sets. Where users have distinct tastes, a large exponent finds the items
that are specific to the users of an item. Elsewhere a small exponent, which favours popular items, is right more often.
So the newest interactions of some users are held out. For each exponent, the neighbours of the last item before them
are ranked. The exponent that ranks the held-out items highest is used.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.interaction_matrix import InteractionMatrix

PRIOR_USERS = 10.0  # lowers the similarity of items with few users
USUAL = 0.7  # exponent at the default factor, unless another one has a gain that is larger by the factor MARGIN
EXPONENTS = (0.02, 0.25, 0.5, USUAL, 0.85)
MARGIN = 1.02
USERS = 2000  # users with held-out interactions; fewer if the catalogue is so large that this takes over CELLS scores
FEWEST_USERS = 100
CELLS = 20_000_000
HELD_OUT = 0.1  # share of a user's interactions
PLACES = 25  # length of the list in which a held-out item must appear
MIDDLE = 0.5  # the default popularity_discount_factor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeldOut:
    """The newest items of one user, held out to measure how well an exponent of the popularity discount predicts them.

    Attributes:
        query: Index of the last item before the held-out interactions.
        targets: int32[n], the distinct indices of the held-out items, except those that also occur earlier.
    """

    query: int
    targets: NDArray[np.int32]


def discounts(users: NDArray[np.integer], *, factor: float, exponent: float) -> NDArray[np.float32]:
    """Return the factor that discounts each item for its popularity: (users + 10) ** -e, float32[n_items].

    The power e grows with `factor`: for a factor of 0 it is 0, for 0.5 it is `exponent`, and for 1 it is 1.

    Args:
        users: int[n_items], the number of distinct users of each item.
        factor: The hyperparameter popularity_discount_factor, from 0 to 1.
        exponent: The power at the default factor of 0.5, between 0 and 1.
    """
    power = factor ** (log(exponent) / log(MIDDLE))
    return np.asarray((users + PRIOR_USERS) ** -power, dtype=np.float32)


def learn_exponent(interactions: InteractionMatrix, indicators: sparse.csr_matrix) -> float:
    """Return the exponent of the popularity discount that ranks held-out items highest.

    The result is 0.7 unless another exponent is better by a clear margin.

    Args:
        interactions: The interactions, from which the newest ones of some users are held out.
        indicators: The same interactions as float32[users, items], 1 where a user interacted with an item.
    """
    by_item = indicators.T.tocsr()
    users = np.diff(by_item.indptr)
    current, without_one = (
        np.stack([discounts(number, factor=MIDDLE, exponent=exponent) for exponent in EXPONENTS])
        for number in (users, users - 1)
    )
    gains = np.zeros(len(EXPONENTS))
    for entry in held_out(interactions, count=max(FEWEST_USERS, min(USERS, CELLS // len(users)))):
        common = (by_item[entry.query] @ indicators).toarray().ravel()
        common[entry.query] = 0
        own = (common[entry.targets] - 1) * without_one[:, entry.targets]
        scores = common * current
        scores[:, entry.targets] = own
        gains += [discounted_gain(row, entry.targets) for row in scores]
    best = int(gains.argmax())
    return EXPONENTS[best] if gains[best] > MARGIN * gains[EXPONENTS.index(USUAL)] else USUAL


def held_out(interactions: InteractionMatrix, *, count: int) -> Iterator[HeldOut]:
    """Yield the held-out items of about `count` users, spread evenly over all users with at least two interactions.

    The newest tenth of a user's interactions is held out, but at least one interaction. Users are skipped if all their
    held-out items also occur among their other interactions.
    """
    users = np.flatnonzero(interactions.lengths() >= 2)  # noqa: PLR2004  a query and a target
    for user in users[:: max(1, -(-len(users) // count))].tolist():
        history = interactions.history(user)
        place = len(history) - max(1, round(HELD_OUT * len(history)))
        earlier, newest = history[:place], np.unique(history[place:])
        targets = newest[~np.isin(newest, earlier)]
        if len(targets):
            yield HeldOut(query=int(earlier[-1]), targets=targets)


def discounted_gain(scores: NDArray[np.floating], targets: NDArray[np.int32]) -> float:
    """Measure how highly scores rank the target items, as the mean of 1 / log2(1 + rank) over the targets.

    The item with the largest score has rank 1. Targets below rank 25 and targets without a positive score count as 0.

    Args:
        scores: float[n_items], the score of each item.
        targets: int32[n], the indices of the items that should have high scores.
    """
    own = scores[targets]
    ranks = (scores[None, :] > own[:, None]).sum(axis=1)
    return float(np.where((own > 0) & (ranks < PLACES), 1 / np.log2(2 + ranks), 0).mean())
