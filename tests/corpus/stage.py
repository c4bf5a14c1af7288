"""The stage of a scenario: a mock, clients that record what they are answered, and a bucket."""

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
RESTING = frozenset({"ACTIVE", "INACTIVE", "CREATE FAILED", "CREATE STOPPED", "COMPLETED", "FAILED"})
MOST_LOOKS = 60
HEADERS_LEFT_OUT = frozenset({"date", "server"})
NAMING = ("name", "jobName", "userId", "itemId", "trackingId", "sessionId", "domain", "nextToken")

Answer = dict[str, Any]


class RefusedError(Exception):
    """A call was refused that a scenario cannot go on without."""


class Stage:
    """A mock and all that is done with it.

    Args:
        mock: The handle of an active mock.
        recording: Where every answer goes.
        region: The region that is called.
    """

    def __init__(self, mock: Any, recording: Recording, region: str = REGION) -> None:
        self.mock = mock
        self.recording = recording
        self.journal_seen = False
        self.region = region
        config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
        self._clients = {name: boto3.client(name, region_name=region, config=config) for name in SERVICES}
        self.s3 = boto3.client("s3", region_name=REGION)
        self.s3.create_bucket(Bucket=BUCKET)

    def tried(self, operation: str, note: str = "", /, **members: Any) -> Answer:
        """Call an operation and record the answer or the refusal, which is returned like an answer."""
        client = self._clients[service_of(operation)]
        try:
            answer: Answer = getattr(client, xform_name(operation))(**members)
            self.recording.answered.add(operation)
        except ClientError as error:
            answer = error.response
            self.recording.refusals[error.response["Error"]["Code"]] += 1
        self.recording.add(f"{operation} {_hint(members)} {note}".replace("  ", " "), _relevant(answer))
        return answer

    def ask(self, operation: str, note: str = "", /, **members: Any) -> Answer:
        """Call an operation that has to be answered, and record the answer."""
        answer = self.tried(operation, note, **members)
        if "Error" in answer:
            raise RefusedError(f"{operation} was refused: {answer['Error']}")
        return answer

    def start(self, operation: str, note: str = "", /, **members: Any) -> str:
        """Call an operation that makes or changes something, and return its ARN."""
        answer = self.ask(operation, note, **members)
        return next(str(value) for key, value in answer.items() if key.endswith("Arn"))

    def make(self, operation: str, note: str = "", /, **members: Any) -> str:
        """Do so, and look at it until it is at rest."""
        arn = self.start(operation, note, **members)
        self.settle(arn)
        return arn

    def look(self, arn: str) -> Answer:
        """Describe a resource."""
        kind = kind_of(arn)
        member = kind[0].lower() + kind[1:]
        shown: Answer = self.ask(f"Describe{kind}", **{f"{member}Arn": arn})[member]
        return shown

    def settle(self, arn: str) -> Answer:
        """Look at a resource until it and its update are at rest; looking moves the time."""
        for _ in range(MOST_LOOKS):
            shown = self.look(arn)
            parts = [shown, *(part for key, part in shown.items() if _is_update(key))]
            if all(part.get("status", "ACTIVE") in RESTING for part in parts):
                return shown
        raise RefusedError(f"{arn} does not come to rest.")

    def delete(self, arn: str) -> None:
        """Delete a resource and look at it until it is gone."""
        kind = kind_of(arn)
        member = f"{kind[0].lower()}{kind[1:]}Arn"
        self.ask(f"Delete{kind}", **{member: arn})
        for _ in range(MOST_LOOKS):
            if "Error" in self.tried(f"Describe{kind}", "going", **{member: arn}):
                return
        raise RefusedError(f"{arn} does not go.")

    def pages(self, operation: str, size: int, /, **members: Any) -> list[Answer]:
        """List everything, page by page."""
        found: list[Answer] = []
        token: dict[str, str] = {}
        while True:
            answer = self.ask(operation, f"page {len(found) + 1}", maxResults=size, **members, **token)
            found.append(answer)
            if "nextToken" not in answer:
                return found
            token = {"nextToken": answer["nextToken"]}

    def train(self, solution: str, note: str = "", /, **members: Any) -> str:
        """Train a version of a solution and record its metrics."""
        version = self.start("CreateSolutionVersion", note, solutionArn=solution, **members)
        shown = self.settle(version)
        if shown["status"] == "ACTIVE":
            self.recording.trained.add(shown.get("recipeArn", ""))
            self.tried("GetSolutionMetrics", note, solutionVersionArn=version)
        return version

    def put(self, text: str | bytes, key: str) -> str:
        """Put an object into the bucket and return its location."""
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=text)
        return f"s3://{BUCKET}/{key}"

    def see_objects(self, prefix: str) -> list[str]:
        """Record all objects below a prefix and return their keys."""
        listed = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        keys = [entry["Key"] for entry in listed]
        self.recording.add(f"objects of {prefix}", keys)
        for key in keys:
            found = self.s3.get_object(Bucket=BUCKET, Key=key)
            self._see_object(key, found["Body"].read(), found.get("SSEKMSKeyId"))
        return keys

    def direct(self, operation: str, note: str = "", /, **members: Any) -> Answer:
        """Call an operation without a client, and record the answer or the refusal."""
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

    def see_journal(self) -> None:
        """Record what the journal knows, once."""
        if self.journal_seen:
            return
        self.journal_seen = True
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

    def _see_object(self, key: str, content: bytes, kms_key: str | None) -> None:
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


def kind_of(arn: str) -> str:
    """Return what an ARN stands for, such as DatasetGroup."""
    path = arn.split(":")[5].split("/")
    kind = "solution-version" if path[0] == "solution" and len(path) > 2 else path[0]
    return "".join(word.capitalize() for word in kind.split("-"))


def recipe(name: str) -> str:
    """Return the ARN of a recipe."""
    return f"arn:aws:personalize:::recipe/{name}"


def json_lines(lines: Iterable[Any]) -> str:
    """Return JSON Lines; a line that is a text is written as it is."""
    return "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)


def _is_update(key: str) -> bool:
    return key.startswith("latest") and key.endswith("Update")


def _hint(members: Mapping[str, Any]) -> str:
    named = [str(members[key])[:24] for key in NAMING if isinstance(members.get(key), str)]
    arns = [value for key, value in members.items() if key.endswith("Arn") and key not in ("roleArn", "kmsKeyArn")]
    places = [str(arn).split(":", 5)[-1][-60:] for arn in arns]
    return " ".join([*named, *places])


def _relevant(answer: Answer) -> Answer:
    """Return an answer without what says how it came rather than what it is."""
    metadata = dict(answer.get("ResponseMetadata", {}))
    metadata.pop("RetryAttempts", None)
    headers = metadata.get("HTTPHeaders", {})
    metadata["HTTPHeaders"] = {key: value for key, value in headers.items() if key not in HEADERS_LEFT_OUT}
    return {**answer, "ResponseMetadata": metadata}
