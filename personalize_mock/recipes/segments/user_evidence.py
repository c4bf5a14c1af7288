"""Evidence of how much users are interested in items, for the recipes that find user segments.

There are three kinds of evidence that a user is interested in a given item: latent factors of users and items, the
user's interactions with similar items, and the user's interactions with the item itself. The latter are multiplied by
the odds that users repeat interactions in the data. In all kinds, the newest interactions of a user count most.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.numerics.blas import one_blas_thread
from personalize_mock.recipes.numerics.implicit_als import REGULARIZATION
from personalize_mock.recipes.numerics.top_k import positions
from personalize_mock.recipes.personal.repeat_shift import repeat_rate
from personalize_mock.recipes.segments.item_similarity import similar_items

RECENCY = 1 / 3  # an interaction counts half if this share of the user's interactions is newer
MOST_INTERACTIONS = 3.0  # upper limit of what the interactions of one user with one item count
HALF_TRUST = 50.0  # number of users at which the dot product of factors has a weight of one half
MAX_ODDS = 5.0
PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UserEvidence:
    """Evidence of how much users with interactions are interested in items with interactions.

    Attributes:
        user_indices: int32[user rows], the user index of each user row, ascending.
        item_indices: int32[item rows], the item index of each item row, ascending.
        users: float32[user rows, factors], the factors of the users.
        items: float32[item rows, factors], the factors of the items.
        similarity: float32[item rows, item rows], sparse, the similarity of each item to its most similar items.
        recent: float32[user rows, item rows], sparse, the interactions of users with items. Newer interactions have
            larger weights.
        repeat_odds: The odds that a user's next interaction is with an item of their history, at most 5.
    """

    user_indices: NDArray[np.int32]
    item_indices: NDArray[np.int32]
    users: NDArray[np.float32]
    items: NDArray[np.float32]
    similarity: sparse.csr_matrix
    recent: sparse.csc_matrix
    repeat_odds: float

    @classmethod
    def from_interactions(
        cls, interactions: InteractionMatrix, factors: NDArray[np.float64], *, factor_items: NDArray[np.integer]
    ) -> "UserEvidence":
        """Compute the evidence from interactions and from latent item factors that are already fitted.

        Args:
            interactions: The interactions, from which everything but the item factors is computed.
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
        rate = repeat_rate(interactions, distinct=counts.nnz)
        return cls(
            user_indices=users,
            item_indices=warm,
            users=_fold_in(recent, items),
            items=items.astype(np.float32),
            similarity=similar_items(counts),
            recent=recent.tocsc().astype(np.float32),
            repeat_odds=min(MAX_ODDS, rate / max(1 - rate, 1e-9)),
        )


def scaled(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Divide scores by the mean of the largest one percent of them. If this mean is 0 or less, all scores become 0."""
    count = -(-len(scores) // PERCENT)
    mean = np.partition(scores, len(scores) - count)[-count:].mean()
    return np.asarray(scores / mean if mean > 0 else np.zeros_like(scores), dtype=np.float32)


def trust(users: NDArray[np.integer]) -> NDArray[np.float32]:
    """Return the weights of dot products of factors, from 0 to 1. With few users, factors are mostly noise.

    Args:
        users: Number of users with interactions from which the factors of an item, or of several items, are computed.
            An array of any shape; the result has the same shape.
    """
    return np.asarray(users / (users + HALF_TRUST), dtype=np.float32)


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
