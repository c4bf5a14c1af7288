"""Coverage, popularity and objective of trained models, measured on samples of the lists that they recommend."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize_mock.evaluation.base import ranked_indices
from personalize_mock.evaluation.ranking import coverage
from personalize_mock.recipes.base import Query
from personalize_mock.recipes.objective import Sensitivity, attribute_grades
from personalize_mock.resources.recommenders import Recommender
from personalize_mock.resources.solution_versions import SolutionVersion
from personalize_mock.simulation import Simulation, Store
from personalize_mock.training.fit import FittedModel

LIST_LENGTH = 25
SAMPLE = 200  # lists of one model
CURVE_POINTS = 40
Curve = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeOffPoint:
    """The optimization objective of a model, and its effect on the recommended lists.

    Attributes:
        attribute: The item attribute that the objective maximizes.
        sensitivity: The objectiveSensitivity, such as "LOW".
        percentile: The mean percentile rank of the recommended items by this attribute, from 0 to 1. It is 0.5 for
            random items.
    """

    attribute: str
    sensitivity: Sensitivity
    percentile: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSample:
    """Properties of a sample of recommended lists.

    Attributes:
        count: The number of lists.
        coverage: The share of items that appear in the lists, from 0 to 1.
        curve: Points of a curve, as pairs of two shares from 0 to 1: the share of the catalogue, starting with the most
            popular items, and the share of all list entries that these items make up.
        data_curve: The same curve with the share of all interactions in place of the share of all list entries.
        objective: The effect of the optimization objective, or None if the model has no objective.
    """

    count: int
    coverage: float
    curve: Curve
    data_curve: Curve
    objective: TradeOffPoint | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainedModel:
    """A solution version or recommender that has been trained.

    Attributes:
        name: The name of a recommender, or the name of a solution and the id of its version, such as "films/0a1b2c3d".
        data: A digest of the Interactions table. Only models with the same digest share a chart.
        recipe: The name of the recipe.
        metrics: The metrics by name, as GetSolutionMetrics returns them.
        interactions: The number of interactions that the model was trained on.
        sample: Properties of a sample of recommended lists, or None if the model does not recommend items.
    """

    name: str
    data: bytes
    recipe: str
    metrics: Mapping[str, float]
    interactions: int
    sample: ListSample | None


def trained_models(simulation: Simulation) -> list[TrainedModel]:
    """Return the models of the ACTIVE solution versions and of the trained recommenders in all accounts and regions."""
    return [model for store in simulation.stores() for model in _of_store(store)]


def _of_store(store: Store) -> Iterator[TrainedModel]:
    for version in store.all(SolutionVersion).values():
        if version.status == "ACTIVE" and version.fitted_model is not None:
            name = version.arn.partition(":solution/")[2]
            yield _trained(name, version.fitted_model)
    for recommender in store.all(Recommender).values():
        if recommender.status in ("ACTIVE", "INACTIVE") and recommender.fitted_model is not None:
            yield _trained(recommender.name, recommender.fitted_model)


def _trained(name: str, fitted_model: FittedModel) -> TrainedModel:
    return TrainedModel(
        name=name,
        data=fitted_model.data.interactions_table.digest,
        recipe=fitted_model.request.recipe,
        metrics=fitted_model.metrics,
        interactions=len(fitted_model.interactions),
        sample=_sample(fitted_model),
    )


def _sample(fitted_model: FittedModel) -> ListSample | None:
    lists, interactions = _sampled_lists(fitted_model), fitted_model.interactions
    if not (lists >= 0).any():
        return None
    counts = np.bincount(interactions.item, minlength=len(interactions.items))
    recommended = np.bincount(lists[lists >= 0], minlength=len(counts))
    return ListSample(
        count=len(lists),
        coverage=coverage(lists, catalogue_size=len(counts)),
        curve=_popularity_curve(recommended, counts),
        data_curve=_popularity_curve(counts, counts),
        objective=_trade_off(fitted_model, lists),
    )


def _sampled_lists(fitted_model: FittedModel) -> NDArray[np.int32]:
    """Return the lists that a model recommends without exploration to a sample of users.

    The sample has at most 200 users with interactions, evenly spaced by index. For a model that recommends similar
    items, it has items instead of users.

    Returns:
        int32[n_lists, 25], item indices, padded with -1. There are no lists if the model does not rank items.
    """
    model, interactions = fitted_model.model, fitted_model.interactions
    if model.ranks != "items" or not len(interactions.items):
        return np.empty((0, LIST_LENGTH), dtype=np.int32)
    if model.uses_item:
        queries = [Query(item=int(item), now=fitted_model.data.now) for item in _spread(interactions.warm)]
    else:
        queries = [
            Query(history=interactions.history(int(user)), user=int(user), now=fitted_model.data.now)
            for user in _spread(interactions.lengths() > 0)
        ]
    return ranked_indices(model, queries, n=LIST_LENGTH)


def _spread(mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return at most 200 of the indices at which `mask` is True, evenly spaced."""
    indices = np.flatnonzero(mask)
    return indices[:: -(-len(indices) // SAMPLE) or 1]


def _popularity_curve(places: NDArray[np.int64], counts: NDArray[np.int64]) -> Curve:
    """Return a curve that shows which share of some lists, or of all interactions, the most popular items make up.

    Args:
        places: int64[n_items], the number of times each item occurs in the lists or interactions.
        counts: int64[n_items], the number of interactions of each item. Items with more interactions are more popular.

    Returns:
        Points of the curve, as pairs of two shares from 0 to 1: the share of the catalogue, starting with the most
        popular items, and the share of all occurrences that these items make up.
    """
    order = np.argsort(-counts, kind="stable")
    shares = np.concatenate(([0.0], np.cumsum(places[order]) / max(1, int(places.sum()))))
    rows = np.unique(np.round(np.linspace(0, 1, CURVE_POINTS + 1) ** 2 * len(counts)).astype(int))
    return tuple((float(row) / len(counts), float(shares[row])) for row in rows)


def _trade_off(fitted_model: FittedModel, lists: NDArray[np.int32]) -> TradeOffPoint | None:
    config, items = fitted_model.request.config.objective, fitted_model.data.items
    if config is None or items is None or config.item_attribute not in items.table:
        return None
    grades = attribute_grades(items.numbers(config.item_attribute))
    return TradeOffPoint(
        attribute=config.item_attribute,
        sensitivity=config.sensitivity,
        percentile=float((grades[lists[lists >= 0]].mean() + 1) / 2),
    )
