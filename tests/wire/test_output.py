"""Results of handlers as members of output shapes."""

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from personalize_mock.wire.model import operation_by_name
from personalize_mock.wire.output import as_boto3_returns, shape_output

GROUP = operation_by_name("DescribeDatasetGroup").output
GROUPS = operation_by_name("ListDatasetGroups").output
METRICS = operation_by_name("GetSolutionMetrics").output


@dataclass
class Group:
    creation_date_time: float = 1_714_521_600.5
    name: str = "shop"
    dataset_group_arn: str = "arn"
    status: str | None = None
    domain: str | None = None
    lifecycle_state: Any = field(default_factory=dict)


def shaped(**members):
    """The shaped dataset group of a response."""
    return shape_output(GROUP, {"datasetGroup": Group(**members)})["datasetGroup"]


def test_members_of_objects_are_read_by_their_snake_case_names():
    assert shaped()["datasetGroupArn"] == "arn"


def test_members_of_mappings_are_read_by_their_wire_names():
    assert shape_output(GROUP, {"datasetGroup": {"datasetGroupArn": "arn", "dataset_group_arn": "other"}}) == {
        "datasetGroup": {"datasetGroupArn": "arn"}
    }


def test_members_that_are_none_are_left_out():
    assert not {"status", "domain"} & shaped().keys()


def test_members_that_the_object_lacks_are_left_out():
    assert "failureReason" not in shaped()


def test_attributes_that_the_model_does_not_have_are_left_out():
    assert not {"lifecycleState", "lifecycle_state"} & shaped().keys()
    assert "secret" not in shape_output(GROUP, {"datasetGroup": Group(), "secret": 1})


def test_members_are_in_the_order_of_the_model():
    members = shaped(status="ACTIVE", domain="ECOMMERCE")

    assert list(members) == ["name", "datasetGroupArn", "status", "creationDateTime", "domain"]


def test_false_zero_and_empty_values_are_kept():
    solution = {"name": "", "performHPO": False, "solutionConfig": {}}

    response = shape_output(operation_by_name("DescribeSolution").output, {"solution": solution})

    assert response == {"solution": solution}


def test_each_element_of_a_list_is_shaped():
    groups = shape_output(GROUPS, {"datasetGroups": [Group(), Group(name="b")]})["datasetGroups"]

    assert [group["name"] for group in groups] == ["shop", "b"]


def test_keys_of_maps_are_kept():
    metrics = {"normalized_discounted_cumulative_gain_at_5": 0.5}

    assert shape_output(METRICS, {"solutionVersionArn": "arn", "metrics": metrics})["metrics"] == metrics


def test_an_operation_without_an_output_shape_returns_nothing():
    assert shape_output(operation_by_name("DeleteSchema").output, None) == {}


def test_timestamps_are_epoch_seconds_on_the_wire():
    assert shaped()["creationDateTime"] == 1_714_521_600.5


def test_boto3_returns_timestamps_as_aware_datetimes():
    response = as_boto3_returns(GROUPS, shape_output(GROUPS, {"datasetGroups": [Group()]}))

    moment = datetime(2024, 5, 1, 0, 0, 0, 500_000, tzinfo=timezone.utc)
    assert response["datasetGroups"][0]["creationDateTime"] == moment
