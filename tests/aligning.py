"""Metadata in tests: a table seen in the order of some ids."""

from dataclasses import replace

from personalize_mock.data.avro import AvroSchema
from personalize_mock.data.dataset_table import DatasetTable
from personalize_mock.data.metadata import Metadata

DATASET_TYPES = {"ITEM_ID": "ITEMS", "USER_ID": "USERS", "ACTION_ID": "ACTIONS"}


def dataset_table(table, *, key, fields):
    """A table whose rows have their ids in the column `key`."""
    return DatasetTable(table=table, schema=AvroSchema(dataset_type=DATASET_TYPES[key], fields=tuple(fields)))


def aligned(table, ids, *, key, fields):
    """The rows of a table in the order of `ids`, which stand in the column `key`."""
    return Metadata.from_dataset(dataset_table(table, key=key, fields=fields), ids)


def with_fields(metadata, fields):
    """The same metadata, of which only some fields count."""
    schema = replace(metadata.dataset.schema, fields=tuple(fields))
    return replace(metadata, dataset=replace(metadata.dataset, schema=schema))


def with_table(metadata, table):
    """The same metadata with other values."""
    return replace(metadata, dataset=replace(metadata.dataset, table=table))
