"""Rules that make jobs fail or hang. `tests/contract/test_rules.py` sweeps all operations."""

import builders
import pytest
from builders import (
    a_campaign,
    a_dataset_group,
    a_group_with_an_event,
    a_group_with_data,
    a_solution,
    client,
    polled_statuses,
    refusal,
    settle,
)
from moto.moto_api import state_manager

from personalize_mock import PersonalizeMockError, mock_personalize


def group_status(mock, arn):
    return mock.call("DescribeDatasetGroup", datasetGroupArn=arn)["datasetGroup"]["status"]


def test_a_failing_training_is_not_run_and_shows_the_reason(mock):
    mock.on("CreateSolutionVersion").fails_job("Out of luck")
    solution = a_solution(mock, a_group_with_an_event(mock))  # too little data: a training would fail otherwise

    arn = client().create_solution_version(solutionArn=solution)["solutionVersionArn"]

    assert polled_statuses(client().describe_solution_version, solutionVersionArn=arn)[-2:] == [
        "CREATE IN_PROGRESS",
        "CREATE FAILED",
    ]
    version = client().describe_solution_version(solutionVersionArn=arn)["solutionVersion"]
    assert version["failureReason"] == "Out of luck"


def test_a_campaign_serves_its_old_version_after_a_failed_update(mock):
    campaign = a_campaign(mock)
    mock.on("UpdateCampaign").fails_job("Out of luck")

    client().update_campaign(campaignArn=campaign, minProvisionedTPS=5)
    settle(mock, campaign)

    shown = client().describe_campaign(campaignArn=campaign)["campaign"]
    assert (shown["status"], shown["minProvisionedTPS"]) == ("ACTIVE", 1)
    assert shown["latestCampaignUpdate"]["status"] == "CREATE FAILED"
    assert shown["latestCampaignUpdate"]["failureReason"] == "Out of luck"


def test_an_update_that_fails_leaves_the_dataset_active_and_the_next_one_can_succeed(mock):
    dataset = builders.a_dataset(mock, a_dataset_group(mock), "Items")
    fields = {**builders.ITEMS, "NOTE": ["null", "string"]}
    schema = builders.a_schema(mock, name="wider", schema=builders.avro_schema("Items", fields))
    mock.on("UpdateDataset").fails_job("Out of luck", times=1)
    shown = []
    for _ in range(2):
        client().update_dataset(datasetArn=dataset, schemaArn=schema)
        settle(mock, dataset)
        shown.append(client().describe_dataset(datasetArn=dataset)["dataset"])

    assert [dataset["status"] for dataset in shown] == ["ACTIVE", "ACTIVE"]
    assert [dataset["latestDatasetUpdate"]["status"] for dataset in shown] == ["CREATE FAILED", "ACTIVE"]
    assert shown[0]["latestDatasetUpdate"]["failureReason"] == "Out of luck"
    assert "failureReason" not in shown[1]["latestDatasetUpdate"]


def test_only_the_chosen_calls_fail(mock):
    mock.on("CreateDatasetGroup", name="bad").fails_job("Out of luck", times=1)

    groups = [settle(mock, mock.call("CreateDatasetGroup", name=name)["datasetGroupArn"]) for name in ("good", "bad")]

    assert [group_status(mock, group) for group in groups] == ["ACTIVE", "CREATE FAILED"]


def test_a_job_fails_even_if_it_takes_no_time():
    with mock_personalize(durations={"dataset-group": 0}) as mock:
        mock.on("CreateDatasetGroup").fails_job("Out of luck")
        assert group_status(mock, mock.call("CreateDatasetGroup", name="shop")["datasetGroupArn"]) == "CREATE FAILED"


def test_a_refused_call_does_not_use_up_a_failing_job(mock):
    a_dataset_group(mock, "taken")
    rule = mock.on("CreateDatasetGroup").fails_job("Out of luck", times=1)

    refusal(client().create_dataset_group, name="taken")
    assert rule.call_count == 0
    arn = settle(mock, client().create_dataset_group(name="free")["datasetGroupArn"])

    assert group_status(mock, arn) == "CREATE FAILED"


def test_what_scheduled_events_begin_during_a_call_does_not_fail(mock):
    solution = a_solution(mock, a_group_with_data(mock), "aws-popularity-count", performAutoTraining=True)
    training = next(due for due in mock.clock.upcoming() if due.arn == solution)
    mock.clock.jump_to(training.at - 10)
    mock.on("CreateDatasetGroup").delays(30)
    mock.on("CreateDatasetGroup").fails_job("Out of luck")

    group = settle(mock, client().create_dataset_group(name="other")["datasetGroupArn"])
    mock.clock.jump(86_400)

    versions = client().list_solution_versions(solutionArn=solution)["solutionVersions"]
    assert [version["status"] for version in versions] == ["ACTIVE"]
    assert group_status(mock, group) == "CREATE FAILED"


def test_a_held_resource_stays_in_its_status_until_it_is_released(mock):
    held = mock.on("CreateDatasetGroup").holds("CREATE IN_PROGRESS")
    arn = client().create_dataset_group(name="shop")["datasetGroupArn"]

    mock.clock.jump(86_400)
    assert group_status(mock, arn) == "CREATE IN_PROGRESS"
    held.release()
    settle(mock, arn)

    assert group_status(mock, arn) == "ACTIVE"


def test_polls_without_a_sleep_do_not_move_a_held_resource(mock):
    mock.on("CreateDatasetGroup").holds("CREATE PENDING")
    arn = client().create_dataset_group(name="shop")["datasetGroupArn"]
    before = mock.clock.now()

    assert {group_status(mock, arn) for _ in range(20)} == {"CREATE PENDING"}
    assert mock.clock.now() == before


def test_a_released_rule_holds_nothing_more(mock):
    held = mock.on("CreateDatasetGroup").holds("CREATE PENDING")
    client().create_dataset_group(name="one")
    held.release()

    arn = settle(mock, client().create_dataset_group(name="two")["datasetGroupArn"])

    assert group_status(mock, arn) == "ACTIVE"
    assert held.call_count == 2


def test_a_release_after_the_mock_has_ended_is_an_error_that_says_when_to_call_it():
    with mock_personalize() as mock:
        held = mock.on("CreateDatasetGroup").holds("CREATE PENDING")
        client().create_dataset_group(name="one")

    with pytest.raises(
        PersonalizeMockError, match=r"PENDING'\): the mock has ended.* Call release\(\) before the mock ends"
    ):
        held.release()


def test_a_rule_of_a_nested_mock_can_be_released_while_the_outer_mock_is_active(mock):
    with mock_personalize() as inner:
        held = inner.on("CreateDatasetGroup").holds("CREATE PENDING")
        arn = client().create_dataset_group(name="one")["datasetGroupArn"]
    mock.clock.jump(86_400)
    assert group_status(mock, arn) == "CREATE PENDING"

    held.release()
    settle(mock, arn)
    assert group_status(mock, arn) == "ACTIVE"


def test_a_job_can_hang_and_fail_after_its_release(mock):
    mock.on("CreateDatasetGroup").fails_job("Out of luck")
    held = mock.on("CreateDatasetGroup").holds("CREATE IN_PROGRESS")
    arn = client().create_dataset_group(name="shop")["datasetGroupArn"]

    held.release()
    settle(mock, arn)

    assert group_status(mock, arn) == "CREATE FAILED"


def test_a_stop_of_a_training_can_hang(mock):
    solution = a_solution(mock, a_group_with_data(mock), "aws-popularity-count")
    held = mock.on("StopSolutionVersionCreation").holds("CREATE STOPPING")
    arn = mock.call("CreateSolutionVersion", solutionArn=solution)["solutionVersionArn"]
    mock.clock.jump(600)
    client().stop_solution_version_creation(solutionVersionArn=arn)

    mock.clock.jump(86_400)
    assert mock.journal.transitions(arn)[-1].status == "CREATE STOPPING"
    held.release()
    settle(mock, arn)

    assert mock.journal.transitions(arn)[-1].status == "CREATE STOPPED"


def test_a_resource_that_moves_with_polls_can_be_held_too(mock):
    state_manager.set_transition("personalize::dataset-group", {"progression": "manual", "times": 1})
    try:
        held = mock.on("CreateDatasetGroup").holds("CREATE IN_PROGRESS")
        arn = client().create_dataset_group(name="shop")["datasetGroupArn"]
        assert [group_status(mock, arn) for _ in range(4)][-2:] == ["CREATE IN_PROGRESS"] * 2
        held.release()
        assert group_status(mock, arn) == "ACTIVE"
    finally:
        state_manager.unset_transition("personalize::dataset-group")


@pytest.mark.parametrize(
    ("operation", "declare", "remedy"),
    [
        ("CreateSchema", lambda rule: rule.fails_job("no"), "does not start anything that takes time"),
        ("GetRecommendations", lambda rule: rule.holds("CREATE PENDING"), "does not start anything that takes time"),
        (
            "DeleteCampaign",
            lambda rule: rule.fails_job("no"),
            "a resource can fail only while it is created or updated",
        ),
        ("CreateCampaign", lambda rule: rule.fails_job(""), "the failure reason '' is not a string, or is empty"),
        ("CreateCampaign", lambda rule: rule.holds("CREATE IN PROGRESS"), "Did you mean 'CREATE IN_PROGRESS'"),
        ("CreateCampaign", lambda rule: rule.holds("ACTIVE"), "not through 'ACTIVE'"),
        ("CreateCampaign", lambda rule: rule.fails_job("no").release(), "does not hold resources in a status"),
    ],
)
def test_a_job_that_cannot_fail_or_hang_in_this_way_is_refused(mock, operation, declare, remedy):
    with pytest.raises(PersonalizeMockError, match=remedy):
        declare(mock.on(operation, optional=True))


def test_waiting_for_a_held_resource_that_moves_with_polls_is_refused(mock):
    state_manager.set_transition("personalize::dataset-group", {"progression": "manual", "times": 1})
    try:
        mock.on("CreateDatasetGroup").holds("CREATE IN_PROGRESS")
        arn = client().create_dataset_group(name="shop")["datasetGroupArn"]
        with pytest.raises(PersonalizeMockError, match=r"Call release\(\) on the rule"):
            mock.wait(arn)
    finally:
        state_manager.unset_transition("personalize::dataset-group")
