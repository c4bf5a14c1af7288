import numpy as np
import pytest
from recipes.conftest import make_interactions

from personalize_mock.data.popularity_growth import (
    INTERVALS,
    chance_of_growth,
    complete_intervals,
    count_per_interval,
    estimated_growth,
    growth,
)


def count(*times, end=1000, length=100, intervals=2):
    interactions = make_interactions([("u", "i", time) for time in times])
    return count_per_interval(interactions, end=end, length=length, intervals=intervals)[:, 0].tolist()


def estimate(*columns):
    """Return the estimated growth of items, given the counts of each."""
    return estimated_growth(np.array(columns).T)


def test_an_interval_includes_its_end_and_not_its_start():
    assert count(1000, 901, 900, 801, 800) == [2, 2]


def test_the_oldest_interval_comes_first():
    assert count(1000, 850, 851, 701, 702, 703, intervals=3) == [3, 2, 1]


def test_interactions_in_the_future_do_not_count():
    assert count(1001, 5000) == [0, 0]


def test_growth_is_the_difference_between_the_last_two_intervals():
    assert growth(np.array([[9, 9], [30, 4], [40, 1]])).tolist() == [10, -3]


@pytest.mark.parametrize(
    ("first", "intervals"), [(999, 2), (801, 2), (700, 3), (350, 6), (1, 9), (-500_000, INTERVALS)]
)
def test_only_intervals_since_the_first_interaction_are_read(first, intervals):
    interactions = make_interactions([("u", "i", first), ("u", "i", 1000)])
    assert complete_intervals(interactions, end=1000, length=100) == intervals


def test_the_estimate_of_a_clear_line_is_its_slope():
    assert estimate(range(1000, 13_000, 1000)) == pytest.approx([1000], rel=0.02)
    assert estimate(range(12_000, 0, -1000)) == pytest.approx([-1000], rel=0.02)


def test_equal_counts_do_not_grow():
    assert estimate([7] * 12, [0] * 9 + [7] * 3, [0] * 12).tolist() == [0, 0, 0]


def test_a_rise_that_may_be_chance_counts_less_than_a_clear_one():
    popular, riser = estimate([400] * 11 + [420], [0] * 8 + [4, 8, 12, 16])
    assert 0 < popular < riser < 4


def test_a_longer_rise_counts_more_than_a_shorter_one_of_the_same_slope():
    short, long = estimate([10] * 10 + [14, 18], [10] * 6 + [14, 18, 22, 26, 30, 34])
    assert short < long


def test_an_item_that_has_begun_to_grow_is_estimated_above_one_that_has_stopped():
    stopped, begun = estimate([*range(20, 270, 25), 245, 245], [20] * 9 + [40, 60, 80])
    assert 0 < stopped < begun


def test_chance_explains_equal_counts_but_no_steady_rise():
    equal, rise, fall, small = chance_of_growth(
        np.array([[7] * 6, [5, 10, 15, 20, 25, 30], [30, 25, 20, 15, 10, 5], [0, 0, 0, 0, 1, 1]]).T
    )
    assert equal == 0.5
    assert rise < 0.01
    assert fall > 0.99
    assert 0.1 < small <= 0.5


def test_the_time_before_an_items_first_interaction_does_not_matter():
    new, old = estimate([0] * 9 + [5, 10, 15], [0] * 7 + [5] * 3 + [10, 15])
    assert new == pytest.approx(float(estimate([5, 10, 15])[0]))
    assert old < new


def planted(rng, *, items=500, per_interval=1500, risers=12):
    """Return Poisson counts in 13 intervals of items with skewed popularity; `risers` of them grow steadily."""
    rates = np.tile(per_interval / 8 / (1 + rng.permutation(items)), (13, 1))
    rising = rng.choice(items, size=risers, replace=False)
    for item in rising:
        begin = rng.integers(3, 11)
        rates[:, item] += rng.uniform(5, 15) * np.maximum(0, np.arange(13) - begin)
    return rng.poisson(rates), np.diff(rates[-2:], axis=0)[0], rising


@pytest.mark.parametrize("seed", range(5))
def test_the_estimate_finds_planted_risers(seed):
    counts, grown, rising = planted(np.random.default_rng(seed))
    order = np.argsort(-estimated_growth(counts[:-1]), kind="stable")
    assert np.isin(order[:10], rising).mean() >= 0.9
    assert grown[order[:25]].sum() >= 0.95 * grown.sum()


def test_the_estimate_predicts_growth_better_than_simpler_rules():
    shares = []
    for seed in range(20):
        counts, grown, _ = planted(np.random.default_rng(seed))
        past = counts[:-1]
        rules = estimated_growth(past), growth(past), growth(past) / (past[-2] + 5)
        orders = [np.argsort(-values, kind="stable")[:25] for values in rules]
        shares.append([grown[order].sum() / grown.sum() for order in orders])
    ours, difference, relative = np.mean(shares, axis=0)
    assert ours > 0.98
    assert ours > 1.1 * difference > 1.3 * relative
