"""Checks of hyperparameters in requests: their values, the ranges for HPO, and the exploration settings of campaigns.

The error messages are the mock's own, except `UNKNOWN_PARAMETER`.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NoReturn

from personalize_mock.resources.catalogue import Hyperparameter, RecipeEntry
from personalize_mock.wire.errors import InvalidInputException

Config = Mapping[str, Any]

# Unlike int() and float(), these patterns accept only ASCII digits, and neither spaces nor underscores.
_WHOLE = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")

# botocore model, `HPOResourceConfig`.
MAX_TRAINING_JOBS = {"maxNumberOfTrainingJobs": 40, "maxParallelTrainingJobs": 10}
_EXPLORATION = {
    "explorationWeight": "exploration_weight",
    "explorationItemAgeCutOff": "exploration_item_age_cut_off",
}
_RANGE_TYPES = {
    "integerHyperParameterRanges": ("integer",),
    "continuousHyperParameterRanges": ("float",),
    "categoricalHyperParameterRanges": ("categorical", "string"),
}

# The limits of the ranges for HPO are the values that the mock's models can be trained with. The service accepts wider
# ranges than the guide gives (recorded 2020-06: bptt from 20 to 40), but its limits are unknown.
TRAINABLE: Mapping[str, tuple[float, float]] = {
    "hidden_dimension": (1, 512),
    "bptt": (1, 10_000),
    "item_id_hidden_dim": (1, 512),
    "item_metadata_hidden_dim": (1, 512),
    "popularity_discount_factor": (0.0, 10.0),
    "min_cointeraction_count": (0, 100_000),
}

# Reported by a user of the real service.
UNKNOWN_PARAMETER = "Provide a hyperparameter that is used in the algorithm: {algorithm}"


def check_hyperparameters(recipe: RecipeEntry, config: Config) -> None:
    """Check the names and values of the hyperparameters in a solutionConfig, or raise InvalidInputException."""
    features = config.get("featureTransformationParameters", {})
    _check_values(recipe, recipe.parameters("algorithm"), config.get("algorithmHyperParameters", {}))
    _check_values(recipe, recipe.parameters("featurization"), features)
    _check_percentiles(features)


def check_hpo(recipe: RecipeEntry) -> None:
    """Raise InvalidInputException if a recipe does not support performHPO."""
    if not recipe.hpo:
        _refuse(f"Recipe {recipe.name} does not support hyperparameter optimization. Set performHPO to false.")


def check_ranges(recipe: RecipeEntry, hpo: Config) -> None:
    """Check the ranges and the numbers of training jobs in an hpoConfig.

    Raises:
        InvalidInputException: A hyperparameter is unknown, cannot be tuned or has several ranges, a range is invalid,
            or a number of training jobs is above the limit or not a positive integer.
    """
    ranges = hpo.get("algorithmHyperParameterRanges", {})
    entries = [(member, entry) for member in _RANGE_TYPES for entry in ranges.get(member, ())]
    names = [entry.get("name", "") for _, entry in entries]
    if len(set(names)) < len(names):
        repeated = next(name for position, name in enumerate(names) if name in names[:position])
        _refuse(f"Hyperparameter {repeated} has several ranges. Provide one range.")
    for member, entry in entries:
        _check_range(recipe, member, entry)
    for member, limit in MAX_TRAINING_JOBS.items():
        value = hpo.get("hpoResourceConfig", {}).get(member, "1")
        number = parse_number(value, whole=True)
        if number is None or not 1 <= number <= limit:
            _refuse(f"{member} must be a whole number from 1 to {limit}, not '{value}'.")


def check_exploration(recipe: RecipeEntry, exploration: Config | None) -> None:
    """Check the itemExplorationConfig of a campaign. A campaign without one (None) passes the check.

    Raises:
        InvalidInputException: The recipe does not support exploration, or a setting is unknown or has an invalid value.
    """
    if exploration and not recipe.item_exploration_config:
        _refuse(f"Recipe {recipe.name} does not support itemExplorationConfig. Remove itemExplorationConfig.")
    parameters = recipe.parameters("campaign")
    for name, value in (exploration or {}).items():
        if _EXPLORATION.get(name) not in parameters:
            _refuse(f"itemExplorationConfig has no member {name}. Provide {' or '.join(_EXPLORATION)}.")
        check_value(parameters[_EXPLORATION[name]], value)


def check_value(parameter: Hyperparameter, value: str) -> None:
    """Check the value that a request gives for a hyperparameter.

    Raises:
        InvalidInputException: The value has the wrong type, is out of range or is not one of the allowed values.
    """
    if parameter.values and value not in parameter.values:
        _refuse(f"Hyperparameter {parameter.name} must be one of {', '.join(parameter.values)}, not '{value}'.")
    if parameter.type in ("integer", "float"):
        number = parse_number(value, whole=parameter.type == "integer")
        if number is None:
            _refuse(f"Hyperparameter {parameter.name} must be a number of type {parameter.type}, not '{value}'.")
        elif not _is_in_range(parameter, number):
            _refuse(f"Hyperparameter {parameter.name} must be {_bounds(parameter)}, not {value}.")


def parse_number(text: str, *, whole: bool) -> float | None:
    """Parse a number in ASCII digits such as `0.5` or `1e-3`, or only an integer such as `20` if `whole` is True.

    Return None for any other string, such as `nan`, `inf`, ` 1` with a space, or a number that is too large.
    """
    if not (_WHOLE if whole else _DECIMAL).fullmatch(text):
        return None
    try:
        number = int(text) if whole else float(text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def _check_values(recipe: RecipeEntry, parameters: Mapping[str, Hyperparameter], values: Mapping[str, str]) -> None:
    for name, value in values.items():
        if name not in parameters:
            _refuse(UNKNOWN_PARAMETER.format(algorithm=recipe.algorithm_arn))
        if parameters[name].hpo_only:
            _refuse(f"Hyperparameter {name} can be set only through hpoConfig.")
        check_value(parameters[name], value)


def _check_percentiles(values: Mapping[str, str]) -> None:
    """Raise InvalidInputException if a minimum percentile is above the corresponding maximum percentile.

    Such a pair would leave no training data. `values` holds the featureTransformationParameters.
    """
    for low in (name for name in values if name.startswith("min_")):
        high = low.replace("min_", "max_", 1)
        if high in values and float(values[low]) > float(values[high]):
            _refuse(f"The value of {low} must be at most the value of {high}.")


def _check_range(recipe: RecipeEntry, member: str, entry: Config) -> None:
    name = entry.get("name", "")
    parameter = recipe.parameters("algorithm").get(name)
    if parameter is None or not parameter.tunable:
        _refuse(UNKNOWN_PARAMETER.format(algorithm=recipe.algorithm_arn))
    if parameter.type not in _RANGE_TYPES[member]:
        right = next(ranges for ranges, types in _RANGE_TYPES.items() if parameter.type in types)
        _refuse(f"Hyperparameter {name} is of type {parameter.type}. Provide its range in {right}, not in {member}.")
    if "categorical" in member and not entry.get("values"):
        _refuse(f"The range of hyperparameter {name} has no values. Provide at least one value.")
    low, high = TRAINABLE.get(name, (parameter.minimum, parameter.maximum))
    limits = replace(parameter, minimum=low, maximum=high)
    ends = [entry[end] for end in ("minValue", "maxValue") if end in entry]
    for value in (*ends, *entry.get("values", ())):
        check_value(limits, str(value))
    minimum = entry.get("minValue", 0)
    maximum = entry.get("maxValue", minimum)
    if minimum > maximum:
        _refuse(
            f"The range of hyperparameter {name} has the minValue {minimum}, which is above its maxValue {maximum}."
        )


def _is_in_range(parameter: Hyperparameter, number: float) -> bool:
    low = parameter.minimum if parameter.minimum is not None else number
    high = parameter.maximum if parameter.maximum is not None else number
    return low <= number <= high


def _bounds(parameter: Hyperparameter) -> str:
    if parameter.maximum is None:
        return f"at least {parameter.minimum}"
    return f"between {parameter.minimum} and {parameter.maximum}"


def _refuse(message: str) -> NoReturn:
    raise InvalidInputException(message)
