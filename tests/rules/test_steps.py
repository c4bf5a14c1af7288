"""Several outcomes of one rule, and the calls that get each of them."""

import pytest
from builders import refusal
from rules.rule_tools import recommended_ids

from personalize_mock import PersonalizeMockError


def answers(count):
    return ["".join(recommended_ids()) for _ in range(count)]


@pytest.fixture(autouse=True)
def older(mock):
    """A rule that answers what newer rules let pass."""
    return mock.on("GetRecommendations", optional=True).recommends("older")


def test_outcomes_are_used_in_order_and_the_last_one_repeats(mock):
    mock.on("GetRecommendations").recommends("a").recommends("b").recommends("c")

    assert answers(5) == ["a", "b", "c", "c", "c"]


def test_an_outcome_is_used_as_often_as_it_says(mock):
    mock.on("GetRecommendations").recommends("a", times=2).recommends("b", times=1)

    assert answers(5) == ["a", "a", "b", "older", "older"]


def test_an_outcome_lets_the_first_calls_pass(mock):
    mock.on("GetRecommendations").recommends("a", after=2)

    assert answers(4) == ["older", "older", "a", "a"]


def test_an_outcome_can_be_for_every_third_call(mock):
    mock.on("GetRecommendations").recommends("a", every=3)

    assert answers(7) == ["older", "older", "a", "older", "older", "a", "older"]


def test_times_after_and_every_can_be_combined(mock):
    mock.on("GetRecommendations").recommends("a", times=2, after=1, every=2)

    assert answers(7) == ["older", "older", "a", "older", "a", "older", "older"]


def test_calls_that_do_not_match_do_not_count(mock):
    mock.on("GetRecommendations", userId="u1").recommends("a", after=1)

    recommended_ids("someone else")

    assert answers(2) == ["older", "a"]


def test_a_call_that_is_throttled_twice_succeeds_then(mock):
    mock.on("GetRecommendations").raises("ThrottlingException", times=2).recommends("a")

    assert [refusal(recommended_ids)[0] for _ in range(2)] == ["ThrottlingException"] * 2
    assert answers(1) == ["a"]


@pytest.mark.parametrize(
    ("when", "remedy"),
    [
        ({"times": 0}, "times=0 must be a whole number, 1 or more"),
        ({"after": -1}, "after=-1 must be a whole number, 0 or more"),
        ({"every": 1.5}, "every=1.5 must be a whole number"),
        ({"time": 2}, "no argument 'time'. Did you mean 'times'"),
    ],
)
def test_an_impossible_choice_of_calls_is_refused(mock, when, remedy):
    with pytest.raises(PersonalizeMockError, match=remedy):
        mock.on("GetRecommendations").recommends("a", **when)
