"""UpdateDataset: another schema for a dataset of items or users, with further fields.

Nothing that is begun can fail. Solutions and recommenders that are there do not train on the further fields (see
`trainings.order`); filters see them at once.
"""

from dataclasses import dataclass, replace

from personalize_mock.data import avro
from personalize_mock.resources.core.crud import check_active, find, refuse_use
from personalize_mock.resources.core.effects import effect
from personalize_mock.resources.core.lifecycle import begin, is_moving
from personalize_mock.resources.dataset_groups import DatasetGroup
from personalize_mock.resources.datasets import Dataset, checked_fields
from personalize_mock.resources.schemas import Schema
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import InvalidInputException
from personalize_mock.wire.registry import handler

REPLACEABLE = ("ITEMS", "USERS")  # documented

# Ours.
NOT_REPLACEABLE = "Dataset {arn} is of type {type}; only Items and Users datasets can have their schema replaced."
SAME_SCHEMA = "Dataset {arn} already has the schema {schema}. Provide another one."
FIELD_LOST = "Schema {arn} lacks the field {field}. Keep all fields of the schema {old}."
FIELD_CHANGED = "Schema {arn} changes the field {field}. Keep the types and attributes of the schema {old}."
FIELD_NOT_NULL = 'The field {field} of schema {arn} is new. Add "null" to its type.'
IMPORTING = "Dataset {arn} is in use by {by}."


@dataclass(kw_only=True)
class DatasetUpdate:
    """What UpdateDataset is doing, or has done last; while it runs, the dataset knows its status and date better."""

    schema_arn: str
    creation_date_time: float
    last_updated_date_time: float
    status: str | None = "ACTIVE"


@effect(Dataset)
def apply_update(store: Store, dataset: Dataset) -> None:
    """Ends an update: the dataset takes the new schema, and what is there is null in its further fields."""
    update, old = dataset.replacement, dataset.fields
    assert update is not None  # noqa: S101  # UpdateDataset has made it
    dataset.schema_arn = update.schema_arn
    schema = store.all(Schema)[update.schema_arn]
    dataset.fields = avro.parse(schema.schema, domain=schema.domain)
    dataset.added = (*dataset.added, tuple(name for name in dataset.fields.names if name not in old.names))
    dataset.contents = None if dataset.contents is None else dataset.contents.replaced(dataset.fields)
    dataset.replacement = replace(update, last_updated_date_time=store.clock.timestamp())


@handler
def update_dataset(store: Store, *, dataset_arn: str, schema_arn: str) -> Dataset:
    """UpdateDataset: another schema, with all fields of the old one and further ones that may be null."""
    dataset = find(store, Dataset, dataset_arn)
    schema = find(store, Schema, schema_arn)
    check_active(store, dataset)
    for job in store.by_type_name("DatasetImportJob").values():
        if job.dataset_arn == dataset_arn and is_moving(job):
            refuse_use(store, job, IMPORTING.format(arn=dataset_arn, by=job.arn))
    _check_replacement(store, dataset, schema)
    now = store.clock.timestamp()
    dataset.replacement = DatasetUpdate(schema_arn=schema_arn, creation_date_time=now, last_updated_date_time=now)
    begin(store, dataset, "update")
    return dataset


def _check_replacement(store: Store, dataset: Dataset, schema: Schema) -> None:
    if dataset.dataset_type not in REPLACEABLE:
        raise InvalidInputException(NOT_REPLACEABLE.format(arn=dataset.arn, type=dataset.dataset_type))
    if schema.arn == dataset.schema_arn:
        raise InvalidInputException(SAME_SCHEMA.format(arn=dataset.arn, schema=schema.arn))
    group = store.all(DatasetGroup)[dataset.dataset_group_arn]
    found = checked_fields(schema, group, dataset.dataset_type)
    for old in dataset.fields.fields:
        new = found.field(old.name)
        if new != old:
            text = FIELD_LOST if new is None else FIELD_CHANGED
            raise InvalidInputException(text.format(arn=schema.arn, field=old.name, old=dataset.schema_arn))
    for new in found.fields:
        if dataset.fields.field(new.name) is None and not new.nullable:
            raise InvalidInputException(FIELD_NOT_NULL.format(arn=schema.arn, field=new.name))
