"""Loops that wait, as public client code writes them: none of them may take real time, and all of them must end."""

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
genuine = time.perf_counter


@pytest.fixture
def personalize(personalize_mock):
    return boto3.client("personalize")


@pytest.fixture(autouse=True)
def quick():
    before = genuine()
    yield
    assert genuine() - before < 20


def test_habit_1_polling_without_sleep(personalize):
    arn = personalize.create_dataset_group(name="workshop")["datasetGroupArn"]
    polls = 0
    while True:
        polls += 1
        status = personalize.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]["status"]
        if status in {"ACTIVE", "CREATE FAILED"}:
            break
    assert (status, polls) == ("ACTIVE", 3)


def test_habit_1_polling_a_list_without_sleep(personalize):
    for name in ("one", "two"):
        personalize.create_dataset_group(name=name)
    while any(group["status"] != "ACTIVE" for group in personalize.list_dataset_groups()["datasetGroups"]):
        pass


def test_habit_2_polling_with_sleep_until_a_time(personalize):
    arn = personalize.create_dataset_group(name="workshop")["datasetGroupArn"]
    seen = []
    max_time = time.time() + 3 * HOUR
    while time.time() < max_time:
        seen.append(personalize.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]["status"])
        if seen[-1] in {"ACTIVE", "CREATE FAILED"}:
            break
        time.sleep(10)
    assert seen == ["CREATE PENDING", "CREATE IN_PROGRESS", "CREATE IN_PROGRESS", "ACTIVE"]


@pytest.mark.parametrize("pause", [10, 60, 180])
def test_habit_2_waiting_for_what_never_comes_ends_when_the_time_is_up(personalize, pause):
    arn = personalize.create_dataset_group(name="workshop")["datasetGroupArn"]
    polls = 0
    max_time = time.time() + HOUR
    while time.time() < max_time:
        polls += 1
        if personalize.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]["status"] == "NEVER":
            break
        time.sleep(pause)
    assert polls in {HOUR // pause, HOUR // pause + 1}


def test_habit_2_a_loop_that_leaves_when_describe_still_succeeds_after_the_deletion(personalize):
    arn = personalize.create_dataset_group(name="workshop")["datasetGroupArn"]
    while personalize.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]["status"] != "ACTIVE":
        time.sleep(15)
    personalize.delete_dataset_group(datasetGroupArn=arn)
    seen = []
    max_time = time.time() + HOUR
    while time.time() < max_time:
        try:
            seen.append(personalize.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]["status"])
        except personalize.exceptions.ResourceNotFoundException:
            break
        time.sleep(10)
    assert sorted(set(seen)) == ["DELETE IN_PROGRESS", "DELETE PENDING"]


def test_habit_3_training_time_is_the_difference_of_the_dates(personalize_mock, personalize):
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
    took = version["lastUpdatedDateTime"] - version["creationDateTime"]
    assert took == timedelta(minutes=20, seconds=8)


def test_habit_4_deletes_in_a_loop_that_never_waits(personalize_mock, personalize):
    """Campaigns, solutions, datasets, schemas, groups; what is in use is tried again at once."""
    a_campaign(personalize_mock, a_version(personalize_mock))
    refused = 0
    for kind, member in [
        ("campaign", "campaigns"),
        ("solution", "solutions"),
        ("dataset", "datasets"),
        ("schema", "schemas"),
        ("dataset_group", "datasetGroups"),
    ]:
        for entry in getattr(personalize, f"list_{kind}s")()[member]:
            key, arn = next((key, value) for key, value in entry.items() if key.endswith("Arn"))
            while True:
                try:
                    getattr(personalize, f"delete_{kind}")(**{key: arn})
                except personalize.exceptions.ResourceInUseException:
                    refused += 1
                except personalize.exceptions.ResourceNotFoundException:
                    break
                else:
                    if kind == "schema":
                        break
    assert refused > 5
    assert personalize.list_dataset_groups()["datasetGroups"] == []


def test_habit_4_a_delete_that_is_tried_again_at_once_until_what_stands_in_the_way_is_gone(
    personalize_mock, personalize
):
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


def test_habit_4_deletes_that_are_retried_after_a_while(personalize_mock, personalize):
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
    assert attempts == 17  # a campaign takes 16 minutes to go


def test_habit_5_calls_that_are_tried_again_at_once_while_something_is_not_ready(personalize_mock, personalize):
    """As with a retry decorator whose wait a test has set to nothing."""
    group = personalize.create_dataset_group(name="workshop")["datasetGroupArn"]
    schema = personalize.create_schema(name="events", schema=avro_schema())["schemaArn"]
    parts = {"name": "events", "datasetGroupArn": group}
    dataset = tried(personalize.create_dataset, schemaArn=schema, datasetType="Interactions", **parts)["datasetArn"]
    tracker = tried(personalize.create_event_tracker, **parts)
    source = {"dataLocation": put_object(interactions_csv())}
    tried(personalize.create_dataset_import_job, jobName="a", datasetArn=dataset, dataSource=source, roleArn=ROLE)
    event = {"trackingId": tracker["trackingId"], "sessionId": "s", "eventList": [EVENT]}
    tried(boto3.client("personalize-events").put_events, **event)
    solution = a_solution(personalize_mock, group, "aws-popularity-count")
    settle(personalize_mock, f"{dataset.rpartition(':')[0]}:dataset-import-job/a")
    version = personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
    tried(personalize.get_solution_metrics, solutionVersionArn=version)
    campaign = tried(personalize.create_campaign, name="films", solutionVersionArn=version)["campaignArn"]
    tried(personalize.update_campaign, campaignArn=campaign, minProvisionedTPS=2)
    answer = tried(boto3.client("personalize-runtime").get_recommendations, campaignArn=campaign, userId="u1")
    assert len(answer["itemList"]) == 25


def test_habit_6_waiting_without_sleep_for_the_first_training_of_a_schedule(personalize_mock, personalize):
    group = a_group_with_data(personalize_mock)
    solution = a_solution(personalize_mock, group, "aws-popularity-count", performAutoTraining=True)
    before = personalize_mock.clock.now()
    versions = []
    while not versions or versions[0]["status"] != "ACTIVE":
        versions = personalize.list_solution_versions(solutionArn=solution)["solutionVersions"]
    assert versions[0]["trainingType"] == "AUTOMATIC"
    assert versions[0]["creationDateTime"] - before >= timedelta(minutes=59)


def test_a_few_looks_for_versions_are_no_wait_for_a_training(personalize_mock, personalize):
    group = a_group_with_data(personalize_mock)
    solution = a_solution(personalize_mock, group, "aws-popularity-count", performAutoTraining=True)

    assert [personalize.list_solution_versions(solutionArn=solution)["solutionVersions"] for _ in range(5)] == [[]] * 5


def test_different_calls_about_one_resource_are_no_loop(personalize):
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


def test_a_second_run_of_the_same_tutorial_begins_like_the_first(personalize):
    seen = []
    for _ in range(2):
        arn = personalize.create_dataset_group(name="workshop")["datasetGroupArn"]
        seen.append([])
        while not seen[-1] or seen[-1][-1] != "ACTIVE":
            seen[-1].append(personalize.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]["status"])
        personalize.delete_dataset_group(datasetGroupArn=arn)
        try:
            while True:
                personalize.describe_dataset_group(datasetGroupArn=arn)
        except personalize.exceptions.ResourceNotFoundException:
            pass
    assert seen == [["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]] * 2


def test_dates_of_what_was_just_made_lie_between_before_and_after():
    with mock_personalize():
        personalize = boto3.client("personalize")
        before = time.time()
        arn = personalize.create_schema(name="schema", schema=avro_schema())["schemaArn"]
        created = personalize.describe_schema(schemaArn=arn)["schema"]["creationDateTime"].timestamp()
        assert before - 0.001 <= created <= time.time() + 0.001


def tried(call, **request):
    """The answer of a call that is tried until it is accepted; a few tries must do."""
    for _ in range(6):
        with suppress(ClientError):
            return call(**request)
    return call(**request)


def a_version(mock):
    return a_solution_version(mock, a_solution(mock, a_group_with_data(mock), "aws-popularity-count"))
