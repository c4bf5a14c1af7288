"""CreateFilter with all known expressions, in one dataset group."""

import pytest
from builders import client, refusal
from filtering.cases import ALL_MEANINGLESS, ALL_VALID, BAD_SYMBOLS, TOO_LONG
from filtering.shop import a_group

from personalize_mock import mock_personalize

REFUSED = [*BAD_SYMBOLS, *(expression for expression, _ in ALL_MEANINGLESS)]


@pytest.fixture(scope="module")
def group():
    with mock_personalize(clock=0, durations={"filter": 0, "filter.delete": 0}) as mock:
        yield a_group(mock)


def create(group, expression):
    answer = client().create_filter(name="filter", datasetGroupArn=group, filterExpression=expression)
    return answer["filterArn"]


@pytest.mark.parametrize("expression", ALL_VALID)
def test_valid_expressions_become_filters(group, expression):
    arn = create(group, expression)
    assert client().describe_filter(filterArn=arn)["filter"]["filterExpression"] == expression
    client().delete_filter(filterArn=arn)


@pytest.mark.parametrize("expression", REFUSED)
def test_invalid_expressions_are_refused_and_create_nothing(group, expression):
    code, message = refusal(create, group=group, expression=expression)
    assert code == "InvalidInputException"
    assert message.startswith(("Invalid input symbol: ", "Invalid Expression: "))
    assert client().list_filters()["Filters"] == []


def test_an_expression_has_at_most_2500_characters(group):
    assert refusal(create, group=group, expression=TOO_LONG)[0] == "ValidationException"


def test_placeholders_with_not_in_get_the_documented_message(group):
    expected = "Invalid input symbol: $GENRE. Placeholders are not allowed with NOT_IN operator."
    expression = "EXCLUDE ItemID WHERE Items.GENRE NOT IN ($GENRE)"
    assert refusal(create, group=group, expression=expression) == ("InvalidInputException", expected)


def test_129_expressions_are_known():
    assert len(ALL_VALID) + len(REFUSED) + len([TOO_LONG]) == 129
