import json
from contextlib import suppress

import pytest
from builders import ITEMS, avro_schema
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.data.avro import AvroSchema, SchemaField, parse
from personalize_mock.data.records import RecordError, bare, convert, make_row, parse_properties, table_from_rows

SCHEMA = parse(avro_schema("Items", ITEMS))


def field(type_, **flags):
    return SchemaField(name="FIELD", type=type_, **flags)


def test_camel_case_and_schema_spelling_have_the_same_bare_name():
    assert bare("NUMBER_OF_RATINGS") == bare("numberOfRatings") == bare("Number_Of_Ratings")
    assert bare("GENRES") != bare("GENRE")


def test_properties_may_be_absent_or_empty():
    assert parse_properties(None) == {}
    assert parse_properties("{}") == {}


def test_properties_are_found_by_their_bare_names():
    assert parse_properties('{"numberOfRatings": 4, "GENRES": "Crime"}') == {"numberofratings": 4, "genres": "Crime"}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "4", '"text"', "null", '{"price": NaN}', '{"price": -Infinity}', "[" * 100_000]
)
def test_properties_must_be_a_json_object(text):
    with pytest.raises(RecordError, match="must be a JSON object"):
        parse_properties(text)


@pytest.mark.parametrize("key", ["userId", "USERID", "userid", "USER_ID"])
def test_a_forbidden_key_is_refused_in_any_spelling(key):
    with pytest.raises(RecordError, match=f"must not contain {key}"):
        parse_properties(json.dumps({"genres": "Crime", key: "u1"}), forbidden={"userid"})


def test_a_row_has_its_values_in_the_order_of_the_schema():
    properties = parse_properties('{"creationTimestamp": 7, "price": 2, "genres": "Crime|Drama"}')
    assert make_row(SCHEMA, properties, {"ITEM_ID": "i1"}, complete=True) == ("i1", "Crime|Drama", 2.0, 7)


def test_a_key_unknown_to_the_schema_is_ignored():
    properties = parse_properties('{"creationTimestamp": 7, "price": 2, "genres": "Crime", "numRatings": 3}')
    assert make_row(SCHEMA, properties, {"ITEM_ID": "i1"}, complete=True) == ("i1", "Crime", 2.0, 7)


def test_members_of_the_request_take_precedence_over_properties():
    properties = parse_properties('{"itemId": "other"}')
    assert make_row(SCHEMA, properties, {"ITEM_ID": "i1"}, complete=False)[0] == "i1"
    assert make_row(SCHEMA, properties, {"ITEM_ID": None}, complete=False)[0] == "other"


@pytest.mark.parametrize("price", ["", ', "price": null', ', "price": ""'])
def test_a_missing_value_is_refused_if_the_row_must_be_complete(price):
    properties = parse_properties(f'{{"creationTimestamp": 7, "genres": "Crime"{price}}}')
    with pytest.raises(RecordError, match="A value for the field PRICE is missing"):
        make_row(SCHEMA, properties, {"ITEM_ID": "i1"}, complete=True)
    assert make_row(SCHEMA, properties, {"ITEM_ID": "i1"}, complete=False) == ("i1", "Crime", None, 7)


def test_a_nullable_value_may_be_missing():
    schema = AvroSchema(dataset_type="ITEMS", fields=(field("float", nullable=True),))
    assert make_row(schema, {}, {}, complete=True) == (None,)


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
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
def test_values_are_converted_to_the_type_of_their_field(type_, value, expected):
    converted = convert(field(type_), value)
    assert converted == expected
    assert type(converted) is type(expected)


@pytest.mark.parametrize(
    ("type_", "value"),
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
def test_an_invalid_value_is_refused_and_not_shown(type_, value):
    with pytest.raises(RecordError) as refused:
        convert(field(type_), value)
    assert str(refused.value) == f"The value of the field FIELD must be of the type {type_}."


@pytest.mark.parametrize("text", ['{"field": 1e999}', '{"field": "\\ud800"}'])
def test_infinity_and_half_surrogate_pairs_are_no_text(text):
    with pytest.raises(RecordError, match="must be of the type string"):
        convert(field("string"), parse_properties(text)["field"])


def test_text_has_the_same_maximum_length_as_in_csv_files():
    assert convert(field("string"), "a" * 1000) == "a" * 1000
    with pytest.raises(RecordError, match="more than 1000 characters for FIELD"):
        convert(field("string"), "a" * 1001)
    with pytest.raises(RecordError, match="more than 256 characters for ITEM_ID"):
        convert(SchemaField(name="ITEM_ID", type="string"), "a" * 257)


def test_textual_values_are_cut():
    assert convert(field("string", textual=True), "a" * 20_001) == "a" * 20_000


@given(
    type_=st.sampled_from(["string", "int", "long", "float", "double", "boolean"]),
    value=st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists),
)
def test_any_value_is_converted_or_refused(type_, value):
    with suppress(RecordError):
        assert isinstance(convert(field(type_), value), (str, int, float, type(None)))


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
