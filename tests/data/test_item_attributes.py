import numpy as np
import pytest
from dataset_tables import aligned

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.id_map import IdMap
from personalize_mock.data.item_attributes import item_attributes
from personalize_mock.data.tables import Numbers, Strings, Table

CATEGORICAL = SchemaField(name="GENRES", type="string", categorical=True)


def items(*values, field=CATEGORICAL):
    """Return items a, b, c... with these values in one column."""
    ids = IdMap("abcdefghij"[: len(values)])
    if field.type == "string":
        column = Strings.from_values(values)
    else:
        valid = np.array([value is not None for value in values])
        column = Numbers(values=np.array([value or 0 for value in values]), valid=valid)
    table = Table(columns={"ITEM_ID": Strings.from_values(ids.values), field.name: column}, rows=len(ids))
    return aligned(table, ids, key="ITEM_ID", fields=[SchemaField(name="ITEM_ID", type="string"), field])


def indices_with(metadata, *pairs):
    return np.flatnonzero(item_attributes(metadata).mask(pairs)).tolist()


def test_an_item_has_each_of_its_categories():
    films = items("Comedy|Drama", "Drama", None, "Comedy")
    assert indices_with(films, ("GENRES", "Comedy")) == [0, 3]
    assert indices_with(films, ("GENRES", "Comedy"), ("GENRES", "Drama")) == [0]
    assert indices_with(films, ("GENRES", "Comedy|Drama")) == []


def test_case_counts_in_values_but_not_in_column_names():
    films = items("Comedy", "Drama", "Comedy")
    assert indices_with(films, ("genres", "Comedy")) == [0, 2]
    assert indices_with(films, ("genres", "comedy")) == []


def test_unknown_columns_or_values_or_no_pairs_select_no_items():
    films = items("Comedy", "Drama", "Comedy")
    assert indices_with(films, ("MOOD", "Comedy")) == []
    assert indices_with(films, ("GENRES", "Zombie")) == []
    assert indices_with(films) == []


def test_numbers_are_compared_by_value():
    films = items(1994, 1995, None, 1994, field=SchemaField(name="YEAR", type="int"))
    assert indices_with(films, ("YEAR", "1994")) == indices_with(films, ("YEAR", "1994.0")) == [0, 3]
    assert (
        indices_with(films, ("YEAR", "0"))
        == indices_with(films, ("YEAR", "nan"))
        == indices_with(films, ("YEAR", "old"))
        == []
    )


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        items("Comedy", "Comedy", None),
        items("Comedy", "Drama", "Crime"),
        items(None, None),
        items(5, 5, field=SchemaField(name="YEAR", type="int")),
        items(5, 6, None, field=SchemaField(name="YEAR", type="int")),
        items(5, 5, 6, field=SchemaField(name="CREATION_TIMESTAMP", type="long")),
        items(1, 0, 1, field=SchemaField(name="NEW", type="boolean")),
        items("Comedy", "Drama", "Comedy", field=SchemaField(name="GENRES", type="string")),
        items("Comedy", "Drama", "Comedy", field=SchemaField(name="GENRES", type="string", textual=True)),
    ],
    ids=["none", "same", "distinct", "missing", "number", "numbers", "reserved", "boolean", "plain", "textual"],
)
def test_a_column_whose_values_do_not_group_items_is_not_trainable(metadata):
    assert not item_attributes(metadata).columns


def test_every_pair_selects_items():
    for metadata in (items("B|A", "A"), items(1.5, 0.1, 0.1, field=SchemaField(name="PRICE", type="float"))):
        attributes = item_attributes(metadata)
        assert all(attributes.mask([pair]).any() for pair in attributes.pairs())
    assert [value for _, value in attributes.pairs()] == ["0.1", "1.5"]
