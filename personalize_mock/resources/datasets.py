"""Datasets, each with a schema and the data that was imported or sent by Put* operations.

A dataset group has at most one dataset of each type. UpdateDataset replaces the schema of an Items or Users dataset
with one that has additional fields. A running update fails only if a test makes it fail. Filters see the new fields at
once; existing solutions and recommenders do not train on them. Source: developer guide, "Replacing a dataset's schema
to add new columns" (2025). The mock assumes that a running update has the same status as its dataset.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from personalize_mock.data import avro
from personalize_mock.resources import schemas
from personalize_mock.resources.core.crud import (
    add,
    check_absent,
    check_active,
    delete_handler,
    describe_handler,
    find,
    find_active,
    list_handler,
    raise_in_use,
)
from personalize_mock.resources.core.effects import effect
from personalize_mock.resources.core.lifecycle import DELETE, begin, create
from personalize_mock.resources.core.resource import Lifecycle, Resource, Stage
from personalize_mock.resources.dataset_groups import DatasetGroup
from personalize_mock.resources.dataset_updates import DatasetUpdate, ended_update
from personalize_mock.resources.tags import Tags, check_tags
from personalize_mock.simulation import Store, as_uuid
from personalize_mock.wire.errors import InvalidInputException
from personalize_mock.wire.registry import handler

if TYPE_CHECKING:
    from personalize_mock.data.contents import DatasetContents
    from personalize_mock.data.put_record import PutRecord

SchemaVersions = Mapping[int, int]  # from a dataset's ordinal to how often its schema was replaced

_ACTION_TYPES = ("ACTIONS", "ACTION_INTERACTIONS")
_UPDATABLE_TYPES = ("ITEMS", "USERS")

# Ours.
UNKNOWN_TYPE = (
    "The dataset type {type} does not exist. Provide one of Interactions, Items, Users, Actions, Action_Interactions."
)
WRONG_SCHEMA = "Schema {arn} is for {found} datasets. Provide a schema for {type} datasets."
WRONG_DOMAIN = (
    "Schema {arn} belongs to {found}, but dataset group {group} belongs to {wanted}. Provide a schema for {wanted}."
)
NO_ACTIONS = "A Domain dataset group cannot have a dataset of type {type}. Use a custom dataset group."
NOT_UPDATABLE = "Dataset {arn} is of type {type}; only Items and Users datasets can have their schema replaced."
SAME_SCHEMA = "Dataset {arn} already has the schema {schema}. Provide another schema."
FIELD_LOST = "Schema {arn} lacks the field {field}. Keep all fields of the schema {old}."
FIELD_CHANGED = "Schema {arn} changes the field {field}. Keep the type and attributes that it has in schema {old}."
FIELD_NOT_NULL = 'The field {field} of schema {arn} is new. Add "null" to its type.'
IMPORTING = "Dataset {arn} is in use by {by}. Wait until the import has finished."


@dataclass(kw_only=True)
class Dataset(Resource):
    """A dataset. While an update is running, the dataset keeps its old schema.

    Attributes:
        tracking_id: The tracking ID of an Action_Interactions dataset, which needs no event tracker. None for other
            types.
        parsed_schema: The schema, parsed from Avro JSON.
        added_fields: For each update, the names of the fields that it added.
        user_deletions: The number of data deletion jobs that deleted rows from this dataset.
        latest_update: The latest schema update. `latest_dataset_update` adds the current status of a running update.
    """

    ARN_TYPE = "dataset"
    LIST_MEMBER = "datasets"
    LIFECYCLES = (
        replace(create(), moves_date=False),  # recorded 2021: lastUpdatedDateTime is the creation date
        DELETE,
        Lifecycle(
            "update",
            (Stage("UPDATE PENDING"), Stage("UPDATE IN_PROGRESS", 0.2), Stage("ACTIVE", 0.8, "apply_update")),
            failed="ACTIVE",  # assumed: only the update fails
        ),
    )

    dataset_group_arn: str
    dataset_type: str
    schema_arn: str
    tracking_id: str | None = None
    parsed_schema: avro.AvroSchema
    added_fields: tuple[tuple[str, ...], ...] = ()
    user_deletions: int = 0
    latest_update: DatasetUpdate | None = None
    _contents: "DatasetContents | None" = field(default=None, init=False, repr=False)

    @property
    def contents(self) -> "DatasetContents":
        """The data that was imported or sent by Put* operations. Created on first use, because it needs NumPy."""
        from personalize_mock.data.contents import DatasetContents

        return DatasetContents(self.parsed_schema) if self._contents is None else self._contents

    @contents.setter
    def contents(self, contents: "DatasetContents") -> None:
        self._contents = contents

    @property
    def has_data(self) -> bool:
        """Whether an import has finished or a Put* operation has sent records, even if the data was deleted later."""
        return self._contents is not None and bool(self._contents.imports or self._contents.put_count)

    @property
    def latest_dataset_update(self) -> DatasetUpdate | None:
        """The latest schema update, or None. A running update has the status and the date of the dataset."""
        if self._is_updating and self.latest_update is not None:
            return replace(self.latest_update, status=self.status, last_updated_date_time=self.last_updated_date_time)
        return ended_update(self.latest_update, self.failure_reason)

    @property
    def pending_schema_arn(self) -> str | None:
        """The ARN of the new schema if an update is running, else None."""
        return self.latest_update.schema_arn if self.latest_update is not None and self._is_updating else None

    @property
    def _is_updating(self) -> bool:
        return (self.status or "").startswith("UPDATE")

    @property
    def tracked_group_arn(self) -> str | None:
        """The ARN of the dataset group of an Interactions dataset, which stores events from PutEvents, else None."""
        return self.dataset_group_arn if self.dataset_type == "INTERACTIONS" else None

    def set_schema(self, schema: avro.AvroSchema) -> None:
        """Replace the schema with one that has additional fields, which are null in all existing rows."""
        self.parsed_schema = schema
        if self._contents is not None:
            self._contents = self._contents.with_schema(schema)

    def put(self, records: "Iterable[PutRecord]") -> "Sequence[PutRecord]":
        """Store records sent by a Put* operation, and return the stored ones. Repeated identical events are dropped."""
        contents = self.contents
        self.contents = contents.with_records(records)
        return self.contents.records_after(contents.put_count)

    def delete_users(self, user_ids: Collection[str]) -> int:
        """Delete all rows of the given users and return the number of deleted rows."""
        before = self.contents
        after = before.without_users(user_ids)
        if after is not before:
            self.contents = after
            self.user_deletions += 1
        return before.row_count - after.row_count


@handler
def create_dataset(
    store: Store,
    *,
    name: str,
    schema_arn: str,
    dataset_group_arn: str,
    dataset_type: str,
    tags: Tags = (),
) -> Dataset:
    """Answer a CreateDataset request. The ARN contains the name of the dataset group and the dataset type."""
    schema = find(store, schemas.Schema, schema_arn)
    group = find_active(store, DatasetGroup, dataset_group_arn)
    dataset_type = dataset_type.upper()
    parsed_schema = _parse_schema(schema, group, dataset_type)
    check_tags(tags)
    arn = store.arn(Dataset.ARN_TYPE, f"{group.name}/{dataset_type}")
    check_absent(store, Dataset, arn)
    tracking_id = None
    if dataset_type == "ACTION_INTERACTIONS":
        tracking_id = as_uuid(store.digest("tracker", arn, store.next_number(f"tracker of {arn}")))
    dataset = Dataset(
        arn=arn,
        name=name,
        dataset_group_arn=dataset_group_arn,
        dataset_type=dataset_type,
        schema_arn=schema_arn,
        tracking_id=tracking_id,
        parsed_schema=parsed_schema,
        tags=tags,
    )
    return add(store, dataset)


@handler
def update_dataset(store: Store, *, dataset_arn: str, schema_arn: str) -> Dataset:
    """Answer an UpdateDataset request. The new schema must keep all old fields, and added fields must allow null."""
    dataset = find(store, Dataset, dataset_arn)
    schema = find(store, schemas.Schema, schema_arn)
    check_active(store, dataset)
    for job in store.select_by_type_name("DatasetImportJob", dataset_arn=dataset_arn, is_running=True):
        raise_in_use(store, job, IMPORTING.format(arn=dataset_arn, by=job.arn))
    _check_update(store, dataset, schema)
    now = store.clock.timestamp()
    dataset.failure_reason = None
    dataset.latest_update = DatasetUpdate(schema_arn=schema_arn, creation_date_time=now, last_updated_date_time=now)
    begin(store, dataset, "update")
    return dataset


@effect(Dataset)
def apply_update(store: Store, dataset: Dataset) -> None:
    """Replace the schema of a dataset when an update ends. The new fields are null in all existing rows."""
    update, old = dataset.latest_update, dataset.parsed_schema
    assert update is not None  # noqa: S101  # set by UpdateDataset
    schema = store.all(schemas.Schema)[update.schema_arn]
    new = avro.parse(schema.schema, domain=schema.domain)
    dataset.schema_arn = update.schema_arn
    dataset.set_schema(new)
    dataset.added_fields = (*dataset.added_fields, tuple(name for name in new.names if name not in old.names))
    dataset.latest_update = replace(update, last_updated_date_time=store.clock.timestamp())


def datasets_of(store: Store, group_arn: str) -> list[Dataset]:
    """Return all datasets of a dataset group."""
    return list(store.select(Dataset, dataset_group_arn=group_arn))


def dataset_of(store: Store, group_arn: str, dataset_type: str) -> Dataset | None:
    """Return the dataset of the given type in a dataset group, or None."""
    return next(iter(store.select(Dataset, dataset_group_arn=group_arn, dataset_type=dataset_type)), None)


def schema_versions(store: Store, group_arn: str) -> SchemaVersions:
    """Return how often the schema of each dataset in a dataset group was replaced, by the dataset's `ordinal`.

    The `ordinal` of a resource is its number in order of creation.
    """
    return {dataset.ordinal: len(dataset.added_fields) for dataset in datasets_of(store, group_arn)}


def fields_added_since(store: Store, group_arn: str, versions: SchemaVersions) -> dict[str, frozenset[str]]:
    """Return the names of the fields that schema updates have added since a call to `schema_versions`, by dataset type.

    Args:
        store: The resources of one account and region.
        group_arn: The ARN of the dataset group.
        versions: The result of that call. For datasets created later, all fields added by updates are returned.
    """
    added = {
        dataset.dataset_type: dataset.added_fields[versions.get(dataset.ordinal, 0) :]
        for dataset in datasets_of(store, group_arn)
    }
    return {dataset_type: frozenset().union(*names) for dataset_type, names in added.items() if names}


def _parse_schema(schema: schemas.Schema, group: DatasetGroup, dataset_type: str) -> avro.AvroSchema:
    """Parse a schema and check that a dataset of the given type in a dataset group can use it.

    Raises:
        InvalidInputException: The schema is invalid or made for another domain or dataset type, or the dataset type is
            unknown or not available in the domain of the group.
    """
    if dataset_type not in ("INTERACTIONS", "ITEMS", "USERS", *_ACTION_TYPES):
        raise InvalidInputException(UNKNOWN_TYPE.format(type=dataset_type))
    if schema.domain != group.domain:
        found, wanted = (f"the domain {each}" if each else "no domain" for each in (schema.domain, group.domain))
        raise InvalidInputException(WRONG_DOMAIN.format(arn=schema.arn, found=found, group=group.arn, wanted=wanted))
    if group.domain and dataset_type in _ACTION_TYPES:
        raise InvalidInputException(NO_ACTIONS.format(type=dataset_type))
    schemas.check(schema.schema, schema.domain)
    parsed = avro.parse(schema.schema, domain=schema.domain)
    if parsed.dataset_type != dataset_type:
        text = WRONG_SCHEMA.format(arn=schema.arn, found=parsed.dataset_type, type=dataset_type)
        raise InvalidInputException(text)
    return parsed


def _check_update(store: Store, dataset: Dataset, schema: schemas.Schema) -> None:
    if dataset.dataset_type not in _UPDATABLE_TYPES:
        raise InvalidInputException(NOT_UPDATABLE.format(arn=dataset.arn, type=dataset.dataset_type))
    if schema.arn == dataset.schema_arn:
        raise InvalidInputException(SAME_SCHEMA.format(arn=dataset.arn, schema=schema.arn))
    group = store.all(DatasetGroup)[dataset.dataset_group_arn]
    parsed = _parse_schema(schema, group, dataset.dataset_type)
    for old in dataset.parsed_schema.fields:
        new = parsed.field(old.name)
        if new != old:
            text = FIELD_LOST if new is None else FIELD_CHANGED
            raise InvalidInputException(text.format(arn=schema.arn, field=old.name, old=dataset.schema_arn))
    for new in parsed.fields:
        if dataset.parsed_schema.field(new.name) is None and not new.nullable:
            raise InvalidInputException(FIELD_NOT_NULL.format(arn=schema.arn, field=new.name))


describe_dataset = describe_handler(Dataset)
list_datasets = list_handler(Dataset)
delete_dataset = delete_handler(Dataset)
