from dataclasses import replace

import numpy as np
import pytest
from dataset_tables import with_fields, with_table
from recipes.materials import GENRES, full_training_data, make_query, training_data

from personalize_mock.recipes.base import TrainingFailed
from personalize_mock.recipes.segments.item_attribute_affinity import NO_ATTRIBUTE, ItemAttributeAffinity


def fitted(data, **config):
    return ItemAttributeAffinity().fit(data, config=config, objective=None, seed=0)


@pytest.fixture(scope="module")
def data(films):
    return full_training_data(films)


@pytest.fixture(scope="module")
def model(data):
    return fitted(data)


def segment(model, *pairs, n=40, **options):
    return model.rank(make_query(attributes=pairs), n=n, **options).indices


@pytest.mark.parametrize("genre", GENRES)
def test_the_segment_of_a_genre_has_the_users_who_prefer_it(model, genre):
    users = segment(model, ("GENRES", genre))
    assert set((users % 5).tolist()) == {GENRES.index(genre)}  # users prefer the genre of their index modulo five


def test_column_names_ignore_case_and_values_do_not(model):
    assert segment(model, ("genres", "Comedy")).tolist() == segment(model, ("GENRES", "Comedy")).tolist()
    assert len(segment(model, ("GENRES", "comedy"))) == 0


def test_a_query_can_name_a_number(model):
    assert len(segment(model, ("PRICE", "1"), n=10)) == 10
    assert segment(model, ("PRICE", "1")).tolist() == segment(model, ("PRICE", "1.0")).tolist()


def test_items_must_have_all_attributes(model):
    both = segment(model, ("GENRES", "Drama"), ("PRICE", "3"))
    assert np.mean(both % 5 == 1) > 0.9
    assert np.mean(segment(model, ("PRICE", "3")) % 5 == 1) < 0.5
    assert segment(model, ("PRICE", "3"), ("GENRES", "Drama")).tolist() == both.tolist()
    assert len(segment(model, ("GENRES", "Comedy"), ("GENRES", "Drama"))) == 0


def test_unknown_attributes_and_no_attributes_have_an_empty_segment(model):
    for pairs in ((("GENRES", "Zombie"),), (("MOOD", "dark"),), (("TITLE", "ship ship Comedy 0"),), ()):
        assert len(segment(model, *pairs)) == 0
        (ranking,) = model.rank_each([make_query(attributes=pairs)], n=2, candidates=[None])
        assert len(ranking.indices) == 0


def test_attributes_of_cold_items_have_an_empty_segment(interactions_of, preferences):
    interactions = interactions_of(preferences(users=40, items=50), catalogue=["zz0", "zz1"])
    data = full_training_data(interactions)
    column = data.items.table.columns["GENRES"]
    column = replace(column, codes=np.where(np.arange(len(column.codes)) >= 50, 5, column.codes).astype(np.int32))
    column = replace(column, values=(*column.values, "Cold"))
    table = replace(data.items.table, columns={**data.items.table.columns, "GENRES": column})
    model = fitted(replace(data, items=with_table(data.items, table)))
    assert len(segment(model, ("GENRES", "Cold"))) == 0
    assert len(segment(model, ("GENRES", "Comedy"))) == 40


def test_only_candidates_are_in_the_segment(model):
    candidates = np.arange(0, 200, 7, dtype=np.int32)
    users = segment(model, ("GENRES", "Comedy"), n=200, candidates=candidates)
    assert sorted(users.tolist()) == candidates.tolist()
    assert users.tolist() == [user for user in segment(model, ("GENRES", "Comedy"), n=200) if user % 7 == 0]


def test_the_most_active_users_do_not_lead_every_segment(model, data):
    first = {segment(model, ("GENRES", genre), n=1)[0] for genre in GENRES}
    assert len(first) == len(GENRES)


def only(item):
    """Return attributes that no other of up to 45 items has."""
    return (("GENRES", GENRES[item % 5]), ("PRICE", str(1 + item % 9)))


def test_users_of_similar_items_come_before_active_users_with_unrelated_interests(interactions_of):
    """In a small world of two tastes, only two users know the one item with the attributes."""
    rows = [(f"a{user}", f"tea{item}", item) for user in range(6) for item in range(4) if item != user % 4]
    rows += [(f"b{user}", f"car{item}", item) for user in range(20) for item in range(9)]
    interactions = interactions_of([*rows, ("a0", "rare tea", 9), ("a1", "rare tea", 9)])
    model = fitted(full_training_data(interactions))
    users = segment(model, *only(interactions.items.index("rare tea")), n=6)
    assert {interactions.users.values[user][0] for user in users} == {"a"}


def ring(*, rounds):
    """Return rows of 24 users who interact with six of twelve items each, and return to them in each round."""
    return [
        (f"u{user:02}", f"i{(user + turn) % 12:02}", turn + 100 * number)
        for user in range(24)
        for turn in range(6)
        for number in range(rounds)
    ]


def are_owners(model, interactions, *, item=3):
    """Return for each user in the segment of an item's attributes whether the user has interacted with the item."""
    return np.isin(segment(model, *only(item)), interactions.user[interactions.item == item]).tolist()


def test_users_of_the_items_come_first_only_if_users_repeat_interactions(interactions_of):
    once, often = (interactions_of(ring(rounds=rounds)) for rounds in (1, 3))
    owners = are_owners(fitted(full_training_data(often)), often)
    assert owners == [True] * 12 + [False] * 12
    assert are_owners(fitted(full_training_data(once)), once) != owners


def test_a_completed_model_knows_the_held_out_interactions(interactions_of):
    rows = ring(rounds=3)
    others = {user for user, _, _ in rows} - {user for user, item, _ in rows if item == "i03"}
    interactions = interactions_of([*rows, *((user, "i03", 999) for user in sorted(others)[:5])])
    complete = full_training_data(interactions)
    model = fitted(replace(complete, interactions=interactions.select(interactions.timestamp < 999)))
    completed = ItemAttributeAffinity().completed(model, complete)
    owners = are_owners(completed, interactions)
    assert owners == sorted(owners, reverse=True)
    assert are_owners(model, interactions) != owners
    assert completed.items.tolist() == model.items.tolist()


def test_training_fails_without_items_or_a_useful_column(films, data):
    textual = tuple(field for field in data.items.fields if field.name in ("DESCRIPTION", "CREATION_TIMESTAMP"))
    for useless in (training_data(films), replace(data, items=with_fields(data.items, textual))):
        with pytest.raises(TrainingFailed) as reason:
            fitted(useless)
        assert str(reason.value) == NO_ATTRIBUTE


def test_the_hidden_dimension_is_the_number_of_factors(data, model):
    assert model.users.shape == (200, 149)
    assert fitted(data, hidden_dimension="32").items.shape[1] == 32
