"""Recipe aws-user-personalization and its variants, which recommend items to a user.

The service's recipe is a recurrent network. This one combines matrix factorization (implicit ALS) with association
rules. It reproduces what users of the API can observe: the order of interactions matters, new events have an effect at
once, and scores are a softmax. The scores themselves differ from those of the service.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.lru_cache import LruCache
from personalize_mock.recipes.base import Model, Recipe, TrainingData
from personalize_mock.recipes.numerics.blas import one_blas_thread
from personalize_mock.recipes.numerics.softmax import INVERSE_TEMPERATURE
from personalize_mock.recipes.objective import Blend, Objective, attribute_grades, exploration_weights
from personalize_mock.recipes.objective_weights import objective_weights
from personalize_mock.recipes.personal.association_rules import mine_rules
from personalize_mock.recipes.personal.category_lifts import category_lifts
from personalize_mock.recipes.personal.context_lifts import context_lifts, user_attribute_lifts
from personalize_mock.recipes.personal.exploration import ExplorationPolicy, exploration_candidates
from personalize_mock.recipes.personal.factors import fit_factors
from personalize_mock.recipes.personal.fold_in import LEAST
from personalize_mock.recipes.personal.hyperparameters import Hyperparameters
from personalize_mock.recipes.personal.model import Personalization
from personalize_mock.recipes.personal.popularity_columns import popularity_lifts
from personalize_mock.recipes.personal.popularity_prior import popularity_prior
from personalize_mock.recipes.personal.relevance import BLOCK_SCORES, USER_STATES
from personalize_mock.recipes.personal.relevance_weights import RECENCIES
from personalize_mock.recipes.personal.repeat_shift import repeat_rate, shift_for
from personalize_mock.recipes.personal.repeats import learn_repeats
from personalize_mock.recipes.personal.warm_interactions import WarmInteractions, positions_of_items

CALIBRATION_USERS = 64
LONGEST = 4  # items of a history that count if preferences last long, as a multiple of `bptt`
HYPERPARAMETERS = frozenset(
    (
        "hidden_dimension",
        "bptt",
        "recency_mask",
        "min_user_history_length_percentile",
        "max_user_history_length_percentile",
    )
)
DEFAULTS = Hyperparameters()
EXPLORATION = ExplorationPolicy()


@dataclass(frozen=True, kw_only=True)
class UserPersonalization(Recipe):
    """Recipe that recommends items to a user.

    Attributes:
        model: Class of the fitted models.
        scored: Whether rankings have scores.
        hyperparameters: Names of the hyperparameters that the recipe reads. Other hyperparameters are ignored.
        defaults: Values of the hyperparameters that a solution does not set.
        exploration: Rules that decide which cold items are explored, or None if the recipe does not explore.
        context: Whether contextual metadata is used.
        user_attributes: Whether the Users dataset is used.
        categories: Whether categorical columns of the Items dataset are used.
    """

    model: type[Personalization] = Personalization
    scored: bool = True
    hyperparameters: frozenset[str] = HYPERPARAMETERS
    defaults: Hyperparameters = DEFAULTS
    exploration: ExplorationPolicy | None = EXPLORATION
    context: bool = True
    user_attributes: bool = True
    categories: bool = True

    def fit(
        self, data: TrainingData, *, config: Mapping[str, str], objective: Objective | None, seed: int
    ) -> Personalization:
        """Fit the item factors, association rules, popularity and other parts of a model; see `Recipe.fit`."""
        hyperparameters = self.read(config)
        with one_blas_thread():
            warm = WarmInteractions.from_interactions(hyperparameters.filter_users(data.interactions))
            model = self._fit(data, warm, hyperparameters, seed=seed)
            return model if objective is None else _with_objective(model, data, warm.interactions, objective)

    def with_objective(
        self, model: Model, data: TrainingData, *, config: Mapping[str, str], objective: Objective
    ) -> Personalization:
        """Return a copy of a model with an optimization objective; see `Recipe.with_objective`."""
        assert isinstance(model, Personalization)  # noqa: S101  # `fit` returned it
        with one_blas_thread():
            warm = WarmInteractions.from_interactions(self.read(config).filter_users(data.interactions))
            return _with_objective(model, data, warm.interactions, objective)

    def updated(self, model: Model, data: TrainingData, *, objective: Objective | None) -> Personalization:
        """Return a copy of a model that also explores the new items of the current data, without fitting it again.

        The item factors do not change, so recommendations without exploration do not change either.

        Args:
            model: A model that this recipe has fitted.
            data: The current data. Items from the training keep their indices.
            objective: The optimization objective for the items of `data`, or None.
        """
        assert isinstance(model, Personalization)  # noqa: S101  # `fit` returned it
        lifts = model.user_attributes
        if lifts is not None and data.users is not None:
            lifts = replace(lifts, users=data.users)
        model = replace(
            model,
            position_of_item=positions_of_items(model.warm_items, count=len(data.interactions.items)),
            user_attributes=lifts,
            user_states=LruCache(USER_STATES),
        )
        policy = None if model.exploration_candidates is None else model.exploration_candidates.policy
        return _exploring(model, data, policy=policy, objective=objective)

    def read(self, config: Mapping[str, str]) -> Hyperparameters:
        """Parse the recipe's hyperparameters from the strings of an API request.

        Raises:
            ValueError: The value of a numeric hyperparameter is not a number.
        """
        return Hyperparameters.from_config(config, names=self.hyperparameters, defaults=self.defaults)

    def policy(self, hyperparameters: Hyperparameters) -> ExplorationPolicy | None:
        """Return the rules that decide which cold items are explored, or None if the recipe does not explore."""
        del hyperparameters
        return self.exploration

    def _fit(
        self, data: TrainingData, warm: WarmInteractions, hyperparameters: Hyperparameters, *, seed: int
    ) -> Personalization:
        """Fit a complete model, except that it has no optimization objective.

        Args:
            data: The data of the dataset group.
            warm: The interactions to fit the model to.
            hyperparameters: The hyperparameters of the solution.
            seed: Seed of the initial factors.
        """
        model = self._fit_relevance(data, warm, hyperparameters, seed=seed)
        interactions, distinct = warm.interactions, warm.matrix.nnz
        repeats = learn_repeats(interactions, distinct=distinct)
        if repeats is None:
            shift = _seen_shift(model, interactions, rate=repeat_rate(interactions, distinct=distinct))
            model = replace(model, seen_shift=shift)
        else:
            model = replace(model, repeats=repeats, user_states=LruCache(USER_STATES))
        return _exploring(model, data, policy=self.policy(hyperparameters), objective=None)

    def _fit_relevance(
        self, data: TrainingData, warm: WarmInteractions, hyperparameters: Hyperparameters, *, seed: int
    ) -> Personalization:
        """Fit the parts of a model that determine the relevance of items, such as factors, association rules and lifts.

        The caller adds the relevance of seen items, the objective and exploration.
        """
        interactions, item, count = warm.interactions, warm.item, len(warm.warm_items)
        popularity = popularity_prior(interactions, warm.matrix, warm.warm_items, latest=hyperparameters.recency_mask)
        decays = _decays(hyperparameters)
        fold_in, weights = fit_factors(
            warm,
            categories=category_lifts(data.items, warm.warm_items, interactions) if self.categories else None,
            decays=decays,
            factors=hyperparameters.hidden_dimension,
            seed=seed,
        )
        return self.model(
            scored=self.scored,
            warm_items=warm.warm_items,
            position_of_item=warm.position_of_item,
            fold_in=fold_in,
            rules=mine_rules(item, interactions.user, count=count, weight=interactions.weight, kind=weights.rule_kind),
            rules_weight=weights.rules,
            popularity=(np.log(popularity) / INVERSE_TEMPERATURE).astype(np.float32),
            popularity_lifts=popularity_lifts(warm, weights.popularity),
            recency_weights=decays[weights.decay],
            context=context_lifts(data.interactions_table, interactions, item=item, count=count)
            if self.context
            else None,
            user_attributes=user_attribute_lifts(data.users, interactions, item=item, count=count)
            if self.user_attributes and data.users
            else None,
        )


def _with_objective(
    model: Personalization, data: TrainingData, interactions: InteractionMatrix, objective: Objective
) -> Personalization:
    candidates = model.exploration_candidates
    model = replace(
        model,
        objective=objective_blend(model, interactions, objective=objective),
        user_states=LruCache(USER_STATES),
    )
    return _exploring(model, data, policy=None if candidates is None else candidates.policy, objective=objective)


def _exploring(
    model: Personalization, data: TrainingData, *, policy: ExplorationPolicy | None, objective: Objective | None
) -> Personalization:
    """Return a copy of a model that explores the cold items of `data`, or the model itself if `policy` is None."""
    if policy is None:
        return model
    candidates = exploration_candidates(
        data,
        policy=policy,
        warm_items=model.warm_items,
        position_of_item=model.position_of_item,
        factors=model.fold_in.factors,
        objective=None if objective is None else exploration_weights(objective),
    )
    return replace(model, exploration_candidates=candidates)


def _decays(hyperparameters: Hyperparameters) -> list[NDArray[np.float64]]:
    """Return alternative lists of weights for the items in a history, newest first.

    The training chooses one of them. With the first list, float64[bptt], only the newest items count. With the second
    list, float64[4 * bptt], the weights decrease slowly, and the next 3 * bptt older items count a little. Without
    `recency_mask`, there is only one list, float64[bptt], in which all weights are 1.

    Args:
        hyperparameters: The hyperparameters, `bptt` and `recency_mask` among them.
    """
    age = np.arange(hyperparameters.bptt)
    if not hyperparameters.recency_mask:
        return [np.ones(len(age))]
    usual, slow = (np.exp(-age / recency) for recency in RECENCIES)
    return [usual, np.append(slow, np.full((LONGEST - 1) * len(age), LEAST))]


def objective_blend(
    model: Personalization, interactions: InteractionMatrix, *, objective: Objective | None
) -> Blend | None:
    """Compute how an objective changes the relevance of items: a grade for each item and the weights of the grades.

    Args:
        model: The fitted model without the objective.
        interactions: The interactions of training users, from whose recommendations the weights are learnt.
        objective: The optimization objective, or None.

    Returns:
        The grades and weights. None if there is no objective, its sensitivity is OFF or its attribute is constant.
    """
    if objective is None or objective.sensitivity == "OFF":
        return None
    grades = attribute_grades(objective.attribute).astype(np.float32)[model.warm_items]
    if not grades.any():
        return None
    users = min(CALIBRATION_USERS, max(1, BLOCK_SCORES // len(grades)))
    lists = list(model.training_lists(_spaced_histories(interactions, count=users), grades))
    weight, order_weight = objective_weights(lists, objective.sensitivity)
    return Blend(grades=grades, weight=weight, order_weight=order_weight)


def _spaced_histories(interactions: InteractionMatrix, *, count: int) -> list[NDArray[np.int32]]:
    """Return the histories of at most `count` users, chosen at equal intervals among the users with an interaction."""
    users = np.flatnonzero(interactions.lengths())
    return [interactions.history(user) for user in users[:: max(1, -(-len(users) // count))]]


def _seen_shift(model: Personalization, interactions: InteractionMatrix, *, rate: float) -> float:
    """Find the number to add to the relevance of all items that a user has seen.

    With it, the mean probability that a recommended item is a seen item equals `rate`. The mean is taken over a sample
    of training users.
    """
    odds = model.seen_log_odds(_spaced_histories(interactions, count=CALIBRATION_USERS))
    return shift_for(rate, log_odds=odds) / INVERSE_TEMPERATURE
