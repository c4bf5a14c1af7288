"""A recording of the main path, from a schema to recommendations, and functions that read and change it."""

import io
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from builders import BUCKET, ROLE, avro_schema, client, interactions_csv, put_object, recipe, refusal

from personalize_mock import mock_personalize
from personalize_mock.recording import record
from personalize_mock.recording.lines import FORMAT, LineWriter

HEADER = {"format": FORMAT, "version": 1}
ARN = "arn:aws:personalize:us-east-1:123456789012:"


def write_data(folder: Path) -> None:
    """Put the data of the main path into a folder, as `compare` reads it."""
    (folder / BUCKET).mkdir()
    (folder / BUCKET / "interactions.csv").write_text(interactions_csv(), encoding="utf-8")


def record_main_path() -> str:
    """Return a recording of the main path in a mock."""
    file = io.StringIO()
    with mock_personalize(clock="2024-05-01T00:00:00Z"), record(file):
        put_object(interactions_csv())
        main_path()
    return file.getvalue()


def main_path(new_client: Callable[[str], Any] = client, *, sleeps: bool = True) -> None:
    """Make the calls of the main path, one of which fails.

    Args:
        new_client: Function that returns the client of a service.
        sleeps: Whether to sleep between polls.
    """
    personalize, runtime, events = map(new_client, ("personalize", "personalize-runtime", "personalize-events"))
    wait = partial(wait_until_active, sleeps=sleeps)
    group = personalize.create_dataset_group(name="shop")["datasetGroupArn"]
    wait(personalize.describe_dataset_group, datasetGroupArn=group)
    schema = personalize.create_schema(name="clicks", schema=avro_schema())["schemaArn"]
    dataset = personalize.create_dataset(
        name="clicks", schemaArn=schema, datasetGroupArn=group, datasetType="Interactions"
    )["datasetArn"]
    wait(personalize.describe_dataset, datasetArn=dataset)
    tracker = personalize.create_event_tracker(name="live", datasetGroupArn=group)
    job = personalize.create_dataset_import_job(
        jobName="first",
        datasetArn=dataset,
        dataSource={"dataLocation": f"s3://{BUCKET}/interactions.csv"},
        roleArn=ROLE,
    )["datasetImportJobArn"]
    wait(personalize.describe_dataset_import_job, datasetImportJobArn=job)
    refusal(personalize.describe_campaign, campaignArn=group.replace("dataset-group", "campaign"))
    solution = personalize.create_solution(
        name="shop", datasetGroupArn=group, recipeArn=recipe("aws-user-personalization"), performAutoTraining=False
    )["solutionArn"]
    version = personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
    wait(personalize.describe_solution_version, solutionVersionArn=version)
    personalize.get_solution_metrics(solutionVersionArn=version)
    campaign = personalize.create_campaign(name="shop", solutionVersionArn=version)["campaignArn"]
    wait(personalize.describe_campaign, campaignArn=campaign)
    answer = runtime.get_recommendations(campaignArn=campaign, userId="u1", numResults=10)
    event = {"itemId": "i1", "eventType": "Watch", "sentAt": 1_714_550_000}
    events.put_events(
        trackingId=tracker["trackingId"],
        userId="u1",
        sessionId="s",
        eventList=[{**event, "recommendationId": answer["recommendationId"]}],
    )
    personalize.list_solution_versions(solutionArn=solution)


def wait_until_active(describe: Callable[..., Any], *, sleeps: bool, **arn: str) -> None:
    """Poll a resource until it is ACTIVE, each minute or without a sleep."""
    while next(value for name, value in describe(**arn).items() if name != "ResponseMetadata")["status"] != "ACTIVE":
        if sleeps:
            time.sleep(60)


def entries(recording: str) -> list[dict[str, Any]]:
    """Return the calls of a recording, without checksums."""
    lines = [json.loads(line) for line in recording.splitlines()[1:-1]]
    return [{name: value for name, value in line.items() if name != "checksum"} for line in lines]


def written(calls: list[dict[str, Any]], *, checked: bool = False) -> io.StringIO:
    """Return a recording of calls as a file, by default without checksums."""
    if not checked:
        return io.StringIO("\n".join(json.dumps(entry) for entry in [HEADER, *calls]))
    writer = LineWriter()
    return io.StringIO("".join(map(writer.line, [{**HEADER, "checked": True}, *calls, {"calls": len(calls)}])))


def a_call(operation: str, answer: dict[str, Any] | None = None, *, at: str = "2024-05-01T09:00:00Z", **more: Any):
    """Return a call as a line of a recording. `more` has other members, such as `parameters` and `error`."""
    line = {
        "time": at,
        "service": "personalize",
        "operation": operation,
        "region": "us-east-1",
        "parameters": {},
        **more,
    }
    return line if "error" in more else {**line, "answer": answer or {}}
