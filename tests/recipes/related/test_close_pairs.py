import numpy as np
import pytest

from personalize_mock.recipes.related.close_pairs import ClosePairs
from personalize_mock.recipes.related.held_out import HeldOutQueries


def history(items, user="u"):
    return [(user, item, 100 + turn) for turn, item in enumerate(items)]


def test_a_close_item_counts_the_reciprocal_of_its_distance_and_half_of_it_if_it_comes_before(interactions_of):
    counts = ClosePairs.from_interactions(interactions_of(history("abc"))).weighted_by_distance()
    assert counts.toarray() == pytest.approx(np.array([[0, 1, 1 / 2], [1 / 2, 0, 1], [1 / 4, 1 / 2, 0]]))


def test_items_more_than_ten_positions_apart_are_no_pair(interactions_of):
    counts = ClosePairs.from_interactions(interactions_of(history("abcdefghijkl"))).weighted_by_distance()
    assert counts[0, 10] == pytest.approx(1 / 10)
    assert counts[0, 11] == 0


def test_interactions_of_different_users_are_no_pair(interactions_of):
    counts = ClosePairs.from_interactions(interactions_of(history("a") + history("b", "v"))).weighted_by_distance()
    assert counts.nnz == 0


def test_one_interaction_is_no_pair(tiny):
    assert ClosePairs.from_interactions(tiny).weighted_by_distance().nnz == 0


def test_held_out_interactions_count_what_they_add_to_the_whole(interactions_of):
    """The user also had the query and the targets earlier, and those pairs remain."""
    rng = np.random.default_rng(0)
    interactions = interactions_of([row for user in "uvw" for row in history(rng.choice([*"abcdef"], 40), user)])
    held_out = HeldOutQueries.from_interactions(interactions, count=1, step=1)
    pairs = ClosePairs.from_interactions(interactions)
    without = ClosePairs.from_interactions(held_out.train()).weighted_by_distance()
    added = (pairs.weighted_by_distance() - without)[held_out.queries]
    assert pairs.of_held_out(held_out).toarray() == pytest.approx(added.toarray(), abs=1e-5)
    assert added.nnz > 0
