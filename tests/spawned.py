"""Functions that tests run in child processes."""

import boto3

from personalize_mock import mock_personalize


def start_mock():
    mock_personalize().start()


def names_of_schemas():
    credentials = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
    client = boto3.client("personalize", region_name="us-east-1", **credentials)
    return [schema["name"] for schema in client.list_schemas()["schemas"]]
