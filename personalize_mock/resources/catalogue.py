"""Catalogue of the service's recipes, algorithms and feature transformations.

The data is in `catalogue.json`, which has one object per recipe in the order of ListRecipes. Algorithms and feature
transformations are derived from the recipes that use them.

Names, hyperparameters, ranges and capabilities: developer guide, "Choosing a recipe" (2023 and 2025). Dates: recorded
2024, with two exceptions. The creation date of aws-semantic-similarity is its launch day. The last update of the
aws-hrnn recipes is set to their creation date. No recorded response of DescribeRecipe, DescribeAlgorithm or
DescribeFeatureTransformation was found. The descriptions of recipes and the images, resource configurations and input
modes of algorithms are therefore the mock's own. Some members with unknown values are None.

The dataclasses have `eq=False` because this makes the import a third faster. Entries are compared by identity.
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
    """A hyperparameter of a recipe.

    Attributes:
        name: The name in requests. Parameters of campaigns are in snake case here: `exploration_weight` for
            explorationWeight.
        type: The type of the value. Requests contain the value as a string.
        default: The default value, which is a number if the type is integer or float, and otherwise a string.
        minimum: The smallest allowed value, or None.
        maximum: The largest allowed value, or None.
        values: The allowed values of a categorical parameter, as strings.
        tunable: Whether hyperparameter optimization can tune the parameter.
        hpo_only: Whether the parameter can be set only by hyperparameter optimization.
        section: The part of a request that contains the parameter: algorithmHyperParameters (`algorithm`),
            featureTransformationParameters (`featurization`), or the itemExplorationConfig of a campaign (`campaign`).
        describe_hpo_name: The name that DescribeSolution shows in the ranges of an hpoConfig.
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
    """Descriptor of a boolean attribute such as `hpo`, which says whether a recipe has the capability of this name."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, entry: "RecipeEntry", owner: type | None = None) -> bool:
        return self.name in entry.capabilities


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecipeEntry:
    """A recipe, with the members that DescribeRecipe returns, its requirements and its capabilities.

    Attributes:
        domain: The domain whose recommenders use the recipe. None if the recipe is for solutions.
        listed: Whether ListRecipes shows the recipe.
        creation_date_time: The date of creation, in epoch seconds.
        required_datasets: The types of the required datasets, in upper case.
        operation: The runtime operation that returns recommendations. None if the recipe supports only batch jobs.
        required_ids: The ids that requests of this operation must contain. Filters on the current user also need
            `userId`.
        automatic_filter_event: An event type. Items for which the user has such an event are never recommended.
        required_event_type: The only event type that the recipe trains on, or None for all event types.
        max_queries_per_input_file: The maximum number of lines in an input file of a batch segment job.
        metadata_with_recommendations: Whether recommendations can contain item metadata: always, only if the campaign
            or recommender enables it, or never (None).
        capabilities: The names of the recipe's capabilities. Each can also be read as a boolean attribute, such as
            `entry.batch_inference`.
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
    listed: bool = True
    required_datasets: tuple[str, ...]
    operation: str | None = None
    required_ids: tuple[str, ...]
    automatic_filter_event: str | None = None
    required_event_type: str | None = None
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
        """Return the hyperparameters in a section, `algorithm`, `featurization` or `campaign`, by name."""
        return {parameter.name: parameter for parameter in self.hyperparameters if parameter.section == section}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Algorithm:
    """An algorithm, with the members that DescribeAlgorithm returns. The roleArn is unknown and therefore None."""

    name: str
    algorithm_arn: str
    hyperparameters: tuple[Hyperparameter, ...]
    training_input_mode: str = "File"
    role_arn: str | None = None
    creation_date_time: float
    last_updated_date_time: float

    @property
    def algorithm_image(self) -> dict[str, str]:
        """A placeholder for the Docker image of the algorithm, whose real address is unknown."""
        return {"name": self.name, "dockerURI": f"personalize-mock.invalid/{self.name}:latest"}

    @property
    def default_hyper_parameters(self) -> dict[str, str]:
        """The default values of the hyperparameters by name, as strings."""
        return _defaults(self.hyperparameters)

    @property
    def default_hyper_parameter_ranges(self) -> dict[str, list[dict[str, Any]]]:
        """The ranges of the hyperparameters by type. Numeric hyperparameters without bounds are left out."""
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
        """The documented limits on the number of HPO training jobs. Empty if no hyperparameter is tunable."""
        if not any(parameter.tunable for parameter in self.hyperparameters):
            return {}
        return {"maxNumberOfTrainingJobs": "40", "maxParallelTrainingJobs": "10"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FeatureTransformation:
    """A feature transformation, with the members that DescribeFeatureTransformation returns."""

    name: str
    feature_transformation_arn: str
    hyperparameters: tuple[Hyperparameter, ...]
    creation_date_time: float
    last_updated_date_time: float
    status: str = "ACTIVE"

    @property
    def default_parameters(self) -> dict[str, str]:
        """The default values of the parameters by name, as strings."""
        return _defaults(self.hyperparameters)


@cache
def recipes(partition: str = "aws") -> tuple[RecipeEntry, ...]:
    """Return the recipes that ListRecipes shows in an AWS partition such as `aws-cn`, sorted by name."""
    return tuple(_in_partition(entry, partition) for entry in _entries().values() if entry.listed)


@lru_cache(maxsize=128)
def recipe(arn: str) -> RecipeEntry | None:
    """Return the recipe with the given ARN, or None. Recipes that ListRecipes does not show are included."""
    partition, name = _parse(arn, "recipe")
    entry = _entries().get(name)
    return entry and _in_partition(entry, partition)


def algorithm(arn: str) -> Algorithm | None:
    """Return the algorithm with the given ARN, or None."""
    members = _shared_members(arn, "algorithm", "algorithm")
    return Algorithm(algorithm_arn=arn, **members) if members else None


def feature_transformation(arn: str) -> FeatureTransformation | None:
    """Return the feature transformation with the given ARN, or None."""
    members = _shared_members(arn, "feature-transformation", "featurization")
    return FeatureTransformation(feature_transformation_arn=arn, **members) if members else None


def _parse(arn: str, arn_type: str) -> tuple[str, str]:
    """Return the partition and the name in an ARN, or two empty strings if the ARN does not have the given type."""
    match = _ARN.fullmatch(arn)
    if match is None or match["type"] != arn_type:
        return "", ""
    return match["partition"], match["name"]


def _shared_members(arn: str, arn_type: str, section: Section) -> dict[str, Any] | None:
    """Return the fields of an algorithm or feature transformation, derived from the recipes that use it.

    Return None if no recipe uses the ARN.

    Args:
        arn: The ARN of the algorithm or feature transformation.
        arn_type: The resource type that the ARN must have, `algorithm` or `feature-transformation`.
        section: The `section` of the hyperparameters to include, `algorithm` or `featurization`.
    """
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
