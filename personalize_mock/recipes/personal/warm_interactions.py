"""Interactions to fit a model to, together with the items that occur in them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.id_map import UNKNOWN
from personalize_mock.data.interaction_matrix import InteractionMatrix


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WarmInteractions:
    """Interactions, and the items that occur in them.

    Such items are called warm. The position of an item is its index in `warm_items`.

    Attributes:
        interactions: The interactions.
        warm_items: int32[n_warm], the item indices of the warm items, ascending.
        position_of_item: int32[n_items + 1], the position of each item, or -1 for a cold item. The last entry is -1
            for unknown items, whose index is -1.
        matrix: Sums of the weights of interactions per user and position, float64 of shape (n_users, n_warm).
    """

    interactions: InteractionMatrix
    warm_items: NDArray[np.int32]
    position_of_item: NDArray[np.int32]
    matrix: sparse.csr_matrix

    @classmethod
    def from_interactions(cls, interactions: InteractionMatrix) -> "WarmInteractions":
        """Find the items that occur in interactions, and sum the weights of interactions per user and item."""
        warm_items = np.flatnonzero(interactions.warm).astype(np.int32)
        return cls(
            interactions=interactions,
            warm_items=warm_items,
            position_of_item=positions_of_items(warm_items, count=len(interactions.items)),
            matrix=interactions.csr(warm_items),
        )

    @property
    def item(self) -> NDArray[np.int32]:
        """The item of each interaction, as a position in `warm_items`, int32[n]."""
        return self.position_of_item[self.interactions.item]


def positions_of_items(warm_items: NDArray[np.int32], *, count: int) -> NDArray[np.int32]:
    """Return the position of each item in `warm_items`, or -1 if it is not there: int32[count + 1].

    The last entry is -1, so that unknown items, whose index is -1, have no position either.

    Args:
        warm_items: Item indices, ascending.
        count: Number of all items.
    """
    position_of_item = np.full(count + 1, UNKNOWN, dtype=np.int32)
    position_of_item[warm_items] = np.arange(len(warm_items), dtype=np.int32)
    return position_of_item
