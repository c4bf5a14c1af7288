"""Recipe aws-item-attribute-affinity, which returns the users with the highest affinity to items with given attributes.

The affinity of a user is the sum of two parts: the dot product of the user's factors with the mean factors of all items
that have the attributes, and the number of the user's interactions with items similar to them. Interactions with the
items themselves count too, multiplied by the odds that users repeat interactions in the data. If users hardly ever
repeat interactions, they are not interested in items that they already know. To make the parts comparable, each is
divided by its mean over the one percent of users for whom it is largest. The dot product has a smaller weight if few
users have interacted with the items.

Both parts are larger for very active users, so these users would lead every segment. Therefore the factors of a user
are divided by the square root of their norm, and interactions by the square root of the sum of all interactions of the
user. On MovieLens, the share of a genre in the later interactions of the first one percent of users is then 1.10 times
its share in those of all users, averaged over genres; without the divisions it is 1.00 times.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.data.item_attributes import ItemAttributes, item_attributes
from personalize_mock.recipes.base import EvaluationName, Model, Query, Recipe, TrainingData, TrainingFailed
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.segments.affinity_model import AffinityFactors, AffinityModel
from personalize_mock.recipes.segments.user_evidence import UserEvidence, scaled, trust

DISCOUNT_EXPONENT = 0.5
# Quoted by AWS in a public issue, 2022.
NO_ATTRIBUTE = (
    "Did not find any attribute to train on. There may not be any attribute in the items dataset, or all attribute "
    "values either have same or all distinct values."
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AttributeSegments(AffinityModel):
    """Model that ranks users by their affinity to items with given attributes.

    Attributes:
        items: float32[item rows, factors], the factors of the items with interactions.
        item_indices: int32[item rows], the item index of each row of `items`, ascending.
        attributes: The attributes of all items, from the Items dataset.
        similarity: float32[item rows, item rows], sparse, the similarity of each item to its most similar items.
        recent: float32[user rows, item rows], sparse, the interactions of users with items. Newer interactions have
            larger weights, and those of active users have smaller weights.
        repeat_odds: The odds that a user's next interaction is with an item of their history.
    """

    items: NDArray[np.float32]
    item_indices: NDArray[np.int32]
    attributes: ItemAttributes
    similarity: sparse.csr_matrix
    recent: sparse.csc_matrix
    repeat_odds: float

    def target(self, query: Query) -> NDArray[np.float32] | None:
        """Return the mean factors of the items that have the attributes in the query, or None if there are none."""
        rows = self._rows(query)
        return self.items[rows].mean(axis=0) if len(rows) else None

    def adjust(self, scores: NDArray[np.float32], query: Query) -> None:
        """Combine each user's score with the user's interactions; see `AffinityModel.adjust`.

        Only interactions with items that have the attributes in the query, and with similar items, are taken into
        account.
        """
        rows = self._rows(query)
        users = np.unique(self.recent[:, rows].indices)
        scores[:] = trust(np.asarray(len(users))) * scaled(scores) + scaled(self._by_interactions(rows))

    def _rows(self, query: Query) -> NDArray[np.int64]:
        """Return the rows of `items` that belong to items with the attributes in the query."""
        return np.flatnonzero(self.attributes.mask(query.attributes)[self.item_indices])

    def _by_interactions(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return how much each user interacted with given items and with similar ones, float32[user rows].

        The weight of an interaction is the sum of the similarities of its item to the given items, plus `repeat_odds`
        if its item is one of them.

        Args:
            rows: The rows of the given items in `items`.
        """
        weights = np.asarray(self.similarity[rows].sum(axis=0), dtype=np.float32).ravel()
        weights[rows] += np.float32(self.repeat_odds)
        similar = np.flatnonzero(weights)
        return np.asarray(self.recent[:, similar] @ weights[similar], dtype=np.float32)


class ItemAttributeAffinity(Recipe):
    """Recipe aws-item-attribute-affinity, which finds the users who are interested in items with given attributes."""

    evaluation: ClassVar[EvaluationName] = "segments"

    def fit(
        self,
        data: TrainingData,
        *,
        config: Mapping[str, str],
        objective: Objective | None,  # noqa: ARG002  the recipe allows none
        seed: int,
    ) -> AttributeSegments:
        """Compute the latent factors of the items and the similarities between items; see `Recipe.fit`.

        Raises:
            TrainingFailed: The Items dataset has no useful column. A column is useful if it has at least two different
                values and several items have the same value.
        """
        attributes = item_attributes(data.items)
        if not attributes.columns:
            raise TrainingFailed(NO_ATTRIBUTE)
        factors = AffinityFactors.from_interactions(data.interactions, config=config, seed=seed)
        return _segments(data.interactions, attributes, factors.items, factor_items=factors.item_indices)

    def completed(self, model: Model, data: TrainingData) -> AttributeSegments:
        """Return a model that also uses the interactions held out for the evaluation; see `Recipe.completed`.

        The item factors do not change.
        """
        assert isinstance(model, AttributeSegments)  # noqa: S101  `fit` returned it
        factors = model.items.astype(np.float64)
        return _segments(data.interactions, model.attributes, factors, factor_items=model.item_indices)


def _segments(
    interactions: InteractionMatrix,
    attributes: ItemAttributes,
    factors: NDArray[np.float64],
    *,
    factor_items: NDArray[np.integer],
) -> AttributeSegments:
    """Build a model that ranks users, from interactions and from latent item factors that are already fitted.

    Args:
        interactions: The interactions, from which all other parts of the model are computed.
        attributes: The attributes of all items.
        factors: float64[n, number of factors]. Items without a row of factors get zeros.
        factor_items: int[n], the item index of each row of `factors`, ascending.
    """
    evidence = UserEvidence.from_interactions(interactions, factors, factor_items=factor_items)
    norms = np.linalg.norm(evidence.users, axis=1)
    activity = np.asarray(evidence.recent.sum(axis=1)).ravel()
    return AttributeSegments(
        user_indices=evidence.user_indices,
        users=evidence.users * _discount(norms)[:, None],
        items=evidence.items,
        item_indices=evidence.item_indices,
        attributes=attributes,
        similarity=evidence.similarity,
        recent=(sparse.diags(_discount(activity)) @ evidence.recent).tocsc(),
        repeat_odds=evidence.repeat_odds,
    )


def _discount(sizes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a factor for each user, so that active users do not lead every segment: 1 / sqrt(size), or 1 for size 0.

    Args:
        sizes: float32[user rows], a number that is larger for more active users.
    """
    return np.asarray(np.where(sizes > 0, sizes, 1) ** -DISCOUNT_EXPONENT, dtype=np.float32)
