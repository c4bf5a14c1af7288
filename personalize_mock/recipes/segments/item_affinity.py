"""Recipe aws-item-affinity, which returns the users with the highest affinity to an item.

The affinity of a user is the sum of two parts: the dot product of the factors of the item and the user, and the number
of the user's interactions with similar items. To make the parts comparable, each is divided by its mean over the one
percent of users for whom it is largest. The dot product has a smaller weight for items with few users, because their
factors are mostly noise. In both parts, the newest interactions of a user count most.

Users who have already interacted with the item are scored differently: by how recently and how often they did so,
multiplied by the odds that users repeat interactions in the data. If users hardly ever repeat interactions, these users
come after users with similar interests, but before users with unrelated interests.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.base import EvaluationName, Model, Query, Recipe, TrainingData
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.segments.affinity_model import AffinityFactors, AffinityModel
from personalize_mock.recipes.segments.user_evidence import UserEvidence, scaled, trust

OWNERS_LEVEL = 0.3  # score of the users who have the item if repeats are rare, as a share of their median affinity
LEAST_LEVEL = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemSegments(AffinityModel):
    """Model that ranks users by their affinity to an item.

    Attributes:
        items: float32[item rows, factors], the factors of the items with interactions.
        item_rows: int32[n_items + 1], the row of `items` that belongs to each item index, or -1 for cold items. The
            last entry is -1 and is read for unknown items, whose index is -1.
        trust: float32[item rows], the weight that the dot product of user and item factors has in the affinity, from 0
            to 1. It is smaller for items with fewer users.
        similarity: float32[item rows, item rows], sparse, the similarity of each item to its most similar items.
        recent: float32[user rows, item rows], sparse, the interactions of users with items. Newer interactions have
            larger weights.
        repeat_odds: The odds that a user's next interaction is with an item of their history.
    """

    uses_item: ClassVar[bool] = True

    items: NDArray[np.float32]
    item_rows: NDArray[np.int32]
    trust: NDArray[np.float32]
    similarity: sparse.csr_matrix
    recent: sparse.csc_matrix
    repeat_odds: float

    def target(self, query: Query) -> NDArray[np.float32] | None:
        """Return the factors of the item in the query, or None if the item is cold and therefore has no factors."""
        row = self.item_rows[query.item]
        return self.items[row] if row >= 0 else None

    def adjust(self, scores: NDArray[np.float32], query: Query) -> None:
        """Combine each user's score with the user's interactions with similar items; see `AffinityModel.adjust`.

        The scores of users who have already interacted with the item are computed in another way (`_owner_scores`).
        """
        row = self.item_rows[query.item]
        scores[:] = self.trust[row] * scaled(scores) + scaled(self._by_similar_items(row))
        column = slice(*self.recent.indptr[row : row + 2])
        owners = self.recent.indices[column]
        scores[owners] = _owner_scores(scores[owners], self.recent.data[column] * np.float32(self.repeat_odds))

    def _by_similar_items(self, row: int) -> NDArray[np.float32]:
        """Return how much each user interacted with the items similar to a given item, float32[user rows].

        Interactions are weighted by similarity.

        Args:
            row: The row of the given item in `items`.
        """
        span = slice(*self.similarity.indptr[row : row + 2])
        similar = self.recent[:, self.similarity.indices[span]]
        return np.asarray(similar @ self.similarity.data[span], dtype=np.float32)


class ItemAffinity(Recipe):
    """Recipe aws-item-affinity, which finds the users who are most likely to interact with an item."""

    evaluation: ClassVar[EvaluationName] = "segments"

    def fit(
        self,
        data: TrainingData,
        *,
        config: Mapping[str, str],
        objective: Objective | None,  # noqa: ARG002  the recipe allows none
        seed: int,
    ) -> ItemSegments:
        """Compute the latent factors of the items and the similarities between items; see `Recipe.fit`."""
        factors = AffinityFactors.from_interactions(data.interactions, config=config, seed=seed)
        return _segments(data.interactions, factors.items, factor_items=factors.item_indices)

    def completed(self, model: Model, data: TrainingData) -> ItemSegments:
        """Return a model that also uses the interactions held out for the evaluation; see `Recipe.completed`.

        The item factors do not change.
        """
        assert isinstance(model, ItemSegments)  # noqa: S101  `fit` returned it
        known = np.flatnonzero(model.item_rows[:-1] >= 0)
        return _segments(data.interactions, model.items.astype(np.float64), factor_items=known)


def _segments(
    interactions: InteractionMatrix, factors: NDArray[np.float64], *, factor_items: NDArray[np.integer]
) -> ItemSegments:
    """Build a model that ranks users, from interactions and from latent item factors that are already fitted.

    Args:
        interactions: The interactions, from which all other parts of the model are computed.
        factors: float64[n, number of factors]. Items without a row of factors get zeros.
        factor_items: int[n], the item index of each row of `factors`, ascending.
    """
    evidence = UserEvidence.from_interactions(interactions, factors, factor_items=factor_items)
    item_rows = np.full(len(interactions.items) + 1, -1, dtype=np.int32)
    item_rows[evidence.item_indices] = np.arange(len(evidence.item_indices), dtype=np.int32)
    return ItemSegments(
        user_indices=evidence.user_indices,
        users=evidence.users,
        items=evidence.items,
        item_rows=item_rows,
        trust=trust(evidence.recent.getnnz(axis=0)),
        similarity=evidence.similarity,
        recent=evidence.recent,
        repeat_odds=evidence.repeat_odds,
    )


def _owner_scores(affinity: NDArray[np.float32], repeats: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the scores of users who have already interacted with the item of the query, float32[m].

    Args:
        affinity: float32[m], the scores that they would have if they had not yet interacted with the item.
        repeats: float32[m], the weighted number of their interactions with the item, times the odds of a repeat.
    """
    level = max(LEAST_LEVEL, OWNERS_LEVEL * float(np.median(affinity)))
    positive = np.maximum(0, affinity)
    floor = level * (1 + positive / (positive + level)) / 2
    return np.asarray(np.maximum(floor, repeats), dtype=np.float32)
