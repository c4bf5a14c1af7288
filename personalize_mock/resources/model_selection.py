"""Selection of the best hyperparameters (performHPO) and of the best recipe (performAutoML).

AutoML compares recipes with their default hyperparameters and then tunes the best recipe. It uses only the autoMLConfig
of the solutionConfig (botocore model, `CreateSolutionRequest`). The default numbers of trials are the mock's own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from personalize_mock.progress import logger
from personalize_mock.resources import catalogue
from personalize_mock.resources.catalogue import Hyperparameter, RecipeEntry
from personalize_mock.resources.recipes import find_recipe
from personalize_mock.timing.stopwatch import Stopwatch

if TYPE_CHECKING:
    from personalize_mock.training.fit import FittedModel, TrainingJob
    from personalize_mock.training.hpo import Range, Trials

Config = Mapping[str, Any]

AUTO_ML_METRIC = "precision_at_25"  # recorded 2019-07
TRIALS = 10
AUTO_ML_TRIALS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectedModel:
    """The recipe and hyperparameters chosen for a solution version.

    Responses show them once the training has succeeded.

    Attributes:
        recipe_arn: The ARN of the recipe.
        hyperparameters: The tuned hyperparameters of the algorithm. None if nothing was tuned.
    """

    recipe_arn: str
    hyperparameters: Mapping[str, str] | None = None


def candidate_recipes(recipe_arn: str | None, config: Config | None) -> list[RecipeEntry]:
    """Return the recipes to train: the recipe of the solution or, with AutoML, the recipes to compare.

    AutoML compares the recipes in its configuration, or by default all recipes that support AutoML and that the mock
    implements.

    Args:
        recipe_arn: The ARN of the solution's recipe. None with AutoML.
        config: The solutionConfig.
    """
    if recipe_arn is not None:
        return [find_recipe(recipe_arn)]
    arns = (config or {}).get("autoMLConfig", {}).get("recipeList")
    return [find_recipe(arn) for arn in arns] if arns else [recipe for recipe in _implemented() if recipe.auto_ml]


def complete_config(config: Config | None) -> Config:
    """Return a copy of a solutionConfig for AutoML with the metric and the list of recipes filled in.

    Responses of the service contain both even if the request did not (recorded 2019-07).
    """
    recipes = [recipe.recipe_arn for recipe in candidate_recipes(None, config)]
    sent = (config or {}).get("autoMLConfig", {})
    complete = {"metricName": sent.get("metricName") or AUTO_ML_METRIC, "recipeList": recipes}
    return {**(config or {}), "autoMLConfig": complete}


def select_model(
    jobs: "Sequence[tuple[RecipeEntry, TrainingJob]]", *, hpo: Config | None = None, auto_ml: Config | None = None
) -> "tuple[SelectedModel, FittedModel]":
    """Fit a model after selecting the recipe (AutoML) or tuning the hyperparameters (HPO), if requested.

    Args:
        jobs: Pairs of a recipe and its training job: one pair, or several with AutoML.
        hpo: The hpoConfig, or None without HPO.
        auto_ml: The autoMLConfig, or None without AutoML.
    """
    watch = Stopwatch()
    selected, fitted_model = _select(jobs, hpo, auto_ml)
    count, recipe = len(fitted_model.interactions), fitted_model.request.recipe
    logger.info("trained %s on %s interactions in %.2f s", recipe, count, watch.seconds())
    return selected, fitted_model


def ranges(recipe: RecipeEntry, hpo: Config, fixed: Mapping[str, str]) -> "list[Range]":
    """Return the ranges of hyperparameters that HPO searches.

    If the hpoConfig contains ranges, they are used. If not, HPO searches the default ranges of all tunable
    hyperparameters without a fixed value.

    Args:
        recipe: The recipe whose hyperparameters are tuned.
        hpo: The hpoConfig.
        fixed: The hyperparameters that have a value in the solutionConfig.
    """
    sent = hpo.get("algorithmHyperParameterRanges", {})
    entries = [entry for member in sent.values() for entry in member]
    if entries:
        by_name = {name: each for each in recipe.hyperparameters for name in (each.name, each.describe_hpo_name)}
        return [_range(by_name[entry["name"]], entry) for entry in entries]
    tunable = (parameter for parameter in recipe.parameters("algorithm").values() if parameter.tunable)
    return [_range(parameter, {}) for parameter in tunable if parameter.name not in fixed]


def _select(
    jobs: "Sequence[tuple[RecipeEntry, TrainingJob]]", hpo: Config | None, auto_ml: Config | None
) -> "tuple[SelectedModel, FittedModel]":
    from personalize_mock.training.hpo import Trials

    if auto_ml is not None:
        return _best_recipe(jobs, auto_ml)
    [(recipe, job)] = jobs
    if hpo is not None:
        return _tuned(recipe, job, Trials.from_job(job), hpo, max_trials=_max_trials(hpo))
    return SelectedModel(recipe_arn=recipe.recipe_arn), job.fit(job.request.config.hyperparameters)


def _implemented() -> Iterable[RecipeEntry]:
    from personalize_mock.recipes.registry import RECIPES

    entries = (catalogue.recipe(f"arn:aws:personalize:::recipe/{name}") for name in RECIPES)
    return (entry for entry in entries if entry is not None)


def _best_recipe(
    jobs: "Sequence[tuple[RecipeEntry, TrainingJob]]", auto_ml: Config
) -> "tuple[SelectedModel, FittedModel]":
    from personalize_mock.training.hpo import Trials

    entries = [(recipe, job, Trials.from_job(job, metric=auto_ml.get("metricName"))) for recipe, job in jobs]
    recipe, job, trials = max(entries, key=lambda entry: entry[2].result(_defaults(entry[0])))
    return _tuned(recipe, job, trials, {}, max_trials=AUTO_ML_TRIALS)


def _tuned(
    recipe: RecipeEntry, job: "TrainingJob", trials: "Trials", hpo: Config, *, max_trials: int
) -> "tuple[SelectedModel, FittedModel]":
    from personalize_mock.training.hpo import best_hyperparameters

    fixed = job.request.config.algorithm_hyperparameters
    start = {**_defaults(recipe), **fixed}
    best = best_hyperparameters(trials, ranges(recipe, hpo, fixed), start=start, max_trials=max_trials)
    tuned = {**start, **best}
    selected = SelectedModel(recipe_arn=recipe.recipe_arn, hyperparameters=tuned if recipe.hpo else None)
    return selected, job.fit({**job.request.config.hyperparameters, **tuned})


def _defaults(recipe: RecipeEntry) -> dict[str, str]:
    return {name: str(parameter.default) for name, parameter in recipe.parameters("algorithm").items()}


def _range(parameter: Hyperparameter, entry: Config) -> "Range":
    from personalize_mock.training.hpo import CategoricalRange, FloatRange, IntegerRange

    if parameter.type not in ("integer", "float"):
        return CategoricalRange(name=parameter.name, values=tuple(entry.get("values") or parameter.values))
    low, high = entry.get("minValue", parameter.minimum), entry.get("maxValue", parameter.maximum)
    assert low is not None  # noqa: S101  # every tunable numeric hyperparameter has bounds
    assert high is not None  # noqa: S101  # as above
    if parameter.type == "integer":
        return IntegerRange(name=parameter.name, low=int(low), high=int(high))
    return FloatRange(name=parameter.name, low=low, high=high)


def _max_trials(hpo: Config) -> int:
    return int(hpo.get("hpoResourceConfig", {}).get("maxNumberOfTrainingJobs", TRIALS))
