"""Recipe aws-item-affinity, which returns the users with the highest affinity to an item.

The affinity of a user is the sum of two parts: the dot product of the factors of the item and the user, and the number
of the user's interactions with similar items. To make the parts comparable, each is divided by its mean over the one
percent of users for whom it is largest. The dot product has a smaller weight for items with few users, because their
factors are mostly noise. In both parts, the newest interactions of a user count most.

Users who have already interacted with the item are scored differently: by how recently and how often they did so,
multiplied by the odds that users repeat interactions in the data. If users hardly ever repeat interactions, these users
come after users with similar interests, but before users with unrelated interests.
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
MOST_INTERACTIONS = 3.0  # upper limit of what the interactions of one user with one item count
HALF_TRUST = 50.0  # number of users of an item at which the dot product has a weight of one half
MAX_ODDS = 5.0
OWNERS_LEVEL = 0.3  # score of the users who have the item if repeats are rare, as a share of their median affinity
LEAST_LEVEL = 0.05
PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemSegments(AffinityModel):
    """Model that ranks users by their affinity to an item.

    Attributes:
        items: float32[item rows, factors], the factors of the items with interactions.
        item_rows: int32[n_items + 1], the row of `items` that belongs to each item index, or -1 for cold items. The
            last entry is -1 and is read for unknown items, whose index is -1.
        trust: float32[item rows], the weight that the dot product of user and item factors has in the affinity, from 0
            to 1. It is smaller for items with fewer users.
        similarity: float32[item rows, item rows], sparse, the similarity of each item to its most similar items.
        recent: float32[user rows, item rows], sparse, the interactions of users with items. Newer interactions have
            larger weights.
        repeat_odds: The odds that a user's next interaction is with an item of their history.
    """

    uses_item: ClassVar[bool] = True

    items: NDArray[np.float32]
    item_rows: NDArray[np.int32]
    trust: NDArray[np.float32]
    similarity: sparse.csr_matrix
    recent: sparse.csc_matrix
    repeat_odds: float

    def target(self, query: Query) -> NDArray[np.float32] | None:
        """Return the factors of the item in the query, or None if it is cold; see `AffinityModel.target`."""
        row = self.item_rows[query.item]
        return self.items[row] if row >= 0 else None

    def adjust(self, scores: NDArray[np.float32], query: Query) -> None:
        """Combine each user's score with the user's interactions with similar items; see `AffinityModel.adjust`.

        Users who have already interacted with the item get a score of a different kind; see `_owner_scores`.
        """
        row = self.item_rows[query.item]
        scores[:] = self.trust[row] * _scaled(scores) + _scaled(self._by_similar_items(row))
        column = slice(*self.recent.indptr[row : row + 2])
        owners = self.recent.indices[column]
        scores[owners] = _owner_scores(scores[owners], self.recent.data[column] * np.float32(self.repeat_odds))

    def _by_similar_items(self, row: int) -> NDArray[np.float32]:
        """Return how much each user interacted with the items similar to a given item, float32[user rows].

        Interactions are weighted by similarity.

        Args:
            row: The row of the given item in `items`.
        """
        span = slice(*self.similarity.indptr[row : row + 2])
        similar = self.recent[:, self.similarity.indices[span]]
        return np.asarray(similar @ self.similarity.data[span], dtype=np.float32)


class ItemAffinity(Recipe):
    """Recipe aws-item-affinity, which finds the users who are most likely to interact with an item."""

    evaluation: ClassVar[EvaluationName] = "segments"

    def fit(
        self,
        data: TrainingData,
        *,
        config: Mapping[str, str],
        objective: Objective | None,  # noqa: ARG002  the recipe allows none
        seed: int,
    ) -> ItemSegments:
        """Compute the latent factors of the items and the similarities between items; see `Recipe.fit`."""
        factors = AffinityFactors.from_interactions(data.interactions, config=config, seed=seed)
        return _segments(data.interactions, factors.items, factor_items=factors.item_indices)

    def completed(self, model: Model, data: TrainingData) -> ItemSegments:
        """Return a model that also uses the interactions held out for the evaluation; see `Recipe.completed`.

        The item factors do not change.
        """
        assert isinstance(model, ItemSegments)  # noqa: S101  `fit` returned it
        known = np.flatnonzero(model.item_rows[:-1] >= 0)
        return _segments(data.interactions, model.items.astype(np.float64), factor_items=known)


def _segments(
    interactions: InteractionMatrix, factors: NDArray[np.float64], *, factor_items: NDArray[np.integer]
) -> ItemSegments:
    """Build a model that ranks users, from interactions and from latent item factors that are already fitted.

    Args:
        interactions: The interactions, from which all other parts of the model are computed.
        factors: float64[n, number of factors]. Items without a row of factors get zeros.
        factor_items: int[n], the item index of each row of `factors`, ascending.
    """
    users = np.flatnonzero(interactions.lengths()).astype(np.int32)
    warm = np.flatnonzero(interactions.warm).astype(np.int32)
    counts = interactions.csr()[users][:, warm]
    row = positions(warm, among=factor_items)
    shape = len(warm), factors.shape[1]
    items = np.where(row[:, None] >= 0, factors[row], 0.0) if len(factor_items) else np.zeros(shape)
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
    """Return the weighted number of interactions of each user with each item, float64[users, items], sparse.

    Newer interactions count more: an interaction counts half if a third of the user's interactions are newer. All
    interactions of a user with one item together count at most 3.
    """
    newer = interactions.indptr[1:][interactions.user] - 1 - np.arange(len(interactions))
    shape = len(interactions.users), len(interactions.items)
    weights = 1 / (1 + newer / (RECENCY * interactions.lengths()[interactions.user]))
    matrix = sparse.csr_matrix((weights, interactions.item, interactions.indptr), shape=shape, copy=True)
    matrix.sum_duplicates()
    matrix.data = np.minimum(matrix.data, MOST_INTERACTIONS)
    return matrix


def _fold_in(recent: sparse.csr_matrix, items: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return user factors for given item factors, float32[users, factors], computed by ridge regression.

    Args:
        recent: float64[users, items], the weighted interactions. The dot products of user and item factors approximate
            them.
        items: float64[items, factors], the item factors.
    """
    with one_blas_thread():
        gram = items.T @ items + REGULARIZATION * np.eye(items.shape[1])
        return np.asarray(np.linalg.solve(gram, (recent @ items).T).T, dtype=np.float32)


def _scaled(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Divide scores by the mean of the largest one percent of them. If this mean is 0 or less, all scores become 0."""
    count = -(-len(scores) // PERCENT)
    mean = np.partition(scores, len(scores) - count)[-count:].mean()
    return np.asarray(scores / mean if mean > 0 else np.zeros_like(scores), dtype=np.float32)


def _owner_scores(affinity: NDArray[np.float32], repeats: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the scores of users who have already interacted with the item of the query, float32[m].

    Args:
        affinity: float32[m], the scores that they would have if they had not yet interacted with the item.
        repeats: float32[m], the weighted number of their interactions with the item, times the odds of a repeat.
    """
    level = max(LEAST_LEVEL, OWNERS_LEVEL * float(np.median(affinity)))
    positive = np.maximum(0, affinity)
    floor = level * (1 + positive / (positive + level)) / 2
    return np.asarray(np.maximum(floor, repeats), dtype=np.float32)
