"""Recipe aws-sims and its variants, which recommend items with which the same users interacted.

The similarity of item j to item i is c_ij / (n_j + 10) ** e, where c_ij users interacted with both and n_j users with
j. The form follows Deshpande and Karypis, "Item-Based Top-N Recommendation Algorithms" (2004). The exponent e depends
on popularity_discount_factor: with 0 the items with the most shared users come first, with 1 the items with the largest
share of shared users. In between it is learnt (`popularity_discount.py`). Items with fewer shared users than
min_cointeraction_count follow the others, because they say more about an item than popularity does. All but the form
is ours.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.base import EvaluationName, Recipe, TrainingData
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.percentile_filter import filter_items, filter_users
from personalize_mock.recipes.popular.popularity_count import PopularityModel, items_by_users
from personalize_mock.recipes.related.neighbours import (
    NeighbourModel,
    Neighbours,
    parsed_hyperparameters,
    top_per_row,
)
from personalize_mock.recipes.related.popularity_discount import USUAL, discounts, learn_exponent

BLOCK_ROWS = 1024  # rows of the co-occurrence matrix that are in memory at a time
WINDOW = 10  # the largest distance of two interactions of a pair in a user's history
DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SimsHyperparameters:
    """Hyperparameters of aws-sims.

    Names and defaults are those of the developer guide, "SIMS recipe" (2025), with one exception.

    Attributes:
        popularity_discount_factor: From 0, which favours popular items, to 1, which ignores popularity.
        min_cointeraction_count: Items with fewer common users are weak neighbours.
        min_user_history_length_percentile: Users with shorter histories are dropped from training.
        max_user_history_length_percentile: Users with longer histories are dropped from training.
        min_item_interaction_count_percentile: Items with fewer interactions are dropped from training.
        max_item_interaction_count_percentile: Items with more interactions are dropped from training. The service's
            default is 0.9. Taken literally, it drops the most popular tenth of the items, which holds most
            interactions. Recorded metrics contradict that (NDCG@25 of .29 beside .33 for personal recommendations), so
            the default here drops nothing.
    """

    popularity_discount_factor: float = 0.5
    min_cointeraction_count: int = 3
    min_user_history_length_percentile: float = 0.005
    max_user_history_length_percentile: float = 0.995
    min_item_interaction_count_percentile: float = 0.01
    max_item_interaction_count_percentile: float = 1.0

    def filtered(self, interactions: InteractionMatrix) -> InteractionMatrix:
        """Drop users, then items, with unusually few or many interactions."""
        interactions = filter_users(
            interactions,
            lower=self.min_user_history_length_percentile,
            upper=self.max_user_history_length_percentile,
        )
        return filter_items(
            interactions,
            lower=self.min_item_interaction_count_percentile,
            upper=self.max_item_interaction_count_percentile,
        )


_TYPES = {
    "popularity_discount_factor": float,
    "min_cointeraction_count": int,
    "min_user_history_length_percentile": float,
    "max_user_history_length_percentile": float,
    "min_item_interaction_count_percentile": float,
    "max_item_interaction_count_percentile": float,
}


@dataclass(frozen=True, kw_only=True)
class Sims(Recipe):
    """Recipe aws-sims and, with other attributes, use cases of the domains.

    Attributes:
        defaults: Values of hyperparameters that a request omits.
        half_time: If None, c_ij counts users. Otherwise it counts pairs of interactions of a user, at most 10
            interactions apart. A pair that is `gap` seconds apart counts half_time / (half_time + gap).
    """

    evaluation: ClassVar[EvaluationName] = "related"

    defaults: SimsHyperparameters = SimsHyperparameters()
    half_time: float | None = None

    def fit(
        self,
        data: TrainingData,
        *,
        config: Mapping[str, str],
        objective: Objective | None,  # noqa: ARG002  the recipe allows none
        seed: int,  # noqa: ARG002  nothing is random
    ) -> NeighbourModel:
        """Keep the most similar items of each item; see `Recipe.fit`."""
        hyperparameters = replace(self.defaults, **parsed_hyperparameters(config, _TYPES))
        interactions = hyperparameters.filtered(data.interactions)
        matrix = _indicators(interactions)
        discount = discounts(
            np.bincount(matrix.indices, minlength=matrix.shape[1]),
            factor=hyperparameters.popularity_discount_factor,
            exponent=learn_exponent(interactions, matrix) if self.half_time is None else USUAL,
        )
        blocks = (
            _common_users(matrix) if self.half_time is None else [_close_pairs(interactions, half_time=self.half_time)]
        )
        minimum = hyperparameters.min_cointeraction_count
        return NeighbourModel(
            neighbours=_neighbours(blocks, discount, minimum=minimum),
            popular=PopularityModel(order=items_by_users(data.interactions)),
        )


def _neighbours(blocks: Iterable[sparse.csr_matrix], discount: NDArray[np.float32], *, minimum: float) -> Neighbours:
    """Return the neighbours of all items, given consecutive blocks of rows of the matrix c."""
    lengths, indices = [np.zeros(1, dtype=np.int64)], [np.empty(0, dtype=np.int32)]
    first = 0
    for block in blocks:
        length, neighbours = top_per_row(_similarity(block, discount, first=first, minimum=minimum))
        lengths.append(length)
        indices.append(neighbours)
        first += len(length)
    return Neighbours(indptr=np.cumsum(np.concatenate(lengths)), indices=np.concatenate(indices))


def _indicators(interactions: InteractionMatrix) -> sparse.csr_matrix:
    """Return a matrix, float32[users, items], that is 1 where a user interacted with an item."""
    matrix = interactions.csr().astype(np.float32)
    matrix.data[:] = 1
    return matrix


def _common_users(indicators: sparse.csr_matrix) -> Iterator[sparse.csr_matrix]:
    """Yield the number of common users of each pair of items, float32[rows, items], in consecutive blocks of rows."""
    by_item = indicators.T.tocsr()
    for start in range(0, by_item.shape[0], BLOCK_ROWS):
        yield by_item[start : start + BLOCK_ROWS] @ indicators


def _close_pairs(interactions: InteractionMatrix, *, half_time: float) -> sparse.csr_matrix:
    """Return the number of interaction pairs of two items, weighted by closeness in time, float32[items, items]."""
    weights, ends = [], []
    for step in range(1, min(WINDOW, len(interactions) - 1) + 1):
        same_user = interactions.user[:-step] == interactions.user[step:]
        gap = (interactions.timestamp[step:] - interactions.timestamp[:-step])[same_user]
        weights.append((half_time / (half_time + gap)).astype(np.float32))
        ends.append((interactions.item[:-step][same_user], interactions.item[step:][same_user]))
    shape = len(interactions.items), len(interactions.items)
    if not weights:
        return sparse.csr_matrix(shape, dtype=np.float32)
    pairs = sparse.csr_matrix((np.concatenate(weights), np.concatenate(ends, axis=1)), shape=shape)
    return (pairs + pairs.T).tocsr()


def _similarity(
    counts: sparse.csr_matrix, discount: NDArray[np.float32], *, first: int, minimum: float
) -> sparse.csr_matrix:
    """Turn counts into similarities, in place. Items with counts below `minimum` rank after all others.

    Args:
        counts: float32[rows, items].
        discount: float32[items], the factor of each item, below 1.
        first: The item of the first row, needed to drop the similarity of an item to itself.
        minimum: Items with smaller counts rank last.
    """
    items = np.arange(first, first + counts.shape[0], dtype=counts.indices.dtype)
    counts.data[counts.indices == np.repeat(items, np.diff(counts.indptr))] = 0
    counts.eliminate_zeros()
    counts.sort_indices()
    weak = counts.data < minimum
    counts.data *= discount[counts.indices]
    counts.data[~weak] += counts.data.max(initial=0)
    return counts
