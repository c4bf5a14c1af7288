"""Training requests: the parsed configuration of a solution or recommender, and parameters such as the seed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from personalize_mock.data.bulk_imports import BulkImport
from personalize_mock.data.event_selection import EventParameters
from personalize_mock.data.user_histories import Interaction
from personalize_mock.recipes.objective import Sensitivity


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Filter that selects the interactions to train a model on.

    Attributes:
        event_type: The only event type that counts; None if all event types count.
        any_case: Whether to ignore the case of `event_type`.
        threshold: The smallest EVENT_VALUE that counts; None if all values count.
        parameters: The weight and the threshold of each event type. Other event types do not count. None if no event
            type has its own weight or threshold.
    """

    event_type: str | None = None
    any_case: bool = False
    threshold: float | None = None
    parameters: Mapping[str, EventParameters] | None = None

    def accepts(self, interaction: Interaction) -> bool:
        """Return whether an interaction has an event type and an event value that the filter selects."""
        parameters = EventParameters()
        if self.parameters is not None:
            parameters = self.parameters.get(interaction.event_type or "", EventParameters(weight=0.0))
        return (
            parameters.weight > 0
            and _reaches(interaction, parameters.threshold)
            and _reaches(interaction, self.threshold)
            and self._has_event_type(interaction)
        )

    def _has_event_type(self, interaction: Interaction) -> bool:
        if self.event_type is None or interaction.event_type is None:
            return self.event_type is None
        if self.any_case:
            return self.event_type.casefold() == interaction.event_type.casefold()
        return self.event_type == interaction.event_type


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFilter:
    """Filter that selects the columns of each dataset to train a model on.

    Attributes:
        excluded: The columns to leave out, by dataset type (such as ITEMS).
        included: The only columns to use, by dataset type. If a dataset type is not listed, all its columns are used.
    """

    excluded: Mapping[str, frozenset[str]] = field(default_factory=dict)
    included: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def from_wire(cls, config: Mapping[str, Any]) -> "ColumnFilter":
        """Parse the `trainingDataConfig` of a solution or recommender.

        Args:
            config: The `trainingDataConfig`, as sent in the request. It may be empty.
        """
        return cls(
            excluded=_by_dataset_type(config.get("excludedDatasetColumns", {})),
            included=_by_dataset_type(config.get("includedDatasetColumns", {})),
        )

    def uses(self, dataset_type: str, column: str, *, new_columns: frozenset[str]) -> bool:
        """Return whether a model is trained on a column.

        Args:
            dataset_type: The type of the dataset, such as ITEMS.
            column: The name of a column of this dataset.
            new_columns: The columns that were added to the dataset after the solution or recommender was configured.
                They are used only if the configuration includes them by name.
        """
        included = self.included.get(dataset_type)
        if column in self.excluded.get(dataset_type, frozenset()):
            return False
        return column not in new_columns if included is None else column in included


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectiveConfig:
    """The `optimizationObjective` of a solution.

    Attributes:
        item_attribute: The column of the Items dataset to maximise.
        sensitivity: How much the attribute counts compared with relevance: OFF, LOW, MEDIUM or HIGH.
    """

    item_attribute: str
    sensitivity: Sensitivity


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """The parts of a solution's or recommender's configuration that concern training.

    Attributes:
        algorithm_hyperparameters: The `algorithmHyperParameters`, as sent in the request.
        feature_parameters: The `featureTransformationParameters`, as sent in the request.
        events: Filter of the interactions to train on.
        columns: Filter of the columns to train on.
        objective: The optimization objective, or None.
    """

    algorithm_hyperparameters: Mapping[str, str] = field(default_factory=dict)
    feature_parameters: Mapping[str, str] = field(default_factory=dict)
    events: EventFilter = field(default_factory=EventFilter)
    columns: ColumnFilter = field(default_factory=ColumnFilter)
    objective: ObjectiveConfig | None = None

    @classmethod
    def from_wire(
        cls, config: Mapping[str, Any], *, event_type: str | None = None, any_case: bool = False
    ) -> "TrainingConfig":
        """Parse a `solutionConfig` or a `recommenderConfig`.

        Args:
            config: The configuration, as sent in the request.
            event_type: The only event type that counts; None if all event types count.
            any_case: Whether `event_type` is compared without regard to case.
        """
        threshold = config.get("eventValueThreshold")
        return cls(
            algorithm_hyperparameters=config.get("algorithmHyperParameters", {}),
            feature_parameters=config.get("featureTransformationParameters", {}),
            events=EventFilter(
                event_type=event_type,
                any_case=any_case,
                threshold=None if threshold is None else float(threshold),
                parameters=_event_parameters(config.get("eventsConfig", {})),
            ),
            columns=ColumnFilter.from_wire(config.get("trainingDataConfig", {})),
            objective=_objective(config.get("optimizationObjective")),
        )

    @property
    def hyperparameters(self) -> dict[str, str]:
        """All parameters of the recipe: algorithm hyperparameters and feature transformation parameters."""
        return {**self.algorithm_hyperparameters, **self.feature_parameters}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRequest:
    """Everything that defines the training of a model, except the data.

    Attributes:
        recipe: The name of the recipe, such as aws-sims.
        config: The configuration of the solution or recommender.
        new_columns: The columns that were added to datasets after the solution or recommender was configured, by
            dataset type.
        minimum_interactions: Number of interactions that the training requires.
        minimum_users: Number of users with at least two interactions that the training requires.
        seed: The seed of the split and of the model.
        now: The time at which the model is trained, in epoch seconds.
        put_count: The number of events that PutEvents received before the model was trained. The model does not know
            later events, so they are added to user histories when recommendations are requested.
        data_version: A value that changes whenever the data of the dataset group changes. It is used to detect new
            data.
        imports: The bulk imports whose interactions the model is trained on. Later updates of the model use new events,
            but no other imports.
    """

    recipe: str
    config: TrainingConfig = field(default_factory=TrainingConfig)
    new_columns: Mapping[str, frozenset[str]] = field(default_factory=dict)
    minimum_interactions: int = 0
    minimum_users: int = 0
    seed: int = 0
    now: float = 0.0
    put_count: int = 0
    data_version: Mapping[str, tuple[int, int, int, int]] = field(default_factory=dict)
    imports: tuple[BulkImport, ...] = ()


def _reaches(interaction: Interaction, threshold: float | None) -> bool:
    return threshold is None or (interaction.value is not None and interaction.value >= threshold)


def _by_dataset_type(columns: Mapping[str, list[str]]) -> dict[str, frozenset[str]]:
    by_type: dict[str, frozenset[str]] = {}
    for dataset_type, names in columns.items():
        by_type.setdefault(dataset_type.upper(), frozenset(names))  # of two spellings the first counts
    return by_type


def _event_parameters(config: Mapping[str, Any]) -> dict[str, EventParameters] | None:
    parameters = {
        entry["eventType"]: EventParameters(weight=entry.get("weight", 1.0), threshold=entry.get("eventValueThreshold"))
        for entry in config.get("eventParametersList", ())
        if "eventType" in entry
    }
    return parameters or None


def _objective(config: Mapping[str, Any] | None) -> ObjectiveConfig | None:
    if config is None:
        return None
    sensitivity: Sensitivity = config.get("objectiveSensitivity", "OFF")
    return ObjectiveConfig(item_attribute=config["itemAttribute"], sensitivity=sensitivity)
