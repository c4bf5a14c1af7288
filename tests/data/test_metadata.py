import gc
import pickle
import weakref

import numpy as np
import pytest
from aligning import aligned
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.id_map import IdMap
from personalize_mock.data.metadata import split_categories
from personalize_mock.data.tables import Numbers, Strings, Table

FIELDS = (
    SchemaField(name="ITEM_ID", type="string"),
    SchemaField(name="GENRES", type="string", categorical=True),
    SchemaField(name="PRICE", type="float", nullable=True),
)


def table(ids, genres=None, prices=None):
    prices = [None] * len(ids) if prices is None else prices
    numbers = Numbers(
        values=np.array([0.0 if price is None else price for price in prices]),
        valid=np.array([price is not None for price in prices], dtype=bool),
    )
    genres = Strings.from_values([None] * len(ids) if genres is None else genres)
    return Table(columns={"ITEM_ID": Strings.from_values(ids), "GENRES": genres, "PRICE": numbers}, rows=len(ids))


def view(ids, rows):
    return aligned(rows, IdMap(ids), key="ITEM_ID", fields=FIELDS)


def test_rows_stand_in_the_order_of_the_ids_and_minus_one_where_there_is_none():
    assert view("abc", table(["c", "x", "a"])).row.tolist() == [2, -1, 0]


def test_of_rows_with_the_same_key_the_last_one_counts():
    assert view("ab", table(["a", "b", "a"])).row.tolist() == [2, 1]


def test_a_row_without_a_key_is_nobodys():
    assert view("ab", table([None, "b"])).row.tolist() == [-1, 1]


@given(st.lists(st.sampled_from("abcdef"), unique=True), st.lists(st.sampled_from("abcdefgh")))
def test_each_id_has_the_last_row_that_names_it(ids, keys):
    rows = {key: row for row, key in enumerate(keys)}
    assert view(ids, table(keys)).row.tolist() == [rows.get(each, -1) for each in ids]


def test_numbers_are_nan_where_the_value_or_the_row_is_missing():
    known = view("abc", table(["b", "a"], prices=[None, 2.5])).numbers("PRICE")
    np.testing.assert_array_equal(known, [2.5, np.nan, np.nan])


def test_texts_are_none_where_the_value_or_the_row_is_missing():
    known = view("abc", table(["b", "a"], genres=[None, "Drama|War"]))
    assert known.texts("GENRES") == ["Drama|War", None, None]
    assert known.codes("GENRES").tolist() == [0, -1, -1]


def test_categories_are_told_apart_and_in_order():
    names, has = view("abcd", table(["a", "b", "c"], genres=["War|Drama", "Drama", None])).categories("GENRES")
    assert names == ("Drama", "War")
    assert has.toarray().tolist() == [[1, 1], [1, 0], [0, 0], [0, 0]]


def test_a_category_named_twice_or_not_at_all_counts_as_it_should():
    names, pairs = split_categories(Strings.from_values(["a|a|", "|", "b"]))
    assert names == ("a", "b")
    assert pairs.tolist() == [[0, 0], [2, 1]]


def test_fields_are_found_in_any_case_and_the_key_is_none():
    known = view("a", table(["a"]))
    assert known.field("genres") == FIELDS[1]
    assert known.field("ITEM_ID") is None
    assert known.field("NONE") is None


@pytest.mark.parametrize(("read", "error"), [("numbers", TypeError), ("texts", KeyError)])
def test_a_column_of_another_kind_or_name_is_refused(read, error):
    with pytest.raises(error):
        getattr(view("a", table(["a"])), read)("GENRES" if error is TypeError else "NONE")


def test_what_is_computed_of_a_view_can_end_with_it():
    known = view("a", table(["a"]))
    end = weakref.ref(known)
    del known
    gc.collect()
    assert end() is None


def test_a_view_can_be_pickled():
    known = pickle.loads(pickle.dumps(view("ab", table(["b"], prices=[1.0]))))  # noqa: S301  # our own
    np.testing.assert_array_equal(known.numbers("PRICE"), [np.nan, 1.0])
