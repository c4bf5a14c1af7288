"""Strength of the discount of popular items, learnt from the data.

How much popularity should count differs between data sets. Where tastes are distinct, the share of shared users
decides; where they are not, their number. So some users' newest interactions are held out, and the exponent wins that
ranks them highest among the neighbours of the item before them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.interaction_matrix import InteractionMatrix

PRIOR_USERS = 10.0  # lowers the similarity of items with few users
USUAL = 0.7  # exponent at the default factor; another one has to be better by a margin
EXPONENTS = (0.02, 0.25, 0.5, USUAL, 0.85)
MARGIN = 1.02
USERS = 2000
FEWEST_USERS = 100
CELLS = 20_000_000  # scores; in a large catalogue fewer users are enough
HELD_OUT = 0.1
PLACES = 25
MIDDLE = 0.5  # the default popularity_discount_factor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeldOut:
    """The newest items of one user.

    Attributes:
        query: The item before them.
        targets: int32[n], the different items, without the query.
    """

    query: int
    targets: NDArray[np.int32]


def discounts(users: NDArray[np.integer], *, factor: float, exponent: float) -> NDArray[np.float32]:
    """Return (users + 10) ** -e, float32[n_items]: e is 0 at a factor of 0, `exponent` at 0.5, and 1 at 1.

    Args:
        users: int[n_items], the number of users of each item.
        factor: popularity_discount_factor.
        exponent: Between 0 and 1.
    """
    power = factor ** (log(exponent) / log(MIDDLE))
    return np.asarray((users + PRIOR_USERS) ** -power, dtype=np.float32)


def learn_exponent(interactions: InteractionMatrix, indicators: sparse.csr_matrix) -> float:
    """Return the exponent that ranks held-out items highest, `USUAL` if none is clearly better.

    `indicators` is float32[users, items], 1 where a user interacted with an item.
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
    """Yield the newest tenth of the interactions, at least one each, of about `count` evenly spaced users."""
    users = np.flatnonzero(interactions.lengths() >= 2)  # noqa: PLR2004  a query and a target
    for user in users[:: max(1, -(-len(users) // count))].tolist():
        history = interactions.history(user)
        place = len(history) - max(1, round(HELD_OUT * len(history)))
        earlier, newest = history[:place], np.unique(history[place:])
        targets = newest[~np.isin(newest, earlier)]
        if len(targets):
            yield HeldOut(query=int(earlier[-1]), targets=targets)


def discounted_gain(scores: NDArray[np.floating], targets: NDArray[np.int32]) -> float:
    """Return the mean discounted gain of the targets among the 25 largest positive scores."""
    own = scores[targets]
    ranks = (scores[None, :] > own[:, None]).sum(axis=1)
    return float(np.where((own > 0) & (ranks < PLACES), 1 / np.log2(2 + ranks), 0).mean())
