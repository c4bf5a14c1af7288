"""Discount of popular items among the neighbours of an item, with a strength that is learnt from the data.

The similarity of two items is their number of common users, divided by a power of the recommended item's number of
users. The best exponent differs between data sets. Where users have distinct tastes, a large exponent finds the items
that are specific to the users of an item. Elsewhere a small exponent, which favours popular items, is right more often.
So the newest interactions of some users are held out. For each exponent, the neighbours of the last item before them
are ranked. The exponent that ranks the held-out items highest is used. The held-out interactions stay in the counts of
common users. Instead, each user is subtracted from the count of their own held-out items.
"""

from math import log

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.related.held_out import HeldOutQueries

PRIOR_USERS = 10.0  # lowers the similarity of items with few users
USUAL = 0.7  # exponent at the default factor, unless another one has a gain that is larger by the factor MARGIN
EXPONENTS = (0.02, 0.25, 0.5, USUAL, 0.85)
MARGIN = 1.02
USERS = 2000  # users with held-out interactions; fewer if the catalogue is so large that this takes over CELLS scores
FEWEST_USERS = 100
CELLS = 20_000_000
BLOCK_CELLS = 1_000_000  # scores that are in memory at a time
MIDDLE = 0.5  # the default popularity_discount_factor


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
    count = max(FEWEST_USERS, min(USERS, CELLS // len(users)))
    held_out = HeldOutQueries.from_interactions(interactions, count=count, step=1).without_seen_targets()
    gains = np.zeros(len(EXPONENTS))
    for block in held_out.blocks(max(1, BLOCK_CELLS // len(users))):
        common = (by_item[block.queries] @ indicators).toarray()
        common[np.arange(len(block.queries)), block.queries] = 0
        own = common[block.rows, block.targets] - 1
        for number in range(len(EXPONENTS)):
            scores = common * current[number]
            scores[block.rows, block.targets] = own * without_one[number, block.targets]
            gains[number] += block.gains(scores).sum()
    best = int(gains.argmax())
    return EXPONENTS[best] if gains[best] > MARGIN * gains[EXPONENTS.index(USUAL)] else USUAL
