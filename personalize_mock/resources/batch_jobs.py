"""What batch inference jobs and batch segment jobs have in common: a version, files in S3, and lines that answer lines.

The effects that answer the lines need the models, which resources do not import, so `batch.job_runners` registers them.
They run when a job enters IN_PROGRESS; their output reaches S3 when the job becomes ACTIVE.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import BinaryIO, Protocol

from personalize_mock.resources import locations
from personalize_mock.resources.catalogue import RecipeEntry
from personalize_mock.resources.core.crud import check_active, find
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

Place = Mapping[str, Mapping[str, str]]
Write = Callable[[str, BinaryIO], bool]

# Documented.
DEFAULT_RESULTS = 25
MAX_FILES = 1000
BAD_INPUT = "Invalid S3 input path"
BAD_OUTPUT = "Invalid S3 output path"
# Recorded names of what a job leaves in its output folder.
CHECK = "_CHECK"
OUT = ".out"
# Ours.
TOO_MANY_FILES = "The input has {count} files; a job can have at most {most}."
WRONG_COUNT = "numResults must be from 1 to {most}."
OTHER_GROUP = "The filter {arn} belongs to another dataset group."
WRONG_TARGET = "The filter {arn} is for {target}; this job takes filters for {wanted}."
NEEDS_ITEM = "The filter {arn} uses CurrentItem. The recipe {recipe} is asked about no item."


class Output(Protocol):
    """What a job has written and not yet handed over."""

    def publish(self, write: Write) -> bool:
        """Makes the objects; False, and nothing is made, if that is not possible."""


@dataclass(kw_only=True)
class BatchJob(Resource):
    """A batch job; `written` is what it has answered and not yet published."""

    solution_version_arn: str
    dataset_group_arn: str
    job_input: Place
    job_output: Place
    role_arn: str
    filter_arn: str | None = None
    num_results: int = DEFAULT_RESULTS
    written: Output | None = None

    @property
    def job_name(self) -> str:
        """The name, as the wire calls it."""
        return self.name

    @property
    def source(self) -> Location:
        """Where the input lies: whatever begins so."""
        return locations.parse(self.job_input["s3DataSource"]["path"])

    @property
    def destination(self) -> Location:
        """The output's folder."""
        return folder(self.job_output["s3DataDestination"]["path"])

    def write(self, store: Store, key: str, content: BinaryIO) -> bool:
        """Makes an object of the output; False if the bucket is not there."""
        bucket, now = self.destination.bucket, store.clock.timestamp()
        kms_key = self.job_output["s3DataDestination"].get("kmsKeyArn")
        return store.objects.write(bucket, key, content, at=now, kms_key=kms_key)


@effect(BatchJob)
def publish(store: Store, job: BatchJob) -> None:
    """Hands the answers to S3."""
    written, job.written = job.written, None
    assert written is not None  # noqa: S101  # a job whose work failed is not published
    path = job.job_output["s3DataDestination"]["path"]
    locations.recheck_access(store, job.role_arn, path, source=job.arn, write=True)
    if not written.publish(partial(job.write, store)):
        raise JobFailed(BAD_OUTPUT)


def recheck_input_access(store: Store, job: BatchJob) -> None:
    """Check again that a job may read its input, when it begins.

    Raises:
        JobFailed: Access is refused.
    """
    path = job.job_input["s3DataSource"]["path"]
    locations.recheck_access(store, job.role_arn, path, source=job.arn, choose=lambda *_: inputs(store, job))


def ready(store: Store, version_arn: str, filter_arn: str | None) -> tuple[SolutionVersion, RecipeEntry, Filter | None]:
    """A version that is ready, of a solution that is not being deleted, its recipe, and a filter if one is named.

    Raises:
        ResourceNotFoundException: there is no such version or filter.
        ResourceInUseException: one is not ACTIVE, or the version's solution is not.
    """
    version = find(store, SolutionVersion, version_arn)
    filters = [] if filter_arn is None else [find(store, Filter, filter_arn)]
    check_active(store, version, find(store, Solution, version.solution_arn), *filters)
    return version, find_recipe(version.recipe_arn or ""), next(iter(filters), None)


def check_count(count: int, *, most: int) -> None:
    """Refuses a numResults outside its limits.

    Raises:
        InvalidInputException: it is.
    """
    if not 1 <= count <= most:
        raise InvalidInputException(WRONG_COUNT.format(most=most))


def check_filter(filter_: Filter | None, version: SolutionVersion, *, wanted: str, requires_item: bool) -> None:
    """Refuses a filter that is of no use to a job.

    Args:
        filter_: the filter, None for none.
        version: what the job asks.
        wanted: what the filter must be for, `ItemID` or `UserID`.
        requires_item: whether lines name an item.

    Raises:
        InvalidInputException: it is another group's, is for something else, or asks about an item that no line names.
    """
    if filter_ is None:
        return
    arn, plan = filter_.arn, filter_.compiled
    if filter_.dataset_group_arn != version.dataset_group_arn:
        raise InvalidInputException(OTHER_GROUP.format(arn=arn))
    if plan.target != wanted:
        raise InvalidInputException(WRONG_TARGET.format(arn=arn, target=plan.target, wanted=wanted))
    if plan.needs_item and not requires_item:
        raise InvalidInputException(NEEDS_ITEM.format(arn=arn, recipe=find_recipe(version.recipe_arn or "").name))


def check_places(store: Store, job: BatchJob) -> None:
    """Refuses a job whose input is not there, or whose output is no other folder in a bucket; leaves a test object.

    Raises:
        InvalidInputException: a path is none, leads to nothing, both are the same, or there are too many files.
    """
    source, destination = _location(job.job_input, BAD_INPUT), _location(job.job_output, BAD_OUTPUT)
    _check_access(store, job)
    found = inputs(store, job)
    if not found:
        raise InvalidInputException(BAD_INPUT)
    if len(found) > MAX_FILES:
        raise InvalidInputException(TOO_MANY_FILES.format(count=len(found), most=MAX_FILES))
    if (source.bucket, source.key.rstrip("/")) == (destination.bucket, destination.key.rstrip("/")):
        raise InvalidInputException(BAD_OUTPUT)
    if not job.write(store, f"{job.destination.key}{CHECK}", BytesIO()):
        raise InvalidInputException(BAD_OUTPUT)


def inputs(store: Store, job: BatchJob) -> list[str]:
    """The keys of a job's input files: all that begin with its path, but for what jobs have left in its own folder."""
    source, destination = job.source, job.destination
    left = destination.key if source.bucket == destination.bucket else None
    return [
        key
        for key in store.objects.keys(source.bucket, source.key) or ()
        if not key.endswith("/")
        and (left is None or not key.startswith(left) or not (key.endswith(OUT) or key == f"{left}{CHECK}"))
    ]


def _check_access(store: Store, job: BatchJob) -> None:
    path, folder_path = job.job_input["s3DataSource"]["path"], job.job_output["s3DataDestination"]["path"]
    locations.check_access(store, job.role_arn, path, source=job.arn, choose=lambda store, _: inputs(store, job))
    locations.check_access(store, job.role_arn, folder_path, source=job.arn, write=True)


def folder(location: str) -> Location:
    """A location as a folder: its key is empty or ends in a slash."""
    place = locations.parse(location)
    return Location(place.bucket, place.key if place.key.endswith("/") or not place.key else f"{place.key}/")


def _location(place: Place, refusal: str) -> Location:
    (where,) = place.values()
    try:
        return locations.parse(where["path"])
    except InvalidInputException:
        raise InvalidInputException(refusal) from None
