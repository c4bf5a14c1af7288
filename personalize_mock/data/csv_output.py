"""CSV output of a dataset export job, in the format that import jobs read.

A cell with a comma, a quote or a backslash is quoted. Inside quotes, a backslash escapes quotes and backslashes (Amazon
Personalize developer guide, "Data format guidelines", 2025).

AWS does not document the following cases, which the mock handles as follows:

* All other cells are unquoted.
* A line break or a NUL character becomes a space, because a record must be one line.
* An unpaired surrogate becomes a question mark.
"""

from collections.abc import Callable, Iterator
from typing import Any

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.dataset_table import DatasetTable
from personalize_mock.data.tables import Column, Strings

BLOCK = 8192  # rows
QUOTED = frozenset(',"\\')

Cells = Callable[[slice], list[str]]

_BLANKS = str.maketrans("\r\n\0", "   ")
_BOOLEANS = ("false", "true")


def csv_blocks(dataset: DatasetTable) -> Iterator[bytes]:
    """Yield the CSV file of a dataset in blocks of UTF-8 bytes: first the header, then one line per row."""
    fields = dataset.schema.fields
    yield f"{','.join(dataset.schema.names)}\n".encode()
    columns = [_cells(field, dataset.table.columns[field.name]) for field in fields]
    for start in range(0, dataset.table.rows, BLOCK):
        rows = zip(*(cells(slice(start, start + BLOCK)) for cells in columns), strict=True)
        yield "".join(f"{','.join(row)}\n" for row in rows).encode(errors="replace")


def _cells(field: SchemaField, column: Column) -> Cells:
    """Return a function that takes a slice of row numbers and returns the CSV cells of `column` in these rows.

    Null becomes an empty cell.
    """
    if isinstance(column, Strings):
        texts = [*map(_quoted, column.values), ""]  # code -1 reads the last element
        codes = column.codes
        return lambda rows: [texts[code] for code in codes[rows].tolist()]
    formatted: Callable[[Any], str] = _BOOLEANS.__getitem__ if field.type == "boolean" else repr
    values, valid = column.values, column.valid
    if valid is None:
        return lambda rows: list(map(formatted, values[rows].tolist()))
    return lambda rows: [
        formatted(value) if is_valid else ""
        for value, is_valid in zip(values[rows].tolist(), valid[rows].tolist(), strict=True)
    ]


def _quoted(text: str) -> str:
    text = text.translate(_BLANKS)
    if QUOTED.isdisjoint(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
