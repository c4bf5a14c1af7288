"""Evaluation of models that find user segments, on held-out interactions of all users.

The metrics follow the developer guide, "Evaluating an Amazon Personalize solution version with metrics" (2025), "hit
(hit at K)" and "recall (recall at K)".
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.data.item_attributes import item_attributes
from personalize_mock.evaluation import ranking
from personalize_mock.evaluation.base import Evaluation, ranked_indices, rounded_metrics
from personalize_mock.recipes.base import Model, Query, TrainingData

HELD_OUT = 0.2
MIN_INTERACTIONS = 2
PERCENT = 100
MAX_QUERIES = 1000  # limits the evaluation's time; the service's number is not documented

QueriesAndUsers = list[tuple[Query, NDArray[np.int32]]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SegmentsEvaluation(Evaluation):
    """Evaluation of models that find the users most interested in an item or in items with an attribute.

    The newest 20 % of each user's interactions are held out (at least one if the user has two or more). There is one
    query for each held-out item or, for models that use attributes, for each value in the trainable columns of Items.
    If there are more than 1000 queries, 1000 are drawn at random.

    Attributes:
        held_out: The held-out interactions.
        seed: Seed of the random draw of queries.
    """

    main_metric: ClassVar[str] = "recall_at_1_percent"

    held_out: InteractionMatrix
    seed: int

    @classmethod
    def from_data(cls, data: TrainingData, *, seed: int) -> "SegmentsEvaluation":
        """Return an evaluation on the newest 20 % of the interactions of each user.

        The seed does not affect the split. It is kept for the random draw of queries.
        """
        interactions = data.interactions
        newest = _newest(interactions)
        train = replace(data, interactions=interactions.select(~newest))
        return cls(train=train, catalogue_size=len(interactions.users), held_out=interactions.select(newest), seed=seed)

    def measure(self, model: Model, *, rewards: NDArray[np.float64] | None = None) -> dict[str, float]:
        """Return coverage, hits and recall of a model by metric name, rounded to 4 decimals.

        For each query, the model recommends the top 1 % of all users, rounded up.

        Args:
            model: A model that was fitted to the training data of this evaluation, `train`.
            rewards: Not used, because recipes for user segments have no optimization objective.
        """
        del rewards  # recipes for user segments have no objective
        queries = self._item_queries() if model.uses_item else self._attribute_queries()
        relevant = [users for _, users in queries]
        recommended = ranked_indices(model, [query for query, _ in queries], n=-(-self.catalogue_size // PERCENT))
        hits = _hits(recommended, relevant, user_count=self.catalogue_size)
        return rounded_metrics(
            {
                "coverage": ranking.coverage(recommended, catalogue_size=self.catalogue_size),
                "hits_at_1_percent": mean_hits(hits),
                "recall_at_1_percent": mean_recall(hits, relevant=relevant),
            }
        )

    def _item_queries(self) -> QueriesAndUsers:
        """Return queries for the users most interested in an item, for at most 1000 held-out items.

        Each query is paired with the indices of the users who have a held-out interaction with the item.
        """
        warm = np.flatnonzero(self.held_out.warm)
        items = warm[self._sample(len(warm))]
        by_item = self.held_out.csr()[:, items].tocsc().sorted_indices()
        users = np.split(by_item.indices.astype(np.int32), by_item.indptr[1:-1]) if len(items) else []
        return [(Query(item=item), relevant) for item, relevant in zip(items.tolist(), users, strict=True)]

    def _attribute_queries(self) -> QueriesAndUsers:
        """Return queries for the users most interested in items with an attribute value, for at most 1000 values.

        Each query is paired with the indices of the users who have a held-out interaction with an item that has the
        value. Values without such users are left out.
        """
        attributes = item_attributes(self.train.items)
        pairs = list(attributes.pairs())
        sample = [pairs[index] for index in self._sample(len(pairs)).tolist()]
        users = [np.unique(self.held_out.user[attributes.mask([pair])[self.held_out.item]]) for pair in sample]
        queries = zip(sample, users, strict=True)
        return [(Query(attributes=(pair,)), relevant) for pair, relevant in queries if len(relevant)]

    def _sample(self, count: int) -> NDArray[np.int64]:
        """Return the integers from 0 to `count` - 1, or a random 1000 of them if there are more, in ascending order."""
        if count <= MAX_QUERIES:
            return np.arange(count)
        return np.sort(np.random.default_rng(self.seed).choice(count, size=MAX_QUERIES, replace=False))


def mean_hits(hits: ranking.Hits) -> float:
    """Return the mean number of hits per query, which can exceed 1.

    Args:
        hits: bool[queries, length], whether each recommended user is relevant.
    """
    return float(hits.sum(axis=1).mean()) if len(hits) else 0.0


def mean_recall(hits: ranking.Hits, *, relevant: Sequence[NDArray[np.int32]]) -> float:
    """Return recall: the share of the relevant users who were recommended, averaged over queries.

    Args:
        hits: bool[queries, length], whether each recommended user is relevant.
        relevant: For each query, the indices of the relevant users, at least one.
    """
    counts = np.array([len(users) for users in relevant])
    return float((hits.sum(axis=1) / counts).mean()) if len(hits) else 0.0


def _hits(recommended: NDArray[np.int32], relevant: Sequence[NDArray[np.int32]], *, user_count: int) -> ranking.Hits:
    """Return a boolean mask of the recommended users who are relevant.

    For long lists, this function is faster than `ranking.hits_in`.

    Args:
        recommended: int32[queries, length], user indices, padded with -1.
        relevant: For each query, the indices of the relevant users.
        user_count: Number of all users.

    Returns:
        bool[queries, length].
    """
    hits = np.zeros(recommended.shape, dtype=bool)
    is_relevant = np.zeros(user_count + 1, dtype=bool)  # the last entry serves index -1
    for row, users in enumerate(relevant):
        is_relevant[users] = True
        hits[row] = is_relevant[recommended[row]]
        is_relevant[users] = False
    return hits


def _newest(interactions: InteractionMatrix) -> NDArray[np.bool_]:
    """Return a boolean mask of the newest 20 % of each user's interactions, which are held out.

    At least one interaction is held out if a user has two or more.
    """
    lengths = interactions.lengths()
    counts = np.rint(HELD_OUT * lengths).astype(np.int64)
    counts[lengths >= MIN_INTERACTIONS] = np.maximum(1, counts[lengths >= MIN_INTERACTIONS])
    from_end = interactions.indptr[1:][interactions.user] - np.arange(len(interactions))
    return np.asarray(from_end <= counts[interactions.user])
