"""Evaluation of models that recommend related items, on held-out interactions of test users."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.evaluation import ranking
from personalize_mock.evaluation.base import Evaluation, ranked_indices, rounded_metrics
from personalize_mock.evaluation.items import LIST_LENGTH, ranking_metrics
from personalize_mock.evaluation.split import Split
from personalize_mock.recipes.base import Model, Query, TrainingData

SAMPLE_SIZE = 1000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RelatedEvaluation(Evaluation):
    """Evaluation of models that recommend items related to another item.

    For each test user, the query is the newest item that is not held out. The held-out items, except the query itself,
    are relevant. Test users without relevant items do not count. The developer guide does not say which item of a test
    user the service uses as the query.

    Attributes:
        query_items: int32[queries], item index of each query.
        relevant: For each query, the item indices that count as hits.
    """

    main_metric: ClassVar[str] = "normalized_discounted_cumulative_gain_at_25"

    query_items: NDArray[np.int32]
    relevant: Sequence[NDArray[np.int32]]

    @classmethod
    def from_data(cls, data: TrainingData, *, seed: int) -> "RelatedEvaluation":
        """Return an evaluation on held-out interactions of randomly drawn test users.

        The newest 10 % of each test user's interactions are held out, and the newest of the remaining items becomes the
        query. The same data and seed give the same split.
        """
        split = Split.from_interactions(data.interactions, seed=seed)
        newest = split.train.item[split.train.indptr[split.users + 1] - 1]
        relevant = [items[items != query] for items, query in zip(split.relevant, newest, strict=True)]
        counting = np.array([len(items) > 0 for items in relevant], dtype=bool)
        return cls(
            train=replace(data, interactions=split.train),
            catalogue_size=len(data.interactions.items),
            query_items=newest[counting],
            relevant=[items for items in relevant if len(items)],
        )

    def measure(self, model: Model, *, rewards: NDArray[np.float64] | None = None) -> dict[str, float]:
        """Return the metrics of a model by metric name, rounded to 4 decimals.

        Without interactions, it is unknown which items are relevant. The only metric is then the coverage of the
        recommendations for at most 1000 items. What the service does in this case is not documented.

        Args:
            model: A model that was fitted to the training data of this evaluation, `train`.
            rewards: Not used, because recipes for related items have no optimization objective.
        """
        del rewards  # recipes for related items have no objective
        if not len(self.train.interactions):
            recommended = related_items(model, self.sampled_items())
            coverage = ranking.coverage(recommended, catalogue_size=self.catalogue_size)
            return rounded_metrics({"coverage": coverage})
        recommended = related_items(model, self.query_items)
        return rounded_metrics(ranking_metrics(recommended, self.relevant, catalogue_size=self.catalogue_size))

    def sampled_items(self) -> NDArray[np.int64]:
        """Return the indices of all items or, if there are more than 1000, of at most 1000 evenly spaced items."""
        return np.arange(0, self.catalogue_size, max(1, -(-self.catalogue_size // SAMPLE_SIZE)))


def related_items(model: Model, items: NDArray[np.integer]) -> NDArray[np.int32]:
    """Return the 25 items that a model finds most related to each of the given items.

    Args:
        model: The model, which takes an item as query.
        items: Item indices.

    Returns:
        int32[len(items), 25], item indices, best first, padded with -1.
    """
    return ranked_indices(model, [Query(item=item) for item in items.tolist()], n=LIST_LENGTH)
