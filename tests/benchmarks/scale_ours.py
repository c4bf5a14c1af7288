"""The side of personalize_mock in the benchmark of large data sets, with boto3 calls only."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from scale_by_hand import COUNT, put_files
from scale_data import FILTER, Size, avro_schema

REGION = "us-east-1"
RECIPE = "arn:aws:personalize:::recipe/aws-user-personalization"
ROLE = "arn:aws:iam::123456789012:role/any"


def run(folder: Path, size: Size, stage: Callable[[str], AbstractContextManager[None]]) -> None:
    """Import the files, train, deploy a campaign and recommend."""
    import boto3
    from implicit.cpu.als import AlternatingLeastSquares  # noqa: F401  not part of any stage

    from personalize_mock import mock_personalize

    with mock_personalize():
        put_files(boto3.client("s3", region_name=REGION), folder, size)
        personalize = boto3.client("personalize", region_name=REGION)
        group = personalize.create_dataset_group(name="group")["datasetGroupArn"]
        _wait(personalize.describe_dataset_group, datasetGroupArn=group)
        with stage("import"):
            for dataset in size.datasets:
                _import(personalize, group, dataset)
        with stage("training, metrics"):
            solution = personalize.create_solution(name="s", datasetGroupArn=group, recipeArn=RECIPE)["solutionArn"]
            version = personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
            _wait(personalize.describe_solution_version, solutionVersionArn=version)
            assert personalize.get_solution_metrics(solutionVersionArn=version)["metrics"]
        with stage("campaign"):
            campaign = personalize.create_campaign(name="c", solutionVersionArn=version)["campaignArn"]
            _wait(personalize.describe_campaign, campaignArn=campaign)
            options = {"filterArn": _filter(personalize, group)} if size.has_items else {}
        with stage("recommendations"):
            runtime = boto3.client("personalize-runtime", region_name=REGION)
            for user in size.asking():
                answer = runtime.get_recommendations(campaignArn=campaign, userId=user, numResults=COUNT, **options)
                assert answer["itemList"]


def _import(personalize, group: str, dataset: str) -> None:
    schema = personalize.create_schema(name=dataset, schema=avro_schema(dataset))["schemaArn"]
    dataset_arn = personalize.create_dataset(
        name=dataset, schemaArn=schema, datasetGroupArn=group, datasetType=dataset
    )["datasetArn"]
    _wait(personalize.describe_dataset, datasetArn=dataset_arn)
    job = personalize.create_dataset_import_job(
        jobName=dataset,
        datasetArn=dataset_arn,
        dataSource={"dataLocation": f"s3://a-bucket/{dataset}.csv"},
        roleArn=ROLE,
    )["datasetImportJobArn"]
    _wait(personalize.describe_dataset_import_job, datasetImportJobArn=job)


def _filter(personalize, group: str) -> str:
    arn = personalize.create_filter(name="f", datasetGroupArn=group, filterExpression=FILTER)["filterArn"]
    _wait(personalize.describe_filter, filterArn=arn)
    return arn


def _wait(describe, **arn) -> None:
    while next(iter(describe(**arn).values()))["status"] != "ACTIVE":
        time.sleep(60)
