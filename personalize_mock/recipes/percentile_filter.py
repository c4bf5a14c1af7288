"""Filter of training data that drops users or items with unusually few or many interactions.

Several recipes have the featurization hyperparameters `min_user_history_length_percentile` and
`max_user_history_length_percentile`. aws-sims also has such hyperparameters for items.
"""

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.base import TrainingFailed

# Ours.
NO_USERS_LEFT = (
    "No user's history length is between min_user_history_length_percentile and max_user_history_length_percentile. "
    "Widen the range."
)


def filter_users(interactions: InteractionMatrix, *, lower: float, upper: float) -> InteractionMatrix:
    """Keep the interactions of users whose history length lies between two percentiles.

    Args:
        interactions: The interactions.
        lower: Percentile from 0 to 1; users with shorter histories are dropped.
        upper: Percentile from 0 to 1; users with longer histories are dropped.

    Raises:
        TrainingFailed: No user is left.
    """
    lengths = interactions.lengths()
    if not len(lengths):
        return interactions
    within = _within_percentiles(lengths, lower=lower, upper=upper)
    if not within.any():
        raise TrainingFailed(NO_USERS_LEFT)
    return interactions if within.all() else interactions.select(within[interactions.user])


def filter_items(interactions: InteractionMatrix, *, lower: float, upper: float) -> InteractionMatrix:
    """Keep the interactions of items whose interaction count lies between two percentiles of the warm items.

    Args:
        interactions: The interactions.
        lower: Percentile from 0 to 1; items with fewer interactions are dropped.
        upper: Percentile from 0 to 1; items with more interactions are dropped.
    """
    if not len(interactions):
        return interactions
    counts = np.bincount(interactions.item, minlength=len(interactions.items))
    within = counts > 0
    within[within] = _within_percentiles(counts[within], lower=lower, upper=upper)
    kept = within[interactions.item]
    return interactions if kept.all() else interactions.select(kept)


def _within_percentiles(counts: NDArray[np.integer], *, lower: float, upper: float) -> NDArray[np.bool_]:
    """Return the mask of the counts between two percentiles, each of which is one of the counts.

    The lower percentile is rounded down and the upper one up, so the usual defaults (0.01 and 0.99) drop no counts if
    there are fewer than a hundred.
    """
    low = np.quantile(counts, lower, method="lower")
    high = np.quantile(counts, upper, method="higher")
    return np.asarray((counts >= low) & (counts <= high))
