"""Current row of an item, user or action, found without building the table of all rows."""

from __future__ import annotations

from collections.abc import Mapping

from personalize_mock.data.bulk_imports import BulkImports
from personalize_mock.data.put_log import PutLog
from personalize_mock.data.tables import FieldValue


def current_row(bulk: BulkImports, log: PutLog, id_: str, *, stop: int) -> Mapping[str, FieldValue] | None:
    """Return the newest row with an id, imported or sent by a Put operation, or None if there is no such row.

    Args:
        bulk: The imports of an Items, Users or Actions dataset.
        log: The log of the records that Put operations sent.
        id_: The id of the item, user or action.
        stop: Number of records at the start of the log to consider. Later records are ignored.

    Returns:
        The values by field name, without the id.
    """
    offset = log.latest_of_id(id_, stop)
    for bulk_import, rows in zip(reversed(bulk.imports), reversed(bulk.rows_by_id), strict=True):
        if offset is not None and offset >= bulk_import.puts_before:
            break
        values = rows.values(id_)
        if values is not None:
            return values
    record = None if offset is None else log.between(offset, offset + 1)[0]
    if record is None:
        return None
    schema = bulk.schema
    return {name: value for name, value in zip(schema.names, record.row, strict=True) if name != schema.id_column}
