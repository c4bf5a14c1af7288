"""Campaigns and canned clients that several benchmarks use."""

import json
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from moto.core.botocore_stubber import MockRawResponse
from moto.core.models import botocore_stubber

from personalize_mock.synthetic import generate

REGION = "us-east-1"
ACCOUNT = "123456789012"
KEYS = {"region_name": REGION, "aws_access_key_id": "key", "aws_secret_access_key": "secret"}


def canned_client(service: str, response: Mapping[str, Any]):
    """Return a client whose requests get a canned response before they are sent. moto does not see them.

    Args:
        service: Name of the service.
        response: The members of the response, as JSON types, and its ResponseMetadata. The canned response has the same
            headers, because botocore needs time for each of them.
    """
    body = {name: value for name, value in response.items() if name != "ResponseMetadata"}
    encoded, headers = json.dumps(body).encode(), response["ResponseMetadata"]["HTTPHeaders"]
    client = boto3.client(service, **KEYS)
    client.meta.events.unregister("before-send", botocore_stubber)
    client.meta.events.register_first(
        "before-send", lambda request, **_: AWSResponse(request.url, 200, headers, MockRawResponse(encoded))
    )
    return client


def deploy_campaign(mock) -> str:
    """Train on 50,000 synthetic interactions and return the ARN of a campaign."""
    data = generate(users=1000, items=1682, interactions=50_000)
    s3 = boto3.client("s3", region_name=REGION)
    s3.create_bucket(Bucket="a-bucket")
    s3.put_object(Bucket="a-bucket", Key="events.csv", Body=data.interactions.encode())
    group = create(mock, "CreateDatasetGroup", name="g")
    schema = create(mock, "CreateSchema", name="s", schema=json.dumps(data.interactions_schema))
    dataset = create(
        mock, "CreateDataset", name="d", datasetGroupArn=group, datasetType="Interactions", schemaArn=schema
    )
    location = {"dataLocation": "s3://a-bucket/events.csv"}
    create(mock, "CreateDatasetImportJob", jobName="j", datasetArn=dataset, dataSource=location)
    recipe = "arn:aws:personalize:::recipe/aws-user-personalization"
    solution = create(mock, "CreateSolution", name="s", datasetGroupArn=group, recipeArn=recipe)
    version = create(mock, "CreateSolutionVersion", solutionArn=solution)
    return create(mock, "CreateCampaign", name="c", solutionVersionArn=version)


def create(mock, operation: str, **members: Any) -> str:
    """Create a resource, wait a day of simulated time, and return its ARN."""
    (arn,) = mock.call(operation, **members).values()
    mock.clock.jump(86_400)
    return str(arn)
