import numpy as np
import pytest

from personalize_mock.recipes.numerics.tf_idf import TfIdf


def test_a_common_number_weighs_less_than_a_common_word():
    words = TfIdf.from_texts(["city 1977", "town 1977", "city harbour", "lake 1999"])
    city, town, harbour, _ = words.vectors(["city 1977", "town 1977", "city harbour", "lake 1999"]).toarray()
    assert city @ harbour > city @ town > 0


def test_case_and_punctuation_are_ignored():
    words = TfIdf.from_texts(["Ünder the Sea!", "desert"])
    one, other = words.vectors(["ÜNDER - sea", "sea... ünder"]).toarray()
    assert one @ other == pytest.approx(1)


def test_the_vector_of_a_text_without_known_words_is_zero():
    assert TfIdf.from_texts(["sea"]).vectors(["desert", ""]).nnz == 0


def test_max_features_keeps_the_most_frequent_words():
    words = TfIdf.from_texts(["b a", "b a c", "b"], max_features=2)
    assert list(words.columns) == ["b", "a"]
    assert list(TfIdf.from_texts(["b a", "b a c", "b"], min_df=2).columns) == ["a", "b"]


def test_weights_follow_the_formula():
    words = TfIdf.from_texts(["a a b", "b"])
    raw = np.array([(1 + np.log(2)) * np.log(1 + 2 / 1), np.log(1 + 2 / 2)])
    assert words.vectors(["a a b"]).toarray()[0] == pytest.approx(raw / np.linalg.norm(raw))
    plain = TfIdf.from_texts(["a a b", "b"], sublinear=False, smooth=False)
    assert plain.vectors(["a a b"]).toarray()[0] == pytest.approx([1, 0])  # ln(2 / 2) = 0
