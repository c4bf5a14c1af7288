"""Parallel clients of the server, which call it without a pause.

    python tests/benchmarks/server_load.py [SECONDS]

Eight clients send events, ask for recommendations and create and delete dataset groups for SECONDS (60). Any error ends
the program with an exception. It prints the number of calls per second.
"""

import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import boto3
from campaigns import KEYS
from server import OURS, started

CLIENTS = 8


def load(url, number, end):
    """Call the server until `end` and return the number of calls by operation."""
    services = ("personalize", "personalize-runtime", "personalize-events")
    personalize, runtime, events = (boto3.client(name, endpoint_url=url, **KEYS) for name in services)
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
    print(f"{CLIENTS} parallel clients, {duration:g} s: {counts.total()} calls without an error, ", end="")
    print(f"{counts.total() / duration:.0f} per second; {dict(counts)}")


def main(duration: str = "60") -> None:
    """Start a server and load it."""
    with started(OURS) as url:
        stress(url, float(duration))


if __name__ == "__main__":
    main(*sys.argv[1:])
