"""A call, entering and leaving a mock, and the import.

The floor of a call is a client of boto3 whose `before-send` handler returns the same response canned, with the same
headers. It contains all that botocore does: validation, serialisation, signature, parsing. The floor of entering and
leaving is `mock_aws`, which the mock contains. The import has no floor: it is the time that `import personalize_mock`
adds to the start of Python.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

import boto3
from campaigns import KEYS, REGION, canned_client
from measure import Result, against, alone, alternate, children_time, seconds, times
from moto import mock_aws
from report import main

from personalize_mock import mock_personalize

TARGETS = {"describe_schema": 1.15, "entering and leaving": 1.3, "import": 0.05}
CALLS, ROUNDS = 100, 15
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
ARN = f"arn:aws:personalize:{REGION}:123456789012:schema/benchmark"
RESPONSE = {
    "schema": {
        "name": "benchmark",
        "schemaArn": ARN,
        "schema": json.dumps(SCHEMA),
        "creationDateTime": 1.620833016991e9,
        "lastUpdatedDateTime": 1.620833016991e9,
    }
}


def results() -> Iterator[Result]:
    """Yield the results of calls, entries and imports."""
    yield from calls()
    yield entries()
    yield imports()


def calls() -> Iterator[Result]:
    """Compare DescribeSchema with the canned response."""
    response = {**RESPONSE, "ResponseMetadata": _metadata()}
    samples = {
        "canned": lambda: seconds(partial(_describe, canned_client("personalize", response)), calls=CALLS),
        "moto": partial(_describe_time, mock_aws),
        "ours": partial(_describe_time, mock_personalize),
    }
    taken = alternate(samples, rounds=ROUNDS)
    yield against("describe_schema", taken["ours"], taken["canned"], target=TARGETS["describe_schema"])
    yield against("describe_schema of moto's own Personalize", taken["moto"], taken["canned"])


def _metadata() -> dict[str, Any]:
    with mock_personalize() as mock:
        mock.call("CreateSchema", name="benchmark", schema=json.dumps(SCHEMA))
        return boto3.client("personalize", **KEYS).describe_schema(schemaArn=ARN)["ResponseMetadata"]


def _describe(client) -> None:
    client.describe_schema(schemaArn=ARN)


def _describe_time(mock) -> float:
    with mock():
        client = boto3.client("personalize", **KEYS)
        client.create_schema(name="benchmark", schema=json.dumps(SCHEMA))
        return seconds(partial(_describe, client), calls=CALLS)


def entries() -> Result:
    """Compare entering and leaving with `mock_aws`."""
    tasks = {"aws": partial(_enter, mock_aws), "ours": partial(_enter, mock_personalize)}
    taken = times(tasks, calls=15, rounds=ROUNDS)
    return against("entering and leaving", taken["ours"], taken["aws"], target=TARGETS["entering and leaving"])


def _enter(mock) -> None:
    with mock():
        pass


def imports() -> Result:
    """Measure what the import adds to the start of the interpreter."""
    taken = times(
        {"python": partial(_start, "pass"), "ours": partial(_start, "import personalize_mock")},
        calls=3,
        clock=children_time,
    )
    added = [ours - python for ours, python in zip(taken["ours"], taken["python"], strict=True)]
    return alone("import personalize_mock", added, target=TARGETS["import"])


def _start(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)


if __name__ == "__main__":
    main(results)
