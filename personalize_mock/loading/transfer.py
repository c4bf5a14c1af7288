"""Conversion of the result of `mock.load` to JSON and back, to send it from a server to a client."""

from collections.abc import Mapping
from typing import Any

from personalize_mock.loading.loaded import ByName, Call, LoadedData
from personalize_mock.resources import catalogue

_BY_NAME = ("dataset_arns", "schema_arns", "schemas", "recommender_arns", "filter_arns", "metrics")


def loaded_as_json(loaded: LoadedData) -> dict[str, Any]:
    """Convert a result of `mock.load` to JSON types.

    The keys are the names of its attributes. The additional key `recipes` has the names of the recipes in use.
    """
    state = vars(loaded)
    by_name = {name: dict(state[name]) for name in _BY_NAME}
    recipes = {name: recipe.name for name, recipe in state["_recipes"].items()}
    return {"name": loaded.name, **state["_arns"], **by_name, "recipes": recipes}


def loaded_from_json(document: Mapping[str, Any], call: Call) -> LoadedData:
    """Convert JSON back to a result of `mock.load`. This is the reverse of `loaded_as_json`.

    Args:
        document: The value that `loaded_as_json` has returned.
        call: Function that calls an operation in the account and region of the resources.
    """
    recipes = {
        key: catalogue.recipe(f"arn:aws:personalize:::recipe/{name}") for key, name in document["recipes"].items()
    }
    return LoadedData(
        name=document["name"],
        dataset_group_arn=document["dataset_group_arn"],
        **{name: ByName(name, document[name]) for name in _BY_NAME},
        _arns={name: value for name, value in document.items() if isinstance(value, str) and name != "name"},
        _recipes={key: recipe for key, recipe in recipes.items() if recipe is not None},
        _call=call,
    )
