"""Training of solution versions."""

from typing import TYPE_CHECKING

from personalize_mock.resources import model_selection, training_inputs
from personalize_mock.resources.catalogue import RecipeEntry
from personalize_mock.resources.core.durations import duration
from personalize_mock.resources.core.effects import effect
from personalize_mock.resources.core.lifecycle import JobFailed, run_effect
from personalize_mock.resources.recipes import find_recipe
from personalize_mock.resources.solution_versions import SolutionVersion, newest
from personalize_mock.resources.solutions import Solution
from personalize_mock.simulation import Store

if TYPE_CHECKING:
    from personalize_mock.training.fit import FittedModel, TrainingJob

# Recorded: 1.073 hours were billed for 20m08s.
BILLED_HOURS_PER_HOUR = 3.2


@effect(SolutionVersion)
def train(store: Store, version: SolutionVersion) -> None:
    """Trains on the data as it is when training begins."""
    from personalize_mock.recipes.base import TrainingFailed

    version.learned = version.known = training_inputs.stamp(store, version.dataset_group_arn)
    try:
        version.choice, version.fitted_model = (
            _updated(store, version) if version.training_mode == "UPDATE" else _fitted(store, version)
        )
    except TrainingFailed as failure:
        raise JobFailed(str(failure)) from None


def _fitted(store: Store, version: SolutionVersion) -> "tuple[model_selection.SelectedModel, FittedModel]":
    from personalize_mock.training.fit import prepare

    single = None if version.perform_auto_ml else find_recipe(version.recipe_arn or "")
    sources = training_inputs.sources(store, version.dataset_group_arn, recipe=single)

    def prepared(recipe: RecipeEntry) -> "TrainingJob":
        training_inputs.check_datasets(recipe, sources)
        return prepare(version.order(store, recipe), sources)

    if single is None:
        config = version.solution_config or {}
        return model_selection.chosen(model_selection.auto_ml_recipes(config), prepared, config)
    if version.perform_hpo:
        return model_selection.searched(single, prepared, version.config.get("hpoConfig", {}))
    return model_selection.fixed(single, prepared)


def _updated(store: Store, version: SolutionVersion) -> "tuple[model_selection.SelectedModel, FittedModel]":
    """The newest full training, with the items and events that came since."""
    from personalize_mock.training.fit import update

    base = newest(store, version.solution_arn, mode="FULL")
    assert base is not None  # noqa: S101  # CreateSolutionVersion has seen it
    assert base.fitted_model is not None  # noqa: S101  # it is ACTIVE
    recipe = find_recipe(base.recipe_arn or "")
    sources = training_inputs.sources(store, version.dataset_group_arn)
    return model_selection.SelectedModel(recipe_arn=recipe.recipe_arn), update(
        base.fitted_model, version.order(store, recipe), sources
    )


@effect(SolutionVersion)
def publish(store: Store, version: SolutionVersion) -> None:
    """Shows what the training chose and cost, the latter as a multiple of the time that it took."""
    hours = duration(store, version, "create", stages=3) / 3600
    version.training_hours = max(0.001, round(BILLED_HOURS_PER_HOUR * hours, 3))
    assert version.choice is not None  # noqa: S101  # a version whose training failed is not published
    version.recipe_arn = version.choice.recipe_arn
    if version.choice.hyperparameters is not None:
        version.tuned_hpo_params = {"algorithmHyperParameters": version.choice.hyperparameters}
    if version.perform_auto_ml:
        store.all(Solution)[version.solution_arn].auto_ml_result = {"bestRecipeArn": version.recipe_arn}
    for campaign in store.by_type_name("Campaign").values():
        if campaign.solution_arn == version.solution_arn:
            run_effect(store, campaign, "schedule_following")
