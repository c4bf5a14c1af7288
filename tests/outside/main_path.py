"""The way from a bucket to recommendations, for clients that are not boto3."""

import json
import os
import time
from dataclasses import dataclass
from typing import Any, Protocol

from builders import ROLE, avro_schema, interactions_csv, recipe

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
HALF = [f"i{item}" for item in range(30)]  # the items that the even users of `interactions_csv` like
UNFINISHED = ("CREATE PENDING", "CREATE IN_PROGRESS")
PAUSE = 0.05  # seconds between two polls


class ServiceError(Exception):
    """An error of the service. Its text is the code."""


class Client(Protocol):
    """A client of S3 and of the three services of Personalize in one region."""

    def put_object(self, bucket: str, key: str, text: str) -> None:
        """Create a bucket and put an object into it."""

    def call(self, service: str, operation: str, **members: Any) -> dict[str, Any]:
        """Call an operation and return its response, or raise ServiceError."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of the main path.

    Attributes:
        before: The items that a new user gets.
        after: The items that the user gets after events of three items of `HALF`.
        error: The error of DescribeCampaign for an unknown ARN.
    """

    before: list[str]
    after: list[str]
    error: str

    def check(self) -> None:
        """Check that the events had their effect and that the error is that of the service."""
        assert len(self.before) == len(self.after) == 10
        assert len(set(self.after) & set(HALF)) > len(set(self.before) & set(HALF))
        assert self.error == "ResourceNotFoundException"


def environment(url: str, region: str) -> dict[str, str]:
    """Return the environment of a program that uses the server, without other settings for AWS."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**inherited, **CREDENTIALS, "AWS_ENDPOINT_URL": url, "AWS_REGION": region, "AWS_DEFAULT_REGION": region}


def inputs(bucket: str) -> dict[str, str]:
    """Return what a program needs for the main path: names, texts and ARNs."""
    return {
        "bucket": bucket,
        "csv": interactions_csv(),
        "schema": avro_schema(),
        "role": ROLE,
        "recipe": recipe("aws-user-personalization-v2"),
    }


def main_path(client: Client, bucket: str) -> Outcome:
    """Go the main path with a client."""
    given = inputs(bucket)
    client.put_object(bucket, "events.csv", given["csv"])
    group, campaign = _campaign(client, given)
    tracking = client.call("personalize", "CreateEventTracker", name="films", datasetGroupArn=group)["trackingId"]
    before = _recommended(client, campaign)
    events = [{"eventType": "Watch", "itemId": item, "sentAt": int(time.time())} for item in HALF[:3]]
    client.call("personalize-events", "PutEvents", trackingId=tracking, userId="eva", sessionId="s", eventList=events)
    return Outcome(before=before, after=_recommended(client, campaign), error=_error(client, f"{campaign}-none"))


def outcome_of(printed: str) -> Outcome:
    """Return the outcome that a program has printed as JSON."""
    return Outcome(**json.loads(printed))


def _campaign(client: Client, given: dict[str, str]) -> tuple[str, str]:
    """Import the data and deploy a model, and return the ARNs of the dataset group and of the campaign."""
    group = _created(client, "DatasetGroup", name="films")
    schema = client.call("personalize", "CreateSchema", name="films", schema=given["schema"])["schemaArn"]
    dataset = _created(
        client, "Dataset", name="films", schemaArn=schema, datasetGroupArn=group, datasetType="Interactions"
    )
    source = {"dataLocation": f"s3://{given['bucket']}/events.csv"}
    _created(client, "DatasetImportJob", jobName="films", datasetArn=dataset, dataSource=source, roleArn=given["role"])
    solution = _created(client, "Solution", name="films", datasetGroupArn=group, recipeArn=given["recipe"])
    version = _created(client, "SolutionVersion", solutionArn=solution)
    return group, _created(client, "Campaign", name="films", solutionVersionArn=version)


def _created(client: Client, resource: str, **members: Any) -> str:
    """Create a resource, call Describe until it is ACTIVE, and return its ARN."""
    member = f"{resource[0].lower()}{resource[1:]}"
    arn = client.call("personalize", f"Create{resource}", **members)[f"{member}Arn"]
    while (status := _described(client, resource, member, arn)["status"]) != "ACTIVE":
        assert status in UNFINISHED
        time.sleep(PAUSE)
    return arn


def _described(client: Client, resource: str, member: str, arn: str) -> dict[str, Any]:
    return client.call("personalize", f"Describe{resource}", **{f"{member}Arn": arn})[member]


def _recommended(client: Client, campaign: str) -> list[str]:
    members = {"campaignArn": campaign, "userId": "eva", "numResults": 10}
    return [item["itemId"] for item in client.call("personalize-runtime", "GetRecommendations", **members)["itemList"]]


def _error(client: Client, arn: str) -> str:
    try:
        _described(client, "Campaign", "campaign", arn)
    except ServiceError as error:
        return str(error)
    return "none"
