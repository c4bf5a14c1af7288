"""Operations called without a client."""

from datetime import datetime, timezone

import builders
import pytest
from botocore.exceptions import ClientError

from personalize_mock import MockPersonalize, PersonalizeMockError

NOW = datetime(2024, 5, 1, tzinfo=timezone.utc)


def test_a_call_answers_what_boto3_shows(mock: MockPersonalize):
    builders.a_schema(mock, name="films")

    shown = builders.client().list_schemas()
    shown.pop("ResponseMetadata")

    assert mock.call("ListSchemas") == shown
    assert shown["schemas"][0]["creationDateTime"] == NOW


def test_timestamps_are_aware_datetimes(mock: MockPersonalize):
    arn = builders.a_schema(mock)

    assert mock.call("DescribeSchema", schemaArn=arn)["schema"]["creationDateTime"] == NOW


def test_a_call_of_an_operation_without_output_answers_nothing(mock: MockPersonalize):
    assert mock.call("DeleteSchema", schemaArn=builders.a_schema(mock)) == {}


def test_a_refusal_is_a_client_error(mock: MockPersonalize):
    with pytest.raises(ClientError, match=r"\(ResourceNotFoundException\) when calling the DescribeSchema") as refused:
        mock.call("DescribeSchema", schemaArn="arn:aws:personalize:us-east-1:123456789012:schema/none")

    assert refused.value.operation_name == "DescribeSchema"


def test_constraints_are_checked(mock: MockPersonalize):
    with pytest.raises(ClientError, match="Member must not be null"):
        mock.call("CreateDatasetGroup")


def test_parameters_without_end_are_misuse(mock: MockPersonalize):
    endless: list[object] = []
    endless.append(endless)

    with pytest.raises(PersonalizeMockError, match="parameters of PutEvents are nested too deeply"):
        mock.call("PutEvents", eventList=endless)


def test_an_unknown_operation_is_misuse(mock: MockPersonalize):
    with pytest.raises(PersonalizeMockError, match=r"no operation 'create_schema'\. Write its name in the API"):
        mock.call("create_schema")


def test_an_unknown_member_is_misuse(mock: MockPersonalize):
    with pytest.raises(PersonalizeMockError, match=r"DescribeSchema has no member 'schema_arn'; it has schemaArn\."):
        mock.call("DescribeSchema", schema_arn=builders.a_schema(mock))


def test_datetimes_tuples_and_mappings_are_taken(mock: MockPersonalize):
    event = {"eventType": "Watch", "sentAt": NOW}

    with pytest.raises(ClientError) as refused:
        mock.call(
            "PutEvents", trackingId="t", sessionId="s", eventList=({**event, "sentAt": NOW.replace(tzinfo=None)},)
        )

    assert refused.value.response["Error"]["Code"] == "InvalidInputException"  # no such tracker
    assert mock.journal.calls("PutEvents")[0].params["eventList"] == [{"eventType": "Watch", "sentAt": NOW.timestamp()}]


def test_accounts_and_regions_are_apart(mock: MockPersonalize):
    mock.call("CreateDatasetGroup", name="shop")
    elsewhere = mock.call("CreateDatasetGroup", name="shop", account="111122223333", region="eu-west-1")

    assert elsewhere["datasetGroupArn"] == "arn:aws:personalize:eu-west-1:111122223333:dataset-group/shop"
    assert len(mock.call("ListDatasetGroups")["datasetGroups"]) == 1
    assert len(mock.call("ListDatasetGroups", region="eu-west-1")["datasetGroups"]) == 0


@pytest.mark.parametrize(("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")])
def test_partitions_are_the_regions(mock: MockPersonalize, region: str, partition: str):
    arn = mock.call("CreateDatasetGroup", name="shop", region=region)["datasetGroupArn"]

    assert arn.startswith(f"arn:{partition}:personalize:{region}:")


def test_each_call_is_in_the_journal(mock: MockPersonalize):
    mock.call("ListSchemas", maxResults=7)
    with pytest.raises(ClientError):
        mock.call("ListSchemas", maxResults=0)

    listed, refused = mock.journal.calls("ListSchemas")
    assert (listed.params, listed.error) == ({"maxResults": 7}, None)
    assert (refused.params, refused.error) == ({"maxResults": 0}, "ValidationException")


def test_what_is_handed_in_may_be_changed_later(mock: MockPersonalize):
    tags = [{"tagKey": "team", "tagValue": "films"}]
    mock.call("CreateDatasetGroup", name="shop", tags=tags)
    tags[0]["tagKey"] = "changed"

    assert mock.journal.calls("CreateDatasetGroup")[0].params["tags"] == [{"tagKey": "team", "tagValue": "films"}]


def test_what_is_handed_out_may_be_changed(mock: MockPersonalize):
    group = builders.a_group_with_data(mock)
    config = {"algorithmHyperParameters": {"hidden_dimension": "64"}}
    solution = builders.a_solution(mock, group, solutionConfig=config)

    mock.call("DescribeSolution", solutionArn=solution)["solution"]["solutionConfig"].clear()

    assert mock.call("DescribeSolution", solutionArn=solution)["solution"]["solutionConfig"] == config
