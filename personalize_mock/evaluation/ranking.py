"""Metrics of ranked lists (reference: metrics, "Formulas").

Everywhere `hits` is bool[users, length]: whether the recommendation at each place, best first, is one of
the user's held-out items. Without users a metric is 0.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Hits = NDArray[np.bool_]


def precision_at(k: int, *, hits: Hits) -> float:
    """Mean over users of (hits within k) / k; k even where fewer items are held out."""
    return _mean(hits[:, :k].sum(axis=1) / k)


def mean_reciprocal_rank_at(k: int, *, hits: Hits) -> float:
    """Mean over users of 1 / rank of the first hit within k, 0 without one."""
    within = hits[:, :k]
    if not within.size:
        return 0.0
    return _mean(within.any(axis=1) / (1 + within.argmax(axis=1)))


def normalized_discounted_cumulative_gain_at(k: int, *, hits: Hits, relevant: NDArray[np.int64]) -> float:
    """Mean over users of DCG / IDCG with the gain 1 / log2(1 + place), places from 1.

    IDCG is the DCG of a list with all held-out items at its top, min(relevant, k) of them.

    Args:
        k: How many places count.
        hits: bool[users, length].
        relevant: int64[users], how many items are held out, at least 1.
    """
    gains = 1 / np.log2(2 + np.arange(k))
    within = hits[:, :k]
    gained = within @ gains[: within.shape[1]]
    ideal = np.concatenate(([0], np.cumsum(gains)))[np.minimum(relevant, k)]
    return _mean(np.divide(gained, ideal, out=np.zeros(len(hits)), where=ideal > 0))


def event_weighted_ndcg_at(
    k: int,
    *,
    recommended: NDArray[np.integer],
    relevant: Sequence[NDArray[np.integer]],
    weights: Sequence[NDArray[np.float64]],
) -> float:
    """NDCG in which the gain of a held-out item is multiplied by the weight of its event.

    The weights have a mean of 1 over all events (reference: metrics, "event-weighted NDCG"). IDCG has the held-out
    items at the top of the list, heaviest first, min(relevant, k) of them.

    Args:
        k: How many places count.
        recommended: int[users, length] of item codes, best first.
        relevant: For each user the held-out items, ascending.
        weights: For each user what these count.
    """
    gains = 1 / np.log2(2 + np.arange(k))
    ratios = np.zeros(len(relevant))
    for user, (items, weight) in enumerate(zip(relevant, weights, strict=True)):
        ideal = float(np.sort(weight)[::-1][:k] @ gains[: min(k, len(weight))])
        weight_of = dict(zip(items.tolist(), weight.tolist(), strict=True))
        gained = [weight_of.get(item, 0.0) for item in recommended[user, :k].tolist()]
        ratios[user] = float(gained @ gains[: len(gained)]) / ideal if ideal else 0.0
    return _mean(ratios)


def coverage(recommended: NDArray[np.integer], *, catalogue: int) -> float:
    """Distinct items recommended to anybody / items in the catalogue; -1 in `recommended` is padding."""
    return len(np.unique(recommended[recommended >= 0])) / catalogue if catalogue else 0.0


def average_rewards_at(k: int, *, recommended: NDArray[np.integer], hits: Hits, rewards: NDArray[np.float64]) -> float:
    """Mean over users of (rewards of hits among the k most rewarding recommendations) / (rewards of all hits).

    The mean is in (0, 1], or 0 if no user has a hit with a reward: users without one do not count. A reward
    is the item's attribute; a missing one (NaN) counts as the median; if any is negative, the least is
    subtracted from all. Of equal rewards the better recommendation comes first.

    Args:
        k: How many recommendations are chosen, 25 for the service.
        recommended: int[users, length] of item codes, best first, -1 as padding; with no more than k of
            them the answer is 1 or 0.
        hits: bool[users, length].
        rewards: float64[len(items)].
    """
    reward = np.where(recommended >= 0, _positive(rewards)[recommended], -np.inf)
    top = np.argsort(-reward, axis=1, kind="stable")[:, :k]
    earned = np.where(hits, reward, 0.0)
    total = earned.sum(axis=1)
    share = np.take_along_axis(earned, top, axis=1).sum(axis=1)
    return _mean(share[total > 0] / total[total > 0])


def _positive(rewards: NDArray[np.float64]) -> NDArray[np.float64]:
    known = rewards[~np.isnan(rewards)]
    if not len(known):
        return np.zeros(len(rewards))
    filled = np.where(np.isnan(rewards), np.median(known), rewards)
    return filled - min(0.0, float(known.min()))


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else 0.0
