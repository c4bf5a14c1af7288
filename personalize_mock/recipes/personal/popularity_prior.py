"""Popularity of items, from which items are recommended to users without history.

The developer guide ("User-Personalization recipe", 2024) documents that new users get the items with which other users
began, and that `recency_mask` adds the latest popular items. It does not say how much each of these counts, nor how
fast popularity fades, so both are learnt at training. The users who began last are held out, and several mixtures are
compared by how well they predict the first items of these users. The learnt shares are a weighted mean of all mixtures,
in which better mixtures have larger weights. The fewer first items there are to predict, the more fixed shares count.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.numerics.top_k import top_k

FIRST = 5  # interactions per user
LONGEST = 2.0  # the longest half-life, in median ages of the interactions; each other one is half of the one before
HELD_OUT = 0.1  # share of the users, who began last
SHARES_OF_FIRST = (0.0, 0.5)  # shares of first interactions in the mixtures that are compared
FEW = 50  # with n first interactions of held-out users, the weight of the default shares is exp(-n / FEW)
PLACES = 25
OTHER_SHARES = 0.3  # weight of the mixtures with another share of first interactions in the means of gains
SHARPNESS = 2.0  # the weight of a mixture is exp(SHARPNESS * gain relative to the best * root of the interactions)
LEAST_OVERALL = 0.05  # so that every item has some popularity
# Default shares of all interactions and of first interactions. The six shares of either belong to popularity that does
# not fade, and to half-lives of 2, 1, 1/2, 1/4 and 1/8 median ages.
USUAL = (0.45, 0.0, 0.0, 0.0, 0.0, 0.1, 0.45, 0.0, 0.0, 0.0, 0.0, 0.0)
USUAL_WITHOUT_FADING = (0.5, 0.5)


def popularity_prior(
    interactions: InteractionMatrix, matrix: sparse.csr_matrix, warm_items: NDArray[np.int32], *, latest: bool
) -> NDArray[np.float64]:
    """Return the popularity of each item with an interaction, as a number of users: float64[n_warm].

    The popularity is a mixture of the popularity in all interactions and in the first five interactions of each user. A
    user counts once for an item. If interactions have weights, the user counts with the mean weight of the interactions
    with the item. The mixture may also contain popularity that fades exponentially with the mean age of the
    interactions of a user with an item. The scale is such that the sum is that of the popularity in all interactions.

    Args:
        interactions: The interactions to count.
        matrix: Sums of the weights of interactions per user and item, shape (n_users, n_warm).
        warm_items: int32[n_warm], the indices of all items with an interaction, which are the columns of `matrix`.
        latest: Whether the mixture also contains popularity that fades, so that newer interactions count more.
    """
    if not len(interactions):
        return np.zeros(len(warm_items))
    usual = np.array(USUAL if latest else USUAL_WITHOUT_FADING)
    counts = _counts(interactions, matrix, warm_items, rates=len(usual) // 2)
    counts *= counts[0].sum() / counts.sum(axis=1, keepdims=True)
    return np.asarray(_learn_shares(interactions, usual) @ counts)


def _learn_shares(interactions: InteractionMatrix, usual: NDArray[np.float64]) -> NDArray[np.float64]:
    """Learn the shares with which the rows of `_counts` are mixed. They add up to 1.

    The more first interactions of held-out users there are to learn from, the less the default shares count.

    Args:
        interactions: The interactions to learn from.
        usual: float64[2 * rates], the default shares. They are returned if there is nothing to learn from.

    Returns:
        The shares, float64[2 * rates].
    """
    new_items, earlier = _hold_out(interactions)
    mixtures = _mixtures(len(usual) // 2)
    gains = _gains(mixtures, earlier, new_items)
    if not gains.any():
        return usual
    gains = _pool_over_shares(gains)
    weights = np.exp(SHARPNESS * np.sqrt(len(new_items)) * (gains / gains.max() - 1))
    few = np.exp(-len(new_items) / FEW)
    shares = (1 - LEAST_OVERALL) * (few * usual + (1 - few) * np.average(mixtures, axis=0, weights=weights))
    shares[0] += LEAST_OVERALL
    return np.asarray(shares)


def _hold_out(interactions: InteractionMatrix) -> tuple[NDArray[np.int32], InteractionMatrix]:
    """Hold out the users who began last, a tenth of all users.

    Returns:
        The item indices of the first five interactions of each held-out user, int32[n], without repetitions by the same
        user and without items that nobody used before, and all interactions before the first held-out user began.
    """
    users = np.flatnonzero(interactions.lengths())
    begin = interactions.timestamp[interactions.indptr[users]]
    new = begin >= np.quantile(begin, 1 - HELD_OUT)
    earlier = interactions.select(interactions.timestamp < begin[new].min())
    items = [np.unique(interactions.history(user)[:FIRST]) for user in users[new].tolist()]
    new_items = np.concatenate(items)
    return new_items[earlier.warm[new_items]], earlier


def _mixtures(rates: int) -> NDArray[np.float64]:
    """Return the shares of the mixtures to compare, one mixture per row: float64[n_mixtures, 2 * rates].

    A mixture has a single rate of fading. It consists of all interactions, or half of them and half of first ones.

    Args:
        rates: Number of rates of fading, including the rate 0.
    """
    return np.concatenate([np.kron((1 - share, share), np.eye(rates)) for share in SHARES_OF_FIRST])


def _gains(
    mixtures: NDArray[np.float64], earlier: InteractionMatrix, new_items: NDArray[np.int32]
) -> NDArray[np.float64]:
    """Rate how well mixtures of the rows of `_counts` predict the first items of held-out users: float64[n_mixtures].

    Args:
        mixtures: float64[n_mixtures, 2 * rates], the shares of the rows.
        earlier: The interactions before the held-out users began.
        new_items: The indices of the first items of held-out users. Without any, all gains are 0.
    """
    if not len(new_items):
        return np.zeros(len(mixtures))
    warm_items = np.flatnonzero(earlier.warm).astype(np.int32)
    parts = _counts(earlier, earlier.csr(warm_items), warm_items, rates=mixtures.shape[1] // 2)
    parts /= parts.sum(axis=1, keepdims=True)
    counts = np.bincount(new_items, minlength=len(earlier.items))[warm_items]
    return np.array([_gain(shares @ parts, counts) for shares in mixtures])


def _pool_over_shares(gains: NDArray[np.float64]) -> NDArray[np.float64]:
    """Average the gain of each mixture with the gains of mixtures that fade at the same rate with another share.

    The share is that of first interactions. The mixture's own gain has a weight of 0.7, and the mean of the others has
    one of 0.3. A few hundred first items tell the rate of fading better than the share, so the share is learnt more
    cautiously.

    Args:
        gains: float64[n_mixtures], in the order of `_mixtures`.

    Returns:
        The means, float64[n_mixtures], in the same order.
    """
    by_share = gains.reshape(len(SHARES_OF_FIRST), -1)
    others = (by_share.sum(axis=0) - by_share) / (len(SHARES_OF_FIRST) - 1)
    return np.asarray((1 - OTHER_SHARES) * by_share + OTHER_SHARES * others).ravel()


def _gain(popularity: NDArray[np.float64], counts: NDArray[np.int64]) -> float:
    """Rate how well popularity predicts the first items of held-out users, by discounted cumulative gain.

    The 25 most popular items count.

    Args:
        popularity: float64[n_warm], the popularity of each item.
        counts: int64[n_warm], the gain of each item: the number of held-out users who have it among their first items.
    """
    best = top_k(popularity, k=PLACES)
    return float(counts[best] @ (1 / np.log2(2 + np.arange(len(best)))))


def _counts(
    interactions: InteractionMatrix, matrix: sparse.csr_matrix, warm_items: NDArray[np.int32], *, rates: int
) -> NDArray[np.float64]:
    """Count the users of each item in several ways, float64[2 * rates, n_warm].

    The first half of the rows are the results of `_fading_counts` for all interactions, the second half those for the
    first five interactions of each user. An item's popularity is a mixture of these counts.

    Args:
        interactions: The interactions to count.
        matrix: The result of `interactions.csr(warm_items)`.
        warm_items: int32[n_warm], the indices of the items.
        rates: Number of rates of fading, including the rate 0.
    """
    first = np.arange(len(interactions)) - interactions.indptr[interactions.user] < FIRST
    matrix_of_first = interactions.csr(warm_items, mask=first)
    overall = _fading_counts(interactions, matrix, warm_items, rates=rates)
    return np.concatenate([overall, _fading_counts(interactions, matrix_of_first, warm_items, rates=rates, mask=first)])


def _fading_counts(
    interactions: InteractionMatrix,
    matrix: sparse.csr_matrix,
    warm_items: NDArray[np.int32],
    *,
    rates: int,
    mask: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """Count the users of each item at several rates of fading, float64[rates, n_warm].

    In the first row, a user counts 1 for an item or, with weights, as in `popularity_prior`. In the other rows, this
    number halves with each half-life of the mean age of the user's interactions with the item. The half-life of the
    second row is twice the median age of all interactions. From there, each half-life is half of the one before. Each
    row is scaled so that the newest user counts fully.

    Args:
        interactions: The interactions to count.
        matrix: The result of `interactions.csr(warm_items, mask=mask)`.
        warm_items: int32[n_warm], the indices of the items.
        rates: Number of rows.
        mask: bool[n], False for interactions to leave out. None for all interactions.
    """
    unweighted = replace(interactions, weight=None)
    times = (matrix if interactions.weight is None else unweighted.csr(warm_items, mask=mask)).data
    age = (interactions.timestamp.max() - interactions.timestamp).astype(np.float64)
    mean_age = replace(interactions, weight=age).csr(warm_items, mask=mask).data / times
    half_life = LONGEST * max(1.0, float(np.median(age)))
    fading = 0.5 ** ((mean_age - mean_age.min()) / half_life)
    weight = matrix.data / times
    counts = [np.bincount(matrix.indices, weight, minlength=len(warm_items))]
    for _ in range(1, rates):
        counts.append(np.bincount(matrix.indices, weight * fading, minlength=len(warm_items)))
        fading = np.square(fading)
    return np.array(counts)
