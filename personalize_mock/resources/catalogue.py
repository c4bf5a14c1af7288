"""The recipes, algorithms and feature transformations that the service brings along.

The data is `catalogue.json`, one object a recipe in the order of ListRecipes, read on first use. Algorithms
and feature transformations are made from the recipes that name them, so that no default stands twice.

Evidence: names, hyperparameters, ranges and features are documented, dates recorded (but the launch day for
aws-semantic-similarity, and the update of aws-hrnn and its kin, which is given the date of creation).
DescribeRecipe, DescribeAlgorithm and DescribeFeatureTransformation were never recorded, so these are ours:
the descriptions, `Algorithm.algorithm_image`, `.default_resource_config` and `.training_input_mode`, and the
dates of algorithms and transformations, taken from the recipes. What is unknown and needed by nobody stays
None, as the type and the algorithm of the domains' recipes.

`eq=False` spares a third of the import: entries are compared by identity, and there is one of each.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

_ARN = re.compile(r"arn:(?P<partition>aws[a-z-]*):personalize:::(?P<kind>[a-z-]+)/(?P<name>[\w-]+)")

Kind = Literal["algorithm", "featurization", "campaign"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hyperparameter:
    """One setting of a recipe.

    Attributes:
        name: The key on the wire; of a campaign the guide's name (`exploration_weight` is explorationWeight).
        type: How its text is to be read.
        default: A number, or text where the type is categorical or string; `str(default)` is what travels.
        minimum: The smallest value allowed, None if unbounded.
        maximum: The largest value allowed, None if unbounded.
        values: All that is allowed, as it travels; empty for numbers.
        tunable: Whether hyperparameter optimization may search it.
        hpo_only: Whether nothing else may set it.
        kind: Which map it belongs to: algorithmHyperParameters, featureTransformationParameters or, of a
            campaign, itemExplorationConfig.
        describe_hpo_name: Its name in the ranges that DescribeSolution shows.
    """

    name: str
    type: Literal["integer", "float", "categorical", "string"]
    default: float | str
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] = ()
    tunable: bool = False
    hpo_only: bool = False
    kind: Kind
    describe_hpo_name: str


class Capability:
    """A feature of the service: read from a recipe, whether it works with that recipe."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, entry: "RecipeEntry", owner: type | None = None) -> bool:
        return self.name in entry.features


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecipeEntry:
    """A recipe: what DescribeRecipe answers, what it needs, and what may be asked of it.

    Attributes:
        generation: "legacy" recipes can be used but have a successor; "domain" ones belong to recommenders.
        title: The use case's name in the guide, for recipes of a domain.
        listed: Whether ListRecipes shows it.
        creation_date_time: Epoch seconds, as all dates here.
        required_datasets: Dataset types as they stand in ARNs.
        operation: The runtime operation that serves it; None if only batch jobs do.
        required_ids: Members that the operation must be given; a filter that speaks of the current user needs
            `userId` too.
        automatic_filter_event: Items to which the user has an event of this type are never recommended.
        required_event_type: Trains on these events only.
        minimum_interactions: Fewer (after filtering by event) fail the training.
        max_queries_per_input_file: Of a batch segment job.
        metadata_with_recommendations: Whether item metadata comes along "always-on", by "opt-in" of the
            campaign, or never.
        features: What the attributes below are read from.
    """

    name: str
    recipe_arn: str
    algorithm_arn: str | None = None
    feature_transformation_arn: str | None = None
    status: str = "ACTIVE"
    description: str
    creation_date_time: float
    recipe_type: str | None = None
    last_updated_date_time: float
    domain: str | None = None
    generation: Literal["current", "legacy", "domain"]
    title: str | None = None
    listed: bool = True
    required_datasets: tuple[str, ...]
    optional_datasets: tuple[str, ...]
    operation: str | None = None
    required_ids: tuple[str, ...]
    automatic_filter_event: str | None = None
    required_event_type: str | None = None
    minimum_interactions: int = 1000
    max_items: int | None = None
    max_actions: int | None = None
    max_queries_per_input_file: int | None = None
    metadata_with_recommendations: Literal["opt-in", "always-on"] | None = None
    hyperparameters: tuple[Hyperparameter, ...]
    features: frozenset[str]

    auto_ml = Capability()
    auto_update = Capability()
    batch_inference = Capability()
    batch_segment = Capability()
    batch_themes = Capability()
    campaign = Capability()
    contextual_metadata = Capability()
    event_type_filter = Capability()
    event_value_threshold = Capability()
    events_config = Capability()
    exploration = Capability()
    hpo = Capability()
    impressions = Capability()
    item_exploration_config = Capability()
    optimization_objective = Capability()
    perform_auto_training = Capability()
    perform_incremental_update = Capability()
    promotions = Capability()
    ranking_influence = Capability()
    realtime_personalization = Capability()
    training_data_config = Capability()
    training_mode_update = Capability()
    uses_item_metadata = Capability()
    uses_user_metadata = Capability()

    def parameters(self, kind: Kind) -> dict[str, Hyperparameter]:
        """The hyperparameters of one map on the wire, by name."""
        return {each.name: each for each in self.hyperparameters if each.kind == kind}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Algorithm:
    """What a recipe trains with, as DescribeAlgorithm answers; the role is never known."""

    name: str
    algorithm_arn: str
    hyperparameters: tuple[Hyperparameter, ...]
    training_input_mode: str = "File"
    role_arn: str | None = None
    creation_date_time: float
    last_updated_date_time: float

    @property
    def algorithm_image(self) -> dict[str, str]:
        """A made-up image: the real one's address is not known, but the member is required."""
        return {"name": self.name, "dockerURI": f"personalize-mock.invalid/{self.name}:latest"}

    @property
    def default_hyper_parameters(self) -> dict[str, str]:
        """Defaults by name, as text."""
        return _defaults(self.hyperparameters)

    @property
    def default_hyper_parameter_ranges(self) -> dict[str, list[dict[str, Any]]]:
        """The members of DefaultHyperParameterRanges; unbounded numbers have no range."""
        return {
            "integerHyperParameterRanges": _ranges(self.hyperparameters, "integer"),
            "continuousHyperParameterRanges": _ranges(self.hyperparameters, "float"),
            "categoricalHyperParameterRanges": [
                {"name": each.name, "values": list(each.values), "isTunable": each.tunable}
                for each in self.hyperparameters
                if each.type == "categorical"
            ],
        }

    @property
    def default_resource_config(self) -> dict[str, str]:
        """The documented maxima of hyperparameter optimization, where there is something to tune."""
        if not any(each.tunable for each in self.hyperparameters):
            return {}
        return {"maxNumberOfTrainingJobs": "40", "maxParallelTrainingJobs": "10"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FeatureTransformation:
    """What happens to the data before training, as DescribeFeatureTransformation answers."""

    name: str
    feature_transformation_arn: str
    hyperparameters: tuple[Hyperparameter, ...]
    creation_date_time: float
    last_updated_date_time: float
    status: str = "ACTIVE"

    @property
    def default_parameters(self) -> dict[str, str]:
        """Defaults by name, as text."""
        return _defaults(self.hyperparameters)


@cache
def recipes(partition: str = "aws") -> tuple[RecipeEntry, ...]:
    """What ListRecipes lists in a partition, in its order: alphabetical by name."""
    return tuple(_moved(entry, partition) for entry in _entries().values() if entry.listed)


@lru_cache(maxsize=128)
def recipe(arn: str) -> RecipeEntry | None:
    """The recipe of an ARN, listed or not; its ARNs are of the partition that the caller named."""
    partition, name = _parse(arn, "recipe")
    entry = _entries().get(name)
    return entry and _moved(entry, partition)


def algorithm(arn: str) -> Algorithm | None:
    """The algorithm of an ARN, which it keeps as given."""
    common = _common(arn, "algorithm", "algorithm")
    return Algorithm(algorithm_arn=arn, **common) if common else None


def feature_transformation(arn: str) -> FeatureTransformation | None:
    """The feature transformation of an ARN, which it keeps as given."""
    common = _common(arn, "feature-transformation", "featurization")
    return FeatureTransformation(feature_transformation_arn=arn, **common) if common else None


def _parse(arn: str, kind: str) -> tuple[str, str]:
    """Partition and name; both empty if this is no ARN of the kind."""
    match = _ARN.fullmatch(arn)
    if match is None or match["kind"] != kind:
        return "", ""
    return match["partition"], match["name"]


def _common(arn: str, resource: str, kind: Kind) -> dict[str, Any] | None:
    """What an algorithm or a feature transformation owes to the recipes that name it."""
    name = _parse(arn, resource)[1]
    ours, member = f"arn:aws:personalize:::{resource}/{name}", f"{resource.replace('-', '_')}_arn"
    users = [entry for entry in _entries().values() if getattr(entry, member) == ours]
    parameters = {each.name: each for entry in users for each in entry.parameters(kind).values()}
    if not users:
        return None
    return {
        "name": name,
        "hyperparameters": tuple(parameters.values()),
        "creation_date_time": min(entry.creation_date_time for entry in users),
        "last_updated_date_time": users[-1].last_updated_date_time,
    }


def _moved(entry: RecipeEntry, partition: str) -> RecipeEntry:
    """The recipe as a partition has it."""
    if partition == "aws":
        return entry
    arns = ("recipe_arn", "algorithm_arn", "feature_transformation_arn")
    given = {name: getattr(entry, name) for name in arns}
    here: dict[str, Any] = {
        name: arn and arn.replace("arn:aws:", f"arn:{partition}:", 1) for name, arn in given.items()
    }
    return replace(entry, **here)


def _defaults(parameters: Iterable[Hyperparameter]) -> dict[str, str]:
    return {each.name: str(each.default) for each in parameters}


def _ranges(parameters: Iterable[Hyperparameter], type_: str) -> list[dict[str, Any]]:
    return [
        {"name": each.name, "minValue": each.minimum, "maxValue": each.maximum, "isTunable": each.tunable}
        for each in parameters
        if each.type == type_ and each.minimum is not None and each.maximum is not None
    ]


@cache
def _entries() -> dict[str, RecipeEntry]:
    text = Path(__file__).with_name("catalogue.json").read_text("utf-8")
    return {row["name"]: _entry(row) for row in json.loads(text)}


def _entry(row: dict[str, Any]) -> RecipeEntry:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    for name in ("creation_date_time", "last_updated_date_time"):
        values[name] = datetime.fromisoformat(row[name]).timestamp()
    values["hyperparameters"] = tuple(map(_hyperparameter, row.get("hyperparameters", ())))
    values["features"] = frozenset(row["features"])
    return RecipeEntry(**values)


def _hyperparameter(row: dict[str, Any]) -> Hyperparameter:
    values = tuple(row.get("values", ()))
    return Hyperparameter(**{"describe_hpo_name": row["name"]} | row | {"values": values})
