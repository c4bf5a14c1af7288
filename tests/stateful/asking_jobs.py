"""How to ask for schema replacements, export, deletion and batch jobs, metric attributions and tags."""

import builders
from stateful import texts
from stateful.asking import MORE_NAMES, NAMES, Pick, asks, known, usually
from stateful.kinds import KINDS
from stateful.model import Model, Request

THEIRS = "arn:aws:iam::999999999999:role/Theirs"


@asks("UpdateDataset", 3, about="Dataset/ITEMS Dataset/USERS")
def update_dataset(pick: Pick, model: Model) -> Request:
    kind = pick(("ITEMS", "USERS"))
    dataset = known(pick, model, "Dataset", datasetType=kind)
    found = model.get("Dataset", dataset)
    return {"datasetArn": dataset, "schemaArn": known(pick, model, "Schema", type=found and found.shown["datasetType"])}


def _output(pick: Pick) -> Request:
    path = usually(pick, texts.OUTPUT, texts.OUTPUT, "s3://none/out/")
    return {
        "jobOutput": {"s3DataDestination": {"path": path}},
        "roleArn": usually(pick, builders.ROLE, builders.ROLE, THEIRS),
    }


@asks("CreateDatasetExportJob", about="Dataset")
def create_dataset_export_job(pick: Pick, model: Model) -> Request:
    mode = {"ingestionMode": pick(("BULK", "PUT", "ALL"))} if pick(range(2)) else {}
    job = {"jobName": f"job-{pick(range(9))}", "datasetArn": known(pick, model, "Dataset", status="ACTIVE")}
    return {**job, **_output(pick), **mode}


@asks("CreateDataDeletionJob", about="DatasetGroup")
def create_data_deletion_job(pick: Pick, model: Model) -> Request:
    good = f"s3://{texts.BUCKET}/gone.csv"
    location = usually(pick, good, good, f"s3://{texts.BUCKET}/nonsense.csv", *texts.NO_LOCATIONS)
    group = known(pick, model, "DatasetGroup", status="ACTIVE")
    job = {"jobName": f"job-{pick(range(9))}", "datasetGroupArn": group, "dataSource": {"dataLocation": location}}
    return {**job, "roleArn": usually(pick, builders.ROLE, builders.ROLE, THEIRS)}


def _asks_for_batch(kind: str) -> None:
    @asks(f"Create{kind}", about="SolutionVersion")
    def create(pick: Pick, model: Model) -> Request:
        recipe = texts.AFFINITY if "Segment" in kind else pick([*texts.RECIPES, texts.RANKING])
        path = usually(pick, f"s3://{texts.BUCKET}/lines.csv", *texts.NO_LOCATIONS)
        version = known(pick, model, "SolutionVersion", status="ACTIVE", recipeArn=recipe)
        job = {"jobName": f"job-{pick(range(9))}", "solutionVersionArn": version}
        within = {"filterArn": known(pick, model, "Filter", status="ACTIVE")} if pick(range(4)) == 3 else {}
        return {**job, "jobInput": {"s3DataSource": {"path": path}}, **_output(pick), **within}


for _kind in ("BatchInferenceJob", "BatchSegmentJob"):
    _asks_for_batch(_kind)


def _metrics(pick: Pick) -> list[Request]:
    expression = usually(pick, pick(list(texts.EXPRESSIONS)), *texts.NO_EXPRESSIONS)
    metrics = [{"metricName": name, "eventType": "Watch", "expression": expression} for name in NAMES]
    return usually(pick, [pick(metrics)], metrics[:2], [metrics[0]] * 2)


@asks("CreateMetricAttribution", about="Dataset")
def create_metric_attribution(pick: Pick, model: Model) -> Request:
    group = known(pick, model, "DatasetGroup", status="ACTIVE")
    output = {"roleArn": builders.ROLE, **({"s3DataDestination": {"path": texts.OUTPUT}} if pick(range(2)) else {})}
    metrics = _metrics(pick)
    return {"name": pick(NAMES), "datasetGroupArn": group, "metrics": metrics, "metricsOutputConfig": output}


@asks("UpdateMetricAttribution", about="MetricAttribution")
def update_metric_attribution(pick: Pick, model: Model) -> Request:
    added = {"addMetrics": _metrics(pick)} if pick(range(3)) else {}
    removed = {"removeMetrics": [pick(NAMES).upper()]} if not pick(range(3)) else {}
    return {"metricAttributionArn": known(pick, model, "MetricAttribution", status="ACTIVE"), **added, **removed}


@asks("ListMetricAttributionMetrics", 1, about="MetricAttribution")
def list_metric_attribution_metrics(pick: Pick, model: Model) -> Request:
    return {"metricAttributionArn": known(pick, model, "MetricAttribution")}


def _anything(pick: Pick, model: Model) -> str:
    kinds = [kind for kind in KINDS if model.things[kind]]
    return known(pick, model, pick(kinds or list(KINDS)))


@asks("TagResource")
def tag_resource(pick: Pick, model: Model) -> Request:
    keys = usually(pick, [pick(MORE_NAMES)], [f"key-{number}" for number in range(51)])
    return {"resourceArn": _anything(pick, model), "tags": [{"tagKey": key, "tagValue": pick(NAMES)} for key in keys]}


@asks("UntagResource", 1)
def untag_resource(pick: Pick, model: Model) -> Request:
    return {"resourceArn": _anything(pick, model), "tagKeys": [pick(MORE_NAMES)]}


@asks("ListTagsForResource", 1)
def list_tags_for_resource(pick: Pick, model: Model) -> Request:
    return {"resourceArn": _anything(pick, model)}
