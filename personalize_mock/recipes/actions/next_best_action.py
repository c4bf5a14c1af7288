"""aws-next-best-action: a logistic regression on what users did with actions, their taste in items and their profile.

What the service learns with is not documented; what its scores mean is (reference: runtime, section 12). The log odds
that a user takes an action are the action's own, plus the weighted sum of five numbers: three tendencies
(`tendencies.py`), and how much the user's taste and profile (`traits.py`) are those of users who took it.

An example is an exposure: an event Viewed or Not Taken, a success if the user takes the action within
`action_optimization_period` days; the longer the period, the more are. A Taken that no exposure precedes within the
period is a success by itself. An exposure whose period has not ended yet is a failure until the action is taken.
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
from personalize_mock.recipes.actions.propensity_model import DAY, ActionRanker, PropensityModel, offers_of
from personalize_mock.recipes.actions.take_rates import COUNT, TakeRateFeatures
from personalize_mock.recipes.actions.user_embedder import Vectors, fit_user_embedder, profile_vectors
from personalize_mock.recipes.base import EvaluationName, Model, Recipe, TrainingData, TrainingFailed
from personalize_mock.recipes.numerics.blas import one_blas_thread
from personalize_mock.recipes.objective import Objective

OPTIMIZATION_PERIOD = 14  # days, documented
EVIDENCE = 50  # events that are Taken, and as many that are not; documented
EVIDENCE_DAYS = 42  # before the newest event; documented
PRIOR_EXAMPLES = 4.0
# What the weights of an intercept, the tendencies, taste and profile are without examples, and how sure that is:
# few examples leave them there, thousands move them.
PRIOR_WEIGHTS = np.array([0.0, 1.0, 2.0, 2.0, 2.0, 2.0])
PRIOR_PRECISION = 2.0
STEPS = 8  # of Newton's method, from the prior; after five nothing changes any more

NO_ACTIONS = "Dataset group has no actions."  # ours


class NextBestAction(Recipe):
    """aws-next-best-action."""

    evaluation: ClassVar[EvaluationName] = "actions"

    def fit(
        self, data: TrainingData, *, config: Mapping[str, str], objective: Objective | None, seed: int
    ) -> ActionRanker:
        """Train; see `Recipe.fit`.

        Raises:
            Untrainable: there are no actions.
        """
        del objective  # the recipe allows none
        if data.actions is None or not len(data.actions.ids):
            raise TrainingFailed(NO_ACTIONS)
        period = DAY * float(config.get("action_optimization_period", OPTIMIZATION_PERIOD))
        with one_blas_thread():
            return ActionRanker(
                offers=offers_of(data.actions), odds=_odds(data, data.actions, period=period, seed=seed)
            )

    def updated(
        self,
        model: Model,
        data: TrainingData,
        *,
        objective: Objective | None = None,  # noqa: ARG002  the recipe allows none
    ) -> Model:
        """The model with the actions that came since, which have no score yet, and with values and dates as of now."""
        if not isinstance(model, ActionRanker) or data.actions is None:
            return model
        return replace(model, offers=offers_of(data.actions))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Examples:
    """Exposures to actions, and what came of them.

    Attributes:
        row: int64[n], positions in the events.
        user: int64[n], row numbers among the users of the events.
        action: int32[n].
        success: float64[n], 1 or 0.
        base: float64[n], the action's share of successes.
    """

    row: NDArray[np.int64]
    user: NDArray[np.int64]
    action: NDArray[np.int32]
    success: NDArray[np.float64]
    base: NDArray[np.float64]


def _odds(data: TrainingData, actions: Metadata, *, period: float, seed: int) -> PropensityModel | None:
    events = read_action_interactions(data.action_interactions, actions.ids)
    since = events.timestamp.max(initial=0) - EVIDENCE_DAYS * DAY
    evident = _evident(events, events.timestamp >= since, count=len(actions.ids))
    if not evident.any():
        return None
    if data.held_out is not None:
        events = events.select(~data.held_out[events.row])
    recent = events.timestamp >= since
    row, success = _outcomes(events, period=period)
    used = recent[row] & evident[events.action[row]]
    row, success, action = row[used], success[used], events.action[row[used]]
    base = _shares(action, success, count=len(evident))
    user = events.user[row].astype(np.int64)
    examples = _Examples(row=row, user=user, action=action, success=success, base=base[action])
    share = _shares(events.action[recent], events.taken[recent].astype(np.float64), count=len(evident))
    tendencies = TakeRateFeatures.over(share, _categories(actions))
    return _learnt(data, events, examples, base=base, evident=evident, tendencies=tendencies, seed=seed)


def _learnt(
    data: TrainingData,
    events: ActionInteractions,
    examples: _Examples,
    *,
    base: NDArray[np.float64],
    evident: NDArray[np.bool_],
    tendencies: TakeRateFeatures,
    seed: int,
) -> PropensityModel:
    users = data.interactions.users.indices(events.users.values)
    tastes, vectors = fit_user_embedder(data, users, seed=seed)
    profiles = profile_vectors(data.users, count=len(data.interactions.users))
    taste, tasted = _directions(examples, vectors, count=len(base))
    profile, profiled = _directions(examples, _of_users(profiles, users), count=len(base))
    ones = np.ones((len(examples.row), 1))
    features = np.column_stack((ones, tendencies.before(events)[:, examples.row].T, tasted, profiled))
    weights = _logistic(features, examples.success, offset=logit(examples.base))
    return PropensityModel(
        base=logit(base) + weights[0],
        evident=evident,
        tendencies=tendencies,
        weights=weights[1 : 1 + COUNT],
        tastes=tastes,
        taste=taste * np.float32(weights[-2]),
        profiles=profiles,
        profile=profile * np.float32(weights[-1]),
    )


def _evident(events: ActionInteractions, recent: NDArray[np.bool_], *, count: int) -> NDArray[np.bool_]:
    """Which actions have 50 recent events that are Taken and 50 that are not: bool[count]."""
    taken = np.bincount(events.action[recent & events.taken], minlength=count)
    missed = np.bincount(events.action[recent & ~events.taken], minlength=count)
    return np.asarray((taken >= EVIDENCE) & (missed >= EVIDENCE))


def _outcomes(events: ActionInteractions, *, period: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Which events are examples, int64[n], ascending, and which of them are successes, float64[n]."""
    order = np.lexsort((events.taken, events.timestamp, events.action, events.user))
    group = (events.user.astype(np.int64) << 32) + events.action
    group, time, taken = group[order], events.timestamp[order], events.taken[order]
    place = np.arange(len(order))
    next_taken = np.minimum.accumulate(np.where(taken, place, len(order))[::-1])[::-1]
    last_shown = np.maximum.accumulate(np.where(taken, -1, place))
    follows = _near(group, time, next_taken, period=period)
    led_to = _near(group, time, last_shown, period=period)
    used = ~taken | ~led_to
    row, success = order[used], (taken | follows)[used].astype(np.float64)
    ascending = np.argsort(row)
    return row[ascending], success[ascending]


def _near(
    group: NDArray[np.int64], time: NDArray[np.int64], other: NDArray[np.int64], *, period: float
) -> NDArray[np.bool_]:
    """Whether the event at the place `other` exists, is of the same group and not further away than a period."""
    exists = (other >= 0) & (other < len(group))
    at = np.where(exists, other, 0)
    return np.asarray(exists & (group[at] == group) & (np.abs(time[at] - time) <= period))


def _shares(action: NDArray[np.int32], success: NDArray[np.float64], *, count: int) -> NDArray[np.float64]:
    """The share of successes of each action, shrunk towards that of all: float64[count], within (0, 1)."""
    overall = (success.sum() + 1) / (len(success) + 2)
    successes = np.bincount(action, success, minlength=count)
    examples = np.bincount(action, minlength=count)
    return np.asarray((successes + PRIOR_EXAMPLES * overall) / (examples + PRIOR_EXAMPLES))


def _categories(actions: Metadata) -> sparse.csr_matrix:
    """Which action has which category in any column; TYPE is one, although it is not marked as categorical."""
    names = [each.name for each in actions.fields if each.categorical or each.name == "TYPE"]
    parts = [actions.categories(name)[1] for name in names if name in actions.table]
    nothing = sparse.csr_matrix((len(actions.ids), 0))
    return sparse.hstack([nothing, *parts], format="csr")


def _of_users(profiles: Vectors, users: NDArray[np.int32]) -> Vectors:
    """The rows of users, zeros for the code -1."""
    padded = np.concatenate([profiles, np.zeros((1, profiles.shape[1]), dtype=np.float32)])
    return np.asarray(padded[users])


def _directions(
    examples: _Examples, vectors: Vectors, *, count: int
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Each action's direction, and how far each example's user lies in that of its action.

    The direction is the mean of the users' vectors weighted with success minus base. For an example it is taken without
    the examples of the same user, or every user would seem to lie where they went.

    Returns:
        float32[count, columns] and float64[n].
    """
    residual = examples.success - examples.base
    shape = (count, len(vectors))
    weights = sparse.csr_matrix((residual, (examples.action, examples.user)), shape=shape)
    size = np.bincount(examples.action, minlength=count) + PRIOR_EXAMPLES
    directions = np.asarray((weights @ vectors) / size[:, None], dtype=np.float32)
    pair, which = np.unique(examples.action * np.int64(shape[1]) + examples.user, return_inverse=True)
    action, user = np.divmod(pair, shape[1])
    own = np.bincount(which, residual, minlength=len(pair)) / size[action]
    vector = vectors[user]
    lies = np.einsum("ij,ij->i", vector, directions[action]) - own * np.einsum("ij,ij->i", vector, vector)
    return directions, lies[which].astype(np.float64)


def _logistic(
    features: NDArray[np.float64], success: NDArray[np.float64], *, offset: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The weights of greatest posterior density, by Newton's method: float64[columns]."""
    weights = PRIOR_WEIGHTS
    for _ in range(STEPS):
        probability = expit(offset + features @ weights)
        gradient = features.T @ (success - probability) - PRIOR_PRECISION * (weights - PRIOR_WEIGHTS)
        curvature = (features.T * (probability * (1 - probability))) @ features
        weights = weights + np.linalg.solve(curvature + PRIOR_PRECISION * np.eye(len(weights)), gradient)
    return weights
