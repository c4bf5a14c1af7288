import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.data.tables import Numbers, Strings, Table, concatenate, distinct, latest_by

texts = st.lists(st.one_of(st.none(), st.sampled_from("abcde")))


def table(ids, numbers=None, valid=None):
    numbers = range(len(ids)) if numbers is None else numbers
    column = Numbers(values=np.array(list(numbers), dtype=np.int64), valid=None if valid is None else np.array(valid))
    return Table(columns={"ID": Strings.from_values(ids), "N": column}, rows=len(ids))


def is_well_formed(column):
    seen = list(dict.fromkeys(column.codes[column.codes >= 0].tolist()))
    return seen == list(range(len(column.values))) and len(set(column.values)) == len(column.values)


@given(texts)
def test_strings_iterate_over_their_values(values):
    column = Strings.from_values(values)
    assert list(column) == values
    assert is_well_formed(column)
    assert column.codes.dtype == np.int32


@given(texts, st.data())
def test_selecting_rows_drops_values_that_no_longer_occur(values, data):
    rows = data.draw(st.lists(st.integers(0, len(values) - 1)) if values else st.just([]))
    selected = Strings.from_values(values).select(np.array(rows, dtype=np.int64))
    assert list(selected) == [values[row] for row in rows]
    assert is_well_formed(selected)


def test_a_mask_selects_the_rows_where_it_is_true():
    selected = table(["a", "b", "a", None]).select(np.array([True, False, True, True]))
    assert selected.rows == 3
    assert list(selected.strings("ID")) == ["a", "a", None]
    assert list(selected.numbers("N")) == [0, 2, 3]


@given(st.lists(texts))
def test_concatenated_tables_hold_all_rows_in_order(parts):
    whole = concatenate([table(part) for part in parts])
    expected = [value for part in parts for value in part]
    assert whole.rows == len(expected)
    if parts:
        assert list(whole.strings("ID")) == expected
        assert is_well_formed(whole.strings("ID"))
        assert list(whole.numbers("N")) == [n for part in parts for n in range(len(part))]


def test_concatenation_keeps_nulls_of_numbers():
    whole = concatenate([table(["a", "b"]), table(["c", "d"], numbers=[0, 7], valid=[False, True])])
    assert list(whole.numbers("N")) == [0, 1, None, 7]


@pytest.mark.parametrize("missing", ["ID", "N"])
def test_a_column_missing_from_one_table_is_null_in_its_rows(missing):
    more = table(["b", "b"])
    kept = {name: column for name, column in more.columns.items() if name != missing}
    whole = concatenate([table(["a"]), Table(columns=kept, rows=2), table(["c"])])
    assert whole.rows == 4
    assert list(whole.strings("ID")) == (["a", None, None, "c"] if missing == "ID" else ["a", "b", "b", "c"])
    assert list(whole.numbers("N")) == ([0, 0, 1, 0] if missing == "ID" else [0, None, None, 0])
    assert is_well_formed(whole.strings("ID"))


def test_a_column_that_only_a_later_table_has_comes_last():
    first = Table(columns={"ID": Strings.from_values(["a"])}, rows=1)
    assert list(concatenate([first, table(["b"])]).columns) == ["ID", "N"]


@given(st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from([0, 1, None]))))
def test_of_equal_rows_the_first_is_kept(rows):
    ids, numbers = [row[0] for row in rows], [row[1] for row in rows]
    found = distinct(table(ids, numbers=[n or 0 for n in numbers], valid=[n is not None for n in numbers]))
    assert list(zip(found.strings("ID"), found.numbers("N"), strict=True)) == list(dict.fromkeys(rows))


def test_text_and_numbers_cannot_be_concatenated():
    other = Table(columns={"ID": Numbers(values=np.zeros(1)), "N": Numbers(values=np.zeros(1))}, rows=1)
    with pytest.raises(ValueError, match="cannot be concatenated"):
        concatenate([table(["a"]), other])


@given(texts)
def test_the_latest_row_of_each_id_is_kept_in_order_of_first_occurrence(values):
    latest = latest_by(table(values), "ID")
    expected = {value: row for row, value in enumerate(values) if value is not None}
    assert list(latest.strings("ID")) == list(expected)
    assert list(latest.numbers("N")) == list(expected.values())


def test_reading_a_column_as_the_wrong_type_fails():
    with pytest.raises(TypeError, match="ID holds text"):
        table(["a"]).numbers("ID")
    with pytest.raises(TypeError, match="The column N holds numbers"):
        table(["a"]).strings("N")
    assert "ID" in table(["a"])
    assert "OTHER" not in table(["a"])
