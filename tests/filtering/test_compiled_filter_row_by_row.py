"""Compiled filters against a reference evaluator that tests one row after the other."""

import pytest
from filtering.row_by_row import (
    IDS,
    ORDER,
    Comparison,
    RefusedError,
    Request,
    expected_mask,
    to_filter_values,
    to_text,
)
from filtering.shop import a_compiled_filter, a_filter_context
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.filtering.errors import InvalidValues

EVENT_TYPES = {
    "Interactions": ("Watch", "click", "Buy"),
    "Action_Interactions": ("Taken", "Not Taken", "Viewed"),
}

# Random filters, rows and requests. Parameters: T has words, W one word, N numbers, M one number. NU and MU are for
# users. They never have words, because a user without a value does not reveal the type of the field.

words = st.sampled_from(["a", "b", "c", "a|b"])
categories = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3).map("|".join)
numbers = st.sampled_from([-1.5, 0, 1, 2, 2.5, 3])
digits = numbers.map(str)
EQUALITIES = ["IN", "NOT IN", "=", "!="]


def right_sides(operator, items):
    """Return the possible right-hand sides, literals more often."""
    return ["literal"] * 2 + ["parameter"] * (operator != "NOT IN") + ["item"] * bool(items)


@st.composite
def comparisons_of_strings(draw, dataset, fields, values=words, items=()):
    operator = draw(st.sampled_from(EQUALITIES))
    field = draw(st.sampled_from(fields))
    right_side = draw(st.sampled_from(right_sides(operator, items)))
    takes_list = operator.endswith("IN")
    if right_side == "item":
        return Comparison(dataset, field, operator, item=draw(st.sampled_from(items)))
    if right_side == "parameter":
        return Comparison(dataset, field, operator, parameter="T" if takes_list else "W")
    return Comparison(
        dataset, field, operator, tuple(draw(st.lists(values, min_size=1, max_size=3 if takes_list else 1)))
    )


@st.composite
def comparisons_of_numbers(draw, dataset, fields, items=(), parameters=("N", "M")):
    operator = draw(st.sampled_from([*EQUALITIES, *ORDER]))
    field = draw(st.sampled_from(fields))
    right_side = draw(st.sampled_from(right_sides(operator, items)))
    takes_list = operator.endswith("IN")
    if right_side == "item":
        return Comparison(dataset, field, operator, item=draw(st.sampled_from(items)))
    if right_side == "parameter":
        return Comparison(dataset, field, operator, parameter=parameters[not takes_list])
    values = (
        st.lists(digits, min_size=1, max_size=3) if takes_list else st.lists(numbers | digits, min_size=1, max_size=1)
    )
    return Comparison(dataset, field, operator, tuple(draw(values)))


item_strings = ("GENRES", "CATEGORY", "BRAND")
item_numbers = ("PRICE", "YEAR")
item_comparisons = comparisons_of_strings("Items", item_strings, items=item_strings) | comparisons_of_numbers(
    "Items", item_numbers, items=item_numbers
)
event_comparisons = comparisons_of_strings(
    "Interactions", ("EVENT_TYPE",), st.sampled_from([*EVENT_TYPES["Interactions"], "WATCH", "*", "a"])
)
action_event_comparisons = comparisons_of_strings(
    "Action_Interactions", ("EVENT_TYPE",), st.sampled_from(["taken", "NOT_TAKEN", "Not taken", "Viewed", "a"])
)


def user_comparisons(dataset):
    """Return a strategy for comparisons of the current user or of the Users dataset."""
    strings = comparisons_of_strings(dataset, ("MEMBERSHIP",), words)
    return strings | comparisons_of_numbers(dataset, ("AGE",), parameters=("NU", "MU"))


action_comparisons = comparisons_of_strings("Actions", ("CATEGORY", "MEMBERSHIP_LEVEL")) | comparisons_of_numbers(
    "Actions", ("VALUE",)
)


def one_or_two(elements):
    return st.lists(elements, min_size=1, max_size=2).map(tuple)


def chains(row_comparisons, event_comparisons):
    """Return a strategy for chains of rules about rows or about events."""
    rules = st.tuples(
        st.sampled_from(["INCLUDE", "EXCLUDE"]),
        one_or_two(one_or_two(row_comparisons)) | one_or_two(one_or_two(event_comparisons)),
        st.just(()) | one_or_two(user_comparisons("CurrentUser")),
    )
    return st.lists(rules, min_size=1, max_size=3)


CHAINS = {
    "ItemID": chains(item_comparisons, event_comparisons),
    "UserID": chains(user_comparisons("Users"), event_comparisons),
    "ActionID": chains(action_comparisons, action_event_comparisons),
}


def maybe(values):
    """Return a strategy that yields None one time in five."""
    return st.integers(0, 4).flatmap(lambda chance: values if chance else st.none())


item_rows = st.fixed_dictionaries(
    {
        "GENRES": maybe(categories),
        "CATEGORY": maybe(categories),
        "BRAND": maybe(words),
        "PRICE": maybe(st.sampled_from([-1.5, 0.0, 1.0, 2.0, 2.5])),
        "YEAR": maybe(st.integers(0, 3)),
    }
)
user_rows = st.fixed_dictionaries({"MEMBERSHIP": maybe(categories), "AGE": maybe(st.integers(0, 3))})
action_rows = st.fixed_dictionaries(
    {"CATEGORY": maybe(categories), "MEMBERSHIP_LEVEL": maybe(categories), "VALUE": maybe(st.integers(0, 3))}
)
ROWS = {"ItemID": ("ITEMS", item_rows), "UserID": ("USERS", user_rows), "ActionID": ("ACTIONS", action_rows)}


def datasets(rows):
    """Return a strategy for rows by id. Some candidates have no row, and some rows are not of candidates."""
    return st.builds(
        lambda ids, rows: dict(zip(ids, rows, strict=False)),
        st.permutations([*IDS, "elsewhere"]),
        st.lists(rows, min_size=6, max_size=9),
    )


users = maybe(st.fixed_dictionaries({"MEMBERSHIP": maybe(categories), "AGE": maybe(numbers)}))
filter_values = st.fixed_dictionaries(
    {
        "T": maybe(st.lists(st.sampled_from(["a", "b", "click", "not_taken", "*"]), max_size=3)),
        "W": maybe(st.sampled_from([["a"], ["b"], ["WATCH"], ["Viewed"], [], ["a", "b"]])),
        "N": maybe(st.lists(digits | numbers, max_size=3) | st.just(["many"])),
        "M": maybe(st.lists(digits | numbers, min_size=1, max_size=1) | st.sampled_from([[], ["1", "2"], ["many"]])),
        "NU": maybe(st.lists(digits | numbers, max_size=3)),
        "MU": maybe(st.lists(digits | numbers, min_size=1, max_size=1)),
    }
).map(lambda values: {name: value for name, value in values.items() if value is not None})


def requests(target):
    """Return a strategy for requests, with events of the user or, if the candidates are users, of each candidate."""
    event_types = EVENT_TYPES["Action_Interactions" if target == "ActionID" else "Interactions"]
    return st.builds(
        Request,
        user=users,
        item=maybe(item_rows),
        by_event_type=st.fixed_dictionaries({event_type: st.sets(st.sampled_from(IDS)) for event_type in event_types}),
        values=filter_values,
    )


@pytest.mark.parametrize("target", CHAINS)
@given(data=st.data())
def test_a_compiled_filter_agrees_with_the_reference_evaluator(target, data):
    dataset_type, row_strategy = ROWS[target]
    chain, rows = data.draw(CHAINS[target]), data.draw(datasets(row_strategy))
    some_requests = data.draw(st.lists(requests(target), min_size=1, max_size=3))
    compiled = a_compiled_filter(to_text(target, chain))
    metadata = a_filter_context(IDS, rows, dataset_type=dataset_type).metadata
    for request in [*some_requests, *some_requests]:  # masks cached for one request must not affect another
        context = a_filter_context(
            IDS, None, by_event_type=request.by_event_type, user=request.user, item=request.item, metadata=metadata
        )
        try:
            expected = expected_mask(chain, rows, request)
        except RefusedError:
            with pytest.raises(InvalidValues):
                compiled.mask(context, to_filter_values(request.values))
        else:
            assert compiled.mask(context, to_filter_values(request.values)).tolist() == expected


@given(CHAINS["ItemID"], datasets(item_rows), requests("ItemID"))
def test_the_order_of_rules_does_not_matter(chain, rows, request):
    context = a_filter_context(
        IDS, rows, by_event_type=request.by_event_type, user=request.user, item=request.item or {}
    )
    values = to_filter_values({"T": ["a"], "W": ["b"], "N": ["1"], "M": ["2"], "NU": ["1"], "MU": ["2"]})
    forward, backward = (
        a_compiled_filter(to_text("ItemID", order)).mask(context, values) for order in (chain, chain[::-1])
    )
    assert forward.tolist() == backward.tolist()
