"""Catalogue of the service's recipes, algorithms and feature transformations.

The data is in `catalogue.json`, which has one object per recipe in the order of ListRecipes. Algorithms and feature
transformations are derived from the recipes that name them.

Names, hyperparameters, ranges and features: Developer guide, "Choosing a recipe" (2023 and 2025). Dates: recorded 2024,
except the creation of aws-semantic-similarity, which is its launch day, and the last update of the aws-hrnn recipes,
which is their creation. No recording of DescribeRecipe, DescribeAlgorithm or DescribeFeatureTransformation was found.
Therefore all descriptions are ours, and so are the image, resource configuration and input mode of algorithms. Dates of
algorithms and feature transformations are those of their recipes. Unknown members that nothing needs are None.

The classes have `eq=False`, which makes the import a third faster. Entries are compared by identity.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

_ARN = re.compile(r"arn:(?P<partition>aws[a-z-]*):personalize:::(?P<type>[a-z-]+)/(?P<name>[\w-]+)")

Section = Literal["algorithm", "featurization", "campaign"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hyperparameter:
    """A setting of a recipe.

    Attributes:
        name: The key in requests. Settings of campaigns have the guide's name: `exploration_weight` is
            explorationWeight.
        type: The type of the value, which requests carry as a string.
        default: A number, or a string if the type is categorical or string. Responses show `str(default)`.
        minimum: The smallest value, or None.
        maximum: The largest value, or None.
        values: All values of a categorical parameter, as strings.
        tunable: Whether hyperparameter optimization can search it.
        hpo_only: Whether only hyperparameter optimization can set it.
        section: The map that holds it: algorithmHyperParameters, featureTransformationParameters, or the
            itemExplorationConfig of a campaign.
        describe_hpo_name: The name in the ranges that DescribeSolution shows.
    """

    name: str
    type: Literal["integer", "float", "categorical", "string"]
    default: float | str
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] = ()
    tunable: bool = False
    hpo_only: bool = False
    section: Section
    describe_hpo_name: str


class Capability:
    """Descriptor of a feature of the service. On a recipe it returns whether the recipe supports the feature."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, entry: "RecipeEntry", owner: type | None = None) -> bool:
        return self.name in entry.capabilities


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecipeEntry:
    """A recipe: the members that DescribeRecipe shows, its requirements and its capabilities.

    Attributes:
        generation: Legacy recipes still work but have a successor. Domain recipes are for recommenders.
        title: The name of the use case in the guide, for domain recipes.
        listed: Whether ListRecipes shows the recipe.
        creation_date_time: Epoch seconds.
        required_datasets: Dataset types in upper case.
        operation: The runtime operation that serves the recipe. None if only batch jobs do.
        required_ids: Required members of the operation's request. Filters on the current user need `userId` too.
        automatic_filter_event: Items with an event of this type by the user are never recommended.
        required_event_type: The recipe trains on events of this type only.
        minimum_interactions: Training fails with fewer interactions, counted after the selection by event type.
        max_queries_per_input_file: The maximum number of lines in an input file of a batch segment job.
        metadata_with_recommendations: Whether recommendations can contain item metadata: always, if the campaign or
            recommender enables it, or never (None).
        capabilities: The names of the capabilities below that the recipe has.
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
    capabilities: frozenset[str]

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

    def parameters(self, section: Section) -> dict[str, Hyperparameter]:
        """Return the hyperparameters of a section by name."""
        return {parameter.name: parameter for parameter in self.hyperparameters if parameter.section == section}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Algorithm:
    """An algorithm as DescribeAlgorithm shows it. Its roleArn is unknown."""

    name: str
    algorithm_arn: str
    hyperparameters: tuple[Hyperparameter, ...]
    training_input_mode: str = "File"
    role_arn: str | None = None
    creation_date_time: float
    last_updated_date_time: float

    @property
    def algorithm_image(self) -> dict[str, str]:
        """A placeholder: the member is required, but the real address is unknown."""
        return {"name": self.name, "dockerURI": f"personalize-mock.invalid/{self.name}:latest"}

    @property
    def default_hyper_parameters(self) -> dict[str, str]:
        """The defaults by name, as strings."""
        return _defaults(self.hyperparameters)

    @property
    def default_hyper_parameter_ranges(self) -> dict[str, list[dict[str, Any]]]:
        """The members of DefaultHyperParameterRanges. Numbers without bounds have no range."""
        return {
            "integerHyperParameterRanges": _ranges(self.hyperparameters, "integer"),
            "continuousHyperParameterRanges": _ranges(self.hyperparameters, "float"),
            "categoricalHyperParameterRanges": [
                {"name": parameter.name, "values": list(parameter.values), "isTunable": parameter.tunable}
                for parameter in self.hyperparameters
                if parameter.type == "categorical"
            ],
        }

    @property
    def default_resource_config(self) -> dict[str, str]:
        """The documented maxima of hyperparameter optimization, if a hyperparameter is tunable."""
        if not any(parameter.tunable for parameter in self.hyperparameters):
            return {}
        return {"maxNumberOfTrainingJobs": "40", "maxParallelTrainingJobs": "10"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FeatureTransformation:
    """A feature transformation as DescribeFeatureTransformation shows it."""

    name: str
    feature_transformation_arn: str
    hyperparameters: tuple[Hyperparameter, ...]
    creation_date_time: float
    last_updated_date_time: float
    status: str = "ACTIVE"

    @property
    def default_parameters(self) -> dict[str, str]:
        """The defaults by name, as strings."""
        return _defaults(self.hyperparameters)


@cache
def recipes(partition: str = "aws") -> tuple[RecipeEntry, ...]:
    """Return the recipes that ListRecipes shows in a partition, sorted by name."""
    return tuple(_in_partition(entry, partition) for entry in _entries().values() if entry.listed)


@lru_cache(maxsize=128)
def recipe(arn: str) -> RecipeEntry | None:
    """Return the recipe with the given ARN, also one that ListRecipes omits, or None if there is none."""
    partition, name = _parse(arn, "recipe")
    entry = _entries().get(name)
    return entry and _in_partition(entry, partition)


def algorithm(arn: str) -> Algorithm | None:
    """Return the algorithm with an ARN, or None."""
    members = _shared_members(arn, "algorithm", "algorithm")
    return Algorithm(algorithm_arn=arn, **members) if members else None


def feature_transformation(arn: str) -> FeatureTransformation | None:
    """Return the feature transformation with an ARN, or None."""
    members = _shared_members(arn, "feature-transformation", "featurization")
    return FeatureTransformation(feature_transformation_arn=arn, **members) if members else None


def _parse(arn: str, arn_type: str) -> tuple[str, str]:
    """Return the partition and name in an ARN. Both are empty if the ARN is not of the type."""
    match = _ARN.fullmatch(arn)
    if match is None or match["type"] != arn_type:
        return "", ""
    return match["partition"], match["name"]


def _shared_members(arn: str, arn_type: str, section: Section) -> dict[str, Any] | None:
    """Return the members that an algorithm or feature transformation derives from its recipes, or None."""
    name = _parse(arn, arn_type)[1]
    listed_arn, member = f"arn:aws:personalize:::{arn_type}/{name}", f"{arn_type.replace('-', '_')}_arn"
    entries = [entry for entry in _entries().values() if getattr(entry, member) == listed_arn]
    parameters = {parameter.name: parameter for entry in entries for parameter in entry.parameters(section).values()}
    if not entries:
        return None
    return {
        "name": name,
        "hyperparameters": tuple(parameters.values()),
        "creation_date_time": min(entry.creation_date_time for entry in entries),
        "last_updated_date_time": entries[-1].last_updated_date_time,
    }


def _in_partition(entry: RecipeEntry, partition: str) -> RecipeEntry:
    if partition == "aws":
        return entry
    names = ("recipe_arn", "algorithm_arn", "feature_transformation_arn")
    arns = {name: getattr(entry, name) for name in names}
    moved: dict[str, Any] = {
        name: arn and arn.replace("arn:aws:", f"arn:{partition}:", 1) for name, arn in arns.items()
    }
    return replace(entry, **moved)


def _defaults(parameters: Iterable[Hyperparameter]) -> dict[str, str]:
    return {parameter.name: str(parameter.default) for parameter in parameters}


def _ranges(parameters: Iterable[Hyperparameter], type_: str) -> list[dict[str, Any]]:
    bounded = (p for p in parameters if p.type == type_ and p.minimum is not None and p.maximum is not None)
    return [{"name": p.name, "minValue": p.minimum, "maxValue": p.maximum, "isTunable": p.tunable} for p in bounded]


@cache
def _entries() -> dict[str, RecipeEntry]:
    text = Path(__file__).with_name("catalogue.json").read_text("utf-8")
    return {row["name"]: _entry(row) for row in json.loads(text)}


def _entry(row: dict[str, Any]) -> RecipeEntry:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    for name in ("creation_date_time", "last_updated_date_time"):
        values[name] = datetime.fromisoformat(row[name]).timestamp()
    values["hyperparameters"] = tuple(map(_hyperparameter, row.get("hyperparameters", ())))
    values["capabilities"] = frozenset(row["capabilities"])
    return RecipeEntry(**values)


def _hyperparameter(row: dict[str, Any]) -> Hyperparameter:
    values = tuple(row.get("values", ()))
    return Hyperparameter(**{"describe_hpo_name": row["name"]} | row | {"values": values})
