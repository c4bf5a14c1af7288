from dataclasses import replace

import numpy as np
import pytest
from recipes.materials import make_query, training_data

from personalize_mock.data.interaction_matrix import interaction_matrix
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.recipes.popular.trending_now import HOUR, TrendingNow, interval_length, refresh_interval
from personalize_mock.recipes.registry import RECIPES

NOW = 1_700_000_000


def burst(item, *, hours_ago, count, first_user=0):
    """Return triples of `count` users with one item, one per minute, beginning some hours before `NOW`."""
    start = NOW - round(hours_ago * HOUR) + 1
    return [(f"u{first_user + turn:02}", item, start + 60 * turn) for turn in range(count)]


# Weeks ago "classic" was popular, "known" less so, and "riser" hardly.
PAST = [
    *burst("classic", hours_ago=500, count=40),
    *burst("known", hours_ago=500, count=20),
    *burst("riser", hours_ago=500, count=2),
]


def data_from(triples, *, now=NOW, previous=None):
    """Return training data; ids of `previous` interactions keep their indices."""
    users, items, times = zip(*triples, strict=True)
    columns = {
        "USER_ID": Strings.from_values(users),
        "ITEM_ID": Strings.from_values(items),
        "TIMESTAMP": Numbers(values=np.array(times)),
    }
    interactions = interaction_matrix(Table(columns=columns, rows=len(times)), previous=previous)
    return replace(training_data(interactions), now=now)


def fitted(data, **config):
    return TrendingNow().fit(data, config=config, objective=None, seed=0)


def recommended(model, **members):
    items = model.interactions.items
    return items.at(model.rank(make_query(**members), n=25).indices)


def test_an_item_that_grows_in_the_newest_interval_comes_first():
    model = fitted(data_from([*PAST, *burst("riser", hours_ago=1, count=6)]))
    assert recommended(model) == ["riser", "classic", "known"]


def test_a_trend_ends_after_two_intervals():
    data = data_from([*PAST, *burst("riser", hours_ago=1, count=6)])
    model = fitted(data)
    for hours, first in ((2, "riser"), (4, "classic")):
        updated = TrendingNow().updated(model, replace(data, now=NOW + hours * HOUR), objective=None)
        assert recommended(updated)[0] == first


def test_a_burst_still_trends_after_its_interval_and_some_processing():
    """AWS's tutorial sends events for 40 minutes and then waits for 45 minutes."""
    data = data_from([*PAST, *burst("riser", hours_ago=1.45, count=42)])
    assert recommended(fitted(data, trend_discovery_frequency="30 minutes"))[0] == "riser"


def test_an_update_reads_new_interactions_and_items():
    data = data_from(PAST)
    model = fitted(data)
    assert recommended(model) == ["classic", "known", "riser"]
    grown = data_from(
        [*PAST, *burst("new", hours_ago=-1, count=3), *burst("known", hours_ago=-1, count=9)],
        now=NOW + 2 * HOUR,
        previous=data.interactions,
    )
    later = TrendingNow().updated(model, grown, objective=None)
    assert recommended(later) == ["known", "new", "classic", "riser"]
    over = TrendingNow().updated(later, replace(grown, now=NOW + 6 * HOUR), objective=None)
    assert recommended(over) == ["classic", "known", "riser"]


def test_faster_growth_comes_before_more_interactions():
    steady = [*burst("known", hours_ago=3, count=20), *burst("known", hours_ago=1, count=28)]
    model = fitted(data_from([*PAST, *steady, *burst("riser", hours_ago=1, count=10)]))
    assert recommended(model)[:2] == ["riser", "known"]


def test_steady_and_shrinking_items_come_between_growing_and_inactive_items():
    steady = [*burst("known", hours_ago=3, count=20), *burst("known", hours_ago=1, count=20)]
    shrinking = [*burst("riser", hours_ago=3, count=9), *burst("riser", hours_ago=1, count=8)]
    growing = burst("new", hours_ago=1, count=3)
    model = fitted(data_from([*PAST, *steady, *shrinking, *growing]))
    assert recommended(model) == ["new", "known", "riser", "classic"]


def noise(*, hours, per_hour=5, items=200, seed=0):
    """Return interactions with items of skewed popularity, which does not change."""
    rng = np.random.default_rng(seed)
    count = hours * per_hour
    item = (items * rng.random(count) ** 3).astype(int).tolist()
    time = (NOW - rng.integers(hours * HOUR, size=count)).astype(int).tolist()
    return [(f"u{user}", f"i{item[user]:03}", time[user]) for user in range(count)]


@pytest.mark.parametrize("seed", range(3))
def test_without_trends_the_items_are_those_of_popularity(seed):
    """A few items have recent interactions by chance, as in any interval."""
    data = data_from(noise(hours=500, seed=seed))
    by_users = np.argsort(-np.bincount(data.interactions.item), kind="stable")
    first = fitted(data).order[:25]
    assert np.isin(first, by_users[:30]).mean() >= 0.9


def test_items_that_grow_by_chance_come_after_those_that_trend():
    model = fitted(data_from([*noise(hours=500), *burst("i199", hours_ago=1, count=3)]))
    growing, unusual = model.trending_at(NOW), model.unusual_at(NOW)
    assert model.interactions.items.at(growing)[0] == "i199"
    assert len(unusual) < len(growing)
    assert np.isin(growing[: len(unusual)], unusual).all()


def test_a_few_recent_users_of_an_unpopular_item_are_a_trend():
    model = fitted(data_from([*noise(hours=500), *burst("i199", hours_ago=1, count=3)]))
    assert recommended(model)[0] == "i199"


def test_nothing_trends_in_old_data():
    model = fitted(data_from([*PAST, *burst("riser", hours_ago=1, count=6)], now=NOW + 1000 * HOUR))
    assert recommended(model) == ["classic", "known", "riser"]


def test_the_frequency_is_the_interval_length():
    data = data_from([*PAST, *burst("riser", hours_ago=7, count=6)])
    assert recommended(fitted(data))[0] == "classic"
    assert recommended(fitted(data, trend_discovery_frequency="1 day"))[0] == "riser"
    assert recommended(fitted(data, trend_discovery_frequency="3 hours"))[0] == "classic"


@pytest.mark.parametrize(
    ("value", "length", "refresh"),
    [("30 minutes", 0.5, 0.5), ("1 hour", 1, 1), ("2 hours", 2, 2), ("3 hours", 3, 2), ("1 day", 24, 2)],
)
def test_trends_are_refreshed_at_least_every_two_hours(value, length, refresh):
    config = {"trend_discovery_frequency": value}
    assert (interval_length(config), refresh_interval(config)) == (length * HOUR, refresh * HOUR)


def test_the_default_frequency_is_two_hours():
    assert interval_length({}) == refresh_interval({}) == 2 * HOUR


def test_the_item_of_the_query_and_items_outside_the_candidates_are_left_out():
    data = data_from([*PAST, *burst("riser", hours_ago=1, count=6)])
    model, items = fitted(data), data.interactions.items
    assert recommended(model, item=items.index("riser")) == ["classic", "known"]
    candidates = np.sort(items.indices(["riser", "known"]))
    assert items.at(model.rank(make_query(), n=9, candidates=candidates).indices) == ["riser", "known"]


def test_trending_items_have_no_scores():
    model = fitted(data_from(PAST))
    assert not model.scored
    assert model.rank(make_query(), n=3).scores is None


@pytest.mark.parametrize("name", ["aws-trending-now", "aws-vod-trending-now"])
def test_both_recipe_names_use_this_recipe(name):
    assert isinstance(RECIPES[name], TrendingNow)
