"""What tests are built of: CSV texts, Avro schemas, objects in S3, and resources that are ready to be used.

A name that begins with an article makes a resource through `mock.call`, waits until it is ACTIVE (unless it says
otherwise) and returns its ARN. Keyword arguments beyond the named ones are members of the request.
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
START = 1_700_000_000  # the first event of `interactions_csv`
NO_RETRY = {"total_max_attempts": 1}  # botocore takes LimitExceededException for throttling

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
FIELDS = {
    "Interactions": INTERACTIONS,
    "Items": ITEMS,
    "Users": USERS,
    "Actions": ACTIONS,
    "Action_Interactions": ACTION_INTERACTIONS,
}


def recipe(name: str) -> str:
    """The ARN of a recipe."""
    return f"arn:aws:personalize:::recipe/{name}"


def avro_schema(kind: str = "Interactions", fields: dict[str, Any] | None = None) -> str:
    """An Avro schema of a dataset type; a field's value is its type, or a dictionary of type and attributes."""
    chosen = FIELDS[kind] if fields is None else fields
    described = [
        {"name": name, **(field if isinstance(field, dict) else {"type": field})} for name, field in chosen.items()
    ]
    name = kind.replace("_", "") if kind in FIELDS else kind
    space = "com.amazonaws.personalize.schema"
    return json.dumps({"type": "record", "name": name, "namespace": space, "fields": described, "version": "1.0"})


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A CSV text."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue()


def interactions_csv(*, users: int = 50, items: int = 60, each: int = 20, event_type: str = "Watch") -> str:
    """Interactions in which even users like the first half of the items, and odd ones the second.

    The ids are `u0`... and `i0`...; no user meets an item twice while `each` is at most half of `items`. The default
    is the 1000 interactions that a training needs.
    """
    half = items // 2
    rows = (
        (f"u{user}", f"i{(user % 2) * half + (user * 3 + turn) % half}", event_type, START + 3600 * turn + user)
        for turn in range(each)
        for user in range(users)
    )
    return csv_text(list(INTERACTIONS), rows)


def items_csv(*, items: int = 60) -> str:
    """Items `i0`... of two genres, each dearer than the one before."""
    rows = (
        (f"i{item}", ("Comedy", "Drama|Crime")[item % 2], 1.5 + item, START - 86_400 * item) for item in range(items)
    )
    return csv_text(list(ITEMS), rows)


def users_csv(*, users: int = 50) -> str:
    """Users `u0`... of two memberships."""
    rows = ((f"u{user}", 18 + user, ("Free", "Premium")[user % 2]) for user in range(users))
    return csv_text(list(USERS), rows)


def client(service: str = "personalize", *, region: str = "us-east-1", unchecked: bool = False, **options: Any) -> Any:
    """A boto3 client that does not retry; an unchecked one sends whatever it is given.

    One without further options is made once, because that takes its time.
    """
    return _new_client(service, region, unchecked, **options) if options else _client(service, region, unchecked)


def put_object(text: str | bytes, key: str = "interactions.csv", *, bucket: str = BUCKET) -> str:
    """Puts an object into moto's S3, in a bucket that is made if need be; returns its location."""
    s3 = _s3()
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key=key, Body=text.encode() if isinstance(text, str) else text)
    return f"s3://{bucket}/{key}"


def settle(mock: MockPersonalize, arn: str) -> str:
    """Moves time until the resource is at rest, whatever is planned for it later; returns its ARN."""
    while dues := status_changes(mock, arn):
        mock.clock.jump_to(max(dues))
    return arn


def status_changes(mock: MockPersonalize, arn: str) -> list[float]:
    """When the status of a resource will move; what it does by itself while it is at rest is left out."""
    return [due.at for due in mock.clock.upcoming() if due.arn == arn and due.action == "stage"]


def refusal(call: Callable[..., Any], **members: Any) -> tuple[str, str]:
    """Code and message of the error with which a call is refused."""
    with pytest.raises(ClientError) as refused:
        call(**members)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def polled_statuses(describe: Callable[..., Any], **members: str) -> list[str]:
    """The statuses that polling without sleep sees, until there is nothing left to wait for; "" when it is gone."""
    found: list[str] = []
    while not found or found[-1] not in {"ACTIVE", "CREATE FAILED", "CREATE STOPPED", "COMPLETED", "FAILED", ""}:
        try:
            shown = describe(**members)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            shown = {"": {"status": ""}}
        found.append(next(part["status"] for key, part in shown.items() if key != "ResponseMetadata"))
    return found


def a_schema(mock: MockPersonalize, kind: str = "Interactions", **members: Any) -> str:
    """A schema, which is ACTIVE by nature."""
    request = {"name": kind.lower(), "schema": avro_schema(kind), **members}
    return str(mock.call("CreateSchema", **request)["schemaArn"])


def a_dataset_group(mock: MockPersonalize, name: str = "shop", **members: Any) -> str:
    """A dataset group."""
    return settle(mock, mock.call("CreateDatasetGroup", name=name, **members)["datasetGroupArn"])


def a_dataset(mock: MockPersonalize, group: str, kind: str = "Interactions", **members: Any) -> str:
    """A dataset; its schema is made too unless `schemaArn` is given."""
    schema = members.pop("schemaArn", None) or a_schema(mock, kind, name=f"{_name(group)}-{kind.lower()}")
    request = {"name": kind.lower(), "schemaArn": schema, "datasetGroupArn": group, "datasetType": kind, **members}
    return settle(mock, mock.call("CreateDataset", **request)["datasetArn"])


def an_import_job(mock: MockPersonalize, dataset: str, text: str | None = None, **members: Any) -> str:
    """An import job, at rest: ACTIVE, or CREATE FAILED if the text cannot be imported.

    Args:
        mock: the mock.
        dataset: the ARN of an Interactions, Items or Users dataset.
        text: the CSV; one that fits `FIELDS` by default.
        **members: of the request.
    """
    kind = _name(dataset)
    name = members.pop("jobName", f"import-{len(_jobs(mock))}")
    location = put_object(_CSV[kind]() if text is None else text, f"{name}.csv")
    request = {"jobName": name, "datasetArn": dataset, "dataSource": {"dataLocation": location}, "roleArn": ROLE}
    return settle(mock, mock.call("CreateDatasetImportJob", **{**request, **members})["datasetImportJobArn"])


def an_export_job(mock: MockPersonalize, dataset: str, **members: Any) -> str:
    """An export job, at rest, that writes into a folder `out` of the bucket; by default of what was put."""
    _s3().create_bucket(Bucket=BUCKET)
    output = {"s3DataDestination": {"path": f"s3://{BUCKET}/out/"}}
    request = {"jobName": "export", "datasetArn": dataset, "roleArn": ROLE, "jobOutput": output, **members}
    return settle(mock, mock.call("CreateDatasetExportJob", **request)["datasetExportJobArn"])


def a_data_deletion_job(mock: MockPersonalize, group: str, *user_ids: str, **members: Any) -> str:
    """A data deletion job, at rest: COMPLETED, or FAILED if its list cannot be read."""
    location = put_object("\n".join(["USER_ID", *user_ids]), "gone/users.csv")
    source = {"dataLocation": location}
    request = {"jobName": "deletion", "datasetGroupArn": group, "dataSource": source, "roleArn": ROLE, **members}
    return settle(mock, mock.call("CreateDataDeletionJob", **request)["dataDeletionJobArn"])


def a_group_with_data(mock: MockPersonalize, name: str = "shop", *kinds: str) -> str:
    """A dataset group into whose datasets, Interactions only by default, data was imported."""
    group = a_dataset_group(mock, name)
    for kind in kinds or ("Interactions",):
        an_import_job(mock, a_dataset(mock, group, kind))
    return group


def a_domain_group_with_data(
    mock: MockPersonalize, name: str = "cinema", *kinds: str, domain: str = "VIDEO_ON_DEMAND", text: str | None = None
) -> str:
    """A dataset group of a domain into whose datasets, Interactions only by default, data was imported.

    Args:
        mock: the mock.
        name: the group's.
        *kinds: types of datasets.
        domain: VIDEO_ON_DEMAND, or ECOMMERCE, whose items have a CATEGORY_L1 where others have GENRES.
        text: the CSV of the interactions; by default 1000 of each event type that a use case of the domain asks for.
    """
    group = a_dataset_group(mock, name, domain=domain)
    for kind in kinds or ("Interactions",):
        schema, rows = avro_schema(kind), _CSV[kind.upper()]()
        if domain == "ECOMMERCE":
            schema, rows = schema.replace("GENRES", "CATEGORY_L1"), _ECOMMERCE_CSV[kind.upper()]()
        if kind == "Interactions" and text is not None:
            rows = text
        made = a_schema(mock, kind, name=f"{name}-{kind.lower()}", domain=domain, schema=schema)
        an_import_job(mock, a_dataset(mock, group, kind, schemaArn=made), rows)
    return group


def a_recommender(
    mock: MockPersonalize, recipe_name: str = "aws-vod-top-picks", *, group: str | None = None, **members: Any
) -> str:
    """A recommender, at rest: ACTIVE, or CREATE FAILED if there is too little data."""
    domain = "ECOMMERCE" if recipe_name.startswith("aws-ecomm") else "VIDEO_ON_DEMAND"
    within = a_domain_group_with_data(mock, domain=domain) if group is None else group
    request = {"name": "recommender", "recipeArn": recipe(recipe_name), "datasetGroupArn": within, **members}
    return settle(mock, mock.call("CreateRecommender", **request)["recommenderArn"])


def an_event_tracker(mock: MockPersonalize, group: str, **members: Any) -> str:
    """An event tracker of a group."""
    request = {"name": "tracker", "datasetGroupArn": group, **members}
    return settle(mock, mock.call("CreateEventTracker", **request)["eventTrackerArn"])


def a_metric_attribution(mock: MockPersonalize, group: str, **members: Any) -> str:
    """A metric attribution of a group; by default it counts what was watched and reports to CloudWatch alone."""
    metrics = [{"metricName": "watched", "eventType": "Watch", "expression": "SAMPLECOUNT()"}]
    output = {"roleArn": ROLE}
    request = {"name": "attribution", "metrics": metrics, "metricsOutputConfig": output, **members}
    return settle(mock, mock.call("CreateMetricAttribution", datasetGroupArn=group, **request)["metricAttributionArn"])


def a_solution(mock: MockPersonalize, group: str, recipe_name: str = "aws-user-personalization", **members: Any) -> str:
    """A solution."""
    request = {"name": "solution", "recipeArn": recipe(recipe_name), "performAutoTraining": False, **members}
    return settle(mock, mock.call("CreateSolution", datasetGroupArn=group, **request)["solutionArn"])


def a_solution_version(mock: MockPersonalize, solution: str, **members: Any) -> str:
    """A solution version, at rest: ACTIVE, or CREATE FAILED if there is too little data."""
    made = mock.call("CreateSolutionVersion", solutionArn=solution, **members)
    return settle(mock, made["solutionVersionArn"])


def a_trained_solution_version(
    mock: MockPersonalize, recipe_name: str = "aws-user-personalization", *, group: str | None = None, **members: Any
) -> str:
    """A solution version with all that it needs; `members` are the solution's."""
    within = a_group_with_data(mock) if group is None else group
    return a_solution_version(mock, a_solution(mock, within, recipe_name, **members))


def a_campaign(mock: MockPersonalize, version: str | None = None, **members: Any) -> str:
    """A campaign, of a version that is made if none is given."""
    serving = a_trained_solution_version(mock) if version is None else version
    request = {"name": "campaign", "solutionVersionArn": serving, **members}
    return settle(mock, mock.call("CreateCampaign", **request)["campaignArn"])


def json_lines(*lines: Any) -> str:
    """A text of JSON Lines."""
    return "".join(f"{json.dumps(line)}\n" for line in lines)


def batch_request(name: str, version: str, *lines: Any, **members: Any) -> dict[str, Any]:
    """What a batch job is asked for, with an input of those lines, one that fits by default, and an output folder."""
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
    """A batch inference job, at rest: ACTIVE, or CREATE FAILED."""
    request = batch_request(members.pop("jobName", "batch"), version, *lines, **members)
    return settle(mock, mock.call("CreateBatchInferenceJob", **request)["batchInferenceJobArn"])


def a_batch_segment_job(mock: MockPersonalize, version: str, *lines: Any, **members: Any) -> str:
    """A batch segment job, at rest: ACTIVE, or CREATE FAILED."""
    request = batch_request(members.pop("jobName", "segments"), version, *lines or ({"itemId": "i1"},), **members)
    return settle(mock, mock.call("CreateBatchSegmentJob", **request)["batchSegmentJobArn"])


def batch_output(name: str = "batch") -> list[str]:
    """The lines that a batch job has written."""
    found = _s3().get_object(Bucket=BUCKET, Key=f"{name}/out/in.json.out")["Body"].read().decode()
    return [line for line in found.split("\n") if line]


def _views_and_purchases() -> str:
    """Each user has bought what was looked at."""
    views, purchases = interactions_csv(event_type="View"), interactions_csv(event_type="Purchase")
    return views + purchases.partition("\n")[2]


_CSV = {"INTERACTIONS": interactions_csv, "ITEMS": items_csv, "USERS": users_csv}
_ECOMMERCE_CSV = {
    "INTERACTIONS": _views_and_purchases,
    "ITEMS": lambda: items_csv().replace("GENRES", "CATEGORY_L1"),
    "USERS": users_csv,
}


def needs_shape(name: str) -> None:
    """Skips a test where the installed botocore does not know a shape of `personalize` yet."""
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
