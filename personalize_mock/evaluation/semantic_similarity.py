"""The evaluation of items with texts alike: that of related items, and what the recommended items are like.

The guide defines item popularity, freshness and similarity as means of scores between 0 and 1; the names of their keys
were never recorded. Those here are the guide's words in the form of the recorded ones: inferred.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from personalize_mock.evaluation.base import shown
from personalize_mock.evaluation.related import RelatedEvaluation, answers
from personalize_mock.recipes.base import Model


@runtime_checkable
class HasItemScores(Protocol):
    """A model that says what its items are like.

    Attributes:
        item_scores: float32[items], POPULARITY and FRESHNESS of each item, from 0 to 1.
    """

    item_scores: Mapping[str, NDArray[np.float32]]

    def similarity(self, items: NDArray[np.integer], others: NDArray[np.integer]) -> NDArray[np.float64]:
        """How similar pairs of items are, from 0 to 1: float64[pairs]."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SemanticSimilarityEvaluation(RelatedEvaluation):
    """Related items by what users did next where there are interactions, and by what is recommended in any case."""

    def measure(self, model: Model, *, rewards: NDArray[np.float64] | None = None) -> dict[str, float]:
        """See `Evaluation.measure`.

        The three metrics are means over the 25 recommendations for each of all items, or of about 1000 evenly spread
        ones; 0 where nothing is recommended.

        Raises:
            TypeError: the model does not say what its items are like.
        """
        if not isinstance(model, HasItemScores):
            raise TypeError(f"{type(model).__name__} does not say what its items are like")
        asked = self.spread()
        found = answers(model, asked)
        row, place = np.nonzero(found >= 0)
        codes = found[row, place]
        of_items = {
            "item_freshness": _mean(model.item_scores["FRESHNESS"][codes]),
            "item_popularity": _mean(model.item_scores["POPULARITY"][codes]),
            "item_similarity": _mean(model.similarity(asked[row], codes)),
        }
        return shown(super(SemanticSimilarityEvaluation, self).measure(model, rewards=rewards) | of_items)


def _mean(values: NDArray[np.floating]) -> float:
    return float(values.mean()) if len(values) else 0.0
