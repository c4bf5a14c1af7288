"""Users as vectors: their taste in items, and their row of the Users dataset.

Both kinds have a length of 1 for the users that have one, less the mean of these users, and are zero for the others,
so that a product with a vector says how much a user differs from the others in its direction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.id_map import UNKNOWN
from personalize_mock.data.metadata import Metadata
from personalize_mock.recipes.base import NO_ITEM, TrainingData
from personalize_mock.recipes.numerics.implicit_als import factorized
from personalize_mock.recipes.personal.fold_in import FoldIn, whitened
from personalize_mock.recipes.personal.user_personalization import RECENCY

FACTORS = 32
NEWEST = 32  # of a user's item interactions, as many as aws-user-personalization takes by default
CATEGORIES = 16  # of a column, the most frequent ones; of the others there is little to be learnt
LIMIT = 3.0  # standard deviations, of a column of numbers
BLOCK_USERS = 256

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UserEmbedder:
    """Users are folded in from their newest item interactions, as they are for aws-user-personalization.

    Attributes:
        fold_in: The item factors.
        row_of: int32[len(items) + 1], the row in the factors of each item code, -1 where cold.
        place_weights: float64[length], what the events of a history weigh, newest first.
        center: float32[factors], the mean that is taken from every vector.
    """

    fold_in: FoldIn
    row_of: NDArray[np.int32]
    place_weights: NDArray[np.float64]
    center: NDArray[np.float32]

    def of(self, histories: Sequence[NDArray[np.int32]]) -> Vectors:
        """The vectors of users with these item codes, oldest first: float32[len(histories), factors]."""
        vectors = np.zeros((len(histories), self.fold_in.factors.shape[1]), dtype=np.float32)
        touched = [self._touched(history) for history in histories]
        someone = np.array([user for user, rows in enumerate(touched) if len(rows)], dtype=np.int64)
        for start in range(0, len(someone), BLOCK_USERS):
            block = someone[start : start + BLOCK_USERS]
            users = self.fold_in.users(_newest_first([touched[user] for user in block]), weights=self.place_weights)
            vectors[block] = _unit(users) - self.center
        return vectors

    def _touched(self, history: NDArray[np.int32]) -> NDArray[np.int32]:
        """The newest rows of a history, newest first; cold items and those that came after training are none."""
        rows = self.row_of[history[history < len(self.row_of) - 1]]
        return rows[rows >= 0][: -len(self.place_weights) - 1 : -1]


def tastes_of(data: TrainingData, users: NDArray[np.int32], *, seed: int) -> tuple[UserEmbedder, Vectors]:
    """Item factors of alternating least squares, and the vectors of some users, whose mean is taken away.

    Args:
        data: Whose item interactions are learnt from.
        users: int32[n], codes of users, -1 for those without item interactions.
        seed: Of the factors.
    """
    codes = np.flatnonzero(data.interactions.warm)
    row_of = np.full(len(data.interactions.items) + 1, UNKNOWN, dtype=np.int32)
    row_of[codes] = np.arange(len(codes), dtype=np.int32)
    fold_in = whitened(factorized(data.interactions.csr()[:, codes], factors=FACTORS, seed=seed).items)
    weights = np.exp(-np.arange(NEWEST) / RECENCY)
    tastes = UserEmbedder(
        fold_in=fold_in, row_of=row_of, place_weights=weights, center=np.zeros(FACTORS, dtype=np.float32)
    )
    nothing = np.empty(0, dtype=np.int32)
    vectors = tastes.of([data.interactions.history(user) if user >= 0 else nothing for user in users.tolist()])
    someone = vectors.any(axis=1)
    if someone.any():
        tastes = replace(tastes, center=vectors[someone].mean(axis=0))
        vectors[someone] -= tastes.center
    return tastes, vectors


def profiles_of(users: Metadata | None, *, count: int) -> Vectors:
    """Categories as zeros and ones and standardised numbers of the Users dataset, float32[count, columns]."""
    if users is None:
        return np.zeros((count, 0), dtype=np.float32)
    columns = [_columns(users, field) for field in users.fields if field.name in users.table]
    profiles = _unit(np.concatenate([np.zeros((count, 0)), *columns], axis=1))
    there = users.row >= 0
    profiles[there] -= profiles[there].mean(axis=0) if there.any() else 0
    return profiles.astype(np.float32)


def _columns(users: Metadata, field: SchemaField) -> NDArray[np.float64]:
    if field.categorical:
        member = users.categories(field.name)[1]
        frequent = np.argsort(-member.getnnz(axis=0), kind="stable")[:CATEGORIES]
        return np.asarray(member[:, frequent].toarray())
    if field.type in {"string", "boolean"}:  # never used for training (reference: datasets, "Field rules")
        return np.zeros((len(users.ids), 0))
    numbers = users.numbers(field.name)
    known = numbers[np.isfinite(numbers)]
    deviation = known.std() if len(known) else 0.0
    if not deviation:
        return np.zeros((len(users.ids), 0))
    standard = np.nan_to_num((numbers - known.mean()) / deviation)
    return np.asarray(np.clip(standard, -LIMIT, LIMIT)[:, None])


def _unit(vectors: NDArray[np.floating]) -> NDArray[np.floating]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0))


def _newest_first(touched: Sequence[NDArray[np.int32]]) -> NDArray[np.int32]:
    """Rows of factors, int32[users, longest], padded with -1."""
    newest = np.full((len(touched), max(map(len, touched))), NO_ITEM, dtype=np.int32)
    for user, rows in enumerate(touched):
        newest[user, : len(rows)] = rows
    return newest
