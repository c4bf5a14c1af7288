"""Metrics of ranked lists.

Definitions: developer guide, "Evaluating an Amazon Personalize solution version with metrics", section "Metric
definitions" (2025). Where the guide leaves something open, the docstring says what is ours.

In all functions `hits` is bool[users, length] and tells whether the recommendation at each position, best first, is one
of the user's held-out items. Without users a metric is 0.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Hits = NDArray[np.bool_]


def hits_in(recommended: NDArray[np.int32], relevant: Sequence[NDArray[np.int32]]) -> Hits:
    """Return the mask of the relevant recommendations, bool[lists, length].

    Args:
        recommended: int32[lists, length], best first, padded with -1.
        relevant: The relevant indices for each list.
    """
    hits = np.zeros(recommended.shape, dtype=bool)
    for row, indices in enumerate(relevant):
        hits[row] = np.isin(recommended[row], indices)
    return hits


def precision_at(k: int, *, hits: Hits) -> float:
    """Return precision at k: the mean over users of (hits within k) / k.

    The denominator is k even if fewer items are held out (guide, "precision at K").
    """
    return _mean(hits[:, :k].sum(axis=1) / k)


def mean_reciprocal_rank_at(k: int, *, hits: Hits) -> float:
    """Return the mean over users of 1 / (position of the first hit within k). A user without a hit counts as 0.

    Guide, "mean reciprocal rank at 25"; Voorhees, "The TREC-8 Question Answering Track Report" (1999).
    """
    within = hits[:, :k]
    if not within.size:
        return 0.0
    return _mean(within.any(axis=1) / (1 + within.argmax(axis=1)))


def normalized_discounted_cumulative_gain_at(k: int, *, hits: Hits, relevant: NDArray[np.int64]) -> float:
    """Return the mean over users of DCG / IDCG.

    DCG is the sum of 1 / log2(1 + position) over the hits within k. IDCG is the DCG of a list that begins with
    min(relevant, k) hits. Guide, "normalized discounted cumulative gain (NDCG) at K"; Järvelin and Kekäläinen,
    "Cumulated Gain-Based Evaluation of IR Techniques" (2002). That IDCG is capped at k is ours.

    Args:
        k: Number of positions that count.
        hits: bool[users, length].
        relevant: int64[users], the number of held-out items, at least 1.
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
    """Return NDCG with the gain weight / log2(1 + position) for a held-out item with a weight.

    The weights have a mean of 1 over all interactions. IDCG is the DCG of a list that begins with the min(relevant, k)
    heaviest held-out items. Guide, "normalized_discounted_cumulative_gain_with_event_weights_at_k"; its sample weights
    of 0.3 and 0.1 become 1.5 and 0.5.

    Args:
        k: Number of positions that count.
        recommended: int[users, length], item indices, best first.
        relevant: The held-out items of each user, ascending.
        weights: The weights of these items for each user.
    """
    gains = 1 / np.log2(2 + np.arange(k))
    ratios = np.zeros(len(relevant))
    for user, (items, weight) in enumerate(zip(relevant, weights, strict=True)):
        ideal = float(np.sort(weight)[::-1][:k] @ gains[: min(k, len(weight))])
        weight_by_item = dict(zip(items.tolist(), weight.tolist(), strict=True))
        gained = [weight_by_item.get(item, 0.0) for item in recommended[user, :k].tolist()]
        ratios[user] = float(gained @ gains[: len(gained)]) / ideal if ideal else 0.0
    return _mean(ratios)


def coverage(recommended: NDArray[np.integer], *, catalogue_size: int) -> float:
    """Return (distinct recommended ids) / (ids in the catalogue); guide, "coverage".

    Args:
        recommended: An array of indices of any shape, padded with -1.
        catalogue_size: Number of ids that could be recommended.
    """
    return len(np.unique(recommended[recommended >= 0])) / catalogue_size if catalogue_size else 0.0


def average_rewards_at(
    k: int, *, recommended: NDArray[np.integer], relevant: Sequence[NDArray[np.integer]], rewards: NDArray[np.float64]
) -> float:
    """Return the mean over users of (reward of the hits within k) / (reward of all held-out items).

    Guide, "average_rewards_at_k". Users without a hit count 0. So does a user whose held-out items have no reward. That
    the held-out items are the denominator is our reading: it gives the size and the course of the recorded values. A
    missing reward counts as the median. If a reward is negative, the smallest reward is subtracted from all.

    Args:
        k: Number of positions that count, 25 for the service.
        recommended: int[users, length], item indices, best first, padded with -1.
        relevant: For each user the distinct held-out items.
        rewards: float64[items], NaN where the reward is missing.
    """
    reward = _non_negative(rewards)
    ratios = np.zeros(len(relevant))
    for user, items in enumerate(relevant):
        total = float(reward[items].sum())
        hits = np.intersect1d(recommended[user, :k], items)
        ratios[user] = float(reward[hits].sum()) / total if total > 0 else 0.0
    return _mean(ratios)


def _non_negative(rewards: NDArray[np.float64]) -> NDArray[np.float64]:
    known = rewards[~np.isnan(rewards)]
    if not len(known):
        return np.zeros(len(rewards))
    filled = np.where(np.isnan(rewards), np.median(known), rewards)
    return filled - min(0.0, float(known.min()))


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else 0.0
