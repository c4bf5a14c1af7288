"""Batch segment jobs, which find the users who are most interested in an item or in items with certain attributes.

Each line of the input files in S3 contains an item or attributes, and each line of the output contains the users.
"""

from dataclasses import dataclass

from personalize_mock.resources.batch_jobs import (
    DEFAULT_RESULTS,
    BatchJob,
    S3Config,
    add_job,
    check_job_filter,
    check_num_results,
    resolve_references,
)
from personalize_mock.resources.catalogue import RecipeEntry
from personalize_mock.resources.core.crud import describe_handler, list_handler
from personalize_mock.resources.core.lifecycle import create
from personalize_mock.resources.filters import Filter
from personalize_mock.resources.passed_roles import check_passed_role
from personalize_mock.resources.tags import Tags, check_tags
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import InvalidInputException
from personalize_mock.wire.registry import handler

# Developer guide, "Getting user segments with a batch segment job" (2025).
MAX_USERS = 5_000_000

# Ours.
NO_SEGMENTS = (
    "Recipe {recipe} does not support batch segment jobs. Use a solution version of aws-item-affinity or "
    "aws-item-attribute-affinity."
)
NO_EVENT_FILTER = (
    "The filter {arn} uses fields of Interactions, but the recipe {recipe} supports only filters that use Users."
)


@dataclass(kw_only=True)
class BatchSegmentJob(BatchJob):
    """A batch segment job, with the members that DescribeBatchSegmentJob returns."""

    ARN_TYPE = "batch-segment-job"
    LIST_MEMBER = "batchSegmentJobs"
    LIFECYCLES = (create(effect="segment", finish="publish"),)


@handler
def create_batch_segment_job(  # the parameters are the members of the request
    store: Store,
    *,
    job_name: str,
    solution_version_arn: str,
    job_input: S3Config,
    job_output: S3Config,
    role_arn: str,
    filter_arn: str | None = None,
    num_results: int = DEFAULT_RESULTS,
    tags: Tags = (),
) -> BatchSegmentJob:
    """Answer a CreateBatchSegmentJob request.

    Access to S3 is checked at once. The input files are read when the job starts.
    """
    check_passed_role(store, role_arn)
    version, recipe, filter_ = resolve_references(store, solution_version_arn, filter_arn)
    if not recipe.batch_segment:
        raise InvalidInputException(NO_SEGMENTS.format(recipe=recipe.name))
    check_num_results(num_results, limit=MAX_USERS)
    check_job_filter(filter_, version, target="UserID", has_item=recipe.name == "aws-item-affinity")
    _check_no_events(recipe, filter_)
    check_tags(tags)
    job = BatchSegmentJob(
        arn=store.arn(BatchSegmentJob.ARN_TYPE, job_name),
        name=job_name,
        solution_version_arn=version.arn,
        dataset_group_arn=version.dataset_group_arn,
        job_input=job_input,
        job_output=job_output,
        role_arn=role_arn,
        filter_arn=filter_arn,
        num_results=num_results,
        tags=tags,
    )
    return add_job(store, job, quota="batch_segment_jobs_in_flight")


def _check_no_events(recipe: RecipeEntry, filter_: Filter | None) -> None:
    """Raise InvalidInputException if a filter uses interactions and the recipe is aws-item-attribute-affinity.

    Source: developer guide, "Filtering recommendations and user segments" (2025).
    """
    if recipe.name == "aws-item-attribute-affinity" and filter_ is not None and filter_.compiled.uses_events:
        raise InvalidInputException(NO_EVENT_FILTER.format(arn=filter_.arn, recipe=recipe.name))


describe_batch_segment_job = describe_handler(BatchSegmentJob)
list_batch_segment_jobs = list_handler(BatchSegmentJob)
