"""Training with a cache of fitted models that is shared by all mocks in a process.

A model is reused if the data, schemas, recipes, configuration, seed and minimum amounts of data are the same, and for
recipes that depend on time also the time. The versions of libraries need no check, because they cannot change within a
process.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from personalize_mock.content_cache import cached, digest
from personalize_mock.resources import model_selection
from personalize_mock.resources.catalogue import RecipeEntry
from personalize_mock.resources.training_inputs import TrainingSettings, prepare_jobs, training_request
from personalize_mock.simulation import Store

if TYPE_CHECKING:
    from personalize_mock.recipes.base import Model
    from personalize_mock.resources.model_selection import SelectedModel
    from personalize_mock.training.dataset import TrainingDatasets
    from personalize_mock.training.fit import FittedModel, TrainingJob
    from personalize_mock.training.request import TrainingRequest

Config = Mapping[str, Any]


def train(
    store: Store,
    recipes: Sequence[RecipeEntry],
    settings: TrainingSettings,
    datasets: "TrainingDatasets",
    *,
    hpo: Config | None = None,
    auto_ml: Config | None = None,
) -> "tuple[SelectedModel, FittedModel]":
    """Fit a model, or return a cached model that was fitted to the same data with the same settings.

    Args:
        store: The resources of one account and region.
        recipes: The recipes to train: one, or several with AutoML.
        settings: The settings of the solution version or recommender.
        datasets: The data by dataset type.
        hpo: The hpoConfig, or None without HPO.
        auto_ml: The autoMLConfig, or None without AutoML.

    Raises:
        TrainingFailed: No recipe has enough data.
    """
    requests = {recipe.name: training_request(store, recipe, settings) for recipe in recipes}

    def fit() -> "tuple[SelectedModel, FittedModel]":
        jobs = prepare_jobs(store, recipes, settings, datasets)
        if store.options.reuse:
            jobs = [(recipe, _keeping(job, tables)) for recipe, job in jobs]
        selected, fitted_model = model_selection.select_model(jobs, hpo=hpo, auto_ml=auto_ml)
        request = _without_store(fitted_model.request)
        return selected, replace(fitted_model, request=request, training_request=request)

    key, tables = None, list[bytes | str]()
    if store.options.reuse:
        parts = [repr(_without_store(request)) for request in requests.values()]
        tables = [part for name, data in datasets.items() for part in (name, repr(data.schema), data.table.digest)]
        key = digest("training", repr((hpo, auto_ml)), str(len(parts)), *parts, *tables)
    selected, fitted_model = cached(key, fit, reuse=store.options.reuse)
    request = requests[fitted_model.request.recipe]
    data, metrics = replace(fitted_model.data, now=request.now), dict(fitted_model.metrics)
    return selected, replace(fitted_model, request=request, training_request=request, data=data, metrics=metrics)


def _keeping(job: "TrainingJob", tables: Sequence[bytes | str]) -> "TrainingJob":
    """Return a copy of a training job that looks up its model in a cache, and fits a model only if none is there.

    The optimizationObjective of a solution does not affect fitting, so jobs that differ only in it share a model.

    Args:
        job: The training job.
        tables: The name, the schema and the digest of each dataset. They are part of the cache key.
    """
    request = replace(job.request, config=replace(job.request.config, objective=None))

    def keep(hyperparameters: Mapping[str, str], fit: "Callable[[], Model]") -> "Model":
        config = repr(sorted(hyperparameters.items()))
        return cached(digest("fit", repr(_without_store(request)), config, *tables), fit, reuse=True)

    return replace(job, keep=keep)


def _without_store(request: "TrainingRequest") -> "TrainingRequest":
    """Return a copy of a training request without the values that do not affect the model.

    These are the values that identify the current data (the training data is compared separately) and, unless the
    recipe depends on time, the current time.
    """
    from personalize_mock.recipes.registry import RECIPES

    now = request.now if RECIPES[request.recipe].depends_on_time else 0.0
    return replace(request, now=now, put_count=0, data_version={}, imports=())
