from dataclasses import replace

import numpy as np
from dataset_tables import aligned, with_fields
from recipes.materials import GENRES, full_training_data, items_of, make_query

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.id_map import IdMap
from personalize_mock.data.tables import Strings, Table
from personalize_mock.recipes.personal.category_lifts import DIMENSIONS, category_lifts
from personalize_mock.recipes.personal.fold_in import LIVE_CATEGORIES, prepare_fold_in
from personalize_mock.recipes.personal.user_personalization import UserPersonalization


def fitted(recipe, data):
    return recipe.fit(data, config={}, objective=None, seed=0)


def share(indices, genre):
    """Return the share of items with a genre, which is their index modulo 5."""
    return np.mean(np.asarray(indices) % 5 == GENRES.index(genre))


def test_five_items_of_a_genre_make_the_list_richer_in_it(films):
    model = fitted(UserPersonalization(), full_training_data(films))
    for user in range(30):
        genre = GENRES[(user + 2) % 5]
        history = films.history(user)
        fresh = [item for item in range(300) if item % 5 == GENRES.index(genre) and item not in history][:5]
        before = model.rank(make_query(history), n=25).indices
        after = model.rank(make_query([*history, *fresh], live=5), n=25).indices
        assert share(after, genre) > share(before, genre)


def test_live_events_set_a_lower_limit_to_the_weight_of_the_lifts(films):
    categories = category_lifts(full_training_data(films).items, np.arange(300, dtype=np.int32), films)
    factors = np.random.default_rng(0).normal(size=(300, 8))
    learnt = replace(prepare_fold_in(factors, categories=categories), weight=0.5, category_weight=0.1)
    newest, weights = np.arange(12, dtype=np.int32).reshape(2, 6), np.ones(6)
    usual, live = (learnt.user_vectors(newest, weights=weights, live=count) for count in (None, [0, 3]))
    limit = LIVE_CATEGORIES * 0.5 * categories[0].live_shares(newest, live=np.array([0, 3]))[1, 0]
    assert np.array_equal(live[0], usual[0])
    assert np.array_equal(live[1, :8], usual[1, :8])
    assert np.allclose(live[1, 8:], limit / 0.1 * usual[1, 8:])
    strong = replace(learnt, category_weight=3.0)
    usual, live = (strong.user_vectors(newest, weights=weights, live=count) for count in (None, [0, 3]))
    assert np.array_equal(live, usual)


def test_live_items_without_interactions_do_not_count(films):
    model = fitted(UserPersonalization(), full_training_data(films))
    history, unknown = films.history(0), np.full(3, -1, dtype=np.int32)
    trained, live = (model.rank(make_query([*history, *unknown], live=count), n=25) for count in (0, 3))
    assert np.array_equal(trained.scores, live.scores)


def test_a_batch_of_queries_minds_live_events_like_single_ones(films):
    model = fitted(UserPersonalization(), full_training_data(films))
    queries = [make_query(films.history(user), live=user % 3) for user in range(9)]
    batch = model.rank_each(queries, n=10, candidates=[None] * 9)
    for query, ranking in zip(queries, batch, strict=True):
        assert np.allclose(model.rank(query, n=10).scores, ranking.scores, rtol=1e-4)


def test_the_share_of_live_events_grows_with_their_number(films):
    lifts, _ = category_lifts(full_training_data(films).items, np.arange(300, dtype=np.int32), films)
    newest = np.tile(np.arange(8, dtype=np.int32), (4, 1))
    newest[3, 4:] = -1
    shares = lifts.live_shares(newest, live=np.array([0, 3, 8, 4]))[:, 0]
    assert shares[0] == 0
    assert 0.5 < shares[1] < 0.9
    assert shares[2] == shares[3] == 1


def test_a_category_is_lifted_only_if_it_is_more_frequent_than_usual(films):
    data = full_training_data(films)
    indices = np.arange(300, dtype=np.int32)
    lifts, factors = category_lifts(data.items, indices, films)
    one_each = lifts.user_vectors(np.arange(5, dtype=np.int32)[None, :])[0] @ factors.T
    five_alike = lifts.user_vectors(np.arange(0, 25, 5, dtype=np.int32)[None, :])[0] @ factors.T
    assert 2 * np.ptp(one_each) < np.ptp(five_alike)
    assert five_alike[0] == five_alike.max()


def test_an_empty_history_has_no_lifts(films):
    lifts, _ = category_lifts(full_training_data(films).items, np.arange(300, dtype=np.int32), films)
    assert np.allclose(lifts.user_vectors(np.full((2, 3), -1, dtype=np.int32)), 0)


def test_many_categories_are_projected_to_few_dimensions(films):
    ids = films.items
    columns = {
        "ITEM_ID": Strings.from_values(ids.values),
        "BRAND": Strings.from_values(f"b{n % 100}" for n in range(len(ids))),
    }
    fields = [SchemaField(name="ITEM_ID", type="string"), SchemaField(name="BRAND", type="string", categorical=True)]
    items = aligned(Table(columns=columns, rows=len(ids)), ids, key="ITEM_ID", fields=fields)
    lifts, factors = category_lifts(items, np.arange(300, dtype=np.int32), films)
    assert factors.shape == (300, DIMENSIONS)
    assert lifts.basis.shape[1] == DIMENSIONS


def test_items_without_categories_have_no_lifts(films):
    assert category_lifts(None, np.arange(3, dtype=np.int32), films) is None
    items = items_of(IdMap(films.items.values))
    plain = with_fields(items, ())
    assert category_lifts(plain, np.arange(3, dtype=np.int32), films) is None


def test_a_batch_drops_items_without_interactions_like_single_queries(films):
    model = fitted(UserPersonalization(), full_training_data(films))
    mixed = [[*films.history(user)[:6], -1, *films.history(user)[6:9], -1] for user in range(9)]
    queries = [make_query(history, live=live) for live, history in enumerate([[], [-1, -1], *mixed])]
    batch = model.rank_each(queries, n=10, candidates=[None] * len(queries))
    for query, ranking in zip(queries, batch, strict=True):
        single = model.rank(query, n=10)
        assert ranking.indices.tolist() == single.indices.tolist()
        assert np.allclose(ranking.scores, single.scores, rtol=1e-4)
