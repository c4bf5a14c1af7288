"""What a dataset contains: what was imported in bulk, what came by itself (Put*), and what both amount to.

Contents are immutable: an import or a put makes new ones, which share what did not change. A put costs as much as it
brings, however much there is; to delete users or to replace the schema costs as much as there is.

Of Items, Users and Actions the newest row of an id counts, whichever way it came. Of interactions all rows count.
An event without a user belongs to its session: live, the session's id stands for the user; to a training it is the
event of the user whom some event of that session names, and no event at all while nobody is named. Filters see it as
the trainings of those who answer saw it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import islice
from math import inf

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data import retention
from personalize_mock.data.avro import AvroSchema
from personalize_mock.data.put_log import KEYS, OF_USERS, PutLog, PutRecord, first_of_ids
from personalize_mock.data.records import table_of
from personalize_mock.data.tables import Strings, Table, concatenate, distinct, latest_by
from personalize_mock.data.user_histories import CONSIDERED, Interaction, UserHistories

IMPRESSION = "IMPRESSION"
ACTIONS_CONSIDERED = 300


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BulkImport:
    """What one import brought.

    Attributes:
        table: its rows.
        mode: FULL or INCREMENTAL.
        after: how many put rows had come before.
        at: when it came, epoch seconds.
    """

    table: Table
    mode: str
    after: int
    at: float = 0.0


class DatasetContents:
    """The contents of one dataset.

    Attributes:
        schema: of the dataset.
        put_count: how many put rows came; duplicates of events do not count, deleted ones do.
    """

    def __init__(self, schema: AvroSchema) -> None:
        self.schema = schema
        self.put_count = 0
        self._bulk = _Bulk(schema, ())
        self._log = PutLog(schema)
        self._known: tuple[Table, int] | None = None  # the data as they were after so many puts

    def imported(self, table: Table, *, mode: str = "FULL", at: float = 0.0) -> DatasetContents:
        """The contents after an import: FULL replaces what was imported before, INCREMENTAL adds to it."""
        kept = () if mode == "FULL" else self._bulk.imports
        return self._with(bulk=(*kept, BulkImport(table=table, mode=mode, after=self.put_count, at=at)))

    def put(self, puts: Iterable[PutRecord]) -> DatasetContents:
        """The contents after records or events came; of identical events the first stays."""
        log = self._log if len(self._log) == self.put_count else self._log.beginning(self.put_count)
        log.extend(puts)
        return self if len(log) == self.put_count else self._with(log=log)

    def without(self, users: Collection[str]) -> DatasetContents:
        """The contents without what they tell of some users, so that nothing of it stands in the way of what will come.

        Put rows keep their places. Where there is nothing to delete, the contents stay the same object.
        """
        if self.schema.dataset_type not in OF_USERS:
            return self
        bulk = tuple(replace(each, table=_without(each.table, users)) for each in self.imports)
        other = self._with(bulk=bulk, log=self._log.without(users, self.put_count))
        return self if other.stored == self.stored else other

    def replaced(self, schema: AvroSchema) -> DatasetContents:
        """The contents under a schema that has the same fields and further ones, which are null in all that came."""
        nothing = table_of(schema.fields, [])
        imports = (replace(each, table=concatenate([nothing, each.table])) for each in self.imports)
        other = DatasetContents(schema)
        other._bulk = _Bulk(schema, tuple(imports))
        other._log = self._log.replaced(schema, self.put_count)
        other.put_count = self.put_count
        return other

    def without_incremental(self) -> DatasetContents:
        """The contents without what INCREMENTAL imports brought."""
        full = tuple(each for each in self.imports if each.mode == "FULL")
        return self if len(full) == len(self.imports) else self._with(bulk=full)

    def exported(self, mode: str) -> Table:
        """What an export writes, of rows that are equal in all fields one.

        Args:
            mode: BULK and PUT: all rows that came so, whether newer ones of their id came or not. ALL: what counts.
        """
        if mode == "ALL":
            parts = [] if self.data is None else [self.data]
        elif mode == "PUT":
            parts = [self._rows(0, self.put_count)]
        else:
            parts = [each.table for each in self.imports]
        return distinct(concatenate([table_of(self.schema.fields, []), *parts]))

    @property
    def stored(self) -> int:
        """How many rows there are, imported and put, whether newer ones of their id came or not."""
        return sum(each.table.rows for each in self.imports) + len(self.puts)

    @property
    def puts(self) -> Sequence[PutRecord]:
        """What came by itself and was not deleted, in the order of arrival."""
        return [put for put in self._log.puts[: self.put_count] if put is not None]

    @property
    def imports(self) -> tuple[BulkImport, ...]:
        """The last FULL import and what was added to it."""
        return self._bulk.imports

    @property
    def bulk(self) -> Table | None:
        """What imports brought; None before the first."""
        return self._bulk.table

    @cached_property
    def data(self) -> Table | None:
        """What filters see now, and trainings of all but interactions; None if there was neither import nor put."""
        if not self.put_count:
            return self.bulk
        if self._known is not None:
            known, count = self._known
            parts = [known, self._rows(count, self.put_count)]
        else:
            parts = list(self._by_arrival())
        table = concatenate([each for each in parts if each.rows] or parts[:1])
        return table if self._key is None else latest_by(table, self._key)

    @cached_property
    def training_data(self) -> Table | None:
        """What a training sees now: the first event of each id; with a column IMPRESSION if events have impressions."""
        if self._key is not None or not self.put_count:
            return self.data
        links = self._log.links(self.put_count)
        owned = [(put, put.row[self._log.user] or links.get(put.session_id)) for put in first_of_ids(self.puts)]
        linked = [(put, user) for put, user in owned if user is not None]
        table = table_of(self.schema.fields, [self._log.of_user(put.row, user) for put, user in linked])
        parts = [each for each in (self.bulk, table) if each is not None and (each.rows or each is self.bulk)]
        if not parts:
            return None
        shown = ["|".join(put.impression) or None for put, _ in linked]
        return concatenate(parts if IMPRESSION in table or not any(shown) else _with_impressions(parts, shown))

    @cached_property
    def activity(self) -> UserHistories:
        """What users did up to now; of datasets of interactions only."""
        return self._bulk.activity.with_live(partial(self.live, after=0))

    def touched(self, user_id: str, *, limit: int, now: float, joined: int = 0) -> dict[str, list[str]]:
        """What filters know of a user, as `UserHistories.touched` has it: what is remembered of what came.

        Of the first `joined` puts the events of a session that names the user are the user's own.
        """
        joined = min(joined, self.put_count)
        row, place = (0, 0) if self._is_fresh(now) else self._remembered(user_id, now, joined)
        live = partial(self._log.interactions, after=place, before=self.put_count, joined=joined)
        activity = self._bulk.activity.with_live(live) if place or joined else self.activity
        return activity.touched(user_id, limit, first_row=row)

    def remembered(self, now: float) -> Table | None:
        """What filters know of all users: `data` without what is forgotten."""
        table = self.data
        if table is None or self._is_fresh(now):
            return table
        arrivals = np.concatenate([*self._arrivals()])
        return table.select(retention.remembered(table.strings("USER_ID").codes, arrivals, now))

    def live(self, user_id: str, *, after: int) -> list[Interaction]:
        """What a user did in puts, oldest first.

        Args:
            user_id: the user, or the session of somebody unknown.
            after: the count of put rows that are left out because they came before.
        """
        return self._log.interactions(user_id, after, self.put_count)

    def _with(self, *, bulk: tuple[BulkImport, ...] | None = None, log: PutLog | None = None) -> DatasetContents:
        """These contents with another part; what was computed is kept as far as it stays true."""
        other = DatasetContents(self.schema)
        other._bulk = self._bulk if bulk is None else _Bulk(self.schema, bulk)
        other._log = self._log if log is None else log
        other.put_count = self.put_count if log is None else len(log)
        if bulk is None:
            data = self.__dict__.get("data")
            other._known = self._known if data is None else (data, self.put_count)
        return other

    @property
    def _key(self) -> str | None:
        return KEYS.get(self.schema.dataset_type)

    def _is_fresh(self, now: float) -> bool:
        """Whether nothing can be forgotten yet, whoever it belongs to."""
        return self.schema.dataset_type != "INTERACTIONS" or now - self._oldest <= retention.MEMORY

    @cached_property
    def _oldest(self) -> float:
        """When the oldest of what is there came."""
        puts = (put.at for put in islice(self._log.puts, self.put_count) if put is not None)
        return min((*(each.at for each in self.imports), next(puts, inf)), default=inf)

    def _remembered(self, user_id: str, now: float, joined: int) -> tuple[int, int]:
        """The first imported row and the first place of a put that count for a user."""
        ends = np.cumsum([each.table.rows for each in self.imports])
        imports = np.unique(np.searchsorted(ends, self._bulk.activity.rows(user_id), side="right")).tolist()
        rows = [(int(ends[each]) - self.imports[each].table.rows, self.imports[each].at) for each in imports]
        places = self._log.arrivals(user_id, self.put_count, joined=joined)
        since = retention.since((at for _, at in (*rows, *places)), now)
        return (
            next((row for row, at in rows if at >= since), sum(each.table.rows for each in self.imports)),
            next((place for place, at in places if at >= since), self.put_count),
        )

    def _arrivals(self) -> Iterable[NDArray[np.float64]]:
        """When the rows of `data` came, in the same order; of interactions."""
        count = 0
        for each in self._bulk.imports:
            yield self._put_at(count, each.after)
            yield np.full(each.table.rows, each.at)
            count = each.after
        yield self._put_at(count, self.put_count)

    def _put_at(self, start: int, end: int) -> NDArray[np.float64]:
        return np.array([put.at for put in self._log.puts[start:end] if put is not None], dtype=np.float64)

    def _by_arrival(self) -> Iterable[Table]:
        """All rows as they came: puts before an import, the import, and so on."""
        count = 0
        for each in self._bulk.imports:
            yield self._rows(count, each.after)
            yield each.table
            count = each.after
        yield self._rows(count, self.put_count)

    def _rows(self, start: int, end: int) -> Table:
        """Put rows as a table; a session stands for a user who is not known."""
        puts = [put for put in self._log.puts[start:end] if put is not None]
        if self._key is not None:
            return table_of(self.schema.fields, [put.row for put in puts])
        return table_of(self.schema.fields, [self._log.of_user(put.row, put.session_id) for put in puts])


@dataclass(eq=False)
class _Bulk:
    """Imports, and what follows from them alone."""

    schema: AvroSchema
    imports: tuple[BulkImport, ...]

    @cached_property
    def table(self) -> Table | None:
        if not self.imports:
            return None
        table = concatenate([each.table for each in self.imports])
        key = KEYS.get(self.schema.dataset_type)
        return table if key is None else latest_by(table, key)

    @cached_property
    def activity(self) -> UserHistories:
        if self.schema.dataset_type == "ACTION_INTERACTIONS":
            return UserHistories(self.table, key="ACTION_ID", limit=ACTIONS_CONSIDERED)
        return UserHistories(self.table, limit=CONSIDERED)


def _with_impressions(parts: Sequence[Table], shown: Sequence[str | None]) -> list[Table]:
    """The tables, the last one with a further column of impressions."""
    *others, last = parts
    return [*others, Table(columns={**last.columns, IMPRESSION: Strings.from_values(shown)}, rows=last.rows)]


def _without(table: Table, users: Collection[str]) -> Table:
    """A table without the rows of some users; the same one, if there are none."""
    column = table.strings("USER_ID")
    kept = np.array([*(value not in users for value in column.values), True], dtype=np.bool_)  # the last is for null
    return table if kept.all() else table.select(kept[column.codes])
