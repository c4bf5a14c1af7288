import numpy as np
from dataset_tables import aligned, with_fields
from recipes.materials import GENRES, full_training_data, items_of, make_query

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.id_map import IdMap
from personalize_mock.data.tables import Strings, Table
from personalize_mock.recipes.personal.category_lifts import DIMENSIONS, category_lifts
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
        before, after = (model.rank(make_query(items), n=25).indices for items in (history, [*history, *fresh]))
        assert share(after, genre) > share(before, genre)


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
