"""The option `pending`: calls that need pending resources wait for them."""

import boto3
import pytest
from botocore.exceptions import ClientError
from builders import ROLE, avro_schema, interactions_csv, put_object, recipe

from personalize_mock import PersonalizeMockError, mock_personalize


@pytest.fixture
def mock():
    with mock_personalize(clock="2024-05-01", pending="wait") as active:
        yield active


def test_a_notebook_runs_from_top_to_bottom_without_waiting(mock):
    personalize = boto3.client("personalize")
    group = personalize.create_dataset_group(name="films")["datasetGroupArn"]
    schema = personalize.create_schema(name="events", schema=avro_schema())["schemaArn"]
    parts = {"name": "events", "datasetGroupArn": group}
    dataset = personalize.create_dataset(schemaArn=schema, datasetType="Interactions", **parts)["datasetArn"]
    source = {"dataLocation": put_object(interactions_csv())}
    personalize.create_dataset_import_job(jobName="a", datasetArn=dataset, dataSource=source, roleArn=ROLE)
    solution = personalize.create_solution(
        name="films", datasetGroupArn=group, recipeArn=recipe("aws-popularity-count"), performAutoTraining=False
    )["solutionArn"]
    version = personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
    assert personalize.get_solution_metrics(solutionVersionArn=version)["metrics"]
    campaign = personalize.create_campaign(name="films", solutionVersionArn=version)["campaignArn"]
    answer = boto3.client("personalize-runtime").get_recommendations(campaignArn=campaign, userId="u1")
    assert len(answer["itemList"]) == 25
    personalize.delete_campaign(campaignArn=campaign)
    personalize.delete_solution(solutionArn=solution)
    assert [call.error for call in mock.journal.calls()] == [None] * len(mock.journal.calls())


def test_a_call_waits_exactly_until_the_resource_is_ready(mock):
    group = mock.call("CreateDatasetGroup", name="shop")["datasetGroupArn"]
    mock.call("CreateEventTracker", name="t", datasetGroupArn=group)
    call = mock.journal.calls("CreateEventTracker")[0]
    assert call.at == mock.journal.transitions(group)[-1].at
    assert mock.journal.transitions(group)[-1].status == "ACTIVE"


def test_a_call_that_needs_what_a_rule_holds_is_refused(mock):
    mock.on("CreateDatasetGroup").holds("CREATE IN_PROGRESS")
    group = mock.call("CreateDatasetGroup", name="shop")["datasetGroupArn"]
    with pytest.raises(ClientError, match="ResourceInUseException"):
        mock.call("CreateEventTracker", name="t", datasetGroupArn=group)


def test_a_call_that_needs_what_has_failed_is_refused(mock):
    mock.on("CreateDatasetGroup").fails_job("Out of luck")
    group = mock.call("CreateDatasetGroup", name="shop")["datasetGroupArn"]
    with pytest.raises(ClientError, match="ResourceInUseException"):
        mock.call("CreateEventTracker", name="t", datasetGroupArn=group)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        mock.call("CreateEventTracker", name="t", datasetGroupArn=group.replace("shop", "none"))


def test_without_the_option_a_call_is_refused():
    with mock_personalize(clock="2024-05-01") as mock:
        group = mock.call("CreateDatasetGroup", name="shop")["datasetGroupArn"]
        with pytest.raises(ClientError, match="ResourceInUseException"):
            mock.call("CreateEventTracker", name="t", datasetGroupArn=group)


def test_an_unknown_mode_is_an_error():
    with pytest.raises(PersonalizeMockError, match="pending='wait'"):
        mock_personalize(pending="ready")
