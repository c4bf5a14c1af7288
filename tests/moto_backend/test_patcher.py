"""Requests of botocore that the mock answers directly, without moto's routing."""

import gzip
import json
import sys
from pathlib import Path

import boto3
import builders
import requests

import personalize_mock

PACKAGE = str(Path(personalize_mock.__file__).parent)
MAX_FUNCTIONS = 78  # that a simple call may enter; each takes as long as botocore needs for a thousandth of a call


def test_a_describe_call_enters_few_functions(mock):
    arn = mock.call("CreateSchema", name="s", schema=builders.avro_schema())["schemaArn"]
    client = builders.client("personalize")
    client.describe_schema(schemaArn=arn)  # fills caches
    entered: list[str] = []

    def count(frame, event, _):
        if event == "call" and frame.f_code.co_filename.startswith(PACKAGE):
            entered.append(frame.f_code.co_qualname if sys.version_info >= (3, 11) else frame.f_code.co_name)

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        client.describe_schema(schemaArn=arn)
    finally:
        sys.setprofile(before)
    assert len(entered) <= MAX_FUNCTIONS, entered


def test_a_compressed_request_is_decoded(mock):
    response = requests.post(
        "https://personalize.us-east-1.amazonaws.com/",
        data=gzip.compress(json.dumps({"name": "shop"}).encode()),
        headers={"X-Amz-Target": "AmazonPersonalize.CreateDatasetGroup", "Content-Encoding": "gzip"},
        timeout=5,
    )
    assert response.json() == {"datasetGroupArn": "arn:aws:personalize:us-east-1:123456789012:dataset-group/shop"}


def test_a_signed_request_updates_the_last_use_of_its_access_key(mock):
    iam = boto3.client("iam", region_name="us-east-1")
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    boto3.client("personalize", region_name="eu-west-1", **keys).list_schemas()
    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
    assert (used["ServiceName"], used["Region"]) == ("personalize", "eu-west-1")


def test_a_key_that_iam_does_not_know_belongs_to_the_default_account(mock):
    iam = boto3.client("iam", region_name="us-east-1")
    iam.create_user(UserName="ada")
    iam.create_access_key(UserName="ada")
    keys = {"aws_access_key_id": "A" * 20, "aws_secret_access_key": "secret"}
    boto3.client("personalize", region_name="us-east-1", **keys).list_schemas()
    assert mock.calls("ListSchemas").last.account == "123456789012"
