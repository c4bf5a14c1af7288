import numpy as np

from personalize_mock.recipes.personal.held_out_users import EVENTS, FEWEST_EVENTS, LARGEST_SHARE, hold_out


def test_the_newest_tenth_of_a_user_is_held_out(films):
    users = hold_out(films)
    lost = films.lengths() - users.earlier().lengths()
    assert set(lost.tolist()) == {0, 3}
    held_out = np.flatnonzero(lost)
    for user, history, targets in zip(held_out, users.histories, users.targets, strict=True):
        assert np.array_equal(history, films.history(user)[:-3])
        assert set(targets.tolist()) <= set(films.history(user)[-3:].tolist())


def test_at_most_a_fifth_of_the_users_lose_interactions(films):
    users = hold_out(films)
    assert 0 < len(users.histories) <= LARGEST_SHARE * len(films.users)


def test_in_large_data_fewer_users_lose_interactions(interactions_of, preferences):
    interactions = interactions_of(preferences(users=3000, items=600, length=20))
    assert len(hold_out(interactions).earlier()) >= len(interactions) - 1.5 * EVENTS


def test_repeats_and_items_that_nobody_else_has_are_no_targets(interactions_of, preferences):
    users = hold_out(interactions_of(preferences(users=600, repeats=0.5)))
    for history, targets in zip(users.histories, users.targets, strict=True):
        assert not np.isin(targets, history).any()
        assert users.earlier().warm[targets].all()


def test_few_interactions_are_not_held_out(interactions_of, preferences):
    few, enough = (hold_out(interactions_of(preferences(users=users, length=20))) for users in (100, 600))
    assert few is None
    assert sum(map(len, enough.targets)) >= FEWEST_EVENTS


def test_without_interactions_nothing_is_held_out(films):
    assert hold_out(films.select(np.zeros(len(films), dtype=bool))) is None
