"""Training jobs and the fitted models they return.

A model is fitted once, without the held-out interactions, and this model is both evaluated and served. Most models need
no second training on all interactions, because each query contains the user's history with its held-out interactions.
Models of popular items and of user segments do not read a history. Their recipes add the held-out interactions to the
model after the evaluation (`Recipe.completed`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.id_map import UNKNOWN, IdMap
from personalize_mock.data.interaction_matrix import InteractionMatrix, insufficient_data_reason
from personalize_mock.data.metadata import Metadata
from personalize_mock.evaluation.base import Evaluation
from personalize_mock.evaluation.registry import EVALUATIONS
from personalize_mock.recipes.base import Model, Recipe, TrainingData, TrainingFailed
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.popular.trending_now import TrendingModel
from personalize_mock.recipes.registry import RECIPES
from personalize_mock.training.dataset import TrainingDatasets, objective, training_data
from personalize_mock.training.request import TrainingRequest


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedModel:
    """A model, its metrics and the data needed to serve it.

    Attributes:
        request: The request of the latest update of the model, or the training request if it has not been updated.
        training_request: The request with which the model was trained.
        model: The model, which answers queries.
        data: The data of the latest update, or the training data if the model has not been updated. It includes the
            interactions that were held out for the evaluation.
        metrics: The metrics that GetSolutionMetrics returns, by name.
    """

    request: TrainingRequest
    training_request: TrainingRequest
    model: Model
    data: TrainingData
    metrics: dict[str, float]

    @property
    def interactions(self) -> InteractionMatrix:
        """All interactions in `data`, including those held out for the evaluation."""
        return self.data.interactions

    @property
    def ids(self) -> IdMap:
        """The ids of the items, users or actions that the model ranks, in the order of their indices."""
        if self.model.ranks == "actions":
            assert self.data.actions is not None  # noqa: S101  # recipes that rank actions require an Actions dataset
            return self.data.actions.ids
        return self.interactions.users if self.model.ranks == "users" else self.interactions.items

    def user(self, user_id: str | None) -> int:
        """Return the index of a user, or -1 if the id is None or the user is unknown."""
        return UNKNOWN if user_id is None else self.interactions.users.index(user_id)

    def history(self, user_id: str | None) -> NDArray[np.int32]:
        """Return the item indices of a user's interactions, oldest first. For unknown users the array is empty."""
        user = self.user(user_id)
        return self.interactions.history(user) if user >= 0 else np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingJob:
    """A training run whose data is already selected and split. It can be repeated with other hyperparameters.

    Attributes:
        request: The training request.
        recipe: The recipe of the request.
        data: All data, including the interactions that are held out for the evaluation.
        evaluation: The evaluation, which has split `data` into a training part and a held-out part.
        objective: The optimization objective, or None.
        is_trial: Whether the run only compares hyperparameters. If False, the recipe may add the held-out interactions
            to the fitted model after the evaluation.
        keep: Function that gets the hyperparameters and a function `fit`, which fits a model without the objective. It
            returns the result of `fit`, and may cache it for jobs that differ only in the objective.
    """

    request: TrainingRequest
    recipe: Recipe
    data: TrainingData
    evaluation: Evaluation
    objective: Objective | None
    is_trial: bool = False
    keep: Callable[[Mapping[str, str], Callable[[], Model]], Model] = lambda _, fit: fit()

    def fit(self, hyperparameters: Mapping[str, str]) -> FittedModel:
        """Fit a model to the training part of the data and evaluate it on the held-out part.

        Args:
            hyperparameters: The algorithm hyperparameters and feature transformation parameters of the recipe.

        Raises:
            TrainingFailed: The data does not meet the requirements of the recipe.
        """
        model = self._fit_model(hyperparameters)
        rewards = None if self.objective is None else self.objective.attribute
        return FittedModel(
            request=self.request,
            training_request=self.request,
            model=model if self.is_trial else self.recipe.completed(model, self.data),
            data=self.data,
            metrics=self.evaluation.measure(model, rewards=rewards),
        )

    def _fit_model(self, config: Mapping[str, str]) -> Model:
        recipe, data, seed = self.recipe, self.evaluation.train, self.request.seed

        def fit() -> Model:
            return recipe.fit(data, config=config, objective=None, seed=seed)

        if self.objective is None:
            return fit()
        model = fit() if self.is_trial else self.keep(config, fit)
        return recipe.with_objective(model, data, config=config, objective=self.objective)


def prepare(request: TrainingRequest, datasets: TrainingDatasets) -> TrainingJob:
    """Select the data that a training request needs, and split it into a training part and a held-out part.

    Args:
        request: The training request.
        datasets: The datasets of the dataset group that have rows, by dataset type.

    Raises:
        TrainingFailed: There are too few interactions or users.
    """
    data = training_data(request, datasets)
    _check_enough_data(request, data.interactions)
    recipe = RECIPES[request.recipe]
    return TrainingJob(
        request=request,
        recipe=recipe,
        data=data,
        evaluation=EVALUATIONS[recipe.evaluation].from_data(data, seed=request.seed),
        objective=objective(request, data.interactions, datasets),
    )


def update_model(fitted_model: FittedModel, request: TrainingRequest, datasets: TrainingDatasets) -> FittedModel:
    """Return a model updated with the data that arrived since its training.

    The metrics do not change, and neither do the user attributes: changes in the Users dataset take effect only when a
    new model is trained (developer guide, "How new data influences real-time recommendations", 2025).

    Args:
        fitted_model: The model to update. It is not modified.
        request: The configuration and the time of the update.
        datasets: The current datasets of the dataset group, by dataset type.

    Raises:
        TrainingFailed: All interactions have been deleted since the model was trained.
    """
    data = training_data(request, datasets, previous=fitted_model.data)
    users = fitted_model.data.users
    if users is not None:
        users = Metadata.from_dataset(users.dataset, data.interactions.users)
    data = replace(data, users=users)
    model = RECIPES[request.recipe].updated(
        fitted_model.model, data, objective=objective(request, data.interactions, datasets)
    )
    return replace(fitted_model, request=request, data=data, model=model)


def at_time(fitted_model: FittedModel, *, now: float) -> FittedModel:
    """Return a copy of a fitted model of trending items, with the trends at another time computed from the same data.

    Args:
        fitted_model: The model, which is not modified.
        now: The time for the trends, in epoch seconds.
    """
    assert isinstance(fitted_model.model, TrendingModel)  # noqa: S101  only trends change without new data
    request, data = replace(fitted_model.request, now=now), replace(fitted_model.data, now=now)
    model = RECIPES[request.recipe].updated(fitted_model.model, data, objective=None)  # trends have no objective
    return replace(fitted_model, request=request, data=data, model=model)


def _check_enough_data(request: TrainingRequest, interactions: InteractionMatrix) -> None:
    if not RECIPES[request.recipe].needs_interactions:
        return
    events = request.config.events
    reason = insufficient_data_reason(
        interactions,
        minimum_interactions=max(1, request.minimum_interactions),
        minimum_users=request.minimum_users,
        event_type=events.event_type,
        threshold=events.threshold,
        event_types=events.parameters or (),
    )
    if reason is not None:
        raise TrainingFailed(reason)
