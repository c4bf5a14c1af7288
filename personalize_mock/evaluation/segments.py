"""Evaluation of user segments on the later interactions of all users.

Definitions: developer guide, "Evaluating an Amazon Personalize solution version with metrics" (2025), metrics "hit (hit
at K)" and "recall (recall at K)".
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
MAX_QUERIES = 1000  # ours, so that the evaluation never takes longer than the training

QueriesAndUsers = list[tuple[Query, NDArray[np.int32]]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SegmentsEvaluation(Evaluation):
    """Evaluation of models that find users for an item or for attributes.

    The newest 20 % of the interactions of every user are held out, at least one if the user has two. The queries are
    the held-out items or, for models of attributes, all values of all trainable columns. If there are more than 1000
    queries, 1000 are drawn at random.

    Attributes:
        held_out: The held-out interactions.
        seed: The seed of the random draw.
    """

    main_metric: ClassVar[str] = "recall_at_1_percent"

    held_out: InteractionMatrix
    seed: int

    @classmethod
    def from_data(cls, data: TrainingData, *, seed: int) -> "SegmentsEvaluation":
        """Hold out the newest interactions of all users; see `Evaluation.from_data`."""
        interactions = data.interactions
        newest = _newest(interactions)
        train = replace(data, interactions=interactions.select(~newest))
        return cls(train=train, catalogue_size=len(interactions.users), held_out=interactions.select(newest), seed=seed)

    def measure(self, model: Model, *, rewards: NDArray[np.float64] | None = None) -> dict[str, float]:
        """Return the three metrics of segments; see `Evaluation.measure`.

        A segment is the top 1 % of all users, rounded up.
        """
        del rewards  # these recipes have no objective
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
        """Return a query for each held-out item, and the users who interacted with the item."""
        warm = np.flatnonzero(self.held_out.warm)
        items = warm[self._sample(len(warm))]
        by_item = self.held_out.csr()[:, items].tocsc().sorted_indices()
        users = np.split(by_item.indices.astype(np.int32), by_item.indptr[1:-1]) if len(items) else []
        return [(Query(item=item), relevant) for item, relevant in zip(items.tolist(), users, strict=True)]

    def _attribute_queries(self) -> QueriesAndUsers:
        """Return a query for each attribute value that held-out interactions have, and the users of these."""
        attributes = item_attributes(self.train.items)
        pairs = list(attributes.pairs())
        sample = [pairs[index] for index in self._sample(len(pairs)).tolist()]
        users = [np.unique(self.held_out.user[attributes.mask([pair])[self.held_out.item]]) for pair in sample]
        queries = zip(sample, users, strict=True)
        return [(Query(attributes=(pair,)), relevant) for pair, relevant in queries if len(relevant)]

    def _sample(self, count: int) -> NDArray[np.int64]:
        """Return at most 1000 of the indices below `count`, ascending."""
        if count <= MAX_QUERIES:
            return np.arange(count)
        return np.sort(np.random.default_rng(self.seed).choice(count, size=MAX_QUERIES, replace=False))


def mean_hits(hits: ranking.Hits) -> float:
    """Return the mean number of hits per query, given bool[queries, length]. It can exceed 1."""
    return float(hits.sum(axis=1).mean()) if len(hits) else 0.0


def mean_recall(hits: ranking.Hits, *, relevant: Sequence[NDArray[np.int32]]) -> float:
    """Return the mean over queries of (relevant users in the segment) / (relevant users).

    Args:
        hits: bool[queries, length], whether each user of a segment is relevant.
        relevant: The relevant users for each query, at least one.
    """
    counts = np.array([len(users) for users in relevant])
    return float((hits.sum(axis=1) / counts).mean()) if len(hits) else 0.0


def _hits(recommended: NDArray[np.int32], relevant: Sequence[NDArray[np.int32]], *, user_count: int) -> ranking.Hits:
    """Return the same as `ranking.hits_in`, but faster for long lists."""
    hits = np.zeros(recommended.shape, dtype=bool)
    is_relevant = np.zeros(user_count + 1, dtype=bool)  # the last entry serves index -1
    for row, users in enumerate(relevant):
        is_relevant[users] = True
        hits[row] = is_relevant[recommended[row]]
        is_relevant[users] = False
    return hits


def _newest(interactions: InteractionMatrix) -> NDArray[np.bool_]:
    """Return the mask of the newest interactions of each user, which are held out, bool[n]."""
    lengths = interactions.lengths()
    counts = np.rint(HELD_OUT * lengths).astype(np.int64)
    counts[lengths >= MIN_INTERACTIONS] = np.maximum(1, counts[lengths >= MIN_INTERACTIONS])
    from_end = interactions.indptr[1:][interactions.user] - np.arange(len(interactions))
    return np.asarray(from_end <= counts[interactions.user])
