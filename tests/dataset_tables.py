"""Tables of datasets and metadata in tests."""

from dataclasses import replace

from personalize_mock.data.avro import AvroSchema
from personalize_mock.data.dataset_table import DatasetTable
from personalize_mock.data.metadata import Metadata

DATASET_TYPES = {"ITEM_ID": "ITEMS", "USER_ID": "USERS", "ACTION_ID": "ACTIONS"}


def dataset_table(table, *, key, fields):
    """Return a table whose ids are in the column `key`."""
    return DatasetTable(table=table, schema=AvroSchema(dataset_type=DATASET_TYPES[key], fields=tuple(fields)))


def aligned(table, ids, *, key, fields):
    """Return the rows of a table, whose ids are in the column `key`, in the order of `ids`."""
    return Metadata.from_dataset(dataset_table(table, key=key, fields=fields), ids)


def with_fields(metadata, fields):
    """Return the metadata with other fields."""
    schema = replace(metadata.dataset.schema, fields=tuple(fields))
    return replace(metadata, dataset=replace(metadata.dataset, schema=schema))


def with_table(metadata, table):
    """Return the metadata with another table."""
    return replace(metadata, dataset=replace(metadata.dataset, table=table))
