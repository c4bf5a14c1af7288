"""From tables to a trained, evaluated model: what happens when a solution version is IN_PROGRESS.

The model is fitted once, without the held-out events, and that model is both measured and served: serving folds in a
user's whole history, held-out events included, so nothing is trained twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.id_map import UNKNOWN, IdMap
from personalize_mock.data.interaction_matrix import InteractionMatrix, insufficient_data_reason
from personalize_mock.data.metadata import aligned
from personalize_mock.evaluation.base import Evaluation
from personalize_mock.evaluation.registry import EVALUATIONS
from personalize_mock.recipes.base import Model, Recipe, TrainingData, TrainingFailed
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.registry import RECIPES
from personalize_mock.training.dataset import TrainingDatasets, TrainingRequest, data_of, objective_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedModel:
    """A model that can serve.

    Attributes:
        request: What was to be trained; of an updated model, what it was last updated by.
        model: The fitted model.
        data: All it knows, held-out events included.
        metrics: As GetSolutionMetrics shows them.
        fitted_after: How many events had been put one by one when it was fitted; updates leave that as it is.
    """

    request: TrainingRequest
    model: Model
    data: TrainingData
    metrics: dict[str, float]
    fitted_after: int = 0

    @property
    def recipe(self) -> str:
        """The recipe's name."""
        return self.request.recipe

    @property
    def interactions(self) -> InteractionMatrix:
        """All events it knows."""
        return self.data.interactions

    @property
    def ids(self) -> IdMap:
        """What the codes of its rankings stand for."""
        if self.model.answers == "actions":
            assert self.data.actions is not None  # noqa: S101  # a model of actions has seen some
            return self.data.actions.ids
        return self.interactions.users if self.model.answers == "users" else self.interactions.items

    def user(self, user_id: str | None) -> int:
        """The code of a user, -1 for nobody and for users it does not know."""
        return UNKNOWN if user_id is None else self.interactions.users.index(user_id)

    def history(self, user_id: str | None) -> NDArray[np.int32]:
        """The item codes of a user's events, oldest first; empty for nobody and for users it does not know."""
        row = self.user(user_id)
        return self.interactions.history(row) if row >= 0 else np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingJob:
    """All that is the same for every model of one order, whatever the hyperparameters.

    Attributes:
        request: What is to be trained.
        data: All there is.
        evaluation: What is held out.
        objective: What to favour besides relevance.
    """

    request: TrainingRequest
    data: TrainingData
    evaluation: Evaluation
    objective: Objective | None

    @property
    def recipe(self) -> Recipe:
        """The recipe."""
        return RECIPES[self.request.recipe]

    def fit(self, hyperparameters: Mapping[str, str]) -> FittedModel:
        """Trains without what is held out, and evaluates.

        Raises:
            Untrainable: the data lack what the recipe needs.
        """
        model = self.recipe.fit(
            self.evaluation.train, config=hyperparameters, objective=self.objective, seed=self.request.seed
        )
        rewards = None if self.objective is None else self.objective.attribute
        metrics = self.evaluation.measure(model, rewards=rewards)
        return FittedModel(
            request=self.request, model=model, data=self.data, metrics=metrics, fitted_after=self.request.seen
        )


def train(order: TrainingRequest, sources: TrainingDatasets) -> FittedModel:
    """Trains and evaluates.

    Args:
        order: What is to be trained.
        sources: The datasets that have rows.

    Raises:
        Untrainable: there is less than the order or the recipe asks for, or nothing at all.
    """
    return prepare(order, sources).fit(order.hyperparameters)


def prepare(order: TrainingRequest, sources: TrainingDatasets) -> TrainingJob:
    """Reads the datasets and holds out what will tell how good a model is.

    Raises:
        Untrainable: there is less than the order asks for, or nothing at all.
    """
    data = data_of(order, sources)
    _check_enough(order, data.interactions)
    return TrainingJob(
        request=order,
        data=data,
        evaluation=EVALUATIONS[RECIPES[order.recipe].evaluation].of(data, seed=order.seed),
        objective=objective_of(order, data.interactions, sources),
    )


def update(trained: FittedModel, order: TrainingRequest, sources: TrainingDatasets) -> FittedModel:
    """The same model with the items and events that came since.

    Its metrics stay, and so does what it knows from the Users dataset: that needs a training (documented).

    Raises:
        Untrainable: nothing is left to serve from.
    """
    actions, users = trained.data.actions, trained.data.users
    data = data_of(order, sources, known=trained.interactions, known_actions=actions.ids if actions else None)
    known = users and aligned(users.table, data.interactions.users, key="USER_ID", fields=users.fields)
    data = replace(data, users=known)
    objective = objective_of(order, data.interactions, sources)
    model = RECIPES[trained.recipe].updated(trained.model, data, objective=objective)
    return replace(trained, request=order, data=data, model=model)


def at_time(trained: FittedModel, *, now: float) -> FittedModel:
    """The same model some time later, without new data: what it tells of time is told anew."""
    order, data = replace(trained.request, now=now), replace(trained.data, now=now)
    return replace(trained, request=order, data=data, model=RECIPES[trained.recipe].updated(trained.model, data))


def _check_enough(order: TrainingRequest, events: InteractionMatrix) -> None:
    if not RECIPES[order.recipe].needs_events:
        return
    reason = insufficient_data_reason(
        events,
        minimum_interactions=max(1, order.minimum_interactions),
        minimum_users=order.minimum_users,
        event_type=order.event_type,
        threshold=order.threshold,
        event_types=order.parameters or (),
    )
    if reason is not None:
        raise TrainingFailed(reason)
