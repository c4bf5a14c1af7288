"""Recipe aws-sims and its variants, which recommend items with which the same users interacted.

The similarity of item j to item i is (c_ij + w * d_ij) / (n_j + 10) ** e, where c_ij is the number of users who
interacted with both, and n_j the number of users who interacted with j. The form follows Deshpande and Karypis,
"Item-Based Top-N Recommendation Algorithms" (2004). d_ij is larger the more closely the interactions with both items
follow each other in the histories of users. Its weight w is learnt from the data (`pair_weights.py`). The exponent e
depends on popularity_discount_factor. At 0, popular items are not discounted. At 1, similarity is relative to the
popularity of item j. In between, the exponent is learnt, too.

Items with fewer common users than min_cointeraction_count are ranked after all other neighbours, but before popular
items, because even a few common users say more than popularity does. The service publishes the hyperparameters but no
formula; the formula here is specific to the mock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.lru_cache import LruCache
from personalize_mock.recipes.base import EvaluationName, Recipe, TrainingData
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.percentile_filter import filter_items, filter_users
from personalize_mock.recipes.popular.popularity_count import PopularityModel, items_by_users
from personalize_mock.recipes.related.close_pairs import ClosePairs
from personalize_mock.recipes.related.neighbours import (
    NeighbourModel,
    Neighbours,
    parsed_hyperparameters,
    top_per_row,
)
from personalize_mock.recipes.related.pair_counts import Evidence, PairCounts, to_similarity
from personalize_mock.recipes.related.pair_weights import learn_weights
from personalize_mock.recipes.related.popularity_discount import discounts
from personalize_mock.recipes.related.sims_trials import TrialData, TrialModel

DATA_OF_TRIALS = 2  # hyperparameters that select interactions are usually the same in all trials
EXPONENT_BY_TIME = 0.7  # of the popularity discount at the default factor, if similarity depends on time
DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SimsHyperparameters:
    """Hyperparameters of aws-sims.

    Names and defaults are those of the developer guide, "SIMS recipe" (2025), except for one default. Percentiles are
    numbers from 0 to 1 and refer to the lengths of user histories or to the numbers of interactions per item.

    Attributes:
        popularity_discount_factor: From 0, which favours popular items, to 1, which ignores popularity.
        min_cointeraction_count: Items with fewer common users than this are ranked after all other neighbours.
        min_user_history_length_percentile: Users whose histories are shorter than this percentile are dropped from
            training.
        max_user_history_length_percentile: Users whose histories are longer are dropped from training.
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
        """Drop users with very short or long histories, then items with very few or many interactions.

        The percentiles in these hyperparameters are the limits.
        """
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
        """Return a recipe whose fits share intermediate results; see `Recipe.for_trials`.

        If `half_time` is set, this recipe itself is returned.
        """
        return self if self.half_time is not None else replace(self, shared=LruCache(DATA_OF_TRIALS))

    def fit(
        self,
        data: TrainingData,
        *,
        config: Mapping[str, str],
        objective: Objective | None,  # noqa: ARG002  the recipe allows none
        seed: int,  # noqa: ARG002  nothing is random
    ) -> NeighbourModel | TrialModel:
        """Find the most similar items of each item by their interactions; see `Recipe.fit`."""
        hyperparameters = replace(self.defaults, **parsed_hyperparameters(config, _TYPES))
        if self.shared is not None:
            return self._fit_trial(data, hyperparameters, self.shared)
        interactions = hyperparameters.filtered(data.interactions)
        of_close_items = _by_position if self.half_time is None else partial(_by_time, half_time=self.half_time)
        return NeighbourModel(
            neighbours=of_close_items(ClosePairs.from_interactions(interactions), hyperparameters),
            popular=PopularityModel(order=items_by_users(data.interactions)),
        )

    def _fit_trial(self, data: TrainingData, hyperparameters: SimsHyperparameters, shared: LruCache) -> TrialModel:
        """Return a model that computes the similarities of an item only when queried.

        Args:
            data: The training data.
            hyperparameters: The hyperparameters of the trial.
            shared: Cache of the data that trials share, by the hyperparameters that select interactions.
        """
        selection = replace(hyperparameters, popularity_discount_factor=0, min_cointeraction_count=0)
        trial = shared.get(selection, lambda: _trial_data(data, hyperparameters))
        return TrialModel(
            data=trial,
            discount=_discount(trial.counts.users, trial.weights.exponent, hyperparameters),
            minimum=hyperparameters.min_cointeraction_count,
        )


def _trial_data(data: TrainingData, hyperparameters: SimsHyperparameters) -> TrialData:
    pairs = ClosePairs.from_interactions(hyperparameters.filtered(data.interactions))
    counts = PairCounts.from_pairs(pairs)
    return TrialData(
        counts=counts,
        weights=learn_weights(pairs, counts),
        popular=PopularityModel(order=items_by_users(data.interactions)),
    )


def _by_position(pairs: ClosePairs, hyperparameters: SimsHyperparameters) -> Neighbours:
    """Find the most similar items of each item, by common users and by close positions in user histories.

    Args:
        pairs: The pairs of interactions that are close in a user's history.
        hyperparameters: The hyperparameters of the recipe.
    """
    counts = PairCounts.from_pairs(pairs)
    weights = learn_weights(pairs, counts)
    discount = _discount(counts.users, weights.exponent, hyperparameters)
    return _neighbours(counts.blocks(weights.closeness), discount, hyperparameters)


def _by_time(pairs: ClosePairs, hyperparameters: SimsHyperparameters, *, half_time: float) -> Neighbours:
    """Find the most similar items of each item, by the time between a user's interactions with both.

    Args:
        pairs: The pairs of interactions that are close in a user's history.
        hyperparameters: The hyperparameters of the recipe.
        half_time: The time in seconds at which a pair of interactions counts half.
    """
    users = pairs.interactions.csr().getnnz(axis=0)
    discount = _discount(users, EXPONENT_BY_TIME, hyperparameters)
    evidence = pairs.weighted_by_time(half_time)
    evidence.sort_indices()
    return _neighbours([(evidence, evidence.data.copy())], discount, hyperparameters)


def _discount(users: NDArray[np.integer], exponent: float, hyperparameters: SimsHyperparameters) -> NDArray[np.float32]:
    return discounts(users, factor=hyperparameters.popularity_discount_factor, exponent=exponent)


def _neighbours(
    blocks: Iterable[Evidence], discount: NDArray[np.float32], hyperparameters: SimsHyperparameters
) -> Neighbours:
    """Find the most similar items of each item from the evidence that items are related.

    Args:
        blocks: The evidence for all items, in blocks of consecutive items: a matrix, and for each stored entry the
            number that is compared with `min_cointeraction_count`.
        discount: float32[items], the factor by which the similarity to each item is multiplied.
        hyperparameters: Only `min_cointeraction_count` is used. Items with smaller numbers are ranked after all others.
    """
    lengths, indices = [np.zeros(1, dtype=np.int64)], [np.empty(0, dtype=np.int32)]
    first = 0
    for evidence, counts in blocks:
        items = np.arange(first, first + evidence.shape[0])
        weak = counts < hyperparameters.min_cointeraction_count
        length, neighbours = top_per_row(to_similarity(evidence, discount, items=items, weak=weak))
        lengths.append(length)
        indices.append(neighbours)
        first += len(length)
    return Neighbours(indptr=np.cumsum(np.concatenate(lengths)), indices=np.concatenate(indices))
