"""Directions of items, from which their similarity to the newest items of a history is computed.

Users' next choices often resemble their latest ones. User vectors hardly show this, because they describe the whole
history, and because popular items have large factors and fit many users. The direction of an item is a short vector of
unit length: the item's factors, projected onto 12 axes and scaled to unit length. The axes are the principal axes of
the items' factors after these have been scaled to unit length, so popular items do not dominate them.

An item's similarity to the newest items of a history is a weighted sum of its similarities to the 8 newest ones. The
newest item has a weight of 1, and each older one half the weight of the next newer one. For each user, the sums are
scaled to the same standard deviation over all items. This standard deviation is the weight learnt at training.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes.numerics.normalization import normalize_rows, scale_to_deviation
from personalize_mock.recipes.numerics.principal_axes import principal_axes

DIMENSIONS = 12
DECAY = 0.5
NEWEST_ITEMS = 8  # of a history; all older ones together would have less than 1 % of the weight
LEAST_DEVIATION = 1e-3  # of the dot products of a vector of unit length; smaller ones may be rounding errors
SAMPLE = 20_000  # in larger catalogues, the axes are computed from at least so many evenly spaced items


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DirectionScale:
    """Scale of the user vectors that are computed from directions.

    Attributes:
        covariance: float64[n_axes, n_axes], the covariance of the directions over all items.
        weight: Standard deviation, over all items, of the dot products of a user's vector and the items' directions.
    """

    covariance: NDArray[np.float64]
    weight: float

    @classmethod
    def from_items(cls, directions: NDArray[np.float32], *, weight: float) -> "DirectionScale":
        """Compute the covariance of the directions of all items.

        Args:
            directions: float32[n_items, n_axes], the direction of each item.
            weight: The weight of the scale.
        """
        mean = directions.mean(axis=0, dtype=np.float64)
        moments = (directions.T @ directions).astype(np.float64) / len(directions)
        return cls(covariance=moments - np.outer(mean, mean), weight=weight)

    def user_vectors(self, directions: NDArray[np.float32], *, known: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Compute a vector for each user, whose dot product with an item's direction is added to the item's relevance.

        The standard deviation of these dot products over all items is `weight`, or 0 for a user without items.

        Args:
            directions: float32[n_users, length, n_axes], the directions of each user's newest items, newest first.
            known: bool[n_users, length], False for padding, whose directions are ignored.

        Returns:
            The vectors, float32[n_users, n_axes].
        """
        decay = DECAY ** np.arange(known.shape[1])
        sums = ((decay * known)[:, None, :] @ directions)[:, 0]
        return scale_to_deviation(sums, self.covariance, deviation=self.weight, least=LEAST_DEVIATION)


def item_directions(factors: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the direction of each item, float32[n_items, 12], given its factors, float64[n_items, n_factors].

    With fewer than 12 factors, a direction has as many entries as there are factors. An item whose factors are all 0
    has the direction 0.
    """
    sample = normalize_rows(factors[:: max(1, len(factors) // SAMPLE)])
    axes = principal_axes(np.asarray(sample.T @ sample, dtype=np.float64), count=DIMENSIONS)
    return np.asarray(normalize_rows(factors @ axes), dtype=np.float32)
