import json
from functools import cache

import numpy as np
import pytest

from personalize_mock.data import avro, csv_files
from personalize_mock.synthetic.generator import generate
from personalize_mock.synthetic.modes import BEHAVIOURS, DAY

MODES = tuple(BEHAVIOURS)
SMALL = {"seed": 3, "users": 20, "items": 30, "interactions": 400}
MANY = 50  # interactions of an item that is counted by day


def read(data, name):
    return csv_files.read(
        [getattr(data, name).encode()], avro.parse(json.dumps(getattr(data, f"{name}_schema")), domain=None)
    )


@cache
def shop(mode, seed):
    """Return users, items and times of the interactions, oldest first."""
    table = read(generate(mode=mode, seed=seed), "interactions")
    user, item = (table.strings(name).codes for name in ("USER_ID", "ITEM_ID"))
    return user, item, table.numbers("TIMESTAMP").values


def repeat_share(mode, seed):
    user, item, _ = shop(mode, seed)
    return 1 - len(np.unique(np.stack([user, item]), axis=1).T) / len(user)


def histories(mode, seed):
    user, item, _ = shop(mode, seed)
    order = np.argsort(user, kind="stable")
    return np.split(item[order], np.cumsum(np.bincount(user))[:-1])


def returns(mode, seed):
    """Return for each user the number of distinct items since the last time, for each repeated interaction."""
    distances = []
    for history in histories(mode, seed):
        walk = history.tolist()
        own = [
            len(set(walk[len(walk[:turn]) - walk[:turn][::-1].index(item) : turn]))
            for turn, item in enumerate(walk)
            if item in walk[:turn]
        ]
        distances.append(own)
    return distances


def thirds(mode, seed):
    """Return the interactions of the first and of the last third, by user and item."""
    user, item, _ = shop(mode, seed)
    third = len(user) // 3
    return [(user[part], item[part]) for part in (slice(None, third), slice(-third, None))]


def rank_correlation(first, second):
    ranks = [np.argsort(np.argsort(values)) for values in (first, second)]
    return np.corrcoef(*ranks)[0, 1]


def popularity_correlation(mode, seed):
    """Return the correlation of the items' popularity in the first third with that in the last third."""
    counts = [np.bincount(item, minlength=shop(mode, seed)[1].max() + 1) for _, item in thirds(mode, seed)]
    known = counts[0] + counts[1] >= 5
    return rank_correlation(*(count[known] for count in counts))


def genre_correlation(mode, seed):
    """Return the correlation of the users' shares of genres in the first third with those in the last third."""
    items = read(generate(mode=mode, seed=seed), "items")
    genre_of = {
        f: genres.split("|")[0] for f, genres in zip(items.strings("ITEM_ID"), items.strings("GENRES"), strict=True)
    }
    names = sorted(set(genre_of.values()))
    table = read(generate(mode=mode, seed=seed), "interactions")
    genre = np.array([names.index(genre_of[item]) for item in table.strings("ITEM_ID").values])
    shares = []
    for user, item in thirds(mode, seed):
        counts = np.zeros((shop(mode, seed)[0].max() + 1, len(names)))
        np.add.at(counts, (user, genre[item]), 1)
        shares.append(counts)
    active = np.minimum(*(counts.sum(axis=1) for counts in shares)) >= 10
    first, second = (counts[active] / counts[active].sum(axis=1, keepdims=True) for counts in shares)
    return np.corrcoef(first.ravel(), second.ravel())[0, 1]


def daily_counts(mode, seed):
    """Return the interactions of each frequent item by day, shape (days, items)."""
    _, item, time = shop(mode, seed)
    day = (time - time.min()) // DAY
    counts = np.zeros((day.max() + 1, item.max() + 1))
    np.add.at(counts, (day, item), 1)
    return counts[:, counts.sum(axis=0) >= MANY]


@pytest.mark.parametrize("mode", MODES)
def test_the_data_of_each_mode_match_their_schemas(mode):
    data = generate(mode=mode, **SMALL)
    assert [read(data, name).rows for name in ("users", "items", "interactions")] == [20, 30, 400]


@pytest.mark.parametrize("mode", MODES)
def test_the_same_arguments_give_the_same_bytes_in_each_mode(mode):
    assert generate(mode=mode, **SMALL) == generate(mode=mode, **SMALL)


def test_each_mode_gives_other_interactions():
    assert len({generate(mode=mode, **SMALL).interactions for mode in MODES}) == len(MODES)


def test_films_are_the_default():
    assert generate(**SMALL) == generate(mode="films", **SMALL)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("users", "items", "interactions"), [(1, 1, 0), (1, 1, 5), (3, 2, 50), (7, 2000, 300)])
def test_unusual_sizes_are_kept_in_each_mode(mode, users, items, interactions):
    data = generate(mode=mode, users=users, items=items, interactions=interactions)
    assert [read(data, name).rows for name in ("users", "items", "interactions")] == [users, items, interactions]


def test_an_unknown_mode_is_rejected():
    with pytest.raises(ValueError, match=r"unknown mode\. Use one of 'films', 'repeats', 'sparse', 'drift', 'trend'"):
        generate(mode="shop")


def test_about_half_of_the_interactions_repeat_in_mode_repeats():
    assert 0.4 < repeat_share("repeats", 0) < 0.7
    assert max(repeat_share(mode, 0) for mode in MODES if mode != "repeats") < 0.001


def test_users_mostly_return_to_recent_items_in_mode_repeats():
    distances = np.concatenate([own for own in returns("repeats", 0) if own])
    assert np.mean(distances <= 3) > 0.6
    assert np.mean(distances > 10) > 0.02


def test_some_users_return_more_often_than_others_in_mode_repeats():
    own = returns("repeats", 0)
    lengths = np.array([len(history) for history in histories("repeats", 0)])
    rates = np.array([len(distances) for distances in own]) / lengths
    by_chance = np.sqrt(np.mean(rates * (1 - rates) / lengths))
    assert np.std(rates[lengths >= 30]) > 1.5 * by_chance


@pytest.mark.parametrize("seed", [0, 1])
def test_users_and_items_have_few_interactions_in_mode_sparse(seed):
    user, item, _ = shop("sparse", seed)
    by_user, by_item = np.bincount(user), np.bincount(item)
    assert len(by_user) == 8000
    assert np.median(by_user) <= 4
    assert np.median(by_item) <= 6
    assert len(user) / (len(by_user) * len(by_item)) < 0.002


def test_interests_and_popularity_change_in_mode_drift():
    assert popularity_correlation("drift", 0) < 0.6 * popularity_correlation("films", 0)
    assert genre_correlation("drift", 0) < 0.6 * genre_correlation("films", 0)


@pytest.mark.parametrize("seed", [0, 1])
def test_items_in_fashion_rise_and_fall_in_mode_trend(seed):
    counts = daily_counts("trend", seed)
    in_fashion = counts.max(axis=0) > 4 * np.median(counts, axis=0) + 10
    assert len(counts) <= 15
    assert 20 <= in_fashion.sum() <= 80
    growth = np.diff(counts[:, in_fashion], axis=0)
    assert np.corrcoef(growth[:-1].ravel(), growth[1:].ravel())[0, 1] > 0  # a rise is followed by a rise
    noise = np.diff(daily_counts("films", seed), axis=0)
    assert np.corrcoef(noise[:-1].ravel(), noise[1:].ravel())[0, 1] < -0.3
