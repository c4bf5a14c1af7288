"""Regression tests for bugs that random sequences have found."""

import builders
import pytest
from stateful import samples, sequences
from stateful.engine import Setup
from stateful.lockstep import Lockstep

from personalize_mock.wire.dispatch import dispatch
from personalize_mock.wire.errors import ResourceInUseException
from personalize_mock.wire.model import operation_by_name

GROUP = sequences.arn("dataset-group", "a")
INTERACTIONS = sequences.arn("dataset", "a/INTERACTIONS")


@pytest.fixture
def lockstep():
    pair = Lockstep(Setup())
    sequences.group_with_data(pair)
    return pair


def call_engine(lockstep, operation, **request):
    return dispatch(lockstep.store, operation_by_name(operation), request)


def test_a_dataset_cannot_be_deleted_while_its_group_has_a_filter(lockstep):
    lockstep.call("CreateFilter", name="a", datasetGroupArn=GROUP, filterExpression=samples.UNSEEN_ITEMS)
    lockstep.jump(60)

    with pytest.raises(ResourceInUseException):
        call_engine(lockstep, "DeleteDataset", datasetArn=INTERACTIONS)


def test_a_dataset_cannot_be_deleted_while_a_batch_job_runs(lockstep):
    source = {"s3DataSource": {"path": f"s3://{samples.BUCKET}/lines.csv"}}
    output = {"s3DataDestination": {"path": samples.OUTPUT}}
    job = {"jobName": "a", "jobInput": source, "jobOutput": output, "roleArn": builders.ROLE}
    lockstep.call("CreateBatchInferenceJob", solutionVersionArn=sequences.trained_version(lockstep), **job)

    with pytest.raises(ResourceInUseException):
        call_engine(lockstep, "DeleteDataset", datasetArn=INTERACTIONS)


def test_a_recreated_action_interactions_dataset_has_a_new_tracking_id():
    lockstep = Lockstep(Setup(factor=0.0))
    lockstep.call("CreateDatasetGroup", name="a")
    lockstep.call("CreateSchema", name="a", schema=samples.SCHEMAS["Action_Interactions"])
    members = {"schemaArn": sequences.arn("schema", "a"), "datasetGroupArn": GROUP}
    arn = sequences.arn("dataset", "a/ACTION_INTERACTIONS")
    ids = set()
    for _ in range(2):
        call_engine(lockstep, "CreateDataset", name="a", datasetType="Action_Interactions", **members)
        ids.add(call_engine(lockstep, "DescribeDataset", datasetArn=arn)["dataset"]["trackingId"])
        call_engine(lockstep, "DeleteDataset", datasetArn=arn)

    assert len(ids) == 2
