import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.data.interaction_matrix import insufficient_data_reason, interaction_matrix
from personalize_mock.data.tables import Numbers, Strings, Table


def table_of(*rows):
    """Rows of user, item, timestamp and perhaps event type and event value."""
    columns = list(zip(*rows, strict=True))
    named = {
        "USER_ID": Strings.from_values(columns[0]),
        "ITEM_ID": Strings.from_values(columns[1]),
        "TIMESTAMP": Numbers(values=np.array(columns[2], dtype=np.int64)),
    }
    if len(columns) > 3:
        named["EVENT_TYPE"] = Strings.from_values(columns[3])
    if len(columns) > 4:
        valid = np.array([value is not None for value in columns[4]])
        named["EVENT_VALUE"] = Numbers(values=np.array([value or 0.0 for value in columns[4]]), valid=valid)
    return Table(columns=named, rows=len(rows))


def items_of(*values):
    return Table(columns={"ITEM_ID": Strings.from_values(values)}, rows=len(values))


def histories(events):
    return {user: events.items.at(events.history(row)) for row, user in enumerate(events.users.values)}


def test_events_are_sorted_by_user_and_time():
    events = interaction_matrix(table_of(("v", "b", 3), ("u", "a", 9), ("v", "a", 1), ("u", "c", 2)))
    assert histories(events) == {"u": ["c", "a"], "v": ["a", "b"]}
    assert events.timestamp.tolist() == [2, 9, 1, 3]
    assert events.indptr.tolist() == [0, 2, 4]
    assert events.lengths().tolist() == [2, 2]


def test_events_of_the_same_second_stand_in_the_order_of_their_item_ids():
    assert histories(interaction_matrix(table_of(("u", "b", 1), ("u", "a", 1)))) == {"u": ["a", "b"]}


@given(st.permutations([("u", "a", 1), ("u", "b", 1), ("v", "a", 2), ("u", "a", 1), ("v", "c", 1)]))
def test_the_order_of_rows_is_nothing(rows):
    events = interaction_matrix(table_of(*rows))
    assert events.users.values == ("u", "v")
    assert events.items.values == ("a", "b", "c")
    assert events.item.tolist() == [0, 1, 2, 0]


def test_the_same_user_item_time_and_type_are_one_event():
    rows = [("u", "a", 1, "view"), ("u", "a", 1, "view"), ("u", "a", 1, "buy"), ("u", "a", 2, "view")]
    assert len(interaction_matrix(table_of(*rows))) == 3
    assert len(interaction_matrix(table_of(*(row[:3] for row in rows)))) == 2


def test_the_catalogue_is_the_union_and_only_items_with_events_are_warm():
    events = interaction_matrix(table_of(("u", "b", 1)), items=items_of("a", "c", "b"))
    assert events.items.values == ("a", "b", "c")
    assert events.warm.tolist() == [False, True, False]


def test_an_event_type_may_be_asked_for_in_any_case():
    table = table_of(("u", "a", 1, "Buy"), ("u", "b", 2, "view"), ("v", "a", 3, "BUY"), ("v", "c", 4, "buyer"))
    assert len(interaction_matrix(table, event_type="buy")) == 0
    assert histories(interaction_matrix(table, event_type="buy", any_case=True)) == {"u": ["a"], "v": ["a"]}
    assert len(interaction_matrix(table, event_type="sell", any_case=True)) == 0


def test_an_event_type_is_matched_exactly_and_leaves_the_catalogue_whole():
    table = table_of(("u", "a", 1, "buy"), ("v", "b", 1, "Buy"), ("w", "c", 1, None))
    events = interaction_matrix(table, event_type="buy")
    assert histories(events) == {"u": ["a"]}
    assert events.items.values == ("a", "b", "c")
    assert len(interaction_matrix(table, event_type="sell")) == 0
    assert len(interaction_matrix(table_of(("u", "a", 1)), event_type="buy")) == 0


def test_events_of_at_least_the_threshold_are_kept_and_those_without_a_value_are_not():
    table = table_of(("u", "a", 1, "rate", 4.0), ("u", "b", 2, "rate", 3.9), ("u", "c", 3, "rate", None))
    assert histories(interaction_matrix(table, event_value_threshold=4.0)) == {"u": ["a"]}
    assert histories(interaction_matrix(table, event_value_threshold=0.0)) == {"u": ["a", "b"]}
    assert len(interaction_matrix(table_of(("u", "a", 1)), event_value_threshold=1.0)) == 0


def test_a_row_without_user_or_item_is_no_event():
    assert len(interaction_matrix(table_of(("u", None, 1), (None, "a", 1), ("u", "a", 1)))) == 1


def test_the_matrix_counts_events_and_leaves_the_histories_as_they_are():
    events = interaction_matrix(table_of(("u", "b", 1), ("u", "a", 2), ("u", "b", 3), ("v", "a", 1)))
    assert events.csr().toarray().tolist() == [[1, 2], [1, 0]]
    assert histories(events) == {"u": ["b", "a", "b"], "v": ["a"]}


def test_taking_events_keeps_the_numbering():
    events = interaction_matrix(table_of(("u", "a", 1), ("v", "b", 1)))
    taken = events.select(np.array([False, True]))
    assert histories(taken) == {"u": [], "v": ["b"]}
    assert taken.warm.tolist() == [False, True]


MINIMA = {"minimum_interactions": 3, "minimum_users": 2}


@pytest.mark.parametrize(
    ("rows", "event_type", "reason"),
    [
        ([("u", "a", 1)], None, "Dataset has fewer than 3 interactions."),
        ([("u", "a", 1)], "buy", "Dataset has fewer than 3 interactions after filtering by event type: buy"),
        (
            [("u", "a", 1), ("u", "b", 1), ("v", "b", 1)],
            None,
            "Dataset has fewer than 2 users with at least 2 interactions each.",
        ),
        ([("u", "a", 1), ("u", "b", 1), ("v", "b", 1), ("v", "b", 2)], None, None),
    ],
)
def test_too_little_data_is_called_by_the_text_of_the_service(rows, event_type, reason):
    assert insufficient_data_reason(interaction_matrix(table_of(*rows)), event_type=event_type, **MINIMA) == reason
