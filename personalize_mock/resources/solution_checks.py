"""Checks of the configuration of a solution. Some of them also apply to the configuration of a recommender.

The rules follow the pages "Configuring columns used when training", "Configuring automatic training" and "Optimizing a
solution for an additional objective" of the developer guide (2025). The error messages are the mock's own, except
`NO_INTERACTIONS`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from personalize_mock.resources.catalogue import RecipeEntry
from personalize_mock.resources.core.lifecycle import record_poll
from personalize_mock.resources.datasets import dataset_of
from personalize_mock.resources.hyperparameter_checks import check_hyperparameters, check_ranges, parse_number
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import InvalidInputException

if TYPE_CHECKING:
    from types_boto3_personalize.type_defs import (
        AutoMLConfigTypeDef,
        AutoTrainingConfigTypeDef,
        TrainingDataConfigTypeDef,
    )

Config = Mapping[str, Any]

# Recorded 2022, with status 400 but without the class of the error.
NO_INTERACTIONS = (
    "Dataset group must contain an INTERACTIONS dataset with successfully completed dataset import job "
    "or EVENT_INTERACTIONS"
)

NUMERIC = ("int", "long", "float", "double")
SCHEDULE_DAYS = range(1, 31)
# The metrics of recipes that recommend items.
AUTO_ML_METRICS = (
    "coverage",
    "mean_reciprocal_rank_at_25",
    *(f"{name}_at_{k}" for name in ("normalized_discounted_cumulative_gain", "precision") for k in (5, 10, 25)),
)


def check_config(store: Store, recipe: RecipeEntry, group_arn: str, config: Config) -> None:
    """Check the solutionConfig of a solution that has a recipe and does not use AutoML.

    Raises:
        InvalidInputException: A setting is invalid, is not supported by the recipe, or refers to a dataset or column
            that the dataset group does not have.
    """
    check_hyperparameters(recipe, config)
    check_ranges(recipe, config.get("hpoConfig", {}))
    _check_threshold(store, recipe, group_arn, config.get("eventValueThreshold"))
    _check_objective(store, recipe, group_arn, config.get("optimizationObjective"))
    check_training_data(store, recipe, group_arn, config.get("trainingDataConfig", {}))
    check_schedule(config.get("autoTrainingConfig"))
    check_events(store, recipe, group_arn, config)


def check_interactions(store: Store, recipe: RecipeEntry | None, group_arn: str) -> None:
    """Check that a dataset group has interactions to train on, either imported or sent by PutEvents.

    With the mock's option `strict=False`, the check is skipped.

    Args:
        store: The resources of one account and region.
        recipe: The recipe, or None for AutoML, which compares recipes that learn from interactions.
        group_arn: The ARN of the dataset group.

    Raises:
        InvalidInputException: The recipe requires interactions, but the group has none.
    """
    needed = store.options.strict and (recipe is None or "INTERACTIONS" in recipe.required_datasets)
    interactions = dataset_of(store, group_arn, "INTERACTIONS")
    if needed and interactions is None:
        _refuse(NO_INTERACTIONS)
    if needed and interactions is not None and not interactions.has_data:
        record_poll(store, [*store.select_by_type_name("DatasetImportJob", dataset_arn=interactions.arn)])
        _refuse(NO_INTERACTIONS)


def check_schedule(auto_training: "AutoTrainingConfigTypeDef | None") -> None:
    """Check that the interval in an autoTrainingConfig is from 1 to 30 days, or raise InvalidInputException."""
    expression = (auto_training or {}).get("schedulingExpression")
    if expression and int(expression[len("rate(") :].split()[0]) not in SCHEDULE_DAYS:
        _refuse(f"The schedulingExpression must be between rate(1 day) and rate(30 days), not {expression}.")


def check_events(store: Store, recipe: RecipeEntry, group_arn: str, config: Config) -> None:
    """Check the eventsConfig of a solutionConfig, which selects and weights the event types to train on.

    Args:
        store: The resources of one account and region.
        recipe: The recipe of the solution.
        group_arn: The ARN of the dataset group.
        config: The solutionConfig, to which the `eventType` of the solution was added.

    Raises:
        InvalidInputException: The recipe does not support eventsConfig, eventsConfig is combined with eventType or
            eventValueThreshold, an entry of its eventParametersList is invalid, or the schema of the Interactions
            dataset lacks EVENT_TYPE or, for entries with an eventValueThreshold, EVENT_VALUE.
    """
    events = config.get("eventsConfig")
    if events is None:
        return
    if not recipe.events_config:
        _refuse(f"Recipe {recipe.name} does not support eventsConfig. Remove eventsConfig.")
    for member in ("eventType", "eventValueThreshold"):
        if config.get(member) is not None:
            _refuse(f"Provide either eventsConfig or {member}, not both.")
    parameters = events.get("eventParametersList", ())
    _check_event_parameters(parameters)
    if parameters:
        _check_field_exists(store, group_arn, "EVENT_TYPE", needed_by="eventsConfig")
    if any(entry.get("eventValueThreshold") is not None for entry in parameters):
        _check_field_exists(store, group_arn, "EVENT_VALUE", needed_by="eventValueThreshold")


def check_auto_ml(candidates: Iterable[RecipeEntry], auto_ml: "AutoMLConfigTypeDef") -> None:
    """Check the recipes that AutoML would compare and the metric in an autoMLConfig.

    Args:
        candidates: The recipes to compare.
        auto_ml: The autoMLConfig.

    Raises:
        InvalidInputException: A recipe is not of type USER_PERSONALIZATION, or the metric is unknown.
    """
    for recipe in candidates:
        if recipe.recipe_type != "USER_PERSONALIZATION":
            _refuse(
                f"Recipe {recipe.recipe_arn} is not of type USER_PERSONALIZATION, which AutoML requires. Remove it."
            )
    metric = auto_ml.get("metricName")
    if metric is not None and metric not in AUTO_ML_METRICS:
        _refuse(f"The metricName must be one of {', '.join(AUTO_ML_METRICS)}, not '{metric}'.")


def check_training_data(store: Store, recipe: RecipeEntry, group_arn: str, config: "TrainingDataConfigTypeDef") -> None:
    """Check the trainingDataConfig of a solution or recommender.

    Raises:
        InvalidInputException: The recipe does not support a trainingDataConfig, a dataset or column in it does not
            exist, or EVENT_TYPE is excluded.
    """
    if config and not recipe.training_data_config:
        _refuse(f"Recipe {recipe.name} does not support trainingDataConfig. Remove trainingDataConfig.")
    excluded = {name.upper(): columns for name, columns in config.get("excludedDatasetColumns", {}).items()}
    if "EVENT_TYPE" in excluded.get("INTERACTIONS", ()):
        _refuse("EVENT_TYPE cannot be excluded from training. Remove it from excludedDatasetColumns.")
    for columns_by_type in (excluded, config.get("includedDatasetColumns", {})):
        for dataset_type, columns in columns_by_type.items():
            _check_columns(store, group_arn, dataset_type.upper(), columns)


def _check_event_parameters(parameters: Sequence[Config]) -> None:
    types = [entry.get("eventType") for entry in parameters]
    if None in types:
        _refuse("Each entry of eventsConfig needs an eventType.")
    if len(set(types)) < len(types):
        _refuse("Each eventType can appear only once in eventsConfig.")
    if types and not any(entry.get("weight", 1.0) > 0 for entry in parameters):
        _refuse("At least one weight of eventsConfig must be greater than 0.")


def _check_threshold(store: Store, recipe: RecipeEntry, group_arn: str, threshold: str | None) -> None:
    if threshold is None:
        return
    if not recipe.event_value_threshold:
        _refuse(f"Recipe {recipe.name} does not support eventValueThreshold. Remove eventValueThreshold.")
    if parse_number(threshold, whole=False) is None:
        _refuse(f"The eventValueThreshold must be a number, not '{threshold}'.")
    _check_field_exists(store, group_arn, "EVENT_VALUE", needed_by="eventValueThreshold")


def _check_objective(store: Store, recipe: RecipeEntry, group_arn: str, objective: Config | None) -> None:
    if objective is None:
        return
    if not recipe.optimization_objective:
        _refuse(f"Recipe {recipe.name} does not support optimizationObjective. Remove optimizationObjective.")
    name = objective.get("itemAttribute")
    if name is None:
        _refuse("The optimizationObjective has no itemAttribute. Provide one.")
    items = dataset_of(store, group_arn, "ITEMS")
    field = items.parsed_schema.field(str(name)) if items is not None else None
    if field is None:
        _refuse(f"The itemAttribute {name} is not in the schema of the Items dataset. Use a numeric field.")
    elif field.type not in NUMERIC:
        _refuse(f"The itemAttribute {name} must have a numeric type in the schema, not {field.type}.")
    elif field.nullable:
        _refuse(f'The itemAttribute {name} must not allow null in the schema. Remove "null" from its type.')


def _check_field_exists(store: Store, group_arn: str, name: str, *, needed_by: str) -> None:
    interactions = dataset_of(store, group_arn, "INTERACTIONS")
    if interactions is not None and interactions.parsed_schema.field(name) is None:
        _refuse(
            f"The schema of the Interactions dataset has no field {name}, which {needed_by} needs. Remove {needed_by}."
        )


def _check_columns(store: Store, group_arn: str, dataset_type: str, columns: Iterable[str]) -> None:
    dataset = dataset_of(store, group_arn, dataset_type)
    if dataset is None:
        _refuse(f"The dataset group has no dataset of type {dataset_type}. Create one first.")
    for column in columns:
        if dataset.parsed_schema.field(column) is None:
            _refuse(f"The dataset of type {dataset_type} has no column {column}. Use a column of its schema.")


def _refuse(message: str) -> NoReturn:
    raise InvalidInputException(message)
