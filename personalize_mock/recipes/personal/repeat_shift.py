"""How much the model is to say of items that a user has already touched.

The service does recommend them unless a filter removes them. Where the training data repeat themselves
(groceries) that is right, where they never do (films) it would fill the lists with what was seen. So one
number per model, found at training, is added to the logits of touched items: with it, the mean probability
of all touched items together is the share of repeats among the events.
"""

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.numerics.softmax import INVERSE_TEMPERATURE

PRIOR_EVENTS = 1.0
PRIOR_REPEATS = 0.01
BOUND = 50.0
HALVINGS = 40


def repeat_rate(events: InteractionMatrix, *, distinct: int) -> float:
    """The share of events that repeat an earlier pair of user and item, smoothed towards 1 %.

    The first event of a user cannot repeat anything and does not count. `distinct` is the number of
    different pairs.
    """
    possible = len(events) - int(np.count_nonzero(events.lengths()))
    return (len(events) - distinct + PRIOR_REPEATS) / (possible + PRIOR_EVENTS)


def shift_for(rate: float, *, log_odds: NDArray[np.float64]) -> float:
    """The number d that makes the mean of sigmoid(log_odds + d) equal `rate`, within [-50, 50].

    Args:
        rate: The wanted mean probability, in (0, 1).
        log_odds: float64[users], of the probability of all touched items; users who touched everything or
            nothing are infinite and left out. Without any other the answer is 0.
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


def log_odds_of(relevance: NDArray[np.float32], seen: NDArray[np.int32]) -> float:
    """Log odds that a user with this relevance of all rows gets a seen one; infinite where all or none are seen."""
    share = np.exp(np.float32(INVERSE_TEMPERATURE) * (relevance - relevance.max(initial=-np.inf)))
    inside = float(share[np.unique(seen)].sum())
    share[seen] = 0
    outside = float(share.sum())
    return float(np.log(inside / outside)) if inside > 0 and outside > 0 else float("inf")
