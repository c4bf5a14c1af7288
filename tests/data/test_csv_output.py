import json
from math import copysign

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.data.avro import parse
from personalize_mock.data.csv_files import read
from personalize_mock.data.csv_output import BLOCK, csv_blocks
from personalize_mock.data.dataset_table import DatasetTable
from personalize_mock.data.records import RecordError, convert, table_from_rows
from personalize_mock.data.value_rules import max_length

TYPES = ("string", "int", "long", "float", "double", "boolean")
SCHEMA = parse(
    json.dumps(
        {
            "type": "record",
            "name": "Items",
            "fields": [
                {"name": "ITEM_ID", "type": "string"},
                {"name": "TITLE", "type": ["null", "string"], "textual": True},
                *({"name": f"A_{kind}".upper(), "type": kind} for kind in TYPES),
                *({"name": f"NO_{kind}".upper(), "type": ["null", kind]} for kind in TYPES),
            ],
        }
    )
)
# All that a cell of an import can be; what stands in quotes is what another reader would stumble over.
CHARACTERS = st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]) | st.sampled_from(
    "\",\\'; |\u2028\ufeff"
)


def written(table, schema=SCHEMA):
    return b"".join(csv_blocks(DatasetTable(table=table, schema=schema)))


def text_of(*cells):
    """The lines that items with these titles become."""
    schema = parse(
        '{"type": "record", "name": "Items", "fields": [{"name": "ITEM_ID", "type": "string"}, '
        '{"name": "TITLE", "type": ["null", "string"]}]}'
    )
    table = table_from_rows(schema, [("i", cell) for cell in cells])
    return written(table, schema).decode().splitlines()


def values_of(field):
    """What a field can hold."""
    if field.type == "string":
        values = st.text(CHARACTERS, min_size=1, max_size=min(20, max_length(field)))
    elif field.type == "boolean":
        values = st.sampled_from([0, 1])
    elif field.type in ("int", "long"):
        bits = {"int": 31, "long": 63}[field.type]
        values = st.integers(-(2**bits), 2**bits - 1)
    else:
        values = st.floats(allow_nan=False, allow_infinity=False, width={"float": 32, "double": 64}[field.type])
    return st.none() | values if field.nullable else values


def rows_of(table):
    return list(zip(*table.columns.values(), strict=True))


def signs(rows):
    """Zeros differ by their sign alone, which == does not see."""
    return [[copysign(1, value) for value in row if isinstance(value, float)] for row in rows]


@given(st.lists(st.tuples(*map(values_of, SCHEMA.fields))))
def test_what_is_written_can_be_read_again_and_is_the_same(rows):
    table = table_from_rows(SCHEMA, rows)
    again = read([written(table)], SCHEMA)
    assert rows_of(again) == rows_of(table) == rows
    assert signs(rows_of(again)) == signs(rows)
    assert list(again.columns) == list(SCHEMA.names)


@given(st.lists(st.tuples(*map(values_of, SCHEMA.fields)), min_size=1))
def test_what_is_written_again_is_written_the_same(rows):
    once = written(table_from_rows(SCHEMA, rows))
    assert written(read([once], SCHEMA)) == once


def test_the_first_line_has_the_names_of_the_fields_in_the_schemas_order():
    assert written(table_from_rows(SCHEMA, [])).decode() == ",".join(SCHEMA.names) + "\n"


def test_null_is_an_empty_cell():
    assert text_of(None, "t")[1:] == ["i,", "i,t"]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("Alien 3", "Alien 3"),
        (" it's; ", " it's; "),
        ("Me, Myself", '"Me, Myself"'),
        ('The "Thing"', r'"The \"Thing\""'),
        (r"C:\films", r'"C:\\films"'),
        (r"\"", r'"\\\""'),
    ],
)
def test_a_cell_stands_in_quotes_where_it_must_and_a_backslash_escapes(value, cell):
    assert text_of(value)[1:] == [f"i,{cell}"]


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\0b"])
def test_what_cannot_be_in_one_line_becomes_a_blank(value):
    assert text_of(value)[1:] == ["i,a b"]


def test_half_a_surrogate_pair_becomes_a_question_mark():
    assert text_of("\ud800")[1:] == ["i,?"]


def test_numbers_are_written_so_that_nothing_of_them_is_lost():
    fields = {field.name: field for field in SCHEMA.fields}
    row = [None if field.nullable else "i" if field.type == "string" else 0 for field in SCHEMA.fields]
    names = list(SCHEMA.names)
    row[names.index("A_LONG")], row[names.index("A_DOUBLE")], row[names.index("NO_BOOLEAN")] = 2**63 - 1, 0.1, 1
    cells = dict(
        zip(names, written(table_from_rows(SCHEMA, [tuple(row)])).decode().splitlines()[1].split(","), strict=True)
    )
    assert (cells["A_LONG"], cells["A_DOUBLE"], cells["NO_BOOLEAN"]) == ("9223372036854775807", "0.1", "true")
    assert (cells["A_BOOLEAN"], cells["NO_LONG"], cells["A_FLOAT"]) == ("false", "", "0.0")
    assert fields["NO_LONG"].nullable


def test_many_rows_come_in_pieces_and_in_order():
    rows = [(f"i{n}", None, "s", n, n, 1.5, 2.5, 1, *(None,) * 6) for n in range(2 * BLOCK + 1)]
    pieces = list(csv_blocks(DatasetTable(table=table_from_rows(SCHEMA, rows), schema=SCHEMA)))
    assert len(pieces) == 4
    assert list(read([b"".join(pieces)], SCHEMA).strings("ITEM_ID")) == [row[0] for row in rows]


@given(st.text(max_size=30))
def test_whatever_text_was_put_can_be_imported_after_an_export(text):
    title = SCHEMA.field("TITLE")
    try:
        value = convert(title, text)
    except RecordError:
        return
    row = ("i", value, "s", 0, 0, 0.0, 0.0, 0, *(None,) * 6)
    (again,) = read([written(table_from_rows(SCHEMA, [row]))], SCHEMA).strings("TITLE")
    clean = text.translate(str.maketrans("\r\n\0", "   ")).encode(errors="replace").decode()
    assert again == (clean or None)
