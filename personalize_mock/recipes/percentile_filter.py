"""Filters of training data that drop users or items with unusually few or many interactions.

Several recipes have the hyperparameters `min_user_history_length_percentile` and `max_user_history_length_percentile`.
aws-sims also has `min_item_interaction_count_percentile` and `max_item_interaction_count_percentile`.
"""

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.base import TrainingFailed

# The service's text is not known.
NO_USERS_LEFT = (
    "No user's history length lies between min_user_history_length_percentile={lower} and "
    "max_user_history_length_percentile={upper}. Widen the range."
)


def filter_users(interactions: InteractionMatrix, *, lower: float, upper: float) -> InteractionMatrix:
    """Keep the interactions of users whose history length lies between two percentiles.

    Args:
        interactions: The interactions of all users.
        lower: Percentile of the history lengths, from 0 to 1. Users with shorter histories are dropped.
        upper: Percentile of the history lengths, from 0 to 1. Users with longer histories are dropped.

    Raises:
        TrainingFailed: No user is left.
    """
    lengths = interactions.lengths()
    if not len(lengths):
        return interactions
    within = _within_percentiles(lengths, lower=lower, upper=upper)
    if not within.any():
        raise TrainingFailed(NO_USERS_LEFT.format(lower=lower, upper=upper))
    return interactions if within.all() else interactions.select(within[interactions.user])


def filter_items(interactions: InteractionMatrix, *, lower: float, upper: float) -> InteractionMatrix:
    """Keep the interactions of items whose number of interactions lies between two percentiles.

    The percentiles are those of the items with at least one interaction.

    Args:
        interactions: The interactions with all items.
        lower: Percentile of the numbers of interactions, from 0 to 1. Items with fewer interactions are dropped.
        upper: Percentile of the numbers of interactions, from 0 to 1. Items with more interactions are dropped.
    """
    if not len(interactions):
        return interactions
    counts = np.bincount(interactions.item, minlength=len(interactions.items))
    within = counts > 0
    within[within] = _within_percentiles(counts[within], lower=lower, upper=upper)
    kept = within[interactions.item]
    return interactions if kept.all() else interactions.select(kept)


def _within_percentiles(counts: NDArray[np.integer], *, lower: float, upper: float) -> NDArray[np.bool_]:
    """Return the mask of the counts that lie between two percentiles of the counts, ends included.

    The lower percentile is rounded down to a count that occurs, and the upper one is rounded up. With the usual
    defaults (0.01 and 0.99), nothing is dropped if there are fewer than a hundred counts.
    """
    low = np.quantile(counts, lower, method="lower")
    high = np.quantile(counts, upper, method="higher")
    return np.asarray((counts >= low) & (counts <= high))
