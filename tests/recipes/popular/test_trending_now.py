from dataclasses import replace

import numpy as np
import pytest
from recipes.materials import make_query, training_data

from personalize_mock.data.interaction_matrix import interaction_matrix
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.recipes.popular.trending_now import HOUR, TrendingNow, interval_length, refresh_interval
from personalize_mock.recipes.registry import RECIPES

NOW = 1_700_000_000


def burst(item, *, hours_ago, events, first_user=0):
    """InteractionMatrix of as many users with one item, one a minute from so many hours before now on."""
    start = NOW - round(hours_ago * HOUR) + 1
    return [(f"u{first_user + turn:02}", item, start + 60 * turn) for turn in range(events)]


# Weeks ago everybody met "classic", fewer "known"; "riser" has been there before.
PAST = [
    *burst("classic", hours_ago=500, events=40),
    *burst("known", hours_ago=500, events=20),
    *burst("riser", hours_ago=500, events=2),
]


def world(triples, *, now=NOW, known=None):
    """Triples; the codes of `known` events stay."""
    users, items, times = zip(*triples, strict=True)
    columns = {
        "USER_ID": Strings.from_values(users),
        "ITEM_ID": Strings.from_values(items),
        "TIMESTAMP": Numbers(values=np.array(times)),
    }
    events = interaction_matrix(Table(columns=columns, rows=len(times)), previous=known)
    return replace(training_data(events), now=now)


def fitted(given, **config):
    return TrendingNow().fit(given, config=config, objective=None, seed=0)


def listed(model, **members):
    items = model.interactions.items
    return items.at(model.rank(make_query(**members), n=25).indices)


def test_an_item_that_grows_in_the_newest_interval_comes_first():
    model = fitted(world([*PAST, *burst("riser", hours_ago=1, events=6)]))
    assert listed(model) == ["riser", "classic", "known"]


def test_a_trend_ends_after_two_intervals():
    given = world([*PAST, *burst("riser", hours_ago=1, events=6)])
    model = fitted(given)
    first = {wait: listed(TrendingNow().updated(model, replace(given, now=NOW + wait * HOUR)))[0] for wait in (2, 4)}
    assert first == {2: "riser", 4: "classic"}


def test_a_burst_still_trends_after_its_interval_and_some_processing():
    """As in AWS's tutorial: events for two thirds of an hour, then half an hour and a quarter of waiting."""
    given = world([*PAST, *burst("riser", hours_ago=1.45, events=42)])
    assert listed(fitted(given, trend_discovery_frequency="30 minutes"))[0] == "riser"


def test_an_update_reads_new_interactions_and_items():
    given = world(PAST)
    model = fitted(given)
    assert listed(model) == ["classic", "known", "riser"]
    grown = world(
        [*PAST, *burst("a newcomer", hours_ago=-1, events=3), *burst("known", hours_ago=-1, events=9)],
        now=NOW + 2 * HOUR,
        known=given.interactions,
    )
    later = TrendingNow().updated(model, grown)
    assert listed(later) == ["known", "a newcomer", "classic", "riser"]
    over = TrendingNow().updated(later, replace(grown, now=NOW + 6 * HOUR))
    assert listed(over) == ["classic", "known", "riser"]


def test_faster_growth_comes_before_more_interactions():
    steady = [*burst("known", hours_ago=3, events=20), *burst("known", hours_ago=1, events=28)]
    model = fitted(world([*PAST, *steady, *burst("riser", hours_ago=1, events=10)]))
    assert listed(model)[:2] == ["riser", "known"]


def test_steady_and_shrinking_items_come_between_growing_and_inactive_items():
    steady = [*burst("known", hours_ago=3, events=20), *burst("known", hours_ago=1, events=20)]
    losing = [*burst("riser", hours_ago=3, events=9), *burst("riser", hours_ago=1, events=8)]
    growing = burst("a newcomer", hours_ago=1, events=1)
    assert listed(fitted(world([*PAST, *steady, *losing, *growing]))) == ["a newcomer", "known", "riser", "classic"]


def test_nothing_trends_in_old_data():
    model = fitted(world([*PAST, *burst("riser", hours_ago=1, events=6)], now=NOW + 1000 * HOUR))
    assert listed(model) == ["classic", "known", "riser"]


def test_the_frequency_is_the_interval_length():
    given = world([*PAST, *burst("riser", hours_ago=7, events=6)])
    assert listed(fitted(given))[0] == "classic"
    assert listed(fitted(given, trend_discovery_frequency="1 day"))[0] == "riser"
    assert listed(fitted(given, trend_discovery_frequency="3 hours"))[0] == "classic"


@pytest.mark.parametrize(
    ("value", "length", "every"),
    [("30 minutes", 0.5, 0.5), ("1 hour", 1, 1), ("2 hours", 2, 2), ("3 hours", 3, 2), ("1 day", 24, 2)],
)
def test_trends_are_refreshed_at_least_every_two_hours(value, length, every):
    config = {"trend_discovery_frequency": value}
    assert (interval_length(config), refresh_interval(config)) == (length * HOUR, every * HOUR)


def test_the_default_frequency_is_two_hours():
    assert interval_length({}) == refresh_interval({}) == 2 * HOUR


def test_the_item_of_the_query_and_items_outside_the_candidates_are_left_out():
    given = world([*PAST, *burst("riser", hours_ago=1, events=6)])
    model, codes = fitted(given), given.interactions.items
    assert listed(model, item=codes.index("riser")) == ["classic", "known"]
    candidates = np.sort(codes.indices(["riser", "known"]))
    assert codes.at(model.rank(make_query(), n=9, candidates=candidates).indices) == ["riser", "known"]


def test_trending_items_have_no_scores():
    model = fitted(world(PAST))
    assert not model.scored
    assert model.rank(make_query(), n=3).scores is None


@pytest.mark.parametrize("name", ["aws-trending-now", "aws-vod-trending-now"])
def test_both_recipe_names_use_this_recipe(name):
    assert isinstance(RECIPES[name], TrendingNow)
