"""Training of recommenders: when they are created, every week, and for updates.

A recommender is trained anew every seven days from its creation, and those that explore or follow trends take in
what is new every two hours; while it is stopped it does neither. A training that would see exactly what the last one
saw is left out, because it would end in the same model.
"""

from contextlib import suppress
from typing import TYPE_CHECKING

from personalize_mock.resources import training_inputs
from personalize_mock.resources.core.effects import effect
from personalize_mock.resources.core.lifecycle import JobFailed, schedule_effect
from personalize_mock.resources.datasets import SchemaVersions
from personalize_mock.resources.recipes import find_recipe
from personalize_mock.resources.recommenders import BETWEEN_TRAININGS, Config, Recommender, RecommenderUpdate
from personalize_mock.simulation import Store

if TYPE_CHECKING:
    from personalize_mock.training.dataset import TrainingRequest
    from personalize_mock.training.fit import FittedModel

# Documented, in seconds.
BETWEEN_REFRESHES = 2 * 3600
TRENDS = ("aws-vod-trending-now",)  # their models change as time passes, without new data


@effect(Recommender)
def train(store: Store, recommender: Recommender) -> None:
    """Trains on the data as it is when training begins."""
    recommender.fitted_model = _trained(store, recommender, recommender.recommender_config, recommender.schemas)
    recommender.learned = recommender.known = training_inputs.stamp(store, recommender.dataset_group_arn)


@effect(Recommender)
def retrain(store: Store, recommender: Recommender) -> None:
    """Trains anew each week; where that fails the old model stays."""
    schedule_effect(store, recommender, "retrain", delay=BETWEEN_TRAININGS)
    data = training_inputs.stamp(store, recommender.dataset_group_arn)
    changed = recommender.recipe_name in TRENDS or data != recommender.learned
    if recommender.status == "ACTIVE" and changed:
        with suppress(JobFailed):
            train(store, recommender)


@effect(Recommender)
def start_refreshing(store: Store, recommender: Recommender) -> None:
    """Begins to take in what is new every two hours, if the recipe does that."""
    if recommender.recipe_name in TRENDS or find_recipe(recommender.recipe_arn).auto_update:
        schedule_effect(store, recommender, "refresh", delay=BETWEEN_REFRESHES)


@effect(Recommender)
def refresh(store: Store, recommender: Recommender) -> None:
    """Takes in what is new, without a training; trends move on without anything new."""
    schedule_effect(store, recommender, "refresh", delay=BETWEEN_REFRESHES)
    if recommender.status != "ACTIVE" or recommender.fitted_model is None:
        return
    group = recommender.dataset_group_arn
    if training_inputs.has_new_data(store, group, since=recommender.known):
        order = _order(store, recommender, recommender.recommender_config, recommender.schemas)
        recommender.fitted_model = training_inputs.refreshed(store, group, recommender.fitted_model, order)
        recommender.known = training_inputs.stamp(store, group)
    elif recommender.recipe_name in TRENDS:
        recommender.fitted_model = _as_of_now(store, recommender.fitted_model)


@effect(Recommender)
def train_update(store: Store, recommender: Recommender) -> None:
    """Trains for an update that changes what is trained on; other updates need no training."""
    wanted = _update(recommender).recommender_config
    trains = _columns(wanted) != _columns(recommender.recommender_config)
    recommender.retrained = _trained(store, recommender, wanted, _update(recommender).schemas) if trains else None
    recommender.seen = training_inputs.stamp(store, recommender.dataset_group_arn)


@effect(Recommender)
def apply_update(store: Store, recommender: Recommender) -> None:
    """Ends an update: the recommender takes what was wanted."""
    del store
    recommender.recommender_config = _update(recommender).recommender_config
    if recommender.retrained is not None:
        recommender.fitted_model, recommender.retrained = recommender.retrained, None
        recommender.learned = recommender.known = recommender.seen
        recommender.schemas = _update(recommender).schemas


def _update(recommender: Recommender) -> RecommenderUpdate:
    assert recommender.latest_recommender_update is not None  # noqa: S101  # UpdateRecommender has made it
    return recommender.latest_recommender_update


def _order(store: Store, recommender: Recommender, config: Config, known: SchemaVersions) -> "TrainingRequest":
    recipe = find_recipe(recommender.recipe_arn)
    group, wanted = recommender.dataset_group_arn, recipe.required_event_type
    return training_inputs.order(store, recipe, group, config=config, known=known, event_type=wanted, any_case=True)


def _trained(store: Store, recommender: Recommender, config: Config, known: SchemaVersions) -> "FittedModel":
    recipe = find_recipe(recommender.recipe_arn)
    order = _order(store, recommender, config, known)
    return training_inputs.trained(store, recipe, recommender.dataset_group_arn, order)


def _as_of_now(store: Store, trained: "FittedModel") -> "FittedModel":
    from personalize_mock.training.fit import at_time

    return at_time(trained, now=store.clock.timestamp())


def _columns(config: Config) -> dict[str, dict[str, frozenset[str]]]:
    """What a configuration says of training columns, in one form however it is written."""
    chosen = config.get("trainingDataConfig", {})
    return {
        member: {kind.upper(): frozenset(columns) for kind, columns in by_type.items()}
        for member, by_type in chosen.items()
        if by_type
    }
