"""aws-item-affinity: the users with the highest affinity to an item.

ALS gives the highest scores to users who already have the item. If users repeat interactions, these users are the most
likely to interact with it again; if users never do, they are the least likely. Their scores are therefore multiplied by
one damping factor, which is calibrated in training. It never falls below 0.2, so that owners still rank before users
with unrelated interests.
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
from personalize_mock.recipes.segments.affinity_model import AffinityFactors, AffinityModel

MIN_DAMPING = 0.2  # hits_at_1_percent on MovieLens: 1.29, the same as with 0; .12 without damping
CALIBRATION_ITEMS = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemSegments(AffinityModel):
    """Users by their affinity to an item.

    Attributes:
        items: float32[item rows, factors], of the items with interactions.
        item_rows: int32[len(items) + 1], the row of each item index, -1 for cold items. The last entry serves index -1.
        owners: int32[m], the user rows of the users who have an item, for one item row after the other.
        indptr: int64[item rows + 1]; the owners of row i are `owners[indptr[i]:indptr[i + 1]]`.
        damping: The factor of the scores of owners.
    """

    uses_item: ClassVar[bool] = True

    items: NDArray[np.float32]
    item_rows: NDArray[np.int32]
    owners: NDArray[np.int32]
    indptr: NDArray[np.int64]
    damping: float

    def target(self, query: Query) -> NDArray[np.float32] | None:
        """Return the factors of the item; see `AffinityModel.target`."""
        row = self.item_rows[query.item]
        return self.items[row] if row >= 0 else None

    def adjust(self, scores: NDArray[np.float32], query: Query) -> None:
        """Damp the scores of the owners; see `AffinityModel.adjust`."""
        row = self.item_rows[query.item]
        scores[self.owners[self.indptr[row] : self.indptr[row + 1]]] *= np.float32(self.damping)


class ItemAffinity(Recipe):
    """aws-item-affinity, without objective."""

    evaluation: ClassVar[EvaluationName] = "segments"

    def fit(
        self,
        data: TrainingData,
        *,
        config: Mapping[str, str],
        objective: Objective | None,  # noqa: ARG002  the recipe allows none
        seed: int,
    ) -> ItemSegments:
        """Factorize the interactions and calibrate the damping; see `Recipe.fit`."""
        with one_blas_thread():
            factors = AffinityFactors.from_interactions(data.interactions, config=config, seed=seed)
            rate = repeat_rate(data.interactions, distinct=factors.counts.nnz)
            damping = _damping(factors, rate=rate)
        by_item = factors.counts.tocsc()
        return ItemSegments(
            user_indices=factors.user_indices,
            users=factors.users.astype(np.float32),
            items=factors.items.astype(np.float32),
            item_rows=factors.item_rows(item_count=len(data.interactions.items)),
            owners=by_item.indices.astype(np.int32),
            indptr=by_item.indptr.astype(np.int64),
            damping=damping,
        )


def _damping(factors: AffinityFactors, *, rate: float) -> float:
    """Return the factor that gives owners the share `rate` of the sum of positive scores, within [0.2, 1].

    It is measured on evenly spaced items. If it cannot be measured, it is 1.
    """
    sample = np.arange(0, len(factors.items), max(1, -(-len(factors.items) // CALIBRATION_ITEMS)))
    scores = np.maximum(0, factors.items[sample] @ factors.users.T)
    owned = factors.counts[:, sample].T.toarray() > 0
    owners_sum, others_sum = float(scores[owned].sum()), float(scores[~owned].sum())
    if not owners_sum or rate >= 1:
        return 1.0
    return min(1.0, max(MIN_DAMPING, rate / (1 - rate) * others_sum / owners_sum))
