"""Training, updates and refreshes of recommenders.

A recommender trains every week, counted from its creation. If the data has not changed, the training is skipped, since
it would result in the same model. Recommenders for recipes with exploration or trends are also refreshed every two
hours. A stopped recommender is neither trained nor refreshed. Source: developer guide, "Maintaining recommendation
relevance" (2025).
"""

from contextlib import suppress
from typing import TYPE_CHECKING

from personalize_mock.resources import shared_training, training_inputs
from personalize_mock.resources.core.effects import effect
from personalize_mock.resources.core.lifecycle import JobFailed, schedule_effect
from personalize_mock.resources.datasets import SchemaVersions
from personalize_mock.resources.model_refresh import TRENDING, refresh_interval, refreshed_model
from personalize_mock.resources.recommenders import TRAINING_INTERVAL, Config, Recommender, RecommenderUpdate
from personalize_mock.simulation import Store

if TYPE_CHECKING:
    from personalize_mock.training.fit import FittedModel
    from personalize_mock.training.request import ColumnFilter


@effect(Recommender)
def train(store: Store, recommender: Recommender) -> None:
    """Train a recommender on the data that is available when the training starts."""
    recommender.fitted_model = _fit(store, recommender, recommender.recommender_config, recommender.schema_versions)


@effect(Recommender)
def retrain(store: Store, recommender: Recommender) -> None:
    """Train an ACTIVE recommender again if this could change its model, and schedule the next training in a week.

    If the training fails, the recommender keeps its old model.
    """
    schedule_effect(store, recommender, "retrain", delay=TRAINING_INTERVAL)
    if recommender.status == "ACTIVE" and _is_outdated(store, recommender):
        with suppress(JobFailed):
            train(store, recommender)


@effect(Recommender)
def start_refreshing(store: Store, recommender: Recommender) -> None:
    """Schedule the next refresh of a recommender, which adds new data to its model without training it again.

    Nothing happens if models of its recipe are never refreshed.
    """
    interval = refresh_interval(recommender.recipe, recommender.recommender_config)
    if interval is not None:
        schedule_effect(store, recommender, "refresh", delay=interval)


@effect(Recommender)
def refresh(store: Store, recommender: Recommender) -> None:
    """Add new data to an ACTIVE recommender's model, without training it again, and schedule the next refresh."""
    start_refreshing(store, recommender)
    if recommender.status == "ACTIVE" and recommender.fitted_model is not None:
        settings = _training_settings(recommender, recommender.recommender_config, recommender.schema_versions)
        recommender.fitted_model = refreshed_model(store, recommender.recipe, settings, recommender.fitted_model)


@effect(Recommender)
def train_update(store: Store, recommender: Recommender) -> None:
    """Train a new model for a recommender that is being updated, if the update changes the columns used for training.

    The recommender serves the new model when the update ends. Without such a change, it keeps its current model.
    """
    update = _latest_update(recommender)
    recommender.pending_model = None
    if _columns(update.recommender_config) != _columns(recommender.recommender_config):
        recommender.pending_model = _fit(store, recommender, update.recommender_config, update.schema_versions)


@effect(Recommender)
def apply_update(store: Store, recommender: Recommender) -> None:
    """Apply a finished update to a recommender: its configuration, and its model if the update trained one."""
    del store
    update = _latest_update(recommender)
    recommender.recommender_config = update.recommender_config
    if recommender.pending_model is not None:
        recommender.fitted_model, recommender.pending_model = recommender.pending_model, None
        recommender.schema_versions = update.schema_versions


def _latest_update(recommender: Recommender) -> RecommenderUpdate:
    assert recommender.latest_recommender_update is not None  # noqa: S101  # set by UpdateRecommender
    return recommender.latest_recommender_update


def _is_outdated(store: Store, recommender: Recommender) -> bool:
    """Return whether training again could result in a different model, because of new data or the passage of time."""
    if recommender.fitted_model is None or recommender.recipe_name in TRENDING:
        return True
    data_version = training_inputs.data_version(store, recommender.dataset_group_arn)
    return data_version != recommender.fitted_model.training_request.data_version


def _fit(store: Store, recommender: Recommender, config: Config, schema_versions: SchemaVersions) -> "FittedModel":
    recipes, settings = [recommender.recipe], _training_settings(recommender, config, schema_versions)
    with training_inputs.as_job_failure():
        datasets = training_inputs.read_datasets(store, recommender.dataset_group_arn, recipes)
        _, fitted_model = shared_training.train(store, recipes, settings, datasets)
    return fitted_model


def _training_settings(
    recommender: Recommender, config: Config, schema_versions: SchemaVersions
) -> training_inputs.TrainingSettings:
    return training_inputs.TrainingSettings(
        dataset_group_arn=recommender.dataset_group_arn,
        config=config,
        event_type=recommender.recipe.required_event_type,
        any_case=True,
        schema_versions=schema_versions,
    )


def _columns(config: Config) -> "ColumnFilter":
    from personalize_mock.training.request import ColumnFilter

    return ColumnFilter.from_wire(config.get("trainingDataConfig", {}))
