"""Table of a dataset together with its schema."""

from dataclasses import dataclass

from personalize_mock.data.avro import AvroSchema, SchemaField
from personalize_mock.data.tables import Strings, Table


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DatasetTable:
    """The rows of a dataset and its schema.

    Attributes:
        table: The rows. Each field of the schema has a column. Other columns are possible.
        schema: The schema of the dataset.
    """

    table: Table
    schema: AvroSchema

    @property
    def ids(self) -> Strings:
        """The id column of an Items, Users or Actions dataset."""
        assert self.schema.id_column is not None  # noqa: S101  # interactions have no ids
        return self.table.strings(self.schema.id_column)

    @property
    def metadata_fields(self) -> tuple[SchemaField, ...]:
        """All fields of an Items, Users or Actions dataset except the id."""
        return tuple(field for field in self.schema.fields if field.name != self.schema.id_column)
