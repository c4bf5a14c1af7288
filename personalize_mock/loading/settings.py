"""Arguments of `mock.load` that are not data, such as the recipe and the objective, and checks of these arguments."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from personalize_mock.exceptions import PersonalizeMockError, did_you_mean
from personalize_mock.loading.names import column_name
from personalize_mock.loading.tables import PreparedDataset
from personalize_mock.resources import catalogue
from personalize_mock.resources.catalogue import RecipeEntry
from personalize_mock.wire.direct import check_members, named_operation

DEFAULT_RECIPE = "aws-user-personalization-v2"
DEFAULT_RECIPE_WITH_OBJECTIVE = "aws-user-personalization"
DEFAULT_RECOMMENDERS = {"ECOMMERCE": "aws-ecomm-recommended-for-you", "VIDEO_ON_DEMAND": "aws-vod-top-picks"}
DEFAULT_EVENTS = {"ECOMMERCE": "View", "VIDEO_ON_DEMAND": "Watch"}
SENSITIVITIES = ("OFF", "LOW", "MEDIUM", "HIGH")
NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,39}")
NUMERIC = ("int", "long", "float", "double")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSettings:
    """Settings of one call to `mock.load`: the resources to create from the given data.

    Attributes:
        name: The name of the dataset group. The names of the other resources except filters begin with it.
        domain: ECOMMERCE, VIDEO_ON_DEMAND, or None for a custom dataset group.
        recipe: The recipe of the solution, or None if no solution is created.
        recommenders: The recipes of the recommenders.
        config: The solutionConfig of the solution.
        filters: The filter expressions by name.
    """

    name: str
    domain: str | None
    recipe: RecipeEntry | None
    recommenders: tuple[RecipeEntry, ...]
    config: Mapping[str, Any]
    filters: Mapping[str, str]

    @property
    def recipes(self) -> tuple[RecipeEntry, ...]:
        """The recipes of the recommenders, followed by the recipe of the solution if there is one."""
        return self.recommenders if self.recipe is None else (*self.recommenders, self.recipe)

    @property
    def event_type(self) -> str | None:
        """The event type of interactions that are given without a column EVENT_TYPE, or None to add no such column."""
        if self.domain is None:
            return None
        required = (recipe.required_event_type for recipe in self.recommenders)
        return next((event_type for event_type in required if event_type), DEFAULT_EVENTS[self.domain])


def check_settings(
    *,
    name: str,
    domain: str | None,
    recipe: str | None,
    recommenders: Sequence[str] | None,
    config: Mapping[str, Any] | None,
    objective: tuple[str, str] | None,
    filters: Mapping[str, str] | None,
) -> LoadSettings:
    """Check the arguments of `mock.load` that are not data, and return them as settings.

    `Handle.load` describes the arguments.

    Raises:
        PersonalizeMockError: An argument is wrong or contradicts another one.
    """
    _check_name(name)
    if domain not in (None, *DEFAULT_EVENTS):
        raise PersonalizeMockError(
            f"domain={domain!r}: there is no such domain. {did_you_mean(domain, DEFAULT_EVENTS)} Leave domain= out for "
            "a custom dataset group."
        )
    if not isinstance(filters, (Mapping, type(None))):
        raise PersonalizeMockError(f'filters={filters!r}: not a dictionary. Write filters={{"name": "EXCLUDE ..."}}.')
    checked_config = _config(config, objective)
    return LoadSettings(
        name=name,
        domain=domain,
        recipe=_solution_recipe(recipe, domain, checked_config),
        recommenders=_recommender_recipes(recommenders, domain, recipe),
        config=checked_config,
        filters=dict(filters or {}),
    )


def check_data(settings: LoadSettings, datasets: Mapping[str, PreparedDataset]) -> None:
    """Check that the data contains everything that the recipes and the objective need.

    Args:
        settings: The checked settings, with the recipes and the objective.
        datasets: The data by dataset type.

    Raises:
        PersonalizeMockError: A dataset is missing, or the items lack the numeric column of the objective.
    """
    for recipe in settings.recipes:
        for dataset_type in recipe.required_datasets:
            if dataset_type not in datasets:
                argument = dataset_type.lower()
                raise PersonalizeMockError(f"The recipe {recipe.name} needs {argument}. Pass {argument}=.")
    objective = settings.config.get("optimizationObjective")
    if settings.recipe is not None and isinstance(objective, Mapping):
        _check_objective(settings.recipe, str(objective.get("itemAttribute")), datasets)


def _check_name(name: object) -> None:
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise PersonalizeMockError(
            f"name={name!r}: not a valid name. Write at most 40 letters, digits, hyphens and underscores, such as "
            "'films'."
        )


def _solution_recipe(name: str | None, domain: str | None, config: Mapping[str, Any]) -> RecipeEntry | None:
    if name is None and domain is not None:
        if config:
            raise PersonalizeMockError(
                "objective= and config= configure a solution, but for a domain load() creates none by default. "
                f"Write recipe= as well, such as recipe={DEFAULT_RECIPE_WITH_OBJECTIVE!r}."
            )
        return None
    default = DEFAULT_RECIPE_WITH_OBJECTIVE if "optimizationObjective" in config else DEFAULT_RECIPE
    entry = _recipe("recipe", default if name is None else name, [each.name for each in _entries(domain=False)])
    if entry.domain is not None:
        raise PersonalizeMockError(
            f"recipe={name!r}: this recipe is for recommenders. Write domain={entry.domain!r}, recommenders=[{name!r}]."
        )
    return entry


def _recommender_recipes(
    names: Sequence[str] | None, domain: str | None, recipe: str | None
) -> tuple[RecipeEntry, ...]:
    if isinstance(names, str):
        raise PersonalizeMockError(f"recommenders={names!r}: not a list. Write recommenders=[{names!r}].")
    if not isinstance(names, (list, tuple, type(None))):
        raise PersonalizeMockError(
            f"recommenders={names!r}: not a list. Write recommenders=['aws-ecomm-recommended-for-you'], for example."
        )
    if domain is None:
        if names:
            raise PersonalizeMockError(
                f"recommenders={names!r}: only domain dataset groups have recommenders. Write domain='ECOMMERCE' or "
                "domain='VIDEO_ON_DEMAND' as well."
            )
        return ()
    if names is None:
        names = [] if recipe else [DEFAULT_RECOMMENDERS[domain]]
    known = [entry.name for entry in _entries(domain=True) if entry.domain == domain]
    entries = tuple(_recipe("recommenders", name, known) for name in dict.fromkeys(names))
    for entry in entries:
        if entry.domain != domain:
            raise PersonalizeMockError(
                f"recommenders={names!r}: {entry.name} does not belong to the domain {domain}. "
                f"{did_you_mean(entry.name, known)}"
            )
    return entries


def _entries(*, domain: bool) -> list[RecipeEntry]:
    return [entry for entry in catalogue.recipes() if (entry.domain is not None) == domain]


def _recipe(argument: str, name: object, known: Sequence[str]) -> RecipeEntry:
    """Return the recipe with the given name or ARN.

    Args:
        argument: The name of the argument of `mock.load`, for the error message.
        name: The name or ARN of the recipe.
        known: The names from which the error message suggests a similar one.

    Raises:
        PersonalizeMockError: There is no such recipe.
    """
    text = name.rpartition("/")[2] if isinstance(name, str) else ""
    entry = catalogue.recipe(f"arn:aws:personalize:::recipe/{text}")
    if entry is None:
        raise PersonalizeMockError(f"{argument}={name!r}: there is no such recipe. {did_you_mean(name, known)}")
    return entry


def _config(config: Mapping[str, Any] | None, objective: tuple[str, str] | None) -> Mapping[str, Any]:
    if not isinstance(config, (Mapping, type(None))):
        raise PersonalizeMockError(
            f"config={config!r}: not a dictionary. Write the solutionConfig of CreateSolution, such as "
            'config={"algorithmHyperParameters": {...}}.'
        )
    config = dict(config or {})
    check_members(named_operation("CreateSolution").input.members["solutionConfig"], config, where="config")
    if objective is None:
        return config
    if "optimizationObjective" in config:
        raise PersonalizeMockError(
            "objective= and config={'optimizationObjective': ...} both set the objective. Remove one of them."
        )
    if not isinstance(objective, (tuple, list)) or len(objective) != 2 or objective[1] not in SENSITIVITIES:  # noqa: PLR2004
        raise PersonalizeMockError(
            f"objective={objective!r}: not a pair of a column of items and a sensitivity ({', '.join(SENSITIVITIES)}). "
            "Write objective=('PRICE', 'HIGH'), for example."
        )
    attribute = column_name("ITEMS", objective[0])
    return {**config, "optimizationObjective": {"itemAttribute": attribute, "objectiveSensitivity": objective[1]}}


def _check_objective(recipe: RecipeEntry, attribute: str, datasets: Mapping[str, PreparedDataset]) -> None:
    if not recipe.optimization_objective:
        names = " or ".join(repr(each.name) for each in _entries(domain=False) if each.optimization_objective)
        raise PersonalizeMockError(f"recipe={recipe.name!r} does not support an objective. Write recipe={names}.")
    items = datasets.get("ITEMS")
    if items is None:
        raise PersonalizeMockError(f"objective=({attribute!r}, ...) needs items. Pass items= with this column.")
    types = {field["name"]: field["type"] for field in items.schema["fields"]}
    numeric = [name for name, type_ in types.items() if type_ in NUMERIC]
    if attribute not in numeric:
        problem = (
            "the column must hold numbers, without missing values."
            if attribute in types
            else "items has no such column."
        )
        hint = did_you_mean(attribute, numeric) if numeric else "Add a column of numbers to items."
        raise PersonalizeMockError(f"objective=({attribute!r}, ...): {problem} {hint}")
