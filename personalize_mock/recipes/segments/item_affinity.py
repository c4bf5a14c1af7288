"""aws-item-affinity: implicit's ALS read the other way round, the users with the greatest affinity to an item.

Whom the factors know best are the users who have the item already. Where the training data repeat themselves they
are the most probable ones to come back, where they never do they are the last: so their scores are multiplied by one
factor per model, found at training. It never falls below a fifth, so that they still come before users of another
taste: a segment is asked for by people who would miss them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes.base import EvaluationName, Query, Recipe, TrainingData
from personalize_mock.recipes.numerics.blas import one_blas_thread
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.personal.repeat_shift import repeat_rate
from personalize_mock.recipes.segments.affinity_model import AffinityFactors, AffinityModel, factorized

LEAST_DAMPING = 0.2  # hits_at_1_percent on MovieLens: 1.29 as with 0, and .12 without damping
CALIBRATION_ITEMS = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemSegments(AffinityModel):
    """Users by their affinity to an item.

    Attributes:
        items: float32[item rows, factors], of the items with events.
        row_of: int32[len(items) + 1], the row of each item code, -1 where it has none; the last entry stands for
            code -1.
        owners: int32[n], for each item row the rows of the users who have it.
        indptr: int64[item rows + 1]; the owners of row i are `indptr[i]:indptr[i + 1]`.
        damping: What the scores of owners are multiplied by.
    """

    uses_item: ClassVar[bool] = True

    items: NDArray[np.float32]
    row_of: NDArray[np.int32]
    owners: NDArray[np.int32]
    indptr: NDArray[np.int64]
    damping: float

    def wanted(self, query: Query) -> NDArray[np.float32] | None:
        """See `AffinityModel.wanted`."""
        row = self.row_of[query.item]
        return self.items[row] if row >= 0 else None

    def finish(self, scores: NDArray[np.float32], query: Query) -> None:
        """See `AffinityModel.finish`."""
        row = self.row_of[query.item]
        scores[self.owners[self.indptr[row] : self.indptr[row + 1]]] *= np.float32(self.damping)


class ItemAffinity(Recipe):
    """aws-item-affinity; no objective."""

    evaluation: ClassVar[EvaluationName] = "segments"

    def fit(
        self,
        data: TrainingData,
        *,
        config: Mapping[str, str],
        objective: Objective | None,  # noqa: ARG002  the recipe allows none
        seed: int,
    ) -> ItemSegments:
        """Train; see `Recipe.fit`."""
        with one_blas_thread():
            factors = factorized(data.interactions, config=config, seed=seed)
            rate = repeat_rate(data.interactions, distinct=factors.counts.nnz)
            damping = _damping(factors, rate=rate)
        by_item = factors.counts.tocsc()
        return ItemSegments(
            codes=factors.user_codes,
            users=factors.users.astype(np.float32),
            items=factors.items.astype(np.float32),
            row_of=factors.item_rows(total=len(data.interactions.items)),
            owners=by_item.indices.astype(np.int32),
            indptr=by_item.indptr.astype(np.int64),
            damping=damping,
        )


def _damping(factors: AffinityFactors, *, rate: float) -> float:
    """The factor with which owners hold the share `rate` of all positive scores, within [0.2, 1].

    It is measured on evenly spread items, and 1 where nothing can be.
    """
    spread = np.arange(0, len(factors.items), max(1, -(-len(factors.items) // CALIBRATION_ITEMS)))
    scores = np.maximum(0, factors.items[spread] @ factors.users.T)
    owned = factors.counts[:, spread].T.toarray() > 0
    inside, outside = float(scores[owned].sum()), float(scores[~owned].sum())
    if not inside or rate >= 1:
        return 1.0
    return min(1.0, max(LEAST_DAMPING, rate / (1 - rate) * outside / inside))
