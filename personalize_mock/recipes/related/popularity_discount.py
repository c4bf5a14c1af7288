"""Discount that lowers the similarity of other items to popular items."""

from math import log

import numpy as np
from numpy.typing import NDArray

PRIOR_USERS = 10.0  # lowers the similarity of items with few users
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
