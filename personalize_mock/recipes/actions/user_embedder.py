"""Vectors of users: latent factors of their item interactions, and features of their row in the Users dataset.

Both kinds of vectors are scaled to unit norm. Then the mean over all users with a vector is subtracted. Users without a
vector have zeros. So the dot product with a direction tells how much a user differs from the average in that direction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.id_map import UNKNOWN
from personalize_mock.data.metadata import Metadata
from personalize_mock.recipes.base import TrainingData
from personalize_mock.recipes.numerics.column_encoding import ColumnEncoders, encoded_columns, most_frequent, z_scores
from personalize_mock.recipes.numerics.implicit_als import fit_als
from personalize_mock.recipes.numerics.normalization import normalize_rows
from personalize_mock.recipes.personal.fold_in import FoldIn, newest_first, prepare_fold_in
from personalize_mock.recipes.personal.user_personalization import RECENCY

FACTORS = 32
HISTORY_LENGTH = 32  # newest item interactions of a user, as in aws-user-personalization by default
MAX_CATEGORIES = 16  # per column, the most frequent ones; rare categories add little
MAX_Z_SCORE = 3.0
BLOCK_USERS = 256

Vectors = NDArray[np.float32]

# Fields of the Users dataset cannot be textual.
ENCODERS = ColumnEncoders(
    categorical=partial(most_frequent, limit=MAX_CATEGORIES), numeric=partial(z_scores, limit=MAX_Z_SCORE)
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UserEmbedder:
    """Fold-in of users from their newest item interactions, as in aws-user-personalization.

    Attributes:
        fold_in: The item factors.
        factor_row: int32[len(items) + 1], the row of each item index in the factors, -1 for cold items. The last entry
            is for index -1.
        weights: float64[length], the weights of the interactions of a history, newest first.
        mean: float32[factors], subtracted from every vector.
    """

    fold_in: FoldIn
    factor_row: NDArray[np.int32]
    weights: NDArray[np.float64]
    mean: NDArray[np.float32]

    def vectors(self, histories: Sequence[NDArray[np.int32]]) -> Vectors:
        """Return the vectors of user histories, float32[len(histories), factors], or 0 for those without warm items.

        Args:
            histories: The item indices of each user, int32, oldest first. Items added after the training are ignored.
        """
        vectors = np.zeros((len(histories), self.fold_in.factors.shape[1]), dtype=np.float32)
        rows = [self._rows(history) for history in histories]
        embedded = np.flatnonzero([len(history) for history in rows])
        for start in range(0, len(embedded), BLOCK_USERS):
            block = embedded[start : start + BLOCK_USERS]
            newest = newest_first([rows[user] for user in block], length=len(self.weights))
            vectors[block] = normalize_rows(self.fold_in.user_vectors(newest, weights=self.weights)) - self.mean
        return vectors

    def _rows(self, history: NDArray[np.int32]) -> NDArray[np.int32]:
        rows = self.factor_row[history[history < len(self.factor_row) - 1]]
        return rows[rows >= 0]


def fit_user_embedder(data: TrainingData, users: NDArray[np.int32], *, seed: int) -> tuple[UserEmbedder, Vectors]:
    """Fit item factors, and return the embedder and the vectors of `users`.

    Args:
        data: The item interactions to learn from.
        users: int32[n], user indices, -1 for users without item interactions. The mean is computed over these users.
        seed: Seed of the initial factors.

    Returns:
        The embedder, and float32[n, factors].
    """
    warm = np.flatnonzero(data.interactions.warm)
    factor_row = np.full(len(data.interactions.items) + 1, UNKNOWN, dtype=np.int32)
    factor_row[warm] = np.arange(len(warm), dtype=np.int32)
    embedder = UserEmbedder(
        fold_in=prepare_fold_in(fit_als(data.interactions.csr()[:, warm], factors=FACTORS, seed=seed).items),
        factor_row=factor_row,
        weights=np.exp(-np.arange(HISTORY_LENGTH) / RECENCY),
        mean=np.zeros(FACTORS, dtype=np.float32),
    )
    empty = np.empty(0, dtype=np.int32)
    vectors = embedder.vectors([data.interactions.history(user) if user >= 0 else empty for user in users.tolist()])
    embedded = vectors.any(axis=1)
    if embedded.any():
        embedder = replace(embedder, mean=vectors[embedded].mean(axis=0))
        vectors[embedded] -= embedder.mean
    return embedder, vectors


def profile_vectors(users: Metadata | None, *, count: int) -> Vectors:
    """Return features of the Users dataset, float32[count, features].

    Categories are encoded as zeros and ones, numbers as z-scores.

    Args:
        users: The Users dataset, or None if the group does not have one.
        count: Number of users.
    """
    if users is None:
        return np.zeros((count, 0), dtype=np.float32)
    columns = sparse.hstack([sparse.csr_matrix((count, 0)), *encoded_columns(users, ENCODERS)])
    profiles = normalize_rows(columns.toarray())
    present = users.row >= 0
    profiles[present] -= profiles[present].mean(axis=0) if present.any() else 0
    return profiles.astype(np.float32)
