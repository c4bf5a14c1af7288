"""Automatic training of solutions on a schedule.

Source: developer guide, "Configuring automatic training" (2025). The mock makes three choices of its own. Where the
guide says "within one hour", the mock starts the first training run after exactly one hour. If the datasets of a
solution are empty, no solution version is created, whereas the real service would show a version that failed. If the
quota for running solution versions is used up, the training is skipped.
"""

from personalize_mock.resources import model_selection, training_inputs
from personalize_mock.resources.catalogue import RecipeEntry
from personalize_mock.resources.core import quotas
from personalize_mock.resources.core.effects import effect
from personalize_mock.resources.core.lifecycle import cancel_effect, schedule_effect
from personalize_mock.resources.solution_versions import SolutionVersion, add_version, is_trainable
from personalize_mock.resources.solutions import Solution
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import LimitExceededException

# In seconds.
DAY = 86_400.0
FIRST_TRAINING = 3600.0
_MILLISECOND = 0.001


@effect(Solution)
def schedule_trainings(store: Store, solution: Solution) -> None:
    """Cancel the scheduled training of a solution, and schedule it anew if automatic training is on.

    The first training run then starts in one hour.
    """
    cancel_effect(store, solution, "train_again")
    if solution.perform_auto_training:
        schedule_effect(store, solution, "train_first", delay=FIRST_TRAINING)
    else:
        cancel_effect(store, solution, "train_first")


@effect(Solution)
def train_first(store: Store, solution: Solution) -> None:
    """Run the first automatic training of a solution, and schedule the next one.

    The training is skipped if CreateSolutionVersion was called after it was scheduled.
    """
    _schedule_next(store, solution)
    scheduled_at = store.clock.timestamp() - FIRST_TRAINING - _MILLISECOND
    manual = store.select(SolutionVersion, solution_arn=solution.arn, training_type="MANUAL")
    if not any(version.creation_date_time >= scheduled_at for version in manual):
        _train(store, solution)


@effect(Solution)
def train_again(store: Store, solution: Solution) -> None:
    """Train a solution again if new data has arrived since its last training, and schedule the next training."""
    _schedule_next(store, solution)
    if _has_untrained_data(store, solution):
        _train(store, solution)


def _schedule_next(store: Store, solution: Solution) -> None:
    days = solution.days_between_trainings
    assert days is not None  # noqa: S101  # this effect is scheduled only with automatic training
    schedule_effect(store, solution, "train_again", delay=days * DAY)


def _train(store: Store, solution: Solution) -> None:
    datasets = training_inputs.data_version(store, solution.dataset_group_arn)
    if solution.status != "ACTIVE" or not is_trainable(solution) or not _required(solution) <= set(datasets):
        return
    try:
        quotas.check_quota(store, "solution_versions_in_flight")
    except LimitExceededException:
        return
    add_version(store, solution, training_type="AUTOMATIC")


def _has_untrained_data(store: Store, solution: Solution) -> bool:
    """Return whether the datasets that trigger automatic training have changed since a solution was last trained.

    The result is False while a solution version in CREATE PENDING exists, because its training will include all data.
    """
    versions = store.select(SolutionVersion, solution_arn=solution.arn)
    if any(version.status == "CREATE PENDING" for version in versions):
        return False
    data_versions = [version.data_version_at_training for version in versions]
    trained_on = next((data_version for data_version in reversed(data_versions) if data_version is not None), {})
    current = training_inputs.data_version(store, solution.dataset_group_arn)
    return any(current.get(dataset_type) != trained_on.get(dataset_type) for dataset_type in _watched(solution))


def _recipes(solution: Solution) -> list[RecipeEntry]:
    return model_selection.candidate_recipes(solution.recipe_arn, solution.solution_config)


def _required(solution: Solution) -> set[str]:
    """Return the dataset types that every recipe of a solution requires. A solution with AutoML has several recipes."""
    return set.intersection(*(set(recipe.required_datasets) for recipe in _recipes(solution)))


def _watched(solution: Solution) -> set[str]:
    """Return the dataset types in which new data causes a solution to be trained again.

    If the recipe requires interactions, these are INTERACTIONS and, for recipes that recommend actions,
    ACTION_INTERACTIONS. For other recipes, these are all required dataset types.
    """
    recipe = _recipes(solution)[0]
    if "INTERACTIONS" not in recipe.required_datasets:
        return set(recipe.required_datasets)
    actions = recipe.operation == "GetActionRecommendations"
    return {"INTERACTIONS", "ACTION_INTERACTIONS"} if actions else {"INTERACTIONS"}
