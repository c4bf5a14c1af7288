from dataclasses import replace

import numpy as np
import pytest

from personalize_mock.recipes.personal.popularity_prior import USUAL, _learn_shares, popularity_prior


def popularity(interactions, *, latest=False):
    indices = np.flatnonzero(interactions.warm).astype(np.int32)
    return dict(
        zip(
            interactions.items.at(indices),
            popularity_prior(interactions, interactions.csr()[:, indices], indices, latest=latest),
            strict=True,
        )
    )


def test_a_user_counts_once_for_an_item(interactions_of):
    interactions = interactions_of([("u", "a", 1), ("u", "a", 2), ("v", "a", 3), ("v", "b", 4)], catalogue=["c"])
    assert popularity(interactions) == {"a": 2, "b": 1}


def test_a_user_counts_with_the_mean_weight_of_the_interactions(interactions_of):
    interactions = interactions_of([("u", "a", 1), ("u", "a", 2), ("v", "a", 3), ("v", "b", 4)])
    assert popularity(replace(interactions, weight=np.array([1, 3, 0.5, 0.5]))) == {"a": 2.5, "b": 0.5}


def test_among_equally_popular_items_those_that_users_began_with_come_first(interactions_of):
    """All users count, whenever they began."""
    triples = [(f"u{user}", item, 100 * user + place) for user in range(9) for place, item in enumerate("abcdefghij")]
    popularities = popularity(interactions_of(triples))
    assert sorted(popularities, key=lambda item: -popularities[item])[:5] == list("abcde")
    assert popularities["e"] > 2 * popularities["f"] > 0
    assert sum(popularities.values()) == pytest.approx(len(triples))


def test_among_equally_popular_items_the_latest_comes_first(interactions_of):
    old, new = ([(f"{name}{user}", name, time) for user in range(20)] for name, time in (("old", 100), ("new", 900)))
    often = [(f"often{user}", "often", user) for user in range(100)]
    popularities = popularity(interactions_of([*old, *new, *often]), latest=True)
    assert popularities["often"] > popularities["new"] > popularities["old"]
    assert sum(popularities.values()) == pytest.approx(140)


def test_interactions_at_the_same_time_are_all_the_latest(interactions_of):
    interactions = interactions_of([("u", "a", 1), ("v", "a", 1), ("v", "b", 1)])
    assert popularity(interactions, latest=True) == pytest.approx({"a": 2, "b": 1})


def test_nothing_is_popular_without_interactions(films):
    assert popularity(films.select(np.zeros(len(films), dtype=bool)), latest=True) == {}


def beginnings(*, fashion):
    """Return 600 users who begin one after the other with an item, which belongs to an era if `fashion`."""
    rng = np.random.default_rng(0)
    triples = []
    for user in range(600):
        first = f"era{(user + 30) // 60}-{rng.integers(2)}" if fashion else f"first{rng.integers(2)}"
        items = [first, *(f"i{item}" for item in rng.choice(60, 6, replace=False, p=np.arange(60, 0, -1) / 1830))]
        triples += [(f"u{user:03}", item, 100 * user + place) for place, item in enumerate(items)]
    return triples


def test_where_beginnings_change_the_newest_ones_are_popular(interactions_of):
    popularities = popularity(interactions_of(beginnings(fashion=True)), latest=True)
    best = sorted(popularities, key=lambda item: -popularities[item])[:25]
    assert {"era9-0", "era9-1"} <= set(best)
    assert not any(item.startswith("era1-") for item in best)


def test_where_beginnings_stay_the_latest_interactions_hardly_count(interactions_of):
    interactions = interactions_of(beginnings(fashion=False))
    with_latest, without = (popularity(interactions, latest=latest) for latest in (True, False))
    assert sum(with_latest.values()) == pytest.approx(sum(without.values()))
    best, other = (sorted(own, key=lambda item: -own[item])[:2] for own in (with_latest, without))
    assert set(best) == set(other) == {"first0", "first1"}


@pytest.mark.parametrize(("users", "learnt"), [(120, True), (40, False)])
def test_shares_are_learnt_from_a_dozen_new_users_and_not_from_a_few(interactions_of, users, learnt):
    triples = [row for row in beginnings(fashion=False) if int(row[0][1:]) < users]
    shares = _learn_shares(interactions_of(triples), latest=True)
    assert (shares.tolist() != list(USUAL)) == learnt


def test_every_item_has_some_popularity(interactions_of):
    assert min(popularity(interactions_of(beginnings(fashion=True)), latest=True).values()) > 0
