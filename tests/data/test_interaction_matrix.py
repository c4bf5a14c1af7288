import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.data.event_selection import EventParameters
from personalize_mock.data.interaction_matrix import insufficient_data_reason, interaction_matrix
from personalize_mock.data.tables import Numbers, Strings, Table


def make_table(*rows):
    """Return a table; rows are user, item, timestamp and optionally event type and event value."""
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


def make_items(*values):
    return Table(columns={"ITEM_ID": Strings.from_values(values)}, rows=len(values))


def histories(interactions):
    return {
        user: interactions.items.at(interactions.history(index)) for index, user in enumerate(interactions.users.values)
    }


def test_interactions_are_sorted_by_user_and_time():
    interactions = interaction_matrix(make_table(("v", "b", 3), ("u", "a", 9), ("v", "a", 1), ("u", "c", 2)))
    assert histories(interactions) == {"u": ["c", "a"], "v": ["a", "b"]}
    assert interactions.timestamp.tolist() == [2, 9, 1, 3]
    assert interactions.indptr.tolist() == [0, 2, 4]
    assert interactions.lengths().tolist() == [2, 2]


def test_interactions_of_one_second_are_sorted_by_item_id():
    assert histories(interaction_matrix(make_table(("u", "b", 1), ("u", "a", 1)))) == {"u": ["a", "b"]}


@given(st.permutations([("u", "a", 1), ("u", "b", 1), ("v", "a", 2), ("u", "a", 1), ("v", "c", 1)]))
def test_the_order_of_rows_does_not_matter(rows):
    interactions = interaction_matrix(make_table(*rows))
    assert interactions.users.values == ("u", "v")
    assert interactions.items.values == ("a", "b", "c")
    assert interactions.item.tolist() == [0, 1, 2, 0]


def test_rows_with_equal_user_item_time_and_event_type_are_one_interaction():
    rows = [("u", "a", 1, "view"), ("u", "a", 1, "view"), ("u", "a", 1, "buy"), ("u", "a", 2, "view")]
    assert len(interaction_matrix(make_table(*rows))) == 3
    assert len(interaction_matrix(make_table(*(row[:3] for row in rows)))) == 2


def test_the_catalogue_is_the_union_of_both_datasets_and_items_with_interactions_are_warm():
    interactions = interaction_matrix(make_table(("u", "b", 1)), items=make_items("a", "c", "b"))
    assert interactions.items.values == ("a", "b", "c")
    assert interactions.warm.tolist() == [False, True, False]


def test_an_event_type_can_be_matched_in_any_case():
    table = make_table(("u", "a", 1, "Buy"), ("u", "b", 2, "view"), ("v", "a", 3, "BUY"), ("v", "c", 4, "buyer"))
    assert len(interaction_matrix(table, event_type="buy")) == 0
    assert histories(interaction_matrix(table, event_type="buy", any_case=True)) == {"u": ["a"], "v": ["a"]}
    assert len(interaction_matrix(table, event_type="sell", any_case=True)) == 0


def test_an_event_type_is_matched_exactly_and_does_not_change_the_catalogue():
    table = make_table(("u", "a", 1, "buy"), ("v", "b", 1, "Buy"), ("w", "c", 1, None))
    interactions = interaction_matrix(table, event_type="buy")
    assert histories(interactions) == {"u": ["a"]}
    assert interactions.items.values == ("a", "b", "c")
    assert len(interaction_matrix(table, event_type="sell")) == 0
    assert len(interaction_matrix(make_table(("u", "a", 1)), event_type="buy")) == 0


def test_events_below_the_threshold_or_without_a_value_are_dropped():
    table = make_table(("u", "a", 1, "rate", 4.0), ("u", "b", 2, "rate", 3.9), ("u", "c", 3, "rate", None))
    assert histories(interaction_matrix(table, event_value_threshold=4.0)) == {"u": ["a"]}
    assert histories(interaction_matrix(table, event_value_threshold=0.0)) == {"u": ["a", "b"]}
    assert len(interaction_matrix(make_table(("u", "a", 1)), event_value_threshold=1.0)) == 0


def test_rows_without_user_or_item_are_dropped():
    assert len(interaction_matrix(make_table(("u", None, 1), (None, "a", 1), ("u", "a", 1)))) == 1


def test_the_sparse_matrix_counts_interactions_and_leaves_histories_unchanged():
    interactions = interaction_matrix(make_table(("u", "b", 1), ("u", "a", 2), ("u", "b", 3), ("v", "a", 1)))
    assert interactions.csr().toarray().tolist() == [[1, 2], [1, 0]]
    assert histories(interactions) == {"u": ["b", "a", "b"], "v": ["a"]}


def test_a_matrix_can_be_limited_to_the_columns_of_items_with_interactions():
    table = make_table(("u", "b", 1), ("u", "d", 2), ("v", "b", 3))
    interactions = interaction_matrix(table, items=make_items("a", "b", "c", "d"))
    limited = interactions.csr(np.array([1, 3], dtype=np.int32))
    assert limited.toarray().tolist() == [[1, 1], [1, 0]]
    assert limited.toarray().tolist() == interactions.csr()[:, [1, 3]].toarray().tolist()


@pytest.mark.parametrize("weighted", [False, True])
def test_a_matrix_can_leave_out_interactions(weighted):
    table = make_table(("u", "b", 1, "rate"), ("u", "a", 2, "view"), ("u", "b", 3, "view"), ("v", "a", 1, "rate"))
    weights = {"rate": EventParameters(weight=2.0), "view": EventParameters(weight=0.5)}
    interactions = interaction_matrix(table, parameters=weights if weighted else None)
    mask = np.array([False, True, True, True])
    assert interactions.csr(mask=mask).toarray().tolist() == interactions.select(mask).csr().toarray().tolist()
    assert interactions.csr(mask=mask).nnz == 3


def test_selecting_interactions_keeps_the_indices():
    interactions = interaction_matrix(make_table(("u", "a", 1), ("v", "b", 1)))
    selected = interactions.select(np.array([False, True]))
    assert histories(selected) == {"u": [], "v": ["b"]}
    assert selected.warm.tolist() == [False, True]


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
def test_too_little_data_is_reported_in_the_words_of_the_service(rows, event_type, reason):
    assert insufficient_data_reason(interaction_matrix(make_table(*rows)), event_type=event_type, **MINIMA) == reason
