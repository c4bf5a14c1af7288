"""Evaluation of models that recommend items to users, on held-out interactions of test users."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.evaluation import ranking
from personalize_mock.evaluation.base import Evaluation, ranked_indices, rounded_metrics
from personalize_mock.evaluation.split import Split
from personalize_mock.recipes.base import Exploration, Model, Query, TrainingData

CUTOFFS = (5, 10, 25)
LIST_LENGTH = 25
MOST_SCORES = 100_000_000  # items times test users; in a large catalogue, fewer test users are measured
# Defaults of a campaign: developer guide, "User-Personalization recipe" (2025).
EXPLORATION_WEIGHT, AGE_CUT_OFF = 0.3, 30.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemsEvaluation(Evaluation):
    """Evaluation of models that recommend items to a user.

    Attributes:
        split: The interactions to train on, and the held-out items of each test user.
    """

    main_metric: ClassVar[str] = "normalized_discounted_cumulative_gain_at_25"

    split: Split

    @classmethod
    def from_data(cls, data: TrainingData, *, seed: int) -> "ItemsEvaluation":
        """Return an evaluation on held-out interactions of randomly drawn test users.

        The newest 10 % of each test user's interactions are held out. The same data and seed give the same split.
        """
        split = Split.from_interactions(data.interactions, seed=seed)
        train = replace(data, interactions=split.train)
        return cls(train=train, catalogue_size=len(data.interactions.items), split=split)

    def measure(self, model: Model, *, rewards: NDArray[np.float64] | None = None) -> dict[str, float]:
        """Return the metrics of a model by metric name, rounded to 4 decimals. All are 0 if there are no test users.

        If the model would have to compute more than 100 million scores for all test users, only every n-th test user is
        measured, which makes coverage smaller. Whether the service does so is unknown.

        If the model explores, coverage also counts items that are recommended only with exploration: the developer
        guide says that exploration increases coverage ("User-Personalization recipe", 2025). The other metrics are
        measured without exploration.

        Args:
            model: A model that was fitted to the training data of this evaluation, `train`.
            rewards: float64[items], value of each item in the column of the optimization objective, NaN where it is
                missing. If it is given, the metrics include `average_rewards_at_k`.
        """
        split = self.split.every(-(-len(self.split.users) * self.catalogue_size // MOST_SCORES))
        recommended, covered = _recommended(model.without_scores(), split)
        metrics = ranking_metrics(recommended, split.relevant, catalogue_size=self.catalogue_size)
        metrics |= _event_weighted(recommended, split)
        metrics["coverage"] = ranking.coverage(covered, catalogue_size=self.catalogue_size)
        if rewards is not None:
            metrics["average_rewards_at_k"] = ranking.average_rewards_at(
                LIST_LENGTH, recommended=recommended, relevant=split.relevant, rewards=rewards
            )
        return rounded_metrics(metrics)


def ranking_metrics(
    recommended: NDArray[np.int32], relevant: Sequence[NDArray[np.int32]], *, catalogue_size: int
) -> dict[str, float]:
    """Return coverage and MRR at 25, and NDCG and precision at 5, 10 and 25, by metric name and not rounded.

    Args:
        recommended: int32[lists, length], recommended indices, best first, padded with -1.
        relevant: For each list, the indices that count as hits.
        catalogue_size: Number of ids that could be recommended.
    """
    hits = ranking.hits_in(recommended, relevant)
    counts = np.array([len(indices) for indices in relevant], dtype=np.int64)
    metrics = {
        "coverage": ranking.coverage(recommended[:, :LIST_LENGTH], catalogue_size=catalogue_size),
        f"mean_reciprocal_rank_at_{LIST_LENGTH}": ranking.mean_reciprocal_rank_at(LIST_LENGTH, hits=hits),
    }
    for k in CUTOFFS:
        gain = ranking.normalized_discounted_cumulative_gain_at(k, hits=hits, relevant=counts)
        metrics[f"normalized_discounted_cumulative_gain_at_{k}"] = gain
        metrics[f"precision_at_{k}"] = ranking.precision_at(k, hits=hits)
    return metrics


def _recommended(model: Model, split: Split) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the items that are recommended to each test user, and the items that count for the coverage metric.

    Returns:
        Two arrays of item indices, best first, padded with -1. The first, int32[users, 25], has one list for each test
        user, without exploration. If the model explores, the second is int32[2 * users, 25] and also has a list for
        each user with the default exploration settings of a campaign. Otherwise, it is the same array.
    """
    queries = [Query(history=split.train.history(user), user=int(user)) for user in split.users]
    if not model.explores:
        recommended = ranked_indices(model, queries, n=LIST_LENGTH)
        return recommended, recommended
    # Both queries of a user are neighbours, because models then read the history only once.
    both = [variant for query in queries for variant in (query, _exploring(query))]
    indices = ranked_indices(model, both, n=LIST_LENGTH)
    return indices[::2], indices


def _event_weighted(recommended: NDArray[np.int32], split: Split) -> dict[str, float]:
    """Return the event-weighted NDCG at 25 by metric name.

    The dictionary is empty if all interactions have the same weight.
    """
    if split.weights is None:
        return {}
    gain = ranking.event_weighted_ndcg_at(
        LIST_LENGTH, recommended=recommended, relevant=split.relevant, weights=split.weights
    )
    return {"normalized_discounted_cumulative_gain_with_event_weights_at_k": gain}


def _exploring(query: Query) -> Query:
    """Return a copy of a query that has the default exploration settings of a campaign."""
    return replace(query, exploration=Exploration(weight=EXPLORATION_WEIGHT, age_cut_off=AGE_CUT_OFF, seed=query.user))
