import gc
import pickle
import tracemalloc
import weakref
from copy import deepcopy

import numpy as np
import pytest
from filtering.shop import a_compiled_filter, a_filter_context, allowed

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
    """The items and a user who watched the second one."""
    return a_filter_context(ITEMS, ROWS, **{"by_event_type": {"watch": ["2"]}, **members})


def refusal(text, view, **values):
    with pytest.raises(InvalidValues) as refused:
        allowed(text, view, **values)
    return str(refused.value)


def include(text, view=None, **values):
    return allowed(f"INCLUDE ItemID WHERE {text}", view or shop(), **values)


def exclude(text, view=None, **values):
    return allowed(f"EXCLUDE ItemID WHERE {text}", view or shop(), **values)


def test_any_category_of_an_item_matches():
    assert include('Items.GENRES IN ("Drama")') == {"1", "2"}
    assert include('Items.GENRES IN ("Comedy", "Action")') == {"1", "3"}


def test_case_counts_in_values():
    assert exclude('Items.GENRES IN ("drama")') == ALL


def test_case_does_not_count_in_event_types():
    assert exclude('Interactions.EVENT_TYPE IN ("WATCH")') == {"1", "3", "4"}
    assert include('Interactions.EVENT_TYPE IN ("Watch")') == {"2"}


def test_the_wildcard_is_any_event_type():
    view = shop(by_event_type={"watch": ["2"], "click": ["4", "2"]})
    assert include('Interactions.EVENT_TYPE IN ("*")', view) == {"2", "4"}
    assert include('Interactions.EVENT_TYPE NOT IN ("*")', view) == {"1", "3"}
    assert include("Interactions.EVENT_TYPE IN ($TYPE)", view, TYPE='"*"') == {"2", "4"}


def test_numbers_may_be_given_bare_or_in_quotes():
    for value in ("9", '"9"', "9.0"):
        assert include("Items.PRICE <= $P", P=value) == {"1", "3"}


def test_includes_are_joined_and_excludes_taken_away_whatever_their_order():
    parts = ["INCLUDE ItemID WHERE Items.GENRES IN ($G)", 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("watch")']
    for order in (parts, parts[::-1]):
        assert allowed(" | ".join(order), shop(), G='"Drama","Action"') == {"1", "3"}
    assert allowed(f"{parts[0]} | INCLUDE ItemID WHERE Items.PRICE > 15", shop(), G='"Action"') == {"2", "3"}


def test_a_part_that_excludes_is_skipped_without_its_values():
    assert exclude("Items.GENRES IN ($G)") == ALL
    text = 'EXCLUDE ItemID WHERE Items.GENRES IN ($G) | EXCLUDE ItemID WHERE Items.GENRES IN ("Action")'
    assert allowed(text, shop()) == {"1", "2", "4"}


def test_a_part_that_includes_needs_its_values():
    message = refusal("INCLUDE ItemID WHERE Items.GENRES IN ($G) AND Items.PRICE > $P", shop(), P="1")
    assert message == "The filter needs filterValues for G."


def test_values_that_no_placeholder_asks_for_are_no_fault():
    assert include('Items.GENRES IN ("Drama")', G='"Action') == {"1", "2"}


def test_parameters_are_told_apart_by_case():
    assert "filterValues for GENRE" in refusal("INCLUDE ItemID WHERE Items.GENRES IN ($GENRE)", shop(), genre='"Drama"')


def test_a_part_whose_if_fails_has_no_effect():
    for age, expected in ((15, ALL), (18, ALL), (19, {"1", "4"})):
        assert exclude("Items.PRICE > 8 IF CurrentUser.AGE > 18", shop(user={"AGE": age})) == expected


def test_nothing_included_for_lack_of_an_if_leaves_all():
    text = "INCLUDE ItemID WHERE Items.PRICE > 8 IF CurrentUser.AGE > 18"
    assert allowed(text, shop(user={"AGE": 15})) == ALL
    assert allowed(f"{text} | EXCLUDE ItemID WHERE Items.PRICE > 15", shop(user={"AGE": 15})) == {"1", "3", "4"}


@pytest.mark.parametrize("user", [None, {}, {"AGE": None, "MEMBERSHIP": None}])
def test_of_an_unknown_user_only_negations_hold(user):
    for condition in ("AGE > 0", "AGE < 99", "AGE = 18", 'MEMBERSHIP = "a"', 'MEMBERSHIP IN ("a")'):
        assert exclude(f"Items.PRICE > 0 IF CurrentUser.{condition}", shop(user=user)) == ALL
    for condition in ("AGE != 18", 'MEMBERSHIP != "a"', 'MEMBERSHIP NOT IN ("a")'):
        assert exclude(f"Items.PRICE > 0 IF CurrentUser.{condition}", shop(user=user)) == {"4"}


def test_current_users_are_compared_by_category_or_number_and_field_names_in_any_case():
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


def test_only_categories_of_current_users_are_taken_apart():
    user = {"MEMBERSHIP": "old|basic"}
    for categories, literal, holds in [
        (["MEMBERSHIP"], "old", True),
        (["MEMBERSHIP"], "old|basic", False),
        ([], "old", False),
        ([], "old|basic", True),
    ]:
        view = shop(user=user, categorical_user_fields=categories)
        found = exclude(f'Items.PRICE > 0 IF CurrentUser.MEMBERSHIP = "{literal}"', view)
        assert found == ({"4"} if holds else ALL)


def test_candidates_are_compared_with_the_current_item():
    assert include("Items.PRICE < CurrentItem.PRICE", shop(item=ROWS["3"])) == {"1"}
    assert include("Items.GENRES IN CurrentItem.GENRES", shop(item=ROWS["1"])) == {"1", "2"}
    assert include("Items.GENRES NOT IN CurrentItem.GENRES", shop(item=ROWS["1"])) == {"3", "4"}
    assert include("Items.PRICE = CurrentItem.PRICE", shop(item=ROWS["1"])) == {"1"}


def test_a_current_item_without_a_value_is_like_nothing():
    assert include("Items.PRICE < CurrentItem.PRICE", shop(item={})) == set()
    assert include("Items.GENRES IN CurrentItem.GENRES", shop(item={"GENRES": None})) == set()
    assert include("Items.GENRES NOT IN CurrentItem.GENRES", shop(item={})) == ALL


def test_a_request_without_an_item_cannot_ask_for_the_current_one():
    assert "itemId" in refusal("EXCLUDE ItemID WHERE Items.PRICE < CurrentItem.PRICE", shop())


def test_a_part_without_effect_does_not_miss_the_current_item():
    assert exclude("Items.PRICE < CurrentItem.PRICE IF CurrentUser.AGE > 18") == ALL


def test_of_missing_values_and_rows_only_negations_hold():
    assert exclude('Items.GENRES NOT IN ("Drama")') == {"1", "2"}
    assert exclude("Items.PRICE != 5") == {"1"}
    assert include("Items.PRICE > 0") == {"1", "2", "3"}
    assert include("Items.PRICE < 99") == {"1", "2", "3"}


def test_without_a_dataset_everything_is_missing():
    view = a_filter_context(ITEMS)
    assert include("Items.PRICE > 0", view) == set()
    assert include('Items.GENRES NOT IN ("Drama")', view) == ALL
    assert "not a number" in refusal("INCLUDE ItemID WHERE Items.PRICE > $P", view, P='"cheap"')


def test_a_column_that_was_never_imported_is_missing():
    assert include('Items.BRAND = "a"') == set()
    assert include('Items.BRAND != "a"') == ALL


def test_only_categories_are_taken_apart():
    rows = {"1": {"BRAND": "Candy | Co", "CATEGORY": "Candy|Co"}}
    view = a_filter_context(["1"], rows)
    assert include('Items.BRAND IN ("Candy | Co")', view) == {"1"}
    assert include('Items.BRAND IN ("Candy ")', view) == set()
    assert include('Items.CATEGORY IN ("Candy")', view) == {"1"}
    assert include('Items.CATEGORY != "Co"', view) == set()


def test_names_of_fields_may_be_written_in_any_case():
    assert include('items.genres IN ("Drama") AND ITEMS.Price < 10') == {"1"}


def test_ids_are_filtered_by_their_rows():
    assert include('Items.ITEM_ID IN ("1", "4")') == {"1"}


def test_numeric_fields_take_lists_of_numbers_in_quotes():
    assert include('Items.PRICE IN ("5", "9.0")') == {"1", "3"}
    assert include("Items.PRICE IN ($P)", P='"5", 20') == {"1", "2"}
    assert include('Items.PRICE NOT IN ("5")') == {"2", "3", "4"}


@pytest.mark.parametrize("condition", ["Items.PRICE > $P", "Items.PRICE IN ($P)", "Items.PRICE = $P"])
def test_what_is_no_number_is_refused_for_numeric_fields(condition):
    message = refusal(f"INCLUDE ItemID WHERE {condition}", shop(), P='"cheap"')
    assert message == "Items.PRICE is compared with numbers, and a value of the filter is not a number."


def test_a_comparison_takes_one_value():
    assert "takes one value; 2 were given" in refusal("INCLUDE ItemID WHERE Items.PRICE > $P", shop(), P="1,2")
    assert "takes one value; 0 were given" in refusal("INCLUDE ItemID WHERE Items.PRICE > $P", shop(), P="")


def test_values_that_cannot_be_read_are_refused():
    assert "filterValues of G" in refusal("INCLUDE ItemID WHERE Items.GENRES IN ($G)", shop(), G='"Drama')


def test_users_are_filtered_by_their_rows_and_their_events():
    view = a_filter_context(
        ["u", "v", "w"], {"u": {"AGE": 20}, "v": {"AGE": 30}}, kind="USERS", by_event_type={"click": ["v", "w"]}
    )
    assert allowed("INCLUDE UserID WHERE Users.AGE < $AGE", view, AGE="25") == {"u"}
    assert allowed('EXCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("Click")', view) == {"u"}


def test_actions_are_filtered_by_their_rows_and_by_event_types_in_either_spelling():
    rows = {"a": {"VALUE": 1}, "b": {"VALUE": 9}}
    view = a_filter_context(["a", "b"], rows, kind="ACTIONS", by_event_type={"not taken": ["a"], "viewed": ["b"]})
    assert allowed("INCLUDE ActionID WHERE Actions.VALUE > ($VALUE)", view, VALUE="5") == {"b"}
    for spelling in ("NOT_TAKEN", "Not Taken", "not taken"):
        assert allowed(f'EXCLUDE ActionID WHERE Action_Interactions.EVENT_TYPE IN ("{spelling}")', view) == {"b"}


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
def test_a_plan_says_what_it_needs(text, user, item, placeholders):
    plan = a_compiled_filter(text)
    assert (plan.needs_user, plan.needs_item, plan.placeholders) == (user, item, placeholders)
    assert plan.target == text.split()[1]


def test_plans_can_be_copied_and_pickled():
    plan = a_compiled_filter("INCLUDE ItemID WHERE Items.PRICE < $P")
    for other in (deepcopy(plan), pickle.loads(pickle.dumps(plan))):  # noqa: S301  # our own
        assert other == plan
        assert other.mask(shop(), {"P": "6"}).tolist() == [True, False, False, False]


def test_a_mask_is_the_callers_own():
    plan, view = a_compiled_filter("INCLUDE ItemID WHERE Items.PRICE < 6"), shop()
    plan.mask(view, {})[:] = True
    assert plan.mask(view, {}).tolist() == [True, False, False, False]
    assert plan.mask(view, {}).dtype == np.bool_


@pytest.mark.parametrize(
    "text",
    [
        "INCLUDE ItemID WHERE Items.PRICE IN ($P)",
        " | ".join(f"EXCLUDE ItemID WHERE Items.PRICE = {each}" for each in range(400)),
        "INCLUDE ItemID WHERE " + " OR ".join(f"Items.PRICE = {each}" for each in range(400)),
    ],
    ids=["parameter", "parts", "alternatives"],
)
def test_many_values_take_no_mask_each_at_a_time(text):
    ids = [f"i{number}" for number in range(50_000)]
    plan, view = (
        a_compiled_filter(text),
        a_filter_context(ids, {each: {"PRICE": float(number)} for number, each in enumerate(ids)}),
    )
    plan.mask(view, {"P": "1"})  # the column is prepared
    tracemalloc.start()
    try:
        plan.mask(view, {"P": ",".join(map(str, range(400)))})
        assert tracemalloc.get_traced_memory()[1] < 100 * len(ids)
    finally:
        tracemalloc.stop()


def test_other_values_give_other_masks_however_many_were_asked_for():
    plan, view = a_compiled_filter("INCLUDE ItemID WHERE Items.PRICE < $P"), shop()
    for turn in range(2 * MAX_MASKS):
        expected = [turn > 5, turn > 20, turn > 9, False]
        assert plan.mask(view, {"P": str(turn)}).tolist() == expected
        assert plan.mask(view, {"P": str(turn)}).tolist() == expected


def test_nothing_keeps_rows_alive_that_nobody_uses_any_more():
    view = shop(item=ROWS["1"])
    for condition in ('GENRES IN ("Drama")', "PRICE < 10", "GENRES IN CurrentItem.GENRES"):
        include(f"Items.{condition}", view)
    dead = [weakref.ref(view.metadata), weakref.ref(view.metadata.table.numbers("PRICE").values)]
    del view
    gc.collect()
    assert [each() for each in dead] == [None, None]
