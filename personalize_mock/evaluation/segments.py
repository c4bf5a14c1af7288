"""The evaluation of segments: which users went on to the items, or to items with the attributes, asked about."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.data.item_attributes import item_attributes
from personalize_mock.evaluation import ranking
from personalize_mock.evaluation.base import Evaluation, ranked_indices, shown
from personalize_mock.recipes.base import Model, Query, TrainingData

HELD_OUT = 0.2  # reference: metrics, "Test split"
SHORTEST = 2
PERCENT = 100
MOST_QUERIES = 1000  # ours: so that the evaluation never costs more than the training

Asked = list[tuple[Query, NDArray[np.int32]]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SegmentsEvaluation(Evaluation):
    """The newest 20 % of the events of every user are held out, at least one where a user has two.

    The queries are the items of these events, or for models that are asked about attributes every value of every
    useful column; if there are more than 1000, so many drawn by the seed.

    Attributes:
        held_out: The events.
        seed: Of the draw.
    """

    best: ClassVar[str] = "recall_at_1_percent"

    held_out: InteractionMatrix
    seed: int

    @classmethod
    def of(cls, data: TrainingData, *, seed: int) -> "SegmentsEvaluation":
        """See `Evaluation.of`."""
        events = data.interactions
        newest = _newest(events)
        train = replace(data, interactions=events.select(~newest))
        return cls(train=train, catalogue=len(events.users), held_out=events.select(newest), seed=seed)

    def measure(self, model: Model, *, rewards: NDArray[np.float64] | None = None) -> dict[str, float]:
        """The three metrics of segments; a list is the top 1 % of all users, rounded up."""
        del rewards
        asked = self._of_items() if model.uses_item else self._of_attributes()
        relevant = [users for _, users in asked]
        recommended = ranked_indices(model, [query for query, _ in asked], n=-(-self.catalogue // PERCENT))
        hits = _hits(recommended, relevant, users=self.catalogue)
        return shown(
            {
                "coverage": ranking.coverage(recommended, catalogue=self.catalogue),
                "hits_at_1_percent": mean_hits(hits),
                "recall_at_1_percent": mean_recall(hits, relevant=relevant),
            }
        )

    def _of_items(self) -> Asked:
        """Held-out items, each with its users."""
        items = np.flatnonzero(self.held_out.warm)
        drawn = items[self._drawn(len(items))]
        by_item = self.held_out.csr()[:, drawn].tocsc().sorted_indices()
        users = np.split(by_item.indices.astype(np.int32), by_item.indptr[1:-1]) if len(drawn) else []
        return [(Query(item=item), each) for item, each in zip(drawn.tolist(), users, strict=True)]

    def _of_attributes(self) -> Asked:
        """Attribute values, each with the users of the held-out events that have it; those without any go."""
        attributes = item_attributes(self.train.items)
        pairs = list(attributes.pairs())
        drawn = [pairs[place] for place in self._drawn(len(pairs)).tolist()]
        users = [np.unique(self.held_out.user[attributes.having([pair])[self.held_out.item]]) for pair in drawn]
        return [(Query(attributes=(pair,)), each) for pair, each in zip(drawn, users, strict=True) if len(each)]

    def _drawn(self, count: int) -> NDArray[np.int64]:
        """At most 1000 of `count` positions, ascending."""
        if count <= MOST_QUERIES:
            return np.arange(count)
        return np.sort(np.random.default_rng(self.seed).choice(count, size=MOST_QUERIES, replace=False))


def mean_hits(hits: ranking.Hits) -> float:
    """Mean over queries of the true users in the list; more than 1 where a list has several.

    Args:
        hits: bool[queries, length], whether each user of each list is a true one.
    """
    return float(hits.sum(axis=1).mean()) if len(hits) else 0.0


def mean_recall(hits: ranking.Hits, *, relevant: Sequence[NDArray[np.int32]]) -> float:
    """Mean over queries of (true users in the list) / (true users); `relevant` holds these, never none."""
    counts = np.array([len(users) for users in relevant])
    return float((hits.sum(axis=1) / counts).mean()) if len(hits) else 0.0


def _hits(recommended: NDArray[np.int32], relevant: Sequence[NDArray[np.int32]], *, users: int) -> ranking.Hits:
    """Whether each entry of each list is a true user; lists are long here, so flags are faster than searching."""
    hits = np.zeros(recommended.shape, dtype=bool)
    flags = np.zeros(users + 1, dtype=bool)  # one more, which -1 reads
    for row, codes in enumerate(relevant):
        flags[codes] = True
        hits[row] = flags[recommended[row]]
        flags[codes] = False
    return hits


def _newest(events: InteractionMatrix) -> NDArray[np.bool_]:
    """Which events are held out, bool[events]."""
    lengths = events.lengths()
    counts = np.rint(HELD_OUT * lengths).astype(np.int64)
    counts[lengths >= SHORTEST] = np.maximum(1, counts[lengths >= SHORTEST])
    from_end = events.indptr[1:][events.user] - np.arange(len(events))
    return np.asarray(from_end <= counts[events.user])
