import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.recipes.personal.repeat_shift import BOUND, repeat_rate, shift_for


def test_the_rate_is_a_share_of_the_interactions_that_could_be_repeats(interactions_of):
    interactions = interactions_of([("u", "a", 1), ("u", "b", 2), ("u", "a", 3), ("v", "a", 1)])
    assert repeat_rate(interactions, distinct=interactions.csr().nnz) == pytest.approx(1.01 / 3)


def test_without_repeats_the_rate_is_almost_zero(films):
    assert 0 < repeat_rate(films, distinct=films.csr().nnz) < 1e-5


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=30), st.floats(1e-6, 1 - 1e-6))
def test_the_shift_makes_the_mean_probability_the_rate(odds, rate):
    shift = shift_for(rate, log_odds=np.array(odds))
    assert np.mean(1 / (1 + np.exp(-(np.array(odds) + shift)))) == pytest.approx(rate, rel=1e-3, abs=1e-9)


def test_users_who_have_seen_everything_or_nothing_do_not_count():
    assert shift_for(0.5, log_odds=np.array([np.inf, 1.0, -np.inf])) == pytest.approx(-1)
    assert shift_for(0.5, log_odds=np.array([np.inf])) == 0
    assert shift_for(0.5, log_odds=np.array([])) == 0


def test_the_shift_is_bounded():
    assert abs(shift_for(1e-300, log_odds=np.array([100.0]))) <= BOUND
