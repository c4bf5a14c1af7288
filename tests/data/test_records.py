import json
from contextlib import suppress

import pytest
from builders import ITEMS, avro_schema
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.data.avro import AvroSchema, SchemaField, parse
from personalize_mock.data.records import RecordError, bare, convert, make_row, parse_properties, table_from_rows

SCHEMA = parse(avro_schema("Items", ITEMS))


def field(kind, **flags):
    return SchemaField(name="FIELD", type=kind, **flags)


def test_a_name_is_the_same_in_camel_case_and_in_the_schemas_writing():
    assert bare("NUMBER_OF_RATINGS") == bare("numberOfRatings") == bare("Number_Of_Ratings")
    assert bare("GENRES") != bare("GENRE")


def test_no_properties_are_none():
    assert parse_properties(None) == {}
    assert parse_properties("{}") == {}


def test_properties_are_found_by_their_bare_names():
    assert parse_properties('{"numberOfRatings": 4, "GENRES": "Crime"}') == {"numberofratings": 4, "genres": "Crime"}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "4", '"text"', "null", '{"price": NaN}', '{"price": -Infinity}', "[" * 100_000]
)
def test_properties_that_are_no_json_object_are_refused(text):
    with pytest.raises(RecordError, match="must be a JSON object"):
        parse_properties(text)


@pytest.mark.parametrize("key", ["userId", "USERID", "userid", "USER_ID"])
def test_a_forbidden_key_is_refused_however_it_is_written(key):
    with pytest.raises(RecordError, match=f"must not contain {key}"):
        parse_properties(json.dumps({"genres": "Crime", key: "u1"}), forbidden={"userid"})


def test_a_row_has_the_values_in_the_schemas_order():
    properties = parse_properties('{"creationTimestamp": 7, "price": 2, "genres": "Crime|Drama"}')
    assert make_row(SCHEMA, properties, {"ITEM_ID": "i1"}, complete=True) == ("i1", "Crime|Drama", 2.0, 7)


def test_a_key_that_the_schema_does_not_have_is_ignored():
    properties = parse_properties('{"creationTimestamp": 7, "price": 2, "genres": "Crime", "numRatings": 3}')
    assert make_row(SCHEMA, properties, {"ITEM_ID": "i1"}, complete=True) == ("i1", "Crime", 2.0, 7)


def test_what_the_request_says_outside_of_properties_wins():
    properties = parse_properties('{"itemId": "other"}')
    assert make_row(SCHEMA, properties, {"ITEM_ID": "i1"}, complete=False)[0] == "i1"
    assert make_row(SCHEMA, properties, {"ITEM_ID": None}, complete=False)[0] == "other"


@pytest.mark.parametrize("price", ["", ', "price": null', ', "price": ""'])
def test_a_missing_value_is_refused_or_null(price):
    properties = parse_properties(f'{{"creationTimestamp": 7, "genres": "Crime"{price}}}')
    with pytest.raises(RecordError, match="A value for PRICE is missing"):
        make_row(SCHEMA, properties, {"ITEM_ID": "i1"}, complete=True)
    assert make_row(SCHEMA, properties, {"ITEM_ID": "i1"}, complete=False) == ("i1", "Crime", None, 7)


def test_a_value_that_may_be_null_may_be_missing():
    schema = AvroSchema(dataset_type="ITEMS", fields=(field("float", nullable=True),))
    assert make_row(schema, {}, {}, complete=True) == (None,)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("string", "Crime", "Crime"),
        ("string", 4, "4"),
        ("string", True, "true"),
        ("int", 4, 4),
        ("int", "4", 4),
        ("long", "4.0", 4),
        ("long", 4.0, 4),
        ("long", -(2**63), -(2**63)),
        ("float", 4, 4.0),
        ("float", "4.5", 4.5),
        ("double", "1e300", 1e300),
        ("boolean", True, 1),
        ("boolean", "false", 0),
        ("boolean", None, None),
        ("long", "", None),
    ],
)
def test_values_are_converted_to_the_type_of_their_field(kind, value, expected):
    found = convert(field(kind), value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("string", ["Crime"]),
        ("string", {}),
        ("int", "four"),
        ("int", 2**31),
        ("int", True),
        ("long", 4.5),
        ("long", 2**63),
        ("long", "1_000"),
        ("long", "٤"),
        ("float", "true"),
        ("float", "nan"),
        ("float", 1e39),
        ("float", False),
        ("double", 10**400),
        ("float", []),
        ("boolean", 1),
        ("boolean", "True"),
        ("boolean", []),
    ],
)
def test_a_value_that_cannot_be_converted_is_refused_without_being_shown(kind, value):
    with pytest.raises(RecordError) as refused:
        convert(field(kind), value)
    assert str(refused.value) == f"The value of FIELD is not of the type {kind}."


@pytest.mark.parametrize("text", ['{"field": 1e999}', '{"field": "\\ud800"}'])
def test_what_no_text_can_be_is_refused_where_text_is_wanted(text):
    with pytest.raises(RecordError, match="not of the type string"):
        convert(field("string"), parse_properties(text)["field"])


def test_a_text_has_the_length_that_a_csv_allows():
    assert convert(field("string"), "a" * 1000) == "a" * 1000
    with pytest.raises(RecordError, match="more than 1000 characters for FIELD"):
        convert(field("string"), "a" * 1001)
    with pytest.raises(RecordError, match="more than 256 characters for ITEM_ID"):
        convert(SchemaField(name="ITEM_ID", type="string"), "a" * 257)


def test_unstructured_text_is_cut():
    assert convert(field("string", textual=True), "a" * 20_001) == "a" * 20_000


@given(
    kind=st.sampled_from(["string", "int", "long", "float", "double", "boolean"]),
    value=st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists),
)
def test_any_value_is_converted_or_refused(kind, value):
    with suppress(RecordError):
        assert isinstance(convert(field(kind), value), (str, int, float, type(None)))


def test_rows_become_columns_of_their_types():
    fields = (field("string"), SchemaField(name="LONG", type="long"), SchemaField(name="DOUBLE", type="double"))
    table = table_from_rows(
        AvroSchema(dataset_type="ITEMS", fields=fields), [("a", 1, None), (None, 2**62, 0.5), ("a", 3, 1.5)]
    )
    assert [list(column) for column in table.columns.values()] == [["a", None, "a"], [1, 2**62, 3], [None, 0.5, 1.5]]
    assert table.numbers("LONG").valid is None
    assert table.strings("FIELD").values == ("a",)


def test_no_rows_become_an_empty_table_with_all_columns():
    table = table_from_rows(SCHEMA, [])
    assert (table.rows, tuple(table.columns)) == (0, SCHEMA.names)
