"""Direct calls of operations with `mock.call`."""

from datetime import datetime, timezone

import builders
import pytest
from botocore.exceptions import ClientError

from personalize_mock import MockPersonalize, PersonalizeMockError

NOW = datetime(2024, 5, 1, tzinfo=timezone.utc)


def test_a_call_returns_what_boto3_returns(mock: MockPersonalize):
    builders.a_schema(mock, name="films")

    response = builders.client().list_schemas()
    response.pop("ResponseMetadata")

    assert mock.call("ListSchemas") == response
    assert response["schemas"][0]["creationDateTime"] == NOW


def test_timestamps_are_aware_datetimes(mock: MockPersonalize):
    arn = builders.a_schema(mock)

    assert mock.call("DescribeSchema", schemaArn=arn)["schema"]["creationDateTime"] == NOW


def test_an_operation_without_an_output_shape_returns_an_empty_dict(mock: MockPersonalize):
    assert mock.call("DeleteSchema", schemaArn=builders.a_schema(mock)) == {}


def test_an_error_of_the_service_is_a_client_error(mock: MockPersonalize):
    with pytest.raises(ClientError, match=r"\(ResourceNotFoundException\) when calling the DescribeSchema") as raised:
        mock.call("DescribeSchema", schemaArn="arn:aws:personalize:us-east-1:123456789012:schema/none")

    assert raised.value.operation_name == "DescribeSchema"


def test_parameters_are_validated(mock: MockPersonalize):
    with pytest.raises(ClientError, match="Member must not be null"):
        mock.call("CreateDatasetGroup")


def test_circular_parameters_raise_an_error_of_the_mock(mock: MockPersonalize):
    circular: list[object] = []
    circular.append(circular)

    with pytest.raises(PersonalizeMockError, match="parameters of PutEvents are nested too deeply"):
        mock.call("PutEvents", eventList=circular)


def test_an_unknown_operation_raises_an_error_with_the_nearest_name(mock: MockPersonalize):
    with pytest.raises(PersonalizeMockError, match=r"no operation 'create_schema'\. Did you mean 'CreateSchema'\?"):
        mock.call("create_schema")
    for name in (None, 5, ["CreateSchema"]):
        with pytest.raises(PersonalizeMockError, match="no operation"):
            mock.call(name)


def test_an_unknown_member_raises_an_error_with_the_nearest_or_all_names(mock: MockPersonalize):
    schema = builders.a_schema(mock)

    with pytest.raises(PersonalizeMockError, match=r"has no member 'schema_arn'\. Did you mean 'schemaArn'\?"):
        mock.call("DescribeSchema", schema_arn=schema)
    with pytest.raises(PersonalizeMockError, match=r"has no member 'x'\. Write one of 'nextToken', 'maxResults'\."):
        mock.call("ListSchemas", x=schema)


def test_parameters_may_be_datetimes_tuples_and_mappings(mock: MockPersonalize):
    event = {"eventType": "Watch", "sentAt": NOW}

    with pytest.raises(ClientError) as raised:
        mock.call(
            "PutEvents", trackingId="t", sessionId="s", eventList=({**event, "sentAt": NOW.replace(tzinfo=None)},)
        )

    assert raised.value.response["Error"]["Code"] == "InvalidInputException"  # the tracker does not exist
    assert mock.journal.calls("PutEvents")[0].params["eventList"] == [{"eventType": "Watch", "sentAt": NOW.timestamp()}]


def test_accounts_and_regions_have_separate_state(mock: MockPersonalize):
    mock.call("CreateDatasetGroup", name="shop")
    elsewhere = mock.call("CreateDatasetGroup", name="shop", account="111122223333", region="eu-west-1")

    assert elsewhere["datasetGroupArn"] == "arn:aws:personalize:eu-west-1:111122223333:dataset-group/shop"
    assert len(mock.call("ListDatasetGroups")["datasetGroups"]) == 1
    assert len(mock.call("ListDatasetGroups", region="eu-west-1")["datasetGroups"]) == 0


@pytest.mark.parametrize(("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")])
def test_the_partition_of_an_arn_follows_from_the_region(mock: MockPersonalize, region: str, partition: str):
    arn = mock.call("CreateDatasetGroup", name="shop", region=region)["datasetGroupArn"]

    assert arn.startswith(f"arn:{partition}:personalize:{region}:")


def test_successful_and_failed_calls_are_in_the_journal(mock: MockPersonalize):
    mock.call("ListSchemas", maxResults=7)
    with pytest.raises(ClientError):
        mock.call("ListSchemas", maxResults=0)

    succeeded, failed = mock.journal.calls("ListSchemas")
    assert (succeeded.params, succeeded.error) == ({"maxResults": 7}, None)
    assert (failed.params, failed.error) == ({"maxResults": 0}, "ValidationException")


def test_changing_the_parameters_after_a_call_changes_nothing(mock: MockPersonalize):
    tags = [{"tagKey": "team", "tagValue": "films"}]
    mock.call("CreateDatasetGroup", name="shop", tags=tags)
    tags[0]["tagKey"] = "changed"

    assert mock.journal.calls("CreateDatasetGroup")[0].params["tags"] == [{"tagKey": "team", "tagValue": "films"}]


def test_changing_a_response_changes_nothing(mock: MockPersonalize):
    group = builders.a_group_with_data(mock)
    config = {"algorithmHyperParameters": {"hidden_dimension": "64"}}
    solution = builders.a_solution(mock, group, solutionConfig=config)

    mock.call("DescribeSolution", solutionArn=solution)["solution"]["solutionConfig"].clear()

    assert mock.call("DescribeSolution", solutionArn=solution)["solution"]["solutionConfig"] == config
