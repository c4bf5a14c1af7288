"""The evaluation of recommended items: what test users did after the events that the model knows of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.evaluation import ranking
from personalize_mock.evaluation.base import Evaluation, ranked_indices, shown
from personalize_mock.evaluation.split import Split, split
from personalize_mock.recipes.base import Exploration, Model, Query, TrainingData

PLACES = (5, 10, 25)
LONGEST = 25
REWARDED = 100
WEIGHT, AGE_CUT_OFF = 0.3, 30.0  # of an exploration that nobody configured (reference: recipes)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemsEvaluation(Evaluation):
    """Users are split 90 : 10; the newest 10 % of the events of test users are held out.

    Attributes:
        parts: The test users and their held-out items.
    """

    best: ClassVar[str] = "normalized_discounted_cumulative_gain_at_25"

    parts: Split

    @classmethod
    def of(cls, data: TrainingData, *, seed: int) -> "ItemsEvaluation":
        """See `Evaluation.of`."""
        parts = split(data.interactions, seed=seed)
        return cls(train=replace(data, interactions=parts.train), catalogue=len(data.interactions.items), parts=parts)

    def measure(self, model: Model, *, rewards: NDArray[np.float64] | None = None) -> dict[str, float]:
        """See `Evaluation.measure`; with rewards `average_rewards_at_k` is among the metrics.

        It is taken from the 100 best recommendations (the guide leaves their number open). What is explored counts as
        covered, since the guide has recipes that explore cover more; all other metrics are of lists without it. All
        are 0 without test users.
        """
        queries = [Query(history=self.parts.train.history(user), user=int(user)) for user in self.parts.users]
        recommended = ranked_indices(model, queries, n=LONGEST if rewards is None else REWARDED)
        metrics = ranked(recommended, self.parts.relevant, catalogue=self.catalogue)
        metrics |= self._weighted(recommended)
        if model.explores:
            shown_at_all = np.concatenate((recommended[:, :LONGEST], _explored(model, queries)), axis=1)
            metrics["coverage"] = ranking.coverage(shown_at_all, catalogue=self.catalogue)
        if rewards is not None:
            metrics["average_rewards_at_k"] = ranking.average_rewards_at(
                LONGEST, recommended=recommended, hits=hits_of(recommended, self.parts.relevant), rewards=rewards
            )
        return shown(metrics)

    def _weighted(self, recommended: NDArray[np.int32]) -> dict[str, float]:
        """Event-weighted NDCG, where event types weigh differently."""
        if self.parts.weights is None:
            return {}
        gains = ranking.event_weighted_ndcg_at(
            LONGEST, recommended=recommended, relevant=self.parts.relevant, weights=self.parts.weights
        )
        return {"normalized_discounted_cumulative_gain_with_event_weights_at_k": gains}


def _explored(model: Model, queries: Sequence[Query]) -> NDArray[np.int32]:
    """The lists of the same users with some exploration, each with its own noise."""
    each = [
        replace(query, exploration=Exploration(weight=WEIGHT, age_cut_off=AGE_CUT_OFF, seed=query.user))
        for query in queries
    ]
    return ranked_indices(model, each, n=LONGEST)


def ranked(
    recommended: NDArray[np.int32], relevant: Sequence[NDArray[np.int32]], *, catalogue: int
) -> dict[str, float]:
    """The eight metrics of ranked lists, unrounded.

    Args:
        recommended: int32[lists, length], best first, -1 as padding.
        relevant: For each list the codes of what is right.
        catalogue: How many distinct ids there are.
    """
    hits = hits_of(recommended, relevant)
    counts = np.array([len(codes) for codes in relevant], dtype=np.int64)
    metrics = {
        "coverage": ranking.coverage(recommended[:, :LONGEST], catalogue=catalogue),
        f"mean_reciprocal_rank_at_{LONGEST}": ranking.mean_reciprocal_rank_at(LONGEST, hits=hits),
    }
    for k in PLACES:
        gain = ranking.normalized_discounted_cumulative_gain_at(k, hits=hits, relevant=counts)
        metrics[f"normalized_discounted_cumulative_gain_at_{k}"] = gain
        metrics[f"precision_at_{k}"] = ranking.precision_at(k, hits=hits)
    return metrics


def hits_of(recommended: NDArray[np.int32], relevant: Sequence[NDArray[np.int32]]) -> ranking.Hits:
    """Whether each entry of each list is right."""
    hits = np.zeros(recommended.shape, dtype=bool)
    for row, codes in enumerate(relevant):
        hits[row] = np.isin(recommended[row], codes)
    return hits
