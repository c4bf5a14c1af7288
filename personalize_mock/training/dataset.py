"""Selection of the rows and columns of a dataset group on which a model is trained."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.dataset_table import DatasetTable
from personalize_mock.data.id_map import IdMap
from personalize_mock.data.interaction_matrix import InteractionMatrix, empty_interaction_matrix, interaction_matrix
from personalize_mock.data.metadata import Metadata
from personalize_mock.data.tables import Table
from personalize_mock.recipes.base import TrainingData, TrainingFailed
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.registry import RECIPES
from personalize_mock.training.request import TrainingRequest

LARGEST_SUMMAND = 1e150  # sums of larger values could overflow
_ALWAYS_USED = frozenset(
    (
        *("USER_ID", "ITEM_ID", "ACTION_ID", "TIMESTAMP", "EVENT_TYPE", "EVENT_VALUE"),
        *("VALUE", "EXPIRATION_TIMESTAMP", "ACTION_EXPIRATION_TIMESTAMP", "REPEAT_FREQUENCY"),
        "IMPRESSION",  # not a feature of the model, but exploration reads it
    )
)


TrainingDatasets = Mapping[str, DatasetTable]  # by dataset type (INTERACTIONS); datasets without rows are absent


def training_data(
    request: TrainingRequest, datasets: TrainingDatasets, *, previous: TrainingData | None = None
) -> TrainingData:
    """Select the data on which a model is trained.

    Args:
        request: The training request, which may exclude columns, event types and low event values.
        datasets: The datasets of the dataset group, by dataset type.
        previous: The data on which the model was trained before. Its users, items and actions keep their indices. None
            for a new model.

    Raises:
        TrainingFailed: There are no interactions although the recipe needs them, or neither interactions nor items.
    """
    selected = {dataset_type: _select_columns(dataset, request) for dataset_type, dataset in datasets.items()}
    interactions_table, interactions = _interactions(request, selected, previous=previous)
    items, users, actions = (selected.get(dataset_type) for dataset_type in ("ITEMS", "USERS", "ACTIONS"))
    action_interactions = selected.get("ACTION_INTERACTIONS")
    return TrainingData(
        interactions=interactions,
        interactions_table=interactions_table,
        items=Metadata.from_dataset(items, interactions.items) if items else None,
        users=Metadata.from_dataset(users, interactions.users) if users else None,
        actions=Metadata.from_dataset(actions, _action_ids(actions.table, previous=previous)) if actions else None,
        action_interactions=action_interactions.table if action_interactions else None,
        now=request.now,
    )


def objective(
    request: TrainingRequest, interactions: InteractionMatrix, datasets: TrainingDatasets
) -> Objective | None:
    """Return the optimization objective of a training request, or None if it has none.

    The item attribute is read from the Items dataset even if the column is excluded from training.

    Args:
        request: The training request.
        interactions: The interactions, which give the index of each item.
        datasets: The datasets of the dataset group, by dataset type.
    """
    config, items = request.config.objective, datasets.get("ITEMS")
    if config is None:
        return None
    attribute = np.full(len(interactions.items), np.nan)
    if items is not None and config.item_attribute in items.table:
        column, ids = items.table.numbers(config.item_attribute), items.table.strings("ITEM_ID")
        indices = interactions.items.indices(ids.values)[ids.codes]
        valid = slice(None) if column.valid is None else column.valid
        attribute[indices[valid]] = column.values[valid]
    return Objective(attribute=_without_overflow(attribute), sensitivity=config.sensitivity)


def _without_overflow(attribute: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return attribute values, scaled down if their sum could overflow. Only the ratios between values matter."""
    largest = np.nanmax(np.abs(attribute), initial=0.0)
    return attribute / largest if largest > LARGEST_SUMMAND else attribute


def _select_columns(dataset: DatasetTable, request: TrainingRequest) -> DatasetTable:
    """Return a dataset without the columns that no recipe can use and those that the request excludes."""
    schema, dataset_type = dataset.schema, dataset.schema.dataset_type
    new_columns = request.new_columns.get(dataset_type, frozenset())
    used = tuple(
        field
        for field in schema.fields
        if field.name in _ALWAYS_USED
        or (
            _is_trainable(dataset_type, field)
            and request.config.columns.uses(dataset_type, field.name, new_columns=new_columns)
        )
    )
    left_out = set(schema.names).difference(field.name for field in used)
    columns = {name: column for name, column in dataset.table.columns.items() if name not in left_out}
    return DatasetTable(table=replace(dataset.table, columns=columns), schema=replace(schema, fields=used))


def _interactions(
    request: TrainingRequest, datasets: TrainingDatasets, *, previous: TrainingData | None
) -> tuple[Table, InteractionMatrix]:
    items = datasets["ITEMS"].table if "ITEMS" in datasets else None
    known = None if previous is None else previous.interactions
    if "INTERACTIONS" not in datasets:
        if items is None or RECIPES[request.recipe].needs_interactions:
            raise TrainingFailed(f"Dataset has fewer than {max(1, request.minimum_interactions)} interactions.")
        return empty_interaction_matrix(items, previous=known)
    table, events = datasets["INTERACTIONS"].table, request.config.events
    matrix = interaction_matrix(
        table,
        items=items,
        event_type=events.event_type,
        any_case=events.any_case,
        event_value_threshold=events.threshold,
        parameters=events.parameters,
        previous=known,
    )
    return table, matrix


def _action_ids(actions: Table, *, previous: TrainingData | None) -> IdMap:
    """Return the ids of all actions: first those of the previous training data, then new ones in lexicographic order.

    Actions in the previous data are included even if they have been deleted, so that indices do not change.

    Args:
        actions: The Actions dataset.
        previous: The data on which the model was trained before, or None.
    """
    known = previous.actions.ids.values if previous is not None and previous.actions is not None else ()
    return IdMap((*known, *sorted(set(actions.strings("ACTION_ID").values).difference(known))))


def _is_trainable(dataset_type: str, field: SchemaField) -> bool:
    """Return whether recipes can use a metadata field.

    They can use numbers, categorical and textual strings, and item names. They ignore booleans and other strings
    (developer guide, "Configuring columns used when training", 2025).

    Args:
        dataset_type: The type of the dataset, such as ITEMS.
        field: The field in the schema of the dataset.
    """
    if field.type == "string":
        action_type = dataset_type == "ACTIONS" and field.name == "TYPE"  # reserved, never marked as categorical
        return field.categorical or field.textual or field.item_name or action_type
    return field.type != "boolean"
