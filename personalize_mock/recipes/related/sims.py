"""Recipe aws-sims and its variants, which recommend items with which the same users interacted.

The similarity of item j to item i is c_ij / (n_j + 10) ** e, where c_ij is the number of users who interacted with
both, and n_j the number of users who interacted with j. The form follows Deshpande and Karypis, "Item-Based Top-N
Recommendation Algorithms" (2004). The exponent e depends on popularity_discount_factor. At 0, the items with the most
common users come first. At 1, the items with the largest share of common users among their own users come first.
In between, `popularity_discount.py` learns the exponent from the data.

Items with fewer common users than min_cointeraction_count are ranked after all other neighbours, but before popular
items, because even a few common users say more than popularity does. The service publishes the hyperparameters but no
formula; the formula here is specific to the mock.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.lru_cache import LruCache
from personalize_mock.recipes.base import EvaluationName, Recipe, TrainingData
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.percentile_filter import filter_items, filter_users
from personalize_mock.recipes.popular.popularity_count import PopularityModel, items_by_users
from personalize_mock.recipes.related.common_users import TrialData, TrialModel, to_similarity
from personalize_mock.recipes.related.neighbours import (
    NeighbourModel,
    Neighbours,
    parsed_hyperparameters,
    top_per_row,
)
from personalize_mock.recipes.related.popularity_discount import USUAL, discounts, learn_exponent

BLOCK_ROWS = 1024  # rows of the co-occurrence matrix that are in memory at a time
DATA_OF_TRIALS = 2  # hyperparameters that select interactions are usually the same in all trials
WINDOW = 10  # the largest distance, in positions of a user's history, between two interactions that form a pair
DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SimsHyperparameters:
    """Hyperparameters of aws-sims.

    Names and defaults are those of the developer guide, "SIMS recipe" (2025), except for one default. Percentiles are
    numbers from 0 to 1.

    Attributes:
        popularity_discount_factor: From 0, which favours popular items, to 1, which ignores popularity.
        min_cointeraction_count: Items with fewer common users than this are ranked after all other neighbours.
        min_user_history_length_percentile: Users with shorter histories are dropped from training.
        max_user_history_length_percentile: Users with longer histories are dropped from training.
        min_item_interaction_count_percentile: Items with fewer interactions are dropped from training.
        max_item_interaction_count_percentile: Items with more interactions are dropped from training. The service's
            default is 0.9. Taken literally, it would drop the most popular tenth of the items, and thereby most
            interactions. But in AWS's POC notebooks, aws-sims reaches an NDCG@25 of .29 on MovieLens, not far from the
            .33 of aws-user-personalization. So the default here drops nothing.
    """

    popularity_discount_factor: float = 0.5
    min_cointeraction_count: int = 3
    min_user_history_length_percentile: float = 0.005
    max_user_history_length_percentile: float = 0.995
    min_item_interaction_count_percentile: float = 0.01
    max_item_interaction_count_percentile: float = 1.0

    def filtered(self, interactions: InteractionMatrix) -> InteractionMatrix:
        """Drop users with unusually short or long histories, then items with unusually few or many interactions."""
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
    """Recipe aws-sims and, with other attributes, use cases such as aws-ecomm-frequently-bought-together.

    Attributes:
        defaults: Values of the hyperparameters that a request omits.
        half_time: A time in seconds, or None. If None, the similarity of two items depends on their number of common
            users. Otherwise it depends on how close in time users interacted with both: two interactions of a user that
            are `gap` seconds apart count half_time / (half_time + gap). They count 0 if they are more than 10 positions
            apart in the user's history.
        shared: Cache of data that trials share. None if the recipe is not used for trials, which compare
            hyperparameters.
    """

    evaluation: ClassVar[EvaluationName] = "related"

    defaults: SimsHyperparameters = SimsHyperparameters()
    half_time: float | None = None
    shared: LruCache | None = None

    def for_trials(self) -> "Sims":
        """Return a recipe whose fits share the counts of common users; see `Recipe.for_trials`."""
        return self if self.half_time is not None else replace(self, shared=LruCache(DATA_OF_TRIALS))

    def fit(
        self,
        data: TrainingData,
        *,
        config: Mapping[str, str],
        objective: Objective | None,  # noqa: ARG002  the recipe allows none
        seed: int,  # noqa: ARG002  nothing is random
    ) -> NeighbourModel | TrialModel:
        """Find the most similar items of each item; see `Recipe.fit`."""
        hyperparameters = replace(self.defaults, **parsed_hyperparameters(config, _TYPES))
        if self.shared is not None:
            return self._fit_trial(data, hyperparameters, self.shared)
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

    def _fit_trial(self, data: TrainingData, hyperparameters: SimsHyperparameters, shared: LruCache) -> TrialModel:
        """Return a model that counts common users only when queried, and stores the counts in the cache `shared`."""
        selection = replace(hyperparameters, popularity_discount_factor=0, min_cointeraction_count=0)
        trial = shared.get(selection, lambda: _trial_data(data, hyperparameters))
        discount = discounts(trial.users, factor=hyperparameters.popularity_discount_factor, exponent=trial.exponent)
        return TrialModel(data=trial, discount=discount, minimum=hyperparameters.min_cointeraction_count)


def _trial_data(data: TrainingData, hyperparameters: SimsHyperparameters) -> TrialData:
    interactions = hyperparameters.filtered(data.interactions)
    indicators = _indicators(interactions)
    return TrialData(
        indicators=indicators,
        by_item=indicators.T.tocsr(),
        exponent=learn_exponent(interactions, indicators),
        popular=PopularityModel(order=items_by_users(data.interactions)),
    )


def _neighbours(blocks: Iterable[sparse.csr_matrix], discount: NDArray[np.float32], *, minimum: float) -> Neighbours:
    """Return the items that are most similar to each item.

    Args:
        blocks: Consecutive blocks of rows of the co-occurrence matrix, each float32[rows, items].
        discount: float32[items], the factor by which the similarity to each item is multiplied.
        minimum: Items with smaller counts than this are ranked after all others.
    """
    lengths, indices = [np.zeros(1, dtype=np.int64)], [np.empty(0, dtype=np.int32)]
    first = 0
    for block in blocks:
        items = np.arange(first, first + block.shape[0])
        length, neighbours = top_per_row(to_similarity(block, discount, items=items, minimum=minimum))
        lengths.append(length)
        indices.append(neighbours)
        first += len(length)
    return Neighbours(indptr=np.cumsum(np.concatenate(lengths)), indices=np.concatenate(indices))


def _indicators(interactions: InteractionMatrix) -> sparse.csr_matrix:
    """Return a matrix, float32[users, items], with ones where a user interacted with an item."""
    matrix = interactions.csr().astype(np.float32)
    matrix.data[:] = 1
    return matrix


def _common_users(indicators: sparse.csr_matrix) -> Iterator[sparse.csr_matrix]:
    """Count the common users of each pair of items. To save memory, yield the counts in blocks of rows.

    Args:
        indicators: float32[users, items], 1 where a user interacted with an item.

    Yields:
        Consecutive rows of the matrix of counts, float32[rows, items].
    """
    by_item = indicators.T.tocsr()
    for start in range(0, by_item.shape[0], BLOCK_ROWS):
        yield by_item[start : start + BLOCK_ROWS] @ indicators


def _close_pairs(interactions: InteractionMatrix, *, half_time: float) -> sparse.csr_matrix:
    """Count how often users interacted with both items of each pair within a short time, float32[items, items].

    Two interactions of a user that are `gap` seconds apart count half_time / (half_time + gap). They count 0 if they
    are more than 10 positions apart in the user's history.

    Args:
        interactions: The interactions.
        half_time: The distance in seconds at which a pair of interactions counts one half.
    """
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
