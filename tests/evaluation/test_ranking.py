"""Metrics of lists that are small enough to be calculated by hand."""

from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.evaluation.ranking import (
    average_rewards_at,
    coverage,
    mean_reciprocal_rank_at,
    normalized_discounted_cumulative_gain_at,
    precision_at,
)

NO_HITS = np.zeros((0, 25), dtype=bool)


def hits_at(*positions_of_users, length=25):
    hits = np.zeros((len(positions_of_users), length), dtype=bool)
    for user, positions in enumerate(positions_of_users):
        hits[user, [position - 1 for position in positions]] = True
    return hits


def gain(k, hits, *relevant):
    return normalized_discounted_cumulative_gain_at(k, hits=hits, relevant=np.array(relevant))


def test_ndcg_of_the_example_in_the_guide():
    """Two relevant items at positions 2 and 5: (1/log(3) + 1/log(6)) / (1/log(2) + 1/log(3))."""
    assert round(gain(25, hits_at([2, 5]), 2), 4) == 0.6241


def test_precision_divides_by_k_even_if_fewer_items_are_held_out():
    assert precision_at(5, hits=hits_at([1, 5, 6], [])) == pytest.approx((2 / 5 + 0) / 2)
    assert precision_at(25, hits=hits_at([3])) == pytest.approx(1 / 25)


def test_the_reciprocal_rank_is_that_of_the_first_hit_within_k():
    assert mean_reciprocal_rank_at(25, hits=hits_at([4, 9], [1], [])) == pytest.approx((1 / 4 + 1 + 0) / 3)
    assert mean_reciprocal_rank_at(3, hits=hits_at([4])) == 0


def test_the_gain_of_a_perfect_list_is_one():
    assert gain(5, hits_at([1, 2, 3]), 3) == pytest.approx(1)
    assert gain(5, hits_at(range(1, 26)), 40) == pytest.approx(1)


def test_the_gain_counts_hits_within_k_and_averages_over_users():
    assert gain(5, hits_at([3, 6], []), 2, 1) == pytest.approx((1 / log2(4) / (1 + 1 / log2(3)) + 0) / 2)


def test_coverage_counts_distinct_items_and_ignores_padding():
    assert coverage(np.array([[1, 2, -1], [2, 3, -1]]), catalogue_size=12) == pytest.approx(3 / 12)
    assert coverage(np.array([[-1]]), catalogue_size=0) == 0


def rewards_at(k, recommended, relevant, rewards):
    relevant = [np.array(items, dtype=np.int32) for items in relevant]
    return average_rewards_at(k, recommended=np.array(recommended), relevant=relevant, rewards=np.array(rewards))


def test_the_reward_of_the_hits_is_divided_by_that_of_all_held_out_items():
    assert rewards_at(3, [[0, 1, 2, 3]], [[1, 3, 4]], [1.0, 2.0, 3.0, 4.0, 5.0]) == pytest.approx(2 / 11)
    assert rewards_at(4, [[0, 1, 2, 3]], [[1, 3, 4]], [1.0, 2.0, 3.0, 4.0, 5.0]) == pytest.approx(6 / 11)


def test_a_user_without_a_hit_counts_zero_for_rewards():
    assert rewards_at(2, [[0, 1], [0, 1]], [[1], [2]], [1.0, 3.0, 5.0]) == pytest.approx((1 + 0) / 2)


def test_the_smallest_negative_reward_is_subtracted():
    assert rewards_at(2, [[0, 1]], [[1, 2]], [-5.0, -4.0, -2.0]) == pytest.approx(1 / (1 + 3))


def test_a_missing_reward_counts_as_the_median():
    assert rewards_at(1, [[3]], [[2, 3]], [1.0, 2.0, 9.0, np.nan]) == pytest.approx(2 / (9 + 2))


def test_padding_is_no_hit_for_rewards():
    assert rewards_at(3, [[0, -1, -1]], [[1, 2]], [1.0, 1.0, 1.0]) == 0


def test_without_rewards_the_metric_is_zero():
    for rewards in ([0.0], [np.nan]):
        assert rewards_at(1, [[0, -1]], [[0]], rewards) == 0


def test_without_users_all_metrics_are_zero():
    assert precision_at(5, hits=NO_HITS) == 0
    assert mean_reciprocal_rank_at(25, hits=NO_HITS) == 0
    assert normalized_discounted_cumulative_gain_at(5, hits=NO_HITS, relevant=np.zeros(0, dtype=np.int64)) == 0
    assert average_rewards_at(25, recommended=np.zeros((0, 25), int), relevant=[], rewards=np.ones(3)) == 0


@given(st.lists(st.sets(st.integers(1, 25), max_size=8), min_size=1, max_size=5), st.integers(0, 5))
def test_every_metric_lies_between_zero_and_one(positions, more):
    hits = hits_at(*positions)
    relevant = np.array([max(1, len(own) + more) for own in positions])
    for k in (5, 10, 25):
        assert 0 <= precision_at(k, hits=hits) <= 1
        assert 0 <= normalized_discounted_cumulative_gain_at(k, hits=hits, relevant=relevant) <= 1 + 1e-12
    assert 0 <= mean_reciprocal_rank_at(25, hits=hits) <= 1
