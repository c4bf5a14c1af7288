"""Popularity of items as three columns of numbers, and its effect on the relevance for users with a history."""

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.personal.warm_interactions import WarmInteractions

NEWEST_SHARE = 0.2  # of the interactions; they count as the newest
LEAST_SHARE = 0.02  # of the interactions; the popularity of items that are even newer is hardly known


def popularity_lifts(warm: WarmInteractions, weights: tuple[float, float, float]) -> NDArray[np.float32] | None:
    """Return the amounts that popularity adds to the relevance of items, float32[n_warm].

    The result is None if all weights are 0 or there are no items.

    Args:
        warm: The interactions that are counted.
        weights: The weights of the three columns of `popularity_columns`.
    """
    if not any(weights) or not len(warm.warm_items):
        return None
    return np.asarray(popularity_columns(warm.interactions, warm.warm_items) @ weights, dtype=np.float32)


def popularity_columns(interactions: InteractionMatrix, warm_items: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return three measures of the popularity of each item: float64[n_warm, 3].

    The first measure is the log of the item's number of interactions. The second one is the log of its share of the
    newest fifth of all interactions, minus the log of its share of all interactions. It is positive for items that have
    become more popular. In both, one interaction is added to each item, and interactions count with their weights.

    The third measure is the negative log of the share of all interactions that are not older than the item's first one.
    A smaller share than 2 % counts as 2 %, and weights do not count. The measure is large for new items, which have few
    interactions because most users had no opportunity to choose them. It is 0 for items without interactions.

    Args:
        interactions: The interactions that are counted, at least one.
        warm_items: int32[n_warm], the indices of the items.
    """
    total = 1 + _interactions(interactions, warm_items)
    since = np.quantile(interactions.timestamp, 1 - NEWEST_SHARE, method="lower")
    newest = 1 + _interactions(interactions, warm_items, mask=interactions.timestamp >= since)
    growth = np.log(newest / newest.sum()) - np.log(total / total.sum())
    return np.stack((np.log(total), growth, _newness(interactions, warm_items)), axis=1)


def _newness(interactions: InteractionMatrix, warm_items: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the third measure of popularity; see `popularity_columns`."""
    ordered = np.sort(interactions.timestamp)
    first = np.full(len(interactions.items), ordered[-1])
    np.minimum.at(first, interactions.item, interactions.timestamp)
    share = 1 - ordered.searchsorted(first[warm_items]) / len(ordered)
    newness = -np.log(np.maximum(share, LEAST_SHARE))
    newness[~interactions.warm[warm_items]] = 0
    return newness


def _interactions(
    interactions: InteractionMatrix, warm_items: NDArray[np.int32], *, mask: NDArray[np.bool_] | slice = slice(None)
) -> NDArray[np.float64]:
    item, weight = interactions.item[mask], None if interactions.weight is None else interactions.weight[mask]
    counts = np.bincount(item, weight, minlength=len(interactions.items))
    return np.asarray(counts[warm_items], dtype=np.float64)
