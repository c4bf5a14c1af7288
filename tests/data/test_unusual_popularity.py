import numpy as np
import pytest
from recipes.conftest import make_interactions

from personalize_mock.data.unusual_popularity import chance_of_recent_users, discoveries


def chances(*triples, end=1000, length=100):
    """Return the chance of the recent users of each item; earlier, "a" and "b" had 10 users each."""
    earlier = [(f"u{user}", item, user) for user in range(10) for item in "ab"]
    interactions = make_interactions([*earlier, *triples])
    result = chance_of_recent_users(interactions, end=end, length=length)
    return dict(zip(interactions.items.values, result.tolist(), strict=True))


def users(item, *, count, time=950):
    return [(f"v{user}", item, time) for user in range(count)]


def test_without_change_the_chance_is_large_and_a_sudden_crowd_is_improbable():
    same = chances(*users("a", count=10), *users("b", count=10))
    crowd = chances(*users("a", count=30), *users("b", count=3))
    assert min(same.values()) > 0.4
    assert crowd["a"] < 0.01
    assert crowd["b"] > 0.99


def test_the_chance_is_that_of_a_poisson_distribution():
    expected = 4 * 10.5 / 21
    below = sum(np.exp(-expected) * expected**k / factorial for k, factorial in ((0, 1), (1, 1), (2, 2)))
    assert chances(*users("a", count=3), *users("b", count=1))["a"] == pytest.approx(1 - below)


def test_an_item_without_recent_users_is_never_unusual():
    assert chances(*users("a", count=3))["b"] == 1


def test_a_user_counts_once():
    again = [("v0", "a", 940), *users("a", count=1), *users("b", count=1)]
    assert chances(*again) == chances(*users("a", count=1), *users("b", count=1))


def test_only_the_last_two_intervals_are_recent():
    before, later = users("a", count=9, time=800), users("a", count=9, time=1001)
    assert chances(*later)["a"] == 1
    assert chances(*before)["a"] == 1
    assert chances(*users("a", count=9, time=801), *users("b", count=1))["a"] < 1


def test_of_many_cases_more_improbable_ones_are_discoveries():
    one = np.array([0.01, 0.5])
    assert discoveries(one, false=0.05).tolist() == [True, False]
    many = np.concatenate((one, np.full(8, 0.9)))
    assert not discoveries(many, false=0.05).any()


def test_several_improbable_cases_support_each_other():
    chance = np.array([0.012, 0.9, 0.011, 0.013, 0.9])
    assert discoveries(chance, false=0.05).tolist() == [True, False, True, True, False]
    assert not discoveries(chance[:2], false=0.01).any()


def test_few_cases_are_discovered_where_everything_is_chance():
    rng = np.random.default_rng(0)
    found = [discoveries(rng.random(500), false=0.05).any() for _ in range(200)]
    assert np.mean(found) < 0.1


def test_without_cases_nothing_is_discovered():
    assert discoveries(np.empty(0), false=0.05).tolist() == []
