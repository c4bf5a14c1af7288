"""Contents of a dataset: imported tables, put records, and the current rows that result from both.

Contents are immutable. An import or a put returns new contents that share the unchanged parts. A put costs as much as
the records it adds, however large the dataset is. Deleting users and replacing the schema copy everything.

In Items, Users and Actions the newest row of an id counts, imported or put. In Interactions and Action_Interactions all
rows count. An event that names no user belongs to its session. Live, the session id takes the place of the user id. In
a training the event belongs to the user whom another event of the session names; if there is none, the event is
ignored. Filters treat such events as the training of the answering model did.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property, partial
from itertools import islice
from math import inf

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.avro import AvroSchema
from personalize_mock.data.bulk_imports import BulkImport, BulkImports
from personalize_mock.data.dataset_table import DatasetTable
from personalize_mock.data.put_log import PutLog, PutRecord, first_per_event_id
from personalize_mock.data.records import table_from_rows
from personalize_mock.data.retention import RETENTION, oldest_retained, retained_mask
from personalize_mock.data.tables import Strings, Table, concatenate, distinct, latest_by
from personalize_mock.data.user_histories import Interaction, UserHistories

IMPRESSION = "IMPRESSION"


class DatasetContents:
    """The contents of one dataset.

    Attributes:
        schema: The schema of the dataset.
        put_count: Number of records put so far, including deleted records but not repeated events.
    """

    def __init__(self, schema: AvroSchema) -> None:
        self.schema = schema
        self.put_count = 0
        self._bulk = BulkImports(schema, ())
        self._log = PutLog(schema)
        self._earlier_data: tuple[Table, int] | None = None  # `data` at an earlier put count, and that count

    def with_import(self, table: Table, *, mode: str = "FULL", at: float = 0.0) -> DatasetContents:
        """Return the contents after an import: FULL replaces earlier imports, INCREMENTAL adds to them."""
        kept = () if mode == "FULL" else self.imports
        return self._with(bulk=(*kept, BulkImport(table=table, mode=mode, puts_before=self.put_count, at=at)))

    def with_records(self, records: Iterable[PutRecord]) -> DatasetContents:
        """Return the contents after a put; repeated events are dropped."""
        log = self._log if len(self._log) == self.put_count else self._log.prefix(self.put_count)
        log.extend(records)
        return self if len(log) == self.put_count else self._with(log=log)

    def without_users(self, users: Collection[str]) -> DatasetContents:
        """Return the contents without the rows of `users`. If they have no rows, return the same object.

        The other put records keep their offsets.
        """
        if not self.schema.has_users:
            return self
        bulk = self._bulk.without_users(users).imports
        other = self._with(bulk=bulk, log=self._log.without_users(users, self.put_count))
        return self if other.row_count == self.row_count else other

    def with_schema(self, schema: AvroSchema) -> DatasetContents:
        """Return the contents under a schema with additional fields, which are null in all existing rows."""
        other = DatasetContents(schema)
        other._bulk = self._bulk.with_schema(schema)
        other._log = self._log.with_schema(schema, self.put_count)
        other.put_count = self.put_count
        return other

    def with_imports(self, imports: tuple[BulkImport, ...]) -> DatasetContents:
        """Return the contents with other imports, such as those of an earlier time, and the same put records."""
        return self if imports == self.imports else self._with(bulk=imports)

    def without_incremental(self) -> DatasetContents:
        """Return the contents without INCREMENTAL imports."""
        full = tuple(bulk_import for bulk_import in self.imports if bulk_import.mode == "FULL")
        return self if len(full) == len(self.imports) else self._with(bulk=full)

    def exported(self, mode: str) -> DatasetTable:
        """Return the rows of an export. Of several rows that are equal in all fields, one is exported.

        Args:
            mode: BULK exports all imported rows and PUT all put rows, including superseded ones. ALL exports `data`.
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
        """Number of imported and put rows, including superseded ones."""
        return self._bulk.row_count + len(self.records)

    @cached_property
    def event_types(self) -> frozenset[str]:
        """The event types of all interactions, imported and put."""
        imported = (each.table.strings("EVENT_TYPE").values for each in self.imports if "EVENT_TYPE" in each.table)
        return frozenset(self._log.event_types).union(*imported)

    @property
    def records(self) -> Sequence[PutRecord]:
        """The put records that were not deleted, in order of arrival."""
        return self._records(0, self.put_count)

    def records_after(self, count: int) -> Sequence[PutRecord]:
        """Return the records put after the first `count`."""
        return self._records(count, self.put_count)

    @property
    def imports(self) -> tuple[BulkImport, ...]:
        """The last FULL import and the INCREMENTAL ones after it."""
        return self._bulk.imports

    @property
    def bulk(self) -> Table | None:
        """The imported rows without superseded ones; None before the first import."""
        return self._bulk.table

    @cached_property
    def data(self) -> Table | None:
        """The imported and put rows without superseded ones; None before the first import or put."""
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

    @cached_property
    def training_data(self) -> Table | None:
        """The rows that a training uses; None if there are none.

        They differ from `data` in three ways: only the first event with the same event id counts, events without a
        known user are left out, and impressions of events add a column IMPRESSION.
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

    @cached_property
    def user_histories(self) -> UserHistories:
        """The interactions by user. Only datasets of interactions have them."""
        return self._bulk.user_histories.with_put_interactions(partial(self.put_interactions, after=0))

    def put_interactions(self, user_id: str, *, after: int) -> list[Interaction]:
        """Return the put events of a user, oldest first.

        Args:
            user_id: The user, or the session of an unknown user.
            after: Number of put records to skip.
        """
        return self._log.interactions(user_id, after, self.put_count)

    def retained_items(self, user_id: str, *, limit: int, now: float, linked_count: int = 0) -> dict[str, list[str]]:
        """Return the items of a user's retained interactions in the form of `UserHistories.items_by_event_type`.

        Args:
            user_id: The user.
            limit: Number of interactions considered per event type.
            now: The current time, epoch seconds; see `retention`.
            linked_count: Among the first `linked_count` put records, an event that names no user counts as an event of
                the user whom its session names.
        """
        linked_count = min(linked_count, self.put_count)
        row, offset = (0, 0) if self._is_retained(now) else self._first_retained(user_id, now, linked_count)
        put = partial(self._log.interactions, start=offset, stop=self.put_count, linked_count=linked_count)
        unlinked = not (offset or linked_count)
        histories = self.user_histories if unlinked else self._bulk.user_histories.with_put_interactions(put)
        return histories.items_by_event_type(user_id, limit=limit, first_row=row)

    def retained_interactions(self, now: float) -> Table | None:
        """Return the rows of `data`, of all users, that are retained for filters at `now` (epoch seconds)."""
        table = self.data
        if table is None or self._is_retained(now):
            return table
        arrivals = np.concatenate([*self._arrivals()])
        return table.select(retained_mask(table.strings("USER_ID").codes, arrivals, now))

    def _with(self, *, bulk: tuple[BulkImport, ...] | None = None, log: PutLog | None = None) -> DatasetContents:
        """Return a copy with other imports or another log. Cached values that remain valid are kept."""
        other = DatasetContents(self.schema)
        other._bulk = self._bulk if bulk is None else BulkImports(self.schema, bulk)
        other._log = self._log if log is None else log
        other.put_count = self.put_count if log is None else len(log)
        if bulk is None:
            data = self.__dict__.get("data")
            other._earlier_data = self._earlier_data if data is None else (data, self.put_count)
        return other

    def _is_retained(self, now: float) -> bool:
        """Return whether all interactions are retained because they arrived recently enough."""
        return self.schema.dataset_type != "INTERACTIONS" or now - self._oldest_arrival <= RETENTION

    @cached_property
    def _oldest_arrival(self) -> float:
        put = (record.at for record in islice(self._log.records, self.put_count) if record is not None)
        return min((*(bulk_import.at for bulk_import in self.imports), next(put, inf)), default=inf)

    def _first_retained(self, user_id: str, now: float, linked_count: int) -> tuple[int, int]:
        """Return the first imported row and the first offset of a put record that are retained for a user."""
        ends = np.cumsum([bulk_import.table.rows for bulk_import in self.imports])
        user_rows = self._bulk.user_histories.imported_rows(user_id)
        imports = np.unique(np.searchsorted(ends, user_rows, side="right")).tolist()
        rows = [(int(ends[at]) - self.imports[at].table.rows, self.imports[at].at) for at in imports]
        offsets = self._log.arrivals(user_id, self.put_count, linked_count=linked_count)
        oldest = oldest_retained((at for _, at in (*rows, *offsets)), now)
        return (
            next((row for row, at in rows if at >= oldest), self._bulk.row_count),
            next((offset for offset, at in offsets if at >= oldest), self.put_count),
        )

    def _arrivals(self) -> Iterable[NDArray[np.float64]]:
        """Yield when each row of `data` arrived, in epoch seconds. Only datasets of interactions may call this."""
        count = 0
        for bulk_import in self.imports:
            yield self._put_arrivals(count, bulk_import.puts_before)
            yield np.full(bulk_import.table.rows, bulk_import.at)
            count = bulk_import.puts_before
        yield self._put_arrivals(count, self.put_count)

    def _put_arrivals(self, start: int, stop: int) -> NDArray[np.float64]:
        return np.array([record.at for record in self._records(start, stop)], dtype=np.float64)

    def _tables_by_arrival(self) -> Iterable[Table]:
        """Yield all rows in order of arrival: the records put before an import, the import, and so on."""
        count = 0
        for bulk_import in self.imports:
            yield self._put_table(count, bulk_import.puts_before)
            yield bulk_import.table
            count = bulk_import.puts_before
        yield self._put_table(count, self.put_count)

    def _put_table(self, start: int, stop: int) -> Table:
        """Return put records as a table. The session id replaces a missing user id."""
        records = self._records(start, stop)
        if self.schema.id_column is not None:
            return table_from_rows(self.schema, [record.row for record in records])
        return table_from_rows(self.schema, [self._log.with_user(record.row, record.session_id) for record in records])

    def _records(self, start: int, stop: int) -> list[PutRecord]:
        return [record for record in self._log.records[start:stop] if record is not None]


def _with_impressions(parts: Sequence[Table], impressions: Sequence[str | None]) -> list[Table]:
    """Return the tables, with an additional column of impressions in the last one."""
    *others, last = parts
    columns = {**last.columns, IMPRESSION: Strings.from_values(impressions)}
    return [*others, Table(columns=columns, rows=last.rows)]
