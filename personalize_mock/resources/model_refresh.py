"""Refreshes of deployed models. A refresh adds new items and events to a model without training it again.

Only events sent by PutEvents are added. Imported interactions affect the model when it is next trained. Source:
developer guide, "Use case and recipe features", "Semantic-Similarity recipe", "Trending-Now recipe" and "How new data
influences real-time recommendations" (2025).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from personalize_mock.resources.catalogue import RecipeEntry
from personalize_mock.resources.training_inputs import TrainingSettings, has_new_data, read_datasets, training_request
from personalize_mock.simulation import Store

if TYPE_CHECKING:
    from personalize_mock.training.fit import FittedModel

# In seconds.
AUTO_UPDATE = 2 * 3600.0
INCREMENTAL_UPDATE = 1800.0
TRENDING = ("aws-trending-now", "aws-vod-trending-now")  # these models change with time, even without new data


def refresh_interval(recipe: RecipeEntry, config: Mapping[str, Any]) -> float | None:
    """Return the number of seconds between two refreshes of a deployed model, or None if it is never refreshed.

    Args:
        recipe: The recipe of the model.
        config: The solutionConfig or recommenderConfig.
    """
    if recipe.auto_update:
        return AUTO_UPDATE
    if recipe.perform_incremental_update:
        return INCREMENTAL_UPDATE
    if recipe.name in TRENDING:
        from personalize_mock.recipes.popular import trending_now

        return min(AUTO_UPDATE, trending_now.refresh_interval(config.get("featureTransformationParameters", {})))
    return None


def refreshed_model(
    store: Store, recipe: RecipeEntry, settings: TrainingSettings, fitted_model: "FittedModel"
) -> "FittedModel":
    """Return a model updated with the data that arrived since its latest refresh or training.

    If no data arrived, `fitted_model` itself is returned, except that a model for a Trending-Now recipe is updated
    to the current time. If all interactions have been deleted, the model is not changed.

    Args:
        store: The resources of one account and region.
        recipe: The recipe of the model.
        settings: The training settings of the solution version or recommender that the model belongs to.
        fitted_model: The current model.
    """
    from personalize_mock.recipes.base import TrainingFailed
    from personalize_mock.training.fit import at_time, update_model

    group_arn, previous = settings.dataset_group_arn, fitted_model.request
    if not has_new_data(store, group_arn, since=previous.data_version):
        return at_time(fitted_model, now=store.clock.timestamp()) if recipe.name in TRENDING else fitted_model
    request = replace(training_request(store, recipe, settings), imports=previous.imports)
    try:
        datasets = read_datasets(store, group_arn, [recipe], imports=previous.imports)
        return update_model(fitted_model, request, datasets)
    except TrainingFailed:
        return replace(fitted_model, request=replace(previous, data_version=request.data_version))
