"""Roles and buckets that let the service in, and those that do not."""

import json
from typing import Any

import boto3
from corpus.shop import INTERACTION_FIELDS, a_solution, add_dataset, item_id, tables
from corpus.stage import ACCOUNT, BUCKET, REGION, ROLE, Stage, recipe

SERVICE = "personalize.amazonaws.com"
PLACES = [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
READ = ["s3:GetObject", "s3:ListBucket"]
WRITE = [*READ, "s3:PutObject"]
OTHER_ROLE = "arn:aws:iam::999988887777:role/Other"


def play(stage: Stage) -> None:
    """Import, export, infer and report with roles of several kinds."""
    roles = {
        "reader": _role(_statement(READ), name="Reader"),
        "writer": _role(_statement([*WRITE, "cloudwatch:PutMetricData"], resource="*"), name="Writer"),
        "lister": _role(_statement(["s3:ListBucket"]), name="Lister"),
        "denied": _role(_statement(["s3:*"]), _statement(["s3:Get*"], effect="Deny"), name="Denied"),
        "conditional": _role(
            _statement(READ, condition={"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}), name="Conditional"
        ),
        "elsewhere": _role(
            _statement(READ, condition={"StringNotLike": {"aws:PrincipalArn": "arn:*:role/Else*"}}), name="Elsewhere"
        ),
        "prefixed": _role(
            _statement(["s3:ListBucket"], condition={"StringLikeIfExists": {"s3:prefix": ["in/*", "out/*"]}}),
            {"Effect": "Allow", "NotAction": ["s3:DeleteObject"], "NotResource": ["arn:aws:s3:::others/*"]},
            name="Prefixed",
        ),
        "insecure": _role(_statement(READ, condition={"Bool": {"aws:SecureTransport": "false"}}), name="Insecure"),
        "stranger": _role(_statement(READ), name="Stranger", service="sagemaker.amazonaws.com"),
        "bare": _role(name="Bare"),
        "none": ROLE,
        "foreign": OTHER_ROLE,
    }
    location = stage.put(tables()["Interactions"].text, "in/checked.csv")
    group = stage.create_and_wait("CreateDatasetGroup", name="checked")
    dataset = add_dataset(stage, group, "checked", "Interactions", INTERACTION_FIELDS)
    for opened in (None, READ, WRITE):
        if opened is not None:
            _open_bucket(stage, opened)
        for name, role in roles.items():
            label = f"{name}-{'closed' if opened is None else len(opened)}"
            _import(stage, label, dataset, location, role)
            _export(stage, label, dataset, role)
    _revoke(stage, dataset, location, roles["reader"])
    _open_bucket(stage, WRITE)
    for name in ("reader", "writer"):
        output = {"roleArn": roles[name], "s3DataDestination": {"path": f"s3://{BUCKET}/reports/"}}
        metrics = [{"metricName": "watched", "eventType": "Watch", "expression": "SAMPLECOUNT()"}]
        request = {"name": name, "datasetGroupArn": group, "metrics": metrics, "metricsOutputConfig": output}
        stage.try_call("CreateMetricAttribution", **request)
    _batch(stage, group, roles)
    stage.call("ListDatasetImportJobs")


def _import(stage: Stage, name: str, dataset: str, location: str, role: str) -> None:
    source = {"dataLocation": location}
    request = {"jobName": name, "datasetArn": dataset, "dataSource": source, "roleArn": role}
    answer = stage.try_call("CreateDatasetImportJob", **request)
    if "Error" not in answer:
        stage.settle(answer["datasetImportJobArn"])


def _export(stage: Stage, name: str, dataset: str, role: str) -> None:
    output = {"s3DataDestination": {"path": f"s3://{BUCKET}/out/{name}/"}}
    answer = stage.try_call("CreateDatasetExportJob", jobName=name, datasetArn=dataset, jobOutput=output, roleArn=role)
    if "Error" not in answer:
        stage.settle(answer["datasetExportJobArn"])


def _revoke(stage: Stage, dataset: str, location: str, role: str) -> None:
    """Take a permission away after a job was made and before it runs."""
    source = {"dataLocation": location}
    request = {"jobName": "revoked", "datasetArn": dataset, "dataSource": source, "roleArn": role}
    job = stage.create("CreateDatasetImportJob", **request)
    stage.s3.delete_bucket_policy(Bucket=BUCKET)
    stage.settle(job)


def _batch(stage: Stage, group: str, roles: dict[str, str]) -> None:
    version = stage.train(a_solution(stage, group, recipe("aws-sims"), "sims"))
    path = stage.put(json.dumps({"itemId": item_id(3)}), "batch/in.json")
    for name, role in roles.items():
        request = {
            "jobName": name,
            "solutionVersionArn": version,
            "jobInput": {"s3DataSource": {"path": path}},
            "jobOutput": {"s3DataDestination": {"path": f"s3://{BUCKET}/batch/{name}/"}},
            "roleArn": role,
        }
        answer = stage.try_call("CreateBatchInferenceJob", **request)
        if "Error" not in answer:
            stage.settle(answer["batchInferenceJobArn"])
            stage.record_objects(f"batch/{name}/")


def _statement(
    actions: list[str], effect: str = "Allow", resource: Any = None, condition: Any = None
) -> dict[str, Any]:
    conditions = {} if condition is None else {"Condition": condition}
    return {"Effect": effect, "Action": actions, "Resource": resource or PLACES, **conditions}


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _role(*statements: dict[str, Any], name: str, service: str = SERVICE) -> str:
    iam = boto3.client("iam", region_name=REGION)
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=_document(*statements))
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def _open_bucket(stage: Stage, actions: list[str]) -> None:
    policy = _document({**_statement(actions), "Principal": {"Service": SERVICE}})
    stage.s3.put_bucket_policy(Bucket=BUCKET, Policy=policy)
