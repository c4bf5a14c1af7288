"""Datasets: one per type in a group, each with a schema and the data that came so far."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from personalize_mock.data import avro
from personalize_mock.resources import schemas
from personalize_mock.resources.core.crud import add, check_free, deletes, describes, find, find_active, lists
from personalize_mock.resources.core.lifecycle import DELETE, create
from personalize_mock.resources.core.resource import Lifecycle, Resource, Stage
from personalize_mock.resources.dataset_groups import DatasetGroup
from personalize_mock.resources.tags import Tags, check_tags
from personalize_mock.simulation import Store, as_uuid
from personalize_mock.wire.errors import InvalidInputException
from personalize_mock.wire.registry import handler

if TYPE_CHECKING:
    from personalize_mock.data.contents import DatasetContents
    from personalize_mock.data.put_log import PutRecord
    from personalize_mock.data.tables import Table
    from personalize_mock.data.user_histories import Interaction, UserHistories
    from personalize_mock.resources.dataset_updates import DatasetUpdate

SchemaVersions = Mapping[int, int]  # by a dataset's ordinal, how often its schema was replaced

_ACTION_TYPES = ("ACTIONS", "ACTION_INTERACTIONS")

# Ours.
UNKNOWN_TYPE = (
    "The dataset type {type} does not exist. Provide one of Interactions, Items, Users, Actions, Action_Interactions."
)
WRONG_SCHEMA = "Schema {arn} is a schema for {found} datasets and does not fit a dataset of type {type}."
WRONG_DOMAIN = "Schema {arn} belongs to the domain {found}, dataset group {group} to the domain {domain}."
NO_ACTIONS = "A dataset group of a domain cannot have a dataset of type {type}."


@dataclass(kw_only=True)
class Dataset(Resource):
    """A dataset; while its schema is being replaced, the old one is in force.

    Attributes:
        tracking_id: of the tracker that an action interactions dataset brings along.
        fields: the schema, read.
        contents: what was imported and put; None before anything was.
        added: the names of the fields that each replacement of the schema has brought.
        deletions: how often users were deleted of whom there was something.
        replacement: the newest update, as it was when it began or ended.
    """

    ARN_TYPE = "dataset"
    LIST_MEMBER = "datasets"
    LIFECYCLES = (
        create(),
        DELETE,
        Lifecycle(
            "update",
            (Stage("UPDATE PENDING"), Stage("UPDATE IN_PROGRESS", 0.2), Stage("ACTIVE", 0.8, "apply_update")),
        ),
    )

    dataset_group_arn: str
    dataset_type: str
    schema_arn: str
    tracking_id: str | None = None
    fields: avro.AvroSchema
    contents: "DatasetContents | None" = None
    added: tuple[tuple[str, ...], ...] = ()
    deletions: int = 0
    replacement: "DatasetUpdate | None" = None

    @property
    def latest_dataset_update(self) -> "DatasetUpdate | None":
        """The newest update; that its status is the dataset's own while it runs is inferred."""
        if self.replacement is None or not self._is_updating:
            return self.replacement
        return replace(self.replacement, status=self.status, last_updated_date_time=self.last_updated_date_time)

    @property
    def wanted_schema_arn(self) -> str | None:
        """The schema that it is being given."""
        return self.replacement.schema_arn if self.replacement is not None and self._is_updating else None

    @property
    def _is_updating(self) -> bool:
        return (self.status or "").startswith("UPDATE")

    @property
    def tracked_group_arn(self) -> str | None:
        """The group whose event tracker fills this dataset, None if no tracker does."""
        return self.dataset_group_arn if self.dataset_type == "INTERACTIONS" else None

    @property
    def bulk(self) -> "Table | None":
        """What imports brought; None before the first."""
        return None if self.contents is None else self.contents.bulk

    @property
    def data(self) -> "Table | None":
        """What filters see now, imported and put; None if there is nothing."""
        return None if self.contents is None else self.contents.data

    @property
    def training_data(self) -> "Table | None":
        """What a training sees now: as `data`, but of events in sessions only those that belong to a known user."""
        return None if self.contents is None else self.contents.training_data

    @property
    def segment_data(self) -> "Table | None":
        """What a training of segments sees: as `training_data`, without INCREMENTAL imports (documented)."""
        return None if self.contents is None else self.contents.without_incremental().training_data

    @property
    def put_count(self) -> int:
        """How many records or events were put so far."""
        return 0 if self.contents is None else self.contents.put_count

    @property
    def activity(self) -> "UserHistories":
        """What users did up to now; of datasets of interactions only."""
        return self._contents().activity

    def live(self, user_id: str, after: int) -> "Sequence[Interaction]":
        """What a user did in events that were put, oldest first, without the first `after` events of the dataset."""
        return () if self.contents is None else self.contents.live(user_id, after=after)

    def touched(self, user_id: str, *, limit: int, now: float, joined: int = 0) -> "Mapping[str, Sequence[str]]":
        """What filters know of a user at an instant: by event type in lower case, items or actions, newest first.

        Of the first `joined` events, those of sessions that name the user are the user's own.
        """
        return {} if self.contents is None else self.contents.touched(user_id, limit=limit, now=now, joined=joined)

    def remembered(self, now: float) -> "Table | None":
        """What filters know of all users at an instant; of datasets of interactions only."""
        return None if self.contents is None else self.contents.remembered(now)

    def take_import(self, table: "Table", mode: str, *, at: float) -> None:
        """An import is done: FULL replaces what earlier ones brought, INCREMENTAL adds to it."""
        self.contents = self._contents().imported(table, mode=mode, at=at)

    def take_puts(self, puts: "Iterable[PutRecord]") -> None:
        """Records or events came by themselves."""
        self.contents = self._contents().put(puts)

    def forget(self, user_ids: Collection[str]) -> int:
        """Deletes users and what they did; says how many rows that were."""
        before = self._contents()
        after = before.without(user_ids)
        if after is not before:
            self.contents = after
            self.deletions += 1
        return before.stored - after.stored

    def exported(self, mode: str) -> "Table":
        """What an export of it writes; of interactions of sessions without a user, the session stands for the user."""
        return self._contents().exported(mode)

    def _contents(self) -> "DatasetContents":
        from personalize_mock.data.contents import DatasetContents

        return DatasetContents(self.fields) if self.contents is None else self.contents


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
    """CreateDataset; the type may be written in any case, and its ARN has the group's name, not the dataset's."""
    schema = find(store, schemas.Schema, schema_arn)
    group = find_active(store, DatasetGroup, dataset_group_arn)
    kind = dataset_type.upper()
    fields = checked_fields(schema, group, kind)
    check_tags(tags)
    arn = store.arn(Dataset.ARN_TYPE, f"{group.name}/{kind}")
    check_free(store, Dataset, arn)
    dataset = Dataset(
        arn=arn,
        name=name,
        dataset_group_arn=dataset_group_arn,
        dataset_type=kind,
        schema_arn=schema_arn,
        tracking_id=as_uuid(store.digest("tracker", arn, store.next_number(f"tracker of {arn}")))
        if kind == "ACTION_INTERACTIONS"
        else None,
        fields=fields,
        tags=tags,
    )
    return add(store, dataset)


def datasets_of(store: Store, group_arn: str) -> list[Dataset]:
    """The datasets of a group."""
    return [each for each in store.all(Dataset).values() if each.dataset_group_arn == group_arn]


def revisions(store: Store, group_arn: str) -> SchemaVersions:
    """How often the schemas of a group's datasets were replaced so far."""
    return {each.ordinal: len(each.added) for each in datasets_of(store, group_arn)}


def fields_since(store: Store, group_arn: str, known: SchemaVersions) -> dict[str, frozenset[str]]:
    """By dataset type, the fields that a group's datasets were given since; later datasets, since creation."""
    added = {each.dataset_type: each.added[known.get(each.ordinal, 0) :] for each in datasets_of(store, group_arn)}
    return {kind: frozenset().union(*names) for kind, names in added.items() if names}


def dataset_of(store: Store, group_arn: str, dataset_type: str) -> Dataset | None:
    """The dataset of a type in a group, or None."""
    return next(
        (
            dataset
            for dataset in store.all(Dataset).values()
            if dataset.dataset_group_arn == group_arn and dataset.dataset_type == dataset_type
        ),
        None,
    )


def checked_fields(schema: schemas.Schema, group: DatasetGroup, kind: str) -> avro.AvroSchema:
    """A schema, read for a dataset of some type in a group.

    Raises:
        InvalidInputException: it does not fit there.
    """
    if kind not in ("INTERACTIONS", "ITEMS", "USERS", *_ACTION_TYPES):
        raise InvalidInputException(UNKNOWN_TYPE.format(type=kind))
    if schema.domain != group.domain:
        raise InvalidInputException(
            WRONG_DOMAIN.format(
                arn=schema.arn,
                found=schema.domain or "CUSTOM",
                group=group.arn,
                domain=group.domain or "CUSTOM",
            )
        )
    if group.domain and kind in _ACTION_TYPES:
        raise InvalidInputException(NO_ACTIONS.format(type=kind))
    schemas.check(schema.schema, schema.domain)
    fields = avro.parse(schema.schema, domain=schema.domain)
    if fields.dataset_type != kind:
        raise InvalidInputException(WRONG_SCHEMA.format(arn=schema.arn, found=fields.dataset_type, type=kind))
    return fields


describe_dataset = describes(Dataset)
list_datasets = lists(Dataset)
delete_dataset = deletes(Dataset)
