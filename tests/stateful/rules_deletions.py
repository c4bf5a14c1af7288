"""Who blocks whose deletion, as documented, and where nothing or two different things are."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from stateful.kinds import KINDS, Kind
from stateful.model import RESTING, Accepted, Model, Refusals, Rule, rule
from stateful.timeline import ACTIVE, Thing, ending


def _nothing(_model: Model, _thing: Thing) -> Iterable[object]:
    return ()


def _of_group(model: Model, group: Thing) -> Iterator[object]:
    """Documented, but for filters, of which one page says so and another does not."""
    for kind in ("Dataset", "Solution", "EventTracker", "Recommender"):
        yield from model.all(kind, datasetGroupArn=group.arn)


def _of_dataset(model: Model, dataset: Thing) -> Iterator[object]:
    """Documented 2025/26."""
    group = dataset.shown["datasetGroupArn"]
    yield from model.all("Filter", datasetGroupArn=group)
    yield from model.all("MetricAttribution", datasetGroupArn=group)
    if dataset.shown["datasetType"] == "INTERACTIONS":
        yield from model.all("EventTracker", datasetGroupArn=group)
    yield from (job.coming for job in model.all("DatasetImportJob", datasetArn=dataset.arn))
    for kind in ("Recommender", "SolutionVersion", "BatchInferenceJob", "BatchSegmentJob"):
        yield from (each.coming for each in model.all(kind, datasetGroupArn=group))
    yield from (each.status in (ACTIVE, "CREATE PENDING", "CREATE IN_PROGRESS") for each in _campaigns(model, group))


def _perhaps_of_dataset(model: Model, dataset: Thing) -> Iterator[object]:
    """Nothing says whether what stops, starts or goes counts as in progress."""
    group = dataset.shown["datasetGroupArn"]
    for kind in ("Recommender", "SolutionVersion"):
        yield from (each.moving for each in model.all(kind, datasetGroupArn=group))
    yield from _campaigns(model, group)


def _campaigns(model: Model, group: str) -> list[Thing]:
    return model.all("Campaign", datasetGroupArn=group)


def _of_solution(model: Model, solution: Thing) -> Iterator[object]:
    yield from model.all("Campaign", solutionArn=solution.arn)
    yield from model.all("Campaign", wantedSolutionArn=solution.arn)
    yield from (version.coming for version in model.all("SolutionVersion", solutionArn=solution.arn))


Blockers = Mapping[str, Callable[[Model, Thing], Iterable[object]]]
BLOCKERS: Blockers = {
    "DatasetGroup": _of_group,
    "Schema": lambda model, schema: (
        *model.all("Dataset", schemaArn=schema.arn),
        *model.all("Dataset", wantedSchemaArn=schema.arn),
    ),
    "Dataset": _of_dataset,
    "Solution": _of_solution,
}
MAYBE_BLOCKERS: Blockers = {
    "DatasetGroup": lambda model, group: (
        *model.all("Filter", datasetGroupArn=group.arn),
        *model.all("MetricAttribution", datasetGroupArn=group.arn),
    ),
    "Filter": lambda model, found: (
        job.moving for kind in ("BatchInferenceJob", "BatchSegmentJob") for job in model.all(kind, filterArn=found.arn)
    ),
    "Dataset": _perhaps_of_dataset,
    "Solution": lambda model, solution: (
        version.moving for version in model.all("SolutionVersion", solutionArn=solution.arn)
    ),
}


def _delete(model: Model, refuse: Refusals, kind: str, arn: str) -> Accepted:
    """What all Delete operations have in common."""
    thing = model.get(kind, arn)
    refuse("ResourceNotFound", when=thing is None)
    if thing is not None:
        refuse("ResourceInUse", when=thing.moving or thing.status not in RESTING)
        refuse("ResourceInUse", when=any(BLOCKERS.get(kind, _nothing)(model, thing)))
        refuse.perhaps("ResourceInUse", when=any(MAYBE_BLOCKERS.get(kind, _nothing)(model, thing)))

    def accepted(response: dict[str, Any]) -> None:
        assert response == {}
        assert thing is not None
        if KINDS[kind].seconds is None:
            thing.gone = True
            model.remove(thing)
        else:
            finish = None if kind != "Solution" else lambda: _remove_versions(model, arn)
            model.follow(thing, ending("DELETE", model.seconds(kind, ".delete"), None, finish))

    return accepted


def _remove_versions(model: Model, solution: str) -> None:
    """Documented: a solution takes its versions with it."""
    for version in model.all("SolutionVersion", solutionArn=solution):
        version.gone = True
        model.remove(version)


def _deleting(kind: Kind) -> Rule:
    return lambda model, refuse, **arns: _delete(model, refuse, kind.name, *arns.values())


for _kind in KINDS.values():
    if _kind.deletable:
        rule(f"Delete{_kind.name}")(_deleting(_kind))
