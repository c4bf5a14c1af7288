"""Replays in which the recorded service is faster or slower than the mock, or has resources that the mock lacks."""

import pytest
from recording.recordings import ARN, a_call, written

from personalize_mock.recording import compare

GROUP = f"{ARN}dataset-group/shop"
START = 1_714_554_000  # 09:00


def create(at="2024-05-01T09:00:00Z"):
    return a_call("CreateDatasetGroup", {"datasetGroupArn": GROUP}, at=at, parameters={"name": "shop"})


def describe(status, second, *, took=0, failure=None):
    times = {"creationDateTime": START, "lastUpdatedDateTime": START + took}
    group = {"name": "shop", "datasetGroupArn": GROUP, "status": status, **times, **(failure or {})}
    at = f"2024-05-01T09:{second // 60:02}:{second % 60:02}Z"
    return a_call("DescribeDatasetGroup", {"datasetGroup": group}, at=at, parameters={"datasetGroupArn": GROUP})


def delete(second):
    at = f"2024-05-01T09:{second // 60:02}:{second % 60:02}Z"
    return a_call("DeleteDatasetGroup", {}, at=at, parameters={"datasetGroupArn": GROUP})


def gone(second):
    error = {
        "code": "ResourceNotFoundException",
        "message": f"The given dataset group does not exist: {GROUP}",
        "status": 400,
    }
    at = f"2024-05-01T09:{second // 60:02}:{second % 60:02}Z"
    return a_call("DescribeDatasetGroup", at=at, parameters={"datasetGroupArn": GROUP}, error=error)


def compared(*calls):
    return compare(written(list(calls)))


def kinds(*calls):
    return [difference.kind for difference in compared(*calls).differences]


def test_a_faster_service_lets_the_mock_catch_up():
    assert kinds(create(), describe("CREATE PENDING", 1), describe("ACTIVE", 10, took=9)) == []


def test_a_slower_service_is_no_difference_within_the_tolerance():
    assert kinds(create(), describe("CREATE IN_PROGRESS", 50), describe("ACTIVE", 70, took=69)) == []


def test_a_much_slower_service_is_a_difference_of_duration():
    [difference] = compared(create(), describe("CREATE PENDING", 1), describe("ACTIVE", 600, took=590)).differences

    assert (difference.kind, difference.where) == ("duration", "dataset-group/shop")
    assert (difference.recorded, difference.mock) == ("590 s", "28 s")


def test_without_a_date_of_the_end_the_polls_bound_the_duration():
    assert kinds(create(), describe("CREATE PENDING", 20), describe("ACTIVE", 500)) == []
    assert kinds(create(), describe("CREATE PENDING", 300), describe("ACTIVE", 500)) == ["duration"]


def test_a_status_that_the_polls_have_missed_is_no_difference():
    assert kinds(create(), describe("ACTIVE", 60, took=28)) == []


def test_a_status_that_the_mock_does_not_have_is_a_difference():
    failure = {"failureReason": "Bad key"}
    assert "statuses" in kinds(create(), describe("CREATE FAILED", 60, took=28, failure=failure))


def test_a_call_that_needs_a_resource_that_the_mock_has_not_finished_waits_for_it():
    schema = a_call("ListSchemas", {"schemas": []}, at="2024-05-01T09:00:01Z")
    tracker = a_call(
        "CreateEventTracker",
        {"eventTrackerArn": f"{ARN}event-tracker/0a0b0c0d", "trackingId": "00000000-0000-4000-8000-000000000001"},
        at="2024-05-01T09:00:02Z",
        parameters={"name": "live", "datasetGroupArn": GROUP},
    )

    assert kinds(create(), schema, tracker) == []


def test_a_deletion_may_be_faster_or_slower():
    start = [create(), describe("ACTIVE", 60, took=28), delete(100)]

    assert kinds(*start, gone(101)) == []
    assert kinds(*start, describe("DELETE IN_PROGRESS", 400), gone(900)) == []


def test_a_call_for_a_resource_from_before_the_recording_is_left_out():
    comparison = compared(describe("ACTIVE", 60, took=28))

    assert comparison.differences == []
    assert comparison.findings.skipped == {2: ("DescribeDatasetGroup", "the mock has no dataset-group/shop")}


def test_events_for_a_tracker_from_before_the_recording_are_left_out():
    request = {"trackingId": "t", "sessionId": "s", "eventList": [{"eventType": "Watch", "sentAt": START}]}
    put = a_call("PutEvents", service="personalize-events", parameters=request)

    assert compared(put).findings.skipped == {2: ("PutEvents", "the mock has no trackingId t")}


def test_a_listed_resource_from_before_the_recording_is_no_difference():
    old = {"name": "old", "schemaArn": f"{ARN}schema/old", "creationDateTime": START, "lastUpdatedDateTime": START}

    assert kinds(a_call("ListSchemas", {"schemas": [old]})) == []


def test_a_recipe_that_the_mock_lacks_is_a_difference():
    arn = "arn:aws:personalize:::recipe/aws-crystal-ball"
    comparison = compared(a_call("ListRecipes", {"recipes": [{"name": "aws-crystal-ball", "recipeArn": arn}]}))

    assert ("missing element", arn) in [(found.kind, found.recorded) for found in comparison.differences]


@pytest.mark.parametrize(
    "error",
    [
        {"code": "ReadTimeoutError", "message": "timed out", "status": None},
        {"code": "ThrottlingException", "message": "Rate exceeded", "status": 400},
        {"code": "ExpiredTokenException", "message": "expired", "status": 400},
        {"code": "503", "message": "Service Unavailable", "status": 503},
    ],
)
def test_errors_of_the_network_and_the_load_are_left_out(error):
    comparison = compared(a_call("ListSchemas", error=error))

    assert comparison.differences == []
    assert error["code"] in comparison.findings.skipped[2][1]
