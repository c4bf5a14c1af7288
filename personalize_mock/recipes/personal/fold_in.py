"""Fold-in of users: user vectors computed from histories and item factors, without fitted user factors.

Given the item factors V of implicit-feedback ALS (Hu, Koren, Volinsky 2008), a history with the rows H of V and
the confidences c has the user factors u = (V'V + reg I + H' D H)^-1 H' c, where D = diag(c - 1).

With Z = V A'^-1 and A A' = V'V + reg I (Cholesky), and G for the history's rows of Z, Woodbury's identity makes the
scores V u = Z G' (I + D G G')^-1 c. So only Z is kept, and a history of h items costs the solution of an h x h
system instead of one of the size of the factors.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.id_map import UNKNOWN
from personalize_mock.recipes.numerics.implicit_als import ALPHA, REGULARIZATION
from personalize_mock.recipes.personal.category_lifts import CategoryLifts


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FoldIn:
    """Whitened item factors, followed by factors of the items' categories.

    Attributes:
        factors: float32[n_warm, n_factors], the columns of Z, followed by the factors of the categories.
        covariance: float64[n, n], covariance of Z's n columns.
        categories: Lifts from which the last part of a user vector is computed. None if there are no categories.
    """

    factors: NDArray[np.float32]
    covariance: NDArray[np.float64]
    categories: CategoryLifts | None = None

    def user_vectors(self, newest: NDArray[np.int32], *, weights: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return user vectors, float32[n_users, n_factors].

        The products of user vectors and Z have a standard deviation of 1 over the warm items. Categories increase it.

        Args:
            newest: int32[n_users, length], positions, newest first, padded with -1. An item that occurs twice counts
                with the sum of its weights.
            weights: float64[at least length], weights of the items, newest first.
        """
        length = newest.shape[1]
        confidence = ALPHA * weights[:length] * (newest >= 0)
        excess = confidence - _first_occurrences(newest)
        # Padding reads the last row of the factors. Its confidence is 0.
        rows = self.factors[newest][:, :, : len(self.covariance)].astype(np.float64)
        system = rows @ rows.transpose(0, 2, 1)
        system *= excess[:, :, None]
        system.reshape(len(newest), -1)[:, :: length + 1] += 1
        shares = np.linalg.solve(system, confidence[:, :, None])
        users = (shares.transpose(0, 2, 1) @ rows)[:, 0]
        variance = (users @ self.covariance * users).sum(axis=1)
        deviation = np.sqrt(np.maximum(variance, 0))
        deviation[deviation == 0] = 1
        vectors = np.asarray(users / deviation[:, None], dtype=np.float32)
        return vectors if self.categories is None else np.hstack((vectors, self.categories.user_vectors(newest)))


def newest_first(histories: Sequence[NDArray[np.int32]], *, length: int) -> NDArray[np.int32]:
    """Return the newest items of each history, int32[n_users, at most length], newest first, padded with -1.

    Args:
        histories: The positions of each user's items, oldest first.
        length: The largest number of items per user.
    """
    longest = max(1, min(length, max(map(len, histories))))
    newest = np.full((len(histories), longest), UNKNOWN, dtype=np.int32)
    for user, items in enumerate(histories):
        tail = items[-longest:]
        newest[user, : len(tail)] = tail[::-1]
    return newest


def _first_occurrences(newest: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return the mask of the items that do not occur earlier in their row. It is False for padding."""
    again = (newest[:, :, None] == newest[:, None, :]) & _earlier(newest.shape[1])
    return np.asarray((newest >= 0) & ~again.any(axis=2))


@cache
def _earlier(length: int) -> NDArray[np.bool_]:
    """Return the mask of the entries below the diagonal, bool[length, length]."""
    return np.tri(length, k=-1, dtype=bool)


def prepare_fold_in(
    factors: NDArray[np.float64], *, categories: tuple[CategoryLifts, NDArray[np.float32]] | None = None
) -> FoldIn:
    """Prepare item factors for the fold-in.

    Args:
        factors: float64[n_warm, n], the factors V.
        categories: The result of `category_lifts`, or None.
    """
    gram = factors.T @ factors
    inverse = np.linalg.inv(np.linalg.cholesky(gram + REGULARIZATION * np.eye(len(gram))))
    white = factors @ inverse.T
    mean = white.mean(axis=0) if len(white) else np.zeros(len(gram))
    covariance = inverse @ gram @ inverse.T / max(1, len(white)) - np.outer(mean, mean)
    whitened = white.astype(np.float32)
    if categories is None:
        return FoldIn(factors=whitened, covariance=covariance)
    lifts, item_factors = categories
    return FoldIn(factors=np.hstack((whitened, item_factors)), covariance=covariance, categories=lifts)
