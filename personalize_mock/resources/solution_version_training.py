"""Training, updates and refreshes of solution versions."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from personalize_mock.resources import model_selection, shared_training, training_inputs
from personalize_mock.resources.core.durations import duration
from personalize_mock.resources.core.effects import effect
from personalize_mock.resources.core.lifecycle import run_effect
from personalize_mock.resources.model_refresh import refreshed_model
from personalize_mock.resources.solution_versions import SolutionVersion, latest_active_version
from personalize_mock.resources.solutions import Solution
from personalize_mock.simulation import Store

if TYPE_CHECKING:
    from personalize_mock.training.fit import FittedModel

Config = Mapping[str, Any]

BILLED_HOURS_PER_HOUR = 3.2  # recorded 2023-10: 1.073 hours were billed for 20 min 8 s


@effect(SolutionVersion)
def train(store: Store, version: SolutionVersion) -> None:
    """Train a solution version on the data that is available when the training starts.

    With the training mode UPDATE, a copy of the newest model with the mode FULL is updated instead.
    """
    version.data_version_at_training = training_inputs.data_version(store, version.dataset_group_arn)
    with training_inputs.as_job_failure():
        version.selected_model, version.fitted_model = (
            _update_latest(store, version) if version.training_mode == "UPDATE" else _train_full(store, version)
        )


@effect(SolutionVersion)
def publish(store: Store, version: SolutionVersion) -> None:
    """Store the results of a finished training in a solution version.

    Then make the campaigns of the solution check for a newer version, because some deploy new versions automatically.
    """
    hours = duration(store, version, "create", stages=3) / 3600
    version.training_hours = max(0.001, round(BILLED_HOURS_PER_HOUR * hours, 3))
    assert version.selected_model is not None  # noqa: S101  # a version whose training failed does not reach this stage
    version.recipe_arn = version.selected_model.recipe_arn
    if version.selected_model.hyperparameters is not None:
        version.tuned_hpo_params = {"algorithmHyperParameters": version.selected_model.hyperparameters}
    if version.perform_auto_ml:
        store.all(Solution)[version.solution_arn].auto_ml_result = {"bestRecipeArn": version.recipe_arn}
    for campaign in store.select_by_type_name("Campaign", solution_arn=version.solution_arn):
        run_effect(store, campaign, "schedule_following")


def refresh_model(store: Store, version: SolutionVersion) -> None:
    """Update the model of a solution version with the data that arrived since its latest training or refresh.

    The metrics and dates of the version do not change. Only the newest ACTIVE version with the training mode FULL is
    refreshed (developer guide, "Use case and recipe features", 2025).
    """
    if version.fitted_model is None or not _is_refreshed(store, version):
        return
    settings = _training_settings(store, version)
    version.fitted_model = refreshed_model(store, version.recipe, settings, version.fitted_model)


def _train_full(store: Store, version: SolutionVersion) -> "tuple[model_selection.SelectedModel, FittedModel]":
    recipes = model_selection.candidate_recipes(version.recipe_arn, version.solution_config)
    datasets = training_inputs.read_datasets(store, version.dataset_group_arn, recipes)
    settings, hpo, auto_ml = _training_settings(store, version), _hpo_config(version), _auto_ml_config(version)
    return shared_training.train(store, recipes, settings, datasets, hpo=hpo, auto_ml=auto_ml)


def _update_latest(store: Store, version: SolutionVersion) -> "tuple[model_selection.SelectedModel, FittedModel]":
    """Return the recipe and the model for a solution version with the training mode UPDATE.

    The model is a copy of the model of the newest ACTIVE version with the training mode FULL, updated with the items
    and events that arrived later.
    """
    from personalize_mock.training.fit import update_model

    full = latest_active_version(store, version.solution_arn, mode="FULL")
    assert full is not None  # noqa: S101  # CreateSolutionVersion has checked it
    assert full.fitted_model is not None  # noqa: S101  # ACTIVE versions have a model
    datasets = training_inputs.read_datasets(store, version.dataset_group_arn, [full.recipe])
    request = training_inputs.training_request(store, full.recipe, _training_settings(store, version))
    selected = model_selection.SelectedModel(recipe_arn=full.recipe.recipe_arn)
    return selected, update_model(full.fitted_model, request, datasets)


def _is_refreshed(store: Store, version: SolutionVersion) -> bool:
    solution = store.all(Solution)[version.solution_arn]
    if latest_active_version(store, solution.arn, mode="FULL") is not version:
        return False
    return not version.recipe.perform_incremental_update or bool(solution.perform_incremental_update)


def _training_settings(store: Store, version: SolutionVersion) -> training_inputs.TrainingSettings:
    return training_inputs.TrainingSettings(
        dataset_group_arn=version.dataset_group_arn,
        config=version.config,
        event_type=version.event_type,
        schema_versions=store.all(Solution)[version.solution_arn].schema_versions,
    )


def _hpo_config(version: SolutionVersion) -> Config | None:
    return version.config.get("hpoConfig", {}) if version.perform_hpo else None


def _auto_ml_config(version: SolutionVersion) -> Config | None:
    return (version.solution_config or {}).get("autoMLConfig", {}) if version.perform_auto_ml else None
