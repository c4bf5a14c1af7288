"""Data deletion jobs: users and all that they did, gone from the datasets of a group.

The list is read when the job begins to run, and the users go when it ends: until then all works as before. What is
deployed goes on with the model that it has, until there is another training; only segments leave them out at once
(documented). The service advises against trainings and imports at the same time and refuses none.
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
from personalize_mock.resources.tags import Tags, check_tags
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import InvalidInputException
from personalize_mock.wire.registry import handler

LARGEST_INPUT = 100 * 1024**2  # bytes; a quota of the developer guide, 2025/26

_keys = partial(locations.keys, nested=True)
_LAST = 1 << 53  # more than there are ordinals

# Ours.
TOO_LARGE = "The files of a data deletion job can have at most {limit} bytes together."


@dataclass(kw_only=True)
class DataDeletionJob(Resource):
    """A data deletion job.

    Attributes:
        num_deleted: how many rows went, of all datasets; shown when the job is COMPLETED.
        user_ids: who will go or is gone, once the list was read.
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
        """The name, as the wire calls it."""
        return self.name


@effect(DataDeletionJob)
def load(store: Store, job: DataDeletionJob) -> None:
    """Reads the list as it is when the job begins; columns beside USER_ID are ignored, as in imports."""
    from personalize_mock.data.avro import AvroSchema, SchemaField
    from personalize_mock.data.csv_files import ImportFailed, read

    location = job.data_source["dataLocation"]
    locations.recheck_access(store, job.role_arn, location, source=job.arn, list_keys=_keys)
    listed = AvroSchema(dataset_type="USERS", fields=(SchemaField(name="USER_ID", type="string"),))
    try:
        table = read(_files(store, location), listed)
    except (ImportFailed, InvalidInputException) as failure:
        raise JobFailed(str(failure)) from None
    job.user_ids = frozenset(table.strings("USER_ID").values)


@effect(DataDeletionJob)
def delete_users(store: Store, job: DataDeletionJob) -> None:
    """Deletes the users from all datasets that there are now."""
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
    """CreateDataDeletionJob; access to S3 is tried at once, the files are read when the job runs."""
    locations.check_role(store, role_arn)
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
    """ListDataDeletionJobs, the newest first (documented)."""
    everything = reversed(list(store.all(DataDeletionJob).values()))
    jobs = [job for job in everything if dataset_group_arn in (None, job.dataset_group_arn)]
    record_poll(store, [*jobs])
    entries = ((_LAST - job.ordinal, job) for job in jobs)
    scope = {"dataset_group_arn": dataset_group_arn}
    return paginate(store, DataDeletionJob.LIST_MEMBER, entries, scope, next_token=next_token, limit=max_results)


def _files(store: Store, location: str) -> list[bytes]:
    """The contents of a location's files.

    Raises:
        InvalidInputException: as `locations.keys`, or they are too large.
    """
    bucket = locations.parse(location).bucket
    files, size = [], 0
    for key in _keys(store, location):
        pieces = []
        for piece in store.objects.read_chunks(bucket, key) or ():
            size += len(piece)
            if size > LARGEST_INPUT:
                raise InvalidInputException(TOO_LARGE.format(limit=LARGEST_INPUT))
            pieces.append(piece)
        files.append(b"".join(pieces))
    return files


def deleted_since(store: Store, group_arn: str, instant: float) -> frozenset[str]:
    """The users who were deleted from a group at an instant or later."""
    jobs = (job for job in store.all(DataDeletionJob).values() if job.dataset_group_arn == group_arn)
    ended = (job for job in jobs if job.status == "COMPLETED" and job.last_updated_date_time >= instant)
    return frozenset().union(*(job.user_ids for job in ended))


describe_data_deletion_job = describe_handler(DataDeletionJob)
