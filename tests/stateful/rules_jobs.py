"""What is documented of schema replacements, export, deletion and batch jobs, metric attributions and tags."""

from typing import Any

import builders
from stateful import texts
from stateful.kinds import KINDS
from stateful.model import Accepted, Model, Refusals, rule
from stateful.rules_data import Response, optional
from stateful.timeline import ACTIVE, Thing, deletion_job, ending

Members = dict[str, Any]


@rule("UpdateDataset")
def update_dataset(model: Model, refuse: Refusals, *, dataset_arn: str, schema_arn: str) -> Accepted:
    dataset, schema = model.needs(refuse, "Dataset", dataset_arn), model.get("Schema", schema_arn)
    refuse("ResourceNotFound", when=schema is None)
    running = model.all("DatasetImportJob", datasetArn=dataset_arn)
    refuse("ResourceInUse", when=any(job.coming for job in running))
    if dataset is not None and schema is not None:
        group = model.things["DatasetGroup"][dataset.shown["datasetGroupArn"]]
        refuse("InvalidInput", when=dataset.shown["datasetType"] not in ("ITEMS", "USERS"))
        refuse("InvalidInput", when=schema.facts["type"] != dataset.shown["datasetType"])
        refuse("InvalidInput", when=schema.facts["domain"] != group.facts["domain"])
        refuse("InvalidInput", when=(dataset.facts["width"], schema.facts["width"]) not in texts.WIDENED)
        refuse.perhaps("InvalidInput", when=dataset.shown["schemaArn"] == schema_arn)

    def accepted(response: Response) -> None:
        assert response == {"datasetArn": dataset_arn}
        assert dataset is not None
        assert schema is not None
        _replace(model, dataset, schema)

    return accepted


def _replace(model: Model, dataset: Thing, schema: Thing) -> None:
    """Recorded: the dataset itself shows how far the update is."""
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
    refuse: Refusals,
    *,
    job_name: str,
    dataset_arn: str,
    role_arn: str,
    job_output: Members,
    ingestion_mode: str = "PUT",
) -> Accepted:
    dataset, arn = model.needs(refuse, "Dataset", dataset_arn), model.arn("dataset-export-job", job_name)
    refuse("AccessDenied", when=role_arn != builders.ROLE)
    refuse("InvalidInput", when=dataset and dataset.shown["datasetType"].startswith("ACTION"))
    refuse("InvalidInput", when=job_output["s3DataDestination"]["path"] != texts.OUTPUT, at_last=True)
    refuse("ResourceAlreadyExists", when=model.get("DatasetExportJob", arn))

    def accepted(response: Response) -> None:
        assert response == {"datasetExportJobArn": arn}
        shown = {"jobName": job_name, "datasetArn": dataset_arn, "ingestionMode": ingestion_mode, "roleArn": role_arn}
        gone = lambda: model.get("Dataset", dataset_arn) is None  # noqa: E731  # an effect, named
        model.add("DatasetExportJob", arn, {**shown, "jobOutput": job_output}, run=gone)

    return accepted


@rule("CreateDataDeletionJob")
def create_data_deletion_job(
    model: Model, refuse: Refusals, *, job_name: str, dataset_group_arn: str, role_arn: str, data_source: Members
) -> Accepted:
    arn, location = model.arn("data-deletion-job", job_name), data_source["dataLocation"]
    model.needs(refuse, "DatasetGroup", dataset_group_arn)
    refuse("AccessDenied", when=role_arn != builders.ROLE)
    refuse("InvalidInput", when=model.lacks(location), at_last=True)
    refuse("ResourceAlreadyExists", when=model.get("DataDeletionJob", arn))
    refuse("LimitExceeded", when=model.full("DataDeletionJob", dataset_group_arn))

    def accepted(response: Response) -> None:
        assert response == {"dataDeletionJobArn": arn}
        own = {"jobName": job_name, "datasetGroupArn": dataset_group_arn, "roleArn": role_arn}
        fails = "USER_ID" not in texts.FILES[texts.LOCATIONS[location]]
        seconds = model.seconds("DataDeletionJob")
        stages = deletion_job(
            seconds, lambda: fails or model.lacks(location), lambda: _forget(model, dataset_group_arn)
        )
        model.add("DataDeletionJob", arn, {**own, "dataSource": data_source}, stages=stages)

    return accepted


def _forget(model: Model, group: str) -> None:
    """One of the users of `texts.FILES` goes; that this alone calls for a training by schedule is ours."""
    for dataset in model.all("Dataset", datasetGroupArn=group, datasetType="INTERACTIONS"):
        if dataset.facts["goer"]:
            dataset.facts.update(goer=False, revision=dataset.facts["revision"] + 1)


def _batch(kind: str, recipes: tuple[str, ...]) -> None:
    path = KINDS[kind].path

    @rule(f"Create{kind}")
    def create(
        model: Model,
        refuse: Refusals,
        *,
        job_name: str,
        solution_version_arn: str,
        job_input: Members,
        job_output: Members,
        role_arn: str,
        filter_arn: str | None = None,
    ) -> Accepted:
        version, arn = model.needs(refuse, "SolutionVersion", solution_version_arn), model.arn(path, job_name)
        location = job_input["s3DataSource"]["path"]
        refuse("AccessDenied", when=role_arn != builders.ROLE)
        refuse("InvalidInput", when=version and version.shown["recipeArn"] not in recipes)
        refuse("InvalidInput", when=model.lacks(location), at_last=True)
        refuse("InvalidInput", when=job_output["s3DataDestination"]["path"] != texts.OUTPUT, at_last=True)
        refuse("ResourceAlreadyExists", when=model.get(kind, arn))
        refuse("LimitExceeded", when=model.full(kind))
        if version is not None:
            refuse("ResourceInUse", when=model.things["Solution"][version.shown["solutionArn"]].status != ACTIVE)
            _check_filter(model, refuse, filter_arn, version)

        def accepted(response: Response) -> None:
            assert response == {KINDS[kind].arn: arn}
            assert version is not None
            own = {"jobName": job_name, "solutionVersionArn": solution_version_arn, "roleArn": role_arn}
            places = {"jobInput": job_input, "jobOutput": job_output, **optional(filterArn=filter_arn)}
            default = {"numResults": 25} | ({"batchInferenceJobMode": "BATCH_INFERENCE"} if "Inference" in kind else {})
            group = {"datasetGroupArn": version.shown["datasetGroupArn"]}
            model.add(kind, arn, {**own, **places, **default}, group, run=lambda: version.gone or model.lacks(location))

        return accepted


def _check_filter(model: Model, refuse: Refusals, arn: str | None, version: Thing) -> None:
    if arn is not None:
        found = model.needs(refuse, "Filter", arn)
        group = version.shown["datasetGroupArn"]
        refuse("InvalidInput", when=found and found.shown["datasetGroupArn"] != group)
        refuse("InvalidInput", when=found and found.facts["type"] == "ACTIONS")
        refuse("InvalidInput", when=found and version.shown["recipeArn"] == texts.AFFINITY)  # no filter is of users


_batch("BatchInferenceJob", (*texts.RECIPES, texts.RANKING))
_batch("BatchSegmentJob", (texts.AFFINITY,))


@rule("CreateMetricAttribution")
def create_metric_attribution(
    model: Model,
    refuse: Refusals,
    *,
    name: str,
    dataset_group_arn: str,
    metrics: list[Members],
    metrics_output_config: Members,
) -> Accepted:
    arn = model.arn("metric-attribution", name)
    model.needs(refuse, "DatasetGroup", dataset_group_arn)
    _check_metrics(model, refuse, dataset_group_arn, metrics)
    names = [each["metricName"].upper() for each in metrics]
    refuse("InvalidInput", when=len(set(names)) < len(names))
    others = model.all("MetricAttribution", datasetGroupArn=dataset_group_arn)
    refuse("ResourceAlreadyExists", when=others or model.get("MetricAttribution", arn))

    def accepted(response: Response) -> None:
        assert response == {"metricAttributionArn": arn}
        shown = {"name": name, "datasetGroupArn": dataset_group_arn, "metricsOutputConfig": metrics_output_config}
        model.add("MetricAttribution", arn, shown, {"metrics": names})

    return accepted


def _check_metrics(model: Model, refuse: Refusals, group: str, metrics: list[Members]) -> None:
    there = {each.shown["datasetType"] for each in model.all("Dataset", datasetGroupArn=group)}
    needed = {texts.EXPRESSIONS.get(each["expression"], "none") for each in metrics}
    refuse("InvalidInput", when=not {"INTERACTIONS", *needed} <= there)


@rule("UpdateMetricAttribution")
def update_metric_attribution(
    model: Model,
    refuse: Refusals,
    *,
    metric_attribution_arn: str,
    add_metrics: list[Members] | None = None,
    remove_metrics: list[str] | None = None,
) -> Accepted:
    added, removed = add_metrics or [], remove_metrics or []
    found = model.needs(refuse, "MetricAttribution", metric_attribution_arn)
    refuse("InvalidInput", when=not added and not removed)
    kept: list[str] = [] if found is None else [name for name in found.facts["metrics"] if name not in removed]
    names = [each["metricName"].upper() for each in added]
    refuse("ResourceAlreadyExists", when=found and len({*kept, *names}) < len([*kept, *names]))
    refuse("InvalidInput", when=found and not {*removed} <= {*found.facts["metrics"]})
    if found is not None:
        _check_metrics(model, refuse, found.shown["datasetGroupArn"], added)

    def accepted(response: Response) -> None:
        assert response == {"metricAttributionArn": metric_attribution_arn}
        assert found is not None
        found.facts["metrics"] = [*kept, *names]
        found.shown["lastUpdatedDateTime"] = model.now

    return accepted


@rule("ListMetricAttributionMetrics")
def list_metric_attribution_metrics(model: Model, refuse: Refusals, *, metric_attribution_arn: str) -> Accepted:
    found = model.get("MetricAttribution", metric_attribution_arn)
    refuse.perhaps("ResourceNotFound", "InvalidInput", when=found is None)

    def accepted(response: Response) -> None:
        assert [each["metricName"] for each in response["metrics"]] == (found.facts["metrics"] if found else [])

    return accepted


def _tagged(model: Model, refuse: Refusals, arn: str) -> Thing | None:
    """Nothing says when tags cannot be changed, but the error for it is modelled."""
    found = next((things[arn] for things in model.things.values() if arn in things), None)
    refuse("ResourceNotFound", when=found is None)
    refuse.perhaps("ResourceInUse", when=found and found.moving)
    refuse.perhaps("InvalidInput", when=found and found.kind == "MetricAttribution")
    return found


@rule("TagResource")
def tag_resource(model: Model, refuse: Refusals, *, resource_arn: str, tags: list[dict[str, str]]) -> Accepted:
    found = _tagged(model, refuse, resource_arn)
    kept: dict[str, str] = {} if found is None else found.facts.get("tags", {})
    merged = kept | {tag["tagKey"]: tag["tagValue"] for tag in tags}
    refuse("TooManyTags", when=len(merged) > 50)

    def accepted(response: Response) -> None:
        assert response == {}
        assert found is not None
        found.facts["tags"] = merged

    return accepted


@rule("UntagResource")
def untag_resource(model: Model, refuse: Refusals, *, resource_arn: str, tag_keys: list[str]) -> Accepted:
    found = _tagged(model, refuse, resource_arn)

    def accepted(response: Response) -> None:
        assert response == {}
        assert found is not None
        kept = found.facts.get("tags", {})
        found.facts["tags"] = {key: value for key, value in kept.items() if key not in tag_keys}

    return accepted


@rule("ListTagsForResource")
def list_tags_for_resource(model: Model, refuse: Refusals, *, resource_arn: str) -> Accepted:
    found = _tagged(model, refuse, resource_arn)

    def accepted(response: Response) -> None:
        assert found is not None
        assert {tag["tagKey"]: tag["tagValue"] for tag in response["tags"]} == found.facts.get("tags", {})

    return accepted
