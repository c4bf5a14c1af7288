"""Random sequences: openings, random steps, replay and shrinking."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

import builders
from stateful import random_requests_jobs, random_requests_runtime, samples
from stateful.engine import Setup
from stateful.lockstep import Lockstep
from stateful.random_requests import JUMPS, REQUESTS, WEIGHTS, Pick, existing_arn, is_possible
from stateful.resource_types import RESOURCE_TYPES

T = TypeVar("T")
IMPORTED = (random_requests_jobs, random_requests_runtime)  # importing them fills the table
SIZES = (1, 2, 3, 7, 100)


def arn(path: str, name: str) -> str:
    return f"arn:aws:personalize:us-east-1:123456789012:{path}/{name}"


def random_setup(pick: Pick) -> Setup:
    """Choose the options of a sequence."""
    return Setup(
        autojump=pick((False, False, True)),
        factor=pick((1.0, 1.0, 1.0, 0.0, 0.3)),
        small_quotas=pick((True, True, False)),
    )


def group_with_data(lockstep: Lockstep, group: str = "a", domain: str | None = None) -> None:
    """Create the dataset group `a` with interactions."""
    members = {"domain": domain} if domain else {}
    name = f"Interactions-{domain or 'custom'}".lower()
    lockstep.call("CreateSchema", name=name, schema=samples.SCHEMAS["Interactions"], **members)
    lockstep.call("CreateDatasetGroup", name=group, **members)
    lockstep.jump(60)
    parents = {"schemaArn": arn("schema", name), "datasetGroupArn": arn("dataset-group", group)}
    lockstep.call("CreateDataset", name="interactions", datasetType="Interactions", **parents)
    lockstep.jump(60)
    run_import(lockstep, f"{group}/INTERACTIONS", name=group)


def dataset_with_data(lockstep: Lockstep, dataset_type: str) -> None:
    """Add a dataset of another type with data to the group `a`."""
    lockstep.call("CreateSchema", name=f"{dataset_type}-custom", schema=samples.SCHEMAS[dataset_type])
    parents = {"schemaArn": arn("schema", f"{dataset_type}-custom"), "datasetGroupArn": arn("dataset-group", "a")}
    lockstep.call("CreateDataset", name=dataset_type, datasetType=dataset_type, **parents)
    lockstep.jump(60)
    run_import(lockstep, f"a/{dataset_type.upper()}", name=dataset_type)


def run_import(lockstep: Lockstep, dataset: str, *, name: str) -> None:
    """Import the file for a dataset."""
    source = {"dataLocation": f"s3://{samples.BUCKET}/{dataset.rpartition('/')[2]}.csv"}
    request = {"datasetArn": arn("dataset", dataset), "dataSource": source, "roleArn": builders.ROLE}
    lockstep.call("CreateDatasetImportJob", jobName=f"job-{name}", **request)
    lockstep.jump(301)


def trained_version(lockstep: Lockstep, name: str = "a", recipe: str = samples.POPULARITY) -> str:
    """Train a solution version in the group `a` and return its ARN."""
    request = {"datasetGroupArn": arn("dataset-group", "a"), "performAutoTraining": False}
    lockstep.call("CreateSolution", name=name, recipeArn=recipe, **request)
    lockstep.call("CreateSolutionVersion", solutionArn=arn("solution", name))
    lockstep.jump(1200)
    return list(lockstep.model.resources["SolutionVersion"])[-1]


def campaign_and_tracker(lockstep: Lockstep) -> None:
    """Create a campaign and an event tracker."""
    group_with_data(lockstep)
    lockstep.call("CreateEventTracker", name="a", datasetGroupArn=arn("dataset-group", "a"))
    lockstep.call("CreateCampaign", name="a", solutionVersionArn=trained_version(lockstep))
    lockstep.jump(600)


def recommender(lockstep: Lockstep) -> None:
    """Create a recommender."""
    group_with_data(lockstep, domain=samples.VOD)
    recipe = next(iter(samples.USE_CASES))
    lockstep.call("CreateRecommender", name="a", datasetGroupArn=arn("dataset-group", "a"), recipeArn=recipe)
    lockstep.jump(2400)


def one_version(lockstep: Lockstep) -> None:
    """Train a solution version."""
    group_with_data(lockstep)
    trained_version(lockstep)


def empty(lockstep: Lockstep) -> None:
    """Begin without resources."""


def all_dataset_types(lockstep: Lockstep) -> None:
    """Create datasets of all types, a filter and two campaigns."""
    campaign_and_tracker(lockstep)
    group = arn("dataset-group", "a")
    for dataset_type in ("Items", "Users", "Actions", "Action_Interactions"):
        lockstep.call("CreateSchema", name=f"{dataset_type}-custom", schema=samples.SCHEMAS[dataset_type])
        parents = {"schemaArn": arn("schema", f"{dataset_type}-custom"), "datasetGroupArn": group}
        lockstep.call("CreateDataset", name=dataset_type, datasetType=dataset_type, **parents)
    lockstep.jump(60)
    lockstep.call("CreateFilter", name="a", datasetGroupArn=group, filterExpression=samples.UNSEEN_ITEMS)
    lockstep.call("CreateCampaign", name="b", solutionVersionArn=trained_version(lockstep, "b", samples.SIMS))
    lockstep.jump(600)


def segments(lockstep: Lockstep) -> None:
    """Train a version for batch segment jobs, and create a filter and items."""
    group_with_data(lockstep)
    trained_version(lockstep, "b", samples.AFFINITY)
    trained_version(lockstep, "c", samples.SIMS)
    group = arn("dataset-group", "a")
    lockstep.call("CreateSchema", name="items", schema=samples.SCHEMAS["Items"])
    lockstep.call("CreateSchema", name="wider", schema=samples.WIDER["Items"][0])
    parents = {"schemaArn": arn("schema", "items"), "datasetGroupArn": group}
    lockstep.call("CreateDataset", name="items", datasetType="Items", **parents)
    lockstep.jump(60)
    lockstep.call("CreateFilter", name="a", datasetGroupArn=group, filterExpression=samples.DRAMA)
    lockstep.jump(60)


def recommender_and_filter(lockstep: Lockstep) -> None:
    """Create a recommender, a filter and an event tracker."""
    recommender(lockstep)
    group = arn("dataset-group", "a")
    lockstep.call("CreateFilter", name="a", datasetGroupArn=group, filterExpression=samples.UNSEEN_ITEMS)
    lockstep.call("CreateEventTracker", name="a", datasetGroupArn=group)
    lockstep.jump(60)


def ranking(lockstep: Lockstep) -> None:
    """Create items with metadata, a filter, and campaigns that rank and recommend."""
    group_with_data(lockstep)
    dataset_with_data(lockstep, "Items")
    group, shown = arn("dataset-group", "a"), {"campaignConfig": {"enableMetadataWithRecommendations": True}}
    lockstep.call("CreateFilter", name="a", datasetGroupArn=group, filterExpression=samples.DRAMA)
    for name, recipe in (("a", samples.RANKING), ("b", samples.POPULARITY)):
        lockstep.call("CreateCampaign", name=name, solutionVersionArn=trained_version(lockstep, name, recipe), **shown)
    lockstep.jump(600)


def actions(lockstep: Lockstep) -> None:
    """Create actions, action interactions, filters, and a campaign that recommends actions."""
    group_with_data(lockstep)
    dataset_with_data(lockstep, "Actions")
    dataset_with_data(lockstep, "Action_Interactions")
    for name, expression in (("a", samples.TALK), ("b", samples.UNSEEN_ITEMS)):
        lockstep.call("CreateFilter", name=name, datasetGroupArn=arn("dataset-group", "a"), filterExpression=expression)
    lockstep.call(
        "CreateCampaign", name="a", solutionVersionArn=trained_version(lockstep, "a", samples.NEXT_BEST_ACTION)
    )
    lockstep.jump(600)


OPENINGS: Sequence[Callable[[Lockstep], None]] = (
    empty,
    group_with_data,
    one_version,
    campaign_and_tracker,
    recommender,
    all_dataset_types,
    recommender_and_filter,
    segments,
    ranking,
    actions,
)


def call_step(operation: str) -> Callable[[Lockstep, Pick], None]:
    return lambda lockstep, pick: lockstep.call(operation, **REQUESTS[operation](pick, lockstep.model))


def jump_step(lockstep: Lockstep, pick: Pick) -> None:
    lockstep.jump(pick(JUMPS))


def list_step(lockstep: Lockstep, pick: Pick) -> None:
    resource_type = RESOURCE_TYPES[pick(list(RESOURCE_TYPES))]
    parents = {resource_type.arn: resource_type.name for resource_type in RESOURCE_TYPES.values()}
    narrowed = resource_type.parent and pick(range(2))
    parent = existing_arn(pick, lockstep.model, parents[resource_type.parent or ""]) if narrowed else None
    lockstep.list_all(resource_type.name, pick((None, *SIZES)), parent)


def page_step(lockstep: Lockstep, pick: Pick) -> None:
    lockstep.read_next_page(pick(list(RESOURCE_TYPES)), pick(SIZES[:3]))


def token_step(lockstep: Lockstep, pick: Pick) -> None:
    lockstep.check_bad_token(pick(list(RESOURCE_TYPES)), pick(list(RESOURCE_TYPES)))


def file_step(lockstep: Lockstep, pick: Pick) -> None:
    lockstep.toggle_file(
        pick([*lockstep.model.missing_files, *samples.FILES][:3])
        if lockstep.model.missing_files
        else pick(list(samples.FILES))
    )


STEPS: dict[str, Callable[[Lockstep, Pick], None]] = {
    "jump": jump_step,
    "list": list_step,
    "read a page": page_step,
    "bad token": token_step,
    "file": file_step,
    **{operation: call_step(operation) for operation in REQUESTS},
}
STEP_WEIGHTS = {"jump": 22, "list": 4, "read a page": 3, "bad token": 1, "file": 1, **WEIGHTS}


_NAMES, _WEIGHTS = list(STEP_WEIGHTS), list(STEP_WEIGHTS.values())
IMPOSSIBLE_SHARE = 0.03  # share of steps that need resources of which there are none


def picker(random: Random) -> Pick:
    """Return a function that chooses with a random generator."""

    def pick(options: Sequence[T], /) -> T:
        return options[int(random.random() * len(options))]

    return pick


def _random_step(random: Random, lockstep: Lockstep) -> str:
    """Choose a step, mostly one whose resources exist."""
    while True:
        (step,) = random.choices(_NAMES, _WEIGHTS)
        if is_possible(lockstep.model, step) or random.random() < IMPOSSIBLE_SHARE:
            return step


def run_sequence(seed: int, length: int, counts: Any = None) -> Lockstep:
    """Run a sequence.

    Raises:
        SequenceError: The engine and the model differ. `error.lockstep.steps` holds the steps.
    """
    random = Random(seed)
    pick = picker(random)
    lockstep = Lockstep(random_setup(pick), counts)
    try:
        pick(OPENINGS)(lockstep)
        for _ in range(length):
            STEPS[_random_step(random, lockstep)](lockstep, pick)
        lockstep.check_everything()
    except Exception as error:
        raise SequenceError(lockstep, error) from error
    return lockstep


def replay(setup: Setup, steps: Sequence[tuple[Any, ...]]) -> Lockstep:
    """Run recorded steps again."""
    lockstep = Lockstep(setup)
    for step, *arguments in steps:
        if step == "call":
            operation, request = arguments
            lockstep.call(operation, **request)
        else:
            getattr(lockstep, step)(*arguments)
    lockstep.check_everything()
    return lockstep


def shrunk(setup: Setup, steps: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return a subset of the steps that still fails."""
    kept = list(steps)
    for size in (16, 4, 1, 1):
        at = len(kept)
        while at > 0:
            at -= size
            fewer = kept[: max(at, 0)] + kept[max(at, 0) + size :]
            if _fails(setup, fewer):
                kept = fewer
    return kept


def _fails(setup: Setup, steps: Sequence[tuple[Any, ...]]) -> bool:
    try:
        replay(setup, steps)
    except Exception:  # noqa: BLE001  # any error is a failure
        return True
    return False


class SequenceError(AssertionError):
    """A failed sequence."""

    def __init__(self, lockstep: Lockstep, error: Exception) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.lockstep = lockstep
