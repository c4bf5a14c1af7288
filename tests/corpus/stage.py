"""Stage of a scenario: a mock, clients that record every response, and a bucket."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import boto3
import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from corpus.recording import Recording, without_line_errors

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/PersonalizeRole"
REGION = "us-east-1"
BUCKET = "corpus"
SEED = 7
CLOCK = "2024-07-01T00:00:00Z"
SERVICES = ("personalize", "personalize-runtime", "personalize-events")
STABLE = frozenset({"ACTIVE", "INACTIVE", "CREATE FAILED", "CREATE STOPPED", "COMPLETED", "FAILED"})
MAX_POLLS = 60
HEADERS_LEFT_OUT = frozenset({"date", "server"})
LABEL_MEMBERS = ("name", "jobName", "userId", "itemId", "trackingId", "sessionId", "domain", "nextToken")

Answer = dict[str, Any]


class RefusedError(Exception):
    """A call failed that the scenario depends on."""


class Stage:
    """A mock with recording clients.

    Args:
        mock: Handle of an active mock.
        recording: Recording that receives every response.
        region: Region of the clients.
    """

    def __init__(self, mock: Any, recording: Recording, region: str = REGION) -> None:
        self.mock = mock
        self.recording = recording
        self.journal_recorded = False
        self.region = region
        config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
        self._clients = {name: boto3.client(name, region_name=region, config=config) for name in SERVICES}
        self.s3 = boto3.client("s3", region_name=REGION)
        self.s3.create_bucket(Bucket=BUCKET)

    def try_call(self, operation: str, note: str = "", /, **members: Any) -> Answer:
        """Call an operation, record the response or the error, and return it."""
        client = self._clients[service_of(operation)]
        try:
            answer: Answer = getattr(client, xform_name(operation))(**members)
            self.recording.answered.add(operation)
        except ClientError as error:
            answer = error.response
            self.recording.refusals[error.response["Error"]["Code"]] += 1
        self.recording.add(f"{operation} {_hint(members)} {note}".replace("  ", " "), _relevant(answer))
        return answer

    def call(self, operation: str, note: str = "", /, **members: Any) -> Answer:
        """Call an operation that must succeed, and record the response."""
        answer = self.try_call(operation, note, **members)
        if "Error" in answer:
            raise RefusedError(f"{operation} was refused: {answer['Error']}")
        return answer

    def create(self, operation: str, note: str = "", /, **members: Any) -> str:
        """Call a Create or Update operation and return the ARN of the resource."""
        answer = self.call(operation, note, **members)
        return next(str(value) for key, value in answer.items() if key.endswith("Arn"))

    def create_and_wait(self, operation: str, note: str = "", /, **members: Any) -> str:
        """Call a Create or Update operation, wait until the resource is stable, and return its ARN."""
        arn = self.create(operation, note, **members)
        self.settle(arn)
        return arn

    def describe(self, arn: str) -> Answer:
        """Describe a resource."""
        resource_type = resource_type_of(arn)
        member = resource_type[0].lower() + resource_type[1:]
        shown: Answer = self.call(f"Describe{resource_type}", **{f"{member}Arn": arn})[member]
        return shown

    def settle(self, arn: str) -> Answer:
        """Poll a resource until it and its update are stable. Polls move the clock."""
        for _ in range(MAX_POLLS):
            shown = self.describe(arn)
            parts = [shown, *(part for key, part in shown.items() if _is_update(key))]
            if all(part.get("status", "ACTIVE") in STABLE for part in parts):
                return shown
        raise RefusedError(f"{arn} does not come to rest.")

    def delete(self, arn: str) -> None:
        """Delete a resource and poll until it is deleted."""
        resource_type = resource_type_of(arn)
        member = f"{resource_type[0].lower()}{resource_type[1:]}Arn"
        self.call(f"Delete{resource_type}", **{member: arn})
        for _ in range(MAX_POLLS):
            if "Error" in self.try_call(f"Describe{resource_type}", "going", **{member: arn}):
                return
        raise RefusedError(f"{arn} does not go.")

    def pages(self, operation: str, size: int, /, **members: Any) -> list[Answer]:
        """List all entries, page by page."""
        found: list[Answer] = []
        token: dict[str, str] = {}
        while True:
            answer = self.call(operation, f"page {len(found) + 1}", maxResults=size, **members, **token)
            found.append(answer)
            if "nextToken" not in answer:
                return found
            token = {"nextToken": answer["nextToken"]}

    def train(self, solution: str, note: str = "", /, **members: Any) -> str:
        """Train a version of a solution and record its metrics."""
        version = self.create("CreateSolutionVersion", note, solutionArn=solution, **members)
        shown = self.settle(version)
        if shown["status"] == "ACTIVE":
            self.recording.trained.add(shown.get("recipeArn", ""))
            self.try_call("GetSolutionMetrics", note, solutionVersionArn=version)
        return version

    def put(self, text: str | bytes, key: str) -> str:
        """Put an object into the bucket and return its location."""
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=text)
        return f"s3://{BUCKET}/{key}"

    def record_objects(self, prefix: str) -> list[str]:
        """Record all objects below a prefix and return their keys."""
        listed = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        keys = [entry["Key"] for entry in listed]
        self.recording.add(f"objects of {prefix}", keys)
        for key in keys:
            found = self.s3.get_object(Bucket=BUCKET, Key=key)
            self._record_object(key, found["Body"].read(), found.get("SSEKMSKeyId"))
        return keys

    def direct(self, operation: str, note: str = "", /, **members: Any) -> Answer:
        """Call an operation through `mock.call`, and record the response or the error."""
        try:
            answer: Answer = self.mock.call(operation, **members)
        except ClientError as error:
            answer = error.response
        self.recording.add(f"direct {operation} {_hint(members)} {note}", answer)
        return answer

    def jump(self, seconds: float) -> None:
        """Move the time forward."""
        self.mock.clock.jump(seconds)
        self.recording.add("time", self.mock.clock.now())

    def record_journal(self) -> None:
        """Record the journal, once."""
        if self.journal_recorded:
            return
        self.journal_recorded = True
        journal = self.mock.journal
        calls = [
            (each.at, each.operation, each.account, each.region, each.params, each.error) for each in journal.calls()
        ]
        moves = [
            {"at": each.at, "arn": each.arn, "status": each.status, "failureReason": each.failure_reason}
            for each in journal.transitions()
        ]
        self.recording.add("journal, calls", calls)
        self.recording.add("journal, transitions", moves)
        measured = [
            (each.at, each.name, each.dimensions, each.unit, each.count, each.total, each.minimum, each.maximum)
            for each in journal
            if hasattr(each, "dimensions")
        ]
        self.recording.add("journal, measurements", measured)
        self.recording.add("journal, end", (len(journal), self.mock.clock.now()))

    def _record_object(self, key: str, content: bytes, kms_key: str | None) -> None:
        texts: list[str] = []
        text = content.decode("utf-8", "backslashreplace")
        if key.endswith(".out"):
            text = "\n".join(without_line_errors(line, texts) for line in text.split("\n"))
        lines: list[Any] = text.split("\n")
        value = {"lines": lines, "key": kms_key, "errors": [{"message": each} for each in texts]}
        self.recording.add(f"object {key}", value)


@cache
def models() -> Mapping[str, Any]:
    """Return botocore's models of the three services by their names."""
    session = botocore.session.get_session()
    return {name: session.get_service_model(name) for name in SERVICES}


@cache
def service_of(operation: str) -> str:
    """Return the service that has an operation."""
    return next(name for name, model in models().items() if operation in model.operation_names)


def resource_type_of(arn: str) -> str:
    """Return the resource type of an ARN, such as DatasetGroup."""
    path = arn.split(":")[5].split("/")
    resource_type = "solution-version" if path[0] == "solution" and len(path) > 2 else path[0]
    return "".join(word.capitalize() for word in resource_type.split("-"))


def recipe(name: str) -> str:
    """Return the ARN of a recipe."""
    return f"arn:aws:personalize:::recipe/{name}"


def json_lines(lines: Iterable[Any]) -> str:
    """Return JSON Lines. Texts are written unchanged."""
    return "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)


def _is_update(key: str) -> bool:
    return key.startswith("latest") and key.endswith("Update")


def _hint(members: Mapping[str, Any]) -> str:
    named = [str(members[key])[:24] for key in LABEL_MEMBERS if isinstance(members.get(key), str)]
    arns = [value for key, value in members.items() if key.endswith("Arn") and key not in ("roleArn", "kmsKeyArn")]
    places = [str(arn).split(":", 5)[-1][-60:] for arn in arns]
    return " ".join([*named, *places])


def _relevant(answer: Answer) -> Answer:
    """Return a response without retries and volatile headers."""
    metadata = dict(answer.get("ResponseMetadata", {}))
    metadata.pop("RetryAttempts", None)
    headers = metadata.get("HTTPHeaders", {})
    metadata["HTTPHeaders"] = {key: value for key, value in headers.items() if key not in HEADERS_LEFT_OUT}
    return {**answer, "ResponseMetadata": metadata}
