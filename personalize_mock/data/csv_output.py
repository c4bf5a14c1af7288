"""Writes a table as the CSV that an import reads.

What is written can be imported again and gives the same table. So a cell with a comma, a quote or a backslash stands in
quotes, in which a backslash escapes the last two (documented), and what an import could not read is replaced: a line
break or NUL, which text that was put may hold, by a blank (ours: a record must be one line), half a surrogate pair by a
question mark. Ours, too, is that all else stands without quotes; how the service writes is not known.
"""

from collections.abc import Callable, Iterator
from typing import Any

from personalize_mock.data.avro import AvroSchema, SchemaField
from personalize_mock.data.tables import Column, Strings, Table

BLOCK = 8192  # rows
SPECIAL = frozenset(',"\\')

Cells = Callable[[slice], list[str]]

_BLANK = str.maketrans("\r\n\0", "   ")
_BOOLEANS = ("false", "true")


def blocks(table: Table, schema: AvroSchema) -> Iterator[bytes]:
    """The text in pieces, UTF-8: a header, then one line per row.

    Args:
        table: the rows; it has all columns of the schema.
        schema: its fields are the columns, in their order.
    """
    yield f"{','.join(schema.names)}\n".encode()
    columns = [_cells(field, table.columns[field.name]) for field in schema.fields]
    for start in range(0, table.rows, BLOCK):
        rows = zip(*(cells(slice(start, start + BLOCK)) for cells in columns), strict=True)
        yield "".join(f"{','.join(row)}\n" for row in rows).encode(errors="replace")


def _cells(field: SchemaField, column: Column) -> Cells:
    """The function that writes some rows of a column; null is an empty cell."""
    if isinstance(column, Strings):
        texts = [*map(_quoted, column.values), ""]  # the code -1 reads the last one
        codes = column.codes
        return lambda rows: [texts[code] for code in codes[rows].tolist()]
    written: Callable[[Any], str] = _BOOLEANS.__getitem__ if field.type == "boolean" else repr
    values, valid = column.values, column.valid
    if valid is None:
        return lambda rows: list(map(written, values[rows].tolist()))
    return lambda rows: [
        written(value) if known else ""
        for value, known in zip(values[rows].tolist(), valid[rows].tolist(), strict=True)
    ]


def _quoted(text: str) -> str:
    text = text.translate(_BLANK)
    if SPECIAL.isdisjoint(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
