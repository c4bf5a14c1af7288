import csv
import gzip
import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.data import avro, csv_files
from personalize_mock.data.csv_files import BLOCK_ROWS, ImportFailed, read

NOT_CONFORMING = (
    "Input csv has rows that do not conform to the dataset schema. Please ensure all required data fields are "
    "present and that they are of the type specified in the schema."
)
FLAGS = {"cat": {"categorical": True}, "text": {"textual": True}}


def schema(name, **kinds):
    """Return a schema; types are `string`, `string?` for nullable, `string cat`, `string? text`..."""
    fields = []
    for field, written in kinds.items():
        type_, *flags = written.split()
        bare = type_.rstrip("?")
        fields.append({"name": field, "type": ["null", bare] if type_ != bare else bare})
        for flag in flags:
            fields[-1] |= FLAGS[flag]
    return avro.parse(json.dumps({"type": "record", "name": name, "fields": fields}))


INTERACTIONS = schema("Interactions", USER_ID="string", ITEM_ID="string", TIMESTAMP="long")


def items(**kinds):
    return schema("Items", ITEM_ID="string", **kinds)


def cells(*values, type_):
    """Return the values of a column of this type after an import of some cells."""
    text = "ITEM_ID,OWN\n" + "".join(f"i,{value}\n" for value in values)
    return list(read([text.encode()], items(OWN=type_)).columns["OWN"])


def fails(text, schema_=INTERACTIONS, **options):
    contents = text if isinstance(text, list) else [text]
    files = [one.encode() if isinstance(one, str) else one for one in contents]
    with pytest.raises(ImportFailed) as error:
        read(files, schema_, **options)
    return str(error.value)


def does_not_conform(*values, type_):
    text = "ITEM_ID,OWN\n" + "".join(f"i,{value}\n" for value in values)
    return fails(text, items(OWN=type_)) == NOT_CONFORMING


def test_columns_are_matched_by_name_in_any_order():
    table = read([b"TIMESTAMP,ITEM_ID,USER_ID\n7,a,u\n"], INTERACTIONS)
    assert list(table.columns) == ["USER_ID", "ITEM_ID", "TIMESTAMP"]
    assert list(table.strings("USER_ID")) == ["u"]
    assert list(table.strings("ITEM_ID")) == ["a"]
    assert list(table.numbers("TIMESTAMP")) == [7]


def test_unnamed_and_extra_columns_are_ignored():
    table = read([b",ITEM_ID,USER_ID,EVENT_TYPE,TIMESTAMP,\n0,a,u,View,7,\n"], INTERACTIONS)
    assert table.rows == 1
    assert "EVENT_TYPE" not in table


def test_the_first_of_several_columns_with_one_name_counts():
    table = read([b"USER_ID,ITEM_ID,ITEM_ID,TIMESTAMP\nu,first,second,7\n"], INTERACTIONS)
    assert list(table.strings("ITEM_ID")) == ["first"]


def test_missing_columns_are_listed_in_the_order_of_the_schema():
    text = "Input CSV is missing the following columns:[USER_ID, TIMESTAMP]."
    assert fails("TIME_STAMP,ITEM_ID\n7,a\n") == text


def test_the_case_of_column_names_does_not_matter():
    table = read(
        [b'"timestamp","Item_id","USER_ID","own"\n7,"a","u","x"\n'],
        schema("Interactions", USER_ID="string", ITEM_ID="string", TIMESTAMP="long", Own="string"),
    )
    assert list(table.columns) == ["USER_ID", "ITEM_ID", "TIMESTAMP", "Own"]
    assert [list(column) for column in table.columns.values()] == [["u"], ["a"], [7], ["x"]]


def test_an_exact_column_name_takes_precedence_over_one_in_another_case():
    table = read([b"item_id,USER_ID,ITEM_ID,TIMESTAMP\nother,u,a,7\n"], INTERACTIONS)
    assert list(table.strings("ITEM_ID")) == ["a"]


def test_a_missing_nullable_column_fails_too():
    assert "[OWN]" in fails("ITEM_ID\na\n", items(OWN="int?"))


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf", b"\r\n\r\n"])
def test_an_empty_file_lacks_all_columns(content):
    text = "Input CSV is missing the following columns:[USER_ID, ITEM_ID, TIMESTAMP]."
    assert fails([content]) == text


def test_a_header_alone_gives_no_rows():
    assert read([b"USER_ID,ITEM_ID,TIMESTAMP"], INTERACTIONS).rows == 0


def test_a_byte_order_mark_windows_line_ends_and_blank_lines_change_nothing():
    table = read([b"\xef\xbb\xbfUSER_ID,ITEM_ID,TIMESTAMP\r\n\r\nu,a,7\r\n\r\nv,b,8"], INTERACTIONS)
    assert list(table.strings("USER_ID")) == ["u", "v"]
    assert list(table.numbers("TIMESTAMP")) == [7, 8]


def test_text_is_utf_8():
    table = read(["USER_ID,ITEM_ID,TIMESTAMP\nÜü,名前,7\n".encode()], INTERACTIONS)
    assert list(table.strings("USER_ID")) == ["Üü"]
    assert list(table.strings("ITEM_ID")) == ["名前"]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_other_encodings_do_not_conform(encoding):
    assert fails(["USER_ID,ITEM_ID,TIMESTAMP\nÜü,a,7\n".encode(encoding)]) == NOT_CONFORMING


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ('"a,b"', "a,b"),
        (r'"say \"hi\""', 'say "hi"'),
        ('"say ""hi"""', 'say "hi"'),
        (r'"back\\slash"', r"back\slash"),
        (r'"C:\new"', r"C:\new"),
        (r"C:\new", r"C:\new"),
        (r'"ends in \\"', "ends in \\"),
        ("5 o'clock", "5 o'clock"),
        (' "spaced" ', ' "spaced" '),
        ("a|b", "a|b"),
    ],
)
def test_quotes_and_backslashes(written, read_as):
    assert cells(written, type_="string") == [read_as]


@pytest.mark.parametrize("written", ['"open', '"closed"twice"', r'"escaped\"', '"two\nlines"', "nul\0"])
def test_broken_quotes_and_multi_line_records_do_not_conform(written):
    assert does_not_conform(written, type_="string")


@pytest.mark.parametrize("row", ["u,a", "u,a,7,8", "   "])
def test_a_row_with_too_few_or_too_many_cells_does_not_conform(row):
    assert fails(f"USER_ID,ITEM_ID,TIMESTAMP\nv,b,6\n{row}\n") == NOT_CONFORMING


@pytest.mark.parametrize("type_", ["string", "int", "long", "float", "double", "boolean"])
def test_an_empty_cell_is_null_where_the_type_allows_null(type_):
    value = {"string": "a", "boolean": "true"}.get(type_, "1")
    nulls = [one is None for one in cells("", value, "", type_=f"{type_}?")]
    assert nulls == [True, False, True]
    assert type_ == "string" or does_not_conform(value, "", type_=type_)
    assert cells("", type_=f"{type_}?") == [None]


def test_an_empty_text_conforms_and_an_empty_id_does_not():
    assert cells("a", "", type_="string") == ["a", None]
    assert fails("USER_ID,ITEM_ID,TIMESTAMP\nv,b,6\nv,,7\n") == NOT_CONFORMING


def test_a_column_without_nulls_has_no_mask():
    assert read([b"ITEM_ID,OWN\ni,1\n"], items(OWN="int?")).numbers("OWN").valid is None


@pytest.mark.parametrize(
    ("type_", "dtype"), [("int", "int64"), ("long", "int64"), ("float", "float64"), ("boolean", "int64")]
)
def test_numbers_have_their_type_even_without_rows(type_, dtype):
    for optional in ("", "?"):
        column = read([b"ITEM_ID,OWN\n"], items(OWN=type_ + optional)).numbers("OWN")
        assert column.values.dtype == dtype
        assert len(column) == 0


def test_booleans_are_lower_case():
    assert cells("true", "false", type_="boolean") == [1, 0]
    for wrong in ("True", "FALSE", "1", "yes", " true"):
        assert does_not_conform(wrong, type_="boolean")


@pytest.mark.parametrize(("type_", "bits"), [("int", 32), ("long", 64)])
def test_integers_have_a_range(type_, bits):
    least, most = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    assert cells(least, 0, most, "+7", "007", type_=type_) == [least, 0, most, 7, 7]
    assert does_not_conform(least - 1, type_=type_)
    assert does_not_conform(most + 1, type_=type_)


@pytest.mark.parametrize("wrong", ["1.5", "1e3", "1_000", " 1", "1 ", "٣", "x", "-", "0x1", "--1", "1,"])
def test_other_text_in_an_integer_column_does_not_conform(wrong):
    assert does_not_conform(wrong, type_="long")
    assert does_not_conform(wrong, type_="int?")


def test_integers_may_end_in_point_zero_where_null_is_allowed():
    assert cells("1995.0", "", "-3.0", type_="long?") == [1995, None, -3]
    assert does_not_conform("1995.0", type_="long")
    assert does_not_conform("1995.5", type_="long?")


def test_floats_are_decimal_and_finite():
    assert cells("1", "-1.5", ".5", "5.", "1e3", "+2E-1", type_="float") == [1.0, -1.5, 0.5, 5.0, 1000.0, 0.2]
    for wrong in ("nan", "NaN", "inf", "-Infinity", "1e999", "1_0", " 1", "x", "1.2.3", "1f"):
        assert does_not_conform(wrong, type_="float")
        assert does_not_conform(wrong, type_="double?")


def test_a_float_has_32_bits_and_a_double_64():
    assert cells("1e39", type_="double") == [1e39]
    assert does_not_conform("1e39", type_="float")


@pytest.mark.parametrize(("type_", "limit"), [("string", 1000), ("string cat", 1000), ("string? cat", 1000)])
def test_text_has_a_maximum_length(type_, limit):
    assert cells("ü" * limit, type_=type_) == ["ü" * limit]
    text = fails(f"ITEM_ID,OWN\ni,{'ü' * (limit + 1)}\n", items(OWN=type_))
    assert text.startswith(f"Length cannot be more than {limit} characters for OWN. If no values exceed")


@pytest.mark.parametrize("column", ["USER_ID", "ITEM_ID"])
def test_ids_have_a_maximum_length(column):
    row = {"USER_ID": "u", "ITEM_ID": "a", "TIMESTAMP": "7"}
    for length in (256, 257):
        text = ",".join(row) + "\n" + ",".join({**row, column: "x" * length}.values()) + "\n"
        if length == 256:
            assert read([text.encode()], INTERACTIONS).rows == 1
        else:
            assert f"256 characters for {column}." in fails(text)


def test_textual_values_are_cut_before_they_are_compared():
    long = "x" * 20_000
    table = read([f"ITEM_ID,OWN\na,{long}1\nb,{long}2\nc,y\n".encode()], items(OWN="string text"))
    assert table.strings("OWN").values == (long, "y")
    assert table.strings("OWN").codes.tolist() == [0, 0, 1]


def test_event_types_of_actions_are_normalised():
    schema_ = schema("ActionInteractions", USER_ID="string", ACTION_ID="string", EVENT_TYPE="string", TIMESTAMP="long")
    kinds = ["Taken", "TAKEN", "not taken", "NOT_TAKEN", "Viewed", "Not Taken"]
    text = "USER_ID,ACTION_ID,EVENT_TYPE,TIMESTAMP\n" + "".join(f"u,a,{type_},7\n" for type_ in kinds)
    column = read([text.encode()], schema_).strings("EVENT_TYPE")
    assert list(column) == ["Taken", "Taken", "Not Taken", "Not Taken", "Viewed", "Not Taken"]
    assert fails(text + "u,a,Bought,7\n", schema_) == NOT_CONFORMING


def test_event_types_of_items_are_not_changed():
    schema_ = schema("Interactions", USER_ID="string", ITEM_ID="string", EVENT_TYPE="string", TIMESTAMP="long")
    table = read([b"USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP\nu,a,TAKEN,7\n"], schema_)
    assert list(table.strings("EVENT_TYPE")) == ["TAKEN"]


def test_several_files_become_one_table():
    files = [b"USER_ID,ITEM_ID,TIMESTAMP\nu,a,7\nv,b,8\n", b"ITEM_ID,TIMESTAMP,USER_ID\nb,9,u\n"]
    table = read(files, INTERACTIONS)
    assert list(table.strings("USER_ID")) == ["u", "v", "u"]
    assert table.strings("ITEM_ID").values == ("a", "b")
    assert list(table.numbers("TIMESTAMP")) == [7, 8, 9]


def test_files_with_different_headers_fail():
    files = ["USER_ID,ITEM_ID,TIMESTAMP\nu,a,7\n", "USER_ID,ITEM_ID,TIMESTAMP,MORE\nu,a,7,1\n"]
    assert "MORE" in fails(files)
    assert "missing the following columns:[ITEM_ID, TIMESTAMP]" in fails([files[0], "USER_ID\nu\n"])


def test_a_fault_in_a_later_file_fails_the_import():
    header = "USER_ID,ITEM_ID,TIMESTAMP\n"
    assert fails([header + "u,a,7\n", header + "u,a,x\n"]) == NOT_CONFORMING


def test_rows_are_counted_over_all_files():
    files = [b"USER_ID,ITEM_ID,TIMESTAMP\nu,a,7\n"] * 3
    assert read(files, INTERACTIONS, minimum_rows=3).rows == 3
    assert "4" in fails(files, minimum_rows=4)


def test_no_files_give_an_empty_table():
    assert read([], INTERACTIONS).rows == 0


@pytest.mark.parametrize("rows", [BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 1, 3 * BLOCK_ROWS])
def test_the_size_of_a_file_does_not_matter(rows):
    lines = [f"u{row % 7},i{row},{row}" for row in range(rows)]
    table = read(["\n".join(["USER_ID,ITEM_ID,TIMESTAMP", *lines]).encode()], INTERACTIONS)
    assert table.rows == rows
    assert list(table.strings("ITEM_ID")) == [f"i{row}" for row in range(rows)]
    assert list(table.numbers("TIMESTAMP")) == list(range(rows))
    lines[-1] += ",more"
    assert fails("\n".join(["USER_ID,ITEM_ID,TIMESTAMP", *lines])) == NOT_CONFORMING


line_text = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), min_size=1, max_size=20)


@given(st.lists(st.tuples(line_text, line_text.map(lambda text: text.replace("\\", "/")))))
def test_output_of_the_csv_module_is_read_back(rows):
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, doublequote=False, escapechar="\\").writerows(rows)
    table = read([b"ITEM_ID,OWN\r\n" + text.getvalue().encode()], items(OWN="string"))
    assert list(table.strings("ITEM_ID")) == [first for first, _ in rows]
    assert list(table.strings("OWN")) == [second for _, second in rows]


def as_pandas_writes(rows):
    """Return CSV with an unnamed index column and integer columns with nulls as floats."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["", "NEW", "PRICE", "ITEM_ID", "YEAR"])
    gaps = any(year is None for _, _, _, year in rows)
    for index, (new, price, item, year) in enumerate(rows):
        written = "" if year is None else float(year) if gaps else year
        writer.writerow([index, new, price, item, written])
    return text.getvalue().encode()


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["true", "false"]),
            st.floats(allow_nan=False, allow_infinity=False),
            line_text.map(lambda text: text.replace("\\", "/")),
            st.none() | st.integers(-(2**31), 2**31 - 1),
        )
    )
)
def test_output_of_pandas_is_read_back(rows):
    table = read([as_pandas_writes(rows)], items(YEAR="int?", PRICE="double", NEW="boolean"))
    assert list(table.numbers("NEW")) == [new == "true" for new, _, _, _ in rows]
    assert list(table.numbers("PRICE")) == [price for _, price, _, _ in rows]
    assert list(table.strings("ITEM_ID")) == [item for _, _, item, _ in rows]
    assert list(table.numbers("YEAR")) == [year for _, _, _, year in rows]


@given(st.binary(max_size=200))
def test_any_bytes_give_a_table_or_a_failed_import(content):
    try:
        table = read([b"ITEM_ID,OWN\n" + content], items(OWN="int?"))
    except ImportFailed:
        return
    assert len(table.strings("ITEM_ID")) == len(table.numbers("OWN")) == table.rows


def test_the_real_data_is_read(real_data):
    schema_ = items(TITLE="string", GENRES="string cat", YEAR="int?", CREATION_TIMESTAMP="long?", AVG_RATING="float")
    table = read([gzip.decompress((real_data / "items.csv.gz").read_bytes())], schema_)
    years = table.numbers("YEAR")
    assert table.rows == len(table.strings("ITEM_ID").values) == 1682
    assert np.count_nonzero(~years.valid) == 1
    assert "Toy Story (1995)" in table.strings("TITLE").values


def outcome(content, schema_):
    """Return the columns of an import, or the reason of its failure."""
    try:
        table = read([content], schema_)
    except ImportFailed as failure:
        return str(failure)
    return {name: list(column) for name, column in table.columns.items()}


plain_cells = st.sampled_from(["", "a", "b", "1", "-20", "3.0", "true", "x" * 257, "ü", "nan", " ", "1" * 30])
plain_rows = st.lists(plain_cells, min_size=2, max_size=4).map(",".join)
line_ends = st.sampled_from(["\n", "\n", "\n", "\r\n", "\n\n", "\r"])


@given(
    st.sampled_from(["ITEM_ID,OWN", "OWN,ITEM_ID", ",ITEM_ID,OWN", "OWN,X,ITEM_ID", "ITEM_ID", '"ITEM_ID",OWN']),
    st.lists(plain_rows | st.text("ab1,\n\r", max_size=6)),
    line_ends,
    st.sampled_from(["string", "string? cat", "string text", "int", "int?", "float?", "boolean?"]),
    st.integers(1, 40),
)
def test_plain_lines_are_split_as_by_the_csv_module(header, rows, end, type_, block):
    content = end.join([header, *rows]).encode()
    schema_ = items(OWN=type_)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_files, "BLOCK_CHARACTERS", block)
        plain = outcome(content, schema_)
        patch.setattr(csv_files, "_plain_blocks", csv_files._csv_blocks)
        assert outcome(content, schema_) == plain


def test_rows_that_do_not_conform_are_reported_before_long_values():
    for broken in (",y", "i"):
        assert fails(f"ITEM_ID,OWN\ni,{'x' * 1001}\n{broken}\n", items(OWN="string")) == NOT_CONFORMING
