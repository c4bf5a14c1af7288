"""From tables to a trained, evaluated model: what happens when a solution version is IN_PROGRESS.

The model is fitted once, without the held-out events, and that model is both measured and served: serving folds in a
user's whole history, held-out events included, so nothing is trained twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.matrix import Events, events_from, too_little
from personalize_mock.data.split import split
from personalize_mock.data.tables import Table
from personalize_mock.metrics.evaluate import evaluate
from personalize_mock.recipes.base import Model
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.registry import RECIPES


class TooLittleData(Exception):  # noqa: N818  # an outcome of the service, not a fault of the program
    """There is not enough to train on; the text is the service's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be trained.

    Attributes:
        recipe: the recipe's name.
        config: solutionConfig as on the wire.
        event_type: trains on these events only.
        minimum_interactions: fewer fail the training.
        minimum_users: fewer users with two interactions fail the training.
        seed: of the split and of the model.
    """

    recipe: str
    config: Mapping[str, Any]
    event_type: str | None
    minimum_interactions: int
    minimum_users: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trained:
    """A model that can serve.

    Attributes:
        model: the fitted model.
        events: all events it knows, held-out ones included.
        metrics: as GetSolutionMetrics shows them.
    """

    model: Model
    events: Events
    metrics: dict[str, float]

    def history(self, user_id: str | None) -> NDArray[np.int32]:
        """The item codes of a user's events, oldest first; empty for nobody and for users it does not know."""
        row = -1 if user_id is None else self.events.users.row(user_id)
        return self.events.history(row) if row >= 0 else np.empty(0, dtype=np.int32)


def train(order: Order, *, interactions: Table | None, items: Table | None) -> Trained:
    """Trains and evaluates.

    Args:
        order: what is to be trained.
        interactions: the Interactions dataset, None if nothing was imported.
        items: the Items dataset, None if nothing was imported.

    Raises:
        TooLittleData: there is less than the order asks for, or nothing at all.
    """
    events = _events(order, interactions, items)
    objective = _objective(order.config.get("optimizationObjective"), events, items)
    parts = split(events, seed=order.seed)
    config = {
        **order.config.get("algorithmHyperParameters", {}),
        **order.config.get("featureTransformationParameters", {}),
    }
    model = RECIPES[order.recipe].fit(parts.train, config=config, objective=objective, seed=order.seed)
    rewards = None if objective is None else objective.attribute
    metrics = evaluate(model, parts, catalogue=len(events.items), rewards=rewards)
    return Trained(model=model, events=events, metrics=metrics)


def _events(order: Order, interactions: Table | None, items: Table | None) -> Events:
    minimum = max(1, order.minimum_interactions)
    if interactions is None:
        raise TooLittleData(f"Dataset has fewer than {minimum} interactions.")
    threshold = order.config.get("eventValueThreshold")
    events = events_from(
        interactions,
        items=items,
        event_type=order.event_type,
        event_value_threshold=None if threshold is None else float(threshold),
    )
    reason = too_little(
        events,
        minimum_interactions=minimum,
        minimum_users=order.minimum_users,
        event_type=order.event_type,
    )
    if reason is not None:
        raise TooLittleData(reason)
    return events


def _objective(config: Mapping[str, str] | None, events: Events, items: Table | None) -> Objective | None:
    if config is None:
        return None
    attribute = np.full(len(events.items), np.nan)
    name = config["itemAttribute"]
    if items is not None and name in items:
        column = items.numbers(name)
        rows = events.items.rows(items.strings("ITEM_ID").values)[items.strings("ITEM_ID").codes]
        known = slice(None) if column.valid is None else column.valid
        attribute[rows[known]] = column.values[known]
    sensitivity: Any = config.get("objectiveSensitivity", "OFF")
    return Objective(attribute=attribute, sensitivity=sensitivity)
