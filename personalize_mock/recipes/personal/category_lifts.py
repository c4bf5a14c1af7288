"""Category lifts, which increase the relevance of items in categories that are frequent in a user's recent history.

Item factors only reflect which items the same users have seen. If people who watch Westerns have little else in common,
five Westerns in a row hardly change the recommendations. Category lifts make sure that they do.

The lift of a category compares its frequency among the newest items of a history with its frequency among all
interactions. Let o be the number of items in the history that have the category, weighted by recency, w the sum of the
weights of all items in the history, and b the category's share of all interactions. Then the lift is

    log((o + PRIOR * b) / ((w + PRIOR) * b))

The lifts of an item's categories are added and divided by the square root of their number. If there are several columns
with categories, the mean over the columns is taken.

The weight of the lifts is learnt at training and may be small. But a user who sends several events of one category
wants more of it now. Therefore the weight is increased if much of the history consists of live events, which were sent
after the training. As a result, five live events with films of one genre increase the share of that genre in nearly
every list (`tests/benchmarks/live_events.py`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.data.metadata import Metadata
from personalize_mock.recipes.numerics.principal_axes import principal_axes

WEIGHT = 1.4
PRIOR = 2.0
DECAY = 4.0  # items of a history until the weight has fallen to 1/e
GREATEST_LIFT = 2.5  # limits rare categories, such as a brand that one interaction in ten thousand has
MOST_CATEGORIES = 400  # per column, the most frequent ones
DIMENSIONS = 32


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CategoryLifts:
    """Categories of items and their frequencies, from which the category lifts of a user are computed.

    A category lift increases the relevance of items in a category that is more frequent among the user's newest items
    than in all interactions.

    Attributes:
        membership: float64[n_warm, n_categories], 1 where an item has a category, else 0. The rows are the items with
            an interaction in the training data.
        frequency: float64[n_categories], the share of each category among all interactions.
        basis: float64[n_categories, n_dimensions], a projection from vectors with one entry per category to shorter
            vectors of category factors.
    """

    membership: sparse.csr_matrix
    frequency: NDArray[np.float64]
    basis: NDArray[np.float64]

    def user_vectors(self, newest: NDArray[np.int32]) -> NDArray[np.float32]:
        """Compute the category lifts of users and project them to vectors.

        The dot product of a user's vector and the category factors of an item is added to the item's relevance.

        Args:
            newest: int32[n_users, length], the items of each user as rows of `membership`, newest first, padded with
                -1.

        Returns:
            The vectors, float32[n_users, n_dimensions].
        """
        user, age = np.nonzero(newest >= 0)
        weight = np.exp(-age / DECAY)
        shape = (len(newest), self.membership.shape[0])
        observed = (sparse.csr_matrix((weight, (user, newest[user, age])), shape=shape) @ self.membership).toarray()
        total = np.bincount(user, weight, minlength=len(newest))[:, None]
        lift = np.log((observed + PRIOR * self.frequency) / ((total + PRIOR) * self.frequency))
        return np.asarray(WEIGHT * np.minimum(lift, GREATEST_LIFT) @ self.basis, dtype=np.float32)

    def live_shares(self, newest: NDArray[np.int32], *, live: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return the share of live events, which were sent after the training, in each history, float32[n_users, 1].

        Items are weighted by recency, as in the category lifts.

        Args:
            newest: int32[n_users, length], as for `user_vectors`.
            live: int[n_users], number of items at the beginning of each row that were sent after the training.
        """
        length = np.maximum(1, (newest >= 0).sum(axis=1))
        total, own = (1 - np.exp(-count / DECAY) for count in (length, np.minimum(live, length)))  # geometric series
        return np.asarray((own / total)[:, None], dtype=np.float32)


def category_lifts(
    items: Metadata | None, warm_items: NDArray[np.int32], interactions: InteractionMatrix
) -> tuple[CategoryLifts, NDArray[np.float32]] | None:
    """Prepare category lifts from the categorical columns of the Items dataset.

    They increase the relevance of items in categories that are frequent in a user's recent history.

    Args:
        items: The Items dataset in the order of `interactions.items`, or None if there is none.
        warm_items: int32[n_warm], the indices of the items with an interaction.
        interactions: The interactions from which the frequency of each category is computed.

    Returns:
        The lifts, and for each warm item a vector of its categories, float32[n_warm, n_dimensions]. Items with similar
        categories have similar vectors. None if the items have no categories.
    """
    columns = [] if items is None else [field.name for field in items.fields if _is_categorical(items, field.name)]
    if items is None or not columns or not len(warm_items):
        return None
    popularity = np.bincount(interactions.item, minlength=len(interactions.items))[warm_items].astype(np.float64)
    parts = [_column(items, name, warm_items, popularity) for name in columns]
    membership = sparse.hstack([part for part, _ in parts], format="csr")
    scaled = sparse.hstack([part for _, part in parts], format="csr") / len(columns)
    if not membership.shape[1]:
        return None
    basis = _basis(scaled)
    frequency = np.asarray(popularity @ membership).ravel() / popularity.sum()
    lifts = CategoryLifts(membership=membership, frequency=frequency, basis=basis)
    return lifts, np.asarray(scaled @ basis, dtype=np.float32)


def _is_categorical(items: Metadata, name: str) -> bool:
    field = items.field(name)
    return field is not None and field.categorical and field.type == "string" and field.name in items.table


def _column(
    items: Metadata, name: str, warm_items: NDArray[np.int32], popularity: NDArray[np.float64]
) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Encode a column that contains categories as two matrices of shape (n_warm, n_categories).

    Only the 400 categories with the most interactions are used.

    Args:
        items: The Items dataset.
        name: Name of the column.
        warm_items: int32[n_warm], item indices, the rows of the matrices.
        popularity: float64[n_warm], the number of interactions with each of these items.

    Returns:
        A matrix of ones where an item has a category, and the same matrix with each row divided by the square root of
        its number of ones.
    """
    membership = items.categories(name)[1][warm_items]
    frequency = np.asarray(popularity @ membership).ravel()
    order = np.argsort(-frequency, kind="stable")[:MOST_CATEGORIES]
    membership = membership[:, np.sort(order[frequency[order] > 0])]
    number = np.maximum(1, membership.getnnz(axis=1))
    return membership, sparse.csr_matrix(sparse.diags(1 / np.sqrt(number)) @ membership)


def _basis(scaled: sparse.csr_matrix) -> NDArray[np.float64]:
    """Return a projection from categories to at most 32 factors, float64[n_categories, n_factors].

    For up to 32 categories it is the identity. For more, its columns are the orthonormal directions along which the
    rows of `scaled`, one per item, have the largest sum of squares.
    """
    count = scaled.shape[1]
    if count <= DIMENSIONS:
        return np.eye(count)
    return principal_axes((scaled.T @ scaled).toarray(), count=DIMENSIONS)
