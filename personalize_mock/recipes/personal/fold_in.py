"""Fold-in of users: computation of user vectors from histories and fitted item factors.

With it, a fitted model serves new users and reacts to new interactions. Let V be the item factors of implicit-feedback
ALS (Hu, Koren, Volinsky 2008), H the rows of V for the items of a history, c the confidences of these items, and
D = diag(c - 1). Then the user vector is u = (V'V + reg I + H' D H)^-1 H' c.

Let A A' = V'V + reg I (Cholesky), Z = V A'^-1 the whitened item factors, and G the rows of Z for the items of the
history. By Woodbury's identity, the scores of all items are V u = Z G' (I + D G G')^-1 c. So only Z is stored. For a
history of h items, an h x h system is solved, instead of a system with as many unknowns as there are factors.

The entry of D for an item with a confidence of 1 is 0, so the system needs no unknown for it. Let b be the sum of the
rows of Z for these items, and let G, D and c describe only the other items. Then the scores are
Z (b + G' (I + D G G')^-1 (c - D G b)). The oldest items of long histories have a confidence of 1. Therefore a long
history takes little more time than a short one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.id_map import UNKNOWN
from personalize_mock.recipes.numerics.implicit_als import ALPHA, REGULARIZATION
from personalize_mock.recipes.numerics.normalization import scale_to_deviation
from personalize_mock.recipes.personal.category_lifts import CategoryLifts
from personalize_mock.recipes.personal.directions import NEWEST_ITEMS, DirectionScale, item_directions

BLOCK_USERS = 32  # users whose vectors are computed together; their arrays stay in the processor's cache
LEAST = 1 / ALPHA  # weight of an item in a history that gives it a confidence of 1
LEAST_DEVIATION = 1e-6  # of the scores of a user vector of unit length; smaller ones may be rounding errors
LIVE_CATEGORIES = 3.0  # weight of the categories, compared with that of the factors, if the whole history is live


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FoldIn:
    """Item factors, prepared so that user vectors can be computed quickly from histories.

    Attributes:
        factors: float32[n_warm, n_factors], for each item with an interaction in the training data its n whitened
            factors, followed by its direction if there are `directions`, followed by its category factors.
        covariance: float64[n, n], the covariance of the whitened factors over all items.
        directions: Scale of the direction part of user vectors. None if `factors` have no columns for directions.
        categories: The lifts from which the category part of a user vector is computed. None if the items have no
            categories.
        weight: Number by which the first n entries of user vectors are multiplied.
        category_weight: Number by which the last entries, which belong to the categories, are multiplied. It is larger
            for users with many live events, which were sent after the training.
    """

    factors: NDArray[np.float32]
    covariance: NDArray[np.float64]
    directions: DirectionScale | None = None
    categories: CategoryLifts | None = None
    weight: float = 1.0
    category_weight: float = 1.0

    @property
    def direction_columns(self) -> slice:
        """The columns of `factors` that contain directions. If directions do not count, there are none."""
        start = len(self.covariance)
        return slice(start, start + (0 if self.directions is None else len(self.directions.covariance)))

    def user_vectors(
        self, newest: NDArray[np.int32], *, weights: NDArray[np.float64], live: Sequence[int] | None = None
    ) -> NDArray[np.float32]:
        """Compute user vectors from histories.

        The scores of items are the products `self.factors @ vector`. Their standard deviation over all items is
        `self.weight` before directions and category lifts are added.

        Args:
            newest: int32[n_users, length], the items of each user's history as rows of `self.factors`, newest first,
                padded with -1. If an item occurs several times, its weights are added.
            weights: float64[m], the weights of the items by recency, newest first; m is at least `length`. Weights
                equal to `LEAST`, which give items a confidence of 1, must come last. If one of the items with these
                weights occurs several times, the vectors are approximate.
            live: Number of items at the beginning of each row that were sent after the training. None if there are
                none.

        Returns:
            The vectors, float32[n_users, n_factors].
        """
        if not len(self.factors):
            return np.zeros((len(newest), self.factors.shape[1]), dtype=np.float32)
        parts = [self.factor_vectors(newest, weights=weights)]
        if self.directions is not None:
            parts.append(self.direction_vectors(newest))
        if self.categories is not None:
            parts.append(self._category_vectors(self.categories, newest, live=live))
        return parts[0] if len(parts) == 1 else np.hstack(parts)

    def direction_vectors(self, newest: NDArray[np.int32]) -> NDArray[np.float32]:
        """Compute the entries of user vectors that belong to directions, float32[n_users, n_axes].

        `directions` must not be None.

        Args:
            newest: int32[n_users, length], the items of each user's history as rows of `self.factors`, newest first,
                padded with -1.
        """
        assert self.directions is not None  # noqa: S101  # see the docstring
        newest = newest[:, :NEWEST_ITEMS]
        directions = self.factors[newest, self.direction_columns]
        return self.directions.user_vectors(directions, known=newest >= 0)

    def _category_vectors(
        self, categories: CategoryLifts, newest: NDArray[np.int32], *, live: Sequence[int] | None
    ) -> NDArray[np.float32]:
        weight: np.float32 | NDArray[np.float32] = np.float32(self.category_weight)
        if live is not None and any(live):
            shares = categories.live_shares(newest, live=np.array(live))
            weight = np.maximum(weight, np.float32(LIVE_CATEGORIES * self.weight) * shares)
        return np.asarray(weight * categories.user_vectors(newest))

    def factor_vectors(self, newest: NDArray[np.int32], *, weights: NDArray[np.float64]) -> NDArray[np.float32]:
        """Compute the entries of user vectors that belong to the n whitened factors.

        Args:
            newest: int32[n_users, length], the items of each user's history as rows of `self.factors`, newest first,
                padded with -1.
            weights: float64[m], the weights of the items by recency, newest first; see `user_vectors`.

        Returns:
            The vectors, float32[n_users, n]. They equal the first n entries of the vectors that `user_vectors` returns.
        """
        users = np.empty((len(newest), len(self.covariance)))
        for start in range(0, len(newest), BLOCK_USERS):
            block = slice(start, start + BLOCK_USERS)
            users[block] = self._unscaled_vectors(newest[block], weights=weights)
        return scale_to_deviation(users, self.covariance, deviation=self.weight, least=LEAST_DEVIATION)

    def _unscaled_vectors(self, newest: NDArray[np.int32], *, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Compute user vectors with an entry for each of the n whitened factors, before scaling: float64[n_users, n].

        The caller scales them so that the scores of the items have the same standard deviation for every user.

        Args:
            newest: int32[n_users, length], the items of each user's history as rows of `self.factors`, newest first,
                padded with -1.
            weights: float64[m], the weights of the items by recency, newest first; see `user_vectors`.
        """
        length = np.count_nonzero(weights[: newest.shape[1]] != LEAST)
        newest, oldest = newest[:, :length], newest[:, length:]
        known = newest >= 0
        confidence = ALPHA * weights[:length] * known
        excess = confidence - _first_occurrences(newest, known)
        # Padding reads the last row of the factors. Its confidence is 0.
        rows = self.factors.take(newest, axis=0)[:, :, : len(self.covariance)].astype(np.float64)
        system = rows @ rows.transpose(0, 2, 1)
        system *= excess[:, :, None]
        system.reshape(len(newest), -1)[:, :: length + 1] += 1
        if not oldest.shape[1]:
            shares = np.linalg.solve(system, confidence[:, :, None])
            return np.asarray((shares.transpose(0, 2, 1) @ rows)[:, 0])
        of_oldest = self._sums_of_factors(oldest)
        right_side = confidence[:, :, None] - excess[:, :, None] * (rows @ of_oldest[:, :, None])
        shares = np.linalg.solve(system, right_side)
        return np.asarray((shares.transpose(0, 2, 1) @ rows)[:, 0] + of_oldest)

    def _sums_of_factors(self, items: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return the sum of the whitened factors of each user's items, float64[n_users, n].

        Args:
            items: int32[n_users, k], the items of each user as rows of `factors`, padded with -1.
        """
        # Padding reads the last row of the factors, which is multiplied by 0.
        rows = self.factors.take(items, axis=0)[:, :, : len(self.covariance)]
        known = (items >= 0)[:, None].astype(np.float32)
        return (known @ rows)[:, 0].astype(np.float64)


def newest_first(histories: Sequence[NDArray[np.int32]], *, length: int) -> NDArray[np.int32]:
    """Return the newest items of each history as a matrix with one row per user, newest first, padded with -1.

    Args:
        histories: The items of each user, oldest first.
        length: The largest number of items per user.

    Returns:
        The items, int32[n_users, k], where k is the largest number of items in a row.
    """
    if len(histories) == 1 and len(histories[0]):
        return histories[0][: -length - 1 : -1].copy()[None]
    longest = max(1, min(length, max(map(len, histories))))
    newest = np.full((len(histories), longest), UNKNOWN, dtype=np.int32)
    for user, items in enumerate(histories):
        tail = items[-longest:]
        newest[user, : len(tail)] = tail[::-1]
    return newest


def _first_occurrences(newest: NDArray[np.int32], known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return a mask that is True where an item occurs for the first time in its row, bool[n_users, length].

    Args:
        newest: int32[n_users, length], items, padded with -1.
        known: bool[n_users, length], False for the padding. The result is False there, too.
    """
    if len(newest) == 1 and len(set(newest[0].tolist())) == newest.shape[1]:
        return known  # no item is repeated
    again = (newest[:, :, None] == newest[:, None, :]) & _earlier(newest.shape[1])
    return np.asarray(known & ~again.any(axis=2))


@cache
def _earlier(length: int) -> NDArray[np.bool_]:
    """Return a square mask whose entry (i, j) is True if j is smaller than i, bool[length, length]."""
    return np.tri(length, k=-1, dtype=bool)


def prepare_fold_in(
    factors: NDArray[np.float64],
    *,
    categories: tuple[CategoryLifts, NDArray[np.float32]] | None = None,
    direction_weight: float = 0.0,
) -> FoldIn:
    """Prepare item factors for the computation of user vectors, which the methods of `FoldIn` compute from histories.

    Args:
        factors: float64[n_items, n], the item factors fitted by ALS.
        categories: The category lifts and the category factors of the items, float32[n_items, n_dimensions]. None if
            the items have no categories.
        direction_weight: The weight of directions. If it is 0, the result has no directions.
    """
    gram = factors.T @ factors
    inverse = np.linalg.inv(np.linalg.cholesky(gram + REGULARIZATION * np.eye(len(gram))))
    white = factors @ inverse.T
    mean = white.mean(axis=0) if len(white) else np.zeros(len(gram))
    covariance = inverse @ gram @ inverse.T / max(1, len(white)) - np.outer(mean, mean)
    columns, directions = [white.astype(np.float32)], None
    del white  # in a large catalogue it needs much memory
    if direction_weight and len(factors):
        columns.append(item_directions(factors))
        directions = DirectionScale.from_items(columns[-1], weight=direction_weight)
    if categories is not None:
        columns.append(categories[1])
    return FoldIn(
        factors=columns[0] if len(columns) == 1 else np.hstack(columns),
        covariance=covariance,
        directions=directions,
        categories=None if categories is None else categories[0],
    )
