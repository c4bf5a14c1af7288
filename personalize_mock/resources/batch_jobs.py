"""Base class and functions shared by batch inference jobs and batch segment jobs.

The module `personalize_mock.batch.job_runners` registers the functions that compute the results. They run when a job
enters CREATE IN_PROGRESS. The output files are written to S3 when the job becomes ACTIVE.

Source, unless marked otherwise: developer guide, "Creating a batch inference job" and "Amazon Personalize endpoints and
quotas" (2025).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import BinaryIO, Protocol, TypeVar

from personalize_mock.resources import locations
from personalize_mock.resources.catalogue import RecipeEntry
from personalize_mock.resources.core import quotas
from personalize_mock.resources.core.crud import add, check_absent, check_active, find
from personalize_mock.resources.core.effects import effect
from personalize_mock.resources.core.lifecycle import JobFailed
from personalize_mock.resources.core.resource import Resource
from personalize_mock.resources.filters import Filter
from personalize_mock.resources.locations import Location
from personalize_mock.resources.recipes import find_recipe
from personalize_mock.resources.solution_versions import SolutionVersion
from personalize_mock.resources.solutions import Solution
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import InvalidInputException

S3Config = Mapping[str, Mapping[str, str]]
Write = Callable[[str, BinaryIO], bool]

DEFAULT_RESULTS = 25
MAX_FILES = 1000
# Developer guide, "Common error messages in Amazon Personalize" (2025).
BAD_INPUT = "Invalid S3 input path"
BAD_OUTPUT = "Invalid S3 output path"
# Recorded: the names of the objects in the output folder.
CHECK = "_CHECK"
OUT = ".out"
# Ours.
TOO_MANY_FILES = "The input has {count} files; a job can have at most {limit}. Use several jobs."
WRONG_COUNT = "numResults must be from 1 to {limit}, not {count}."
OTHER_GROUP = "The filter {arn} belongs to another dataset group. Use a filter of the solution version's group."
WRONG_TARGET = "The filter {arn} is for {target}; this job takes filters for {wanted}."
NEEDS_ITEM = (
    "The filter {arn} uses CurrentItem, but the recipe {recipe} takes no itemId. Use a filter without CurrentItem."
)


class PendingOutput(Protocol):
    """The output files of a batch job before they are written to S3."""

    @property
    def keys(self) -> list[str]:
        """The S3 keys to which the output files will be written."""

    def publish(self, write: Write) -> bool:
        """Write the files to S3. Return False if the bucket does not exist.

        Args:
            write: Function that writes one file, given its key and content. It returns False if the bucket does not
                exist.
        """


@dataclass(kw_only=True)
class BatchJob(Resource):
    """Base class of batch inference jobs and batch segment jobs.

    Attributes:
        pending_output: The output files while they are not yet written to S3, else None.
    """

    solution_version_arn: str
    dataset_group_arn: str
    job_input: S3Config
    job_output: S3Config
    role_arn: str
    filter_arn: str | None = None
    num_results: int = DEFAULT_RESULTS
    pending_output: PendingOutput | None = None

    @property
    def job_name(self) -> str:
        """The name of the job, under the name that this member has in requests and responses (`jobName`)."""
        return self.name

    @property
    def source(self) -> Location:
        """The S3 bucket of the input files, and the prefix of their keys."""
        return locations.parse(self.job_input["s3DataSource"]["path"])

    @property
    def destination(self) -> Location:
        """The S3 bucket and folder to which the output files are written."""
        return _folder(self.job_output["s3DataDestination"]["path"])

    def write(self, store: Store, key: str, content: BinaryIO) -> bool:
        """Write `content` to a file with the given key in the output bucket. Return False if the bucket is missing."""
        bucket, now = self.destination.bucket, store.clock.timestamp()
        kms_key = self.job_output["s3DataDestination"].get("kmsKeyArn")
        return store.objects.write(bucket, key, content, at=now, kms_key=kms_key)


J = TypeVar("J", bound=BatchJob)


@effect(BatchJob)
def publish(store: Store, job: BatchJob) -> None:
    """Write the output files of a job to S3, or raise JobFailed if access is denied or the bucket does not exist."""
    output, job.pending_output = job.pending_output, None
    assert output is not None  # noqa: S101  # a job that failed does not reach this stage
    path = job.job_output["s3DataDestination"]["path"]
    keys = output.keys
    locations.recheck_access(store, job.role_arn, path, source=job.arn, write=True, list_keys=lambda *_: keys)
    if not output.publish(partial(job.write, store)):
        raise JobFailed(BAD_OUTPUT)


def recheck_input_access(store: Store, job: BatchJob) -> None:
    """Check that a job that is about to start still has access to its input files, or raise JobFailed."""
    path = job.job_input["s3DataSource"]["path"]
    locations.recheck_access(store, job.role_arn, path, source=job.arn, list_keys=lambda *_: input_keys(store, job))


def resolve_references(
    store: Store, version_arn: str, filter_arn: str | None
) -> tuple[SolutionVersion, RecipeEntry, Filter | None]:
    """Return the solution version, the recipe and the filter that a request for a batch job refers to.

    Args:
        store: The resources of one account and region.
        version_arn: The ARN of the solution version.
        filter_arn: The ARN of the filter, or None if the request has no filter.

    Raises:
        ResourceNotFoundException: The version or the filter does not exist.
        ResourceInUseException: The version, its solution or the filter is not ACTIVE.
    """
    version = find(store, SolutionVersion, version_arn)
    filters = [] if filter_arn is None else [find(store, Filter, filter_arn)]
    check_active(store, version, find(store, Solution, version.solution_arn), *filters)
    return version, find_recipe(version.recipe_arn or ""), next(iter(filters), None)


def check_num_results(count: int, *, limit: int) -> None:
    """Check that numResults is between 1 and `limit`, or raise InvalidInputException."""
    if not 1 <= count <= limit:
        raise InvalidInputException(WRONG_COUNT.format(limit=limit, count=count))


def check_job_filter(filter_: Filter | None, version: SolutionVersion, *, target: str, has_item: bool) -> None:
    """Check that a filter can be used in a batch job.

    Args:
        filter_: The filter, or None if the job has none.
        version: The solution version of the job.
        target: The ids that the filter must select, `ItemID` or `UserID`.
        has_item: Whether each input line contains an itemId, which filters with CurrentItem need.

    Raises:
        InvalidInputException: The filter belongs to another dataset group, selects other ids or needs an itemId.
    """
    if filter_ is None:
        return
    arn, compiled = filter_.arn, filter_.compiled
    if filter_.dataset_group_arn != version.dataset_group_arn:
        raise InvalidInputException(OTHER_GROUP.format(arn=arn))
    if compiled.target != target:
        raise InvalidInputException(WRONG_TARGET.format(arn=arn, target=compiled.target, wanted=target))
    if compiled.needs_item and not has_item:
        raise InvalidInputException(NEEDS_ITEM.format(arn=arn, recipe=find_recipe(version.recipe_arn or "").name))


def add_job(store: Store, job: J, *, quota: str) -> J:
    """Check the name, the quota and the S3 locations of a new job, and add it to the store.

    Args:
        store: The resources of one account and region.
        job: The new job.
        quota: The name of the quota for jobs of this type.

    Raises:
        ResourceAlreadyExistsException: Another job has the same name.
        LimitExceededException: The quota is used up.
        InvalidInputException: The input or output location cannot be used; see `_check_locations`.
    """
    check_absent(store, type(job), job.arn)
    quotas.check_quota(store, quota)
    _check_locations(store, job)
    return add(store, job)


def _check_locations(store: Store, job: BatchJob) -> None:
    """Check the input and output locations of a job, and write an empty test object to the output folder.

    Raises:
        InvalidInputException: A path is malformed, both paths are equal, the input has no files or too many, or access
            is denied.
    """
    source, destination = _location(job.job_input, BAD_INPUT), _location(job.job_output, BAD_OUTPUT)
    _check_access(store, job)
    count = len(input_keys(store, job))
    if not count:
        raise InvalidInputException(BAD_INPUT)
    if count > MAX_FILES:
        raise InvalidInputException(TOO_MANY_FILES.format(count=count, limit=MAX_FILES))
    if (source.bucket, source.key.rstrip("/")) == (destination.bucket, destination.key.rstrip("/")):
        raise InvalidInputException(BAD_OUTPUT)
    if not job.write(store, f"{job.destination.key}{CHECK}", BytesIO()):
        raise InvalidInputException(BAD_OUTPUT)


def input_keys(store: Store, job: BatchJob) -> list[str]:
    """Return the keys of a job's input files.

    These are all keys that start with the input path, except subfolders and the outputs of earlier jobs.
    """
    source, destination = job.source, job.destination
    folder = destination.key if source.bucket == destination.bucket else None
    return [
        key
        for key in store.objects.keys(source.bucket, source.key) or ()
        if not key.endswith("/")
        and (folder is None or not key.startswith(folder) or not (key.endswith(OUT) or key == f"{folder}{CHECK}"))
    ]


def _check_access(store: Store, job: BatchJob) -> None:
    path, folder_path = job.job_input["s3DataSource"]["path"], job.job_output["s3DataDestination"]["path"]
    locations.check_access(store, job.role_arn, path, source=job.arn, list_keys=lambda store, _: input_keys(store, job))
    locations.check_access(store, job.role_arn, folder_path, source=job.arn, write=True)


def _folder(path: str) -> Location:
    """Parse the S3 path of a folder. The key in the returned location is empty or ends with a slash."""
    location = locations.parse(path)
    key = location.key
    return Location(location.bucket, key if key.endswith("/") or not key else f"{key}/")


def _location(config: S3Config, message: str) -> Location:
    (data_config,) = config.values()
    try:
        return locations.parse(data_config["path"])
    except InvalidInputException:
        raise InvalidInputException(message) from None
