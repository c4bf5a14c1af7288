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
                *({"name": f"A_{type_}".upper(), "type": type_} for type_ in TYPES),
                *({"name": f"NO_{type_}".upper(), "type": ["null", type_]} for type_ in TYPES),
            ],
        }
    )
)
# All characters of an import cell; the sampled ones are likely to break a reader.
CHARACTERS = st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]) | st.sampled_from(
    "\",\\'; |\u2028\ufeff"
)


def exported(table, schema=SCHEMA):
    return b"".join(csv_blocks(DatasetTable(table=table, schema=schema)))


def exported_titles(*cells):
    """Return the lines of an export of items with these titles."""
    schema = parse(
        '{"type": "record", "name": "Items", "fields": [{"name": "ITEM_ID", "type": "string"}, '
        '{"name": "TITLE", "type": ["null", "string"]}]}'
    )
    table = table_from_rows(schema, [("i", cell) for cell in cells])
    return exported(table, schema).decode().splitlines()


def values_of(field):
    """Return a strategy for the values of a field."""
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
    """Return the signs of all floats; == does not tell 0.0 from -0.0."""
    return [[copysign(1, value) for value in row if isinstance(value, float)] for row in rows]


@given(st.lists(st.tuples(*map(values_of, SCHEMA.fields))))
def test_an_import_of_the_output_gives_the_same_table(rows):
    table = table_from_rows(SCHEMA, rows)
    again = read([exported(table)], SCHEMA)
    assert rows_of(again) == rows_of(table) == rows
    assert signs(rows_of(again)) == signs(rows)
    assert list(again.columns) == list(SCHEMA.names)


@given(st.lists(st.tuples(*map(values_of, SCHEMA.fields)), min_size=1))
def test_an_export_of_the_imported_output_is_identical(rows):
    once = exported(table_from_rows(SCHEMA, rows))
    assert exported(read([once], SCHEMA)) == once


def test_the_header_has_the_fields_in_the_order_of_the_schema():
    assert exported(table_from_rows(SCHEMA, [])).decode() == ",".join(SCHEMA.names) + "\n"


def test_null_is_an_empty_cell():
    assert exported_titles(None, "t")[1:] == ["i,", "i,t"]


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
def test_special_characters_are_quoted_and_escaped(value, cell):
    assert exported_titles(value)[1:] == [f"i,{cell}"]


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\0b"])
def test_line_breaks_and_nul_become_blanks(value):
    assert exported_titles(value)[1:] == ["i,a b"]


def test_half_a_surrogate_pair_becomes_a_question_mark():
    assert exported_titles("\ud800")[1:] == ["i,?"]


def test_numbers_are_written_exactly():
    fields = {field.name: field for field in SCHEMA.fields}
    row = [None if field.nullable else "i" if field.type == "string" else 0 for field in SCHEMA.fields]
    names = list(SCHEMA.names)
    row[names.index("A_LONG")], row[names.index("A_DOUBLE")], row[names.index("NO_BOOLEAN")] = 2**63 - 1, 0.1, 1
    cells = dict(
        zip(names, exported(table_from_rows(SCHEMA, [tuple(row)])).decode().splitlines()[1].split(","), strict=True)
    )
    assert (cells["A_LONG"], cells["A_DOUBLE"], cells["NO_BOOLEAN"]) == ("9223372036854775807", "0.1", "true")
    assert (cells["A_BOOLEAN"], cells["NO_LONG"], cells["A_FLOAT"]) == ("false", "", "0.0")
    assert fields["NO_LONG"].nullable


def test_many_rows_are_written_in_blocks_and_in_order():
    rows = [(f"i{n}", None, "s", n, n, 1.5, 2.5, 1, *(None,) * 6) for n in range(2 * BLOCK + 1)]
    blocks = list(csv_blocks(DatasetTable(table=table_from_rows(SCHEMA, rows), schema=SCHEMA)))
    assert len(blocks) == 4
    assert list(read([b"".join(blocks)], SCHEMA).strings("ITEM_ID")) == [row[0] for row in rows]


@given(st.text(max_size=30))
def test_any_put_text_can_be_imported_after_an_export(text):
    title = SCHEMA.field("TITLE")
    try:
        value = convert(title, text)
    except RecordError:
        return
    row = ("i", value, "s", 0, 0, 0.0, 0.0, 0, *(None,) * 6)
    (again,) = read([exported(table_from_rows(SCHEMA, [row]))], SCHEMA).strings("TITLE")
    clean = text.translate(str.maketrans("\r\n\0", "   ")).encode(errors="replace").decode()
    assert again == (clean or None)
