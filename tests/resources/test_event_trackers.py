import re
from hashlib import md5

import pytest
from builders import (
    ACCOUNT,
    a_dataset,
    a_dataset_group,
    an_event_tracker,
    client,
    polled_statuses,
    refusal,
    settle,
)

PREFIX = f"arn:aws:personalize:us-east-1:{ACCOUNT}"


def create(group, **members):
    return client().create_event_tracker(**{"name": "tracker", "datasetGroupArn": group, **members})


def describe(arn):
    return client().describe_event_tracker(eventTrackerArn=arn)["eventTracker"]


@pytest.fixture
def group(mock):
    return a_dataset_group(mock)


def test_create_event_tracker_returns_the_arn_and_the_tracking_id(group):
    answer = create(group)
    assert re.fullmatch(rf"{PREFIX}:event-tracker/[0-9a-f]{{8}}", answer["eventTrackerArn"])
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer["trackingId"])
    assert [key for key in answer if key != "ResponseMetadata"] == ["eventTrackerArn", "trackingId"]


def test_the_arn_depends_on_the_group_only(group):
    """Recorded: the group in the next line has the tracker 2a0e0f0d."""
    recorded = "arn:aws:personalize:us-east-1:059124553121:dataset-group/personalize-RI-demo"
    assert md5(recorded.encode(), usedforsecurity=False).hexdigest()[:8] == "2a0e0f0d"
    expected = md5(group.encode(), usedforsecurity=False).hexdigest()[:8]
    assert create(group, name="any-name")["eventTrackerArn"] == f"{PREFIX}:event-tracker/{expected}"


def test_a_tracker_goes_from_pending_through_in_progress_to_active(group):
    arn = create(group)["eventTrackerArn"]
    statuses = polled_statuses(client().describe_event_tracker, eventTrackerArn=arn)
    assert statuses == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]


def test_describe_event_tracker_shows_all_members(mock, group):
    answer = create(group)
    assert describe(answer["eventTrackerArn"]) == {
        "name": "tracker",
        "eventTrackerArn": answer["eventTrackerArn"],
        "accountId": ACCOUNT,
        "trackingId": answer["trackingId"],
        "datasetGroupArn": group,
        "status": "CREATE PENDING",
        "creationDateTime": mock.clock.now(),
        "lastUpdatedDateTime": mock.clock.now(),
    }


def test_list_event_trackers_shows_no_tracking_ids(mock, group):
    first = an_event_tracker(mock, group)
    second = an_event_tracker(mock, a_dataset_group(mock, "another"))
    listed = client().list_event_trackers()["eventTrackers"]
    assert [entry["eventTrackerArn"] for entry in listed] == [first, second]
    (only,) = client().list_event_trackers(datasetGroupArn=group)["eventTrackers"]
    assert list(only) == ["name", "eventTrackerArn", "status", "creationDateTime", "lastUpdatedDateTime"]


def test_a_second_tracker_for_a_group_is_rejected(mock, group):
    arn = an_event_tracker(mock, group)
    assert refusal(create, group=group, name="another") == (
        "ResourceAlreadyExistsException",
        f"Another resource with Arn {arn} already exists.",
    )


def test_trackers_of_different_groups_can_have_the_same_name(mock, group):
    assert an_event_tracker(mock, group) != an_event_tracker(mock, a_dataset_group(mock, "another"))


def test_a_tracker_does_not_need_an_interactions_dataset(group):
    assert client().list_datasets(datasetGroupArn=group)["datasets"] == []
    assert create(group)


def test_a_tracker_needs_an_active_group(mock):
    pending = client().create_dataset_group(name="pending")["datasetGroupArn"]
    assert refusal(create, group=pending)[0] == "ResourceInUseException"
    missing = f"{PREFIX}:dataset-group/missing"
    assert refusal(create, group=missing) == (
        "ResourceNotFoundException",
        f"The given dataset group does not exist: {missing}",
    )


def test_deleting_a_tracker_goes_through_pending_and_in_progress(mock, group):
    arn = an_event_tracker(mock, group)
    client().delete_event_tracker(eventTrackerArn=arn)
    statuses = polled_statuses(client().describe_event_tracker, eventTrackerArn=arn)
    assert statuses == ["DELETE PENDING", "DELETE IN_PROGRESS", ""]
    assert refusal(describe, arn=arn)[1] == f"The given event tracker does not exist: {arn}"


def test_a_tracker_created_again_has_the_same_arn_and_another_tracking_id(mock, group):
    first = create(group)
    settle(mock, first["eventTrackerArn"])
    client().delete_event_tracker(eventTrackerArn=first["eventTrackerArn"])
    settle(mock, first["eventTrackerArn"])
    second = create(group)
    assert second["eventTrackerArn"] == first["eventTrackerArn"]
    assert second["trackingId"] != first["trackingId"]


def test_a_tracker_cannot_be_deleted_while_its_status_is_moving(mock, group):
    arn = create(group)["eventTrackerArn"]
    assert refusal(client().delete_event_tracker, eventTrackerArn=arn)[0] == "ResourceInUseException"


def test_a_tracker_blocks_the_deletion_of_the_interactions_dataset_only(mock, group):
    interactions, items = a_dataset(mock, group), a_dataset(mock, group, "Items")
    arn = an_event_tracker(mock, group)
    code, message = refusal(client().delete_dataset, datasetArn=interactions)
    assert (code, message) == (
        "ResourceInUseException",
        f"Resource {interactions} is in use by {arn}. Delete that resource first, or wait if it is a running job.",
    )
    client().delete_dataset(datasetArn=items)
    client().delete_event_tracker(eventTrackerArn=arn)
    settle(mock, arn)
    client().delete_dataset(datasetArn=interactions)


def test_a_tracker_blocks_the_deletion_of_its_group(mock, group):
    arn = an_event_tracker(mock, group)
    assert refusal(client().delete_dataset_group, datasetGroupArn=group)[0] == "ResourceInUseException"
    client().delete_event_tracker(eventTrackerArn=arn)
    settle(mock, arn)
    client().delete_dataset_group(datasetGroupArn=group)


def test_a_tracker_can_be_tagged(mock, group):
    tags = [{"tagKey": str(number), "tagValue": ""} for number in range(51)]
    assert refusal(create, group=group, tags=tags)[0] == "TooManyTagsException"
    assert create(group, tags=tags[:50])
