"""Weights of the evidence that two items are related, learnt from the data.

How much popularity, closeness in time, latent factors and metadata say differs between data sets. So the newest
interactions of some users are held out of a first fit. Starting from default weights, one weight at a time is changed
if another value ranks the held-out items clearly higher. In small data nothing is clear, and the defaults stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes.related.co_interactions import CoInteractionRows
from personalize_mock.recipes.related.held_out import HeldOutQueries, clearly_larger

PRIOR_USERS = 10.0  # lowers the similarity of items with few users
COLD_SHARE = 0.05  # of the users of all items; if cold items have more, their few interactions count by default
EVEN = 0.7  # exponent of the number of users to which factors and metadata are multiplied before the discount


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceWeights:
    """Weights of the parts of a similarity.

    Attributes:
        discount: The similarity to an item of n users is multiplied by (n + 10) to the power of minus this number.
        closeness: Weight of close interactions; shared users have a weight of 1.
        before: Weight of an earlier interaction relative to a later one.
        factors: Weight of the cosine of the latent factors.
        metadata: Weight of the cosine of the metadata.
        cold: Whether the few interactions of cold items count.
    """

    discount: float = 0.25
    closeness: float = 0.5
    before: float = 0.5
    factors: float = 0.2
    metadata: float = 0.1
    cold: bool = False

    def discounted(self, factor: float) -> "EvidenceWeights":
        """Return the weights for a popularity_discount_factor. With 1, the popularity of items makes no difference."""
        return replace(self, discount=self.discount + factor * (1 - self.discount))


CHOICES: Sequence[tuple[str, Sequence[Any]]] = (
    ("discount", (0.0, 0.12, 0.4, 0.55, 0.7)),
    ("closeness", (0.25, 1.0, 2.0)),
    ("before", (1.0,)),
    ("cold", (False, True)),
    ("factors", (0.1, 0.5)),
    ("metadata", (0.05, 0.3, 0.6)),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Popularity:
    """The number of users of each item, and what similarities make of it.

    Attributes:
        users: int[items], the number of users.
        cold: bool[items], whether an item is cold.
    """

    users: NDArray[np.integer]
    cold: NDArray[np.bool_]

    def discount(self, weights: EvidenceWeights) -> NDArray[np.float32]:
        """Return the factor of each item for similarities that grow with its number of users, float32[items]."""
        return np.asarray((self.users + PRIOR_USERS) ** -weights.discount, dtype=np.float32)

    def mostly_known(self) -> bool:
        """Return whether all but few users of items are users of warm items."""
        return float(self.users[self.cold].sum()) <= COLD_SHARE * float(self.users.sum())

    def boost(self, weights: EvidenceWeights) -> NDArray[np.float32]:
        """Return the factor of each item for cosines, float32[items]. Cold items get that of the median warm item."""
        users = self.users.astype(np.float64)
        users[self.cold] = np.median(users[~self.cold]) if not self.cold.all() else 0
        relative = (users + PRIOR_USERS) / (users.max(initial=0) + PRIOR_USERS)
        return np.asarray(relative ** (EVEN - weights.discount), dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """The evidence about the relation of some items to all items.

    Attributes:
        queries: int32[rows], the items.
        rows: Their co-interactions.
        warm_rows: Their co-interactions without those of cold items.
        factors: float32[rows, items], the cosines of the latent factors. Negative ones are 0.
        metadata: The same of the metadata, or None if there is none.
        popularity: The popularity of all items.
    """

    queries: NDArray[np.integer]
    rows: CoInteractionRows
    warm_rows: CoInteractionRows
    factors: NDArray[np.float32]
    metadata: NDArray[np.float32] | None
    popularity: Popularity

    def scores(self, weights: EvidenceWeights) -> NDArray[np.float32]:
        """Return the similarity of each query to all items, float32[rows, items]."""
        rows = self.rows if weights.cold else self.warm_rows
        discount = self.popularity.discount(weights)
        scores = rows.similarity(discount, closeness=weights.closeness, before=weights.before)
        boost = self.popularity.boost(weights)
        cosines = self.factors * cosine_scale(self.factors, boost, weights.factors)
        if self.metadata is not None:
            cosines += self.metadata * cosine_scale(self.metadata, boost, weights.metadata)
        cosines *= boost
        scores += cosines
        scores[np.arange(len(self.queries)), self.queries] = 0
        return scores


def cosine_scale(cosines: NDArray[np.float32], boost: NDArray[np.float32], weight: float) -> np.float32:
    """Return the number by which to multiply cosines, so that the mean sum of a row is the weight.

    Args:
        cosines: float32[rows, items], none of them negative.
        boost: float32[items], a factor of each item.
        weight: The weight.
    """
    total = (cosines @ boost).mean() if len(cosines) else 0
    return np.float32(weight / total if total > 0 else 0)


def learn_weights(evidence: Evidence, held_out: HeldOutQueries) -> EvidenceWeights:
    """Return the weights that rank held-out items highest, the default ones where no others are clearly better."""
    best = EvidenceWeights(cold=not evidence.popularity.mostly_known())
    gains = held_out.gains(evidence.scores(best))
    for name, values in CHOICES:
        default, default_gains = best, gains
        for value in values:
            weights = replace(default, **{name: value})
            other = held_out.gains(evidence.scores(weights))
            if clearly_larger(other, default_gains) and other.mean() > gains.mean():
                best, gains = weights, other
    return best
