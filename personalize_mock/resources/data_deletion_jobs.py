"""Data deletion jobs, which remove users and their interactions from the datasets of a dataset group.

A job reads the list of users when it starts and deletes them when it ends. Deployed models keep the users until they
are trained again; only user segments omit deleted users at once. The developer guide advises against training and
importing during a job, but the mock allows both. Source: developer guide, "Deleting users and their data" (2025).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from personalize_mock.resources import locations
from personalize_mock.resources.core import quotas
from personalize_mock.resources.core.crud import PAGE, add, check_absent, describe_handler, find_active, paginate
from personalize_mock.resources.core.effects import effect
from personalize_mock.resources.core.lifecycle import JobFailed, record_poll
from personalize_mock.resources.core.resource import Lifecycle, Resource, Stage
from personalize_mock.resources.dataset_groups import DatasetGroup
from personalize_mock.resources.datasets import datasets_of
from personalize_mock.resources.passed_roles import check_passed_role
from personalize_mock.resources.tags import Tags, check_tags
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import InvalidInputException
from personalize_mock.wire.registry import handler

MAX_INPUT = 100 * 1024**2  # bytes; developer guide, "Amazon Personalize endpoints and quotas" (2025)

_keys = partial(locations.keys, nested=True)
_MAX_ORDINAL = 1 << 53

# Ours.
TOO_LARGE = "The input files have more than {limit} bytes in total. Split them across several jobs."


@dataclass(kw_only=True)
class DataDeletionJob(Resource):
    """A data deletion job, with the members that DescribeDataDeletionJob returns.

    Attributes:
        num_deleted: The number of rows deleted from all datasets. None until the job is COMPLETED.
        user_ids: The ids of the users to delete. Empty until the job has read them from S3.
    """

    ARN_TYPE = "data-deletion-job"
    LIST_MEMBER = "dataDeletionJobs"
    LIFECYCLES = (
        Lifecycle(
            "create",
            (Stage("PENDING"), Stage("IN_PROGRESS", 0.2, "load"), Stage("COMPLETED", 0.8, "delete_users")),
            failed="FAILED",
        ),
    )

    dataset_group_arn: str
    data_source: Mapping[str, str]
    role_arn: str
    num_deleted: int | None = None
    user_ids: frozenset[str] = frozenset()

    @property
    def job_name(self) -> str:
        """The name of the job, under the name that this member has in requests and responses (`jobName`)."""
        return self.name


@effect(DataDeletionJob)
def load(store: Store, job: DataDeletionJob) -> None:
    """Read the ids of the users to delete from CSV files in S3 when a data deletion job starts.

    Columns other than USER_ID are ignored.
    """
    from personalize_mock.data.avro import AvroSchema, SchemaField
    from personalize_mock.data.csv_files import ImportFailed, read

    location = job.data_source["dataLocation"]
    locations.recheck_access(store, job.role_arn, location, source=job.arn, list_keys=_keys)
    schema = AvroSchema(dataset_type="USERS", fields=(SchemaField(name="USER_ID", type="string"),))
    try:
        table = read(_files(store, location), schema)
    except (ImportFailed, InvalidInputException) as failure:
        raise JobFailed(str(failure)) from None
    job.user_ids = frozenset(table.strings("USER_ID").values)


@effect(DataDeletionJob)
def delete_users(store: Store, job: DataDeletionJob) -> None:
    """Delete the rows of the users listed in a job from all datasets of its dataset group when the job ends."""
    job.num_deleted = sum(dataset.delete_users(job.user_ids) for dataset in datasets_of(store, job.dataset_group_arn))


@handler
def create_data_deletion_job(
    store: Store,
    *,
    job_name: str,
    dataset_group_arn: str,
    data_source: Mapping[str, str],
    role_arn: str,
    tags: Tags = (),
) -> DataDeletionJob:
    """Answer a CreateDataDeletionJob request.

    Access to the CSV files in S3 is checked at once. The files are read when the job starts.
    """
    check_passed_role(store, role_arn)
    find_active(store, DatasetGroup, dataset_group_arn)
    locations.parse(data_source.get("dataLocation", ""))
    check_tags(tags)
    arn = store.arn(DataDeletionJob.ARN_TYPE, job_name)
    check_absent(store, DataDeletionJob, arn)
    quotas.check_quota(store, "data_deletion_jobs_pending", within=dataset_group_arn)
    locations.check_access(store, role_arn, data_source["dataLocation"], source=arn, list_keys=_keys)
    _keys(store, data_source["dataLocation"])
    job = DataDeletionJob(
        arn=arn,
        name=job_name,
        dataset_group_arn=dataset_group_arn,
        data_source=data_source,
        role_arn=role_arn,
        tags=tags,
    )
    return add(store, job)


@handler
def list_data_deletion_jobs(
    store: Store, *, dataset_group_arn: str | None = None, next_token: str | None = None, max_results: int = PAGE
) -> Mapping[str, Any]:
    """Answer a ListDataDeletionJobs request.

    The newest job comes first, as documented in botocore's model.
    """
    scope = {"dataset_group_arn": dataset_group_arn}
    filters = {} if dataset_group_arn is None else scope

    def page() -> Mapping[str, Any]:
        jobs = store.select(DataDeletionJob, **filters)[::-1]
        return paginate(store, member, jobs, scope, next_token=next_token, limit=max_results, number=_number)

    member = DataDeletionJob.LIST_MEMBER
    record_poll(store, page()[member])
    return page()


def _number(job: DataDeletionJob) -> int:
    """Return a number that is smaller for newer jobs, so that lists in ascending order begin with the newest job."""
    return _MAX_ORDINAL - job.ordinal


def _files(store: Store, location: str) -> list[bytes]:
    """Return the contents of the CSV files that list users at an S3 location.

    Raises:
        InvalidInputException: There are no files at the location, or they contain more than `MAX_INPUT` bytes.
    """
    bucket = locations.parse(location).bucket
    files, size = [], 0
    for key in _keys(store, location):
        chunks = []
        for chunk in store.objects.read_chunks(bucket, key) or ():
            size += len(chunk)
            if size > MAX_INPUT:
                raise InvalidInputException(TOO_LARGE.format(limit=MAX_INPUT))
            chunks.append(chunk)
        files.append(b"".join(chunks))
    return files


def deleted_since(store: Store, group_arn: str, instant: float) -> frozenset[str]:
    """Return the ids of the users that data deletion jobs have deleted from a dataset group since a given time.

    Args:
        store: The resources of one account and region.
        group_arn: The ARN of the dataset group.
        instant: The time in epoch seconds. Jobs that ended at this time or later count.
    """
    completed = store.select(DataDeletionJob, dataset_group_arn=group_arn, status="COMPLETED")
    return frozenset().union(*(job.user_ids for job in completed if job.last_updated_date_time >= instant))


describe_data_deletion_job = describe_handler(DataDeletionJob)
