"""current_mock: the handle of the active mock, for code that has none at hand."""

from unittest import TestCase

import pytest

from personalize_mock import PersonalizeMockError, current_mock, mock_personalize


def jump_an_hour():
    current_mock().clock.jump(hours=1)


@mock_personalize(clock="2024-05-01")
def test_a_helper_of_a_decorated_test_finds_the_mock():
    jump_an_hour()

    assert current_mock().clock.now().hour == 1


@mock_personalize(clock="2024-05-01")
class TestDecorated(TestCase):
    def test_a_test_case_finds_the_mock(self):
        assert current_mock().clock.now().year == 2024


def test_the_innermost_mock_is_found_and_afterwards_the_outer_one():
    with mock_personalize() as outer:
        with mock_personalize() as inner:
            assert current_mock() is inner
        assert current_mock() is outer


def test_rules_end_with_the_mock_that_is_found():
    with mock_personalize():
        with pytest.raises(AssertionError, match="GetRecommendations"), mock_personalize():
            current_mock().on("GetRecommendations").recommends("a")
        assert current_mock().calls() == []


def test_a_mock_that_nothing_refers_to_is_still_active():
    mock = mock_personalize(clock="2024-05-01")
    with mock:
        held = mock.clock
        lost = current_mock()._joined(mock._latest_simulation)
        assert lost.clock is held
        assert repr(lost) == repr(mock)


def test_without_an_active_mock_it_says_what_to_do():
    with pytest.raises(PersonalizeMockError, match="No mock is active"):
        current_mock()
