"""What the service does by itself: it trains solutions on a schedule, and keeps deployed versions up to date.

All of it is scheduled as effects, which look at their surroundings only when their time has come, so that one without
anything new costs next to nothing. Where the guide says "within an hour", it is after exactly an hour here. A real
solution whose group has no data yet would get a version that fails; here it gets none, so that a test that never
imports anything is not surprised. A schedule whose turn finds all training slots taken waits for its next turn.
"""

from personalize_mock.resources import model_selection, training_inputs
from personalize_mock.resources.catalogue import RecipeEntry
from personalize_mock.resources.core import quotas
from personalize_mock.resources.core.effects import effect
from personalize_mock.resources.core.lifecycle import cancel_effect, schedule_effect
from personalize_mock.resources.recipes import find_recipe
from personalize_mock.resources.solution_versions import SolutionVersion, is_trainable, new_version
from personalize_mock.resources.solutions import Solution
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import LimitExceededException

# Documented, in seconds.
HOUR = 3600.0
DAY = 24 * HOUR
FIRST_TRAINING = HOUR

_MILLISECOND = 0.001


@effect(Solution)
def schedule_trainings(store: Store, solution: Solution) -> None:
    """Begins the schedule of a solution anew: the first training in an hour, or none at all."""
    cancel_effect(store, solution, "train_again")
    if solution.perform_auto_training:
        schedule_effect(store, solution, "train_first", delay=FIRST_TRAINING)
    else:
        cancel_effect(store, solution, "train_first")


@effect(Solution)
def train_first(store: Store, solution: Solution) -> None:
    """The first training of a schedule, unless somebody trained within its hour."""
    since = store.clock.timestamp() - FIRST_TRAINING - _MILLISECOND
    manual = (each for each in _versions(store, solution) if each.training_type == "MANUAL")
    _go_on(store, solution)
    if not any(each.creation_date_time >= since for each in manual):
        _train(store, solution)


@effect(Solution)
def train_again(store: Store, solution: Solution) -> None:
    """Another training of a schedule, if there are interactions that no training of the solution has seen."""
    _go_on(store, solution)
    if _has_untrained(store, solution):
        _train(store, solution)


def _go_on(store: Store, solution: Solution) -> None:
    days = solution.days_between_trainings
    assert days is not None  # noqa: S101  # what has no schedule has no turns
    schedule_effect(store, solution, "train_again", delay=days * DAY)


def _train(store: Store, solution: Solution) -> None:
    data = training_inputs.data_version(store, solution.dataset_group_arn)
    ready = solution.status == "ACTIVE" and is_trainable(solution) and _required(solution) <= set(data)
    if not ready:
        return
    try:
        quotas.check_quota(store, "solution_versions_in_flight")
    except LimitExceededException:
        return
    new_version(store, solution, training_type="AUTOMATIC")


def _has_untrained(store: Store, solution: Solution) -> bool:
    versions = _versions(store, solution)
    if any(each.status == "CREATE PENDING" for each in versions):
        return False
    seen = next(
        (each.data_version_at_training for each in reversed(versions) if each.data_version_at_training is not None), {}
    )
    data = training_inputs.data_version(store, solution.dataset_group_arn)
    return any(data.get(kind) != seen.get(kind) for kind in _telling(solution))


def _versions(store: Store, solution: Solution) -> list[SolutionVersion]:
    return [each for each in store.all(SolutionVersion).values() if each.solution_arn == solution.arn]


def _recipes(solution: Solution) -> list[RecipeEntry]:
    if solution.recipe_arn is not None:
        return [find_recipe(solution.recipe_arn)]
    return model_selection.auto_ml_recipes(solution.solution_config or {})


def _required(solution: Solution) -> set[str]:
    """The datasets without which no recipe of a solution can be trained."""
    return set.intersection(*({*each.required_datasets} for each in _recipes(solution)))


def _telling(solution: Solution) -> set[str]:
    """The datasets whose growth calls for a training: interactions, of actions too where these are recommended."""
    recipe = _recipes(solution)[0]
    if "INTERACTIONS" not in recipe.required_datasets:
        return set(recipe.required_datasets)
    actions = recipe.operation == "GetActionRecommendations"
    return {"INTERACTIONS", "ACTION_INTERACTIONS"} if actions else {"INTERACTIONS"}
