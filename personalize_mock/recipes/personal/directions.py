"""Directions of items, from which their similarity to the newest items of a history is computed.

What users choose next often resembles what they chose last. User vectors hardly show this, because they describe the
whole history, and because popular items have large factors and fit many users. The direction of an item is a short
vector of unit length: the item's factors, projected to the 12 axes along which the factors of all items are longest,
and scaled. Items are similar if the angle between their directions is small, whatever their popularity.

An item's similarity to the newest items of a history is the sum of its similarities to them. Each item of the history
counts half as much as the next newer one. The weight of this sum in the relevance is learnt at training.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes.numerics.normalization import normalize_rows, scale_scores
from personalize_mock.recipes.numerics.principal_axes import principal_axes

DIMENSIONS = 12
DECAY = 0.5
NEWEST = 8  # items of a history; all older ones together would have less than 1 % of the weight
SAMPLE = 20_000  # items, from which the axes are computed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Directions:
    """Numbers with which the directions of a user's newest items become a vector.

    Attributes:
        covariance: float64[n, n], the covariance of the directions over all items.
        weight: Number by which the vectors are multiplied.
    """

    covariance: NDArray[np.float64]
    weight: float = 1.0

    @classmethod
    def from_items(cls, directions: NDArray[np.float32], *, weight: float) -> "Directions":
        """Compute the covariance of the directions of all items, float32[n_items, n]."""
        mean = directions.mean(axis=0, dtype=np.float64)
        moments = (directions.T @ directions).astype(np.float64) / len(directions)
        return cls(covariance=moments - np.outer(mean, mean), weight=weight)

    def user_vectors(self, directions: NDArray[np.float32], *, known: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Compute a vector for each user, whose dot product with an item's direction is added to the item's relevance.

        The standard deviation of the amounts over all items is `weight`.

        Args:
            directions: float32[n_users, length, n], the directions of each user's newest items, newest first.
            known: bool[n_users, length], False for padding.

        Returns:
            The vectors, float32[n_users, n].
        """
        decay = DECAY ** np.arange(known.shape[1])
        sums = ((decay * known)[:, None, :] @ directions)[:, 0]
        return scale_scores(sums, self.covariance, deviation=self.weight)


def item_directions(factors: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the direction of each item, float32[n_items, 12], given its factors, float64[n_items, n_factors].

    If there are fewer than 12 factors, directions are as long. Items whose factors are 0 have the direction 0.
    """
    sample = normalize_rows(factors[:: max(1, len(factors) // SAMPLE)])
    axes = principal_axes(np.asarray(sample.T @ sample, dtype=np.float64), count=DIMENSIONS)
    return np.asarray(normalize_rows(factors @ axes), dtype=np.float32)
