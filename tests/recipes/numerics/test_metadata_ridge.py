import numpy as np
import pytest
from dataset_tables import aligned

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.id_map import IdMap
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.recipes.numerics.metadata_ridge import item_features, predicted_factors


def items_with(count, **columns):
    """Return items `0`, `1`, ... with columns given as pairs of values and attributes of the field."""
    ids = [str(number) for number in range(count)]
    fields = [SchemaField(name=name, **{"type": "string"} | attributes) for name, (_, attributes) in columns.items()]
    table = {name: values for name, (values, _) in columns.items()}
    table = Table(columns={"ITEM_ID": Strings.from_values(ids), **table}, rows=count)
    return aligned(table, IdMap([*ids, "not in the dataset"]), key="ITEM_ID", fields=fields)


def test_categories_are_zeros_and_ones_with_the_most_frequent_first():
    items = items_with(3, GENRE=(Strings.from_values(["A|B", "B", None]), {"categorical": True}))
    assert item_features(items, np.arange(4)).toarray().tolist() == [[1, 1], [1, 0], [0, 0], [0, 0]]


def test_numbers_are_z_scores_and_zero_where_missing():
    values = Numbers(values=np.array([1.0, 3.0, 0.0]), valid=np.array([True, True, False]))
    items = items_with(3, PRICE=(values, {"type": "float"}))
    assert item_features(items, np.arange(4)).toarray().ravel().tolist() == [-1, 1, 0, 0]


def test_words_are_weighted_by_rarity():
    texts = Strings.from_values(["the ship sails", "the ship sinks", "the moon the moon", "the moon"])
    rows = item_features(items_with(4, TEXT=(texts, {"textual": True})), np.arange(4)).toarray()
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1)
    assert rows[0] == pytest.approx(rows[1])
    assert rows[0] @ rows[2] == pytest.approx(0, abs=1e-9)


def test_plain_strings_booleans_constants_and_creation_times_are_not_used():
    items = items_with(
        2,
        NOTE=(Strings.from_values(["a", "b"]), {}),
        FLAG=(Numbers(values=np.array([0, 1])), {"type": "boolean"}),
        SAME=(Numbers(values=np.array([7, 7])), {"type": "int"}),
        CREATION_TIMESTAMP=(Numbers(values=np.array([1, 2])), {"type": "long"}),
    )
    assert item_features(items, np.arange(2)).shape == (2, 0)


def test_factors_follow_the_genre():
    genre = Strings.from_values("AB"[number % 2] for number in range(1010))
    items = items_with(1010, GENRE=(genre, {"categorical": True}))
    factors = np.array([[1, 0], [0, 1]], dtype=np.float32)[np.arange(1000) % 2]
    predicted = predicted_factors(items, known=np.arange(1000), factors=factors, wanted=np.array([1000, 1001, 1010]))
    assert predicted == pytest.approx(np.array([[0.5, -0.5], [-0.5, 0.5], [0, 0]]), abs=0.1)


def test_without_features_or_known_items_the_prediction_is_zero():
    plain = items_with(3, NOTE=(Strings.from_values(["a", "b", "c"]), {}))
    described = items_with(3, GENRE=(Strings.from_values(["a", "b", "c"]), {"categorical": True}))
    nothing = np.empty(0, dtype=np.int32)
    factors = np.ones((2, 4), dtype=np.float32)
    assert not predicted_factors(plain, known=np.arange(2), factors=factors, wanted=np.array([2])).any()
    assert not predicted_factors(described, known=nothing, factors=factors[:0], wanted=np.array([2])).any()
    assert predicted_factors(described, known=np.arange(2), factors=factors, wanted=nothing).shape == (0, 4)
