"""Statistical tests that find items whose recent popularity is too high to be the result of chance.

In any interval, some items are more popular than before by chance alone. Among 1,000 items, about ten show a rise that
chance produces with a probability of 1 %. The probabilities of all items are therefore judged together.
"""

from math import floor

import numpy as np
from numpy.typing import NDArray
from scipy.special import pdtrc

from personalize_mock.data.interaction_matrix import InteractionMatrix

PRIOR = 0.5  # added to the earlier interactions of each item


def chance_of_recent_users(interactions: InteractionMatrix, *, end: float, length: float) -> NDArray[np.float64]:
    """Return for each item the probability of having as many recent users, or more, by chance, float64[n_items].

    Recent users of an item are users who interacted with it in the last two intervals. Each user counts once, because a
    user's interactions with the same item depend on each other. By chance alone, the number of recent users of an item
    follows a Poisson distribution, and its mean is proportional to the item's earlier interactions.

    Args:
        interactions: The interactions. Those after `end` are ignored.
        end: End of the last interval, epoch seconds.
        length: Length of one interval, in seconds.
    """
    time, items = interactions.timestamp, len(interactions.items)
    begin = floor(end - 2 * length)
    earlier = PRIOR + np.bincount(interactions.item[time <= begin], minlength=items)
    recent = (time > begin) & (time <= floor(end))
    pairs = np.unique(interactions.user[recent].astype(np.int64) * items + interactions.item[recent])
    users = np.bincount(pairs % max(1, items), minlength=items)
    expected = users.sum() * earlier / earlier.sum()
    return np.where(users > 0, pdtrc(np.maximum(0, users - 1.0), expected), 1.0)


def discoveries(chance: NDArray[np.float64], *, false: float) -> NDArray[np.bool_]:
    """Return a mask of the p-values that are too small to be the result of chance, bool[n].

    The method is that of Benjamini and Hochberg, "Controlling the False Discovery Rate" (1995).

    Args:
        chance: float64[n], the p-values: the probability of each observation if only chance is at work.
        false: Maximum false discovery rate, the expected share of chance results among the chosen observations.
    """
    ascending = np.sort(chance)
    accepted = ascending <= false * np.arange(1, len(chance) + 1) / max(1, len(chance))
    return np.asarray(chance <= ascending[accepted].max(initial=-1.0))
