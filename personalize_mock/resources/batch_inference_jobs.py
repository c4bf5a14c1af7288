"""Batch inference jobs, which compute recommendations for each line of JSON files in S3.

Source, unless marked otherwise: developer guide, "Batch recommendations with themes from Content Generator" (2025).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
from personalize_mock.resources.datasets import dataset_of
from personalize_mock.resources.hyperparameter_checks import check_exploration
from personalize_mock.resources.passed_roles import check_passed_role
from personalize_mock.resources.solution_versions import SolutionVersion
from personalize_mock.resources.tags import Tags, check_tags
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import InvalidInputException
from personalize_mock.wire.registry import handler

Config = Mapping[str, Any]

MAX_RESULTS = 500  # ours, like GetRecommendations
THEMES = "THEME_GENERATION"
THEME_REGIONS = ("us-east-1", "us-west-2", "ap-northeast-1")

# Ours.
NO_BATCH = (
    "Recipe {recipe} does not support batch inference jobs. Use a solution version of a recipe that does, such as "
    "aws-user-personalization-v2."
)
NO_THEMES = (
    "Recipe {recipe} does not support the batch inference job mode THEME_GENERATION. Use a solution version of "
    "aws-similar-items."
)
NO_THEMES_HERE = (
    "The batch inference job mode THEME_GENERATION is not available in {region}. Use us-east-1, us-west-2 or "
    "ap-northeast-1."
)
NO_THEME_CONFIG = "The batch inference job mode THEME_GENERATION needs a themeGenerationConfig. Provide one."
NO_NAME_COLUMN = (
    "itemName is {column}, but the Items dataset has no string column of this name. Set it to the column of item names."
)
NO_TEXT_COLUMN = (
    "The batch inference job mode THEME_GENERATION needs a textual field in the Items dataset. Add a field with "
    '"textual": true to its schema.'
)
NO_INFLUENCE = "Recipe {recipe} does not support rankingInfluence. Remove rankingInfluence."


@dataclass(kw_only=True)
class BatchInferenceJob(BatchJob):
    """A batch inference job, with the members that DescribeBatchInferenceJob returns."""

    ARN_TYPE = "batch-inference-job"
    LIST_MEMBER = "batchInferenceJobs"
    LIFECYCLES = (create(effect="infer", finish="publish"),)

    batch_inference_job_config: Config | None = None
    batch_inference_job_mode: str = "BATCH_INFERENCE"
    theme_generation_config: Config | None = None

    @property
    def item_name(self) -> str | None:
        """The name of the Items column that contains the names of items, or None if the job generates no themes."""
        if self.batch_inference_job_mode != THEMES or self.theme_generation_config is None:
            return None
        return str(self.theme_generation_config["fieldsForThemeGeneration"]["itemName"])


@handler
def create_batch_inference_job(  # the parameters are the members of the request
    store: Store,
    *,
    job_name: str,
    solution_version_arn: str,
    job_input: S3Config,
    job_output: S3Config,
    role_arn: str,
    filter_arn: str | None = None,
    num_results: int = DEFAULT_RESULTS,
    batch_inference_job_config: Config | None = None,
    batch_inference_job_mode: str = "BATCH_INFERENCE",
    theme_generation_config: Config | None = None,
    tags: Tags = (),
) -> BatchInferenceJob:
    """Answer a CreateBatchInferenceJob request.

    Access to S3 is checked at once. The input files are read when the job starts.
    """
    check_passed_role(store, role_arn)
    version, recipe, filter_ = resolve_references(store, solution_version_arn, filter_arn)
    _check_config(recipe, batch_inference_job_config or {})
    check_num_results(num_results, limit=MAX_RESULTS)
    check_job_filter(filter_, version, target="ItemID", has_item="itemId" in recipe.required_ids)
    check_tags(tags)
    job = BatchInferenceJob(
        arn=store.arn(BatchInferenceJob.ARN_TYPE, job_name),
        name=job_name,
        solution_version_arn=version.arn,
        dataset_group_arn=version.dataset_group_arn,
        job_input=job_input,
        job_output=job_output,
        role_arn=role_arn,
        filter_arn=filter_arn,
        num_results=num_results,
        batch_inference_job_config=batch_inference_job_config,
        batch_inference_job_mode=batch_inference_job_mode,
        theme_generation_config=theme_generation_config,
        tags=tags,
    )
    _check_themes(store, version, recipe, job)
    return add_job(store, job, quota="batch_inference_jobs_in_flight")


def _check_config(recipe: RecipeEntry, config: Config) -> None:
    if not recipe.batch_inference:
        raise InvalidInputException(NO_BATCH.format(recipe=recipe.name))
    check_exploration(recipe, config.get("itemExplorationConfig"))
    if config.get("rankingInfluence") and not recipe.ranking_influence:
        raise InvalidInputException(NO_INFLUENCE.format(recipe=recipe.name))


def _check_themes(store: Store, version: SolutionVersion, recipe: RecipeEntry, job: BatchInferenceJob) -> None:
    """Check that a job with the mode THEME_GENERATION can generate themes. Jobs with another mode are not checked.

    Raises:
        InvalidInputException: The recipe or region does not support themes, the job has no themeGenerationConfig, or
            the Items dataset lacks the string column with item names or a column with textual data.
    """
    if job.batch_inference_job_mode != THEMES:
        return
    if not recipe.batch_themes:
        raise InvalidInputException(NO_THEMES.format(recipe=recipe.name))
    if store.region not in THEME_REGIONS:
        raise InvalidInputException(NO_THEMES_HERE.format(region=store.region))
    if job.item_name is None:
        raise InvalidInputException(NO_THEME_CONFIG)
    items = dataset_of(store, version.dataset_group_arn, "ITEMS")
    fields = () if items is None else items.parsed_schema.fields
    name = job.item_name.casefold()
    if not any(field.name.casefold() == name and field.type == "string" for field in fields):
        raise InvalidInputException(NO_NAME_COLUMN.format(column=job.item_name))
    if not any(field.textual for field in fields):
        raise InvalidInputException(NO_TEXT_COLUMN)


describe_batch_inference_job = describe_handler(BatchInferenceJob)
list_batch_inference_jobs = list_handler(BatchInferenceJob)
