import numpy as np
import pytest

from personalize_mock.recipes.related import co_interactions
from personalize_mock.recipes.related.co_interactions import CoInteractions


def rows(interactions, *items):
    indices = np.array([interactions.items.index(item) for item in items])
    return CoInteractions.from_interactions(interactions, interactions.csr()).rows(indices)


def histories(*texts):
    return [(f"u{user}", item, turn) for user, text in enumerate(texts) for turn, item in enumerate(text)]


def test_shared_users_count_less_the_more_items_they_have(interactions_of):
    interactions = interactions_of(histories("ab", "abcdef", "cf"))
    (shared,) = rows(interactions, "a").shared
    two, six = 1 / np.log2(4), 1 / np.log2(8)
    assert shared == pytest.approx([0, two + six, six, six, six, six])


def test_repeated_interactions_of_a_user_with_an_item_count_once_as_shared(interactions_of):
    (shared,) = rows(interactions_of(histories("ababab")), "a").shared
    assert shared == pytest.approx([0, 0.5])


def test_later_and_earlier_interactions_count_by_their_distance(interactions_of):
    co = rows(interactions_of(histories("abc", "cb")), "a", "b", "c")
    assert co.after == pytest.approx(np.array([[0, 1, 1 / 2], [0, 0, 1], [0, 1, 0]]))
    assert co.before == pytest.approx(co.after.T)


def test_distant_interactions_are_not_close(interactions_of):
    co = rows(interactions_of(histories("abcdefghijkl")), "a")
    assert co.after[0, 10] == pytest.approx(1 / 10)
    assert co.after[0, 11] == 0


def test_close_interactions_of_an_item_with_very_many_are_a_sample(interactions_of, monkeypatch):
    monkeypatch.setattr(co_interactions, "MOST_PLACES", 5)
    co = rows(interactions_of(histories(*["ab"] * 20)), "a", "b")
    assert co.after[0].tolist() == [0, 5]
    assert co.before[1].tolist() == [5, 0]


def test_left_out_items_have_neither_rows_nor_columns(interactions_of):
    interactions = interactions_of(histories("abcb", "cba"))
    co = rows(interactions, "a", "b").without(np.array([True, False, False]), np.array([0, 1]))
    for matrix in (co.shared, co.after, co.before):
        assert not matrix[0].any()
        assert matrix[1, 0] == 0
        assert matrix[1, 2] > 0


def test_a_similarity_is_a_sum_of_two_discounted_distributions(interactions_of):
    co = rows(interactions_of(histories("abc", "ab", "ca", "d")), "a", "d")
    discount = np.array([1, 0.5, 1, 1], dtype=np.float32)
    known, unknown = co.similarity(discount, closeness=0.3, before=0.5)
    assert known.sum() == pytest.approx(1.3)
    shared = co.shared[0] * discount
    close = (co.after[0] + 0.5 * co.before[0]) * discount
    assert known == pytest.approx(shared / shared.sum() + 0.3 * close / close.sum())
    assert not unknown.any()
