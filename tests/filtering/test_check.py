import pytest
from filtering.cases import ALL_MEANINGLESS, ALL_VALID, SCHEMAS

from personalize_mock.filtering.check import check, distinct_fields
from personalize_mock.filtering.errors import InvalidFilter
from personalize_mock.filtering.parse import parse


def refusal(text, schemas=SCHEMAS):
    with pytest.raises(InvalidFilter) as refused:
        check(parse(text), schemas)
    return str(refused.value)


def include(text, target="ItemID"):
    return f"INCLUDE {target} WHERE {text}"


@pytest.mark.parametrize("expression", ALL_VALID)
def test_what_means_something_passes(expression):
    check(parse(expression), SCHEMAS)


@pytest.mark.parametrize(("expression", "reason"), ALL_MEANINGLESS)
def test_what_means_nothing_is_refused(expression, reason):
    message = refusal(expression)
    assert message.startswith("Invalid Expression: ")
    assert reason in message


def test_a_refusal_says_where():
    with pytest.raises(InvalidFilter) as refused:
        check(parse('EXCLUDE ItemID WHERE Items.GENRE IN ("a") AND Items.NONE IN ("b")'), SCHEMAS)
    assert refused.value.column == 47


@pytest.mark.parametrize(
    ("expression", "dataset"),
    [
        ("INCLUDE ItemID WHERE Items.PRICE > 3", "ITEMS"),
        ('INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")', "INTERACTIONS"),
        ("INCLUDE ItemID WHERE Items.PRICE > 3 IF CurrentUser.AGE > 3", "USERS"),
        ("INCLUDE ActionID WHERE Actions.VALUE > 3", "ACTIONS"),
        ('INCLUDE ActionID WHERE Action_Interactions.EVENT_TYPE IN ("Taken")', "ACTION_INTERACTIONS"),
    ],
)
def test_the_dataset_must_be_there(expression, dataset):
    others = {kind: schema for kind, schema in SCHEMAS.items() if kind != dataset}
    assert f"needs a dataset of type {dataset}" in refusal(expression, others)


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">="])
@pytest.mark.parametrize("field", ["YEAR", "CREATION_TIMESTAMP", "PRICE"])
def test_numbers_of_all_types_have_an_order(operator, field):
    check(parse(include(f"Items.{field} {operator} 5")), SCHEMAS)


def test_strings_equal_strings_and_numbers_equal_numbers_quoted_or_not():
    check(
        parse(include('Items.GENRE = "a" AND Items.BRAND != "a" AND Items.YEAR = "5" AND Items.YEAR IN ("5")')), SCHEMAS
    )
    assert "write 5 in quotes" in refusal(include("Items.GENRE = 5"))
    assert '"a" is not a number' in refusal(include('Items.YEAR = "a"'))
    assert '"a" is not a number' in refusal(include('Items.YEAR IN ("5", "a")'))


def test_ids_can_be_filtered_by():
    check(parse(include('Items.ITEM_ID IN ("a")')), SCHEMAS)


def test_fields_of_the_current_item_must_exist_and_be_of_the_same_kind():
    check(parse(include("Items.PRICE < CurrentItem.YEAR AND Items.GENRE = CurrentItem.BRAND")), SCHEMAS)
    assert "CurrentItem.NONE is not in the schema" in refusal(include("Items.GENRE IN CurrentItem.NONE"))
    assert "cannot be compared" in refusal(include("Items.GENRE IN CurrentItem.YEAR"))
    assert "CurrentItem.ON_SALE is of type boolean" in refusal(include("Items.YEAR = CurrentItem.ON_SALE"))


def test_the_current_item_is_compared_with_fields_of_items_alone():
    text = refusal(include("Interactions.EVENT_TYPE IN CurrentItem.GENRE"))
    assert text == (
        "Invalid Expression: CurrentItem.GENRE can only be compared with fields of Items, such as Items.GENRE, not "
        "with Interactions.EVENT_TYPE."
    )


def test_only_item_filters_know_a_current_item():
    assert "CurrentItem.GENRE can only" in refusal(include("Users.GENDER IN CurrentItem.GENRE", "UserID"))


def test_the_wildcard_is_for_interactions_only():
    assert '"*"' in refusal(include('Action_Interactions.EVENT_TYPE IN ("*")', "ActionID"))
    assert '"*"' in refusal(include('Items.GENRE = "*"'))


def test_fields_are_counted_once_however_they_are_written():
    text = include(
        'Items.PRICE < CurrentItem.price OR items.GENRE IN ("a") IF CurrentUser.AGE > 1 AND CURRENTUSER.age < 9'
    )
    assert distinct_fields(parse(text)) == {("ITEMS", "PRICE"), ("ITEMS", "GENRE"), ("USERS", "AGE")}


def test_ten_fields_are_not_too_many():
    check(parse(include(" OR ".join(f"Items.F{number} = 1" for number in range(1, 11)))), SCHEMAS)
