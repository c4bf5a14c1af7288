"""What is to be trained, and on what: datasets become the data that a recipe may learn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.id_map import IdMap
from personalize_mock.data.interaction_matrix import (
    EventParameters,
    InteractionMatrix,
    empty_interaction_matrix,
    interaction_matrix,
)
from personalize_mock.data.metadata import Metadata, aligned
from personalize_mock.data.tables import Table
from personalize_mock.data.user_histories import Interaction
from personalize_mock.recipes.base import TrainingData, TrainingFailed
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.registry import RECIPES

_KEYS = {"ITEMS": "ITEM_ID", "USERS": "USER_ID", "ACTIONS": "ACTION_ID"}
_NEEDED = frozenset(
    (
        *("USER_ID", "ITEM_ID", "ACTION_ID", "TIMESTAMP", "EVENT_TYPE", "EVENT_VALUE"),
        *("VALUE", "EXPIRATION_TIMESTAMP", "ACTION_EXPIRATION_TIMESTAMP", "REPEAT_FREQUENCY"),
        "IMPRESSION",  # never trained on, but it guides exploration
    )
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingDataset:
    """A dataset as a training finds it.

    Attributes:
        table: The rows.
        fields: The schema's fields.
    """

    table: Table
    fields: tuple[SchemaField, ...]


TrainingDatasets = Mapping[str, TrainingDataset]  # by dataset type, INTERACTIONS..., only of datasets with rows


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRequest:
    """What is to be trained.

    Attributes:
        recipe: The recipe's name.
        config: solutionConfig as on the wire.
        added: By dataset type, fields that are trained on only if `config` names them.
        event_type: Trains on these events only.
        any_case: Whether `event_type` may be written in another case.
        minimum_interactions: Fewer fail the training.
        minimum_users: Fewer users with two interactions fail the training.
        seed: Of the split and of the model.
        now: The instant of the training, epoch seconds.
        seen: How many events had been put one by one: later ones are folded in at the runtime.
    """

    recipe: str
    config: Mapping[str, Any] = field(default_factory=dict)
    added: Mapping[str, frozenset[str]] = field(default_factory=dict)
    event_type: str | None = None
    any_case: bool = False
    minimum_interactions: int = 0
    minimum_users: int = 0
    seed: int = 0
    now: float = 0.0
    seen: int = 0

    @property
    def hyperparameters(self) -> dict[str, str]:
        """What the recipe is told."""
        return {
            **self.config.get("algorithmHyperParameters", {}),
            **self.config.get("featureTransformationParameters", {}),
        }

    @property
    def threshold(self) -> float | None:
        """The eventValueThreshold."""
        text = self.config.get("eventValueThreshold")
        return None if text is None else float(text)

    @property
    def parameters(self) -> dict[str, EventParameters] | None:
        """What events count, by type; None if all count the same."""
        listed = self.config.get("eventsConfig", {}).get("eventParametersList", ())
        found = {
            each["eventType"]: EventParameters(
                weight=each.get("weight", 1.0), threshold=each.get("eventValueThreshold")
            )
            for each in listed
            if "eventType" in each
        }
        return found or None

    def takes(self, event: Interaction) -> bool:
        """Whether an event is among those that are trained on."""
        parameters, threshold = self.parameters, self.threshold
        if parameters is not None:
            own = parameters.get(event.event_type or "", EventParameters(weight=0.0))
            if own.weight <= 0 or (own.threshold is not None and not _reaches(event, own.threshold)):
                return False
        if threshold is not None and not _reaches(event, threshold):
            return False
        if self.event_type is None or event.event_type is None:
            return self.event_type is None
        wanted = (self.event_type, event.event_type)
        return len({each.casefold() for each in wanted} if self.any_case else set(wanted)) == 1


def _reaches(event: Interaction, threshold: float) -> bool:
    return event.value is not None and event.value >= threshold


def data_of(
    order: TrainingRequest,
    sources: TrainingDatasets,
    *,
    known: InteractionMatrix | None = None,
    known_actions: IdMap | None = None,
) -> TrainingData:
    """What a training may learn from: the columns and events that the configuration leaves.

    Raises:
        Untrainable: there are no interactions, and the recipe needs some.
    """
    sources = {kind: _usable(kind, source, order) for kind, source in sources.items()}
    items = sources["ITEMS"].table if "ITEMS" in sources else None
    if "INTERACTIONS" in sources:
        interactions = sources["INTERACTIONS"].table
        events = _events(order, interactions, items, known=known)
    elif items is not None and not RECIPES[order.recipe].needs_events:
        interactions, events = empty_interaction_matrix(items, known=known)
    else:
        raise TrainingFailed(f"Dataset has fewer than {max(1, order.minimum_interactions)} interactions.")
    actions = sources.get("ACTIONS")
    action_interactions = sources.get("ACTION_INTERACTIONS")
    return TrainingData(
        interactions=events,
        interactions_table=interactions,
        items=_metadata("ITEMS", sources.get("ITEMS"), events.items),
        users=_metadata("USERS", sources.get("USERS"), events.users),
        actions=_metadata("ACTIONS", actions, _action_ids(actions.table, known=known_actions)) if actions else None,
        action_interactions=action_interactions.table if action_interactions else None,
        now=order.now,
    )


def _action_ids(actions: Table, *, known: IdMap | None) -> IdMap:
    """The known actions, whether they are still there or not, then the others in lexicographic order."""
    first = known.values if known is not None else ()
    return IdMap((*first, *sorted(set(actions.strings("ACTION_ID").values).difference(first))))


def _usable(kind: str, source: TrainingDataset, order: TrainingRequest) -> TrainingDataset:
    """A dataset without the columns that no training uses, or this one must not; what makes an event always stays."""
    chosen = order.config.get("trainingDataConfig", {})
    excluded = _columns(chosen.get("excludedDatasetColumns", {}), kind) or set()
    included = _columns(chosen.get("includedDatasetColumns", {}), kind)
    if included is None:
        excluded |= order.added.get(kind, frozenset())
    kept = tuple(
        each
        for each in source.fields
        if each.name in _NEEDED
        or (_is_learnable(kind, each) and each.name not in excluded and (included is None or each.name in included))
    )
    left_out = {each.name for each in source.fields}.difference(each.name for each in kept)
    columns = {name: column for name, column in source.table.columns.items() if name not in left_out}
    return TrainingDataset(table=Table(columns=columns, rows=source.table.rows), fields=kept)


def _is_learnable(kind: str, field: SchemaField) -> bool:
    """Whether any training uses a field: booleans and text of no kind are used by none (reference: training)."""
    if field.type == "string":
        of_actions = kind == "ACTIONS" and field.name == "TYPE"  # reserved, and never marked as categorical
        return field.categorical or field.textual or field.item_name or of_actions
    return field.type != "boolean"


def _columns(chosen: Mapping[str, Sequence[str]], kind: str) -> set[str] | None:
    return next((set(columns) for name, columns in chosen.items() if name.upper() == kind), None)


def _metadata(kind: str, source: TrainingDataset | None, ids: IdMap) -> Metadata | None:
    return None if source is None else aligned(source.table, ids, key=_KEYS[kind], fields=source.fields)


def _events(
    order: TrainingRequest, interactions: Table, items: Table | None, *, known: InteractionMatrix | None
) -> InteractionMatrix:
    return interaction_matrix(
        interactions,
        items=items,
        event_type=order.event_type,
        any_case=order.any_case,
        event_value_threshold=order.threshold,
        parameters=order.parameters,
        known=known,
    )


def objective_of(order: TrainingRequest, events: InteractionMatrix, sources: TrainingDatasets) -> Objective | None:
    """What to favour besides relevance, read from the whole Items dataset."""
    config, items = order.config.get("optimizationObjective"), sources.get("ITEMS")
    if config is None:
        return None
    attribute = np.full(len(events.items), np.nan)
    name = config["itemAttribute"]
    if items is not None and name in items.table:
        column, ids = items.table.numbers(name), items.table.strings("ITEM_ID")
        rows = events.items.indices(ids.values)[ids.codes]
        known = slice(None) if column.valid is None else column.valid
        attribute[rows[known]] = column.values[known]
    sensitivity: Any = config.get("objectiveSensitivity", "OFF")
    return Objective(attribute=attribute, sensitivity=sensitivity)
