import numpy as np
import pytest

from personalize_mock.recipes.personal.directions import DECAY, NEWEST_ITEMS, item_directions
from personalize_mock.recipes.personal.fold_in import prepare_fold_in

RNG = np.random.default_rng(0)


def scores(factors, *newest, weight=1.0):
    """Return the amounts that directions add to the relevance of all items, given a history, newest item first."""
    fold_in = prepare_fold_in(factors, direction_weight=weight)
    vectors = fold_in.direction_vectors(np.array([newest], dtype=np.int32))
    return (vectors @ fold_in.factors[:, fold_in.direction_columns].T)[0]


def test_directions_have_unit_length_whatever_the_popularity_of_the_item():
    factors = RNG.normal(size=(50, 30))
    popular = factors * np.linspace(0.1, 10, 50)[:, None]
    lengths = np.linalg.norm(item_directions(popular), axis=1)
    assert item_directions(popular).shape == (50, 12)
    assert lengths == pytest.approx(1, abs=1e-6)


def test_items_without_factors_have_no_direction():
    factors = RNG.normal(size=(10, 4))
    factors[3] = 0
    assert item_directions(factors)[3].tolist() == [0, 0, 0, 0]


def test_items_like_the_newest_ones_get_the_largest_scores():
    tastes = np.repeat(np.eye(4, 20), 5, axis=0)  # four kinds of items
    factors = tastes + 0.1 * RNG.normal(size=(20, 20))
    assert set(np.argsort(-scores(factors, 7))[:5]) == set(range(5, 10))


def test_the_second_newest_item_counts_half_as_much():
    factors = np.eye(3)
    own = scores(factors, 0, 1)
    assert (own[1] - own[2]) / (own[0] - own[2]) == pytest.approx(DECAY)


def test_scores_have_the_standard_deviation_of_the_weight():
    factors = RNG.normal(size=(200, 30))
    assert scores(factors, 3, 4, 5, weight=0.7).std() == pytest.approx(0.7, rel=1e-4)


@pytest.mark.parametrize("difference", [0, 1e-9, 1e-6])
def test_items_with_the_same_direction_get_the_same_small_scores(difference):
    """Rounding errors are not scaled up."""
    factors = np.ones((5, 3)) + difference * RNG.normal(size=(5, 3))
    assert scores(factors, 0, 1) == pytest.approx(1.5, abs=1e-4)


def test_padding_and_older_items_do_not_count():
    factors = RNG.normal(size=(40, 20))
    newest = range(NEWEST_ITEMS)
    assert scores(factors, *newest, 30, 31) == pytest.approx(scores(factors, *newest))
    assert scores(factors, 5, -1, -1) == pytest.approx(scores(factors, 5))


def test_a_user_without_items_gets_no_scores():
    assert not scores(RNG.normal(size=(10, 5)), -1).any()


def test_without_weight_the_factors_have_no_columns_for_directions():
    fold_in = prepare_fold_in(RNG.normal(size=(10, 5)))
    assert fold_in.factors.shape == (10, 5)
    assert fold_in.directions is None
