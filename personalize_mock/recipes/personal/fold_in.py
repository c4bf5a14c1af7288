"""Item factors that turn a history into scores for all items, without trained user factors.

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
from personalize_mock.recipes.personal.category_lifts import CategoryLifts

ALPHA = 5.0
REGULARIZATION = 20.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FoldIn:
    """Whitened item factors, perhaps with those of the items' themes beside them.

    Attributes:
        factors: float32[items, all factors]: Z, then the factors of themes.
        covariance: float64[factors, factors] of Z's rows.
        themes: What makes the rest of a user's vector; None where there is no rest.
    """

    factors: NDArray[np.float32]
    covariance: NDArray[np.float64]
    themes: CategoryLifts | None = None

    def users(self, newest: NDArray[np.int32], *, weights: NDArray[np.float64]) -> NDArray[np.float32]:
        """User vectors whose products with Z have a standard deviation of 1 over all items; themes come on top.

        Args:
            newest: int32[users, length], items, newest first, padded with -1. An item that occurs twice
                counts with the sum of its weights.
            weights: float64[length], the weight of each place.

        Returns:
            float32[users, all factors]
        """
        length = newest.shape[1]
        confidence = ALPHA * weights[:length] * (newest >= 0)
        excess = confidence - _first(newest)
        # Padding reads the last row, which then counts nothing.
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
        return vectors if self.themes is None else np.hstack((vectors, self.themes.users(newest)))


def newest_first(touched: Sequence[NDArray[np.int32]], *, length: int) -> NDArray[np.int32]:
    """The newest rows of each history, int32[users, at most length], newest first, padded with -1."""
    longest = max(1, min(length, max(map(len, touched))))
    newest = np.full((len(touched), longest), UNKNOWN, dtype=np.int32)
    for user, items in enumerate(touched):
        tail = items[-longest:]
        newest[user, : len(tail)] = tail[::-1]
    return newest


def _first(newest: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Where an item stands for the first time in its row; never for padding."""
    again = (newest[:, :, None] == newest[:, None, :]) & _earlier(newest.shape[1])
    return np.asarray((newest >= 0) & ~again.any(axis=2))


@cache
def _earlier(length: int) -> NDArray[np.bool_]:
    """bool[length, length]: whether the column comes before the row."""
    return np.tri(length, k=-1, dtype=bool)


def whitened(
    factors: NDArray[np.float64], *, themes: tuple[CategoryLifts, NDArray[np.float32]] | None = None
) -> FoldIn:
    """Prepare trained item factors, float64[items, factors], and themes with their factors."""
    gram = factors.T @ factors
    inverse = np.linalg.inv(np.linalg.cholesky(gram + REGULARIZATION * np.eye(len(gram))))
    white = factors @ inverse.T
    mean = white.mean(axis=0) if len(white) else np.zeros(len(gram))
    covariance = inverse @ gram @ inverse.T / max(1, len(white)) - np.outer(mean, mean)
    plain = white.astype(np.float32)
    if themes is None:
        return FoldIn(factors=plain, covariance=covariance)
    return FoldIn(factors=np.hstack((plain, themes[1])), covariance=covariance, themes=themes[0])
