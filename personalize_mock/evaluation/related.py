"""The evaluation of related items: what test users touched after the item that is asked about."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.evaluation import ranking
from personalize_mock.evaluation.base import Evaluation, ranked_indices, shown
from personalize_mock.evaluation.items import LONGEST, ranked
from personalize_mock.evaluation.split import split
from personalize_mock.recipes.base import Model, Query, TrainingData

ASKED = 1000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RelatedEvaluation(Evaluation):
    """Users are split 90 : 10; the newest 10 % of the events of test users are held out.

    Asked about is the newest item that is left of a test user; right are the held-out items but this one (reference:
    metrics, "Test split", which infers it). A user who touched nothing else later does not count.

    Attributes:
        asked: int32[users], the items that are asked about.
        relevant: For each of them what is right.
    """

    best: ClassVar[str] = "normalized_discounted_cumulative_gain_at_25"

    asked: NDArray[np.int32]
    relevant: Sequence[NDArray[np.int32]]

    @classmethod
    def of(cls, data: TrainingData, *, seed: int) -> "RelatedEvaluation":
        """See `Evaluation.of`."""
        parts = split(data.interactions, seed=seed)
        newest = parts.train.item[parts.train.indptr[parts.users + 1] - 1]
        relevant = [codes[codes != item] for codes, item in zip(parts.relevant, newest, strict=True)]
        counting = np.array([len(codes) > 0 for codes in relevant], dtype=bool)
        return cls(
            train=replace(data, interactions=parts.train),
            catalogue=len(data.interactions.items),
            asked=newest[counting],
            relevant=[codes for codes in relevant if len(codes)],
        )

    def measure(self, model: Model, *, rewards: NDArray[np.float64] | None = None) -> dict[str, float]:
        """See `Evaluation.measure`; these recipes have no objective, so `rewards` have no metric.

        Without a single event nobody can tell what is right: there is the coverage of questions about all items, or
        about 1000 evenly spread ones, alone. This is ours.
        """
        del rewards
        if not len(self.train.interactions):
            found = answers(model, self.spread())
            return shown({"coverage": ranking.coverage(found, catalogue=self.catalogue)})
        return shown(ranked(answers(model, self.asked), self.relevant, catalogue=self.catalogue))

    def spread(self) -> NDArray[np.int64]:
        """All items, or about 1000 evenly spread ones."""
        return np.arange(0, self.catalogue, max(1, -(-self.catalogue // ASKED)))


def answers(model: Model, asked: NDArray[np.integer]) -> NDArray[np.int32]:
    """The 25 items most related to each of some items, int32[asked, 25], -1 as padding."""
    return ranked_indices(model, [Query(item=item) for item in asked.tolist()], n=LONGEST)
