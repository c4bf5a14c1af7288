"""Training jobs and the fitted models they return.

A model is fitted once, without the held-out interactions, and that model is both evaluated and served. Serving folds in
a user's whole history, held-out interactions included. Segments and popular items have no history in their queries, so
their models are completed with the held-out interactions after the evaluation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.id_map import UNKNOWN, IdMap
from personalize_mock.data.interaction_matrix import InteractionMatrix, insufficient_data_reason
from personalize_mock.data.metadata import Metadata
from personalize_mock.evaluation.base import Evaluation
from personalize_mock.evaluation.registry import EVALUATIONS
from personalize_mock.recipes.base import Model, TrainingData, TrainingFailed
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.registry import RECIPES
from personalize_mock.training.dataset import TrainingDatasets, objective, training_data
from personalize_mock.training.request import TrainingRequest


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedModel:
    """A model, its metrics and the data needed to serve it.

    Attributes:
        request: The request of the latest update, or of the training if there was no update.
        training_request: The request of the training.
        model: The model.
        data: All data, including held-out interactions.
        metrics: The metrics that GetSolutionMetrics returns.
    """

    request: TrainingRequest
    training_request: TrainingRequest
    model: Model
    data: TrainingData
    metrics: dict[str, float]

    @property
    def interactions(self) -> InteractionMatrix:
        """All interactions, including held-out ones."""
        return self.data.interactions

    @property
    def ids(self) -> IdMap:
        """The ids of the items, users or actions that the model ranks, in the order of their indices."""
        if self.model.ranks == "actions":
            assert self.data.actions is not None  # noqa: S101  # such recipes require an Actions dataset
            return self.data.actions.ids
        return self.interactions.users if self.model.ranks == "users" else self.interactions.items

    def user(self, user_id: str | None) -> int:
        """Return the index of a user, or -1 if the user is unknown."""
        return UNKNOWN if user_id is None else self.interactions.users.index(user_id)

    def history(self, user_id: str | None) -> NDArray[np.int32]:
        """Return the item indices of a user's interactions, oldest first. For unknown users the array is empty."""
        user = self.user(user_id)
        return self.interactions.history(user) if user >= 0 else np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingJob:
    """A training request and its split data, to which models with different hyperparameters can be fitted.

    Attributes:
        request: The request.
        data: All data.
        evaluation: The split of `data`.
        objective: The optimization objective, or None.
        is_trial: Whether the model is only evaluated and never served.
    """

    request: TrainingRequest
    data: TrainingData
    evaluation: Evaluation
    objective: Objective | None
    is_trial: bool = False

    def fit(self, hyperparameters: Mapping[str, str]) -> FittedModel:
        """Fit a model to the training part of the split and evaluate it on the held-out part.

        Raises:
            TrainingFailed: The data does not meet the requirements of the recipe.
        """
        recipe = RECIPES[self.request.recipe]
        model = recipe.fit(
            self.evaluation.train, config=hyperparameters, objective=self.objective, seed=self.request.seed
        )
        rewards = None if self.objective is None else self.objective.attribute
        return FittedModel(
            request=self.request,
            training_request=self.request,
            model=model if self.is_trial else recipe.completed(model, self.data),
            data=self.data,
            metrics=self.evaluation.measure(model, rewards=rewards),
        )


def prepare(request: TrainingRequest, datasets: TrainingDatasets) -> TrainingJob:
    """Select the data of a training and split it into a training and a test part.

    Args:
        request: The request.
        datasets: The datasets that have rows.

    Raises:
        TrainingFailed: There are too few interactions.
    """
    data = training_data(request, datasets)
    _check_enough_data(request, data.interactions)
    return TrainingJob(
        request=request,
        data=data,
        evaluation=EVALUATIONS[RECIPES[request.recipe].evaluation].from_data(data, seed=request.seed),
        objective=objective(request, data.interactions, datasets),
    )


def update_model(fitted_model: FittedModel, request: TrainingRequest, datasets: TrainingDatasets) -> FittedModel:
    """Return a model updated with the items and interactions that arrived since its training.

    The metrics do not change, and neither do the user attributes: changes in the Users dataset take effect only after
    another training (developer guide, "How new data influences real-time recommendations", 2025).

    Raises:
        TrainingFailed: All interactions have been deleted since the training.
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
    """Return a model as it is at the time `now` (epoch seconds), without new data. Only some models depend on it."""
    request, data = replace(fitted_model.request, now=now), replace(fitted_model.data, now=now)
    return replace(
        fitted_model, request=request, data=data, model=RECIPES[request.recipe].updated(fitted_model.model, data)
    )


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
