"""Time of a call over HTTP, compared with a call in the process and with moto's own server, and parallel clients.

python tests/benchmarks/server.py [SECONDS]

Eight clients call the server for SECONDS (60) without a pause. Any error ends the benchmark with an exception.
"""

import json
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import boto3
from calls import SCHEMA
from measure import report, seconds

from personalize_mock import mock_personalize

ROUNDS, CALLS, CLIENTS = 7, 200, 8
KEYS = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
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
RUNTIMES = ("personalize-runtime", "personalize-events")


def started(command):
    """Start a server and return its process and its URL."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for line in process.stdout:
        if "http://" in line:
            return process, line[line.index("http://") :].split()[0]
    raise SystemExit(f"{command} does not start")


def client(service="personalize", url=None):
    return boto3.client(service, endpoint_url=url, **KEYS)


def describe_time(personalize):
    name = f"schema-{time.monotonic_ns()}"
    arn = personalize.create_schema(name=name, schema=json.dumps(SCHEMA))["schemaArn"]
    return seconds(lambda: personalize.describe_schema(schemaArn=arn), times=CALLS)


def compare(url, moto_url):
    rounds = []
    for _ in range(ROUNDS):
        with mock_personalize():
            in_process = describe_time(client())
        rounds.append(
            {
                "in the process": in_process,
                "personalize_mock serve": describe_time(client(url=url)),
                "moto's own server and Personalize": describe_time(client(url=moto_url)),
            }
        )
    report("describe_schema", rounds, floor="in the process")


def load(url, number, end):
    """Call the server until `end` and return the number of calls by operation."""
    personalize, runtime, events = (client(name, url) for name in ("personalize", *RUNTIMES))
    campaign = personalize.list_campaigns()["campaigns"][0]["campaignArn"]
    tracker = personalize.list_event_trackers()["eventTrackers"][0]["eventTrackerArn"]
    tracking_id = personalize.describe_event_tracker(eventTrackerArn=tracker)["eventTracker"]["trackingId"]
    counts = Counter()
    while time.monotonic() < end:
        event = {"eventType": "watch", "itemId": "alien", "sentAt": time.time()}
        events.put_events(trackingId=tracking_id, userId=f"u{number}", sessionId="s", eventList=[event])
        answer = runtime.get_recommendations(campaignArn=campaign, userId=f"u{number}")
        assert answer["itemList"]
        group = f"group-{number}-{counts['create_dataset_group']}"
        arn = personalize.create_dataset_group(name=group)["datasetGroupArn"]
        status, polls = "", 0
        while status != "ACTIVE":
            status = personalize.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]["status"]
            polls += 1
        personalize.delete_dataset_group(datasetGroupArn=arn)
        done = ("put_events", "get_recommendations", "create_dataset_group", "delete_dataset_group")
        counts.update({**dict.fromkeys(done, 1), "describe_dataset_group": polls})
    return counts


def stress(url, duration):
    end = time.monotonic() + duration
    with ThreadPoolExecutor(CLIENTS) as pool:
        counts = sum(pool.map(lambda number: load(url, number, end), range(CLIENTS)), Counter())
    print(f"\n{CLIENTS} parallel clients, {duration:g} s: {counts.total()} calls without an error, ", end="")
    print(f"{counts.total() / duration:.0f} per second; {dict(counts)}")


def main(duration="60"):
    ours, url = started(OURS)
    moto, moto_url = started(MOTO)
    try:
        compare(url, moto_url)
        stress(url, float(duration))
    finally:
        moto.terminate()
        ours.terminate()
        print(f"exit status of the server: {ours.wait(10)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
