import numpy as np
from recipes.materials import make_query, training_data

from personalize_mock.recipes.segments.item_affinity import MIN_DAMPING, ItemAffinity


def fitted(interactions, **config):
    return ItemAffinity().fit(training_data(interactions), config=config, objective=None, seed=0)


def preference(user):
    return user % 5


def owners(interactions, item):
    return set(interactions.user[interactions.item == item].tolist())


def test_users_with_the_preference_of_the_item_come_first(films):
    model = fitted(films)
    for item in range(20):
        segment = model.rank(make_query(item=item), n=20).indices
        assert np.mean(preference(segment) == item % 5) > 0.9


def test_owners_come_last_if_users_never_repeat_interactions(films):
    model = fitted(films)
    segment = model.rank(make_query(item=20), n=40).indices.tolist()
    owner_set = owners(films, 20)
    positions = [position for position, user in enumerate(segment) if user in owner_set]
    lacking = [position for position, user in enumerate(segment) if user not in owner_set and preference(user) == 0]
    assert model.damping == MIN_DAMPING
    assert np.median(positions) > np.median(lacking)
    assert np.mean([preference(user) == 0 for user in segment]) > 0.9  # but before users with other preferences


def test_owners_are_damped_less_if_users_repeat_interactions(groceries, films):
    assert fitted(groceries).damping > fitted(films).damping


def test_unknown_and_cold_items_have_an_empty_segment(interactions_of, preferences):
    interactions = interactions_of(preferences(users=30), catalogue=["zz"])
    model = fitted(interactions)
    for item in (-1, interactions.items.index("zz")):
        assert len(model.rank(make_query(item=item), n=5).indices) == 0
        (ranking,) = model.rank_each([make_query(item=item)], n=3, candidates=[None])
        assert len(ranking.indices) == 0


def test_a_list_longer_than_the_users_has_each_user_once(films):
    segment = fitted(films).rank(make_query(item=3), n=5_000_000).indices
    assert sorted(segment.tolist()) == list(range(200))


def test_only_candidates_are_in_the_segment(films):
    model = fitted(films)
    mask = np.arange(200) % 3 == 0
    everyone = model.rank(make_query(item=3), n=200).indices
    segment = model.rank(make_query(item=3), n=200, candidates=mask).indices
    assert segment.tolist() == [user for user in everyone.tolist() if mask[user]]


def test_the_hidden_dimension_is_the_number_of_factors(films):
    assert fitted(films).users.shape == (200, 149)
    small = fitted(films, hidden_dimension="32")
    assert small.users.shape[1] == small.items.shape[1] == 32
    assert small.users.dtype == np.float32


def test_a_segment_has_no_scores(films):
    model = fitted(films)
    assert not model.scored
    assert model.ranks == "users"
    assert model.rank(make_query(item=3), n=5).scores is None
