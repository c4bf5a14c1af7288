import numpy as np
import pytest

from personalize_mock.recipes.related.held_out import HeldOutQueries, clearly_larger


def test_the_newest_tenth_of_a_history_is_held_out_and_the_item_before_is_the_query(interactions_of):
    interactions = interactions_of([("u", f"i{turn:02}", turn) for turn in range(20)])
    held_out = HeldOutQueries.from_interactions(interactions, count=10, step=2)
    assert held_out.queries.tolist() == [17]
    assert held_out.targets.tolist() == [18, 19]
    assert held_out.train().history(0).tolist() == list(range(18))


def test_a_step_of_one_chooses_all_users(interactions_of):
    interactions = interactions_of([(f"u{user}", f"i{turn}", turn) for user in range(5) for turn in range(5)])
    assert HeldOutQueries.from_interactions(interactions, count=100, step=1).users.tolist() == [0, 1, 2, 3, 4]
    assert HeldOutQueries.from_interactions(interactions, count=3, step=1).users.tolist() == [0, 2, 4]


def test_with_a_step_of_two_at_most_every_second_user_takes_part(interactions_of):
    interactions = interactions_of([(f"u{user}", f"i{turn}", turn) for user in range(10) for turn in range(5)])
    assert len(HeldOutQueries.from_interactions(interactions, count=100, step=2).queries) == 5
    assert len(HeldOutQueries.from_interactions(interactions, count=3, step=2).queries) == 3
    assert HeldOutQueries.from_interactions(interactions, count=100, step=2).train().lengths().tolist() == [4, 5] * 5


def test_users_with_one_interaction_are_left_alone(interactions_of):
    held_out = HeldOutQueries.from_interactions(interactions_of([("u", "a", 1), ("v", "b", 1)]), count=10, step=2)
    assert len(held_out.queries) == 0
    assert len(held_out.train()) == 2


def test_a_repeated_query_is_no_target_and_a_repeated_target_counts_once(interactions_of):
    items = [*"abcdefghijklmnopq", "x", *"yxy"]
    interactions = interactions_of([("u", item, turn) for turn, item in enumerate(items * 2)])
    held_out = HeldOutQueries.from_interactions(interactions, count=10, step=2)
    assert interactions.items.at(held_out.queries) == ["q"]
    assert interactions.items.at(held_out.targets) == ["x", "y"]


def test_a_target_is_new_unless_the_user_has_seen_it(interactions_of):
    rows = [("u", item, turn) for turn, item in enumerate(["a", *"bcdefghijklmnopqr", "a", "x"])]
    interactions = interactions_of([*rows, ("v", "x", 1), ("v", "y", 2)])
    held_out = HeldOutQueries.from_interactions(interactions, count=10, step=1)
    assert interactions.items.at(held_out.targets) == ["a", "x", "y"]
    assert held_out.are_new().tolist() == [False, True, True]


def test_a_gain_is_the_mean_discounted_gain_of_the_targets_of_a_query(interactions_of):
    interactions = interactions_of([("u", f"i{turn:02}", turn) for turn in range(20)])
    held_out = HeldOutQueries.from_interactions(interactions, count=10, step=2)
    scores = np.zeros((1, 20), dtype=np.float32)
    scores[0, [3, 18, 5]] = [3, 2, 1]
    assert held_out.gains(scores) == pytest.approx([1 / np.log2(3) / 2])
    scores[0, 19] = 4
    assert held_out.gains(scores) == pytest.approx([(1 / np.log2(4) + 1) / 2])


def test_targets_below_the_first_25_gain_nothing(interactions_of):
    interactions = interactions_of([("u", f"i{turn:03}", turn) for turn in range(4)], map("i{:03}".format, range(50)))
    held_out = HeldOutQueries.from_interactions(interactions, count=10, step=2)
    for better, gain in ((24, 1 / np.log2(26)), (25, 0)):
        scores = np.zeros((1, 50), dtype=np.float32)
        scores[0, 3] = 1
        scores[0, 10 : 10 + better] = 2
        assert held_out.gains(scores) == pytest.approx([gain])


def test_a_difference_within_a_standard_error_is_not_clear():
    gains = np.array([0.2, 0.4, 0.6, 0.8])
    assert clearly_larger(gains + 0.01, gains)
    assert not clearly_larger(gains, gains)
    assert not clearly_larger(gains + np.array([0.4, -0.38, 0, 0]), gains)
    assert not clearly_larger(gains[:1] + 1, gains[:1])
