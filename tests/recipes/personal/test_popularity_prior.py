from dataclasses import replace

import numpy as np
import pytest

from personalize_mock.recipes.personal.popularity_prior import popularity_prior


def popularity(events, *, latest=False):
    codes = np.flatnonzero(events.warm).astype(np.int32)
    return dict(
        zip(events.items.at(codes), popularity_prior(events, events.csr()[:, codes], codes, latest=latest), strict=True)
    )


def test_users_count_once(interactions_of):
    events = interactions_of([("u", "a", 1), ("u", "a", 2), ("v", "a", 3), ("v", "b", 4)], catalogue=["c"])
    assert popularity(events) == {"a": 2, "b": 1}


def test_where_events_weigh_differently_a_user_counts_by_their_mean(interactions_of):
    events = interactions_of([("u", "a", 1), ("u", "a", 2), ("v", "a", 3), ("v", "b", 4)])
    assert popularity(replace(events, weight=np.array([1, 3, 0.5, 0.5]))) == {"a": 2.5, "b": 0.5}


def test_of_equally_popular_items_those_that_users_began_with_come_first(interactions_of):
    """As the guide says of new users; everybody counts, whenever they began."""
    walks = [(f"u{user}", item, 100 * user + place) for user in range(9) for place, item in enumerate("abcdefghij")]
    found = popularity(interactions_of(walks))
    assert sorted(found, key=lambda item: -found[item])[:5] == list("abcde")
    assert found["e"] > 2 * found["f"] > 0
    assert sum(found.values()) == pytest.approx(len(walks))


def test_of_equally_popular_items_the_one_that_became_so_lately_comes_first(interactions_of):
    old, new = ([(f"{name}{user}", name, time) for user in range(20)] for name, time in (("old", 100), ("new", 900)))
    often = [(f"often{user}", "often", user) for user in range(100)]
    found = popularity(interactions_of([*old, *new, *often]), latest=True)
    assert found["often"] > found["new"] > found["old"]
    assert sum(found.values()) == pytest.approx(140)


def test_events_of_one_instant_are_all_the_newest(interactions_of):
    events = interactions_of([("u", "a", 1), ("v", "a", 1), ("v", "b", 1)])
    assert popularity(events, latest=True) == pytest.approx({"a": 2, "b": 1})


def test_nothing_is_popular_without_events(films):
    assert popularity(films.select(np.zeros(len(films), dtype=bool)), latest=True) == {}
