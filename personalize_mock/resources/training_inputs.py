"""Inputs of training: datasets, and the settings of a solution version or recommender."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from personalize_mock.resources.catalogue import RecipeEntry
from personalize_mock.resources.core.crud import find
from personalize_mock.resources.core.lifecycle import JobFailed
from personalize_mock.resources.dataset_groups import DatasetGroup
from personalize_mock.resources.dataset_import_jobs import DatasetImportJob
from personalize_mock.resources.datasets import Dataset, SchemaVersions, dataset_of, datasets_of, fields_added_since
from personalize_mock.simulation import Store

if TYPE_CHECKING:
    from personalize_mock.data.bulk_imports import BulkImport
    from personalize_mock.data.tables import Table
    from personalize_mock.training.dataset import TrainingDatasets
    from personalize_mock.training.fit import TrainingJob
    from personalize_mock.training.request import TrainingRequest

DataVersion = Mapping[str, tuple[int, int, int, int]]

# Developer guide, "Amazon Personalize endpoints and quotas" (2025). The option minimum_interactions scales both.
MINIMUM_INTERACTIONS = 1000
MINIMUM_USERS = 25

# Ours.
NO_DATA = "Recipe {recipe} needs data in a dataset of type {type}. Import data first."


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSettings:
    """The settings of a solution version or recommender that affect training.

    Attributes:
        dataset_group_arn: The ARN of the dataset group.
        config: The solutionConfig or recommenderConfig.
        event_type: The only event type to train on, or None for all event types.
        any_case: Whether `event_type` is compared without regard to case.
        schema_versions: How often each dataset's schema had been replaced when the configuration was made. Training
            ignores columns that were added later (developer guide, "Replacing a dataset's schema to add new columns",
            2025).
    """

    dataset_group_arn: str
    config: Mapping[str, Any] = field(default_factory=dict)
    event_type: str | None = None
    any_case: bool = False
    schema_versions: SchemaVersions


def read_datasets(
    store: Store, group_arn: str, recipes: Sequence[RecipeEntry], *, imports: "tuple[BulkImport, ...] | None" = None
) -> "TrainingDatasets":
    """Return the rows and schemas of the datasets to train on, by dataset type. Datasets without rows are left out.

    If one of the recipes makes user segments, INCREMENTAL imports are left out.

    Args:
        store: The resources of one account and region.
        group_arn: The ARN of the dataset group.
        recipes: The recipes to train.
        imports: The finished imports of the Interactions dataset to use instead of its current imports, or None.
    """
    from personalize_mock.data.dataset_table import DatasetTable

    segments = any(recipe.batch_segment for recipe in recipes)

    def training_data(dataset: Dataset) -> "Table | None":
        contents = dataset.contents
        if imports is not None and dataset.dataset_type == "INTERACTIONS":
            contents = contents.with_imports(imports)
        return (contents.without_incremental() if segments else contents).training_data

    tables = ((dataset, training_data(dataset)) for dataset in datasets_of(store, group_arn))
    return {
        dataset.dataset_type: DatasetTable(table=table, schema=dataset.parsed_schema)
        for dataset, table in tables
        if table is not None
    }


def prepare_jobs(
    store: Store, recipes: Sequence[RecipeEntry], settings: TrainingSettings, datasets: "TrainingDatasets"
) -> "list[tuple[RecipeEntry, TrainingJob]]":
    """Prepare a training job for each recipe that has enough data, and return pairs of a recipe and its job.

    Args:
        store: The resources of one account and region.
        recipes: The recipes to train.
        settings: The settings of the solution version or recommender.
        datasets: The result of `read_datasets`.

    Raises:
        TrainingFailed: No recipe has enough data. The message says what the first recipe lacks.
    """
    from personalize_mock.recipes.base import TrainingFailed
    from personalize_mock.training.fit import prepare

    jobs, failures = [], []
    for recipe in recipes:
        try:
            _check_required(recipe, datasets)
            jobs.append((recipe, prepare(training_request(store, recipe, settings), datasets)))
        except TrainingFailed as failure:  # noqa: PERF203  # three recipes at most
            failures.append(failure)
    if not jobs:
        raise failures[0]
    return jobs


def training_request(store: Store, recipe: RecipeEntry, settings: TrainingSettings) -> "TrainingRequest":
    """Return the configuration, the minimum amounts of data, the seed and the time of a training run that starts now.

    All training runs in a dataset group use the same seed. If two solutions differ in one setting, the differences
    between their models are therefore due to that setting.

    Args:
        store: The resources of one account and region.
        recipe: The recipe to train.
        settings: The settings of the solution version or recommender.
    """
    from personalize_mock.training.request import TrainingConfig, TrainingRequest

    group_arn = settings.dataset_group_arn
    minimum = _minimum_interactions(store, group_arn)
    interactions = dataset_of(store, group_arn, "INTERACTIONS")
    return TrainingRequest(
        recipe=recipe.name,
        config=TrainingConfig.from_wire(settings.config, event_type=settings.event_type, any_case=settings.any_case),
        new_columns=fields_added_since(store, group_arn, settings.schema_versions),
        minimum_interactions=minimum,
        minimum_users=MINIMUM_USERS * minimum // MINIMUM_INTERACTIONS,
        seed=store.seed("training", group_arn),
        now=store.clock.timestamp(),
        put_count=0 if interactions is None else interactions.contents.put_count,
        data_version=data_version(store, group_arn),
        imports=() if interactions is None else interactions.contents.imports,
    )


def _minimum_interactions(store: Store, group_arn: str) -> int:
    needs_minimum = store.options.strict and find(store, DatasetGroup, group_arn).needs_minimums
    return store.options.minimum_interactions if needs_minimum else 0


def data_version(store: Store, group_arn: str) -> DataVersion:
    """Return a value that identifies the current data of a dataset group and changes whenever the data changes.

    Returns:
        For each dataset type with data: the ordinal of the dataset, the number of finished imports, the number of
        records sent by Put* operations, and the number of schema updates and user deletions.
    """
    return {
        dataset.dataset_type: (
            dataset.ordinal,
            len(store.select(DatasetImportJob, dataset_arn=dataset.arn, status="ACTIVE")),
            dataset.contents.put_count,
            len(dataset.added_fields) + dataset.user_deletions,
        )
        for dataset in datasets_of(store, group_arn)
        if dataset.contents.bulk is not None or dataset.contents.put_count
    }


@contextmanager
def as_job_failure() -> Iterator[None]:
    """Convert a TrainingFailed exception in the `with` block into a JobFailed with the same message."""
    from personalize_mock.recipes.base import TrainingFailed

    try:
        yield
    except TrainingFailed as failure:
        raise JobFailed(str(failure)) from None


def has_new_data(store: Store, group_arn: str, *, since: DataVersion) -> bool:
    """Return whether data was imported or sent by Put* operations after an earlier call to `data_version`.

    If a dataset was deleted since then, the result is False. Deleted users and new columns do not count as new data,
    because a model keeps its users and columns until it is trained again. Source: developer guide, "Deleting a dataset
    to delete all of its data" and "Deleting users from datasets" (2025).

    Args:
        store: The resources of one account and region.
        group_arn: The ARN of the dataset group.
        since: The result of the earlier call.
    """
    now = data_version(store, group_arn)
    if any(dataset_type not in now or now[dataset_type][0] != then[0] for dataset_type, then in since.items()):
        return False
    return any(
        dataset_type not in since or since[dataset_type][:3] != current[:3] for dataset_type, current in now.items()
    )


def _check_required(recipe: RecipeEntry, datasets: "TrainingDatasets") -> None:
    """Check that all datasets that a recipe requires have data, except the Interactions dataset.

    `personalize_mock.training.fit.prepare` checks the number of interactions.

    Raises:
        TrainingFailed: A required dataset has no data.
    """
    from personalize_mock.recipes.base import TrainingFailed

    for dataset_type in recipe.required_datasets:
        if dataset_type != "INTERACTIONS" and dataset_type not in datasets:
            raise TrainingFailed(NO_DATA.format(recipe=recipe.name, type=dataset_type))
