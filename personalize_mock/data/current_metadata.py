"""Cache of the metadata of items, users or actions, kept current while Put operations replace single rows.

A `Metadata` view of all rows is expensive to make, and so are the filter masks computed from it. A Put operation
replaces few rows. The view is therefore reused for a while, and the rows that replace some of its rows are returned as
a second, small view.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.contents import DatasetContents
from personalize_mock.data.dataset_table import DatasetTable
from personalize_mock.data.id_map import IdMap
from personalize_mock.data.metadata import Metadata
from personalize_mock.data.records import table_from_rows

MOST_RECORDS = 256  # records after a view; with more of them, the view of all rows is made anew


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReplacedRows:
    """New rows of some items, users or actions, which replace their rows in an older `Metadata` view.

    Attributes:
        positions: int32[k], the positions of the replaced rows in the older view.
        metadata: A view of the new rows, in the same order.
    """

    positions: NDArray[np.int32]
    metadata: Metadata


class CurrentMetadata:
    """Cache of the metadata of items, users or actions in a dataset to which Put operations add records.

    Args:
        ids: The ids of the items, users or actions.
    """

    def __init__(self, ids: IdMap) -> None:
        self._ids = ids
        self._view: tuple[Metadata | None, int] = (None, 0)  # with the number of records that it contains
        self._replaced: tuple[tuple[int, int], ReplacedRows | None] = ((0, 0), None)  # with the records it contains

    def up_to_date(self, contents: DatasetContents) -> tuple[Metadata | None, ReplacedRows | None]:
        """Return the metadata of all ids according to one version of the dataset.

        Args:
            contents: The version of the dataset. All versions passed to this object must have the same
                `DatasetContents.sources`.

        Returns:
            A view with a row for each id, or None if the dataset has no rows; and the newer rows that replace some of
            those in the view, or None if there are no such rows.
        """
        view, count = self._view
        if view is None or not 0 <= contents.put_count - count <= MOST_RECORDS:
            view, count = self._view = _view(contents, self._ids), contents.put_count
        records = (count, contents.put_count)
        if self._replaced[0] != records:
            self._replaced = records, self._rows_after(count, contents)
        return view, self._replaced[1]

    def _rows_after(self, count: int, contents: DatasetContents) -> ReplacedRows | None:
        """Return the newest row of each id in the records that Put operations sent after the first `count` records.

        Only ids that were passed to the constructor are considered. The result is None if no such record has one of
        them.
        """
        column = contents.schema.names.index(str(contents.schema.id_column))
        newest = {str(record.row[column]): record.row for record in contents.records_after(count)}
        rows = {id_: row for id_, row in newest.items() if id_ in self._ids}
        if not rows:
            return None
        dataset = DatasetTable(table=table_from_rows(contents.schema, [*rows.values()]), schema=contents.schema)
        metadata = Metadata.from_dataset(dataset, IdMap(rows))
        return ReplacedRows(positions=self._ids.indices([*rows]), metadata=metadata)


def _view(contents: DatasetContents, ids: IdMap) -> Metadata | None:
    table = contents.data
    return None if table is None else Metadata.from_dataset(DatasetTable(table=table, schema=contents.schema), ids)
