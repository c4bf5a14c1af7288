import numpy as np
import pytest

from personalize_mock.recipes.personal import item_pairs
from personalize_mock.recipes.personal.item_pairs import count_pairs


def one_by_one(item, user, *, count, window, weight):
    counts = np.zeros((count, count))
    for leader in range(len(item)):
        for step in range(1, window + 1):
            follower = leader + step
            if follower < len(item) and user[follower] == user[leader]:
                counts[item[leader], item[follower]] += 0.9 ** (step - 1) * weight[follower]
    return counts


def random_interactions(*, items, users=7, interactions=200):
    rng = np.random.default_rng(0)
    item = rng.integers(items, size=interactions).astype(np.int32)
    user = np.sort(rng.integers(users, size=interactions)).astype(np.int32)
    return item, user, 0.5 + rng.random(interactions)


@pytest.mark.parametrize("items", [5, 1000])  # with 1,000 items most pairs occur once, with 5 all occur often
@pytest.mark.parametrize("window", [1, 3])
@pytest.mark.parametrize("block", [1, 50, 8192])
def test_pairs_are_summed_to_the_last_bit_as_if_they_were_added_one_by_one(items, window, block, monkeypatch):
    monkeypatch.setattr(item_pairs, "BLOCK", block)
    item, user, weight = random_interactions(items=items)
    pairs = count_pairs(item, user, count=items, window=window, weight=weight)
    expected = one_by_one(item, user, count=items, window=window, weight=weight)
    assert np.array_equal(pairs.toarray(), expected)
    assert pairs.nnz == np.count_nonzero(expected)
    assert pairs.has_canonical_format


@pytest.mark.parametrize("block", [1, 50, 8192])
def test_arrays_hold_the_same_sums_as_sparse_matrices(block, monkeypatch):
    monkeypatch.setattr(item_pairs, "BLOCK", block)
    item, user, weight = random_interactions(items=9)
    arrays = [*item_pairs.dense_pair_blocks(item, user, count=9, window=3, weight=weight)]
    assert np.array_equal(np.concatenate(arrays), count_pairs(item, user, count=9, window=3, weight=weight).toarray())


def test_arrays_have_a_limited_size_even_if_items_are_rare(monkeypatch):
    monkeypatch.setattr(item_pairs, "BLOCK", 100)
    item, user, _ = random_interactions(items=150, interactions=100)
    arrays = [*item_pairs.dense_pair_blocks(item, user, count=150, window=1)]
    assert max(array.size for array in arrays) <= item_pairs.SPARSE * 100
    assert sum(map(len, arrays)) == 150


def test_the_largest_array_of_a_block_does_not_grow_with_the_number_of_interactions(monkeypatch):
    monkeypatch.setattr(item_pairs, "BLOCK", 100)
    item, user, _ = random_interactions(items=300, users=100, interactions=6000)
    pairs = item_pairs._Pairs.from_interactions(item, user, count=300, window=4)
    sizes = [len(pairs.of_leaders(first, stop)[0]) for first, stop in pairs.ranges()]
    assert len(sizes) > 50
    assert max(sizes) <= 4 * 100


def test_every_leader_is_in_one_block(monkeypatch):
    monkeypatch.setattr(item_pairs, "BLOCK", 10)
    item, user, _ = random_interactions(items=30)
    blocks = [*item_pairs._Pairs.from_interactions(item, user, count=30, window=2).ranges()]
    assert [leader for first, stop in blocks for leader in range(first, stop)] == [*range(30)]


def test_a_history_without_interactions_has_no_pairs():
    empty = np.empty(0, dtype=np.int32)
    assert count_pairs(empty, empty, count=3, window=10).nnz == 0
    assert count_pairs(empty, empty, count=0, window=10).shape == (0, 0)


def test_only_pairs_with_one_of_the_given_items_are_counted():
    item, user, _ = random_interactions(items=12)
    given = np.zeros(12, dtype=bool)
    given[[2, 7]] = True
    every, some = (count_pairs(item, user, count=12, window=3, items=items).toarray() for items in (None, given))
    assert np.array_equal(some, every * (given[:, None] | given[None, :]))
