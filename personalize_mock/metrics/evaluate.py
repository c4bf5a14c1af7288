"""The metrics of a model, under the service's keys and in their order."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.split import Split
from personalize_mock.metrics import ranking
from personalize_mock.recipes.base import Model

DECIMALS = 4
PLACES = (5, 10, 25)
LONGEST = 25
REWARDED = 100


def evaluate(
    model: Model, split: Split, *, catalogue: int, rewards: NDArray[np.float64] | None = None
) -> dict[str, float]:
    """Recommend to the test users what follows their training events, and compare with what did.

    Args:
        model: Trained on `split.train`.
        split: The test users and their held-out items.
        catalogue: How many distinct items the Interactions and Items datasets hold.
        rewards: float64[len(items)], the optimization objective's attribute, NaN where missing. With it,
            `average_rewards_at_k` is among the metrics; it is taken from the 100 best recommendations (the
            guide leaves their number open).

    Returns:
        Rounded to 4 decimals, sorted by key; all 0 without test users.
    """
    histories = [split.train.history(user) for user in split.users]
    recommended = model.rank_many(histories, n=LONGEST if rewards is None else REWARDED)
    hits = _hits(recommended, split.relevant)
    relevant = np.array([len(items) for items in split.relevant], dtype=np.int64)
    metrics = {
        "coverage": ranking.coverage(recommended[:, :LONGEST], catalogue=catalogue),
        f"mean_reciprocal_rank_at_{LONGEST}": ranking.mean_reciprocal_rank_at(LONGEST, hits=hits),
    }
    for k in PLACES:
        gain = ranking.normalized_discounted_cumulative_gain_at(k, hits=hits, relevant=relevant)
        metrics[f"normalized_discounted_cumulative_gain_at_{k}"] = gain
        metrics[f"precision_at_{k}"] = ranking.precision_at(k, hits=hits)
    if rewards is not None:
        metrics["average_rewards_at_k"] = ranking.average_rewards_at(
            LONGEST, recommended=recommended, hits=hits, rewards=rewards
        )
    return {key: round(metrics[key], DECIMALS) for key in sorted(metrics)}


def _hits(recommended: NDArray[np.int32], relevant: Sequence[NDArray[np.int32]]) -> ranking.Hits:
    hits = np.zeros(recommended.shape, dtype=bool)
    for row, items in enumerate(relevant):
        hits[row] = np.isin(recommended[row], items)
    return hits
