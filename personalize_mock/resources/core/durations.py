"""Durations, in seconds, of the creation, update and deletion of resources and of other transitions.

Unless marked otherwise, the values were measured on the real service by notebooks whose output was saved between 2019
and 2024.

A key is a resource type as it appears in ARNs, such as `campaign`, and gives the duration of the creation. The suffixes
`.delete`, `.update`, `.stop` and `.start` denote other transitions. Solution versions and recommenders can have a
duration for each recipe, with a key such as `solution-version:aws-sims`. The key `solution-version:performAutoML`
applies to solution versions trained with performAutoML. A key with a recipe takes precedence over the key without one.
All keys of the mock's option `durations` take precedence over the values in this module.
"""

from collections.abc import Mapping

from personalize_mock.exceptions import PersonalizeMockError, did_you_mean
from personalize_mock.resources import catalogue
from personalize_mock.resources.core.resource import Resource
from personalize_mock.simulation import Store

MINUTE = 60.0
LONGEST = 1e9  # seconds, 31 years; ours
AUTO_ML = "performAutoML"  # takes the place of a recipe in keys

DURATIONS: Mapping[str, float] = {
    "dataset-group": 28.0,
    "dataset-group.delete": MINUTE,
    "dataset": 30.0,
    "dataset.delete": 40.0,
    "dataset.update": 108.0,
    "dataset-import-job": 5 * MINUTE,
    "dataset-export-job": 5 * MINUTE,  # ours
    "data-deletion-job": 60 * MINUTE,  # ours; documented: up to a day
    "batch-inference-job": 13 * MINUTE,
    "batch-segment-job": 8 * MINUTE,
    "event-tracker": 30.0,
    "event-tracker.delete": 30.0,  # ours
    "filter": MINUTE,
    "filter.delete": MINUTE,  # ours
    "metric-attribution": MINUTE,  # ours
    "metric-attribution.delete": MINUTE,  # ours
    "solution": 0.0,
    "solution.delete": 50.0,
    "solution.update": 3 * MINUTE,  # recorded: a few minutes
    "solution-version": 40 * MINUTE,
    "solution-version.stop": MINUTE,  # ours
    "solution-version:performAutoML": 96 * MINUTE,
    "solution-version:aws-user-personalization": 20 * MINUTE + 8,
    "solution-version:aws-hrnn": 56 * MINUTE,
    "solution-version:aws-hrnn-coldstart": 70 * MINUTE,
    "solution-version:aws-hrnn-metadata": 147 * MINUTE,
    "solution-version:aws-sims": 17 * MINUTE + 17,
    "solution-version:aws-personalized-ranking": 40 * MINUTE + 37,
    "solution-version:aws-similar-items": 42 * MINUTE,
    "solution-version:aws-item-affinity": 32 * MINUTE,
    "solution-version:aws-item-attribute-affinity": 39 * MINUTE + 31,
    "campaign": 10 * MINUTE,
    "campaign.update": 10 * MINUTE,
    "campaign.delete": 16 * MINUTE,
    "recommender": 40 * MINUTE,  # ours
    "recommender:aws-ecomm-customers-who-viewed-x-also-viewed": 32 * MINUTE,
    "recommender:aws-ecomm-recommended-for-you": 58 * MINUTE,
    "recommender:aws-vod-more-like-x": 44 * MINUTE,
    "recommender:aws-vod-top-picks": 43 * MINUTE,
    "recommender.update": 13 * MINUTE,
    "recommender.delete": 18 * MINUTE,
    "recommender.stop": 5 * MINUTE,  # ours
    "recommender.start": 5 * MINUTE,  # ours
}


def duration(store: Store, resource: Resource, lifecycle: str, *, stages: int) -> float:
    """Return the number of seconds that a resource takes from the first to the last stage of a lifecycle.

    A transition that was set in moto's state manager takes precedence over all other durations. Its seconds apply to
    each stage, so the result depends on the number of stages.

    Args:
        store: The resources of one account and region.
        resource: The resource that goes through the lifecycle.
        lifecycle: The name of the lifecycle, such as `create` or `delete`.
        stages: The number of stages in the lifecycle.
    """
    transition = store.simulation.environment.transition(resource.ARN_TYPE) or {}
    if transition.get("progression") == "immediate":
        return 0.0
    if transition.get("progression") == "time":
        return float(transition.get("seconds", 0)) * (stages - 1)
    keys = _keys(resource, lifecycle)
    seconds = _first(store.options.durations, keys)
    return seconds if seconds is not None else _first(DURATIONS, keys) or 0.0


def usual_duration(resource: Resource) -> float:
    """Return the number of seconds that the creation of a resource takes by default, without the mock's options."""
    return _first(DURATIONS, _keys(resource, "create")) or 0.0


def _keys(resource: Resource, lifecycle: str) -> list[str]:
    suffix = "" if lifecycle == "create" else f".{lifecycle}"
    return [f"{resource.ARN_TYPE}{suffix}:{resource.recipe_name}", f"{resource.ARN_TYPE}{suffix}"]


def _first(table: Mapping[str, float], keys: list[str]) -> float | None:
    return next((float(table[key]) for key in keys if key in table), None)


def check(durations: Mapping[str, float]) -> None:
    """Validate the mock's option `durations`.

    Raises:
        PersonalizeMockError: A resource type or recipe is unknown, or a duration is not a number from 0 to 1e9.
    """
    for key, seconds in durations.items():
        name, colon, recipe_name = str(key).partition(":")
        if name not in DURATIONS:
            hint = did_you_mean(name, sorted(key for key in DURATIONS if ":" not in key))
            raise PersonalizeMockError(f"durations={{{key!r}: {seconds!r}}}: unknown resource type {name!r}. {hint}")
        if colon:
            _check_recipe(key, name, recipe_name)
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds <= LONGEST:
            raise PersonalizeMockError(
                f"durations={{{key!r}: {seconds!r}}}: a duration must be a number of seconds, 0 or more and "
                f"at most {LONGEST:g}."
            )


def _check_recipe(key: str, name: str, recipe_name: str) -> None:
    arn_type = name.partition(".")[0]
    if arn_type not in ("solution-version", "recommender"):
        raise PersonalizeMockError(
            f"durations={{{key!r}: ...}}: the duration of {name!r} is the same for all recipes. Write {name!r}, "
            "without a recipe."
        )
    if (arn_type, recipe_name) == ("solution-version", AUTO_ML):
        return
    for_domains = arn_type == "recommender"
    recipe = catalogue.recipe(f"arn:aws:personalize:::recipe/{recipe_name}")
    if recipe is None or (recipe.domain is not None) != for_domains:
        names = [recipe.name for recipe in catalogue.recipes() if (recipe.domain is not None) == for_domains]
        hint = did_you_mean(recipe_name, names)
        raise PersonalizeMockError(
            f"durations={{{key!r}: ...}}: there is no recipe {recipe_name!r} for a {arn_type.replace('-', ' ')}. {hint}"
        )
