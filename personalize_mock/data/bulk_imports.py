"""Bulk imports of a dataset, and the table of rows that results from them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from personalize_mock.data.avro import AvroSchema
from personalize_mock.data.dataset_table import DatasetTable
from personalize_mock.data.records import table_from_rows
from personalize_mock.data.rows_by_id import RowsById
from personalize_mock.data.tables import Table, concatenate, latest_by
from personalize_mock.data.user_histories import UserHistories


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BulkImport:
    """The rows of one import job.

    Attributes:
        table: The imported rows.
        mode: FULL or INCREMENTAL.
        puts_before: Number of records that Put operations had sent to the dataset before the import.
        at: Time of the import, epoch seconds.
    """

    table: Table
    mode: str
    puts_before: int
    at: float = 0.0


@dataclass(eq=False)
class BulkImports:
    """The last FULL import of a dataset and the INCREMENTAL imports after it.

    Attributes:
        schema: The schema of the dataset.
        imports: The imports, oldest first.
    """

    schema: AvroSchema
    imports: tuple[BulkImport, ...]

    @property
    def row_count(self) -> int:
        """Number of imported rows, including rows that were replaced by newer ones with the same id."""
        return sum(bulk_import.table.rows for bulk_import in self.imports)

    @cached_property
    def table(self) -> Table | None:
        """The imported rows; in Items, Users and Actions datasets, only the last one per id. None before any import."""
        if not self.imports:
            return None
        table = concatenate([bulk_import.table for bulk_import in self.imports])
        return table if self.schema.id_column is None else latest_by(table, self.schema.id_column)

    @cached_property
    def rows_by_id(self) -> tuple[RowsById, ...]:
        """For each import, oldest first, a lookup of its rows by id. For Items, Users and Actions datasets only."""
        return tuple(
            RowsById(DatasetTable(table=bulk_import.table, schema=self.schema)) for bulk_import in self.imports
        )

    @cached_property
    def user_histories(self) -> UserHistories:
        """Lookup of the imported interactions of each user, for Interactions and Action_Interactions datasets only."""
        of_actions = self.schema.dataset_type == "ACTION_INTERACTIONS"
        return UserHistories(self.table, key="ACTION_ID" if of_actions else "ITEM_ID")

    def without_users(self, users: Collection[str]) -> BulkImports:
        """Return the imports without the rows of the users whose ids are in `users`."""
        imports = (replace(bulk_import, table=_without_users(bulk_import.table, users)) for bulk_import in self.imports)
        return BulkImports(self.schema, tuple(imports))

    def with_schema(self, schema: AvroSchema) -> BulkImports:
        """Return the imports under a new schema. Fields that the old schema lacks are null in all rows."""
        empty = table_from_rows(schema, [])
        imports = (replace(bulk_import, table=concatenate([empty, bulk_import.table])) for bulk_import in self.imports)
        return BulkImports(schema, tuple(imports))


def _without_users(table: Table, users: Collection[str]) -> Table:
    """Return a table without the rows of the given user ids, or the same object if there are no such rows."""
    column = table.strings("USER_ID")
    kept = np.array(
        [*(value not in users for value in column.values), True], dtype=np.bool_
    )  # the last element is for null
    return table if kept.all() else table.select(kept[column.codes])
