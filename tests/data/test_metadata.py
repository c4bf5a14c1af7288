import gc
import pickle
import weakref

import numpy as np
import pytest
from dataset_tables import aligned
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


def test_rows_follow_the_order_of_the_ids_with_minus_one_for_missing_rows():
    assert view("abc", table(["c", "x", "a"])).row.tolist() == [2, -1, 0]


def test_the_last_row_of_an_id_counts():
    assert view("ab", table(["a", "b", "a"])).row.tolist() == [2, 1]


def test_rows_without_an_id_are_ignored():
    assert view("ab", table([None, "b"])).row.tolist() == [-1, 1]


@given(st.lists(st.sampled_from("abcdef"), unique=True), st.lists(st.sampled_from("abcdefgh")))
def test_each_id_has_its_last_row(ids, keys):
    rows = {key: row for row, key in enumerate(keys)}
    assert view(ids, table(keys)).row.tolist() == [rows.get(id_, -1) for id_ in ids]


def test_numbers_are_nan_where_the_value_or_the_row_is_missing():
    metadata = view("abc", table(["b", "a"], prices=[None, 2.5])).numbers("PRICE")
    np.testing.assert_array_equal(metadata, [2.5, np.nan, np.nan])


def test_texts_are_none_where_the_value_or_the_row_is_missing():
    metadata = view("abc", table(["b", "a"], genres=[None, "Drama|War"]))
    assert metadata.texts("GENRES") == ["Drama|War", None, None]
    assert metadata.codes("GENRES").tolist() == [0, -1, -1]


def test_categories_are_split_and_sorted():
    names, has = view("abcd", table(["a", "b", "c"], genres=["War|Drama", "Drama", None])).categories("GENRES")
    assert names == ("Drama", "War")
    assert has.toarray().tolist() == [[1, 1], [1, 0], [0, 0], [0, 0]]


def test_repeated_and_empty_categories_are_ignored():
    names, pairs = split_categories(Strings.from_values(["a|a|", "|", "b"]))
    assert names == ("a", "b")
    assert pairs.tolist() == [[0, 0], [2, 1]]


def test_fields_are_found_in_any_case_except_the_id():
    metadata = view("a", table(["a"]))
    assert metadata.field("genres") == FIELDS[1]
    assert metadata.field("ITEM_ID") is None
    assert metadata.field("NONE") is None


@pytest.mark.parametrize(("read", "error"), [("numbers", TypeError), ("texts", KeyError)])
def test_reading_a_missing_column_or_the_wrong_type_fails(read, error):
    with pytest.raises(error):
        getattr(view("a", table(["a"])), read)("GENRES" if error is TypeError else "NONE")


def test_metadata_can_be_referenced_weakly():
    metadata = view("a", table(["a"]))
    end = weakref.ref(metadata)
    del metadata
    gc.collect()
    assert end() is None


def test_metadata_can_be_pickled():
    metadata = pickle.loads(pickle.dumps(view("ab", table(["b"], prices=[1.0]))))  # noqa: S301  # made here
    np.testing.assert_array_equal(metadata.numbers("PRICE"), [np.nan, 1.0])
