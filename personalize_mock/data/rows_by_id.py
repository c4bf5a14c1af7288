"""Lookup of the rows of an Items, Users or Actions dataset by id."""

from collections.abc import Mapping

import numpy as np

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.dataset_table import DatasetTable
from personalize_mock.data.id_map import UNKNOWN, IdMap
from personalize_mock.data.metadata import Metadata
from personalize_mock.data.tables import FieldValue, Strings


class RowsById:
    """Index of an Items, Users or Actions dataset by id. If several rows have the same id, the last one counts.

    Args:
        dataset: The dataset to index.

    Attributes:
        dataset: The indexed dataset.
        fields: All fields of the dataset except the id.
    """

    __slots__ = ("_row", "dataset", "fields")

    def __init__(self, dataset: DatasetTable) -> None:
        self.dataset = dataset
        self.fields = dataset.metadata_fields
        self._row = {id_: row for row, id_ in enumerate(dataset.ids) if id_ is not None}

    def row(self, id_: str) -> int:
        """Return the row number of an id in the dataset, or -1 if no row has this id."""
        return self._row.get(id_, UNKNOWN)

    def values(self, id_: str) -> Mapping[str, FieldValue] | None:
        """Return the row with the given id as a mapping from field names to values, or None if there is no such row.

        The id itself is left out.
        """
        row = self.row(id_)
        return None if row < 0 else {field.name: self.value(row, field.name) for field in self.fields}

    def value(self, row: int, name: str) -> FieldValue:
        """Return the value of the field `name` in a row, or None if it is null.

        Args:
            row: The row number.
            name: The name of the field, as written in the schema.

        Returns:
            A string or a number. A boolean is 0 or 1.
        """
        column = self.dataset.table.columns[name]
        if isinstance(column, Strings):
            code = int(column.codes[row])
            return None if code < 0 else column.values[code]
        if column.valid is not None and not column.valid[row]:
            return None
        value: float = column.values[row].item()
        return value

    def field(self, name: str) -> SchemaField | None:
        """Return the field called `name`, ignoring case, or None if there is no such field."""
        return next((field for field in self.fields if field.name.casefold() == name.casefold()), None)

    def metadata(self, ids: IdMap) -> Metadata:
        """Return a view of the dataset that has one row per id, in the order of `ids`."""
        row = np.fromiter(map(self.row, ids.values), np.int32, count=len(ids))
        return Metadata(ids=ids, dataset=self.dataset, row=row)
