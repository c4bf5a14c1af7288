"""Popularity of items, from which items are recommended to users without history.

The developer guide ("User-Personalization recipe", 2024) documents that new users get the items with which other users
began, and that `recency_mask` adds the latest popular items. It does not say how much each of these counts, so the mock
has its own shares. For the first ten items of MovieLens users outside the training data, NDCG@25 is .38 if first
interactions make up half of the popularity, and .24 if all interactions count the same.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.interaction_matrix import InteractionMatrix

FIRST = 5  # interactions per user; with 3 to 10 interactions and shares from .3 to 1, NDCG stays within .02
FIRST_SHARE = 0.5
LATEST = 0.1
LATEST_SHARE = 0.1


def popularity_prior(
    interactions: InteractionMatrix, matrix: sparse.csr_matrix, warm_items: NDArray[np.int32], *, latest: bool
) -> NDArray[np.float64]:
    """Return the popularity of each item with an interaction, in numbers of users: float64[n_warm].

    Half of the popularity is computed from the first five interactions of each user, the other half from all
    interactions. A user counts once for an item. If interactions have weights, the user counts with the mean weight of
    the interactions with the item.

    Args:
        interactions: The interactions.
        matrix: Sums of the weights of interactions per user and item, shape (n_users, n_warm).
        warm_items: int32[n_warm], the indices of all items with an interaction.
        latest: Whether a tenth of the popularity is computed from the newest tenth of all interactions instead.
    """
    overall = _count_users(interactions, matrix, warm_items)
    if not len(interactions):
        return overall
    order = np.arange(len(interactions)) - interactions.indptr[interactions.user]
    popularity = _mix(overall, interactions.select(order < FIRST), warm_items, share=FIRST_SHARE)
    if not latest:
        return popularity
    newest = interactions.timestamp >= np.quantile(interactions.timestamp, 1 - LATEST, method="lower")
    return _mix(popularity, interactions.select(newest), warm_items, share=LATEST_SHARE)


def _mix(
    popularity: NDArray[np.float64], some: InteractionMatrix, warm_items: NDArray[np.int32], *, share: float
) -> NDArray[np.float64]:
    """Replace a share of the popularity by the popularity in other interactions. The sum over items does not change.

    Args:
        popularity: float64[n_warm], the popularity of each item.
        some: The other interactions.
        warm_items: int32[n_warm], the item indices.
        share: The share to replace, from 0 to 1.
    """
    among = _count_users(some, some.csr()[:, warm_items], warm_items)
    return np.asarray((1 - share) * popularity + share * (popularity.sum() / among.sum()) * among)


def _count_users(
    interactions: InteractionMatrix, matrix: sparse.csr_matrix, warm_items: NDArray[np.int32]
) -> NDArray[np.float64]:
    if interactions.weight is None:
        return np.asarray(matrix.getnnz(axis=0), dtype=np.float64)
    times = replace(interactions, weight=None).csr()[:, warm_items]
    count = len(warm_items)
    return np.asarray(np.bincount(matrix.indices, matrix.data / times.data, minlength=count), dtype=np.float64)
