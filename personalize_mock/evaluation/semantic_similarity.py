"""Evaluation of models that recommend items with similar texts.

Besides the metrics of all recipes for related items, such as NDCG, it computes Item Popularity, Item Freshness and Item
Similarity. The developer guide, "Evaluating an Amazon Personalize solution version with metrics" (2025), defines them
as means of scores between 0 and 1. It does not say how GetSolutionMetrics names them, so the names here are a guess.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from personalize_mock.evaluation.base import rounded_metrics
from personalize_mock.evaluation.related import RelatedEvaluation, related_items
from personalize_mock.recipes.base import Model


@runtime_checkable
class HasItemScores(Protocol):
    """Interface of models that can score the popularity and freshness of items and the similarity of two items.

    Attributes:
        item_scores: The scores by name: "POPULARITY" and "FRESHNESS". Each is float32[items], from 0 to 1.
    """

    item_scores: Mapping[str, NDArray[np.float32]]

    def similarity(self, items: NDArray[np.integer], others: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return the similarity of each item in `items` to the item at the same position in `others`.

        Args:
            items: int[pairs], the item index of one item of each pair.
            others: int[pairs], the item index of the other item.

        Returns:
            float64[pairs], from 0 to 1.
        """


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SemanticSimilarityEvaluation(RelatedEvaluation):
    """Evaluation of models that recommend items with similar texts."""

    def measure(self, model: Model, *, rewards: NDArray[np.float64] | None = None) -> dict[str, float]:
        """Return the metrics of `RelatedEvaluation`, and the freshness, popularity and similarity of recommended items.

        The keys are metric names. The last three metrics are means over the 25 recommendations for each item or, if
        there are more than 1000 items, for at most 1000 evenly spaced items. They are 0 if nothing is recommended.

        Args:
            model: A model that was fitted to the training data of this evaluation, `train`.
            rewards: Not used, because Semantic-Similarity has no optimization objective.

        Raises:
            TypeError: The model does not implement `HasItemScores`.
        """
        if not isinstance(model, HasItemScores):
            raise TypeError(
                f"A model of the class {type(model).__name__} has no attribute item_scores, so it cannot be evaluated."
            )
        sample = self.sampled_items()
        recommended = related_items(model, sample)
        row, position = np.nonzero(recommended >= 0)
        items = recommended[row, position]
        item_metrics = {
            "item_freshness": _mean(model.item_scores["FRESHNESS"][items]),
            "item_popularity": _mean(model.item_scores["POPULARITY"][items]),
            "item_similarity": _mean(model.similarity(sample[row], items)),
        }
        related_metrics = super(SemanticSimilarityEvaluation, self).measure(model, rewards=rewards)
        return rounded_metrics(related_metrics | item_metrics)


def _mean(values: NDArray[np.floating]) -> float:
    return float(values.mean()) if len(values) else 0.0
