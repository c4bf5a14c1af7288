"""Shift of the relevance of items that the user has already seen.

The service recommends seen items unless a filter removes them. This is right if users repeat themselves in the training
data (groceries), see `repeats.py`. If they hardly ever do (films), seen items would fill the lists, and there is
nothing to learn from. So the training finds one number to add to the logits of seen items: with it, their mean
probability is the share of repeats among the interactions.
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
    """Return the share of interactions that repeat an earlier pair of user and item, smoothed towards 1 %.

    The first interaction of a user cannot be a repeat and does not count.

    Args:
        interactions: The interactions.
        distinct: Number of distinct pairs of user and item.
    """
    possible = len(interactions) - int(np.count_nonzero(interactions.lengths()))
    return (len(interactions) - distinct + PRIOR_REPEATS) / (possible + PRIOR_INTERACTIONS)


def shift_for(rate: float, *, log_odds: NDArray[np.float64]) -> float:
    """Return the number d in [-50, 50] for which the mean of sigmoid(log_odds + d) equals `rate`.

    Args:
        rate: The wanted mean probability, in (0, 1).
        log_odds: float64[n_users], the log odds that a user gets a seen item. Infinite ones, of users who have seen
            all items or no items, are ignored. If all are infinite, the result is 0.
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
    """Return the log odds that a user gets a seen item; infinite if all or no items are seen.

    Args:
        relevance: float32[n_warm], the relevance for the user.
        seen: int32[n_seen], positions of the seen items.
    """
    share = np.exp(np.float32(INVERSE_TEMPERATURE) * (relevance - relevance.max(initial=-np.inf)))
    inside = float(share[np.unique(seen)].sum())
    share[seen] = 0
    outside = float(share.sum())
    return float(np.log(inside / outside)) if inside > 0 and outside > 0 else float("inf")
