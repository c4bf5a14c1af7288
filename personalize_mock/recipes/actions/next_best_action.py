"""Recipe aws-next-best-action: logistic regression on a user's action interactions, item interactions and metadata.

The developer guide, "Next-Best-Action recipe" (2025), documents the hyperparameter, the limits and the meaning of the
scores, but not their computation, so the model below is specific to the mock. The log odds that a user takes an action
are the log odds of the action among all users plus the weighted sum of five features: three take rates (module
`take_rates`), and two similarities of the user to the users who took the action, one by item interactions and one by
user attributes (`user_embedder`).

Each exposure, which is an interaction of type Viewed or Not Taken, is a training example. It is a success if the user
takes the action within `action_optimization_period` days, so a longer period gives more successes. Otherwise it is a
failure, even if the period has not ended yet. An interaction of type Taken without an exposure in the period before it
is a separate example, and a success.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit, logit

from personalize_mock.data.action_interactions import ActionInteractions, read_action_interactions
from personalize_mock.data.metadata import Metadata
from personalize_mock.recipes.actions.propensity_model import DAY, ActionEligibility, ActionRanker, PropensityModel
from personalize_mock.recipes.actions.take_rates import TAKE_RATES, TakeRateFeatures
from personalize_mock.recipes.actions.user_embedder import Vectors, fit_user_embedder, profile_vectors
from personalize_mock.recipes.base import EvaluationName, Model, Recipe, TrainingData, TrainingFailed
from personalize_mock.recipes.numerics.blas import one_blas_thread
from personalize_mock.recipes.objective import Objective

OPTIMIZATION_PERIOD = 14  # days
MIN_EVIDENCE = 50  # an action needs this many interactions of type Taken, and as many of other types, to get a score
EVIDENCE_DAYS = 42  # only interactions from this many days before the newest one are evidence
PRIOR_EXAMPLES = 4.0
# Prior means of the weights of the intercept, the three take rates and the two similarities, and the prior precision of
# each weight. With few examples, the weights stay close to their means. Not from the guide.
PRIOR_WEIGHTS = np.array([0.0, 1.0, 2.0, 2.0, 2.0, 2.0])
PRIOR_PRECISION = 2.0
NEWTON_STEPS = 8  # the weights have converged after five

# The service's text is not known.
NO_ACTIONS = "Dataset group has no actions. Import actions, or send them with PutActions."


class NextBestAction(Recipe):
    """Recipe aws-next-best-action, which recommends the actions that a user is most likely to take."""

    evaluation: ClassVar[EvaluationName] = "actions"

    def fit(
        self, data: TrainingData, *, config: Mapping[str, str], objective: Objective | None, seed: int
    ) -> ActionRanker:
        """Fit the model that predicts which actions users take; see `Recipe.fit`.

        Raises:
            TrainingFailed: The dataset group has no actions.
        """
        del objective  # the recipe allows none
        if data.actions is None or not len(data.actions.ids):
            raise TrainingFailed(NO_ACTIONS)
        period = DAY * float(config.get("action_optimization_period", OPTIMIZATION_PERIOD))
        with one_blas_thread():
            propensity = _fit_propensity(data, data.actions, period=period, seed=seed)
        return ActionRanker(eligibility=ActionEligibility.from_metadata(data.actions), propensity=propensity)

    def updated(
        self,
        model: Model,
        data: TrainingData,
        *,
        objective: Objective | None,  # noqa: ARG002  the recipe allows none
    ) -> Model:
        """Return the model with the current rows of the Actions dataset; see `Recipe.updated`.

        New actions can be recommended, but their score is 0 until the next training. Changes of the VALUE, the
        REPEAT_FREQUENCY and the expiration time of actions take effect.
        """
        if not isinstance(model, ActionRanker) or data.actions is None:
            return model
        return replace(model, eligibility=ActionEligibility.from_metadata(data.actions))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Examples:
    """Training examples of the logistic regression, one per element of each array.

    Attributes:
        row: int64[n], the index of each example in the arrays of `ActionInteractions`.
        user: int64[n], the index of each example's user in `ActionInteractions.users`.
        action: int32[n], action indices.
        success: float64[n], 1 if the user took the action, otherwise 0.
        base_rate: float64[n], the share of successes among all examples of the same action.
    """

    row: NDArray[np.int64]
    user: NDArray[np.int64]
    action: NDArray[np.int32]
    success: NDArray[np.float64]
    base_rate: NDArray[np.float64]


def _fit_propensity(data: TrainingData, actions: Metadata, *, period: float, seed: int) -> PropensityModel | None:
    interactions = read_action_interactions(data.action_interactions, actions.ids)
    since = interactions.timestamp.max(initial=0) - EVIDENCE_DAYS * DAY
    has_evidence = _has_evidence(interactions, interactions.timestamp >= since, count=len(actions.ids))
    if not has_evidence.any():
        return None
    if data.held_out is not None:
        interactions = interactions.select(~data.held_out[interactions.row])
    recent = interactions.timestamp >= since
    row, success = _outcomes(interactions, period=period)
    used = recent[row] & has_evidence[interactions.action[row]]
    row, success, action = row[used], success[used], interactions.action[row[used]]
    base_rate = _shrunk_rates(action, success, count=len(has_evidence))
    user = interactions.user[row].astype(np.int64)
    examples = _Examples(row=row, user=user, action=action, success=success, base_rate=base_rate[action])
    taken = interactions.taken[recent].astype(np.float64)
    taken_share = _shrunk_rates(interactions.action[recent], taken, count=len(has_evidence))
    take_rates = TakeRateFeatures.from_categories(taken_share, _categories(actions))
    return _fit_weights(
        data, interactions, examples, base_rate=base_rate, has_evidence=has_evidence, take_rates=take_rates, seed=seed
    )


def _fit_weights(
    data: TrainingData,
    interactions: ActionInteractions,
    examples: _Examples,
    *,
    base_rate: NDArray[np.float64],
    has_evidence: NDArray[np.bool_],
    take_rates: TakeRateFeatures,
    seed: int,
) -> PropensityModel:
    users = data.interactions.users.indices(interactions.users.values)
    user_embedder, vectors = fit_user_embedder(data, users, seed=seed)
    user_profiles = profile_vectors(data.users, count=len(data.interactions.users))
    action_vectors, vector_feature = _directions(examples, vectors, count=len(base_rate))
    action_profiles, profile_feature = _directions(examples, _rows(user_profiles, users), count=len(base_rate))
    intercept = np.ones((len(examples.row), 1))
    rates = take_rates.before_each(interactions)[:, examples.row].T
    features = np.column_stack((intercept, rates, vector_feature, profile_feature))
    weights = _logistic_regression(features, examples.success, offset=logit(examples.base_rate))
    return PropensityModel(
        base_log_odds=logit(base_rate) + weights[0],
        has_evidence=has_evidence,
        take_rates=take_rates,
        weights=weights[1 : 1 + TAKE_RATES],
        user_embedder=user_embedder,
        action_vectors=action_vectors * np.float32(weights[-2]),
        user_profiles=user_profiles,
        action_profiles=action_profiles * np.float32(weights[-1]),
    )


def _has_evidence(interactions: ActionInteractions, recent: NDArray[np.bool_], *, count: int) -> NDArray[np.bool_]:
    """Return the mask of the actions with enough recent interactions to get a score, bool[count].

    An action needs 50 interactions of type Taken and 50 of other types.

    Args:
        interactions: The action interactions.
        recent: bool[len(interactions)], the mask of the interactions that are recent enough to count.
        count: Number of actions.
    """
    taken = np.bincount(interactions.action[recent & interactions.taken], minlength=count)
    not_taken = np.bincount(interactions.action[recent & ~interactions.taken], minlength=count)
    return np.asarray((taken >= MIN_EVIDENCE) & (not_taken >= MIN_EVIDENCE))


def _outcomes(interactions: ActionInteractions, *, period: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Select the interactions that are training examples, and label each as a success or a failure.

    Each Viewed or Not Taken interaction is an example, and a success if the user takes the action within `period`. A
    Taken interaction is an example, and a success, unless the user has a Viewed or Not Taken interaction with the
    action within `period` before it.

    Args:
        interactions: The action interactions.
        period: The time within which a user has to take the action, in seconds.

    Returns:
        The positions of the examples among the interactions, int64[n], ascending; and 1.0 for each success or 0.0 for
        each failure, float64[n].
    """
    order = np.lexsort((interactions.taken, interactions.timestamp, interactions.action, interactions.user))
    group = (interactions.user.astype(np.int64) << 32) + interactions.action
    group, time, taken = group[order], interactions.timestamp[order], interactions.taken[order]
    position = np.arange(len(order))
    next_taken = np.minimum.accumulate(np.where(taken, position, len(order))[::-1])[::-1]
    last_exposure = np.maximum.accumulate(np.where(taken, -1, position))
    leads_to_taken = _is_near(group, time, next_taken, period=period)
    follows_exposure = _is_near(group, time, last_exposure, period=period)
    used = ~taken | ~follows_exposure
    row, success = order[used], (taken | leads_to_taken)[used].astype(np.float64)
    ascending = np.argsort(row)
    return row[ascending], success[ascending]


def _is_near(
    group: NDArray[np.int64], time: NDArray[np.int64], other: NDArray[np.int64], *, period: float
) -> NDArray[np.bool_]:
    """Return the mask of the interactions whose partner in `other` has the same user and action and is close in time.

    Args:
        group: int64[n], for each interaction a number that identifies the pair of user and action.
        time: int64[n], the time of each interaction, epoch seconds.
        other: int64[n], for each interaction the index of another one, its partner; out of range if there is none.
        period: The longest time between two interactions that are close in time, in seconds.

    Returns:
        bool[n], False for interactions without a partner.
    """
    exists = (other >= 0) & (other < len(group))
    at = np.where(exists, other, 0)
    return np.asarray(exists & (group[at] == group) & (np.abs(time[at] - time) <= period))


def _shrunk_rates(action: NDArray[np.int32], success: NDArray[np.float64], *, count: int) -> NDArray[np.float64]:
    """Return the share of successes of each action, shrunk towards the overall share, float64[count], in (0, 1).

    Args:
        action: int32[n], the action index of each example.
        success: float64[n], 1 for a success, 0 for a failure.
        count: Number of actions.
    """
    overall = (success.sum() + 1) / (len(success) + 2)
    successes = np.bincount(action, success, minlength=count)
    examples = np.bincount(action, minlength=count)
    return np.asarray((successes + PRIOR_EXAMPLES * overall) / (examples + PRIOR_EXAMPLES))


def _categories(actions: Metadata) -> sparse.csr_matrix:
    """Return the categories of actions, float64[actions, categories], sparse, 1 where an action has a category.

    The reserved column TYPE is included although schemas do not mark it as categorical.
    """
    names = [field.name for field in actions.fields if field.categorical or field.name == "TYPE"]
    parts = [actions.categories(name)[1] for name in names if name in actions.table]
    empty = sparse.csr_matrix((len(actions.ids), 0))
    return sparse.hstack([empty, *parts], format="csr")


def _rows(vectors: Vectors, users: NDArray[np.int32]) -> Vectors:
    """Return the rows of `vectors` for the given user indices. Index -1 gives a row of zeros."""
    padded = np.concatenate([vectors, np.zeros((1, vectors.shape[1]), dtype=np.float32)])
    return np.asarray(padded[users])


def _directions(
    examples: _Examples, vectors: Vectors, *, count: int
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return a direction in the space of user vectors for each action, and a feature for each training example.

    The direction of an action points from users who do not take the action to users who do. It is the mean of the
    vectors of the users in the action's examples, weighted by success minus base rate and shrunk towards 0. The feature
    is the dot product of the user's vector with the direction, computed without the examples of the same user.
    Otherwise each user who took the action would resemble the users who took it merely by being one of them.

    Args:
        examples: The training examples.
        vectors: float32[users, dimensions], the user vectors.
        count: Number of actions.

    Returns:
        The directions, float32[count, dimensions], and the features, float64[n].
    """
    residual = examples.success - examples.base_rate
    shape = (count, len(vectors))
    weights = sparse.csr_matrix((residual, (examples.action, examples.user)), shape=shape)
    size = np.bincount(examples.action, minlength=count) + PRIOR_EXAMPLES
    directions = np.asarray((weights @ vectors) / size[:, None], dtype=np.float32)
    pairs, pair_of_example = np.unique(examples.action * np.int64(shape[1]) + examples.user, return_inverse=True)
    action, user = np.divmod(pairs, shape[1])
    own_weight = np.bincount(pair_of_example, residual, minlength=len(pairs)) / size[action]
    vector = vectors[user]
    all_products = np.einsum("ij,ij->i", vector, directions[action])
    products = all_products - own_weight * np.einsum("ij,ij->i", vector, vector)
    return directions, products[pair_of_example].astype(np.float64)


def _logistic_regression(
    features: NDArray[np.float64], success: NDArray[np.float64], *, offset: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the weights of a logistic regression with a Gaussian prior, float64[features], found by Newton's method.

    Args:
        features: float64[n, features], one row per training example.
        success: float64[n], 1 for a success, 0 for a failure.
        offset: float64[n], the log odds of success before the weighted features are added.
    """
    weights = PRIOR_WEIGHTS
    for _ in range(NEWTON_STEPS):
        probability = expit(offset + features @ weights)
        gradient = features.T @ (success - probability) - PRIOR_PRECISION * (weights - PRIOR_WEIGHTS)
        curvature = (features.T * (probability * (1 - probability))) @ features
        weights = weights + np.linalg.solve(curvature + PRIOR_PRECISION * np.eye(len(weights)), gradient)
    return weights
