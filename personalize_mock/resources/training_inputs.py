"""Inputs of a training: the datasets of a group, and the settings of a solution version or a recommender."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from personalize_mock.resources.catalogue import RecipeEntry
from personalize_mock.resources.core.lifecycle import JobFailed
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
    """The settings of a solution version or a recommender that concern training.

    Attributes:
        dataset_group_arn: The dataset group.
        config: A solutionConfig or a recommenderConfig.
        event_type: The only event type that counts, or None if all event types count.
        any_case: Whether `event_type` is compared without regard to case.
        schema_versions: The versions of the group's schemas when the configuration was made. A training ignores newer
            columns (developer guide, "Replacing a dataset's schema to add new columns", 2025).
    """

    dataset_group_arn: str
    config: Mapping[str, Any] = field(default_factory=dict)
    event_type: str | None = None
    any_case: bool = False
    schema_versions: SchemaVersions


def read_datasets(
    store: Store, group_arn: str, recipes: Sequence[RecipeEntry], *, imports: "tuple[BulkImport, ...] | None" = None
) -> "TrainingDatasets":
    """Return the datasets of a group that have rows, as the recipes may see them.

    Args:
        store: The account and region.
        group_arn: The dataset group.
        recipes: The recipes.
        imports: The imports of interactions to use, instead of the current ones.
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
    """Return a training job for each recipe that has enough data.

    Raises:
        TrainingFailed: No recipe has enough data. The message is about the first recipe.
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
    """Return the request for a training that begins now.

    The seed belongs to the dataset group, so models of solutions that differ in one setting differ only by its effect.
    """
    from personalize_mock.training.request import TrainingConfig, TrainingRequest

    group_arn = settings.dataset_group_arn
    minimum = store.options.minimum_interactions if store.options.strict else 0
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


def data_version(store: Store, group_arn: str) -> DataVersion:
    """Return a value that identifies the data of a group; it changes whenever data arrive.

    Returns:
        For each dataset type with data: the dataset's ordinal, the number of imports, the number of rows put, and the
        number of schema replacements and user deletions.
    """
    imports = Counter(job.dataset_arn for job in store.all(DatasetImportJob).values() if job.status == "ACTIVE")
    return {
        dataset.dataset_type: (
            dataset.ordinal,
            imports[dataset.arn],
            dataset.contents.put_count,
            len(dataset.added_fields) + dataset.user_deletions,
        )
        for dataset in datasets_of(store, group_arn)
        if dataset.contents.bulk is not None or dataset.contents.put_count
    }


@contextmanager
def as_job_failure() -> Iterator[None]:
    """Turn a TrainingFailed into a JobFailed with the same text."""
    from personalize_mock.recipes.base import TrainingFailed

    try:
        yield
    except TrainingFailed as failure:
        raise JobFailed(str(failure)) from None


def has_new_data(store: Store, group_arn: str, *, since: DataVersion) -> bool:
    """Return whether data arrived after a data version. The answer is False if one of its datasets was deleted.

    A deletion of users or a new column is not new data: a model keeps its users and columns until the next training.
    Developer guide, "Deleting a dataset to delete all of its data" and "Deleting users from datasets" (2025).
    """
    now = data_version(store, group_arn)
    if any(dataset_type not in now or now[dataset_type][0] != then[0] for dataset_type, then in since.items()):
        return False
    return any(
        dataset_type not in since or since[dataset_type][:3] != current[:3] for dataset_type, current in now.items()
    )


def _check_required(recipe: RecipeEntry, datasets: "TrainingDatasets") -> None:
    """Refuse to train without a dataset that the recipe requires.

    Raises:
        TrainingFailed: A dataset other than Interactions is missing. Other code reports missing interactions.
    """
    from personalize_mock.recipes.base import TrainingFailed

    for dataset_type in recipe.required_datasets:
        if dataset_type != "INTERACTIONS" and dataset_type not in datasets:
            raise TrainingFailed(NO_DATA.format(recipe=recipe.name, type=dataset_type))
