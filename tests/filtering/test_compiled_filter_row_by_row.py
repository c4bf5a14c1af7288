"""The plan against going through the rows one by one."""

import pytest
from filtering.row_by_row import IDS, ORDER, Comparison, RefusedError, Request, by_rows, text_of, wire
from filtering.shop import a_compiled_filter, a_filter_context
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.filtering.errors import InvalidValues

EVENT_TYPES = {
    "Interactions": ("Watch", "click", "Buy"),
    "Action_Interactions": ("Taken", "Not Taken", "Viewed"),
}

# Random filters, rows and requests. Parameters: words T, one word W, numbers N, one number M; of users NU and MU, which
# always are numbers, because a user without a value has none of a type either.

words = st.sampled_from(["a", "b", "c", "a|b"])
categories = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3).map("|".join)
numbers = st.sampled_from([-1.5, 0, 1, 2, 2.5, 3])
digits = numbers.map(str)
EQUALITIES = ["IN", "NOT IN", "=", "!="]


def kinds(operator, items):
    """What may stand on the right-hand side, literals more often."""
    return ["literal"] * 2 + ["parameter"] * (operator != "NOT IN") + ["item"] * bool(items)


@st.composite
def comparisons_of_texts(draw, dataset, fields, values=words, items=()):
    operator = draw(st.sampled_from(EQUALITIES))
    field = draw(st.sampled_from(fields))
    kind = draw(st.sampled_from(kinds(operator, items)))
    listed = operator.endswith("IN")
    if kind == "item":
        return Comparison(dataset, field, operator, item=draw(st.sampled_from(items)))
    if kind == "parameter":
        return Comparison(dataset, field, operator, parameter="T" if listed else "W")
    return Comparison(dataset, field, operator, tuple(draw(st.lists(values, min_size=1, max_size=3 if listed else 1))))


@st.composite
def comparisons_of_numbers(draw, dataset, fields, items=(), parameters=("N", "M")):
    operator = draw(st.sampled_from([*EQUALITIES, *ORDER]))
    field = draw(st.sampled_from(fields))
    kind = draw(st.sampled_from(kinds(operator, items)))
    listed = operator.endswith("IN")
    if kind == "item":
        return Comparison(dataset, field, operator, item=draw(st.sampled_from(items)))
    if kind == "parameter":
        return Comparison(dataset, field, operator, parameter=parameters[not listed])
    values = st.lists(digits, min_size=1, max_size=3) if listed else st.lists(numbers | digits, min_size=1, max_size=1)
    return Comparison(dataset, field, operator, tuple(draw(values)))


item_texts = ("GENRES", "CATEGORY", "BRAND")
item_numbers = ("PRICE", "YEAR")
item_comparisons = comparisons_of_texts("Items", item_texts, items=item_texts) | comparisons_of_numbers(
    "Items", item_numbers, items=item_numbers
)
event_comparisons = comparisons_of_texts(
    "Interactions", ("EVENT_TYPE",), st.sampled_from([*EVENT_TYPES["Interactions"], "WATCH", "*", "a"])
)
action_event_comparisons = comparisons_of_texts(
    "Action_Interactions", ("EVENT_TYPE",), st.sampled_from(["taken", "NOT_TAKEN", "Not taken", "Viewed", "a"])
)


def people(dataset):
    """Comparisons of users, the current one or those of the Users dataset."""
    texts = comparisons_of_texts(dataset, ("MEMBERSHIP",), words)
    return texts | comparisons_of_numbers(dataset, ("AGE",), parameters=("NU", "MU"))


action_comparisons = comparisons_of_texts("Actions", ("CATEGORY", "MEMBERSHIP_LEVEL")) | comparisons_of_numbers(
    "Actions", ("VALUE",)
)


def some(comparisons, least=1):
    return st.lists(comparisons, min_size=least, max_size=2).map(tuple)


def chains(rows, events):
    """Chains of parts about rows or about events."""
    parts = st.tuples(
        st.sampled_from(["INCLUDE", "EXCLUDE"]),
        some(some(rows)) | some(some(events)),
        st.just(()) | some(people("CurrentUser")),
    )
    return st.lists(parts, min_size=1, max_size=3)


CHAINS = {
    "ItemID": chains(item_comparisons, event_comparisons),
    "UserID": chains(people("Users"), event_comparisons),
    "ActionID": chains(action_comparisons, action_event_comparisons),
}


def maybe(values):
    """Values, and None one time in five."""
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
KINDS = {"ItemID": ("ITEMS", item_rows), "UserID": ("USERS", user_rows), "ActionID": ("ACTIONS", action_rows)}


def datasets(rows):
    """Rows by id, of most candidates and of somebody else."""
    return st.builds(
        lambda keys, found: dict(zip(keys, found, strict=False)),
        st.permutations([*IDS, "elsewhere"]),
        st.lists(rows, min_size=6, max_size=9),
    )


users = maybe(st.fixed_dictionaries({"MEMBERSHIP": maybe(categories), "AGE": maybe(numbers)}))
given_values = st.fixed_dictionaries(
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
    """Requests, with what the user did or, where the candidates are users, what each of them did."""
    types = EVENT_TYPES["Action_Interactions" if target == "ActionID" else "Interactions"]
    return st.builds(
        Request,
        user=users,
        item=maybe(item_rows),
        by_event_type=st.fixed_dictionaries({kind: st.sets(st.sampled_from(IDS)) for kind in types}),
        values=given_values,
    )


@pytest.mark.parametrize("target", CHAINS)
@given(data=st.data())
def test_a_plan_allows_what_going_through_the_rows_allows(target, data):
    kind, of_kind = KINDS[target]
    chain, rows = data.draw(CHAINS[target]), data.draw(datasets(of_kind))
    asked = data.draw(st.lists(requests(target), min_size=1, max_size=3))
    plan = a_compiled_filter(text_of(target, chain))
    metadata = a_filter_context(IDS, rows, kind=kind).metadata
    for request in [*asked, *asked]:  # what was computed for one request must not show in another
        view = a_filter_context(
            IDS, None, by_event_type=request.by_event_type, user=request.user, item=request.item, metadata=metadata
        )
        try:
            expected = by_rows(chain, rows, request)
        except RefusedError:
            with pytest.raises(InvalidValues):
                plan.mask(view, wire(request.values))
        else:
            assert plan.mask(view, wire(request.values)).tolist() == expected


@given(CHAINS["ItemID"], datasets(item_rows), requests("ItemID"))
def test_the_order_of_parts_does_not_matter(chain, rows, request):
    view = a_filter_context(IDS, rows, by_event_type=request.by_event_type, user=request.user, item=request.item or {})
    values = wire({"T": ["a"], "W": ["b"], "N": ["1"], "M": ["2"], "NU": ["1"], "MU": ["2"]})
    forward, backward = (
        a_compiled_filter(text_of("ItemID", order)).mask(view, values) for order in (chain, chain[::-1])
    )
    assert forward.tolist() == backward.tolist()
