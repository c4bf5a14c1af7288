"""Tests of whether the recent popularity of items is unusual, or no more than chance explains.

In any interval, some of many items are more popular than before by chance alone. With 1,000 items, ten of them have a
rise whose probability is 1 %. So a probability is judged together with those of all other items.
"""

from math import floor

import numpy as np
from numpy.typing import NDArray
from scipy.special import pdtrc

from personalize_mock.data.interaction_matrix import InteractionMatrix

PRIOR = 0.5  # added to the earlier interactions of each item


def chance_of_recent_users(interactions: InteractionMatrix, *, end: float, length: float) -> NDArray[np.float64]:
    """Return the probability that chance alone brings each item as many recent users as it has, float64[n_items].

    The recent users are those of the last two intervals. If nothing has changed, an item has the same share of them as
    of the earlier interactions, and their number follows a Poisson distribution. A user counts once for an item,
    because a user's interactions with the same item depend on each other.

    Args:
        interactions: The interactions, of which those after `end` are ignored.
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
    """Choose the cases that chance does not explain, bool[n].

    Of the chosen cases, a share of at most `false` is expected to be chance after all. See Benjamini and Hochberg,
    "Controlling the False Discovery Rate" (1995).

    Args:
        chance: float64[n], for each case the probability that chance alone leads as far.
        false: The largest expected share of cases that are chosen wrongly.
    """
    ascending = np.sort(chance)
    accepted = ascending <= false * np.arange(1, len(chance) + 1) / max(1, len(chance))
    return np.asarray(chance <= ascending[accepted].max(initial=-1.0))
