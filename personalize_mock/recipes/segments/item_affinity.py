"""Recipe aws-item-affinity, which returns the users with the highest affinity to an item.

Affinity is the sum of two parts, each divided by its mean over the best percent of the users: the dot product of the
factors of item and user, and the user's interactions with similar items. The first part counts less for items with few
users, whose factors are mostly chance. In both parts a user's newest interactions count most.

Users who already have the item are ranked by how recently and how often they met it, times the odds of a repeat in the
data. If users never repeat interactions, they are the least likely to interact with it. They then come after the users
who resemble them, but before users with unrelated interests.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.base import EvaluationName, Model, Query, Recipe, TrainingData
from personalize_mock.recipes.numerics.blas import one_blas_thread
from personalize_mock.recipes.numerics.implicit_als import REGULARIZATION
from personalize_mock.recipes.numerics.top_k import positions
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.personal.repeat_shift import repeat_rate
from personalize_mock.recipes.segments.affinity_model import AffinityFactors, AffinityModel
from personalize_mock.recipes.segments.item_similarity import similar_items

RECENCY = 1 / 3  # an interaction counts half if this share of the user's interactions is newer
MOST_INTERACTIONS = 3.0  # of one user with one item
HALF_TRUST = 50.0  # users of an item from which its factors count half
MAX_ODDS = 5.0
OWNERS_LEVEL = 0.3  # of the median affinity of the users who have the item, where repeats are rare
LEAST_LEVEL = 0.05
PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemSegments(AffinityModel):
    """Model that ranks users by their affinity to an item.

    Attributes:
        items: float32[item rows, factors], the factors of the items with interactions.
        item_rows: int32[n_items + 1], the row of each item index, -1 for cold items. The last entry is for index -1.
        trust: float32[item rows], the weight of the factors.
        similarity: float32[item rows, item rows], the most similar items of each item.
        recent: float32[user rows, item rows], the interactions, newer ones with larger weights.
        repeat_odds: The odds that an interaction is a repeat.
    """

    uses_item: ClassVar[bool] = True

    items: NDArray[np.float32]
    item_rows: NDArray[np.int32]
    trust: NDArray[np.float32]
    similarity: sparse.csr_matrix
    recent: sparse.csc_matrix
    repeat_odds: float

    def target(self, query: Query) -> NDArray[np.float32] | None:
        """Return the factors of the item; see `AffinityModel.target`."""
        row = self.item_rows[query.item]
        return self.items[row] if row >= 0 else None

    def adjust(self, scores: NDArray[np.float32], query: Query) -> None:
        """Add the affinity to similar items and place the owners; see `AffinityModel.adjust`."""
        row = self.item_rows[query.item]
        scores[:] = self.trust[row] * _scaled(scores) + _scaled(self._by_similar_items(row))
        column = slice(*self.recent.indptr[row : row + 2])
        owners = self.recent.indices[column]
        scores[owners] = _owner_scores(scores[owners], self.recent.data[column] * np.float32(self.repeat_odds))

    def _by_similar_items(self, row: int) -> NDArray[np.float32]:
        """Return the weighted interactions of all users with the items similar to an item."""
        span = slice(*self.similarity.indptr[row : row + 2])
        similar = self.recent[:, self.similarity.indices[span]]
        return np.asarray(similar @ self.similarity.data[span], dtype=np.float32)


class ItemAffinity(Recipe):
    """The recipe aws-item-affinity, which has no objective."""

    evaluation: ClassVar[EvaluationName] = "segments"

    def fit(
        self,
        data: TrainingData,
        *,
        config: Mapping[str, str],
        objective: Objective | None,  # noqa: ARG002  the recipe allows none
        seed: int,
    ) -> ItemSegments:
        """Factorize the interactions; see `Recipe.fit`."""
        with one_blas_thread():
            factors = AffinityFactors.from_interactions(data.interactions, config=config, seed=seed)
            return _segments(data.interactions, factors.items, of=factors.item_indices)

    def completed(self, model: Model, data: TrainingData) -> ItemSegments:
        """Return the model with all interactions and the factors of the items as they are; see `Recipe.completed`."""
        assert isinstance(model, ItemSegments)  # noqa: S101  `fit` returned it
        known = np.flatnonzero(model.item_rows[:-1] >= 0)
        with one_blas_thread():
            return _segments(data.interactions, model.items.astype(np.float64), of=known)


def _segments(
    interactions: InteractionMatrix, factors: NDArray[np.float64], *, of: NDArray[np.integer]
) -> ItemSegments:
    """Return the model of some interactions, given the factors of the items `of`; those of other items are 0."""
    users = np.flatnonzero(interactions.lengths()).astype(np.int32)
    warm = np.flatnonzero(interactions.warm).astype(np.int32)
    counts = interactions.csr()[users][:, warm]
    row = positions(warm, among=of)
    items = np.where(row[:, None] >= 0, factors[row], 0.0) if len(of) else np.zeros((len(warm), factors.shape[1]))
    recent = _recent(interactions)[users][:, warm]
    item_rows = np.full(len(interactions.items) + 1, -1, dtype=np.int32)
    item_rows[warm] = np.arange(len(warm), dtype=np.int32)
    owners = counts.getnnz(axis=0)
    rate = repeat_rate(interactions, distinct=counts.nnz)
    return ItemSegments(
        user_indices=users,
        users=_fold_in(recent, items),
        items=items.astype(np.float32),
        item_rows=item_rows,
        trust=(owners / (owners + HALF_TRUST)).astype(np.float32),
        similarity=similar_items(counts),
        recent=recent.tocsc().astype(np.float32),
        repeat_odds=min(MAX_ODDS, rate / max(1 - rate, 1e-9)),
    )


def _recent(interactions: InteractionMatrix) -> sparse.csr_matrix:
    """Return the interactions by user and item; older ones count less, and many count as three."""
    newer = interactions.indptr[1:][interactions.user] - 1 - np.arange(len(interactions))
    shape = len(interactions.users), len(interactions.items)
    weights = 1 / (1 + newer / (RECENCY * interactions.lengths()[interactions.user]))
    matrix = sparse.csr_matrix((weights, interactions.item, interactions.indptr), shape=shape, copy=True)
    matrix.sum_duplicates()
    matrix.data = np.minimum(matrix.data, MOST_INTERACTIONS)
    return matrix


def _fold_in(recent: sparse.csr_matrix, items: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the factors of users as the ridge regression of their interactions on the factors of all items."""
    gram = items.T @ items + REGULARIZATION * np.eye(items.shape[1])
    return np.asarray(np.linalg.solve(gram, (recent @ items).T).T, dtype=np.float32)


def _scaled(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Divide scores by the mean of the best percent; scores without a positive one become 0."""
    count = -(-len(scores) // PERCENT)
    mean = np.partition(scores, len(scores) - count)[-count:].mean()
    return np.asarray(scores / mean if mean > 0 else np.zeros_like(scores), dtype=np.float32)


def _owner_scores(affinity: NDArray[np.float32], repeats: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the scores of the users who have an item.

    Args:
        affinity: float32[m], their affinity without regard to this.
        repeats: float32[m], their interactions with the item times the odds of a repeat.
    """
    level = max(LEAST_LEVEL, OWNERS_LEVEL * float(np.median(affinity)))
    positive = np.maximum(0, affinity)
    floor = level * (1 + positive / (positive + level)) / 2
    return np.asarray(np.maximum(floor, repeats), dtype=np.float32)
