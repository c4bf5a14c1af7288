"""A call to the server over HTTP.

Times are wall times, because the server is another process. The floor is the same call to moto's own server, which has
its own Personalize with schemas. The call without a server stands beside it.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import boto3
from calls import SCHEMA
from campaigns import KEYS
from measure import Result, against, alternate, seconds, wall_time
from report import main

from personalize_mock import mock_personalize

TARGETS = {"describe_schema": 1.0}
CALLS = 100
FLAGS = ["--port", "0", "--load", "--quotas", "active_dataset_groups=100000"]
OURS = [sys.executable, "-u", "-m", "personalize_mock", "serve", *FLAGS]
MOTO_PROGRAM = """
from threading import Event
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print("http://%s:%d" % server.get_host_and_port())
Event().wait()
"""
MOTO = [sys.executable, "-uc", MOTO_PROGRAM]


def results() -> Iterator[Result]:
    """Yield the results of calls to both servers."""
    with started(OURS) as url, started(MOTO) as moto_url:
        samples = {
            "moto": partial(describe_time, moto_url),
            "ours": partial(describe_time, url),
            "in process": describe_time_in_process,
        }
        taken = alternate(samples)
    yield against("describe_schema", taken["ours"], taken["moto"], target=TARGETS["describe_schema"])
    yield against("describe_schema without a server", taken["in process"], taken["moto"])


@contextmanager
def started(command: list[str]) -> Iterator[str]:
    """Start a server in another process and yield its URL."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            line = next((line for line in process.stdout if "http://" in line), None)
            if line is None:
                raise RuntimeError(f"{command} does not start")
            yield line[line.index("http://") :].split()[0]
        finally:
            process.terminate()


def describe_time(url: str | None = None) -> float:
    """Return the seconds of a DescribeSchema call; without a URL, the client calls the mock of the process."""
    personalize = boto3.client("personalize", endpoint_url=url, **KEYS)
    name = f"schema-{time.monotonic_ns()}"
    arn = personalize.create_schema(name=name, schema=json.dumps(SCHEMA))["schemaArn"]
    return seconds(lambda: personalize.describe_schema(schemaArn=arn), calls=CALLS, clock=wall_time)


def describe_time_in_process() -> float:
    """Return the seconds of a DescribeSchema call to a mock of this process."""
    with mock_personalize():
        return describe_time()


if __name__ == "__main__":
    main(results)
