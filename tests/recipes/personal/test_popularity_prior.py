from dataclasses import replace

import numpy as np
import pytest

from personalize_mock.recipes.personal.popularity_prior import (
    USUAL,
    _fading_counts,
    _learn_shares,
    _pool_over_shares,
    popularity_prior,
)


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


def test_the_fewer_users_there_are_the_less_the_shares_differ_from_the_usual_ones(interactions_of):
    usual, triples = np.array(USUAL), beginnings(fashion=True)
    some = [interactions_of([row for row in triples if int(row[0][1:]) < users]) for users in (5, 60, 120, 600)]
    differences = [np.abs(_learn_shares(interactions, usual) - usual).sum() for interactions in some]
    assert differences[0] < 0.2
    assert differences == sorted(differences)


def test_after_a_change_of_fashion_new_items_precede_old_ones_with_more_users(interactions_of):
    rng = np.random.default_rng(0)
    probabilities = np.arange(20, 0, -1) / 210
    triples = []
    for user in range(400):
        items = rng.choice(20, 5, replace=False, p=probabilities)
        triples += [(f"u{user:03}", f"{'old' if user < 300 else 'new'}{item}", 10 * user) for item in items]
    faded, overall = (popularity(interactions_of(triples), latest=latest) for latest in (True, False))
    assert max(overall, key=overall.__getitem__).startswith("old")
    assert all(item.startswith("new") for item in sorted(faded, key=lambda item: -faded[item])[:10])


def test_popularity_fades_with_half_lives_of_two_one_and_half_a_median_age(interactions_of):
    interactions = interactions_of([("t", "a", 0), ("u", "b", 4), ("v", "c", 8)])
    indices = np.arange(3, dtype=np.int32)
    counts = _fading_counts(interactions, interactions.csr(), indices, rates=4)
    expected = [[1, 1, 1], [1 / 2, 2**-0.5, 1], [1 / 4, 1 / 2, 1], [1 / 16, 1 / 4, 1]]
    assert counts == pytest.approx(np.array(expected))


def test_first_interactions_count_even_if_they_are_much_older_than_most_interactions(interactions_of):
    old = [(f"u{user}", f"first{place}", place) for user in range(3) for place in range(5)]
    new = [(f"u{user}", f"later{place}", 10**9 + place) for user in range(3) for place in range(20)]
    popularities = popularity(interactions_of([*old, *new]), latest=True)
    assert min(popularities.values()) > 0
    assert sum(popularities.values()) == pytest.approx(75)


def test_every_item_has_some_popularity(interactions_of):
    assert min(popularity(interactions_of(beginnings(fashion=True)), latest=True).values()) > 0


def test_the_gain_of_a_mixture_contains_that_of_the_other_share_at_the_same_rate():
    gains = _pool_over_shares(np.array([10.0, 20.0, 30.0, 0.0, 20.0, 40.0]))
    assert gains == pytest.approx(np.array([7.0, 20.0, 33.0, 3.0, 20.0, 37.0]))


def test_the_share_of_first_interactions_is_learnt_more_cautiously_than_the_rate_of_fading(
    interactions_of, monkeypatch
):
    interactions, usual = interactions_of(beginnings(fashion=True)), np.array(USUAL)
    cautious = _learn_shares(interactions, usual)
    monkeypatch.setattr("personalize_mock.recipes.personal.popularity_prior.OTHER_SHARES", 0.0)
    bold = _learn_shares(interactions, usual)
    assert bold[6:].sum() + 0.02 < cautious[6:].sum() < 0.25
    assert cautious.reshape(2, 6).sum(axis=0).argmax() == bold.reshape(2, 6).sum(axis=0).argmax()
