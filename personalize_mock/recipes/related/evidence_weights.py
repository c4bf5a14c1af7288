"""Weights of the different kinds of evidence that two items are related, learnt from the data.

The kinds of evidence are shared users, interactions that are close in user histories, latent factors and metadata. The
best weights differ between data sets. To find them, the newest interactions of some users are held out, and the
evidence is computed from the remaining interactions. Starting from default weights, one weight at a time is changed if
another value ranks the held-out items clearly higher. Small data shows no clear differences, so the defaults remain.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes.related.co_interactions import CoInteractionRows
from personalize_mock.recipes.related.held_out import HeldOutQueries, clearly_larger

PRIOR_USERS = 10.0  # added to the number of users, so that items with few users are not too similar
COLD_SHARE = 0.05  # of all users of items; if cold items have more, their interactions count by default
EVEN = 0.7  # cosines are multiplied by the number of users to the power of this number minus the discount


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceWeights:
    """Weights of the different kinds of evidence in the similarity of two items.

    Attributes:
        discount: Exponent of the popularity discount. Similarities to an item with n users are divided by (n + 10) to
            the power of this number.
        closeness: Weight of interactions with both items that are close in a user's history. Users who interacted with
            both items at any time have the weight 1.
        before: Weight of interactions shortly before one with the given item, relative to those shortly after it.
        factors: Weight of the cosine of latent factors.
        metadata: Weight of the cosine of metadata vectors.
        cold: Whether interactions with cold items, which have few interactions, count as evidence.
    """

    discount: float = 0.25
    closeness: float = 0.5
    before: float = 0.5
    factors: float = 0.2
    metadata: float = 0.1
    cold: bool = False

    def discounted(self, factor: float) -> "EvidenceWeights":
        """Return a copy of the weights with a stronger discount of popular items.

        Args:
            factor: The popularity_discount_factor of the solution. 0 does not change the discount. 1 makes it so strong
                that the popularity of items has no influence.
        """
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
    """Number of users who interacted with each item, and a mask of the cold items.

    The factors that scale similarities are computed from it.

    Attributes:
        users: int[items], the number of distinct users.
        cold: bool[items], whether an item is cold, which means that it has few interactions.
    """

    users: NDArray[np.integer]
    cold: NDArray[np.bool_]

    def discount(self, weights: EvidenceWeights) -> NDArray[np.float32]:
        """Return a factor for each item, by which its co-interactions are multiplied: float32[items].

        Co-interactions count the users who interacted with two items. The factor is smaller for popular items.
        """
        return np.asarray((self.users + PRIOR_USERS) ** -weights.discount, dtype=np.float32)

    def mostly_known(self) -> bool:
        """Return whether at most 5 % of the distinct pairs of a user and an item belong to cold items.

        Cold items are those with few interactions.
        """
        return float(self.users[self.cold].sum()) <= COLD_SHARE * float(self.users.sum())

    def boost(self, weights: EvidenceWeights) -> NDArray[np.float32]:
        """Return a factor for each item, by which its cosine similarities are multiplied: float32[items].

        If the popularity discount in `weights` is below 0.7, items with more users get larger factors; above 0.7, they
        get smaller ones. A cold item gets the factor of a warm item with the median number of users.
        """
        users = self.users.astype(np.float64)
        users[self.cold] = np.median(users[~self.cold]) if not self.cold.all() else 0
        relative = (users + PRIOR_USERS) / (users.max(initial=0) + PRIOR_USERS)
        return np.asarray(relative ** (EVEN - weights.discount), dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """Evidence of how strongly each item of the catalogue is related to some items, which are called queries.

    Attributes:
        queries: int32[rows], the indices of the queries.
        rows: The co-interactions of the queries with all items, such as the number of users who interacted with both.
        warm_rows: Like `rows`, but 0 for cold items, which have too few interactions.
        factors: float32[rows, items], the cosines of latent factors. Negative cosines are replaced by 0.
        metadata: float32[rows, items], the cosines of metadata vectors. Negative cosines are replaced by 0. None if
            there is no metadata.
        popularity: The popularity of all items.
    """

    queries: NDArray[np.integer]
    rows: CoInteractionRows
    warm_rows: CoInteractionRows
    factors: NDArray[np.float32]
    metadata: NDArray[np.float32] | None
    popularity: Popularity

    def scores(self, weights: EvidenceWeights) -> NDArray[np.float32]:
        """Return the similarity of each query, which is an item, to all items: float32[rows, items].

        Args:
            weights: The weights of the different kinds of evidence in the similarity.
        """
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
    """Return the factor that scales cosines so that the rows of `cosines * boost` have a mean sum of `weight`.

    The factor is 0 if all cosines are 0.

    Args:
        cosines: float32[rows, items], all at least 0.
        boost: float32[items], the factor of each item; see `Popularity.boost`.
        weight: The mean sum of the scaled rows.
    """
    total = (cosines @ boost).mean() if len(cosines) else 0
    return np.float32(weight / total if total > 0 else 0)


def learn_weights(evidence: Evidence, held_out: HeldOutQueries) -> EvidenceWeights:
    """Find the weights of the kinds of evidence with which held-out items are ranked highest.

    A weight keeps its default value unless another value is better by more than one standard error.

    Args:
        evidence: The evidence for the queries of `held_out`, computed without the held-out interactions.
        held_out: The queries and the items that should be ranked high.
    """
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
