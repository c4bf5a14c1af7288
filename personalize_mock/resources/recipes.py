"""Operations that list and describe recipes, and describe algorithms and feature transformations."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any, TypeVar

from personalize_mock.resources import catalogue
from personalize_mock.resources.core import messages
from personalize_mock.resources.core.crud import paginate
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import ResourceNotFoundException
from personalize_mock.wire.registry import handler

_Entry = TypeVar("_Entry")

# Recorded 2024-06: without maxResults, the first page has 12 recipes and a nextToken.
FIRST_PAGE = 12


def find_recipe(arn: str) -> catalogue.RecipeEntry:
    """Return the recipe with the given ARN, or raise ResourceNotFoundException."""
    return _existing(catalogue.recipe(arn), "recipe", arn)


@handler
def describe_recipe(store: Store, *, recipe_arn: str) -> Mapping[str, Any]:
    """Answer a DescribeRecipe request with the entry of the recipe in the catalogue."""
    del store
    return {"recipe": find_recipe(recipe_arn)}


@handler
def list_recipes(
    store: Store,
    *,
    recipe_provider: str = "SERVICE",
    domain: str | None = None,
    next_token: str | None = None,
    max_results: int = FIRST_PAGE,
) -> Mapping[str, Any]:
    """Answer a ListRecipes request.

    If the request contains a domain, recipes of other domains are removed from each page. A page can therefore contain
    fewer recipes than maxResults, as recorded on the real service in June 2024.
    """
    scope = {"recipeProvider": recipe_provider, "domain": domain}
    listed = list(enumerate(catalogue.recipes(store.partition)))
    page = paginate(store, "recipes", listed, scope, next_token=next_token, limit=max_results, number=itemgetter(0))
    return {**page, "recipes": [entry for _, entry in page["recipes"] if domain in (None, entry.domain)]}


@handler
def describe_algorithm(store: Store, *, algorithm_arn: str) -> Mapping[str, Any]:
    """Answer a DescribeAlgorithm request. An algorithm has the hyperparameters of the recipes that use it."""
    del store
    return {"algorithm": _existing(catalogue.algorithm(algorithm_arn), "algorithm", algorithm_arn)}


@handler
def describe_feature_transformation(store: Store, *, feature_transformation_arn: str) -> Mapping[str, Any]:
    """Answer a DescribeFeatureTransformation request, with default parameters from the recipes that use it."""
    del store
    transformation = catalogue.feature_transformation(feature_transformation_arn)
    return {"featureTransformation": _existing(transformation, "feature transformation", feature_transformation_arn)}


def _existing(entry: _Entry | None, label: str, arn: str) -> _Entry:
    if entry is None:
        raise ResourceNotFoundException(messages.not_found(label, arn))
    return entry
