import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.data.action_interactions import TAKEN, ActionHistory, read_action_interactions
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


def test_events_stand_by_user_and_time_and_know_their_rows():
    events = read_action_interactions(
        table(("v", "b", "Taken", 3), ("u", "a", "Viewed", 9), ("u", "b", "Not Taken", 1)), ACTIONS
    )
    assert events.users.values == ("u", "v")
    assert events.row.tolist() == [2, 1, 0]
    assert events.action.tolist() == [1, 0, 1]
    assert [ACTION_EVENT_TYPES[kind] for kind in events.event_type] == ["Not Taken", "Viewed", "Taken"]
    assert events.taken.tolist() == [False, False, True]
    assert events.indptr.tolist() == [0, 2, 3]


def test_a_history_is_a_part_of_the_events():
    events = read_action_interactions(table(("u", "a", "Viewed", 9), ("u", "b", "Taken", 1)), ACTIONS)
    history = events.history(slice(1, 2))
    assert (history.action.tolist(), history.timestamp.tolist(), len(history)) == ([0], [9], 1)


def test_rows_of_other_actions_and_types_and_without_a_user_are_left_out():
    events = read_action_interactions(
        table((None, "a", "Taken", 1), ("u", "x", "Taken", 1), ("v", "a", "Bought", 1)), ACTIONS
    )
    assert len(events) == len(events.users) == 0


def test_no_dataset_gives_no_events():
    assert len(read_action_interactions(None, ACTIONS)) == len(read_action_interactions(table(), ACTIONS)) == 0


@given(rows=ROWS)
def test_each_event_stands_once_whatever_the_order_of_rows(rows):
    one, other = read_action_interactions(table(*rows), ACTIONS), read_action_interactions(table(*rows[::-1]), ACTIONS)
    distinct = {
        (user, action, kind.casefold(), at) for user, action, kind, at in rows if action != "x" and kind != "other"
    }
    assert len(one) == len(distinct)
    for name in ("user", "action", "event_type", "timestamp", "indptr"):
        assert np.array_equal(getattr(one, name), getattr(other, name))


def test_a_history_is_made_of_what_the_wire_says():
    history = ActionHistory.from_ids(ACTIONS, action_ids=["b", "x"], event_types=["TAKEN", None], timestamps=[1.5, 2])
    assert (history.action.tolist(), history.event_type.tolist(), history.timestamp.tolist()) == (
        [1, -1],
        [TAKEN, -1],
        [1, 2],
    )
