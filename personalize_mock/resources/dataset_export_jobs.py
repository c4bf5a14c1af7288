"""Dataset export jobs, which write the data of a dataset to a CSV file in S3.

A job reads the data when it starts and writes the file when it ends. Two details are choices of the mock: the file is
`<path>/<jobName>/part-00000.csv`, and a job without data writes a file that contains only the header.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from personalize_mock.resources import locations
from personalize_mock.resources.core import messages
from personalize_mock.resources.core.crud import add, check_absent, describe_handler, find_active, list_handler
from personalize_mock.resources.core.effects import effect
from personalize_mock.resources.core.lifecycle import JobFailed, create
from personalize_mock.resources.core.resource import Resource
from personalize_mock.resources.datasets import Dataset
from personalize_mock.resources.passed_roles import check_passed_role
from personalize_mock.resources.tags import Tags, check_tags
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import InvalidInputException
from personalize_mock.wire.registry import handler

if TYPE_CHECKING:
    from personalize_mock.data.dataset_table import DatasetTable

Output = Mapping[str, Mapping[str, str]]

# Developer guide, "Exporting the training data in a dataset to Amazon S3" (2025).
EXPORTABLE_TYPES = ("INTERACTIONS", "ITEMS", "USERS")
FILE = "part-00000.csv"

# Ours.
NOT_EXPORTABLE = "Dataset {arn} is of type {type}; only Interactions, Items and Users datasets can be exported."


@dataclass(kw_only=True)
class DatasetExportJob(Resource):
    """A dataset export job, with the members that DescribeDatasetExportJob returns.

    Attributes:
        data: The rows that the job has read but not yet written, or None.
    """

    ARN_TYPE = "dataset-export-job"
    LIST_MEMBER = "datasetExportJobs"
    LIFECYCLES = (create(effect="read", finish="write"),)

    dataset_arn: str
    ingestion_mode: str = "PUT"
    role_arn: str
    job_output: Output
    data: "DatasetTable | None" = None

    @property
    def job_name(self) -> str:
        """The name of the job, under the name that this member has in requests and responses (`jobName`)."""
        return self.name


@effect(DatasetExportJob)
def read(store: Store, job: DatasetExportJob) -> None:
    """Read the rows to export from a job's dataset when the job starts. They do not include later changes."""
    dataset = store.all(Dataset).get(job.dataset_arn)
    if dataset is None:
        raise JobFailed(messages.not_found(Dataset.label(), job.dataset_arn))
    job.data = dataset.contents.exported(job.ingestion_mode)


@effect(DatasetExportJob)
def write(store: Store, job: DatasetExportJob) -> None:
    """Write the CSV file of an export job to S3 when the job ends.

    The file contains the rows that the job has read from the dataset at its start.
    """
    from personalize_mock.data.csv_output import csv_blocks

    data, job.data = job.data, None
    assert data is not None  # noqa: S101  # a job that could not read has already failed
    destination, now = job.job_output["s3DataDestination"], store.clock.timestamp()
    path, place = destination["path"], _file(destination["path"], job.name)
    locations.recheck_access(store, job.role_arn, path, source=job.arn, write=True, list_keys=lambda *_: [place.key])
    with TemporaryFile() as file:
        file.writelines(csv_blocks(data))
        file.seek(0)
        if not store.objects.write(place.bucket, place.key, file, at=now, kms_key=destination.get("kmsKeyArn")):
            raise JobFailed(str(locations.no_access(place.bucket)))


def _file(path: str, job_name: str) -> locations.Location:
    """Return the location of the CSV file that the named job writes, given the S3 path in its jobOutput."""
    return locations.parse(path).child(job_name, FILE)


@handler
def create_dataset_export_job(
    store: Store,
    *,
    job_name: str,
    dataset_arn: str,
    role_arn: str,
    job_output: Output,
    ingestion_mode: str = "PUT",
    tags: Tags = (),
) -> DatasetExportJob:
    """Answer a CreateDatasetExportJob request. The number of export jobs is not limited by a quota."""
    check_passed_role(store, role_arn)
    dataset = find_active(store, Dataset, dataset_arn)
    if dataset.dataset_type not in EXPORTABLE_TYPES:
        raise InvalidInputException(NOT_EXPORTABLE.format(arn=dataset_arn, type=dataset.dataset_type))
    path = job_output["s3DataDestination"]["path"]
    locations.parse(path)
    check_tags(tags)
    arn = store.arn(DatasetExportJob.ARN_TYPE, job_name)
    check_absent(store, DatasetExportJob, arn)
    locations.check_writable(store, path)
    key = _file(path, job_name).key
    locations.check_access(store, role_arn, path, source=arn, write=True, list_keys=lambda *_: [key])
    job = DatasetExportJob(
        arn=arn,
        name=job_name,
        dataset_arn=dataset_arn,
        ingestion_mode=ingestion_mode,
        role_arn=role_arn,
        job_output=job_output,
        tags=tags,
    )
    return add(store, job)


describe_dataset_export_job = describe_handler(DatasetExportJob)
list_dataset_export_jobs = list_handler(DatasetExportJob)
