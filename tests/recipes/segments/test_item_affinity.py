import numpy as np
from recipes.materials import make_query, training_data

from personalize_mock.evaluation.segments import SegmentsEvaluation
from personalize_mock.recipes.segments.item_affinity import ItemAffinity


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


def ranks(interactions, item, model=None):
    """Return the ranks of the owners of an item, and of the other users with its preference."""
    segment = (model or fitted(interactions)).rank(make_query(item=item), n=200).indices.tolist()
    owner_set = owners(interactions, item)
    of_owners = [rank for rank, user in enumerate(segment) if user in owner_set]
    alike = [user not in owner_set and preference(user) == item % 5 for user in segment]
    return of_owners, np.flatnonzero(alike)


def test_owners_come_last_if_users_never_repeat_interactions(films):
    for item in (20, 21, 37):
        of_owners, of_others = ranks(films, item)
        assert np.median(of_owners) > np.median(of_others)


def test_owners_come_before_users_with_other_preferences(films):
    model = fitted(films)
    for item in range(25):
        segment = model.rank(make_query(item=item), n=40).indices
        assert np.mean(preference(segment) == item % 5) == 1
        assert max(ranks(films, item, model)[0]) < 40


def test_owners_come_first_if_users_repeat_interactions(groceries, films):
    for item in (20, 21, 37):
        leading = [sum(rank < 5 for rank in ranks(interactions, item)[0]) for interactions in (groceries, films)]
        assert leading[0] >= 4
        assert leading[1] <= 2


def test_recent_owners_come_before_those_of_long_ago_if_users_repeat_interactions(interactions_of):
    """Every user repeats items; the first ten met the item last, the others long ago."""
    rows = [(f"u{user:02}", f"i{turn // 2 % 6}", turn) for user in range(40) for turn in range(120)]
    rows += [(f"u{user:02}", "wanted", 119.5 if user < 10 else -1) for user in range(40)]
    interactions = interactions_of((user, item, int(2 * time) + 10) for user, item, time in rows)
    segment = fitted(interactions).rank(make_query(item=interactions.items.index("wanted")), n=10).indices
    assert sorted(segment.tolist()) == list(range(10))


def test_users_of_neighbours_come_before_users_with_unrelated_interests(interactions_of):
    """In a small world of two tastes, owners and users of the neighbours lead the segment of a rare item."""
    rows = [(f"a{user}", f"tea{item}", item) for user in range(6) for item in range(4) if item != user % 4]
    rows += [(f"b{user}", f"car{item}", item) for user in range(20) for item in range(5)]
    interactions = interactions_of([*rows, ("a0", "rare tea", 9), ("a1", "rare tea", 9)])
    segment = fitted(interactions).rank(make_query(item=interactions.items.index("rare tea")), n=6).indices
    assert {interactions.users.values[user][0] for user in segment} == {"a"}


def test_a_completed_model_knows_the_held_out_interactions(films):
    evaluation = SegmentsEvaluation.from_data(training_data(films), seed=0)
    recipe = ItemAffinity()
    model = recipe.fit(evaluation.train, config={}, objective=None, seed=0)
    completed = recipe.completed(model, training_data(films))
    item = int(np.argmax(np.bincount(evaluation.held_out.item)))
    later = owners(films, item) - owners(evaluation.train.interactions, item)
    before, after = (
        np.median(np.flatnonzero(np.isin(each.rank(make_query(item=item), n=200).indices, list(later))))
        for each in (model, completed)
    )
    assert len(later) >= 3
    assert before < 0.6 * after  # the model of the evaluation predicts them; afterwards they are owners
    assert completed.items.tolist() == model.items.tolist()


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
