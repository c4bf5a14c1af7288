"""What public client code does with recommendations, and test code with mocked clients."""

from unittest.mock import MagicMock, patch

import boto3
import pytest
from botocore.stub import Stubber
from builders import a_campaign, a_group_with_data, a_solution, a_solution_version, client

from personalize_mock import mock_personalize


@pytest.fixture(scope="module")
def campaign():
    with mock_personalize(clock=0) as mock:
        yield a_campaign(mock, a_solution_version(mock, a_solution(mock, a_group_with_data(mock))))


def test_an_unknown_user_gets_recommendations(campaign):
    runtime = boto3.client("personalize-runtime")
    response = runtime.get_recommendations(campaignArn=campaign, userId="never-seen", numResults=10)
    assert [item["itemId"] for item in response["itemList"]]


def test_items_have_no_promotion_name_metadata_or_reason_unless_requested(campaign):
    for item in client("personalize-runtime").get_recommendations(campaignArn=campaign, userId="u1")["itemList"]:
        assert item.get("promotionName") is None
        assert "metadata" not in item
        assert "reason" not in item


def test_the_runtime_responds_with_plain_json(campaign):
    response = client("personalize-runtime").get_recommendations(campaignArn=campaign, userId="u1")
    headers = response["ResponseMetadata"]["HTTPHeaders"]
    assert headers["content-type"] == "application/json"
    assert {"x-amzn-requestid", "date"} <= set(headers)


def test_a_user_id_may_be_a_number_converted_to_a_string(campaign):
    runtime = client("personalize-runtime")
    assert runtime.get_recommendations(campaignArn=campaign, userId=str(42))["itemList"]


def test_a_stubber_takes_precedence(campaign):
    runtime = boto3.client("personalize-runtime")
    canned = {"itemList": [{"itemId": "canned"}], "recommendationId": "RID-1"}
    with Stubber(runtime) as stubber:
        stubber.add_response("get_recommendations", canned, {"campaignArn": campaign, "userId": "u1"})
        assert runtime.get_recommendations(campaignArn=campaign, userId="u1")["itemList"] == canned["itemList"]
        stubber.add_client_error("get_recommendations", "ThrottlingException", expected_params={"userId": "u2"})
        with pytest.raises(runtime.exceptions.ClientError, match="ThrottlingException"):
            runtime.get_recommendations(userId="u2")
        stubber.assert_no_pending_responses()
    assert len(runtime.get_recommendations(campaignArn=campaign, userId="u1")["itemList"]) == 25


def test_a_stubbed_call_changes_no_state(campaign):
    personalize = boto3.client("personalize")
    arn = "arn:aws:personalize:us-east-1:123456789012:dataset-group/stubbed"
    with Stubber(personalize) as stubber:
        stubber.add_response("create_dataset_group", {"datasetGroupArn": arn})
        assert personalize.create_dataset_group(name="stubbed")["datasetGroupArn"] == arn
    assert "stubbed" not in [group["name"] for group in personalize.list_dataset_groups()["datasetGroups"]]


def test_a_magic_mock_takes_precedence(campaign):
    runtime = boto3.client("personalize-runtime")
    runtime.get_recommendations = MagicMock(return_value={"itemList": []})
    assert runtime.get_recommendations(campaignArn=campaign, userId="u1") == {"itemList": []}
    with patch("boto3.client") as make_client:
        make_client.return_value.get_recommendations.return_value = {"itemList": [{"itemId": "7"}]}
        assert boto3.client("personalize-runtime").get_recommendations()["itemList"] == [{"itemId": "7"}]


def test_a_patched_api_call_takes_precedence(campaign):
    with patch("botocore.client.BaseClient._make_api_call", return_value={"itemList": []}) as call:
        assert client("personalize-runtime").get_recommendations(userId="u1") == {"itemList": []}
    assert call.call_args.args == ("GetRecommendations", {"userId": "u1"})
