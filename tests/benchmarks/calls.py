"""Time of a mocked call, compared with botocore alone and with moto's own Personalize.

python tests/benchmarks/calls.py
"""

import json
import os
import subprocess
import sys

import boto3
from botocore.awsrequest import AWSResponse
from measure import report, seconds
from moto import mock_aws
from moto.core.botocore_stubber import MockRawResponse

from personalize_mock import mock_personalize
from personalize_mock.synthetic import generate

ROUNDS, CALLS = 15, 200
SCHEMA = {
    "type": "record",
    "name": "Interactions",
    "namespace": "com.amazonaws.personalize.schema",
    "fields": [
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
    ],
    "version": "1.0",
}
ARN = "arn:aws:personalize:us-east-1:123456789012:schema/benchmark"


def canned_client():
    """Return a client whose requests get a canned DescribeSchema response before they are sent."""
    body = {
        "schema": {
            "name": "benchmark",
            "schemaArn": ARN,
            "schema": json.dumps(SCHEMA),
            "creationDateTime": 1.620833016991e9,
            "lastUpdatedDateTime": 1.620833016991e9,
        }
    }
    encoded, headers = json.dumps(body).encode(), {"content-type": "application/x-amz-json-1.1"}
    client = boto3.client("personalize", region_name="us-east-1")
    client.meta.events.register_first(
        "before-send", lambda request, **_: AWSResponse(request.url, 200, headers, MockRawResponse(encoded))
    )
    return client


def describe_time(client):
    return seconds(lambda: client.describe_schema(schemaArn=ARN), times=CALLS)


def describe_round():
    with mock_aws():
        client = canned_client()
        client.describe_schema(schemaArn=ARN)
    # Outside the mock, moto's handler behind the canned one does nothing.
    os.environ.setdefault("AWS_ACCESS_KEY_ID", "x")
    os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "x")
    times = {"canned before-send response": describe_time(canned_client())}
    for name, mock in (
        ("moto's own describe_schema", mock_aws),
        ("personalize_mock describe_schema", mock_personalize),
    ):
        with mock():
            client = boto3.client("personalize", region_name="us-east-1")
            client.create_schema(name="benchmark", schema=json.dumps(SCHEMA))
            times[name] = describe_time(client)
    return times


def recommendations_round():
    """Time GetRecommendations of 25 out of 1,682 items, and the same response canned."""
    with mock_personalize(minimum_interactions=0) as mock:
        campaign = deploy_campaign(mock)
        runtime = boto3.client("personalize-runtime", region_name="us-east-1")
        response = runtime.get_recommendations(campaignArn=campaign, userId="1")
        users = iter(range(10**9))
        ours = seconds(
            lambda: runtime.get_recommendations(campaignArn=campaign, userId=str(next(users) % 1000)), times=CALLS
        )
    response.pop("ResponseMetadata")
    encoded, headers = json.dumps(response).encode(), {"content-type": "application/json"}
    canned = boto3.client("personalize-runtime", region_name="us-east-1")
    canned.meta.events.register_first(
        "before-send", lambda request, **_: AWSResponse(request.url, 200, headers, MockRawResponse(encoded))
    )
    floor = seconds(lambda: canned.get_recommendations(campaignArn=campaign, userId="1"), times=CALLS)
    return {"canned response with 25 items": floor, "personalize_mock get_recommendations": ours}


def deploy_campaign(mock):
    data = generate(users=1000, items=1682, interactions=50_000)
    s3 = boto3.client("s3", region_name="us-east-1")
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


def create(mock, operation, **members):
    (arn,) = mock.call(operation, **members).values()
    mock.clock.jump(86_400)
    return arn


def context_round():
    def enter(mock):
        with mock():
            pass

    return {
        "mock_aws": seconds(lambda: enter(mock_aws), times=20),
        "mock_personalize": seconds(lambda: enter(mock_personalize), times=20),
    }


def import_round():
    def cold(code):
        return seconds(lambda: subprocess.run([sys.executable, "-c", code], check=True), times=5)

    return {"python alone": cold("pass"), "import personalize_mock": cold("import personalize_mock")}


if __name__ == "__main__":
    describe_round(), context_round()
    report("A describe call", [describe_round() for _ in range(ROUNDS)], floor="canned before-send response")
    report("GetRecommendations", [recommendations_round() for _ in range(7)], floor="canned response with 25 items")
    report("Entering and leaving", [context_round() for _ in range(ROUNDS)], floor="mock_aws")
    report("Importing, cold", [import_round() for _ in range(7)], floor="python alone")
