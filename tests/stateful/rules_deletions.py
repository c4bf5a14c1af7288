"""Resources that block the deletion of others: documented ones, and ones on which the documentation is unclear."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from stateful.model import STABLE, Accepted, ExpectedErrors, Model, Rule, rule
from stateful.resource_types import RESOURCE_TYPES, ResourceType
from stateful.timeline import ACTIVE, ModelResource, ending


def _none(_model: Model, _thing: ModelResource) -> Iterable[object]:
    return ()


def _of_group(model: Model, group: ModelResource) -> Iterator[object]:
    """Yield the documented blockers of a dataset group. The pages contradict each other about filters."""
    for resource_type in ("Dataset", "Solution", "EventTracker", "Recommender"):
        yield from model.all(resource_type, datasetGroupArn=group.arn)


def _of_dataset(model: Model, dataset: ModelResource) -> Iterator[object]:
    """Yield the blockers of a dataset, as documented in 2025."""
    group = dataset.shown["datasetGroupArn"]
    yield from model.all("Filter", datasetGroupArn=group)
    yield from model.all("MetricAttribution", datasetGroupArn=group)
    if dataset.shown["datasetType"] == "INTERACTIONS":
        yield from model.all("EventTracker", datasetGroupArn=group)
    yield from (job.creating for job in model.all("DatasetImportJob", datasetArn=dataset.arn))
    for resource_type in ("Recommender", "SolutionVersion", "BatchInferenceJob", "BatchSegmentJob"):
        yield from (resource.creating for resource in model.all(resource_type, datasetGroupArn=group))
    yield from (
        campaign.status in (ACTIVE, "CREATE PENDING", "CREATE IN_PROGRESS") for campaign in _campaigns(model, group)
    )


def _perhaps_of_dataset(model: Model, dataset: ModelResource) -> Iterator[object]:
    """Yield undocumented cases: resources that are being stopped, started or deleted."""
    group = dataset.shown["datasetGroupArn"]
    for resource_type in ("Recommender", "SolutionVersion"):
        yield from (resource.changing for resource in model.all(resource_type, datasetGroupArn=group))
    yield from _campaigns(model, group)


def _campaigns(model: Model, group: str) -> list[ModelResource]:
    return model.all("Campaign", datasetGroupArn=group)


def _of_solution(model: Model, solution: ModelResource) -> Iterator[object]:
    yield from model.all("Campaign", solutionArn=solution.arn)
    yield from model.all("Campaign", wantedSolutionArn=solution.arn)
    yield from (version.creating for version in model.all("SolutionVersion", solutionArn=solution.arn))


Blockers = Mapping[str, Callable[[Model, ModelResource], Iterable[object]]]
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
    "Filter": lambda model, chosen: (
        job.changing
        for resource_type in ("BatchInferenceJob", "BatchSegmentJob")
        for job in model.all(resource_type, filterArn=chosen.arn)
    ),
    "Dataset": _perhaps_of_dataset,
    "Solution": lambda model, solution: (
        version.changing for version in model.all("SolutionVersion", solutionArn=solution.arn)
    ),
}


def _delete(model: Model, refuse: ExpectedErrors, resource_type: str, arn: str) -> Accepted:
    """Rule of all Delete operations."""
    resource = model.get(resource_type, arn)
    refuse("ResourceNotFound", when=resource is None)
    if resource is not None:
        refuse("ResourceInUse", when=resource.changing or resource.status not in STABLE)
        refuse("ResourceInUse", when=any(BLOCKERS.get(resource_type, _none)(model, resource)))
        refuse.perhaps("ResourceInUse", when=any(MAYBE_BLOCKERS.get(resource_type, _none)(model, resource)))

    def accepted(response: dict[str, Any]) -> None:
        assert response == {}
        assert resource is not None
        if RESOURCE_TYPES[resource_type].seconds is None:
            resource.deleted = True
            model.remove(resource)
        else:
            finish = None if resource_type != "Solution" else lambda: _remove_versions(model, arn)
            model.follow(resource, ending("DELETE", model.seconds(resource_type, ".delete"), None, finish))

    return accepted


def _remove_versions(model: Model, solution: str) -> None:
    """Delete the versions of a solution (documented)."""
    for version in model.all("SolutionVersion", solutionArn=solution):
        version.deleted = True
        model.remove(version)


def _deleting(resource_type: ResourceType) -> Rule:
    return lambda model, refuse, **arns: _delete(model, refuse, resource_type.name, *arns.values())


for _type in RESOURCE_TYPES.values():
    if _type.deletable:
        rule(f"Delete{_type.name}")(_deleting(_type))
