import numpy as np
from recipes.conftest import make_interactions

from personalize_mock.data.popularity_growth import count_per_interval


def count(*times, end=1000, length=100):
    return count_per_interval(make_interactions([("u", "i", time) for time in times]), end=end, length=length)


def test_an_interval_includes_its_end_and_not_its_start():
    counts = count(1000, 901, 900, 801, 800)
    assert (counts.newest.tolist(), counts.before.tolist()) == ([2], [2])


def test_interactions_in_the_future_do_not_count():
    counts = count(1001, 5000)
    assert (counts.newest.tolist(), counts.before.tolist()) == ([0], [0])


def test_growth_is_relative_to_the_earlier_count_plus_a_prior():
    triples = [("u", "big", 1000 + turn) for turn in range(-40, 0)] + [("u", "big", 900 - turn) for turn in range(30)]
    triples += [("u", "new", 1000 - turn) for turn in range(10)]
    interactions = make_interactions([*triples, ("u", "old", 850)])
    growth = count_per_interval(interactions, end=1000, length=100).growth()
    assert np.allclose(growth, [10 / 35, 10 / 5, -1 / 6])  # in the order of the ids
