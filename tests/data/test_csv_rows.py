"""Second reading of an import: bad rows are located, and left out if they are few."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.data import avro
from personalize_mock.data.csv_files import ImportFailed, read
from personalize_mock.data.csv_rows import BLOCK_LINES, check_first_part, read_tolerantly

FIELDS = [
    {"name": "ITEM_ID", "type": "string"},
    {"name": "YEAR", "type": "int"},
    {"name": "PRICE", "type": ["null", "float"]},
    {"name": "GENRES", "type": "string", "categorical": True},
]
SCHEMA = avro.parse(json.dumps({"type": "record", "name": "Items", "fields": FIELDS}))
HEADER = "ITEM_ID,YEAR,PRICE,GENRES"
GOOD = [f"i{row},{1990 + row % 30},{row}.5,Drama" for row in range(1000)]


def read_with(*rows, good=GOOD, at=0):
    """Read good rows, with others inserted at a position, and return the rows that were left out."""
    text = "\n".join([HEADER, *good[:at], *rows, *good[at:]])
    table, bad = read_tolerantly({"films.csv": text.encode()}, SCHEMA)
    assert table.rows == len(good)
    assert table.strings("ITEM_ID").values == tuple(row.partition(",")[0] for row in good)
    return bad


def columns(table):
    return {name: list(column) for name, column in table.columns.items()}


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ("i,2006/2007,1,Drama", "column YEAR: '2006/2007' is not of type int"),
        ("i,,1,Drama", "column YEAR: '' is empty"),
        ("i,2000,cheap,Drama", "column PRICE: 'cheap' is not of type float"),
        (",2000,1,Drama", "column ITEM_ID: '' is empty"),
        (",2000,cheap,Drama", "column ITEM_ID: '' is empty"),
        ("i,2000,1", "'i,2000,1' has 3 cells, not 4"),
        ("i,2000,1,Drama,more", "'i,2000,1,Drama,more' has 5 cells, not 4"),
        ('i,2000,1,"Drama', "'i,2000,1,\"Drama' is not valid CSV in UTF-8"),
        ("i\0,2000,1,Drama", "'i\\x00,2000,1,Drama' is not valid CSV in UTF-8"),
        (f"i,{'9' * 100},1,Drama", f"column YEAR: '{'9' * 80}...' is not of type int"),
    ],
)
def test_a_bad_row_is_located(row, text):
    (bad,) = read_with(row, at=7).first
    assert str(bad).removeprefix("films.csv, line 9").lstrip(":, ") == text


def test_bytes_that_are_not_utf_8_make_a_bad_row():
    content = "\n".join([HEADER, *GOOD]).encode() + b"\nfilm\xff,2000,1,Drama\n"
    table, bad = read_tolerantly({"films.csv": content}, SCHEMA)
    assert table.rows == len(GOOD)
    assert str(bad.first[0]) == r"films.csv, line 1002: 'film\udcff,2000,1,Drama' is not valid CSV in UTF-8"


def test_blank_lines_and_line_ends_count_as_lines():
    text = f"\n\n{HEADER}\r\n\r\n" + "\r\n".join(GOOD) + "\r\ni,old,1,Drama\r\n"
    _, bad = read_tolerantly({"films.csv": text.encode()}, SCHEMA)
    assert bad.first[0].line == 3 + 1 + len(GOOD) + 1


def test_a_record_of_two_lines_makes_two_bad_rows():
    assert read_with('i,2000,1,"two', 'lines"').count == 2


def test_a_bad_row_in_a_file_with_quotes_is_located():
    quoted = [row.replace("Drama", r'"Drama, \"so\""') for row in GOOD]
    (bad,) = read_with("i,new,1,Drama", good=quoted, at=500).first
    assert (bad.line, bad.column, bad.value) == (502, "YEAR", "new")


def test_bad_rows_are_counted_over_all_files_and_the_first_are_named():
    files = {name: "\n".join([HEADER, *GOOD, *["i,x,1,Drama"] * 4]).encode() for name in ("a.csv", "b.csv")}
    table, bad = read_tolerantly(files, SCHEMA)
    assert (table.rows, bad.rows, bad.count) == (2000, 2008, 8)
    assert [(row.file, row.line) for row in bad.first] == [
        *(("a.csv", line) for line in range(1002, 1006)),
        ("b.csv", 1002),
    ]
    assert str(bad).endswith("; and 3 more")


def test_a_value_that_is_too_long_fails_the_import_however_few_there_are():
    text = "\n".join([HEADER, *GOOD, f"{'x' * 257},2000,1,Drama", "i,bad,1,Drama"])
    with pytest.raises(ImportFailed, match="Length cannot be more than 256 characters for ITEM_ID") as failed:
        read_tolerantly({"films.csv": text.encode()}, SCHEMA)
    assert failed.value.details.startswith("1 of 1002 rows. films.csv, line 1002, column ITEM_ID: 'xxx")
    assert failed.value.details.endswith("...' has 257 characters")


def test_a_value_that_is_too_long_in_a_bad_row_goes_with_the_row():
    assert read_with(f"{'x' * 257},bad,1,Drama").first[0].column == "YEAR"


def test_rows_left_out_do_not_count_for_the_minimum():
    text = "\n".join([HEADER, *GOOD, "i,bad,1,Drama"]).encode()
    with pytest.raises(ImportFailed, match="has 1000 rows"):
        read_tolerantly({"films.csv": text}, SCHEMA, minimum_rows=1001)


def test_a_file_without_bad_rows_is_read_as_before():
    text = "\n".join([HEADER, *GOOD]).encode()
    table, bad = read_tolerantly({"films.csv": text}, SCHEMA)
    assert bad is None
    assert columns(table) == columns(read([text], SCHEMA))


bad_lines = st.sampled_from(["i,x,1,Drama", "i,1", 'a"b"", "', ",1,1,D", "i,1,1e99,D", 'i,1,1,"D" ', "   "])
good_lines = st.sampled_from(["i,1,,", "j,-2,.5,Drama|Crime", r'"k\"",3,1e3,"a,b"', "ü,4,7,", r"C:\x,5,,y"])


@given(
    st.lists(st.tuples(st.integers(0, 3 * BLOCK_LINES), bad_lines), min_size=1, max_size=9),
    st.lists(good_lines, min_size=1, max_size=5),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_a_tolerant_reading_gives_the_rows_of_a_file_without_the_bad_lines(bad, pattern, end):
    rows = [*pattern * (3 * BLOCK_LINES // len(pattern))]
    expected = read([end.join([HEADER, *rows]).encode()], SCHEMA)
    for position, line in bad:
        rows.insert(position, line)
    table, left_out = read_tolerantly({"films.csv": end.join([HEADER, *rows]).encode()}, SCHEMA)
    assert columns(table) == columns(expected)
    assert (left_out.count, left_out.rows) == (len(bad), len(rows))


@given(st.binary(max_size=200))
def test_any_bytes_give_a_table_or_a_failed_import(content):
    for text in (content, f"{HEADER}\n".encode() + content):
        with suppress(ImportFailed):
            read_tolerantly({"a": text}, SCHEMA)
        with suppress(ImportFailed):
            check_first_part("a", text, SCHEMA)


def test_a_first_part_may_have_as_many_bad_rows_as_good_ones():
    good, bad = GOOD[:10], ["i,x,1,Drama"] * 11
    check_first_part("a", "\n".join([HEADER, *good, *bad[:10]]).encode(), SCHEMA)
    with pytest.raises(ImportFailed, match="Input csv has rows that do not conform"):
        check_first_part("a", "\n".join([HEADER, *good, *bad]).encode(), SCHEMA)
