"""Rules that was never applied fail their test, and say why."""

import pytest
from builders import client, refusal
from rules.rule_tools import recommended_ids

from personalize_mock import PersonalizeMockError, mock_personalize


def unused(declare, *calls):
    """Return the message of the error at the end of a mock with a rule that `declare` adds."""
    with pytest.raises(AssertionError) as raised, mock_personalize() as mock:  # noqa: PT012  # its end is the subject
        declare(mock)
        for call in calls:
            call()
    assert isinstance(raised.value, PersonalizeMockError)
    return str(raised.value)


def test_an_unused_rule_is_named_with_the_place_of_its_declaration_and_the_calls_that_were_made():
    message = unused(
        lambda mock: mock.on("GetRecommendations", userId="u1").recommends("a"),
        client().list_schemas,
        client().list_schemas,
    )

    assert "mock.on('GetRecommendations', userId='u1').recommends('a') was never applied" in message
    assert "test_unused.py:" in message
    assert "GetRecommendations was not called. Calls that were made: ListSchemas (2)." in message


def test_an_unused_rule_says_why_each_call_did_not_fit():
    def declare(mock):
        mock.on("GetRecommendations", userId="u1", numResults=lambda number: number > 5)
        mock.on("GetRecommendations").recommends("a")

    message = unused(declare, lambda: recommended_ids("u2"), lambda: recommended_ids("u1", numResults=3))

    assert "  - a newer rule answered the call: mock.on('GetRecommendations').recommends('a')" in message


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"userId": "u2"}, "userId is 'u1', not 'u2'"),
        ({"itemId": "a"}, "itemId is missing"),
        ({"userId": str.isdigit}, "userId is 'u1', and str.isdigit is not true for it"),
        ({"userId": None}, "userId is 'u1', not missing"),
    ],
)
def test_the_member_that_differs_is_named(members, reason):
    message = unused(
        lambda mock: mock.on("GetRecommendations", **members).recommends("a"), lambda: refusal(recommended_ids)
    )

    assert f"  - {reason}" in message


def test_calls_that_after_lets_pass_are_explained():
    message = unused(
        lambda mock: mock.on("GetRecommendations").recommends("a", after=3), lambda: refusal(recommended_ids)
    )

    assert "it is call 1, and after=3 skips it" in message


def test_an_optional_rule_may_stay_unused():
    with mock_personalize() as mock:
        mock.on("GetRecommendations", optional=True).recommends("a")


def test_the_error_never_hides_another_exception():
    with pytest.raises(ZeroDivisionError), mock_personalize() as mock:  # noqa: PT012  # its end is the subject
        mock.on("GetRecommendations").recommends("a")
        raise ZeroDivisionError


def test_a_decorated_test_fails_too_and_the_mock_has_ended():
    mock = mock_personalize()

    @mock
    def forgets_to_call():
        mock.on("GetRecommendations").recommends("a")

    with pytest.raises(AssertionError, match="was never applied"):
        forgets_to_call()
    with pytest.raises(PersonalizeMockError, match="No mock is active"):
        mock.clock  # noqa: B018  # it raises


def test_stopping_a_mock_fails_too():
    mock = mock_personalize()
    mock.start()
    mock.on("GetRecommendations").recommends("a")

    with pytest.raises(AssertionError, match="was never applied"):
        mock.stop()
