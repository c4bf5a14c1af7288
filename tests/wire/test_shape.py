"""Objects to the members of output shapes."""

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from personalize_mock.wire.model import named
from personalize_mock.wire.shape import as_boto3_shows, shape

GROUP = named("DescribeDatasetGroup").output
GROUPS = named("ListDatasetGroups").output
METRICS = named("GetSolutionMetrics").output


@dataclass
class Group:
    creation_date_time: float = 1_714_521_600.5
    name: str = "shop"
    dataset_group_arn: str = "arn"
    status: str | None = None
    domain: str | None = None
    lifecycle_state: Any = field(default_factory=dict)


def test_members_are_taken_by_their_python_names():
    assert shape(GROUP, {"datasetGroup": Group()})["datasetGroup"]["datasetGroupArn"] == "arn"


def test_members_are_taken_by_their_wire_names_from_mappings():
    assert shape(GROUP, {"datasetGroup": {"datasetGroupArn": "arn", "dataset_group_arn": "other"}}) == {
        "datasetGroup": {"datasetGroupArn": "arn"}
    }


def test_what_is_none_is_absent():
    shown = shape(GROUP, {"datasetGroup": Group()})["datasetGroup"]

    assert "status" not in shown
    assert "domain" not in shown


def test_what_is_not_there_is_absent():
    assert "failureReason" not in shape(GROUP, {"datasetGroup": Group()})["datasetGroup"]


def test_what_the_model_does_not_know_stays_inside():
    assert "course" not in shape(GROUP, {"datasetGroup": Group(), "secret": 1})["datasetGroup"]
    assert "secret" not in shape(GROUP, {"datasetGroup": Group(), "secret": 1})


def test_members_stand_in_the_models_order():
    shown = shape(GROUP, {"datasetGroup": Group(status="ACTIVE", domain="ECOMMERCE")})["datasetGroup"]

    assert list(shown) == ["name", "datasetGroupArn", "status", "creationDateTime", "domain"]


def test_false_zero_and_empty_are_not_absent():
    solution = {"name": "", "performHPO": False, "solutionConfig": {}}

    assert shape(named("DescribeSolution").output, {"solution": solution}) == {"solution": solution}


def test_lists_are_shaped_one_by_one():
    assert [each["name"] for each in shape(GROUPS, {"datasetGroups": [Group(), Group(name="b")]})["datasetGroups"]] == [
        "shop",
        "b",
    ]


def test_keys_of_maps_stay_as_they_are():
    metrics = {"normalized_discounted_cumulative_gain_at_5": 0.5}

    assert shape(METRICS, {"solutionVersionArn": "arn", "metrics": metrics})["metrics"] == metrics


def test_an_operation_without_output_answers_nothing():
    assert shape(named("DeleteSchema").output, None) == {}


def test_timestamps_are_epoch_seconds_on_the_wire():
    assert shape(GROUP, {"datasetGroup": Group()})["datasetGroup"]["creationDateTime"] == 1_714_521_600.5


def test_boto3_shows_timestamps_as_aware_datetimes():
    shown = as_boto3_shows(GROUPS, shape(GROUPS, {"datasetGroups": [Group()]}))

    moment = datetime(2024, 5, 1, 0, 0, 0, 500_000, tzinfo=timezone.utc)
    assert shown["datasetGroups"][0]["creationDateTime"] == moment
