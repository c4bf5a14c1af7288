"""`mock.wait`: a resource is moved to the end of its creation, update or deletion."""

import pytest
from builders import a_campaign, a_dataset, a_dataset_group, a_schema, interactions_csv, put_object
from import_jobs import start_import
from moto.moto_api import state_manager

from personalize_mock import PersonalizeMockError


def test_waiting_for_a_resource_returns_its_status_and_takes_the_time_of_its_creation(mock):
    arn = mock.call("CreateDatasetGroup", name="shop")["datasetGroupArn"]
    before = mock.clock.now()
    assert mock.wait(arn) == "ACTIVE"
    assert mock.call("DescribeDatasetGroup", datasetGroupArn=arn)["datasetGroup"]["status"] == "ACTIVE"
    assert mock.clock.now() > before
    assert [call.operation for call in mock.journal.calls()] == ["CreateDatasetGroup", "DescribeDatasetGroup"]


def test_waiting_for_a_resource_that_rests_moves_no_clock(mock):
    arn = mock.call("CreateDatasetGroup", name="shop")["datasetGroupArn"]
    mock.wait(arn)
    before = mock.clock.now()
    assert mock.wait(arn) == "ACTIVE"
    assert mock.clock.now() == before


def test_a_resource_without_a_status_rests(mock):
    arn = a_schema(mock)
    assert mock.wait(arn) is None


def test_waiting_for_a_failure_raises_it_with_its_reason_each_time(mock):
    dataset = a_dataset(mock, a_dataset_group(mock))
    job = start_import(dataset, put_object(interactions_csv(users=3)))
    for _ in range(2):
        with pytest.raises(PersonalizeMockError, match=f"{job} is CREATE FAILED: .*1000"):
            mock.wait(job)


def test_waiting_ends_when_an_update_or_a_deletion_has_ended(mock):
    campaign = a_campaign(mock)
    mock.call("UpdateCampaign", campaignArn=campaign, minProvisionedTPS=2)
    assert mock.wait(campaign) == "ACTIVE"
    described = mock.call("DescribeCampaign", campaignArn=campaign)["campaign"]
    assert described["latestCampaignUpdate"]["status"] == "ACTIVE"
    mock.call("DeleteCampaign", campaignArn=campaign)
    assert mock.wait(campaign) is None
    assert mock.call("ListCampaigns")["campaigns"] == []


def test_waiting_for_an_unknown_arn_names_the_nearest_one(mock):
    arn = mock.call("CreateDatasetGroup", name="shop")["datasetGroupArn"]
    with pytest.raises(PersonalizeMockError, match=f"Did you mean '{arn}'"):
        mock.wait(arn.replace("shop", "shpo"))
    with pytest.raises(PersonalizeMockError, match="no resources in this region"):
        mock.wait(arn.replace("us-east-1", "eu-west-1"))


@pytest.mark.parametrize("arn", ["shop", "arn:aws:s3:::bucket", None, ""])
def test_waiting_for_something_else_than_a_resource_is_an_error(mock, arn):
    with pytest.raises(PersonalizeMockError, match="is not the ARN of a resource of Amazon Personalize"):
        mock.wait(arn)


def test_waiting_polls_a_resource_whose_stages_last_a_number_of_polls(mock):
    state_manager.set_transition("personalize::dataset-group", {"progression": "manual", "times": 3})
    try:
        arn = mock.call("CreateDatasetGroup", name="shop")["datasetGroupArn"]
        before = mock.clock.now()
        assert mock.wait(arn) == "ACTIVE"
        assert mock.clock.now() == before
    finally:
        state_manager.unset_transition("personalize::dataset-group")


def test_waiting_for_what_a_rule_holds_is_an_error_until_it_is_released(mock):
    held = mock.on("CreateDatasetGroup").holds("CREATE IN_PROGRESS")
    arn = mock.call("CreateDatasetGroup", name="shop")["datasetGroupArn"]
    with pytest.raises(PersonalizeMockError, match=r"stays in the status CREATE IN_PROGRESS.*release\(\)"):
        mock.wait(arn)
    held.release()
    assert mock.wait(arn) == "ACTIVE"
