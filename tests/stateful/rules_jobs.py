"""Documented rules of schema replacements, export, deletion and batch jobs, metric attributions and tags."""

from typing import Any

import builders
from stateful import samples
from stateful.model import Accepted, ExpectedErrors, Model, rule
from stateful.resource_types import RESOURCE_TYPES
from stateful.rules_data import Response, optional
from stateful.timeline import ACTIVE, ModelResource, deletion_job, ending

Members = dict[str, Any]


@rule("UpdateDataset")
def update_dataset(model: Model, refuse: ExpectedErrors, *, dataset_arn: str, schema_arn: str) -> Accepted:
    dataset, schema = model.require(refuse, "Dataset", dataset_arn), model.get("Schema", schema_arn)
    refuse("ResourceNotFound", when=schema is None)
    running = model.all("DatasetImportJob", datasetArn=dataset_arn)
    refuse("ResourceInUse", when=any(job.creating for job in running))
    if dataset is not None and schema is not None:
        group = model.resources["DatasetGroup"][dataset.shown["datasetGroupArn"]]
        refuse("InvalidInput", when=dataset.shown["datasetType"] not in ("ITEMS", "USERS"))
        refuse("InvalidInput", when=schema.facts["type"] != dataset.shown["datasetType"])
        refuse("InvalidInput", when=schema.facts["domain"] != group.facts["domain"])
        refuse("InvalidInput", when=(dataset.facts["width"], schema.facts["width"]) not in samples.ALLOWED_WIDTHS)
        refuse.perhaps("InvalidInput", when=dataset.shown["schemaArn"] == schema_arn)

    def accepted(response: Response) -> None:
        assert response == {"datasetArn": dataset_arn}
        assert dataset is not None
        assert schema is not None
        _replace(model, dataset, schema)

    return accepted


def _replace(model: Model, dataset: ModelResource, schema: ModelResource) -> None:
    """Start the update, which shows in the status of the dataset (recorded)."""
    dataset.shown["latestDatasetUpdate"] = {"schemaArn": schema.arn, "creationDateTime": model.now}
    dataset.facts["wantedSchemaArn"] = schema.arn

    def apply() -> None:
        dataset.shown["schemaArn"] = schema.arn
        dataset.shown["latestDatasetUpdate"] |= {"status": ACTIVE, "lastUpdatedDateTime": model.now}
        dataset.facts.update(wantedSchemaArn=None, width=schema.facts["width"])

    seconds = model.seconds("Dataset", ".update")
    model.follow(dataset, ending("UPDATE", seconds, ACTIVE, apply))


@rule("CreateDatasetExportJob")
def create_dataset_export_job(
    model: Model,
    refuse: ExpectedErrors,
    *,
    job_name: str,
    dataset_arn: str,
    role_arn: str,
    job_output: Members,
    ingestion_mode: str = "PUT",
) -> Accepted:
    dataset, arn = model.require(refuse, "Dataset", dataset_arn), model.arn("dataset-export-job", job_name)
    refuse("AccessDenied", when=role_arn != builders.ROLE)
    refuse("InvalidInput", when=dataset and dataset.shown["datasetType"].startswith("ACTION"))
    refuse("InvalidInput", when=job_output["s3DataDestination"]["path"] != samples.OUTPUT, checked_last=True)
    refuse("ResourceAlreadyExists", when=model.get("DatasetExportJob", arn))

    def accepted(response: Response) -> None:
        assert response == {"datasetExportJobArn": arn}
        shown = {"jobName": job_name, "datasetArn": dataset_arn, "ingestionMode": ingestion_mode, "roleArn": role_arn}
        deleted = lambda: model.get("Dataset", dataset_arn) is None  # noqa: E731  # named for readability
        model.add("DatasetExportJob", arn, {**shown, "jobOutput": job_output}, run=deleted)

    return accepted


@rule("CreateDataDeletionJob")
def create_data_deletion_job(
    model: Model, refuse: ExpectedErrors, *, job_name: str, dataset_group_arn: str, role_arn: str, data_source: Members
) -> Accepted:
    arn, location = model.arn("data-deletion-job", job_name), data_source["dataLocation"]
    model.require(refuse, "DatasetGroup", dataset_group_arn)
    refuse("AccessDenied", when=role_arn != builders.ROLE)
    refuse("InvalidInput", when=model.is_missing(location), checked_last=True)
    refuse("ResourceAlreadyExists", when=model.get("DataDeletionJob", arn))
    refuse("LimitExceeded", when=model.quota_reached("DataDeletionJob", dataset_group_arn))

    def accepted(response: Response) -> None:
        assert response == {"dataDeletionJobArn": arn}
        own = {"jobName": job_name, "datasetGroupArn": dataset_group_arn, "roleArn": role_arn}
        fails = "USER_ID" not in samples.FILES[samples.LOCATIONS[location]]
        seconds = model.seconds("DataDeletionJob")
        stages = deletion_job(
            seconds, lambda: fails or model.is_missing(location), lambda: _forget(model, dataset_group_arn)
        )
        model.add("DataDeletionJob", arn, {**own, "dataSource": data_source}, stages=stages)

    return accepted


def _forget(model: Model, group: str) -> None:
    """Delete the one user of `samples.FILES`. That a deletion triggers automatic training is ours."""
    for dataset in model.all("Dataset", datasetGroupArn=group, datasetType="INTERACTIONS"):
        if dataset.facts["listed_user"]:
            dataset.facts.update(listed_user=False, revision=dataset.facts["revision"] + 1)


def _batch(resource_type: str, recipes: tuple[str, ...]) -> None:
    path = RESOURCE_TYPES[resource_type].path

    @rule(f"Create{resource_type}")
    def create(
        model: Model,
        refuse: ExpectedErrors,
        *,
        job_name: str,
        solution_version_arn: str,
        job_input: Members,
        job_output: Members,
        role_arn: str,
        filter_arn: str | None = None,
    ) -> Accepted:
        version, arn = model.require(refuse, "SolutionVersion", solution_version_arn), model.arn(path, job_name)
        location = job_input["s3DataSource"]["path"]
        refuse("AccessDenied", when=role_arn != builders.ROLE)
        refuse("InvalidInput", when=version and version.shown["recipeArn"] not in recipes)
        refuse("InvalidInput", when=model.is_missing(location), checked_last=True)
        refuse("InvalidInput", when=job_output["s3DataDestination"]["path"] != samples.OUTPUT, checked_last=True)
        refuse("ResourceAlreadyExists", when=model.get(resource_type, arn))
        refuse("LimitExceeded", when=model.quota_reached(resource_type))
        if version is not None:
            refuse("ResourceInUse", when=model.resources["Solution"][version.shown["solutionArn"]].status != ACTIVE)
            _check_filter(model, refuse, filter_arn, version)

        def accepted(response: Response) -> None:
            assert response == {RESOURCE_TYPES[resource_type].arn: arn}
            assert version is not None
            own = {"jobName": job_name, "solutionVersionArn": solution_version_arn, "roleArn": role_arn}
            places = {"jobInput": job_input, "jobOutput": job_output, **optional(filterArn=filter_arn)}
            default = {"numResults": 25} | (
                {"batchInferenceJobMode": "BATCH_INFERENCE"} if "Inference" in resource_type else {}
            )
            group = {"datasetGroupArn": version.shown["datasetGroupArn"]}
            model.add(
                resource_type,
                arn,
                {**own, **places, **default},
                group,
                run=lambda: version.deleted or model.is_missing(location),
            )

        return accepted


def _check_filter(model: Model, refuse: ExpectedErrors, arn: str | None, version: ModelResource) -> None:
    if arn is not None:
        chosen = model.require(refuse, "Filter", arn)
        group = version.shown["datasetGroupArn"]
        refuse("InvalidInput", when=chosen and chosen.shown["datasetGroupArn"] != group)
        refuse("InvalidInput", when=chosen and chosen.facts["type"] == "ACTIONS")
        refuse(
            "InvalidInput", when=chosen and version.shown["recipeArn"] == samples.AFFINITY
        )  # no filter selects users


_batch("BatchInferenceJob", (*samples.RECIPES, samples.RANKING))
_batch("BatchSegmentJob", (samples.AFFINITY,))


@rule("CreateMetricAttribution")
def create_metric_attribution(
    model: Model,
    refuse: ExpectedErrors,
    *,
    name: str,
    dataset_group_arn: str,
    metrics: list[Members],
    metrics_output_config: Members,
) -> Accepted:
    arn = model.arn("metric-attribution", name)
    model.require(refuse, "DatasetGroup", dataset_group_arn)
    _check_metrics(model, refuse, dataset_group_arn, metrics)
    names = [metric["metricName"] for metric in metrics]
    refuse("InvalidInput", when=_repeated(names))
    others = model.all("MetricAttribution", datasetGroupArn=dataset_group_arn)
    refuse("ResourceAlreadyExists", when=others or model.get("MetricAttribution", arn))

    def accepted(response: Response) -> None:
        assert response == {"metricAttributionArn": arn}
        shown = {"name": name, "datasetGroupArn": dataset_group_arn, "metricsOutputConfig": metrics_output_config}
        model.add("MetricAttribution", arn, shown, {"metrics": names})

    return accepted


def _names(names: list[str]) -> set[str]:
    """Return names without regard to case."""
    return {name.upper() for name in names}


def _repeated(names: list[str]) -> bool:
    return len(_names(names)) < len(names)


def _check_metrics(model: Model, refuse: ExpectedErrors, group: str, metrics: list[Members]) -> None:
    existing = {dataset.shown["datasetType"] for dataset in model.all("Dataset", datasetGroupArn=group)}
    needed = {samples.EXPRESSIONS.get(metric["expression"], "none") for metric in metrics}
    refuse("InvalidInput", when=not {"INTERACTIONS", *needed} <= existing)


@rule("UpdateMetricAttribution")
def update_metric_attribution(
    model: Model,
    refuse: ExpectedErrors,
    *,
    metric_attribution_arn: str,
    add_metrics: list[Members] | None = None,
    remove_metrics: list[str] | None = None,
) -> Accepted:
    added, removed = add_metrics or [], remove_metrics or []
    attribution = model.require(refuse, "MetricAttribution", metric_attribution_arn)
    refuse("InvalidInput", when=not added and not removed)
    kept: list[str] = (
        []
        if attribution is None
        else [name for name in attribution.facts["metrics"] if not _names(removed) & _names([name])]
    )
    names = [metric["metricName"] for metric in added]
    refuse("ResourceAlreadyExists", when=attribution and _repeated([*kept, *names]))
    refuse("InvalidInput", when=attribution and not _names(removed) <= _names(attribution.facts["metrics"]))
    if attribution is not None:
        _check_metrics(model, refuse, attribution.shown["datasetGroupArn"], added)

    def accepted(response: Response) -> None:
        assert response == {"metricAttributionArn": metric_attribution_arn}
        assert attribution is not None
        attribution.facts["metrics"] = [*kept, *names]
        attribution.shown["lastUpdatedDateTime"] = model.now

    return accepted


@rule("ListMetricAttributionMetrics")
def list_metric_attribution_metrics(model: Model, refuse: ExpectedErrors, *, metric_attribution_arn: str) -> Accepted:
    attribution = model.get("MetricAttribution", metric_attribution_arn)
    refuse.perhaps("ResourceNotFound", "InvalidInput", when=attribution is None)

    def accepted(response: Response) -> None:
        assert [metric["metricName"] for metric in response["metrics"]] == (
            attribution.facts["metrics"] if attribution else []
        )

    return accepted


def _tagged(model: Model, refuse: ExpectedErrors, arn: str) -> ModelResource | None:
    """Return the tagged resource. It is undocumented when ResourceInUse is raised."""
    resource = next((resources[arn] for resources in model.resources.values() if arn in resources), None)
    refuse("ResourceNotFound", when=resource is None)
    refuse.perhaps("ResourceInUse", when=resource and resource.changing)
    refuse.perhaps("InvalidInput", when=resource and resource.resource_type == "MetricAttribution")
    return resource


@rule("TagResource")
def tag_resource(model: Model, refuse: ExpectedErrors, *, resource_arn: str, tags: list[dict[str, str]]) -> Accepted:
    resource = _tagged(model, refuse, resource_arn)
    kept: dict[str, str] = {} if resource is None else resource.facts.get("tags", {})
    merged = kept | {tag["tagKey"]: tag["tagValue"] for tag in tags}
    refuse("TooManyTags", when=len(merged) > 50)

    def accepted(response: Response) -> None:
        assert response == {}
        assert resource is not None
        resource.facts["tags"] = merged

    return accepted


@rule("UntagResource")
def untag_resource(model: Model, refuse: ExpectedErrors, *, resource_arn: str, tag_keys: list[str]) -> Accepted:
    resource = _tagged(model, refuse, resource_arn)

    def accepted(response: Response) -> None:
        assert response == {}
        assert resource is not None
        kept = resource.facts.get("tags", {})
        resource.facts["tags"] = {key: value for key, value in kept.items() if key not in tag_keys}

    return accepted


@rule("ListTagsForResource")
def list_tags_for_resource(model: Model, refuse: ExpectedErrors, *, resource_arn: str) -> Accepted:
    resource = _tagged(model, refuse, resource_arn)

    def accepted(response: Response) -> None:
        assert resource is not None
        assert {tag["tagKey"]: tag["tagValue"] for tag in response["tags"]} == resource.facts.get("tags", {})

    return accepted
