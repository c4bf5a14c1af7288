"""What the service brings along: DescribeRecipe, ListRecipes, DescribeAlgorithm, DescribeFeatureTransformation."""

from collections.abc import Mapping
from typing import Any, TypeVar

from personalize_mock.resources import catalogue
from personalize_mock.resources.core import messages
from personalize_mock.resources.core.crud import paginate
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import ResourceNotFoundException
from personalize_mock.wire.registry import handler

_Entry = TypeVar("_Entry")

# Recorded: without maxResults the first page is short, and clients ask for the second one straight away.
FIRST_PAGE = 12


def find_recipe(arn: str) -> catalogue.RecipeEntry:
    """The recipe of an ARN.

    Raises:
        ResourceNotFoundException: there is none.
    """
    return _found(catalogue.recipe(arn), "recipe", arn)


@handler
def describe_recipe(store: Store, *, recipe_arn: str) -> Mapping[str, Any]:
    """DescribeRecipe."""
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
    """ListRecipes: all, or those of a domain; as recorded, a page is cut before the domain is looked at."""
    scope = {"recipeProvider": recipe_provider, "domain": domain}
    listed = enumerate(catalogue.recipes(store.partition))
    page = paginate(store, "recipes", listed, scope, next_token=next_token, limit=max_results)
    return {**page, "recipes": [entry for entry in page["recipes"] if domain in (None, entry.domain)]}


@handler
def describe_algorithm(store: Store, *, algorithm_arn: str) -> Mapping[str, Any]:
    """DescribeAlgorithm."""
    del store
    return {"algorithm": _found(catalogue.algorithm(algorithm_arn), "algorithm", algorithm_arn)}


@handler
def describe_feature_transformation(store: Store, *, feature_transformation_arn: str) -> Mapping[str, Any]:
    """DescribeFeatureTransformation."""
    del store
    found = catalogue.feature_transformation(feature_transformation_arn)
    return {"featureTransformation": _found(found, "feature transformation", feature_transformation_arn)}


def _found(entry: _Entry | None, kind: str, arn: str) -> _Entry:
    if entry is None:
        raise ResourceNotFoundException(messages.not_found(kind, arn))
    return entry
