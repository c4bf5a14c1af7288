"""What sequences have found, each as short as it can be told."""

import builders
import pytest
from stateful import going, texts
from stateful.engine import Setup
from stateful.walk import Walk

from personalize_mock.wire.dispatch import dispatch
from personalize_mock.wire.errors import ResourceInUseException
from personalize_mock.wire.model import operation_by_name

GROUP = going.arn("dataset-group", "a")
INTERACTIONS = going.arn("dataset", "a/INTERACTIONS")


@pytest.fixture
def walk():
    made = Walk(Setup())
    going.data(made)
    return made


def asked(walk, operation, **request):
    return dispatch(walk.store, operation_by_name(operation), request)


def test_a_dataset_stays_while_its_group_has_a_filter(walk):
    walk.call("CreateFilter", name="a", datasetGroupArn=GROUP, filterExpression=texts.NOTHING_SEEN)
    walk.jump(60)

    with pytest.raises(ResourceInUseException):
        asked(walk, "DeleteDataset", datasetArn=INTERACTIONS)


def test_a_dataset_stays_while_a_batch_job_runs(walk):
    source = {"s3DataSource": {"path": f"s3://{texts.BUCKET}/lines.csv"}}
    output = {"s3DataDestination": {"path": texts.OUTPUT}}
    job = {"jobName": "a", "jobInput": source, "jobOutput": output, "roleArn": builders.ROLE}
    walk.call("CreateBatchInferenceJob", solutionVersionArn=going.version(walk), **job)

    with pytest.raises(ResourceInUseException):
        asked(walk, "DeleteDataset", datasetArn=INTERACTIONS)


def test_an_action_tracker_that_is_made_anew_at_once_has_another_id():
    walk = Walk(Setup(factor=0.0))
    walk.call("CreateDatasetGroup", name="a")
    walk.call("CreateSchema", name="a", schema=texts.SCHEMAS["Action_Interactions"])
    members = {"schemaArn": going.arn("schema", "a"), "datasetGroupArn": GROUP}
    arn = going.arn("dataset", "a/ACTION_INTERACTIONS")
    ids = set()
    for _ in range(2):
        asked(walk, "CreateDataset", name="a", datasetType="Action_Interactions", **members)
        ids.add(asked(walk, "DescribeDataset", datasetArn=arn)["dataset"]["trackingId"])
        asked(walk, "DeleteDataset", datasetArn=arn)

    assert len(ids) == 2
