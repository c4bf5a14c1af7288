"""What performHPO and performAutoML do: which recipe and which hyperparameters a full training ends up with.

How many trials there are unless the request says so is ours. AutoML compares the recipes with their default
hyperparameters and searches those of the winner alone; as documented nothing of solutionConfig but autoMLConfig counts.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from personalize_mock.resources import catalogue
from personalize_mock.resources.catalogue import Hyperparameter, RecipeEntry
from personalize_mock.resources.recipes import find_recipe

if TYPE_CHECKING:
    from personalize_mock.training.fit import FittedModel, TrainingJob
    from personalize_mock.training.hpo import Range, Trials

Config = Mapping[str, Any]
Prepare = Callable[[RecipeEntry], "TrainingJob"]

TRIALS = 10
AUTO_ML_TRIALS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectedModel:
    """What a training chose; shown when it has succeeded.

    Attributes:
        recipe_arn: the recipe, given or found.
        hyperparameters: those of the algorithm that a search found best; None without a search.
    """

    recipe_arn: str
    hyperparameters: Mapping[str, str] | None = None


def auto_ml_recipes(config: Config) -> list[RecipeEntry]:
    """What AutoML chooses from: the recipes that were sent, or all that the service offers for it."""
    sent = config.get("autoMLConfig", {}).get("recipeList")
    return [find_recipe(arn) for arn in sent] if sent else [each for each in _trainable() if each.auto_ml]


def fixed(recipe: RecipeEntry, prepare: Prepare) -> "tuple[SelectedModel, FittedModel]":
    """A training with the hyperparameters of the request."""
    prepared = prepare(recipe)
    return SelectedModel(recipe_arn=recipe.recipe_arn), prepared.fit(prepared.request.hyperparameters)


def searched(recipe: RecipeEntry, prepare: Prepare, hpo: Config) -> "tuple[SelectedModel, FittedModel]":
    """A training with the hyperparameters that a search found."""
    from personalize_mock.training.hpo import Trials

    prepared = prepare(recipe)
    return _searched(recipe, prepared, Trials.of(prepared), hpo, most=_most(hpo))


def chosen(candidates: Sequence[RecipeEntry], prepare: Prepare, config: Config) -> "tuple[SelectedModel, FittedModel]":
    """A training with the recipe that does best, tuned.

    Raises:
        Untrainable: no candidate can be trained.
    """
    from personalize_mock.training.hpo import Trials

    metric = config.get("autoMLConfig", {}).get("metricName")
    recipes = list(_prepared(candidates, prepare))
    contest = [(recipe, prepared, Trials.of(prepared, metric=metric)) for recipe, prepared in recipes]
    recipe, prepared, trials = max(contest, key=lambda entry: entry[2].value(_start(entry[0], {})))
    return _searched(recipe, prepared, trials, {}, most=AUTO_ML_TRIALS)


def ranges(recipe: RecipeEntry, hpo: Config, held: Mapping[str, str]) -> "list[Range]":
    """What a search may vary: the ranges of the request, or else all that can be tuned and is not held fast."""
    sent = hpo.get("algorithmHyperParameterRanges", {})
    known = {name: each for each in recipe.hyperparameters for name in (each.name, each.describe_hpo_name)}
    entries = [entry for kind in sent.values() for entry in kind]
    if entries:
        return [_range(known[entry["name"]], entry) for entry in entries]
    tunable = [each for each in recipe.parameters("algorithm").values() if each.tunable]
    return [_range(each, {}) for each in tunable if each.name not in held]


def _trainable() -> Iterable[RecipeEntry]:
    from personalize_mock.recipes.registry import RECIPES

    found = (catalogue.recipe(f"arn:aws:personalize:::recipe/{name}") for name in RECIPES)
    return (each for each in found if each is not None)


def _searched(
    recipe: RecipeEntry, prepared: "TrainingJob", trials: "Trials", hpo: Config, *, most: int
) -> "tuple[SelectedModel, FittedModel]":
    from personalize_mock.training.hpo import best

    held = prepared.request.config.get("algorithmHyperParameters", {})
    start = _start(recipe, held)
    found = {**start, **best(trials, ranges(recipe, hpo, held), start=start, most=most)}
    trained = prepared.fit({**prepared.request.hyperparameters, **found})
    return SelectedModel(recipe_arn=recipe.recipe_arn, hyperparameters=found if recipe.hpo else None), trained


def _prepared(candidates: Iterable[RecipeEntry], prepare: Prepare) -> "list[tuple[RecipeEntry, TrainingJob]]":
    """The candidates for which there are data."""
    from personalize_mock.recipes.base import TrainingFailed

    found, failures = [], []
    for recipe in candidates:
        try:
            found.append((recipe, prepare(recipe)))
        except TrainingFailed as failure:  # noqa: PERF203  three candidates at most
            failures.append(failure)
    if not found:
        raise failures[0]
    return found


def _start(recipe: RecipeEntry, held: Mapping[str, str]) -> dict[str, str]:
    """The algorithm's hyperparameters without a search: those that were sent, and defaults."""
    return {**{name: str(each.default) for name, each in recipe.parameters("algorithm").items()}, **held}


def _range(parameter: Hyperparameter, entry: Config) -> "Range":
    from personalize_mock.training.hpo import Choices, Integers, Reals

    if parameter.type not in ("integer", "float"):
        return Choices(name=parameter.name, values=tuple(entry.get("values") or parameter.values))
    low, high = entry.get("minValue", parameter.minimum), entry.get("maxValue", parameter.maximum)
    assert low is not None  # noqa: S101  # all that can be tuned is bounded
    assert high is not None  # noqa: S101  # the same
    if parameter.type == "integer":
        return Integers(name=parameter.name, low=int(low), high=int(high))
    return Reals(name=parameter.name, low=low, high=high)


def _most(hpo: Config) -> int:
    return int(hpo.get("hpoResourceConfig", {}).get("maxNumberOfTrainingJobs", TRIALS))
