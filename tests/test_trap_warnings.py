"""Warnings about events with strange timestamps, names with a date, and filter values without quotes."""

import warnings
from datetime import datetime, timezone

import pytest
from botocore.exceptions import ClientError
from builders import a_campaign, a_dataset, a_dataset_group, an_event_tracker

from personalize_mock import PersonalizeMockWarning, mock_personalize


def put(mock, tracker, at):
    tracking_id = mock.call("DescribeEventTracker", eventTrackerArn=tracker)["eventTracker"]["trackingId"]
    event = {"eventType": "Watch", "itemId": "i1", "sentAt": at}
    mock.call("PutEvents", trackingId=tracking_id, sessionId="s", userId="u1", eventList=[event])


@pytest.fixture
def tracker(mock):
    group = a_dataset_group(mock)
    a_dataset(mock, group)
    return an_event_tracker(mock, group)


def test_an_event_stamped_far_from_simulated_time_warns_with_the_remedy(mock, tracker):
    with pytest.warns(PersonalizeMockWarning, match=r"has the time 2026.*time is 2024-05-01.*mock\.clock\.now\(\)"):
        put(mock, tracker, datetime(2026, 1, 1, tzinfo=timezone.utc))
    stamp = mock.clock.now()
    mock.clock.jump(hours=6)
    with pytest.warns(PersonalizeMockWarning, match="datetime=True"):
        put(mock, tracker, stamp)


def test_an_event_of_a_client_of_a_server_warns_with_the_path_that_tells_the_time(mock, tracker):
    mock.clock.counts_slow_polls = True  # as on a server
    with pytest.warns(
        PersonalizeMockWarning, match=r"the time that GET /moto-api/personalize/clock returns for the times of events"
    ):
        put(mock, tracker, datetime(2026, 1, 1, tzinfo=timezone.utc))


def test_an_event_stamped_in_milliseconds_warns(mock, tracker):
    with pytest.warns(PersonalizeMockWarning, match="in milliseconds. Write seconds since 1970"):
        put(mock, tracker, mock.clock.timestamp() * 1000)


def test_an_event_stamped_with_the_simulated_time_or_some_hours_before_does_not_warn(mock, tracker):
    with warnings.catch_warnings():
        warnings.simplefilter("error", PersonalizeMockWarning)
        put(mock, tracker, mock.clock.now())
        put(mock, tracker, mock.clock.timestamp() - 3 * 3600)


@pytest.mark.parametrize("pattern", ["job-%Y%m%d-%H%M%S", "job-%Y-%m-%d"])
def test_a_name_with_the_date_of_today_warns_if_it_exists_at_another_simulated_time(pattern):
    name = f"{datetime.now(timezone.utc):{pattern}}"
    with mock_personalize() as mock:
        mock.call("CreateDatasetGroup", name=name)
        with warnings.catch_warnings():
            warnings.simplefilter("error", PersonalizeMockWarning)
            with pytest.raises(ClientError, match="already exists"):
                mock.call("CreateDatasetGroup", name=name)
        mock.clock.jump(weeks=1)
        with (
            pytest.warns(PersonalizeMockWarning, match=r"today's date.*datetime=True"),
            pytest.raises(ClientError, match="already exists"),
        ):
            mock.call("CreateDatasetGroup", name=name)


def test_a_name_without_a_date_does_not_warn_if_it_exists(mock):
    mock.call("CreateDatasetGroup", name="shop")
    with warnings.catch_warnings():
        warnings.simplefilter("error", PersonalizeMockWarning)
        with pytest.raises(ClientError, match="already exists"):
            mock.call("CreateDatasetGroup", name="shop")


def test_a_filter_value_without_quotes_warns_with_the_quoted_one(mock):
    campaign = a_campaign(mock)
    group = mock.call("ListDatasetGroups")["datasetGroups"][0]["datasetGroupArn"]
    expression = "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ($TYPES)"
    filter_arn = mock.call("CreateFilter", name="f", datasetGroupArn=group, filterExpression=expression)["filterArn"]
    mock.wait(filter_arn)
    request = {"campaignArn": campaign, "userId": "u1", "filterArn": filter_arn}
    with pytest.warns(PersonalizeMockWarning, match=r"""TYPES='Watch, Click' has no double.*Write '"Watch","Click"'"""):
        mock.call("GetRecommendations", **request, filterValues={"TYPES": "Watch, Click"})
    with warnings.catch_warnings():
        warnings.simplefilter("error", PersonalizeMockWarning)
        mock.call("GetRecommendations", **request, filterValues={"TYPES": '"Watch","Click"'})
        mock.call("GetRecommendations", **request, filterValues={"TYPES": "7"})
