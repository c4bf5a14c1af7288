"""What CreateSolution refuses, and other operations that take parts of its configuration.

Error classes follow from the guide's rules; all texts but one are ours.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from personalize_mock.data.avro import SchemaField
from personalize_mock.resources.catalogue import Hyperparameter, RecipeEntry
from personalize_mock.resources.datasets import dataset_of
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import InvalidInputException

Config = Mapping[str, Any]

NUMERIC = ("int", "long", "float", "double")
SCHEDULE_DAYS = range(1, 31)
MOST_TRAINING_JOBS = {"maxNumberOfTrainingJobs": 40, "maxParallelTrainingJobs": 10}
_MAPS = {
    "algorithmHyperParameters": "algorithm",
    "featureTransformationParameters": "featurization",
}
_EXPLORATION = {
    "explorationWeight": "exploration_weight",
    "explorationItemAgeCutOff": "exploration_item_age_cut_off",
}
_RANGES = {
    "integerHyperParameterRanges": ("integer",),
    "continuousHyperParameterRanges": ("float",),
    "categoricalHyperParameterRanges": ("categorical", "string"),
}
# What AutoML may go by: the metrics of recommended items.
METRICS = (
    "coverage",
    "mean_reciprocal_rank_at_25",
    *(f"{name}_at_{k}" for name in ("normalized_discounted_cumulative_gain", "precision") for k in (5, 10, 25)),
)

# Seen in a public report.
FOREIGN_PARAMETER = "Provide a hyperparameter that is used in the algorithm: {algorithm}"


def check_config(store: Store, recipe: RecipeEntry, group_arn: str, config: Config) -> None:
    """Refuses a solutionConfig that does not fit the recipe or the dataset group.

    Raises:
        InvalidInputException: with what to change.
    """
    _check_hyperparameters(recipe, config)
    _check_percentiles(config.get("featureTransformationParameters", {}))
    _check_ranges(recipe, config.get("hpoConfig", {}))
    _check_threshold(store, recipe, group_arn, config.get("eventValueThreshold"))
    _check_objective(store, recipe, group_arn, config.get("optimizationObjective"))
    check_training_data(store, recipe, group_arn, config.get("trainingDataConfig", {}))
    check_schedule(config.get("autoTrainingConfig"))
    check_events(store, recipe, group_arn, config)


def check_schedule(auto_training: Config | None) -> None:
    """Refuses a schedule outside 1 to 30 days; the pattern was checked before."""
    expression = (auto_training or {}).get("schedulingExpression")
    if expression and int(expression[len("rate(") :].split()[0]) not in SCHEDULE_DAYS:
        _refuse("The schedulingExpression must be between rate(1 day) and rate(30 days).")


def check_events(store: Store, recipe: RecipeEntry, group_arn: str, config: Config) -> None:
    """Refuses event weights for recipes without them, beside a threshold, and where schemas lack what they speak of."""
    events = config.get("eventsConfig")
    if events is None:
        return
    if not recipe.events_config:
        _refuse(f"Recipe {recipe.name} does not support eventsConfig.")
    for member in ("eventType", "eventValueThreshold"):
        if config.get(member) is not None:
            _refuse(f"Provide either eventsConfig or {member}, not both.")
    listed = events.get("eventParametersList", ())
    types = [each.get("eventType") for each in listed]
    if None in types:
        _refuse("Each entry of eventsConfig needs an eventType.")
    if len(set(types)) < len(types):
        _refuse("Each eventType can appear only once in eventsConfig.")
    if listed and not any(each.get("weight", 1.0) > 0 for each in listed):
        _refuse("At least one weight of eventsConfig must be greater than 0.")
    if listed:
        _check_field_exists(store, group_arn, "EVENT_TYPE", needed_by="eventsConfig")
    if any(each.get("eventValueThreshold") is not None for each in listed):
        _check_field_exists(store, group_arn, "EVENT_VALUE", needed_by="eventValueThreshold")


def check_hpo(recipe: RecipeEntry) -> None:
    """Refuses performHPO for recipes that cannot be tuned."""
    if not recipe.hpo:
        _refuse(f"Recipe {recipe.name} does not support hyperparameter optimization.")


def check_value(parameter: Hyperparameter, value: str) -> None:
    """Refuses a hyperparameter's value of the wrong kind or outside its range."""
    if parameter.values and value not in parameter.values:
        _refuse(f"Hyperparameter {parameter.name} must be one of {', '.join(parameter.values)}.")
    if parameter.type in ("integer", "float"):
        number = _number(value, whole=parameter.type == "integer")
        if number is None:
            _refuse(f"Hyperparameter {parameter.name} must be a number of type {parameter.type}, not '{value}'.")
        elif not _inside(parameter, number):
            _refuse(f"Hyperparameter {parameter.name} must be {_bounds(parameter)}, not {value}.")


def _check_hyperparameters(recipe: RecipeEntry, config: Config) -> None:
    for member, kind in _MAPS.items():
        known = recipe.parameters(kind)  # type: ignore[arg-type]  # the kinds of _MAPS
        for name, value in config.get(member, {}).items():
            if name not in known:
                _refuse(FOREIGN_PARAMETER.format(algorithm=recipe.algorithm_arn))
            if known[name].hpo_only:
                _refuse(f"Hyperparameter {name} can be set only through hpoConfig.")
            check_value(known[name], value)


def check_auto_ml(candidates: Iterable[RecipeEntry], auto_ml: Config) -> None:
    """Refuses candidates that are not for USER_PERSONALIZATION, and a metric that there is not.

    Raises:
        InvalidInputException: with what to provide.
    """
    for each in candidates:
        if each.recipe_type != "USER_PERSONALIZATION":
            _refuse(f"AutoML chooses among recipes of the type USER_PERSONALIZATION; {each.recipe_arn} is not one.")
    metric = auto_ml.get("metricName")
    if metric is not None and metric not in METRICS:
        _refuse(f"The metricName must be one of {', '.join(METRICS)}.")


def _check_percentiles(parameters: Config) -> None:
    """Refuses a smallest percentile above the greatest: nothing would be left to train on."""
    for low in (name for name in parameters if name.startswith("min_")):
        high = low.replace("min_", "max_", 1)
        if high in parameters and float(parameters[low]) > float(parameters[high]):
            _refuse(f"{low} must be at most {high}.")


def _check_ranges(recipe: RecipeEntry, hpo: Config) -> None:
    ranges = hpo.get("algorithmHyperParameterRanges", {})
    entries = [(member, entry) for member in _RANGES for entry in ranges.get(member, ())]
    names = [entry.get("name", "") for _, entry in entries]
    if len(set(names)) < len(names):
        _refuse("Each hyperparameter can have one range only.")
    for member, entry in entries:
        _check_range(recipe, member, entry)
    for member, most in MOST_TRAINING_JOBS.items():
        value = hpo.get("hpoResourceConfig", {}).get(member, "1")
        number = _number(value, whole=True)
        if number is None or not 1 <= number <= most:
            _refuse(f"{member} must be a whole number from 1 to {most}, not '{value}'.")


def _check_range(recipe: RecipeEntry, member: str, entry: Config) -> None:
    name = entry.get("name", "")
    parameter = recipe.parameters("algorithm").get(name)
    if parameter is None or not parameter.tunable:
        _refuse(FOREIGN_PARAMETER.format(algorithm=recipe.algorithm_arn))
    if parameter.type not in _RANGES[member]:
        _refuse(f"Hyperparameter {name} is of type {parameter.type} and does not belong in {member}.")
    if "categorical" in member and not entry.get("values"):
        _refuse(f"Provide the values of {name}.")
    for value in _ends(entry):
        check_value(parameter, str(value))
    if entry.get("minValue", 0) > entry.get("maxValue", entry.get("minValue", 0)):
        _refuse(f"The range of {name} ends before it begins.")


def _check_threshold(store: Store, recipe: RecipeEntry, group_arn: str, threshold: str | None) -> None:
    if threshold is None:
        return
    if not recipe.event_value_threshold:
        _refuse(f"Recipe {recipe.name} does not support eventValueThreshold.")
    if _number(threshold, whole=False) is None:
        _refuse(f"The eventValueThreshold must be a number, not '{threshold}'.")
    _check_field_exists(store, group_arn, "EVENT_VALUE", needed_by="eventValueThreshold")


def _check_field_exists(store: Store, group_arn: str, name: str, *, needed_by: str) -> None:
    interactions = dataset_of(store, group_arn, "INTERACTIONS")
    if interactions is not None and interactions.parsed_schema.field(name) is None:
        _refuse(f"An {needed_by} needs the field {name} in the schema of the Interactions dataset.")


def _check_objective(store: Store, recipe: RecipeEntry, group_arn: str, objective: Config | None) -> None:
    if objective is None:
        return
    if not recipe.optimization_objective:
        _refuse(f"Recipe {recipe.name} does not support optimizationObjective.")
    name = objective.get("itemAttribute")
    if name is None:
        _refuse("Provide the itemAttribute of the optimizationObjective.")
    items = dataset_of(store, group_arn, "ITEMS")
    field = items.parsed_schema.field(str(name)) if items is not None else None
    if field is None:
        _refuse(f"The itemAttribute {name} is not a field of the schema of the Items dataset.")
    elif fault := _objective_fault(field):
        _refuse(f"The itemAttribute {name} {fault}.")


def _objective_fault(field: SchemaField) -> str | None:
    if field.type not in NUMERIC:
        return f"must have a numeric type in the schema, not {field.type}"
    if field.nullable:
        return "must not allow null in the schema"
    return None


def check_exploration(recipe: RecipeEntry, exploration: Config | None) -> None:
    """Refuses an itemExplorationConfig for recipes that explore nothing, and values outside their limits."""
    if exploration and not recipe.item_exploration_config:
        _refuse(f"Recipe {recipe.name} does not support itemExplorationConfig.")
    known = recipe.parameters("campaign")
    for name, value in (exploration or {}).items():
        if _EXPLORATION.get(name) not in known:
            _refuse(f"itemExplorationConfig has no {name}. Provide {' or '.join(_EXPLORATION)}.")
        check_value(known[_EXPLORATION[name]], value)


def check_training_data(store: Store, recipe: RecipeEntry, group_arn: str, config: Config) -> None:
    """Refuses a trainingDataConfig that names columns which are not there, or one that training cannot do without."""
    if config and not recipe.training_data_config:
        _refuse(f"Recipe {recipe.name} does not support trainingDataConfig.")
    excluded = {kind.upper(): columns for kind, columns in config.get("excludedDatasetColumns", {}).items()}
    if "EVENT_TYPE" in excluded.get("INTERACTIONS", ()):
        _refuse("EVENT_TYPE cannot be excluded from training.")
    for columns_by_type in (excluded, config.get("includedDatasetColumns", {})):
        for kind, columns in columns_by_type.items():
            _check_columns(store, group_arn, kind.upper(), columns)


def _check_columns(store: Store, group_arn: str, kind: str, columns: Iterable[str]) -> None:
    dataset = dataset_of(store, group_arn, kind)
    if dataset is None:
        _refuse(f"The dataset group has no dataset of type {kind}.")
    else:
        for column in columns:
            if dataset.parsed_schema.field(column) is None:
                _refuse(f"The dataset of type {kind} has no column {column}.")


def _ends(entry: Config) -> list[Any]:
    return [*(entry[end] for end in ("minValue", "maxValue") if end in entry), *entry.get("values", ())]


def _number(text: str, *, whole: bool) -> float | None:
    try:
        number = int(text) if whole else float(text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def _inside(parameter: Hyperparameter, number: float) -> bool:
    low = parameter.minimum if parameter.minimum is not None else number
    high = parameter.maximum if parameter.maximum is not None else number
    return low <= number <= high


def _bounds(parameter: Hyperparameter) -> str:
    if parameter.maximum is None:
        return f"at least {parameter.minimum}"
    return f"between {parameter.minimum} and {parameter.maximum}"


def _refuse(message: str) -> NoReturn:
    raise InvalidInputException(message)
