import gc
import pickle
import tracemalloc
import weakref
from copy import deepcopy

import numpy as np
import pytest
from filtering.shop import a_compiled_filter, a_filter_context, passing

from personalize_mock.filtering.condition_masks import MAX_MASKS
from personalize_mock.filtering.errors import InvalidValues

ROWS = {
    "1": {"GENRES": "Comedy|Drama", "PRICE": 5.0},
    "2": {"GENRES": "Drama", "PRICE": 20.0},
    "3": {"GENRES": "Action", "PRICE": 9.0},
}
ITEMS = ("1", "2", "3", "4")  # 4 has no row
ALL = set(ITEMS)


def shop(**members):
    """Return a context with the items and a user who watched the second one."""
    return a_filter_context(ITEMS, ROWS, **{"by_event_type": {"watch": ["2"]}, **members})


def refusal(text, context, **values):
    with pytest.raises(InvalidValues) as refused:
        passing(text, context, **values)
    return str(refused.value)


def include(text, context=None, **values):
    return passing(f"INCLUDE ItemID WHERE {text}", context or shop(), **values)


def exclude(text, context=None, **values):
    return passing(f"EXCLUDE ItemID WHERE {text}", context or shop(), **values)


def test_an_item_matches_by_any_of_its_categories():
    assert include('Items.GENRES IN ("Drama")') == {"1", "2"}
    assert include('Items.GENRES IN ("Comedy", "Action")') == {"1", "3"}


def test_case_counts_in_values():
    assert exclude('Items.GENRES IN ("drama")') == ALL


def test_case_does_not_count_in_event_types():
    assert exclude('Interactions.EVENT_TYPE IN ("WATCH")') == {"1", "3", "4"}
    assert include('Interactions.EVENT_TYPE IN ("Watch")') == {"2"}


def test_the_wildcard_is_any_event_type():
    context = shop(by_event_type={"watch": ["2"], "click": ["4", "2"]})
    assert include('Interactions.EVENT_TYPE IN ("*")', context) == {"2", "4"}
    assert include('Interactions.EVENT_TYPE NOT IN ("*")', context) == {"1", "3"}
    assert include("Interactions.EVENT_TYPE IN ($TYPE)", context, TYPE='"*"') == {"2", "4"}


def test_numbers_may_be_given_bare_or_in_quotes():
    for value in ("9", '"9"', "9.0"):
        assert include("Items.PRICE <= $P", P=value) == {"1", "3"}


BIG = 2**53  # above it, a float64 cannot tell neighbouring whole numbers apart


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (f"= {BIG + 1}", {"b"}),
        (f"!= {BIG + 1}", {"a", "c", "none"}),
        (f'IN ("{BIG}", "{BIG + 2}")', {"a", "c"}),
        (f"> {BIG}", {"b", "c"}),
        (f"<= {BIG + 1}", {"a", "b"}),
        (f">= {2**63 - 1}", set()),
        (f"< {2**63 - 1}", {"a", "b", "c"}),
        (f"<= {10**40}", {"a", "b", "c"}),
        (f"> {10**40}", set()),
        (f"> -{10**40}", {"a", "b", "c"}),
        (f"= {10**40}", set()),
        ("= 0.5", set()),
        ("> 0.5", {"a", "b", "c"}),
    ],
)
def test_longs_are_compared_exactly(condition, expected):
    rows = {"a": BIG, "b": BIG + 1, "c": BIG + 2, "none": None}
    context = a_filter_context(tuple(rows), {item: {"CREATION_TIMESTAMP": value} for item, value in rows.items()})
    assert include(f"Items.CREATION_TIMESTAMP {condition}", context) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [("< 2.5", {"1", "2"}), ("<= 2.5", {"1", "2"}), ("> 2.5", {"3"}), (">= 2.5", {"3"}), ("<= 2.0", {"1", "2"})],
)
def test_whole_numbers_are_compared_with_fractions(condition, expected):
    context = a_filter_context(ITEMS, {str(year): {"YEAR": year} for year in (1, 2, 3)})
    assert include(f"Items.YEAR {condition}", context) == expected


def test_floats_are_compared_with_numbers_of_any_size():
    assert include(f"Items.PRICE < {'9' * 400}") == {"1", "2", "3"}
    assert include(f"Items.PRICE >= {'9' * 400}") == set()


def test_includes_are_united_and_excludes_subtracted_in_any_order():
    parts = ["INCLUDE ItemID WHERE Items.GENRES IN ($G)", 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("watch")']
    for order in (parts, parts[::-1]):
        assert passing(" | ".join(order), shop(), G='"Drama","Action"') == {"1", "3"}
    assert passing(f"{parts[0]} | INCLUDE ItemID WHERE Items.PRICE > 15", shop(), G='"Action"') == {"2", "3"}


def test_an_exclude_rule_without_its_values_is_skipped():
    assert exclude("Items.GENRES IN ($G)") == ALL
    text = 'EXCLUDE ItemID WHERE Items.GENRES IN ($G) | EXCLUDE ItemID WHERE Items.GENRES IN ("Action")'
    assert passing(text, shop()) == {"1", "2", "4"}


def test_an_include_rule_needs_its_values():
    message = refusal("INCLUDE ItemID WHERE Items.GENRES IN ($G) AND Items.PRICE > $P", shop(), P="1")
    assert message == "The filter needs filterValues for these parameters: G."


def test_values_without_a_placeholder_are_ignored():
    assert include('Items.GENRES IN ("Drama")', G='"Action') == {"1", "2"}


def test_parameter_names_are_case_sensitive():
    assert "filterValues for these parameters: GENRE" in refusal(
        "INCLUDE ItemID WHERE Items.GENRES IN ($GENRE)", shop(), genre='"Drama"'
    )


def test_a_rule_whose_if_fails_has_no_effect():
    for age, expected in ((15, ALL), (18, ALL), (19, {"1", "4"})):
        assert exclude("Items.PRICE > 8 IF CurrentUser.AGE > 18", shop(user={"AGE": age})) == expected


def test_without_an_effective_include_rule_all_candidates_are_included():
    text = "INCLUDE ItemID WHERE Items.PRICE > 8 IF CurrentUser.AGE > 18"
    assert passing(text, shop(user={"AGE": 15})) == ALL
    assert passing(f"{text} | EXCLUDE ItemID WHERE Items.PRICE > 15", shop(user={"AGE": 15})) == {"1", "3", "4"}


@pytest.mark.parametrize("user", [None, {}, {"AGE": None, "MEMBERSHIP": None}])
def test_an_unknown_user_meets_only_negations(user):
    for condition in ("AGE > 0", "AGE < 99", "AGE = 18", 'MEMBERSHIP = "a"', 'MEMBERSHIP IN ("a")'):
        assert exclude(f"Items.PRICE > 0 IF CurrentUser.{condition}", shop(user=user)) == ALL
    for condition in ("AGE != 18", 'MEMBERSHIP != "a"', 'MEMBERSHIP NOT IN ("a")'):
        assert exclude(f"Items.PRICE > 0 IF CurrentUser.{condition}", shop(user=user)) == {"4"}


def test_the_current_user_is_compared_by_category_or_number_and_field_names_ignore_case():
    user = {"Membership": "basic|old", "AGE": 20}
    conditions = [
        ('MEMBERSHIP = "old"', True),
        ('MEMBERSHIP IN ("x", "basic")', True),
        ('MEMBERSHIP = "Basic"', False),
        ('MEMBERSHIP NOT IN ("old")', False),
        ('AGE IN ("20", "30")', True),
        ("AGE != 20", False),
        ("AGE >= 20 AND CurrentUser.AGE < 21", True),
    ]
    for condition, holds in conditions:
        assert exclude(f"Items.PRICE > 0 IF CurrentUser.{condition}", shop(user=user)) == ({"4"} if holds else ALL)


def test_only_categorical_fields_of_the_current_user_are_split():
    user = {"MEMBERSHIP": "old|basic"}
    for categories, literal, holds in [
        (["MEMBERSHIP"], "old", True),
        (["MEMBERSHIP"], "old|basic", False),
        ([], "old", False),
        ([], "old|basic", True),
    ]:
        context = shop(user=user, categorical_user_fields=categories)
        remaining = exclude(f'Items.PRICE > 0 IF CurrentUser.MEMBERSHIP = "{literal}"', context)
        assert remaining == ({"4"} if holds else ALL)


def test_candidates_are_compared_with_the_current_item():
    assert include("Items.PRICE < CurrentItem.PRICE", shop(item=ROWS["3"])) == {"1"}
    assert include("Items.GENRES IN CurrentItem.GENRES", shop(item=ROWS["1"])) == {"1", "2"}
    assert include("Items.GENRES NOT IN CurrentItem.GENRES", shop(item=ROWS["1"])) == {"3", "4"}
    assert include("Items.PRICE = CurrentItem.PRICE", shop(item=ROWS["1"])) == {"1"}


def test_a_current_item_without_a_value_meets_only_negations():
    assert include("Items.PRICE < CurrentItem.PRICE", shop(item={})) == set()
    assert include("Items.GENRES IN CurrentItem.GENRES", shop(item={"GENRES": None})) == set()
    assert include("Items.GENRES NOT IN CurrentItem.GENRES", shop(item={})) == ALL


def test_the_current_item_requires_an_item_in_the_request():
    assert "itemId" in refusal("EXCLUDE ItemID WHERE Items.PRICE < CurrentItem.PRICE", shop())


def test_a_rule_without_effect_does_not_need_the_current_item():
    assert exclude("Items.PRICE < CurrentItem.PRICE IF CurrentUser.AGE > 18") == ALL


def test_missing_values_and_rows_meet_only_negations():
    assert exclude('Items.GENRES NOT IN ("Drama")') == {"1", "2"}
    assert exclude("Items.PRICE != 5") == {"1"}
    assert include("Items.PRICE > 0") == {"1", "2", "3"}
    assert include("Items.PRICE < 99") == {"1", "2", "3"}


def test_without_a_dataset_all_values_are_missing():
    context = a_filter_context(ITEMS)
    assert include("Items.PRICE > 0", context) == set()
    assert include('Items.GENRES NOT IN ("Drama")', context) == ALL
    assert "not a number" in refusal("INCLUDE ItemID WHERE Items.PRICE > $P", context, P='"cheap"')


def test_a_column_that_was_never_imported_has_missing_values():
    assert include('Items.BRAND = "a"') == set()
    assert include('Items.BRAND != "a"') == ALL


def test_only_categorical_fields_are_split():
    rows = {"1": {"BRAND": "Candy | Co", "CATEGORY": "Candy|Co"}}
    context = a_filter_context(["1"], rows)
    assert include('Items.BRAND IN ("Candy | Co")', context) == {"1"}
    assert include('Items.BRAND IN ("Candy ")', context) == set()
    assert include('Items.CATEGORY IN ("Candy")', context) == {"1"}
    assert include('Items.CATEGORY != "Co"', context) == set()


def test_field_names_ignore_case():
    assert include('items.genres IN ("Drama") AND ITEMS.Price < 10') == {"1"}


def test_ids_can_be_filtered():
    assert include('Items.ITEM_ID IN ("1", "4")') == {"1"}


def test_numeric_fields_take_lists_of_numbers_in_quotes():
    assert include('Items.PRICE IN ("5", "9.0")') == {"1", "3"}
    assert include("Items.PRICE IN ($P)", P='"5", 20') == {"1", "2"}
    assert include('Items.PRICE NOT IN ("5")') == {"2", "3", "4"}


@pytest.mark.parametrize("condition", ["Items.PRICE > $P", "Items.PRICE IN ($P)", "Items.PRICE = $P"])
def test_values_that_are_not_numbers_are_refused_for_numeric_fields(condition):
    message = refusal(f"INCLUDE ItemID WHERE {condition}", shop(), P='"cheap"')
    start = "The filter compares Items.PRICE with numbers, but one of its filterValues is not a number."
    assert message == f"{start} Write a number."


def test_a_comparison_takes_one_value():
    assert "takes one value, but 2 were given" in refusal("INCLUDE ItemID WHERE Items.PRICE > $P", shop(), P="1,2")
    assert "takes one value, but 0 were given" in refusal("INCLUDE ItemID WHERE Items.PRICE > $P", shop(), P="")


def test_malformed_values_are_refused():
    assert "filterValues of the parameter G" in refusal("INCLUDE ItemID WHERE Items.GENRES IN ($G)", shop(), G='"Drama')


def test_users_are_filtered_by_rows_and_events():
    context = a_filter_context(
        ["u", "v", "w"], {"u": {"AGE": 20}, "v": {"AGE": 30}}, dataset_type="USERS", by_event_type={"click": ["v", "w"]}
    )
    assert passing("INCLUDE UserID WHERE Users.AGE < $AGE", context, AGE="25") == {"u"}
    assert passing('EXCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("Click")', context) == {"u"}


def test_actions_are_filtered_by_rows_and_by_event_types_in_any_spelling():
    rows = {"a": {"VALUE": 1}, "b": {"VALUE": 9}}
    context = a_filter_context(
        ["a", "b"], rows, dataset_type="ACTIONS", by_event_type={"not taken": ["a"], "viewed": ["b"]}
    )
    assert passing("INCLUDE ActionID WHERE Actions.VALUE > ($VALUE)", context, VALUE="5") == {"b"}
    for spelling in ("NOT_TAKEN", "Not Taken", "not taken"):
        assert passing(f'EXCLUDE ActionID WHERE Action_Interactions.EVENT_TYPE IN ("{spelling}")', context) == {"b"}


@pytest.mark.parametrize(
    ("text", "user", "item", "placeholders"),
    [
        ("INCLUDE ItemID WHERE Items.PRICE > $P OR Items.GENRES IN ($G)", False, False, {"P", "G"}),
        ('INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")', True, False, set()),
        ('INCLUDE ActionID WHERE Action_Interactions.EVENT_TYPE IN ("Taken")', True, False, set()),
        ("INCLUDE ItemID WHERE Items.PRICE > 3 IF CurrentUser.AGE > $A", True, False, {"A"}),
        ("INCLUDE ItemID WHERE Items.PRICE > CurrentItem.PRICE", False, True, set()),
    ],
)
def test_a_compiled_filter_knows_what_it_needs(text, user, item, placeholders):
    compiled = a_compiled_filter(text)
    assert (compiled.needs_user, compiled.needs_item, compiled.placeholders) == (user, item, placeholders)
    assert compiled.target == text.split()[1]


def test_compiled_filters_can_be_copied_and_pickled():
    compiled = a_compiled_filter("INCLUDE ItemID WHERE Items.PRICE < $P")
    for other in (deepcopy(compiled), pickle.loads(pickle.dumps(compiled))):  # noqa: S301  # our own
        assert other == compiled
        assert other.mask(shop(), {"P": "6"}).tolist() == [True, False, False, False]


def test_a_mask_belongs_to_the_caller():
    compiled, context = a_compiled_filter("INCLUDE ItemID WHERE Items.PRICE < 6"), shop()
    compiled.mask(context, {})[:] = True
    assert compiled.mask(context, {}).tolist() == [True, False, False, False]
    assert compiled.mask(context, {}).dtype == np.bool_


@pytest.mark.parametrize(
    "text",
    [
        "INCLUDE ItemID WHERE Items.PRICE IN ($P)",
        " | ".join(f"EXCLUDE ItemID WHERE Items.PRICE = {price}" for price in range(400)),
        "INCLUDE ItemID WHERE " + " OR ".join(f"Items.PRICE = {price}" for price in range(400)),
    ],
    ids=["parameter", "rules", "or"],
)
def test_memory_does_not_grow_with_the_number_of_values(text):
    ids = [f"i{number}" for number in range(50_000)]
    compiled, context = (
        a_compiled_filter(text),
        a_filter_context(ids, {id_: {"PRICE": float(number)} for number, id_ in enumerate(ids)}),
    )
    compiled.mask(context, {"P": "1"})  # prepares the column
    tracemalloc.start()
    try:
        compiled.mask(context, {"P": ",".join(map(str, range(400)))})
        assert tracemalloc.get_traced_memory()[1] < 100 * len(ids)
    finally:
        tracemalloc.stop()


def test_masks_are_correct_beyond_the_size_of_the_cache():
    compiled, context = a_compiled_filter("INCLUDE ItemID WHERE Items.PRICE < $P"), shop()
    for turn in range(2 * MAX_MASKS):
        expected = [turn > 5, turn > 20, turn > 9, False]
        assert compiled.mask(context, {"P": str(turn)}).tolist() == expected
        assert compiled.mask(context, {"P": str(turn)}).tolist() == expected


def test_the_cache_does_not_keep_rows_alive():
    context = shop(item=ROWS["1"])
    for condition in ('GENRES IN ("Drama")', "PRICE < 10", "GENRES IN CurrentItem.GENRES"):
        include(f"Items.{condition}", context)
    references = [weakref.ref(context.metadata), weakref.ref(context.metadata.table.numbers("PRICE").values)]
    del context
    gc.collect()
    assert [reference() for reference in references] == [None, None]
