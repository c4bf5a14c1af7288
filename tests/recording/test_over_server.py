"""A recording of clients that reach a mock over HTTP."""

import io
from functools import partial

import boto3
from botocore.config import Config
from builders import BUCKET, interactions_csv
from recording.recordings import entries, main_path

from personalize_mock.recording import compare, record
from personalize_mock.server.server import Server


def client_of(service: str, *, url: str):
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
    config = Config(retries={"total_max_attempts": 1})
    return boto3.client(service, "us-east-1", endpoint_url=url, config=config, **keys)


def test_a_recording_over_a_server_has_no_differences_and_simulated_times(data):
    with Server(port=0, clock="2024-05-01T00:00:00Z") as server, record(file := io.StringIO()):
        s3 = client_of("s3", url=server.url)
        s3.create_bucket(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key="interactions.csv", Body=interactions_csv())
        main_path(partial(client_of, url=server.url), sleeps=False)
    calls = entries(file.getvalue())
    file.seek(0)

    assert {call["time"].partition("T")[0] for call in calls} == {"2024-05-01"}
    assert len(calls) > 20
    assert compare(file, data=data).differences == []
