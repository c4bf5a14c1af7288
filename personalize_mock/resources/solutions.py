"""Solutions, which combine a recipe and a training configuration for a dataset group."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from personalize_mock.resources import solution_checks
from personalize_mock.resources.catalogue import RecipeEntry
from personalize_mock.resources.core import quotas
from personalize_mock.resources.core.crud import (
    add,
    check_absent,
    delete_handler,
    describe_handler,
    find_active,
    list_handler,
    raise_in_use,
)
from personalize_mock.resources.core.effects import effect
from personalize_mock.resources.core.lifecycle import begin, create, delete, is_moving, run_effect, update
from personalize_mock.resources.core.resource import Resource
from personalize_mock.resources.dataset_groups import DatasetGroup
from personalize_mock.resources.datasets import SchemaVersions, schema_versions
from personalize_mock.resources.hyperparameter_checks import check_hpo
from personalize_mock.resources.recipes import find_recipe
from personalize_mock.resources.tags import Tags, check_tags
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import InvalidInputException
from personalize_mock.wire.registry import handler

Config = Mapping[str, Any]

DEFAULT_DAYS = 7  # between automatic training runs; developer guide, "Configuring automatic training" (2025)
_CONFIG_ALWAYS_SHOWN = ("aws-user-personalization",)  # recorded 2021 and 2023; for other recipes it was absent

# Ours.
NO_RECIPE = "The solution has no recipe. Provide a recipeArn, or set performAutoML to true."
RECIPE_AND_AUTO_ML = "Provide either a recipeArn or performAutoML, not both."
DOMAIN_RECIPE = "Recipe {arn} is for recommenders. Provide the ARN of a recipe for custom solutions."
NOTHING_TO_UPDATE = (
    "The request changes nothing. Provide performAutoTraining, performIncrementalUpdate or a solutionUpdateConfig."
)
NO_INCREMENTS = (
    "performIncrementalUpdate is supported only with the recipes aws-semantic-similarity and aws-user-personalization."
)
NO_EVENTS_FOR_AUTO_ML = "A solution with performAutoML cannot have an eventsConfig. Remove eventsConfig."
UPDATING = "Solution {arn} is being updated. Wait until the update has finished."


@dataclass(kw_only=True)
class SolutionUpdate:
    """The latest update of a solution, with the values in the UpdateSolution request."""

    creation_date_time: float
    solution_update_config: Config | None = None
    perform_auto_training: bool | None = None
    perform_incremental_update: bool | None = None
    status: str | None = None
    last_updated_date_time: float = 0.0
    failure_reason: str | None = None


@dataclass(kw_only=True)
class Solution(Resource):
    """A solution. It becomes ACTIVE at once, unless the mock's option `durations` sets a duration.

    Attributes:
        solution_config: The configuration as it was sent.
        auto_ml_result: A mapping from `bestRecipeArn` to the ARN of the recipe chosen by the latest AutoML training,
            or None.
        latest_solution_version: The newest version. DescribeSolution shows a summary of it.
        schema_versions: How often each dataset's schema had been replaced when the solution was created.
    """

    ARN_TYPE = "solution"
    LIST_MEMBER = "solutions"
    LIFECYCLES = (
        create(finish="schedule_trainings"),
        delete(finish="remove_versions"),
        update("latest_solution_update", finish="apply_update"),
    )

    dataset_group_arn: str
    recipe_arn: str | None = None
    perform_hpo: bool = False
    perform_auto_ml: bool = False
    perform_auto_training: bool = True
    perform_incremental_update: bool | None = None
    event_type: str | None = None
    solution_config: Config | None = None
    auto_ml_result: Mapping[str, str] | None = None
    latest_solution_version: Resource | None = None
    latest_solution_update: SolutionUpdate | None = None
    schema_versions: SchemaVersions

    def polled_resources(self) -> list[Resource]:
        """Return the resources whose statuses DescribeSolution shows: the solution and its newest version."""
        return [self] if self.latest_solution_version is None else [self, self.latest_solution_version]

    @property
    def days_between_trainings(self) -> int | None:
        """The number of days between automatic training runs, or None if automatic training is off."""
        if not self.perform_auto_training:
            return None
        expression = (self.solution_config or {}).get("autoTrainingConfig", {}).get("schedulingExpression")
        return DEFAULT_DAYS if expression is None else int(expression.removeprefix("rate(").split()[0])


@effect(Solution)
def apply_update(store: Store, solution: Solution) -> None:
    """Apply the new values from an UpdateSolution request to a solution when the update ends.

    If the update changes the training interval or switches automatic training on or off, the training schedule starts
    anew.
    """
    update, before = solution.latest_solution_update, solution.days_between_trainings
    assert update is not None  # noqa: S101  # set by UpdateSolution
    if update.solution_update_config:
        solution.solution_config = {**(solution.solution_config or {}), **update.solution_update_config}
    for flag in ("perform_auto_training", "perform_incremental_update"):
        if getattr(update, flag) is not None:
            setattr(solution, flag, getattr(update, flag))
    if solution.days_between_trainings != before:
        run_effect(store, solution, "schedule_trainings")


@effect(Solution)
def remove_versions(store: Store, solution: Solution) -> None:
    """Remove all versions of a solution that is being deleted."""
    for version in [*store.select_by_type_name("SolutionVersion", solution_arn=solution.arn)]:
        store.remove(version)
        store.clock.cancel(version.arn)


@handler
def create_solution(
    store: Store,
    *,
    name: str,
    dataset_group_arn: str,
    recipe_arn: str | None = None,
    perform_hpo: bool = False,
    perform_auto_ml: bool = False,
    perform_auto_training: bool = True,
    perform_incremental_update: bool | None = None,
    event_type: str | None = None,
    solution_config: Config | None = None,
    tags: Tags = (),
) -> Solution:
    """Answer a CreateSolution request. The solution has no version until it is trained."""
    config = {"eventType": event_type, **(solution_config or {})}
    recipe = None if recipe_arn is None else find_recipe(recipe_arn)
    candidates = [find_recipe(arn) for arn in config.get("autoMLConfig", {}).get("recipeList", ())]
    find_active(store, DatasetGroup, dataset_group_arn)
    _check_recipe(recipe, perform_auto_ml=perform_auto_ml)
    if recipe is None:
        _check_auto_ml(candidates, config)
    else:
        _check_config(store, recipe, dataset_group_arn, config, perform_hpo=perform_hpo)
    _check_incremental_update(recipe, requested=perform_incremental_update)
    solution_checks.check_interactions(store, recipe, dataset_group_arn)
    check_tags(tags)
    arn = store.arn(Solution.ARN_TYPE, name)
    check_absent(store, Solution, arn)
    quotas.check_quota(store, "solutions_per_group", within=dataset_group_arn)
    solution = Solution(
        arn=arn,
        name=name,
        dataset_group_arn=dataset_group_arn,
        recipe_arn=recipe_arn,
        perform_hpo=perform_hpo,
        perform_auto_ml=perform_auto_ml,
        perform_auto_training=perform_auto_training,
        perform_incremental_update=_incremental_update(recipe, requested=perform_incremental_update),
        event_type=event_type,
        solution_config=_shown_config(recipe, solution_config),
        schema_versions=schema_versions(store, dataset_group_arn),
        tags=tags,
    )
    return add(store, solution)


@handler
def update_solution(
    store: Store,
    *,
    solution_arn: str,
    perform_auto_training: bool | None = None,
    perform_incremental_update: bool | None = None,
    solution_update_config: Config | None = None,
) -> Solution:
    """Answer an UpdateSolution request.

    The solution keeps its old configuration until the update is done.
    """
    solution = find_active(store, Solution, solution_arn)
    if is_moving(solution):
        raise_in_use(store, solution, UPDATING.format(arn=solution_arn))
    if perform_auto_training is None and perform_incremental_update is None and not solution_update_config:
        raise InvalidInputException(NOTHING_TO_UPDATE)
    _check_update(store, solution, solution_update_config or {})
    recipe = None if solution.recipe_arn is None else find_recipe(solution.recipe_arn)
    _check_incremental_update(recipe, requested=perform_incremental_update)
    solution.latest_solution_update = SolutionUpdate(
        creation_date_time=store.clock.timestamp(),
        solution_update_config=solution_update_config,
        perform_auto_training=perform_auto_training,
        perform_incremental_update=perform_incremental_update,
    )
    begin(store, solution, "update")
    return solution


def _check_update(store: Store, solution: Solution, config: Config) -> None:
    solution_checks.check_schedule(config.get("autoTrainingConfig"))
    if solution.recipe_arn is not None:
        updated = {"eventType": solution.event_type, **(solution.solution_config or {}), **config}
        recipe = find_recipe(solution.recipe_arn)
        solution_checks.check_events(store, recipe, solution.dataset_group_arn, updated)
    elif "eventsConfig" in config:
        raise InvalidInputException(NO_EVENTS_FOR_AUTO_ML)


def _check_incremental_update(recipe: RecipeEntry | None, *, requested: bool | None) -> None:
    """Raise InvalidInputException if performIncrementalUpdate is requested for a recipe that does not support it.

    botocore's model names only aws-semantic-similarity. The developer guide also names aws-user-personalization, for
    which the mock accepts and ignores performIncrementalUpdate.
    """
    supported = recipe is not None and (recipe.perform_incremental_update or recipe.training_mode_update)
    if requested and not supported:
        raise InvalidInputException(NO_INCREMENTS)


def _incremental_update(recipe: RecipeEntry | None, *, requested: bool | None) -> bool | None:
    """Return the performIncrementalUpdate of a new solution: the requested value or the default.

    The default is True for recipes that support incremental updates (botocore model) and None for others.
    """
    default = True if recipe is not None and recipe.perform_incremental_update else None
    return default if requested is None else requested


def _check_recipe(recipe: RecipeEntry | None, *, perform_auto_ml: bool) -> None:
    if recipe is None and not perform_auto_ml:
        raise InvalidInputException(NO_RECIPE)
    if recipe is not None and perform_auto_ml:
        raise InvalidInputException(RECIPE_AND_AUTO_ML)
    if recipe is not None and recipe.domain is not None:
        raise InvalidInputException(DOMAIN_RECIPE.format(arn=recipe.recipe_arn))


def _check_auto_ml(candidates: Iterable[RecipeEntry], config: Config) -> None:
    solution_checks.check_auto_ml(candidates, config.get("autoMLConfig", {}))
    solution_checks.check_schedule(config.get("autoTrainingConfig"))


def _check_config(store: Store, recipe: RecipeEntry, group_arn: str, config: Config, *, perform_hpo: bool) -> None:
    if perform_hpo:
        check_hpo(recipe)
    solution_checks.check_config(store, recipe, group_arn, config)


def _shown_config(recipe: RecipeEntry | None, config: Config | None) -> Config | None:
    """Return the solutionConfig that DescribeSolution shows.

    This is the configuration as it was sent, except that some hyperparameters in an hpoConfig have different names
    (developer guide, "Hyperparameters and HPO", 2025).
    """
    if config is None:
        return {} if recipe is not None and recipe.name in _CONFIG_ALWAYS_SHOWN else None
    ranges = config.get("hpoConfig", {}).get("algorithmHyperParameterRanges")
    if recipe is None or not ranges:
        return config
    names = {parameter.name: parameter.describe_hpo_name for parameter in recipe.hyperparameters}
    renamed = {
        member: [{**entry, "name": names.get(entry["name"], entry["name"])} for entry in entries]
        for member, entries in ranges.items()
    }
    return {**config, "hpoConfig": {**config["hpoConfig"], "algorithmHyperParameterRanges": renamed}}


describe_solution = describe_handler(Solution)
list_solutions = list_handler(Solution)
delete_solution = delete_handler(Solution)
