"""Metrics for lists of recommendations.

The definitions follow the developer guide, "Evaluating an Amazon Personalize solution version with metrics", section
"Metric definitions" (2025). Where the guide leaves a detail open, the docstring of the function says what the mock
does.

The argument `hits` has the shape bool[users, length]. It marks which recommendations, best first, are among the user's
held-out items. Without users, each metric is 0.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Hits = NDArray[np.bool_]


def hits_in(recommended: NDArray[np.int32], relevant: Sequence[NDArray[np.int32]]) -> Hits:
    """Return, for each recommendation in each list, whether it is a hit.

    Args:
        recommended: int32[lists, length], recommended indices, best first, padded with -1.
        relevant: For each list, the indices that count as hits.

    Returns:
        bool[lists, length].
    """
    lists, length = recommended.shape
    if not lists:
        return np.zeros((0, length), dtype=bool)
    owner = np.repeat(np.arange(lists), [len(indices) for indices in relevant])
    wanted = np.concatenate(relevant)
    span = 1 + max(int(recommended.max(initial=0)), int(wanted.max(initial=0)))
    rows = span * np.arange(lists)[:, None]
    return np.isin(np.where(recommended < 0, -1, rows + recommended), span * owner + wanted)


def precision_at(k: int, *, hits: Hits) -> float:
    """Return precision at k: the number of hits among the first k recommendations, divided by k, averaged over users.

    The denominator is k even if a user has fewer held-out items: developer guide, "Evaluating an Amazon Personalize
    solution version with metrics", "precision at K" (2025).

    Args:
        k: Number of recommendations that count.
        hits: bool[users, length], whether each recommendation, best first, is one of the user's held-out items.
    """
    return _mean(hits[:, :k].sum(axis=1) / k)


def mean_reciprocal_rank_at(k: int, *, hits: Hits) -> float:
    """Return the mean reciprocal rank at k: 1 / (position of the first hit among the first k), averaged over users.

    A user without a hit counts as 0. Sources: developer guide, "Evaluating an Amazon Personalize solution version with
    metrics", "mean reciprocal rank at 25" (2025); Voorhees, "The TREC-8 Question Answering Track Report" (1999).

    Args:
        k: Number of recommendations that count.
        hits: bool[users, length], whether each recommendation, best first, is one of the user's held-out items.
    """
    within = hits[:, :k]
    if not within.size:
        return 0.0
    return _mean(within.any(axis=1) / (1 + within.argmax(axis=1)))


def normalized_discounted_cumulative_gain_at(k: int, *, hits: Hits, relevant: NDArray[np.int64]) -> float:
    """Return NDCG at k: DCG / IDCG, averaged over users.

    DCG is the sum of 1 / log2(1 + position) over the hits among the first k recommendations. IDCG is the DCG of a list
    that begins with min(relevant, k) hits; the guide does not mention this limit of k hits. Sources: developer guide,
    "Evaluating an Amazon Personalize solution version with metrics", "normalized discounted cumulative gain (NDCG) at
    K" (2025); Järvelin and Kekäläinen, "Cumulated Gain-Based Evaluation of IR Techniques" (2002).

    Args:
        k: Number of recommendations that count.
        hits: bool[users, length], whether each recommendation, best first, is one of the user's held-out items.
        relevant: int64[users], number of held-out items of each user, at least 1.
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
    """Return event-weighted NDCG at k: DCG / IDCG, averaged over users.

    DCG is the sum of weight / log2(1 + position) over the held-out items among the first k recommendations. IDCG is the
    DCG of a list that begins with the user's held-out items in descending order of weight. Only the ratios of the
    weights matter. Source: developer guide, "Evaluating an Amazon Personalize solution version with metrics",
    "normalized_discounted_cumulative_gain_with_event_weights_at_k" (2025).

    Args:
        k: Number of recommendations that count.
        recommended: int[users, length], item indices, best first.
        relevant: For each user, the distinct held-out items.
        weights: For each user, the weights of the items in `relevant`.
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
    """Return coverage: the number of distinct recommended ids, divided by the number of ids in the catalogue.

    Args:
        recommended: Recommended indices in an array of any shape, padded with -1.
        catalogue_size: Number of ids in the catalogue. If it is 0, coverage is 0.
    """
    return len(np.unique(recommended[recommended >= 0])) / catalogue_size if catalogue_size else 0.0


def average_rewards_at(
    k: int, *, recommended: NDArray[np.integer], relevant: Sequence[NDArray[np.integer]], rewards: NDArray[np.float64]
) -> float:
    """Return average rewards at k: (rewards of the user's hits) / (rewards of all held-out items), averaged over users.

    The hits are the held-out items among the first k recommendations. The reward of an item is its value in the column
    of the optimization objective. A user without a hit counts as 0, and so does a user whose held-out items have a
    total reward of 0. A missing reward counts as the median reward. If a reward is negative, the smallest reward is
    subtracted from all. The developer guide, "average_rewards_at_k" (2025), does not define the denominator. The one
    used here gives values of about the size recorded from the service in July 2021.

    Args:
        k: Number of recommendations that count, 25 in the service.
        recommended: int[users, length], item indices, best first, padded with -1.
        relevant: For each user, the distinct held-out items.
        rewards: float64[items], reward of each item, NaN where it is missing.
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
