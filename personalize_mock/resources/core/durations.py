"""How long the service takes, in seconds: observed on the real service unless said otherwise, and overridable.

A key is a kind of resource as in its ARN, with `.delete`, `.update`, `.stop` or `.start` for what is not its creation,
and for solution versions and recommenders with the recipe: `solution-version:aws-sims`. The most specific key that
the user gave wins, then the most specific key here.
"""

from collections.abc import Mapping
from math import inf

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.resources import catalogue
from personalize_mock.resources.core.resource import Resource
from personalize_mock.simulation import Store

MINUTE = 60.0

OBSERVED: Mapping[str, float] = {
    "dataset-group": 28.0,
    "dataset-group.delete": MINUTE,
    "dataset": 30.0,
    "dataset.delete": 40.0,
    "dataset.update": 108.0,
    "dataset-import-job": 5 * MINUTE,
    "dataset-export-job": 5 * MINUTE,  # ours: not observed
    "data-deletion-job": 60 * MINUTE,  # ours; documented: up to a day
    "batch-inference-job": 13 * MINUTE,
    "batch-segment-job": 8 * MINUTE,
    "event-tracker": 30.0,
    "event-tracker.delete": 30.0,  # ours: not observed
    "filter": MINUTE,
    "filter.delete": MINUTE,  # ours: not observed
    "metric-attribution": MINUTE,  # ours: not observed
    "metric-attribution.delete": MINUTE,  # ours: not observed
    "solution": 0.0,
    "solution.delete": 50.0,
    "solution.update": 3 * MINUTE,  # observed: a few minutes
    "solution-version": 40 * MINUTE,
    "solution-version.stop": MINUTE,  # ours: not observed
    "solution-version:aws-user-personalization": 20 * MINUTE + 8,
    "solution-version:aws-hrnn": 56 * MINUTE,
    "solution-version:aws-hrnn-coldstart": 70 * MINUTE,
    "solution-version:aws-hrnn-metadata": 147 * MINUTE,
    "solution-version:aws-sims": 37 * MINUTE + 3,
    "solution-version:aws-personalized-ranking": 40 * MINUTE + 37,
    "solution-version:aws-similar-items": 42 * MINUTE,
    "solution-version:aws-item-affinity": 32 * MINUTE,
    "solution-version:aws-item-attribute-affinity": 39 * MINUTE + 31,
    "campaign": 10 * MINUTE,
    "campaign.update": 10 * MINUTE,
    "campaign.delete": 16 * MINUTE,
    "recommender": 40 * MINUTE,  # ours for the recipes without a line of their own
    "recommender:aws-ecomm-customers-who-viewed-x-also-viewed": 32 * MINUTE,
    "recommender:aws-ecomm-recommended-for-you": 58 * MINUTE,
    "recommender:aws-vod-more-like-x": 44 * MINUTE,
    "recommender:aws-vod-top-picks": 43 * MINUTE,
    "recommender.update": 13 * MINUTE,
    "recommender.delete": 18 * MINUTE,
    "recommender.stop": 5 * MINUTE,  # ours: not observed
    "recommender.start": 5 * MINUTE,  # ours: not observed
}


def duration(store: Store, resource: Resource, lifecycle: str, *, stages: int) -> float:
    """Seconds from the first to the last stage of a lifecycle of a resource."""
    transition = store.simulation.environment.transition(resource.ARN_TYPE) or {}
    if transition.get("progression") == "immediate":
        return 0.0
    if transition.get("progression") == "time":
        return float(transition.get("seconds", 0)) * (stages - 1)
    suffix = "" if lifecycle == "create" else f".{lifecycle}"
    keys = [f"{resource.ARN_TYPE}{suffix}:{resource.recipe_name}", f"{resource.ARN_TYPE}{suffix}"]
    for table in (store.options.durations, OBSERVED):
        for key in keys:
            if key in table:
                return float(table[key])
    return 0.0


def check(durations: Mapping[str, float]) -> None:
    """Refuses durations that no resource has.

    Raises:
        PersonalizeMockError: a key or a recipe is unknown, or a duration is none.
    """
    for key, seconds in durations.items():
        kind, of_recipe, recipe = str(key).partition(":")
        if kind not in OBSERVED:
            known = ", ".join(sorted(key for key in OBSERVED if ":" not in key))
            raise PersonalizeMockError(f"durations= has no {key!r}; write one of {known}.")
        if of_recipe:
            _check_recipe(key, kind, recipe)
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds < inf:
            raise PersonalizeMockError(
                f"durations={{{key!r}: {seconds!r}}}: a duration is a number of seconds from 0 on."
            )


def _check_recipe(key: str, kind: str, recipe: str) -> None:
    trained = kind.partition(".")[0]
    if trained not in ("solution-version", "recommender"):
        raise PersonalizeMockError(
            f"durations= has no {key!r}: {kind} takes as long with every recipe. Write {kind!r}."
        )
    of_domain = trained == "recommender"
    found = catalogue.recipe(f"arn:aws:personalize:::recipe/{recipe}")
    if found is None or (found.domain is not None) != of_domain:
        known = [each.name for each in catalogue.recipes() if (each.domain is not None) == of_domain]
        raise PersonalizeMockError(f"durations= has no {key!r}; after {kind}: write one of {', '.join(known)}.")
