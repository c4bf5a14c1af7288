"""Vectors that describe users: latent factors from their item interactions, and features from the Users dataset.

Both kinds of vectors are scaled to unit norm. Then the mean over all users with data is subtracted, so a vector
describes how a user differs from the average user. Users without data have a vector of zeros.
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
from personalize_mock.recipes.personal.relevance_weights import RECENCIES

FACTORS = 32
HISTORY_LENGTH = 32  # number of item interactions of a user that count, as in aws-user-personalization by default
MAX_CATEGORIES = 16  # only the most frequent categories of a column are features; rare ones add little
MAX_Z_SCORE = 3.0
BLOCK_USERS = 256

Vectors = NDArray[np.float32]

# Fields of the Users dataset cannot be textual.
ENCODERS = ColumnEncoders(
    categorical=partial(most_frequent, limit=MAX_CATEGORIES), numeric=partial(z_scores, limit=MAX_Z_SCORE)
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UserEmbedder:
    """Converter of user histories to user vectors, which works like the factor model of aws-user-personalization.

    Only the newest items of a history count, and their order matters.

    Attributes:
        fold_in: The item factors, prepared for computing user vectors.
        factor_row: int32[n_items + 1], the row of the item factors that belongs to each item index, or -1 for items
            without interactions. The last entry is -1 and is read for unknown items, whose index is -1.
        weights: float64[length], the weights of the newest interactions of a user, newest first.
        mean: float32[factors], the mean vector of the training users, which is subtracted from every vector.
    """

    fold_in: FoldIn
    factor_row: NDArray[np.int32]
    weights: NDArray[np.float64]
    mean: NDArray[np.float32]

    def vectors(self, histories: Sequence[NDArray[np.int32]]) -> Vectors:
        """Return a vector for each user history, float32[len(histories), factors].

        The vector is zero if no item of the history has an interaction in the training data.

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
    """Fit item factors to interactions, and compute centred vectors of some users from these factors.

    Args:
        data: The training data with the item interactions.
        users: int32[n], user indices, or -1 for users without item interactions. The vectors of users with interactions
            are centred on their mean; those of users without interactions are zero.
        seed: Seed of the initial factors.

    Returns:
        The object that computes user vectors, and the vectors of `users`, float32[n, factors].
    """
    warm = np.flatnonzero(data.interactions.warm)
    factor_row = np.full(len(data.interactions.items) + 1, UNKNOWN, dtype=np.int32)
    factor_row[warm] = np.arange(len(warm), dtype=np.int32)
    embedder = UserEmbedder(
        fold_in=prepare_fold_in(fit_als(data.interactions.csr()[:, warm], factors=FACTORS, seed=seed).items),
        factor_row=factor_row,
        weights=np.exp(-np.arange(HISTORY_LENGTH) / RECENCIES[0]),
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
    """Return vectors that describe users by their attributes in the Users dataset, float32[count, features].

    Categories are encoded as zeros and ones, numbers as z-scores. Users without a row have a vector of zeros.

    Args:
        users: The Users dataset, or None if the dataset group does not have one.
        count: Number of users.
    """
    if users is None:
        return np.zeros((count, 0), dtype=np.float32)
    columns = sparse.hstack([sparse.csr_matrix((count, 0)), *encoded_columns(users, ENCODERS)])
    profiles = normalize_rows(columns.toarray())
    present = users.row >= 0
    profiles[present] -= profiles[present].mean(axis=0) if present.any() else 0
    return profiles.astype(np.float32)
