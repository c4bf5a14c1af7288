import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.data.user_histories import Interaction, NewestItems, UserHistories

ROWS = [("u1", "i3", "Watch", 30), ("u2", "i9", "Click", 5), ("u1", "i1", "watch", 10), ("u1", "i2", "Click", 20)]


def table(rows, *, key="ITEM_ID", typed=True):
    users, items, types, timestamps = zip(*rows, strict=True) if rows else ((),) * 4
    columns = {
        "USER_ID": Strings.from_values(users),
        key: Strings.from_values(items),
        "EVENT_TYPE": Strings.from_values(types),
    }
    columns["TIMESTAMP"] = Numbers(values=np.array(timestamps, dtype=np.int64))
    if not typed:
        del columns["EVENT_TYPE"]
    return Table(columns=columns, rows=len(rows))


def items(histories, user_id):
    return [interaction.item_id for interaction in histories.interactions(user_id)]


def test_a_history_is_sorted_by_time():
    assert UserHistories(table(ROWS)).interactions("u1") == [
        Interaction("i1", "watch", 10),
        Interaction("i2", "Click", 20),
        Interaction("i3", "Watch", 30),
    ]


def test_interactions_of_one_second_are_in_order_of_arrival():
    rows = [("u1", item, "Watch", 10) for item in ("i5", "i1", "i3")]
    assert items(UserHistories(table(rows)), "u1") == ["i5", "i1", "i3"]


def test_an_unknown_user_has_no_history():
    histories = UserHistories(table(ROWS))
    assert histories.interactions("nobody") == []
    assert histories.items_by_event_type("nobody", limit=100) == {}


def test_without_a_table_histories_are_empty():
    assert UserHistories(None).interactions("u1") == []
    assert UserHistories(None).items_by_event_type("u1", limit=100) == {}


def test_items_are_grouped_by_event_type_in_any_case_newest_first():
    assert UserHistories(table(ROWS)).items_by_event_type("u1", limit=100) == {"watch": ["i3", "i1"], "click": ["i2"]}


def test_interactions_without_an_event_type_are_grouped_under_an_empty_one():
    assert UserHistories(table(ROWS, typed=False)).items_by_event_type("u1", limit=100) == {"": ["i3", "i2", "i1"]}
    assert UserHistories(table([("u1", "i1", None, 1)])).items_by_event_type("u1", limit=100) == {"": ["i1"]}


def test_only_the_newest_interactions_of_each_event_type_are_considered():
    rows = [("u1", f"{event_type}{n}", event_type, n) for n in range(200) for event_type in ("Watch", "Click")]
    items = UserHistories(table(rows)).items_by_event_type("u1", limit=100)
    assert items["watch"] == [f"Watch{n}" for n in range(199, 99, -1)]
    assert items["click"] == [f"Click{n}" for n in range(199, 99, -1)]
    assert UserHistories(table(rows)).items_by_event_type("u1", limit=1) == {
        "watch": ["Watch199"],
        "click": ["Click199"],
    }
    assert len(UserHistories(table(rows)).items_by_event_type("u1", limit=150)["watch"]) == 150


def test_spellings_of_an_event_type_share_one_limit():
    rows = [("u1", f"i{n}", ("Watch", "watch")[n % 2], n) for n in range(10)]
    assert UserHistories(table(rows)).items_by_event_type("u1", limit=3) == {"watch": ["i9", "i8", "i7"]}


def test_rows_without_a_user_are_ignored():
    rows = [(None, "i1", "Watch", 1), ("u1", "i2", "Watch", 2), (None, "i3", "Watch", 3)]
    assert items(UserHistories(table(rows)), "u1") == ["i2"]


def test_put_interactions_are_merged_by_time():
    put = [Interaction("i7", "Watch", 15), Interaction("i8", None, 40)]
    items = UserHistories(table(ROWS)).items_by_event_type("u1", limit=100, put=put)
    assert items == {"watch": ["i3", "i7", "i1"], "click": ["i2"], "": ["i8"]}


def test_put_interactions_count_towards_the_limit():
    put = [Interaction("i7", "Watch", 31)]
    assert UserHistories(table(ROWS)).items_by_event_type("u1", limit=1, put=put)["watch"] == ["i7"]


def test_without_a_table_a_history_has_the_put_interactions_only():
    put = [Interaction("i7", "Watch", 1)]
    assert UserHistories(None).items_by_event_type("u1", limit=1, put=put) == {"watch": ["i7"]}


@given(st.lists(st.lists(st.tuples(st.sampled_from(["T", "t", "U", None]), st.integers(0, 3)), max_size=6)))
def test_the_newest_items_are_those_of_all_interactions_sorted_at_once(batches):
    newest, everything = NewestItems(2), []
    for number, batch in enumerate(batches):
        added = [Interaction(f"i{number}-{at}", *each) for at, each in enumerate(batch)]
        newest.add(added)
        everything += added
    histories = UserHistories(None)
    expected = histories.items_by_event_type("u1", limit=2, put=everything)
    assert histories.items_by_event_type("u1", limit=2, put=newest.interactions()) == expected


def test_at_most_the_limit_of_each_event_type_is_kept():
    newest = NewestItems(2)
    newest.add([Interaction(f"i{at}", "watch", at) for at in range(50)])
    assert [interaction.item_id for interaction in newest.interactions()] == ["i48", "i49"]


def test_action_ids_can_be_the_key():
    assert UserHistories(table(ROWS, key="ACTION_ID"), key="ACTION_ID").items_by_event_type("u2", limit=100) == {
        "click": ["i9"]
    }


@pytest.mark.parametrize("limit", [1, 2, 5])
@given(
    rows=st.lists(st.tuples(*(st.sampled_from(each) for each in (["a", "b"], ["x", "y"], ["T", "t", "U"], [1, 2, 3]))))
)
def test_the_index_agrees_with_a_search_through_all_rows(limit, rows):
    ordered = sorted((each for each in rows if each[0] == "a"), key=lambda row: row[3])
    histories = UserHistories(table(rows))

    assert items(histories, "a") == [item for _, item, _, _ in ordered]
    for event_type in ("t", "u"):
        expected = [item for _, item, found, _ in reversed(ordered) if found.casefold() == event_type][:limit]
        assert histories.items_by_event_type("a", limit=limit).get(event_type, []) == expected
