"""Contents of a dataset: imported tables, records sent by Put operations, and the current rows that result from both.

Contents are immutable. An import or a Put operation returns new contents that share all unchanged data with the old
ones. The cost of adding records does not depend on the size of the dataset. Deleting users and replacing the schema
copy everything.

In Items, Users and Actions datasets, only the newest row with an id is current, whether imported or sent by a Put
operation. In Interactions and Action_Interactions datasets, all rows are current.

An event can have a session id but no user id. Recommendations and filters then use the session id as the user id. For
training, the event is assigned to the user whose id occurs in other events of the session, and ignored if there is no
such user. Item filters assign it to this user, too, if it arrived before the model was trained.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.accumulators import A, Accumulators
from personalize_mock.data.avro import AvroSchema
from personalize_mock.data.bulk_imports import BulkImport, BulkImports
from personalize_mock.data.current_rows import current_row
from personalize_mock.data.dataset_table import DatasetTable
from personalize_mock.data.put_log import PutLog
from personalize_mock.data.put_record import PutRecord, first_per_event_id
from personalize_mock.data.records import table_from_rows
from personalize_mock.data.retained_items import RetainedItems
from personalize_mock.data.retention import RETENTION, retained_mask
from personalize_mock.data.tables import FieldValue, Strings, Table, concatenate, distinct, latest_by
from personalize_mock.data.user_histories import Interaction

IMPRESSION = "IMPRESSION"


class DatasetContents:
    """The rows of one dataset at one point in time. Methods that change the rows return a new object.

    Attributes:
        schema: The schema of the dataset.
        put_count: Number of records stored by Put operations so far, including deleted ones. Events that repeat an
            earlier event (see `PutLog.extend`) are not stored.
    """

    def __init__(self, schema: AvroSchema) -> None:
        self.schema = schema
        self.put_count = 0
        self._bulk = BulkImports(schema, ())
        self._log = PutLog(schema)
        self._earlier_data: tuple[Table, int] | None = None  # `data` at an earlier put count, and that count

    def with_import(self, table: Table, *, mode: str = "FULL", at: float = 0.0) -> DatasetContents:
        """Return the contents of the dataset after an import.

        Args:
            table: The imported rows.
            mode: FULL to replace earlier imports, INCREMENTAL to add to them.
            at: Time of the import, epoch seconds.
        """
        kept = () if mode == "FULL" else self.imports
        return self._with(bulk=(*kept, BulkImport(table=table, mode=mode, puts_before=self.put_count, at=at)))

    def with_records(self, records: Iterable[PutRecord]) -> DatasetContents:
        """Return the dataset's contents after a Put operation, without repeated events (see `PutLog.extend`)."""
        log = self._log if len(self._log) == self.put_count else self._log.prefix(self.put_count)
        log.extend(records)
        return self if len(log) == self.put_count else self._with(log=log)

    def without_users(self, users: Collection[str]) -> DatasetContents:
        """Return the dataset's contents without the rows of the given user ids, or this object if there are none.

        Deleted records of Put operations leave empty slots in the log (`PutLog`), so the offsets of other records stay
        valid.
        """
        if not self.schema.has_users:
            return self
        bulk = self._bulk.without_users(users).imports
        other = self._with(bulk=bulk, log=self._log.without_users(users, self.put_count))
        return self if other.row_count == self.row_count else other

    def with_schema(self, schema: AvroSchema) -> DatasetContents:
        """Return the dataset's contents under a new schema. Fields that the old schema lacks are null in all rows."""
        other = DatasetContents(schema)
        other._bulk = self._bulk.with_schema(schema)
        other._log = self._log.with_schema(schema, self.put_count)
        other.put_count = self.put_count
        return other

    def with_imports(self, imports: tuple[BulkImport, ...]) -> DatasetContents:
        """Return the dataset's contents with other imports. The records that Put operations sent remain."""
        return self if imports == self.imports else self._with(bulk=imports)

    def without_incremental(self) -> DatasetContents:
        """Return the contents of the dataset without the rows of INCREMENTAL imports."""
        full = tuple(bulk_import for bulk_import in self.imports if bulk_import.mode == "FULL")
        return self if len(full) == len(self.imports) else self._with(bulk=full)

    def exported(self, mode: str) -> DatasetTable:
        """Return the rows that a dataset export job writes. Rows that equal an earlier row in all fields are left out.

        Args:
            mode: BULK for imported rows, PUT for rows sent by Put operations, ALL for both. BULK and PUT include rows
                that were replaced by newer ones with the same id; ALL leaves them out.
        """
        if mode == "ALL":
            parts = [] if self.data is None else [self.data]
        elif mode == "PUT":
            parts = [self._put_table(0, self.put_count)]
        else:
            parts = [bulk_import.table for bulk_import in self.imports]
        table = concatenate([table_from_rows(self.schema, []), *parts])
        return DatasetTable(table=distinct(table), schema=self.schema)

    @property
    def row_count(self) -> int:
        """Number of rows from imports and Put operations, including rows replaced by newer ones with the same id."""
        return self._bulk.row_count + len(self.records)

    @cached_property
    def event_types(self) -> frozenset[str]:
        """The event types of all interactions, from imports and Put operations."""
        imported = (each.table.strings("EVENT_TYPE").values for each in self.imports if "EVENT_TYPE" in each.table)
        return frozenset(self._log.event_types(self.put_count)).union(*imported)

    @property
    def records(self) -> Sequence[PutRecord]:
        """The records sent by Put operations, in order of arrival, without deleted ones."""
        return self._records(0, self.put_count)

    def records_after(self, count: int) -> Sequence[PutRecord]:
        """Return the records that Put operations sent after the first `count` stored ones, without deleted records."""
        return self._records(count, self.put_count)

    @property
    def imports(self) -> tuple[BulkImport, ...]:
        """The last FULL import and the INCREMENTAL imports after it."""
        return self._bulk.imports

    @property
    def bulk(self) -> Table | None:
        """The imported rows; in Items, Users and Actions datasets, only the last one per id. None before any import."""
        return self._bulk.table

    @cached_property
    def data(self) -> Table | None:
        """The rows from imports and Put operations; in Items, Users and Actions datasets, only the last one per id.

        None before the first import or Put operation.
        """
        if not self.put_count:
            return self.bulk
        if self._earlier_data is not None:
            earlier, count = self._earlier_data
            parts = [earlier, self._put_table(count, self.put_count)]
        else:
            parts = list(self._tables_by_arrival())
        table = concatenate([part for part in parts if part.rows] or parts[:1])
        id_column = self.schema.id_column
        return table if id_column is None else latest_by(table, id_column)

    def current_row(self, id_: str) -> Mapping[str, FieldValue] | None:
        """Return the newest row of an item, user or action by field name, without the id; None if there is none."""
        return current_row(self._bulk, self._log, id_, stop=self.put_count)

    @cached_property
    def training_data(self) -> Table | None:
        """The table of rows on which a model is trained; None if there are no rows.

        In datasets of interactions, they differ from `data` in three ways. If several events have the same event id,
        only the first is included. Events without a user id are assigned to the user whose id other events of the
        session have, or left out if there is none. A column IMPRESSION is added if events have impressions.
        """
        if self.schema.id_column is not None or not self.put_count:
            return self.data
        session_users = self._log.session_users(self.put_count)
        users = (
            (record, record.row[self._log.user_column] or session_users.get(record.session_id))
            for record in first_per_event_id(self.records)
        )
        linked = [(record, user) for record, user in users if user is not None]
        table = table_from_rows(self.schema, [self._log.with_user(record.row, user) for record, user in linked])
        parts = [part for part in (self.bulk, table) if part is not None and (part.rows or part is self.bulk)]
        if not parts:
            return None
        impressions = ["|".join(record.impression) or None for record, _ in linked]
        if IMPRESSION not in table and any(impressions):
            parts = _with_impressions(parts, impressions)
        return concatenate(parts)

    def imported_interactions(self, user_id: str) -> list[Interaction]:
        """Return the imported interactions of one user, oldest first."""
        return self._bulk.user_histories.interactions(user_id)

    @property
    def sources(self) -> tuple[BulkImports, PutLog]:
        """The imports and the log of the records that Put operations sent. Older contents may share both."""
        return self._bulk, self._log

    def accumulated(self, accumulators: Accumulators[A], user_id: str, make: Callable[[], A], *, after: int = 0) -> A:
        """Return an accumulator with all events in these contents that Put operations sent for one user.

        Args:
            accumulators: Cache of accumulators, used only with contents that have the same `sources`.
            user_id: The user id, or the session id of events without a user id.
            make: Function that returns an accumulator without events.
            after: Number of the oldest records to skip, whichever users they belong to.
        """
        read = partial(self._log.interactions, user_id)
        return accumulators.get((user_id, after), make, read, start=after, stop=self.put_count)

    def retained_items(self, user_id: str, *, limit: int, now: float, linked_count: int = 0) -> dict[str, list[str]]:
        """Return the items of a user's interactions that filters still consider (see the module `retention`).

        Args:
            user_id: The id of the user.
            limit: Maximum number of interactions per event type.
            now: The current time, epoch seconds.
            linked_count: Number of the oldest records from Put operations in which an event without a user id counts
                as an event of the user whose id other events of its session have.

        Returns:
            The item ids, newest interaction first, by event type in lower case. The key "" has the interactions without
            an event type.
        """
        filtered = RetainedItems(
            bulk=self._bulk, log=self._log, stop=self.put_count, is_complete=self._is_retained(now)
        )
        return filtered.of_user(user_id, limit=limit, now=now, linked_count=min(linked_count, self.put_count))

    def retained_interactions(self, now: float) -> Table | None:
        """Return the rows of `data` that filters consider at time `now` (see `retention`). None if `data` is None."""
        table = self.data
        if table is None or self._is_retained(now):
            return table
        arrivals = np.concatenate([*self._arrivals()])
        return table.select(retained_mask(table.strings("USER_ID").codes, arrivals, now))

    def _with(self, *, bulk: tuple[BulkImport, ...] | None = None, log: PutLog | None = None) -> DatasetContents:
        """Return a copy with new imports or a new log; None keeps the old ones. Caches that remain valid are kept."""
        other = DatasetContents(self.schema)
        other._bulk = self._bulk if bulk is None else BulkImports(self.schema, bulk)
        other._log = self._log if log is None else log
        other.put_count = self.put_count if log is None else len(log)
        if bulk is None:
            data = self.__dict__.get("data")
            other._earlier_data = self._earlier_data if data is None else (data, self.put_count)
        return other

    def _is_retained(self, now: float) -> bool:
        """Return whether filters consider all rows at the time `now`. Only Interactions datasets have a time limit."""
        return self.schema.dataset_type != "INTERACTIONS" or now - self._oldest_arrival <= RETENTION

    @cached_property
    def _oldest_arrival(self) -> float:
        imported = (bulk_import.at for bulk_import in self.imports)
        return min((*imported, self._log.first_arrival(self.put_count)))

    def _arrivals(self) -> Iterable[NDArray[np.float64]]:
        """Yield the arrival times (epoch seconds) of all rows in `data`, in the same order, divided into arrays."""
        count = 0
        for bulk_import in self.imports:
            yield self._put_arrivals(count, bulk_import.puts_before)
            yield np.full(bulk_import.table.rows, bulk_import.at)
            count = bulk_import.puts_before
        yield self._put_arrivals(count, self.put_count)

    def _put_arrivals(self, start: int, stop: int) -> NDArray[np.float64]:
        return np.array([record.at for record in self._records(start, stop)], dtype=np.float64)

    def _tables_by_arrival(self) -> Iterable[Table]:
        """Yield tables of rows in order of arrival: records sent before the first import, that import, and so on."""
        count = 0
        for bulk_import in self.imports:
            yield self._put_table(count, bulk_import.puts_before)
            yield bulk_import.table
            count = bulk_import.puts_before
        yield self._put_table(count, self.put_count)

    def _put_table(self, start: int, stop: int) -> Table:
        """Return the records that Put operations sent, from offset `start` to `stop` - 1, as a table.

        Session ids replace missing user ids.
        """
        records = self._records(start, stop)
        if self.schema.id_column is not None:
            return table_from_rows(self.schema, [record.row for record in records])
        return table_from_rows(self.schema, [self._log.with_user(record.row, record.session_id) for record in records])

    def _records(self, start: int, stop: int) -> list[PutRecord]:
        return [record for record in self._log.between(start, stop) if record is not None]


def _with_impressions(parts: Sequence[Table], impressions: Sequence[str | None]) -> list[Table]:
    """Return the given tables, but add to the last one a column IMPRESSION with the given values, one per row."""
    *others, last = parts
    columns = {**last.columns, IMPRESSION: Strings.from_values(impressions)}
    return [*others, Table(columns=columns, rows=last.rows)]
