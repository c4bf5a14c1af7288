"""Export jobs: a dataset as CSV in S3, whole or not at all.

The data are those of the instant at which the job begins to run, and the file appears when it ends. Its name,
`<path>/<jobName>/part-00000.csv`, is ours, because no recording of one was found; so is that there is always one file,
which has a header alone if there is nothing to export.
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
from personalize_mock.resources.tags import Tags, check_tags
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import InvalidInputException
from personalize_mock.wire.registry import handler

if TYPE_CHECKING:
    from personalize_mock.data.avro import AvroSchema
    from personalize_mock.data.tables import Table

Output = Mapping[str, Mapping[str, str]]

EXPORTABLE = ("INTERACTIONS", "ITEMS", "USERS")  # documented
FILE = "part-00000.csv"

# Ours.
NOT_EXPORTABLE = (
    "Dataset {arn} is of type {type}; only datasets of the types Interactions, Items and Users are exported."
)


@dataclass(kw_only=True)
class DatasetExportJob(Resource):
    """An export job; `table` and `fields` are what it has taken and not yet written."""

    ARN_TYPE = "dataset-export-job"
    LIST_MEMBER = "datasetExportJobs"
    LIFECYCLES = (create(effect="read", finish="write"),)

    dataset_arn: str
    ingestion_mode: str = "PUT"
    role_arn: str
    job_output: Output
    table: "Table | None" = None
    fields: "AvroSchema | None" = None

    @property
    def job_name(self) -> str:
        """The name, as the wire calls it."""
        return self.name


@effect(DatasetExportJob)
def read(store: Store, job: DatasetExportJob) -> None:
    """Takes the data as they are when the job begins."""
    dataset = store.all(Dataset).get(job.dataset_arn)
    if dataset is None:
        raise JobFailed(messages.not_found(Dataset.label(), job.dataset_arn))
    job.table, job.fields = dataset.contents.exported(job.ingestion_mode), dataset.parsed_schema


@effect(DatasetExportJob)
def write(store: Store, job: DatasetExportJob) -> None:
    """Writes them."""
    from personalize_mock.data.csv_output import blocks

    table, fields, job.table, job.fields = job.table, job.fields, None, None
    assert table is not None  # noqa: S101  # a job that could not take anything does not write
    assert fields is not None  # noqa: S101  # the same
    destination, now = job.job_output["s3DataDestination"], store.clock.timestamp()
    locations.recheck_access(store, job.role_arn, destination["path"], source=job.arn, write=True)
    place = locations.parse(destination["path"]).inside(job.name, FILE)
    with TemporaryFile() as file:
        file.writelines(blocks(table, fields))
        file.seek(0)
        if not store.objects.write(place.bucket, place.key, file, at=now, kms_key=destination.get("kmsKeyArn")):
            raise JobFailed(locations.NO_ACCESS)


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
    """CreateDatasetExportJob; there is no quota of them."""
    locations.check_role(store, role_arn)
    dataset = find_active(store, Dataset, dataset_arn)
    if dataset.dataset_type not in EXPORTABLE:
        raise InvalidInputException(NOT_EXPORTABLE.format(arn=dataset_arn, type=dataset.dataset_type))
    path = job_output["s3DataDestination"]["path"]
    locations.parse(path)
    check_tags(tags)
    arn = store.arn(DatasetExportJob.ARN_TYPE, job_name)
    check_absent(store, DatasetExportJob, arn)
    locations.check_writable(store, path)
    locations.check_access(store, role_arn, path, source=arn, write=True)
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
