import pytest
from filtering.cases import ALL_MEANINGLESS, ALL_VALID, SCHEMAS

from personalize_mock.filtering.check import check_expression, distinct_fields
from personalize_mock.filtering.errors import InvalidFilter
from personalize_mock.filtering.parse import parse_expression


def check(text, schemas=SCHEMAS):
    check_expression(parse_expression(text), schemas)


def refusal(text, schemas=SCHEMAS):
    with pytest.raises(InvalidFilter) as refused:
        check(text, schemas)
    return str(refused.value)


def include(text, target="ItemID"):
    return f"INCLUDE {target} WHERE {text}"


@pytest.mark.parametrize("expression", ALL_VALID)
def test_valid_expressions_pass(expression):
    check(expression)


@pytest.mark.parametrize(("expression", "reason"), ALL_MEANINGLESS)
def test_meaningless_expressions_are_refused(expression, reason):
    message = refusal(expression)
    assert message.startswith("Invalid Expression: ")
    assert reason in message


def test_an_error_has_the_column():
    with pytest.raises(InvalidFilter) as refused:
        check('EXCLUDE ItemID WHERE Items.GENRE IN ("a") AND Items.NONE IN ("b")')
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
def test_the_dataset_must_exist(expression, dataset):
    others = {dataset_type: schema for dataset_type, schema in SCHEMAS.items() if dataset_type != dataset}
    assert f"needs a dataset of type {dataset}" in refusal(expression, others)


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">="])
@pytest.mark.parametrize("field", ["YEAR", "CREATION_TIMESTAMP", "PRICE"])
def test_all_numeric_types_can_be_compared(operator, field):
    check(include(f"Items.{field} {operator} 5"))


def test_strings_are_compared_with_strings_and_numbers_with_numbers_quoted_or_not():
    check(include('Items.GENRE = "a" AND Items.BRAND != "a" AND Items.YEAR = "5" AND Items.YEAR IN ("5")'))
    assert "write 5 in quotes" in refusal(include("Items.GENRE = 5"))
    assert '"a" is not a number' in refusal(include('Items.YEAR = "a"'))
    assert '"a" is not a number' in refusal(include('Items.YEAR IN ("5", "a")'))


def test_ids_can_be_filtered():
    check(include('Items.ITEM_ID IN ("a")'))


def test_fields_of_the_current_item_must_exist_and_have_a_comparable_type():
    check(include("Items.PRICE < CurrentItem.YEAR AND Items.GENRE = CurrentItem.BRAND"))
    assert "CurrentItem.NONE is not in the schema" in refusal(include("Items.GENRE IN CurrentItem.NONE"))
    assert "compare fields of the same type" in refusal(include("Items.GENRE IN CurrentItem.YEAR"))
    assert "CurrentItem.ON_SALE is of type boolean" in refusal(include("Items.YEAR = CurrentItem.ON_SALE"))


def test_the_current_item_can_only_be_compared_with_fields_of_items():
    text = refusal(include("Interactions.EVENT_TYPE IN CurrentItem.GENRE"))
    assert text == (
        "Invalid Expression: CurrentItem.GENRE can only be compared with fields of Items, such as Items.GENRE, not "
        "with Interactions.EVENT_TYPE."
    )


def test_only_item_filters_can_use_the_current_item():
    assert "CurrentItem.GENRE can only" in refusal(include("Users.GENDER IN CurrentItem.GENRE", "UserID"))


def test_the_wildcard_is_for_interactions_only():
    assert '"*"' in refusal(include('Action_Interactions.EVENT_TYPE IN ("*")', "ActionID"))
    assert '"*"' in refusal(include('Items.GENRE = "*"'))


def test_fields_count_once_in_any_spelling():
    text = include(
        'Items.PRICE < CurrentItem.price OR items.GENRE IN ("a") IF CurrentUser.AGE > 1 AND CURRENTUSER.age < 9'
    )
    assert distinct_fields(parse_expression(text)) == {("ITEMS", "PRICE"), ("ITEMS", "GENRE"), ("USERS", "AGE")}


def test_a_filter_can_use_ten_fields():
    check(include(" OR ".join(f"Items.F{number} = 1" for number in range(1, 11))))
