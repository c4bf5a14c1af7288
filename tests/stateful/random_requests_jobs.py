"""Random requests for schema replacements, export, deletion and batch jobs, metric attributions and tags."""

import builders
from stateful import samples
from stateful.model import Model, Request
from stateful.random_requests import MORE_NAMES, NAMES, Pick, existing_arn, request_for, usually
from stateful.resource_types import RESOURCE_TYPES

FOREIGN_ROLE = "arn:aws:iam::999999999999:role/Theirs"


@request_for("UpdateDataset", 3, needs="Dataset/ITEMS Dataset/USERS")
def update_dataset(pick: Pick, model: Model) -> Request:
    resource_type = pick(("ITEMS", "USERS"))
    dataset = existing_arn(pick, model, "Dataset", datasetType=resource_type)
    existing = model.get("Dataset", dataset)
    return {
        "datasetArn": dataset,
        "schemaArn": existing_arn(pick, model, "Schema", type=existing and existing.shown["datasetType"]),
    }


def _output(pick: Pick) -> Request:
    path = usually(pick, samples.OUTPUT, samples.OUTPUT, "s3://none/out/")
    return {
        "jobOutput": {"s3DataDestination": {"path": path}},
        "roleArn": usually(pick, builders.ROLE, builders.ROLE, FOREIGN_ROLE),
    }


@request_for("CreateDatasetExportJob", needs="Dataset")
def create_dataset_export_job(pick: Pick, model: Model) -> Request:
    mode = {"ingestionMode": pick(("BULK", "PUT", "ALL"))} if pick(range(2)) else {}
    job = {"jobName": f"job-{pick(range(9))}", "datasetArn": existing_arn(pick, model, "Dataset", status="ACTIVE")}
    return {**job, **_output(pick), **mode}


@request_for("CreateDataDeletionJob", needs="DatasetGroup")
def create_data_deletion_job(pick: Pick, model: Model) -> Request:
    good = f"s3://{samples.BUCKET}/gone.csv"
    location = usually(pick, good, good, f"s3://{samples.BUCKET}/nonsense.csv", *samples.MISSING_LOCATIONS)
    group = existing_arn(pick, model, "DatasetGroup", status="ACTIVE")
    job = {"jobName": f"job-{pick(range(9))}", "datasetGroupArn": group, "dataSource": {"dataLocation": location}}
    return {**job, "roleArn": usually(pick, builders.ROLE, builders.ROLE, FOREIGN_ROLE)}


def _request_for_batch(resource_type: str) -> None:
    @request_for(f"Create{resource_type}", needs="SolutionVersion")
    def create(pick: Pick, model: Model) -> Request:
        recipe = samples.AFFINITY if "Segment" in resource_type else pick([*samples.RECIPES, samples.RANKING])
        path = usually(pick, f"s3://{samples.BUCKET}/lines.csv", *samples.MISSING_LOCATIONS)
        version = existing_arn(pick, model, "SolutionVersion", status="ACTIVE", recipeArn=recipe)
        job = {"jobName": f"job-{pick(range(9))}", "solutionVersionArn": version}
        within = {"filterArn": existing_arn(pick, model, "Filter", status="ACTIVE")} if pick(range(4)) == 3 else {}
        return {**job, "jobInput": {"s3DataSource": {"path": path}}, **_output(pick), **within}


for _type in ("BatchInferenceJob", "BatchSegmentJob"):
    _request_for_batch(_type)


def _metrics(pick: Pick) -> list[Request]:
    expression = usually(pick, pick(list(samples.EXPRESSIONS)), *samples.INVALID_EXPRESSIONS)
    metrics = [{"metricName": name, "eventType": "Watch", "expression": expression} for name in NAMES]
    return usually(pick, [pick(metrics)], metrics[:2], [metrics[0]] * 2)


@request_for("CreateMetricAttribution", needs="Dataset")
def create_metric_attribution(pick: Pick, model: Model) -> Request:
    group = existing_arn(pick, model, "DatasetGroup", status="ACTIVE")
    output = {"roleArn": builders.ROLE, **({"s3DataDestination": {"path": samples.OUTPUT}} if pick(range(2)) else {})}
    metrics = _metrics(pick)
    return {"name": pick(NAMES), "datasetGroupArn": group, "metrics": metrics, "metricsOutputConfig": output}


@request_for("UpdateMetricAttribution", needs="MetricAttribution")
def update_metric_attribution(pick: Pick, model: Model) -> Request:
    added = {"addMetrics": _metrics(pick)} if pick(range(3)) else {}
    removed = {"removeMetrics": [pick(NAMES).upper()]} if not pick(range(3)) else {}
    return {"metricAttributionArn": existing_arn(pick, model, "MetricAttribution", status="ACTIVE"), **added, **removed}


@request_for("ListMetricAttributionMetrics", 1, needs="MetricAttribution")
def list_metric_attribution_metrics(pick: Pick, model: Model) -> Request:
    return {"metricAttributionArn": existing_arn(pick, model, "MetricAttribution")}


def _anything(pick: Pick, model: Model) -> str:
    resource_types = [resource_type for resource_type in RESOURCE_TYPES if model.resources[resource_type]]
    return existing_arn(pick, model, pick(resource_types or list(RESOURCE_TYPES)))


@request_for("TagResource")
def tag_resource(pick: Pick, model: Model) -> Request:
    keys = usually(pick, [pick(MORE_NAMES)], [f"key-{number}" for number in range(51)])
    return {"resourceArn": _anything(pick, model), "tags": [{"tagKey": key, "tagValue": pick(NAMES)} for key in keys]}


@request_for("UntagResource", 1)
def untag_resource(pick: Pick, model: Model) -> Request:
    return {"resourceArn": _anything(pick, model), "tagKeys": [pick(MORE_NAMES)]}


@request_for("ListTagsForResource", 1)
def list_tags_for_resource(pick: Pick, model: Model) -> Request:
    return {"resourceArn": _anything(pick, model)}
