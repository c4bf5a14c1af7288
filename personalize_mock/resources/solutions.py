"""Solutions: a recipe and its configuration for a dataset group, immutable but for what UpdateSolution changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from personalize_mock.resources import rules, solution_checks
from personalize_mock.resources.base import Resource, add, check_free, deletes, describes, find_active, lists
from personalize_mock.resources.catalogue import RecipeEntry
from personalize_mock.resources.dataset_groups import DatasetGroup
from personalize_mock.resources.lifecycle import create, delete
from personalize_mock.resources.recipes import find_recipe
from personalize_mock.resources.tags import Tags, check_tags
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import InvalidInputException
from personalize_mock.wire.registry import operation

Config = Mapping[str, Any]

_CONFIG_ALWAYS_SHOWN = ("aws-user-personalization",)  # recorded 2021 and 2023; other recipes showed none

# Ours.
NO_RECIPE = "Provide a recipeArn, or set performAutoML to true."
RECIPE_AND_AUTO_ML = "Provide either a recipeArn or performAutoML, not both."
DOMAIN_RECIPE = "Recipe {arn} is for recommenders. Provide the ARN of a recipe for custom solutions."


@dataclass(kw_only=True)
class Solution(Resource):
    """A solution; ACTIVE at once unless a test gives it a duration.

    Attributes:
        solution_config: as it was sent.
        latest_solution_version: the newest version, shown as a summary.
    """

    PATH = "solution"
    PLURAL = "solutions"
    LIFECYCLES = (create(), delete(finish="remove_versions"))

    dataset_group_arn: str
    recipe_arn: str | None = None
    perform_hpo: bool = False
    perform_auto_ml: bool = False
    perform_auto_training: bool = True
    perform_incremental_update: bool | None = None
    event_type: str | None = None
    solution_config: Config | None = None
    latest_solution_version: Resource | None = None

    def shown(self) -> list[Resource]:
        """Itself, and the newest version in its summary."""
        return [self] if self.latest_solution_version is None else [self, self.latest_solution_version]

    def remove_versions(self, store: Store) -> None:
        """A solution takes its versions with it."""
        for version in list(store.named("SolutionVersion").values()):
            if version.solution_arn == self.arn:
                store.remove(version)
                store.clock.cancel(version.arn)


@operation
def create_solution(  # the members of the request
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
    """CreateSolution."""
    recipe = _recipe(recipe_arn, perform_auto_ml=perform_auto_ml)
    find_active(store, DatasetGroup, dataset_group_arn)
    config = solution_config or {}
    if recipe is None:
        for candidate in config.get("autoMLConfig", {}).get("recipeList", ()):
            find_recipe(candidate)
    else:
        if perform_hpo:
            solution_checks.check_hpo(recipe)
        solution_checks.check_config(store, recipe, dataset_group_arn, {"eventType": event_type, **config})
    check_tags(tags)
    arn = store.arn(Solution.PATH, name)
    check_free(store, Solution, arn)
    rules.check_quota(store, "solutions_per_group", within=dataset_group_arn)
    solution = Solution(
        arn=arn,
        name=name,
        dataset_group_arn=dataset_group_arn,
        recipe_arn=recipe_arn,
        perform_hpo=perform_hpo,
        perform_auto_ml=perform_auto_ml,
        perform_auto_training=perform_auto_training,
        perform_incremental_update=perform_incremental_update,
        event_type=event_type,
        solution_config=_echo(recipe, solution_config),
        tags=tags,
    )
    return add(store, solution)


def _recipe(arn: str | None, *, perform_auto_ml: bool) -> RecipeEntry | None:
    if arn is None:
        if not perform_auto_ml:
            raise InvalidInputException(NO_RECIPE)
        return None
    if perform_auto_ml:
        raise InvalidInputException(RECIPE_AND_AUTO_ML)
    recipe = find_recipe(arn)
    if recipe.domain is not None:
        raise InvalidInputException(DOMAIN_RECIPE.format(arn=arn))
    return recipe


def _echo(recipe: RecipeEntry | None, config: Config | None) -> Config | None:
    """What DescribeSolution shows of the configuration: as sent, but for the names of ranges (documented)."""
    if config is None:
        return {} if recipe is not None and recipe.name in _CONFIG_ALWAYS_SHOWN else None
    ranges = config.get("hpoConfig", {}).get("algorithmHyperParameterRanges")
    if recipe is None or not ranges:
        return config
    names = {each.name: each.describe_hpo_name for each in recipe.hyperparameters}
    renamed = {
        kind: [{**entry, "name": names.get(entry["name"], entry["name"])} for entry in entries]
        for kind, entries in ranges.items()
    }
    return {**config, "hpoConfig": {**config["hpoConfig"], "algorithmHyperParameterRanges": renamed}}


describe_solution = describes(Solution)
list_solutions = lists(Solution)
delete_solution = deletes(Solution)
