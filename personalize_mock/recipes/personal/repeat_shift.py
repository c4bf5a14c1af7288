"""Shift of the relevance of seen items: one number that is added for all items with which a user has interacted.

The service recommends seen items unless a filter removes them. If users often return to the same items (groceries), the
relevance of seen items is learnt from these repeats; see `repeats.py`. If users hardly ever return to an item (films),
there is nothing to learn from, and seen items would fill the recommendations. Therefore, the training chooses a number
to add to the logits of all seen items, the inputs of the softmax. With this number, the mean probability of a seen item
equals the share of repeats among the interactions.
"""

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.numerics.softmax import INVERSE_TEMPERATURE

PRIOR_INTERACTIONS = 1.0
PRIOR_REPEATS = 0.01
BOUND = 50.0
HALVINGS = 40


def repeat_rate(interactions: InteractionMatrix, *, distinct: int) -> float:
    """Return the share of interactions in which a user returns to an item, smoothed towards 1 %.

    The first interaction of each user cannot be a repeat and is not counted.

    Args:
        interactions: The interactions to count.
        distinct: Number of distinct pairs of user and item among them.
    """
    possible = len(interactions) - int(np.count_nonzero(interactions.lengths()))
    return (len(interactions) - distinct + PRIOR_REPEATS) / (possible + PRIOR_INTERACTIONS)


def shift_for(rate: float, *, log_odds: NDArray[np.float64]) -> float:
    """Return the number to add to the log odds of seen items so that their mean probability becomes `rate`.

    Args:
        rate: The wanted mean probability that a recommended item is a seen item, in (0, 1).
        log_odds: float64[n_users], for each user the log odds that a recommended item is a seen item. Infinite values,
            which belong to users who have seen all items or no items, are ignored.

    Returns:
        The number, from -50 to 50. It is 0 if all log odds are infinite.
    """
    finite = log_odds[np.isfinite(log_odds)]
    if not len(finite):
        return 0.0
    low, high = -BOUND, BOUND
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        too_much = float(np.mean(1 / (1 + np.exp(-(finite + middle))))) > rate
        low, high = (low, middle) if too_much else (middle, high)
    return (low + high) / 2


def seen_log_odds(relevance: NDArray[np.float32], seen: NDArray[np.int32]) -> float:
    """Return the log odds that an item drawn from the softmax of relevance is one that the user has seen.

    The result is infinity if the user has seen all items or no items.

    Args:
        relevance: float32[n_items], the relevance of each item for the user.
        seen: int32[n_seen], indices into `relevance` of the seen items.
    """
    share = np.exp(np.float32(INVERSE_TEMPERATURE) * (relevance - relevance.max(initial=-np.inf)))
    inside = float(share[np.unique(seen)].sum())
    share[seen] = 0
    outside = float(share.sum())
    return float(np.log(inside / outside)) if inside > 0 and outside > 0 else float("inf")
