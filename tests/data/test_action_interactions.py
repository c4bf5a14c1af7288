import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.data.action_interactions import read_action_interactions
from personalize_mock.data.id_map import IdMap
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.data.value_rules import ACTION_EVENT_TYPES

ACTIONS = IdMap(("a", "b"))
ROWS = st.lists(
    st.tuples(
        st.sampled_from("uvw"), st.sampled_from("abx"), st.sampled_from(["TAKEN", "viewed", "other"]), st.integers(0, 3)
    )
)


def table(*rows):
    users, actions, types, times = zip(*rows, strict=True) if rows else ((), (), (), ())
    columns = {
        "USER_ID": Strings.from_values(users),
        "ACTION_ID": Strings.from_values(actions),
        "EVENT_TYPE": Strings.from_values(types),
        "TIMESTAMP": Numbers(values=np.array(times, dtype=np.int64)),
    }
    return Table(columns=columns, rows=len(rows))


def test_interactions_are_sorted_by_user_and_time_and_keep_their_rows():
    interactions = read_action_interactions(
        table(("v", "b", "Taken", 3), ("u", "a", "Viewed", 9), ("u", "b", "Not Taken", 1)), ACTIONS
    )
    assert interactions.users.values == ("u", "v")
    assert interactions.row.tolist() == [2, 1, 0]
    assert interactions.action.tolist() == [1, 0, 1]
    assert [ACTION_EVENT_TYPES[event_type] for event_type in interactions.event_type] == [
        "Not Taken",
        "Viewed",
        "Taken",
    ]
    assert interactions.taken.tolist() == [False, False, True]
    assert interactions.indptr.tolist() == [0, 2, 3]


def test_a_history_is_a_slice_of_the_interactions():
    interactions = read_action_interactions(table(("u", "a", "Viewed", 9), ("u", "b", "Taken", 1)), ACTIONS)
    history = interactions.history(slice(1, 2))
    assert (history.action.tolist(), history.timestamp.tolist(), len(history)) == ([0], [9], 1)


def test_rows_with_unknown_actions_or_event_types_or_without_a_user_are_left_out():
    interactions = read_action_interactions(
        table((None, "a", "Taken", 1), ("u", "x", "Taken", 1), ("v", "a", "Bought", 1)), ACTIONS
    )
    assert len(interactions) == len(interactions.users) == 0


def test_without_a_dataset_there_are_no_interactions():
    assert len(read_action_interactions(None, ACTIONS)) == len(read_action_interactions(table(), ACTIONS)) == 0


@given(rows=ROWS)
def test_interactions_are_distinct_and_do_not_depend_on_the_order_of_rows(rows):
    forward, backward = (
        read_action_interactions(table(*rows), ACTIONS),
        read_action_interactions(table(*rows[::-1]), ACTIONS),
    )
    distinct = {
        (user, action, event_type.casefold(), at)
        for user, action, event_type, at in rows
        if action != "x" and event_type != "other"
    }
    assert len(forward) == len(distinct)
    for name in ("user", "action", "event_type", "timestamp", "indptr"):
        assert np.array_equal(getattr(forward, name), getattr(backward, name))
