"""freezegun and time-machine that start inside an active mock: the clock follows, or a warning says why not."""

import warnings
from datetime import datetime, timedelta, timezone

import pytest
from freezegun import freeze_time

from personalize_mock import PersonalizeMockWarning, mock_personalize


@pytest.fixture(autouse=True)
def strict():
    with warnings.catch_warnings():
        warnings.simplefilter("error", PersonalizeMockWarning)
        yield


def test_a_clock_at_the_pace_of_wall_time_follows_a_later_time_and_goes_on_afterwards():
    with mock_personalize() as mock:
        with freeze_time("2080-01-01") as frozen:
            mock.call("ListSchemas")
            assert mock.clock.now().year == 2080
            frozen.tick(3600)
            assert mock.clock.now() >= datetime(2080, 1, 1, 1, tzinfo=timezone.utc)
        mock.call("ListSchemas")
        before = mock.clock.timestamp()
        while mock.clock.timestamp() == before:
            pass


def test_a_time_in_the_past_is_warned_about_once():
    with mock_personalize() as mock, freeze_time("2020-01-01"):
        with pytest.warns(PersonalizeMockWarning, match="has set the time to 2020-01-01T00:00:00"):
            mock.call("ListSchemas")
        mock.call("ListSchemas")


@pytest.mark.parametrize("time", ["2020-01-01", "2080-01-01"])
def test_a_clock_that_stands_still_warns_about_another_time(time):
    warning = pytest.warns(PersonalizeMockWarning, match="stays at 2024-05-01T00:00:00")
    with mock_personalize(clock="2024-05-01") as mock, freeze_time(time), warning:
        mock.call("ListSchemas")


def test_the_same_time_is_not_warned_about():
    with mock_personalize(clock="2024-05-01") as mock, freeze_time("2024-05-01"):
        assert mock.call("ListSchemas") == {"schemas": []}
    with freeze_time("2020-01-01"), mock_personalize() as mock:
        assert mock.call("ListSchemas") == {"schemas": []}


def test_time_machine_inside_a_mock_is_warned_about():
    time_machine = pytest.importorskip("time_machine")
    with mock_personalize(clock="2024-05-01") as mock, time_machine.travel(0) as travel:
        with pytest.warns(PersonalizeMockWarning, match="has set the time to 1970-01-01"):
            mock.call("ListSchemas")
        travel.shift(timedelta(hours=1))
