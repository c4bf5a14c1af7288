"""Lookup of the items with which a user interacted, without interactions that filters no longer consider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from personalize_mock.data.bulk_imports import BulkImports
from personalize_mock.data.put_log import PutLog
from personalize_mock.data.retention import ArrivalRun, ArrivalRuns, oldest_retained
from personalize_mock.data.user_histories import Interaction, NewestItems


@dataclass(frozen=True, slots=True, kw_only=True)
class RetainedItems:
    """Lookup of the items of each user's interactions that filters still consider (see the module `retention`).

    Attributes:
        bulk: The imports of the dataset.
        log: The log of the events that Put operations sent.
        stop: Number of records at the start of the log to consider. Later records are ignored.
        is_complete: Whether filters still consider all interactions, because none is too old.
    """

    bulk: BulkImports
    log: PutLog
    stop: int
    is_complete: bool

    def of_user(self, user_id: str, *, limit: int, now: float, linked_count: int) -> dict[str, list[str]]:
        """Return the items of one user's interactions that filters still consider, newest first, by event type.

        `DatasetContents.retained_items` describes the arguments and the result.
        """
        row, offset = (0, 0) if self.is_complete else self._first_retained(user_id, now, linked_count)
        put = self._newest_put(user_id, limit, offset, linked_count) if offset < self.stop else ()
        return self.bulk.user_histories.items_by_event_type(user_id, limit=limit, first_row=row, put=put)

    def _newest_put(self, user_id: str, limit: int, offset: int, linked_count: int) -> Sequence[Interaction]:
        """Return the newest events that Put operations sent for a user, at most `limit` of each event type.

        Records before the log offset `offset` are ignored. `DatasetContents.retained_items` describes the other
        arguments.
        """
        newest = self.log.newest_items.get(
            (user_id, offset, linked_count, limit),
            partial(NewestItems, limit),
            partial(self.log.interactions, user_id, linked_count=linked_count),
            start=offset,
            stop=self.stop,
        )
        return newest.interactions()

    def _first_retained(self, user_id: str, now: float, linked_count: int) -> tuple[int, int]:
        """Return the row number and the log offset from which on filters still consider a user's interactions."""
        imported, put = self._imported_runs(user_id), self._put_runs(user_id, linked_count)
        oldest = oldest_retained((*imported, *put), now)
        return (
            next((run.position for run in imported if run.last >= oldest), self.bulk.row_count),
            next((run.position for run in put if run.last >= oldest), self.stop),
        )

    def _imported_runs(self, user_id: str) -> list[ArrivalRun]:
        """Return, for each import with rows of a user, the number of its first row and its time, as an `ArrivalRun`."""
        imports = self.bulk.imports
        ends = np.cumsum([bulk_import.table.rows for bulk_import in imports])
        user_rows = self.bulk.user_histories.imported_rows(user_id)
        with_rows = np.unique(np.searchsorted(ends, user_rows, side="right")).tolist()
        return [ArrivalRun(int(ends[at]) - imports[at].table.rows, imports[at].at, imports[at].at) for at in with_rows]

    def _put_runs(self, user_id: str, linked_count: int) -> list[ArrivalRun]:
        return self.log.arrival_runs.get(
            (user_id, linked_count),
            ArrivalRuns,
            partial(self.log.arrivals, user_id, linked_count=linked_count),
            stop=self.stop,
        ).runs
