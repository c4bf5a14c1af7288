"""Popularity of items, from which items are recommended to users without history.

The developer guide ("User-Personalization recipe", 2024) documents that new users get the items with which other users
began, and that `recency_mask` adds the latest popular items. It does not say how much each of these counts, so the
shares are learnt at training. The users who began last are held out, and many mixtures are compared by how well they
predict the first items of these users. The learnt shares are a weighted mean of all mixtures, in which better mixtures
have larger weights. If there are too few new users to learn from, fixed shares are used.
"""

from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.numerics.top_k import top_k

FIRST = 5  # interactions per user
LATEST = 0.1  # share of the interactions that are the latest
LATEST_USERS = 0.2  # share of the users who began last
HELD_OUT = 0.1  # share of the users, who began last
FEWEST = 30  # first interactions of held-out users from which shares can be learnt
STEPS = 4  # mixtures have shares of 0, 1/4, ..., 1
PLACES = 25
SHARPNESS = 1.5  # the weight of a mixture is exp(SHARPNESS * gain relative to the best * root of the interactions)
LEAST_OVERALL = 0.05  # so that every item has some popularity
# Shares of all, first and latest interactions, and of first interactions of users who began last.
USUAL = (0.45, 0.45, 0.1, 0.0)
USUAL_WITHOUT_LATEST = (0.5, 0.5)


def popularity_prior(
    interactions: InteractionMatrix, matrix: sparse.csr_matrix, warm_items: NDArray[np.int32], *, latest: bool
) -> NDArray[np.float64]:
    """Return the popularity of each item with an interaction, as a number of users: float64[n_warm].

    The popularity is a mixture of the popularity in all interactions and in the first five interactions of each user. A
    user counts once for an item. If interactions have weights, the user counts with the mean weight of the interactions
    with the item.

    Args:
        interactions: The interactions to count.
        matrix: Sums of the weights of interactions per user and item, shape (n_users, n_warm).
        warm_items: int32[n_warm], the indices of all items with an interaction, which are the columns of `matrix`.
        latest: Whether the mixture also contains the popularity in the latest interactions and in the first
            interactions of the users who began last.
    """
    overall = _count_users(interactions, matrix, warm_items)
    if not len(interactions):
        return overall
    parts = _parts(interactions, overall, warm_items, latest=latest)
    parts *= overall.sum() / parts.sum(axis=1, keepdims=True)
    return np.asarray(_learn_shares(interactions, latest=latest) @ parts)


def _learn_shares(interactions: InteractionMatrix, *, latest: bool) -> NDArray[np.float64]:
    """Learn the shares with which popularity in different selections of interactions is mixed. They add up to 1.

    The order is that of `USUAL`, the default shares: all interactions, the first interactions of each user, the latest
    interactions, and the first interactions of the users who began last.

    Args:
        interactions: The interactions to learn from.
        latest: Whether to learn all four shares. If not, only the first two are learnt.

    Returns:
        The shares, float64[4] or float64[2].
    """
    usual = np.array(USUAL if latest else USUAL_WITHOUT_LATEST)
    users, begin = _begin(interactions)
    new = users[begin >= np.quantile(begin, 1 - HELD_OUT)]
    earlier = interactions.select(interactions.timestamp < begin[users.searchsorted(new)].min())
    first = np.concatenate([np.unique(interactions.history(user)[:FIRST]) for user in new.tolist()])
    first = first[earlier.warm[first]]
    if len(first) < FEWEST:
        return usual
    warm_items = np.flatnonzero(earlier.warm).astype(np.int32)
    overall = _count_users(earlier, earlier.csr(warm_items), warm_items)
    parts = _parts(earlier, overall, warm_items, latest=latest)
    parts /= parts.sum(axis=1, keepdims=True)
    counts = np.bincount(first, minlength=len(interactions.items))[warm_items]
    mixtures = np.array([shares for shares in product(range(STEPS + 1), repeat=len(usual)) if sum(shares) == STEPS])
    gains = np.array([_gain(shares @ parts, counts) for shares in mixtures])
    if not gains.any():
        return usual
    weights = np.exp(SHARPNESS * np.sqrt(len(first)) * (gains / gains.max() - 1))
    shares = (1 - LEAST_OVERALL) / STEPS * np.average(mixtures, axis=0, weights=weights)
    shares[0] += LEAST_OVERALL
    return np.asarray(shares)


def _gain(popularity: NDArray[np.float64], counts: NDArray[np.int64]) -> float:
    """Rate how well popularity predicts the first items of held-out users, by discounted cumulative gain.

    The 25 most popular items count.

    Args:
        popularity: float64[n_warm], the popularity of each item.
        counts: int64[n_warm], the gain of each item: the number of held-out users who have it among their first items.
    """
    best = top_k(popularity, k=PLACES)
    return float(counts[best] @ (1 / np.log2(2 + np.arange(len(best)))))


def _begin(interactions: InteractionMatrix) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the indices of all users with interactions, ascending, and the time of each user's first interaction."""
    users = np.flatnonzero(interactions.lengths())
    return users, interactions.timestamp[interactions.indptr[users]]


def _parts(
    interactions: InteractionMatrix, overall: NDArray[np.float64], warm_items: NDArray[np.int32], *, latest: bool
) -> NDArray[np.float64]:
    """Count the users of each item in several selections of interactions, float64[n_parts, n_warm].

    The selections are all interactions, the first five interactions of each user, the latest interactions, and the
    first five interactions of the users who began last. An item's popularity is a mixture of these counts.

    Args:
        interactions: The interactions to count.
        overall: float64[n_warm], the number of users of each item in all interactions, which is the first row.
        warm_items: int32[n_warm], the indices of the items.
        latest: Whether to return all four rows, in the order of `USUAL`. If not, only the first two are returned.
    """
    first = np.arange(len(interactions)) - interactions.indptr[interactions.user] < FIRST
    chosen = [first]
    if latest:
        _, begin = _begin(interactions)
        began = interactions.timestamp[interactions.indptr[interactions.user]]
        chosen.append(interactions.timestamp >= np.quantile(interactions.timestamp, 1 - LATEST, method="lower"))
        chosen.append(first & (began >= np.quantile(begin, 1 - LATEST_USERS, method="lower")))
    counts = (_count_users(interactions, interactions.csr(warm_items, mask=m), warm_items, mask=m) for m in chosen)
    return np.stack([overall, *counts])


def _count_users(
    interactions: InteractionMatrix,
    matrix: sparse.csr_matrix,
    warm_items: NDArray[np.int32],
    *,
    mask: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """Return the number of users of each item, float64[n_warm]. With weights, users count as in `popularity_prior`.

    Args:
        interactions: The interactions to count.
        matrix: The result of `interactions.csr(warm_items, mask=mask)`.
        warm_items: int32[n_warm], the indices of the items.
        mask: bool[n], False for interactions to leave out. None for all interactions.
    """
    if interactions.weight is None:
        return np.asarray(matrix.getnnz(axis=0), dtype=np.float64)
    times = replace(interactions, weight=None).csr(warm_items, mask=mask)
    count = len(warm_items)
    return np.asarray(np.bincount(matrix.indices, matrix.data / times.data, minlength=count), dtype=np.float64)
