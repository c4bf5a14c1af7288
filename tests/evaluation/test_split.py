import numpy as np
import pytest

from personalize_mock.data.interaction_matrix import interaction_matrix
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.evaluation.split import Split


def events_with(*lengths):
    """Users with so many events each, of different items."""
    rows = [(f"u{user:03}", f"i{event:03}", event) for user, length in enumerate(lengths) for event in range(length)]
    users, items, times = zip(*rows, strict=True)
    columns = {
        "USER_ID": Strings.from_values(users),
        "ITEM_ID": Strings.from_values(items),
        "TIMESTAMP": Numbers(values=np.array(times, dtype=np.int64)),
    }
    return interaction_matrix(Table(columns=columns, rows=len(rows)))


def test_the_newest_tenth_of_the_interactions_of_a_tenth_of_the_users_is_held_out():
    events = events_with(*[20] * 50)
    parts = Split.from_interactions(events, seed=0)
    assert len(parts.users) == 5
    assert len(parts.train) == len(events) - 5 * 2
    for user, relevant in zip(parts.users, parts.relevant, strict=True):
        assert parts.train.history(user).tolist() == list(range(18))
        assert relevant.tolist() == [18, 19]


def test_other_users_and_all_indices_stay():
    events = events_with(*[20] * 50)
    parts = Split.from_interactions(events, seed=0)
    assert parts.train.users is events.users
    assert parts.train.items is events.items
    assert sorted(parts.train.lengths().tolist()) == [18] * 5 + [20] * 45


@pytest.mark.parametrize(("length", "held_out"), [(2, 1), (3, 1), (14, 1), (16, 2), (100, 10)])
def test_at_least_one_interaction_is_held_out_and_one_is_left(length, held_out):
    parts = Split.from_interactions(events_with(length), seed=0)
    assert len(parts.relevant[0]) == held_out
    assert len(parts.train) == length - held_out


def test_users_with_one_interaction_are_never_test_users():
    parts = Split.from_interactions(events_with(*[1] * 99, 2), seed=3)
    assert parts.users.tolist() == [99]


def test_without_a_user_of_two_interactions_nothing_is_held_out():
    parts = Split.from_interactions(events_with(1, 1), seed=0)
    assert len(parts.users) == 0
    assert parts.relevant == []
    assert len(parts.train) == 2


def test_the_seed_selects_the_test_users():
    events = events_with(*[5] * 200)
    assert np.array_equal(Split.from_interactions(events, seed=4).users, Split.from_interactions(events, seed=4).users)
    assert not np.array_equal(
        Split.from_interactions(events, seed=4).users, Split.from_interactions(events, seed=5).users
    )
