import numpy as np
import pytest

from personalize_mock.recipes.personal.popularity_columns import LEAST_SHARE, popularity_columns, popularity_lifts
from personalize_mock.recipes.personal.warm_interactions import WarmInteractions


def test_popular_items_and_those_of_the_newest_fifth_have_larger_columns(interactions_of):
    old, new = ([(f"{name}{user}", name, time) for user in range(20)] for name, time in (("old", 10), ("new", 900)))
    often = [(f"often{user}", "often", user) for user in range(100)]
    interactions = interactions_of([*old, *new, *often])
    popularity, growth, _ = popularity_columns(interactions, np.arange(3, dtype=np.int32)).T
    place = dict(zip(interactions.items.values, range(3), strict=True))
    assert popularity[place["often"]] > popularity[place["old"]] == popularity[place["new"]]
    assert growth[place["new"]] > growth[place["old"]]


def test_without_weights_popularity_lifts_nothing(films):
    assert popularity_lifts(WarmInteractions.from_interactions(films), (0.0, 0.0, 0.0)) is None


def test_new_items_have_a_larger_column(interactions_of):
    """The column is the negative log of the share of the interactions since the item's first one."""
    times = {"first": range(0, 100, 2), "halfway": range(50, 100, 2), "last": range(100, 101)}
    interactions = interactions_of([(f"u{time}", item, time) for item, some in times.items() for time in some])
    newness = popularity_columns(interactions, np.arange(3, dtype=np.int32))[:, 2]
    new = dict(zip(interactions.items.values, newness.tolist(), strict=True))
    since_halfway = sum(time >= 50 for some in times.values() for time in some) / sum(map(len, times.values()))
    assert new["first"] == 0
    assert new["halfway"] == pytest.approx(-np.log(since_halfway))
    assert new["last"] == pytest.approx(-np.log(LEAST_SHARE))


def test_nobody_knows_how_new_an_item_without_interactions_is(interactions_of):
    interactions = interactions_of([("u", "a", 1), ("u", "b", 2), ("v", "a", 3)])
    earlier = interactions.select(interactions.item != interactions.items.values.index("b"))
    assert popularity_columns(earlier, np.arange(2, dtype=np.int32))[:, 2].tolist() == [0, 0]
