"""Builders for tests: CSV texts, Avro schemas, objects in S3, and resources that are ready to use.

A function whose name begins with an article creates a resource through `mock.call`, waits until its status is stable,
and returns its ARN. The resource is ACTIVE unless the docstring says otherwise. `**members` are members of the request.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from personalize_mock import MockPersonalize
from personalize_mock.wire.model import service_model

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/PersonalizeRole"
BUCKET = "data"
STABLE = {"ACTIVE", "CREATE FAILED", "CREATE STOPPED", "COMPLETED", "FAILED", ""}
START = 1_700_000_000  # the first event of `interactions_csv`
NO_RETRY = {"total_max_attempts": 1}  # botocore treats LimitExceededException as throttling

INTERACTIONS = {"USER_ID": "string", "ITEM_ID": "string", "EVENT_TYPE": "string", "TIMESTAMP": "long"}
ITEMS = {
    "ITEM_ID": "string",
    "GENRES": {"type": "string", "categorical": True},
    "PRICE": "float",
    "CREATION_TIMESTAMP": "long",
}
USERS = {"USER_ID": "string", "AGE": "int", "MEMBERSHIP": {"type": "string", "categorical": True}}
ACTIONS = {"ACTION_ID": "string", "KIND": {"type": "string", "categorical": True}, "VALUE": "long"}
ACTION_INTERACTIONS = {"USER_ID": "string", "ACTION_ID": "string", "EVENT_TYPE": "string", "TIMESTAMP": "long"}
FIELDS: dict[str, dict[str, Any]] = {
    "Interactions": INTERACTIONS,
    "Items": ITEMS,
    "Users": USERS,
    "Actions": ACTIONS,
    "Action_Interactions": ACTION_INTERACTIONS,
}


def recipe(name: str) -> str:
    """Return the ARN of a recipe."""
    return f"arn:aws:personalize:::recipe/{name}"


def avro_schema(dataset_type: str = "Interactions", fields: dict[str, Any] | None = None) -> str:
    """Return an Avro schema of a dataset type. `fields` maps a name to a type, or to a type and attributes."""
    chosen = FIELDS[dataset_type] if fields is None else fields
    listed = [
        {"name": name, **(field if isinstance(field, dict) else {"type": field})} for name, field in chosen.items()
    ]
    name = dataset_type.replace("_", "") if dataset_type in FIELDS else dataset_type
    namespace = "com.amazonaws.personalize.schema"
    return json.dumps({"type": "record", "name": name, "namespace": namespace, "fields": listed, "version": "1.0"})


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a CSV text."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue()


def interactions_csv(*, users: int = 50, items: int = 60, each: int = 20, event_type: str = "Watch") -> str:
    """Return interactions in which even users like the first half of the items, and odd users the second half.

    The ids are `u0`... and `i0`... Users see each item at most once if `each` is at most half of `items`. The default
    is the minimum of 1000 interactions for a training.

    Args:
        users: Number of users.
        items: Number of items.
        each: Number of interactions of each user.
        event_type: Event type of all interactions.
    """
    half = items // 2
    rows = (
        (f"u{user}", f"i{(user % 2) * half + (user * 3 + turn) % half}", event_type, START + 3600 * turn + user)
        for turn in range(each)
        for user in range(users)
    )
    return csv_text(list(INTERACTIONS), rows)


def items_csv(*, items: int = 60) -> str:
    """Return items `i0`... of two genres with rising prices."""
    rows = (
        (f"i{item}", ("Comedy", "Drama|Crime")[item % 2], 1.5 + item, START - 86_400 * item) for item in range(items)
    )
    return csv_text(list(ITEMS), rows)


def users_csv(*, users: int = 50) -> str:
    """Return users `u0`... of two memberships."""
    rows = ((f"u{user}", 18 + user, ("Free", "Premium")[user % 2]) for user in range(users))
    return csv_text(list(USERS), rows)


def client(service: str = "personalize", *, region: str = "us-east-1", unchecked: bool = False, **options: Any) -> Any:
    """Return a boto3 client that does not retry. An unchecked one does not validate parameters.

    Clients without further options are cached, because creating them is slow.
    """
    return _new_client(service, region, unchecked, **options) if options else _client(service, region, unchecked)


def put_object(text: str | bytes, key: str = "interactions.csv", *, bucket: str = BUCKET) -> str:
    """Put an object into moto's S3, create its bucket if necessary, and return its location."""
    s3 = _s3()
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key=key, Body=text.encode() if isinstance(text, str) else text)
    return f"s3://{bucket}/{key}"


def settle(mock: MockPersonalize, arn: str) -> str:
    """Move the clock until no status change of the resource is scheduled, and return its ARN."""
    while dues := status_changes(mock, arn):
        mock.clock.jump_to(max(dues))
    return arn


def status_changes(mock: MockPersonalize, arn: str) -> list[float]:
    """Return the times of the scheduled status changes of a resource, in seconds."""
    return [due.at for due in mock.clock.upcoming() if due.arn == arn and due.action == "stage"]


def refusal(call: Callable[..., Any], **members: Any) -> tuple[str, str]:
    """Return the code and the message of the error that a call raises."""
    with pytest.raises(ClientError) as raised:
        call(**members)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def polled_statuses(describe: Callable[..., Any], **members: str) -> list[str]:
    """Poll without sleep and return the statuses, up to a stable one. The status of a deleted resource is ""."""
    statuses: list[str] = []
    while not statuses or statuses[-1] not in STABLE:
        try:
            response = describe(**members)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            response = {"": {"status": ""}}
        statuses.append(next(part["status"] for key, part in response.items() if key != "ResponseMetadata"))
    return statuses


def a_schema(mock: MockPersonalize, dataset_type: str = "Interactions", **members: Any) -> str:
    """Create a schema."""
    request = {"name": dataset_type.lower(), "schema": avro_schema(dataset_type), **members}
    return str(mock.call("CreateSchema", **request)["schemaArn"])


def a_dataset_group(mock: MockPersonalize, name: str = "shop", **members: Any) -> str:
    """Create a dataset group."""
    return settle(mock, mock.call("CreateDatasetGroup", name=name, **members)["datasetGroupArn"])


def a_dataset(mock: MockPersonalize, group: str, dataset_type: str = "Interactions", **members: Any) -> str:
    """Create a dataset, and its schema unless `schemaArn` is given."""
    name = dataset_type.lower()
    schema = members.pop("schemaArn", None) or a_schema(mock, dataset_type, name=f"{_name(group)}-{name}")
    request = {"name": name, "schemaArn": schema, "datasetGroupArn": group, "datasetType": dataset_type, **members}
    return settle(mock, mock.call("CreateDataset", **request)["datasetArn"])


def an_import_job(mock: MockPersonalize, dataset: str, text: str | None = None, **members: Any) -> str:
    """Run an import job. It ends ACTIVE, or CREATE FAILED if the text cannot be imported.

    Args:
        mock: The mock.
        dataset: ARN of an Interactions, Items or Users dataset.
        text: CSV text. By default one that fits `FIELDS`.
        **members: Members of the request.
    """
    dataset_type = _name(dataset)
    name = members.pop("jobName", f"import-{len(_jobs(mock))}")
    location = put_object(_CSV[dataset_type]() if text is None else text, f"{name}.csv")
    request = {"jobName": name, "datasetArn": dataset, "dataSource": {"dataLocation": location}, "roleArn": ROLE}
    return settle(mock, mock.call("CreateDatasetImportJob", **{**request, **members})["datasetImportJobArn"])


def an_export_job(mock: MockPersonalize, dataset: str, **members: Any) -> str:
    """Run an export job that writes to the folder `out` of the bucket."""
    _s3().create_bucket(Bucket=BUCKET)
    output = {"s3DataDestination": {"path": f"s3://{BUCKET}/out/"}}
    request = {"jobName": "export", "datasetArn": dataset, "roleArn": ROLE, "jobOutput": output, **members}
    return settle(mock, mock.call("CreateDatasetExportJob", **request)["datasetExportJobArn"])


def a_data_deletion_job(mock: MockPersonalize, group: str, *user_ids: str, **members: Any) -> str:
    """Run a data deletion job. It ends COMPLETED, or FAILED if the list of users cannot be read."""
    location = put_object("\n".join(["USER_ID", *user_ids]), "gone/users.csv")
    source = {"dataLocation": location}
    request = {"jobName": "deletion", "datasetGroupArn": group, "dataSource": source, "roleArn": ROLE, **members}
    return settle(mock, mock.call("CreateDataDeletionJob", **request)["dataDeletionJobArn"])


def a_group_with_data(mock: MockPersonalize, name: str = "shop", *dataset_types: str) -> str:
    """Create a dataset group and import data into its datasets, by default only Interactions."""
    group = a_dataset_group(mock, name)
    for dataset_type in dataset_types or ("Interactions",):
        an_import_job(mock, a_dataset(mock, group, dataset_type))
    return group


def a_group_with_an_event(mock: MockPersonalize, name: str = "shop") -> str:
    """Create a dataset group with one put event: enough for a solution, too little for a training."""
    group = a_dataset_group(mock, name)
    a_dataset(mock, group)
    put_an_event(mock, group)
    return group


def put_an_event(mock: MockPersonalize, group: str) -> None:
    """Put an event through an event tracker that exists only for this call."""
    tracker = mock.call("CreateEventTracker", name="for-one-event", datasetGroupArn=group)
    settle(mock, tracker["eventTrackerArn"])
    event = {"itemId": "i0", "eventType": "Watch", "sentAt": START}
    mock.call("PutEvents", trackingId=tracker["trackingId"], userId="u0", sessionId="s0", eventList=[event])
    mock.call("DeleteEventTracker", eventTrackerArn=tracker["eventTrackerArn"])
    settle(mock, tracker["eventTrackerArn"])


def a_domain_group_with_data(
    mock: MockPersonalize,
    name: str = "cinema",
    *dataset_types: str,
    domain: str = "VIDEO_ON_DEMAND",
    text: str | None = None,
) -> str:
    """Create a domain dataset group and import data into its datasets, by default only Interactions.

    Args:
        mock: The mock.
        name: Name of the group.
        *dataset_types: Types of the datasets.
        domain: VIDEO_ON_DEMAND or ECOMMERCE. Items of ECOMMERCE have CATEGORY_L1 instead of GENRES.
        text: CSV text of the interactions. By default 1000 of each event type that the domain's use cases require.
    """
    group = a_dataset_group(mock, name, domain=domain)
    for dataset_type in dataset_types or ("Interactions",):
        schema, rows = avro_schema(dataset_type), _CSV[dataset_type.upper()]()
        if domain == "ECOMMERCE":
            schema, rows = schema.replace("GENRES", "CATEGORY_L1"), _ECOMMERCE_CSV[dataset_type.upper()]()
        if dataset_type == "Interactions" and text is not None:
            rows = text
        schema_arn = a_schema(mock, name=f"{name}-{dataset_type.lower()}", domain=domain, schema=schema)
        an_import_job(mock, a_dataset(mock, group, dataset_type, schemaArn=schema_arn), rows)
    return group


def a_recommender(
    mock: MockPersonalize, recipe_name: str = "aws-vod-top-picks", *, group: str | None = None, **members: Any
) -> str:
    """Create a recommender. It ends ACTIVE, or CREATE FAILED if there is too little data."""
    domain = "ECOMMERCE" if recipe_name.startswith("aws-ecomm") else "VIDEO_ON_DEMAND"
    group = a_domain_group_with_data(mock, domain=domain) if group is None else group
    request = {"name": "recommender", "recipeArn": recipe(recipe_name), "datasetGroupArn": group, **members}
    return settle(mock, mock.call("CreateRecommender", **request)["recommenderArn"])


def an_event_tracker(mock: MockPersonalize, group: str, **members: Any) -> str:
    """Create an event tracker."""
    request = {"name": "tracker", "datasetGroupArn": group, **members}
    return settle(mock, mock.call("CreateEventTracker", **request)["eventTrackerArn"])


def a_metric_attribution(mock: MockPersonalize, group: str, **members: Any) -> str:
    """Create a metric attribution. By default it counts Watch events and reports only to CloudWatch."""
    metrics = [{"metricName": "watched", "eventType": "Watch", "expression": "SAMPLECOUNT()"}]
    output = {"roleArn": ROLE}
    request = {"name": "attribution", "metrics": metrics, "metricsOutputConfig": output, **members}
    return settle(mock, mock.call("CreateMetricAttribution", datasetGroupArn=group, **request)["metricAttributionArn"])


def a_solution(mock: MockPersonalize, group: str, recipe_name: str = "aws-user-personalization", **members: Any) -> str:
    """Create a solution."""
    request = {"name": "solution", "recipeArn": recipe(recipe_name), "performAutoTraining": False, **members}
    return settle(mock, mock.call("CreateSolution", datasetGroupArn=group, **request)["solutionArn"])


def a_solution_version(mock: MockPersonalize, solution: str, **members: Any) -> str:
    """Train a solution version. It ends ACTIVE, or CREATE FAILED if there is too little data."""
    version = mock.call("CreateSolutionVersion", solutionArn=solution, **members)
    return settle(mock, version["solutionVersionArn"])


def a_trained_solution_version(
    mock: MockPersonalize, recipe_name: str = "aws-user-personalization", *, group: str | None = None, **members: Any
) -> str:
    """Train a solution version of a new solution. `members` are members of the solution's request."""
    group = a_group_with_data(mock) if group is None else group
    return a_solution_version(mock, a_solution(mock, group, recipe_name, **members))


def a_campaign(mock: MockPersonalize, version: str | None = None, **members: Any) -> str:
    """Create a campaign. Without a solution version, train one."""
    version = a_trained_solution_version(mock) if version is None else version
    request = {"name": "campaign", "solutionVersionArn": version, **members}
    return settle(mock, mock.call("CreateCampaign", **request)["campaignArn"])


def json_lines(*lines: Any) -> str:
    """Return JSON Lines."""
    return "".join(f"{json.dumps(line)}\n" for line in lines)


def batch_request(name: str, version: str, *lines: Any, **members: Any) -> dict[str, Any]:
    """Return a request for a batch job that reads the lines and writes to an output folder."""
    text = json_lines(*lines or ({"userId": "u1"},))
    request = {
        "jobName": name,
        "solutionVersionArn": version,
        "jobInput": {"s3DataSource": {"path": put_object(text, f"{name}/in.json")}},
        "jobOutput": {"s3DataDestination": {"path": f"s3://{BUCKET}/{name}/out/"}},
        "roleArn": ROLE,
    }
    return {**request, **members}


def a_batch_inference_job(mock: MockPersonalize, version: str, *lines: Any, **members: Any) -> str:
    """Run a batch inference job. It ends ACTIVE or CREATE FAILED."""
    request = batch_request(members.pop("jobName", "batch"), version, *lines, **members)
    return settle(mock, mock.call("CreateBatchInferenceJob", **request)["batchInferenceJobArn"])


def a_batch_segment_job(mock: MockPersonalize, version: str, *lines: Any, **members: Any) -> str:
    """Run a batch segment job. It ends ACTIVE or CREATE FAILED."""
    request = batch_request(members.pop("jobName", "segments"), version, *lines or ({"itemId": "i1"},), **members)
    return settle(mock, mock.call("CreateBatchSegmentJob", **request)["batchSegmentJobArn"])


def batch_output(name: str = "batch") -> list[str]:
    """Return the lines that a batch job has written."""
    text = _s3().get_object(Bucket=BUCKET, Key=f"{name}/out/in.json.out")["Body"].read().decode()
    return [line for line in text.split("\n") if line]


def _views_and_purchases() -> str:
    """Return interactions of users who bought every item that they viewed."""
    views, purchases = interactions_csv(event_type="View"), interactions_csv(event_type="Purchase")
    return views + purchases.partition("\n")[2]


_CSV = {"INTERACTIONS": interactions_csv, "ITEMS": items_csv, "USERS": users_csv}
_ECOMMERCE_CSV = {
    "INTERACTIONS": _views_and_purchases,
    "ITEMS": lambda: items_csv().replace("GENRES", "CATEGORY_L1"),
    "USERS": users_csv,
}


def needs_shape(name: str) -> None:
    """Skip the test if the installed botocore does not know a shape of `personalize`."""
    if name not in service_model("personalize").shape_names:
        pytest.skip(f"this botocore has no {name}")


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]


def _jobs(mock: MockPersonalize) -> list[Any]:
    return mock.journal.calls("CreateDatasetImportJob")


def _new_client(service: str, region: str, unchecked: bool, **options: Any) -> Any:  # noqa: FBT001  # private
    config = Config(retries=NO_RETRY, parameter_validation=not unchecked)
    return boto3.client(service, region_name=region, config=config, **options)


_client = cache(_new_client)


@cache
def _s3() -> Any:
    return boto3.client("s3", region_name="us-east-1")
