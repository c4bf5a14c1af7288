import numpy as np
import pytest

from personalize_mock.data.interaction_matrix import interaction_matrix
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.evaluation.split import Split


def interactions_with(*lengths):
    """Return interactions of users with these history lengths; each user has distinct items."""
    rows = [(f"u{user:03}", f"i{item:03}", item) for user, length in enumerate(lengths) for item in range(length)]
    users, items, times = zip(*rows, strict=True)
    columns = {
        "USER_ID": Strings.from_values(users),
        "ITEM_ID": Strings.from_values(items),
        "TIMESTAMP": Numbers(values=np.array(times, dtype=np.int64)),
    }
    return interaction_matrix(Table(columns=columns, rows=len(rows)))


def test_the_newest_tenth_of_the_interactions_of_a_tenth_of_the_users_is_held_out():
    interactions = interactions_with(*[20] * 50)
    split = Split.from_interactions(interactions, seed=0)
    assert len(split.users) == 5
    assert len(split.train) == len(interactions) - 5 * 2
    for user, relevant in zip(split.users, split.relevant, strict=True):
        assert split.train.history(user).tolist() == list(range(18))
        assert relevant.tolist() == [18, 19]


def test_other_users_and_all_indices_stay():
    interactions = interactions_with(*[20] * 50)
    split = Split.from_interactions(interactions, seed=0)
    assert split.train.users is interactions.users
    assert split.train.items is interactions.items
    assert sorted(split.train.lengths().tolist()) == [18] * 5 + [20] * 45


@pytest.mark.parametrize(("length", "held_out"), [(2, 1), (3, 1), (14, 1), (16, 2), (100, 10)])
def test_at_least_one_interaction_is_held_out_and_one_is_left(length, held_out):
    split = Split.from_interactions(interactions_with(length), seed=0)
    assert len(split.relevant[0]) == held_out
    assert len(split.train) == length - held_out


def test_users_with_one_interaction_are_never_test_users():
    split = Split.from_interactions(interactions_with(*[1] * 99, 2), seed=3)
    assert split.users.tolist() == [99]


def test_without_a_user_of_two_interactions_nothing_is_held_out():
    split = Split.from_interactions(interactions_with(1, 1), seed=0)
    assert len(split.users) == 0
    assert split.relevant == []
    assert len(split.train) == 2


def test_the_seed_selects_the_test_users():
    interactions = interactions_with(*[5] * 200)
    first, same, other = (Split.from_interactions(interactions, seed=seed).users.tolist() for seed in (4, 4, 5))
    assert first == same != other


def test_a_smaller_split_has_every_third_test_user():
    split = Split.from_interactions(interactions_with(*[20] * 70), seed=0)
    smaller = split.every(3)
    assert smaller.users.tolist() == split.users[[0, 3, 6]].tolist()
    assert [items.tolist() for items in smaller.relevant] == [split.relevant[row].tolist() for row in (0, 3, 6)]
    assert split.every(0).users.tolist() == split.users.tolist()
