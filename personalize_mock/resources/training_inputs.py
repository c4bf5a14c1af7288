"""What solution versions and recommenders train on, and how they are told to."""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from personalize_mock.resources.catalogue import RecipeEntry
from personalize_mock.resources.core.lifecycle import JobFailed
from personalize_mock.resources.dataset_import_jobs import DatasetImportJob
from personalize_mock.resources.datasets import SchemaVersions, dataset_of, datasets_of, fields_since
from personalize_mock.simulation import Store

if TYPE_CHECKING:
    from personalize_mock.training.dataset import TrainingDatasets, TrainingRequest
    from personalize_mock.training.fit import FittedModel

DataVersion = Mapping[str, tuple[int, int, int, int]]

# Documented; the second shrinks with the first where a test lowers it.
MINIMUM_INTERACTIONS = 1000
MINIMUM_USERS = 25

# Ours.
NO_DATA = "Recipe {recipe} needs data in a dataset of type {kind}."


def sources(store: Store, group_arn: str, *, recipe: RecipeEntry | None = None) -> "TrainingDatasets":
    """The datasets of a group that have rows, as they are now and as a recipe may see them."""
    from personalize_mock.training.dataset import TrainingDataset

    datasets = datasets_of(store, group_arn)
    segments = recipe is not None and recipe.batch_segment
    tables = {
        each.dataset_type: (each.segment_data if segments else each.training_data, each.fields.fields)
        for each in datasets
    }
    return {
        kind: TrainingDataset(table=table, fields=fields)
        for kind, (table, fields) in tables.items()
        if table is not None
    }


def check_datasets(recipe: RecipeEntry, sources: "TrainingDatasets") -> None:
    """Refuses to train without a dataset that the recipe needs; too few interactions have a text of their own.

    Raises:
        Untrainable: with the type of the dataset.
    """
    from personalize_mock.recipes.base import TrainingFailed

    for kind in recipe.required_datasets:
        if kind != "INTERACTIONS" and kind not in sources:
            raise TrainingFailed(NO_DATA.format(recipe=recipe.name, kind=kind))


def order(
    store: Store,
    recipe: RecipeEntry,
    group_arn: str,
    *,
    config: Mapping[str, Any],
    known: SchemaVersions,
    event_type: str | None = None,
    any_case: bool = False,
) -> "TrainingRequest":
    """The order for a training that begins now.

    The seed is the group's: solutions that differ in one setting differ by that setting alone. What schemas have gained
    since the configuration was made, when they were as `known`, is not trained on (documented).
    """
    from personalize_mock.training.dataset import TrainingRequest

    minimum = store.options.minimum_interactions if store.options.strict else 0
    interactions = dataset_of(store, group_arn, "INTERACTIONS")
    return TrainingRequest(
        recipe=recipe.name,
        config=config,
        added=fields_since(store, group_arn, known),
        event_type=event_type,
        any_case=any_case,
        minimum_interactions=minimum,
        minimum_users=MINIMUM_USERS * minimum // MINIMUM_INTERACTIONS,
        seed=store.seed("training", group_arn),
        now=store.clock.timestamp(),
        seen=0 if interactions is None else interactions.put_count,
    )


def stamp(store: Store, group_arn: str) -> DataVersion:
    """What has arrived in a group so far; a later stamp differs where anything came in between.

    Returns:
        By dataset type, of datasets with data only: which dataset it is, how many imports it had, how many rows were
        put, and how often its schema was replaced or users were deleted from it.
    """
    imports = Counter(job.dataset_arn for job in store.all(DatasetImportJob).values() if job.status == "ACTIVE")
    return {
        each.dataset_type: (each.ordinal, imports[each.arn], each.put_count, len(each.added) + each.deletions)
        for each in datasets_of(store, group_arn)
        if each.bulk is not None or each.put_count
    }


def trained(store: Store, recipe: RecipeEntry, group_arn: str, order: "TrainingRequest") -> "FittedModel":
    """A model that is trained now.

    Raises:
        JobFailed: there is too little to train on.
    """
    from personalize_mock.recipes.base import TrainingFailed
    from personalize_mock.training.fit import train

    found = sources(store, group_arn)
    try:
        check_datasets(recipe, found)
        return train(order, found)
    except TrainingFailed as failure:
        raise JobFailed(str(failure)) from None


def refreshed(store: Store, group_arn: str, known: "FittedModel", order: "TrainingRequest") -> "FittedModel":
    """A model with what came since it was trained, or the model as it is where nothing is left to serve from."""
    from personalize_mock.recipes.base import TrainingFailed
    from personalize_mock.training.fit import update

    try:
        return update(known, order, sources(store, group_arn))
    except TrainingFailed:
        return known


def has_new_data(store: Store, group_arn: str, *, since: DataVersion) -> bool:
    """Whether data arrived since an earlier state; never when a dataset of that state was deleted (documented).

    Models go on with the users that they know until there is another training (documented), so that users were deleted
    is no news; nor is a further field of a schema.
    """
    now = stamp(store, group_arn)
    if any(kind not in now or now[kind][0] != of[0] for kind, of in since.items()):
        return False
    return any(kind not in since or since[kind][:3] != of[:3] for kind, of in now.items())
