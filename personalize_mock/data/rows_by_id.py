"""The rows of a keyed dataset (Items, Users, Actions), found by the id itself."""

from collections.abc import Mapping, Sequence

import numpy as np

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.id_map import UNKNOWN, IdMap
from personalize_mock.data.metadata import Metadata
from personalize_mock.data.tables import FieldValue, Strings, Table


class RowsById:
    """An index over a dataset.

    Args:
        table: The dataset; of rows with the same key the last one counts.
        key: The column that holds the ids.
        fields: The schema's fields.

    Attributes:
        categories: The names of the categorical fields, in upper case.
    """

    __slots__ = ("_row", "categories", "fields", "table")

    def __init__(self, table: Table, *, key: str, fields: Sequence[SchemaField]) -> None:
        self.table = table
        self.fields = tuple(field for field in fields if field.name != key)
        self.categories = frozenset(field.name.upper() for field in self.fields if field.categorical)
        self._row = {id_: row for row, id_ in enumerate(table.strings(key)) if id_ is not None}

    def row(self, id_: str) -> int:
        """The row number of an id, -1 if there is none."""
        return self._row.get(id_, UNKNOWN)

    def values(self, id_: str) -> Mapping[str, FieldValue] | None:
        """The values of an id by field name, None if it has no row."""
        row = self.row(id_)
        return None if row < 0 else {field.name: self.value(row, field.name) for field in self.fields}

    def value(self, row: int, name: str) -> FieldValue:
        """One value; booleans are 0 and 1, numbers of whole columns are whole."""
        column = self.table.columns[name]
        if isinstance(column, Strings):
            code = int(column.codes[row])
            return None if code < 0 else column.values[code]
        if column.valid is not None and not column.valid[row]:
            return None
        value: float = column.values[row].item()
        return value

    def field(self, name: str) -> SchemaField | None:
        """The field of that name in any case, or None."""
        return next((field for field in self.fields if field.name.casefold() == name.casefold()), None)

    def metadata(self, ids: IdMap) -> Metadata:
        """The rows in the order of some ids."""
        row = np.fromiter(map(self.row, ids.values), np.int32, count=len(ids))
        return Metadata(ids=ids, table=self.table, row=row, fields=self.fields)
