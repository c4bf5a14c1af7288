import json
from functools import cache

import numpy as np
import pytest
import scipy.sparse as sp
from implicit.als import AlternatingLeastSquares

from personalize_mock.data import avro, csv_files
from personalize_mock.synthetic.generator import generate
from personalize_mock.synthetic.modes import BEHAVIOURS
from personalize_mock.synthetic.world import END

PERIOD = BEHAVIOURS["films"].period
DEPTH = 25


@cache
def shop(seed=0):
    return generate(seed=seed)


def table(data, name, domain=None):
    schema = avro.parse(json.dumps(getattr(data, f"{name}_schema")), domain=domain)
    return csv_files.read([getattr(data, name).encode()], schema)


@cache
def tables(seed=0):
    return tuple(table(shop(seed), name) for name in ("interactions", "items", "users"))


def by_item(column, items):
    """Return a column of Items in the order of the item codes of Interactions."""
    rows = {item: row for row, item in enumerate(items.strings("ITEM_ID"))}
    interactions, _, _ = tables()
    return column[[rows[item] for item in interactions.strings("ITEM_ID").values]]


def item_counts():
    return np.bincount(tables()[0].strings("ITEM_ID").codes)


def test_the_same_arguments_give_the_same_bytes():
    assert generate(seed=3, users=20, items=30, interactions=400) == generate(
        seed=3, users=20, items=30, interactions=400
    )


def test_another_seed_gives_other_data():
    sizes = {"users": 20, "items": 30, "interactions": 400}
    assert generate(seed=3, **sizes).interactions != generate(seed=4, **sizes).interactions


@pytest.mark.parametrize("domain", [None, "VIDEO_ON_DEMAND"])
@pytest.mark.parametrize("name", ["interactions", "items", "users"])
def test_the_data_match_their_schemas(name, domain):
    assert table(generate(users=20, items=30, interactions=400), name, domain).rows > 0


@pytest.mark.parametrize(
    ("users", "items", "interactions"),
    [(1, 1, 0), (1, 1, 5), (3, 2, 50), (50, 9, 60), (7, 2000, 300)],
)
def test_unusual_sizes_are_kept(users, items, interactions):
    data = generate(users=users, items=items, interactions=interactions)
    sizes = [table(data, name).rows for name in ("users", "items", "interactions")]
    assert sizes == [users, items, interactions]


@pytest.mark.parametrize("sizes", [{"users": 0}, {"items": 0}, {"interactions": -1}])
def test_impossible_sizes_are_rejected(sizes):
    with pytest.raises(ValueError, match="must be at least 1"):
        generate(**sizes)


def test_every_user_has_at_least_two_interactions_if_there_are_enough():
    interactions, _, users = tables()
    counts = np.bincount(interactions.strings("USER_ID").codes)
    assert len(counts) == users.rows
    assert counts.min() >= 2


def test_interactions_are_ordered_and_follow_the_release_of_the_item():
    interactions, items, _ = tables()
    times = interactions.numbers("TIMESTAMP").values
    assert (np.diff(times) >= 0).all()
    assert END - PERIOD <= times[0] <= times[-1] <= END + 86_400
    released = by_item(items.numbers("CREATION_TIMESTAMP").values, items)
    assert (released[interactions.strings("ITEM_ID").codes] <= times).all()
    assert (released > END - PERIOD).any()


def test_only_watch_events_have_an_event_value():
    interactions, _, _ = tables()
    event_types = interactions.strings("EVENT_TYPE")
    value = interactions.numbers("EVENT_VALUE")
    is_watch = np.array(event_types.values)[event_types.codes] == "Watch"
    assert (value.valid == is_watch).all()
    assert (value.values[is_watch] > 0).all()
    assert value.values.max() <= 1


def test_a_few_items_have_a_large_share_of_the_interactions():
    counts = np.sort(item_counts())[::-1]
    assert counts[: len(counts) // 10].sum() > 0.25 * counts.sum()
    assert np.median(counts) < 0.1 * counts[0]


def test_users_rarely_meet_an_item_twice():
    interactions, _, _ = tables()
    pairs = np.stack([interactions.strings(name).codes for name in ("USER_ID", "ITEM_ID")])
    assert len(np.unique(pairs, axis=1).T) > 0.999 * interactions.rows


def rank_correlation(first, second):
    ranks = [np.argsort(np.argsort(values)) for values in (first, second)]
    return np.corrcoef(*ranks)[0, 1]


def test_price_correlates_weakly_with_popularity_and_royalty_does_not():
    _, items, _ = tables()
    price = by_item(items.numbers("PRICE").values, items)
    royalty = by_item(items.numbers("ROYALTY").values, items)
    assert 0.03 < rank_correlation(price, item_counts()) < 0.4
    assert abs(rank_correlation(royalty, item_counts())) < 0.08
    assert (price > 0).all()
    assert (royalty > 0).all()


def test_titles_are_distinct_and_have_several_words():
    _, items, _ = tables()
    titles = items.strings("TITLE").values
    assert len(titles) == items.rows
    assert all(len(title.split()) >= 2 for title in titles)


def test_items_have_one_or_two_genres():
    _, items, _ = tables()
    sizes = {len(set(genres.split("|"))) for genres in items.strings("GENRES")}
    assert sizes == {1, 2}


def test_the_next_item_resembles_the_last_one():
    interactions, items, _ = tables()
    genre = np.array([genres.split("|")[0] for genres in items.strings("GENRES")])
    item = by_item(genre, items)[interactions.strings("ITEM_ID").codes]
    user = interactions.strings("USER_ID").codes
    order = np.argsort(user, kind="stable")
    item, user = item[order], user[order]
    same_genre = [(item[gap:] == item[:-gap])[user[gap:] == user[:-gap]].mean() for gap in (1, 20)]
    assert same_genre[0] > 1.1 * same_genre[1]


def ndcg(recommended, relevant):
    gains = 1 / np.log2(np.arange(DEPTH) + 2)
    hits = np.isin(recommended[:DEPTH], relevant)
    return (hits * gains[: len(hits)]).sum() / gains[: len(relevant)].sum()


def newest_tenth(interactions):
    """Hold out the newest tenth: return the training matrix and each user's held-out items that are new to the user."""
    user, item = (interactions.strings(name).codes for name in ("USER_ID", "ITEM_ID"))
    cut = len(user) * 9 // 10
    shape = (user.max() + 1, item.max() + 1)
    train = sp.csr_matrix((np.ones(cut), (user[:cut], item[:cut])), shape=shape)
    held_out = {row: np.setdiff1d(item[cut:][user[cut:] == row], train[row].indices) for row in np.unique(user[cut:])}
    return train, {row: relevant for row, relevant in held_out.items() if len(relevant)}


@pytest.mark.parametrize("seed", [0, 1])
def test_als_beats_popularity_clearly(seed):
    train, held_out = newest_tenth(tables(seed)[0])
    model = AlternatingLeastSquares(random_state=0, num_threads=1, dtype=np.float64)
    model.fit(train, show_progress=False)
    popular = np.argsort(-np.asarray(train.sum(axis=0)).ravel(), kind="stable")
    scores = []
    for user, relevant in held_out.items():
        personal, _ = model.recommend(user, train[user], N=DEPTH)
        unseen = popular[~np.isin(popular, train[user].indices)]
        scores.append((ndcg(personal, relevant), ndcg(unseen, relevant)))
    als_ndcg, popularity_ndcg = np.mean(scores, axis=0)
    assert als_ndcg >= 1.8 * popularity_ndcg
