"""Evaluation of related items on the later interactions of test users."""

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
    """Evaluation of models that recommend items for an item.

    The guide does not say which item of a test user is the query. Here it is the newest item that is not held out; the
    held-out items are relevant, except for the query itself. Users without any other held-out item do not count.

    Attributes:
        query_items: int32[users], the item of each query.
        relevant: The relevant items for each query.
    """

    main_metric: ClassVar[str] = "normalized_discounted_cumulative_gain_at_25"

    query_items: NDArray[np.int32]
    relevant: Sequence[NDArray[np.int32]]

    @classmethod
    def from_data(cls, data: TrainingData, *, seed: int) -> "RelatedEvaluation":
        """Split the interactions and choose the query items; see `Evaluation.from_data`."""
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
        """Return the metrics of related items; see `Evaluation.measure`.

        Without interactions, no item is known to be relevant. Then the only metric is the coverage of the lists for
        about 1000 items; this is ours.
        """
        del rewards  # these recipes have no objective
        if not len(self.train.interactions):
            recommended = related_items(model, self.sampled_items())
            coverage = ranking.coverage(recommended, catalogue_size=self.catalogue_size)
            return rounded_metrics({"coverage": coverage})
        recommended = related_items(model, self.query_items)
        return rounded_metrics(ranking_metrics(recommended, self.relevant, catalogue_size=self.catalogue_size))

    def sampled_items(self) -> NDArray[np.int64]:
        """Return all items, or at most 1000 evenly spaced ones."""
        return np.arange(0, self.catalogue_size, max(1, -(-self.catalogue_size // SAMPLE_SIZE)))


def related_items(model: Model, items: NDArray[np.integer]) -> NDArray[np.int32]:
    """Return the 25 items most related to each item, int32[len(items), 25], padded with -1."""
    return ranked_indices(model, [Query(item=item) for item in items.tolist()], n=LIST_LENGTH)
