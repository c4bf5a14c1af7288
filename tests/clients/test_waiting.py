"""Loops of public client code that wait. They must take no real time, and they must end."""

import time
from contextlib import suppress
from datetime import timedelta

import boto3
import pytest
from botocore.exceptions import ClientError
from builders import (
    ROLE,
    a_campaign,
    a_group_with_data,
    a_solution,
    a_solution_version,
    avro_schema,
    interactions_csv,
    put_object,
    recipe,
    settle,
)

from personalize_mock import mock_personalize

HOUR = 60 * 60
EVENT = {"eventType": "Watch", "sentAt": 1_700_000_000, "itemId": "i1"}
perf_counter = time.perf_counter  # the mock does not patch it


@pytest.fixture
def personalize(personalize_mock):
    return boto3.client("personalize")


@pytest.fixture(autouse=True)
def takes_no_real_time():
    before = perf_counter()
    yield
    assert perf_counter() - before < 20


def test_a_loop_may_poll_without_sleeping(personalize):
    arn = personalize.create_dataset_group(name="workshop")["datasetGroupArn"]
    polls = 0
    while True:
        polls += 1
        status = personalize.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]["status"]
        if status in {"ACTIVE", "CREATE FAILED"}:
            break
    assert (status, polls) == ("ACTIVE", 3)


def test_a_loop_may_poll_a_list_without_sleeping(personalize):
    for name in ("one", "two"):
        personalize.create_dataset_group(name=name)
    while any(group["status"] != "ACTIVE" for group in personalize.list_dataset_groups()["datasetGroups"]):
        pass


def test_a_loop_may_poll_and_sleep_until_a_deadline(personalize):
    arn = personalize.create_dataset_group(name="workshop")["datasetGroupArn"]
    statuses = []
    max_time = time.time() + 3 * HOUR
    while time.time() < max_time:
        statuses.append(personalize.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]["status"])
        if statuses[-1] in {"ACTIVE", "CREATE FAILED"}:
            break
        time.sleep(10)
    assert statuses == ["CREATE PENDING", "CREATE IN_PROGRESS", "CREATE IN_PROGRESS", "ACTIVE"]


@pytest.mark.parametrize("pause", [10, 60, 180])
def test_a_loop_that_waits_for_an_impossible_status_ends_at_its_deadline(personalize, pause):
    arn = personalize.create_dataset_group(name="workshop")["datasetGroupArn"]
    polls = 0
    max_time = time.time() + HOUR
    while time.time() < max_time:
        polls += 1
        if personalize.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]["status"] == "NEVER":
            break
        time.sleep(pause)
    assert polls in {HOUR // pause, HOUR // pause + 1}


def test_a_loop_may_poll_until_a_deleted_resource_is_gone(personalize):
    arn = personalize.create_dataset_group(name="workshop")["datasetGroupArn"]
    while personalize.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]["status"] != "ACTIVE":
        time.sleep(15)
    personalize.delete_dataset_group(datasetGroupArn=arn)
    statuses = []
    max_time = time.time() + HOUR
    while time.time() < max_time:
        try:
            statuses.append(personalize.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]["status"])
        except personalize.exceptions.ResourceNotFoundException:
            break
        time.sleep(10)
    assert sorted(set(statuses)) == ["DELETE IN_PROGRESS", "DELETE PENDING"]


def test_the_training_time_is_the_difference_of_the_dates(personalize_mock, personalize):
    group = a_group_with_data(personalize_mock)
    solution = personalize.create_solution(
        name="sol", datasetGroupArn=group, recipeArn=recipe("aws-user-personalization")
    )
    assert personalize.describe_solution(solutionArn=solution["solutionArn"])["solution"]["status"] == "ACTIVE"
    arn = personalize.create_solution_version(solutionArn=solution["solutionArn"])["solutionVersionArn"]
    while True:
        version = personalize.describe_solution_version(solutionVersionArn=arn)["solutionVersion"]
        if version["status"] in {"ACTIVE", "CREATE FAILED"}:
            break
        time.sleep(60)
    training_time = version["lastUpdatedDateTime"] - version["creationDateTime"]
    assert training_time == timedelta(minutes=20, seconds=8)


def test_deletions_may_be_retried_without_waiting(personalize_mock, personalize):
    """Resources in use are retried at once."""
    a_campaign(personalize_mock, a_version(personalize_mock))
    errors = 0
    for resource_type, member in [
        ("campaign", "campaigns"),
        ("solution", "solutions"),
        ("dataset", "datasets"),
        ("schema", "schemas"),
        ("dataset_group", "datasetGroups"),
    ]:
        for entry in getattr(personalize, f"list_{resource_type}s")()[member]:
            key, arn = next((key, value) for key, value in entry.items() if key.endswith("Arn"))
            while True:
                try:
                    getattr(personalize, f"delete_{resource_type}")(**{key: arn})
                except personalize.exceptions.ResourceInUseException:
                    errors += 1
                except personalize.exceptions.ResourceNotFoundException:
                    break
                else:
                    if resource_type == "schema":
                        break
    assert errors > 5
    assert personalize.list_dataset_groups()["datasetGroups"] == []


def test_a_deletion_may_be_retried_until_a_dependent_resource_is_gone(personalize_mock, personalize):
    campaign = a_campaign(personalize_mock, a_version(personalize_mock))
    (solution,) = personalize.list_solutions()["solutions"]
    personalize.delete_campaign(campaignArn=campaign)
    while True:
        try:
            personalize.delete_solution(solutionArn=solution["solutionArn"])
            break
        except personalize.exceptions.ResourceInUseException:
            pass
    assert personalize.list_campaigns()["campaigns"] == []


def test_a_deletion_may_be_retried_after_sleeping(personalize_mock, personalize):
    campaign = a_campaign(personalize_mock, a_version(personalize_mock))
    (solution,) = personalize.list_solutions()["solutions"]
    personalize.delete_campaign(campaignArn=campaign)
    attempts = 0
    max_time = time.time() + 3 * HOUR
    while time.time() < max_time:
        attempts += 1
        try:
            personalize.delete_solution(solutionArn=solution["solutionArn"])
            break
        except ClientError as error:
            if error.response["Error"]["Code"] not in {"ResourceInUseException", "ResourceNotFoundException"}:
                raise
        time.sleep(60)
    assert attempts == 17  # deleting a campaign takes 16 minutes


def test_calls_may_be_retried_without_waiting_until_a_resource_is_active(personalize_mock, personalize):
    """As with a retry decorator whose wait is set to zero in a test."""
    group = personalize.create_dataset_group(name="workshop")["datasetGroupArn"]
    schema = personalize.create_schema(name="events", schema=avro_schema())["schemaArn"]
    parts = {"name": "events", "datasetGroupArn": group}
    dataset = retried(personalize.create_dataset, schemaArn=schema, datasetType="Interactions", **parts)["datasetArn"]
    tracker = retried(personalize.create_event_tracker, **parts)
    source = {"dataLocation": put_object(interactions_csv())}
    retried(personalize.create_dataset_import_job, jobName="a", datasetArn=dataset, dataSource=source, roleArn=ROLE)
    event = {"trackingId": tracker["trackingId"], "sessionId": "s", "eventList": [EVENT]}
    retried(boto3.client("personalize-events").put_events, **event)
    solution = a_solution(personalize_mock, group, "aws-popularity-count")
    settle(personalize_mock, f"{dataset.rpartition(':')[0]}:dataset-import-job/a")
    version = personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
    retried(personalize.get_solution_metrics, solutionVersionArn=version)
    campaign = retried(personalize.create_campaign, name="films", solutionVersionArn=version)["campaignArn"]
    retried(personalize.update_campaign, campaignArn=campaign, minProvisionedTPS=2)
    answer = retried(boto3.client("personalize-runtime").get_recommendations, campaignArn=campaign, userId="u1")
    assert len(answer["itemList"]) == 25


def test_a_loop_may_wait_without_sleeping_for_the_first_automatic_training(personalize_mock, personalize):
    group = a_group_with_data(personalize_mock)
    solution = a_solution(personalize_mock, group, "aws-popularity-count", performAutoTraining=True)
    before = personalize_mock.clock.now()
    versions = []
    while not versions or versions[0]["status"] != "ACTIVE":
        versions = personalize.list_solution_versions(solutionArn=solution)["solutionVersions"]
    assert versions[0]["trainingType"] == "AUTOMATIC"
    assert versions[0]["creationDateTime"] - before >= timedelta(minutes=59)


def test_listing_versions_a_few_times_does_not_wait_for_a_training(personalize_mock, personalize):
    group = a_group_with_data(personalize_mock)
    solution = a_solution(personalize_mock, group, "aws-popularity-count", performAutoTraining=True)

    assert [personalize.list_solution_versions(solutionArn=solution)["solutionVersions"] for _ in range(5)] == [[]] * 5


def test_different_calls_about_a_resource_are_not_a_polling_loop(personalize):
    group = personalize.create_dataset_group(name="workshop")["datasetGroupArn"]

    statuses = {
        personalize.describe_dataset_group(datasetGroupArn=group)["datasetGroup"]["status"],
        personalize.list_dataset_groups()["datasetGroups"][0]["status"],
    }
    with pytest.raises(personalize.exceptions.ResourceInUseException):
        personalize.create_event_tracker(name="a", datasetGroupArn=group)
    with pytest.raises(personalize.exceptions.ResourceInUseException):
        personalize.create_solution(name="a", datasetGroupArn=group, recipeArn=recipe("aws-sims"))
    with pytest.raises(personalize.exceptions.ResourceInUseException):
        personalize.delete_dataset_group(datasetGroupArn=group)

    assert statuses == {"CREATE PENDING"}


def test_a_second_run_of_a_tutorial_starts_like_the_first(personalize):
    runs = []
    for _ in range(2):
        arn = personalize.create_dataset_group(name="workshop")["datasetGroupArn"]
        runs.append([])
        while not runs[-1] or runs[-1][-1] != "ACTIVE":
            runs[-1].append(personalize.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]["status"])
        personalize.delete_dataset_group(datasetGroupArn=arn)
        try:
            while True:
                personalize.describe_dataset_group(datasetGroupArn=arn)
        except personalize.exceptions.ResourceNotFoundException:
            pass
    assert runs == [["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]] * 2


def test_the_creation_date_lies_between_the_times_before_and_after_the_call():
    with mock_personalize():
        personalize = boto3.client("personalize")
        before = time.time()
        arn = personalize.create_schema(name="schema", schema=avro_schema())["schemaArn"]
        created = personalize.describe_schema(schemaArn=arn)["schema"]["creationDateTime"].timestamp()
        assert before - 0.001 <= created <= time.time() + 0.001


def retried(call, **request):
    """Retry a call until it succeeds, at most seven times, and return its response."""
    for _ in range(6):
        with suppress(ClientError):
            return call(**request)
    return call(**request)


def a_version(mock):
    return a_solution_version(mock, a_solution(mock, a_group_with_data(mock), "aws-popularity-count"))
