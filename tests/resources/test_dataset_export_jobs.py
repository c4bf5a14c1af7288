import csv
import io
import json

import boto3
import pytest
from builders import (
    ACCOUNT,
    BUCKET,
    INTERACTIONS,
    ITEMS,
    ROLE,
    START,
    a_dataset,
    a_dataset_group,
    a_schema,
    an_export_job,
    an_import_job,
    avro_schema,
    client,
    items_csv,
    polled_statuses,
    put_object,
    refusal,
    settle,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from put_events import Shop
from put_events import dataset as stored
from put_events import rows as rows_of

from personalize_mock import mock_personalize

ARN = f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset-export-job"
OUTPUT = {"s3DataDestination": {"path": f"s3://{BUCKET}/out/"}}
KEY = "out/export/part-00000.csv"
NO_ACCESS = (
    "Insufficient privileges for accessing data in S3. Please look at "
    "https://docs.aws.amazon.com/personalize/latest/dg/granting-personalize-s3-access.html and ensure your role is "
    "configured correctly."
)


def start(dataset, name="export", **members):
    request = {"jobName": name, "datasetArn": dataset, "roleArn": ROLE, "jobOutput": OUTPUT, **members}
    return client().create_dataset_export_job(**request)["datasetExportJobArn"]


def describe(job):
    return client().describe_dataset_export_job(datasetExportJobArn=job)["datasetExportJob"]


def keys():
    listed = boto3.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return [entry["Key"] for entry in listed if entry["Key"].startswith("out")]


def text(key=KEY):
    return boto3.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()


def exported(mock, dataset, mode, name=None):
    """Return the rows of an export, as dictionaries of texts."""
    job = name or mode.lower()
    an_export_job(mock, dataset, jobName=job, ingestionMode=mode)
    return list(csv.DictReader(io.StringIO(text(f"out/{job}/part-00000.csv"))))


def put_items(dataset, **prices):
    items = [
        {"itemId": item, "properties": json.dumps({"genres": "Crime", "price": price, "creationTimestamp": START})}
        for item, price in prices.items()
    ]
    client("personalize-events").put_items(datasetArn=dataset, items=items)


@pytest.fixture
def bucket(mock):
    put_object("", "empty")


@pytest.fixture
def filled_items(mock, bucket, items):
    """An Items dataset with three imported items, one of them put again, and a fourth put item."""
    an_import_job(mock, items, items_csv(items=3))
    put_items(items, i0=9, new=7)
    return items


def test_creating_a_job_answers_its_arn_only(bucket, items):
    request = {"jobName": "export", "datasetArn": items, "roleArn": ROLE, "jobOutput": OUTPUT}
    answer = client().create_dataset_export_job(**request)
    answer.pop("ResponseMetadata")
    assert answer == {"datasetExportJobArn": f"{ARN}/export"}


def test_a_job_goes_from_pending_through_in_progress_to_active(bucket, items):
    states = polled_statuses(client().describe_dataset_export_job, datasetExportJobArn=start(items))
    assert states == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]


def test_a_job_echoes_its_request_and_the_kms_key(mock, bucket, items):
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/mine"
    output = {"s3DataDestination": {"path": f"s3://{BUCKET}/out", "kmsKeyArn": key}}
    job = describe(start(items, jobOutput=output, ingestionMode="ALL"))
    assert job == {
        "jobName": "export",
        "datasetExportJobArn": f"{ARN}/export",
        "datasetArn": items,
        "ingestionMode": "ALL",
        "roleArn": ROLE,
        "status": "CREATE PENDING",
        "jobOutput": output,
        "creationDateTime": mock.clock.now(),
        "lastUpdatedDateTime": mock.clock.now(),
    }


def test_put_records_are_exported_by_default(mock, filled_items):
    job = an_export_job(mock, filled_items)
    assert describe(job)["ingestionMode"] == "PUT"
    assert [line.split(",")[0] for line in text().splitlines()] == ["ITEM_ID", "i0", "new"]


def test_an_export_of_bulk_data_has_the_imported_records(mock, filled_items):
    assert [row["ITEM_ID"] for row in exported(mock, filled_items, "BULK")] == ["i0", "i1", "i2"]


def test_an_export_of_all_has_the_newest_record_of_each_item(mock, filled_items):
    prices = {row["ITEM_ID"]: row["PRICE"] for row in exported(mock, filled_items, "ALL")}
    assert prices == {"i0": "9.0", "i1": "2.5", "i2": "3.5", "new": "7.0"}


def test_an_export_of_put_records_has_all_versions_of_an_item_but_equal_records_once(mock, filled_items):
    put_items(filled_items, i0=10)
    put_items(filled_items, i0=9)
    rows = [(row["ITEM_ID"], row["PRICE"]) for row in exported(mock, filled_items, "PUT")]
    assert rows == [("i0", "9.0"), ("new", "7.0"), ("i0", "10.0")]


def test_an_export_of_interactions_has_imported_rows_and_events(mock, bucket):
    shop = Shop(mock)
    an_import_job(mock, shop.interactions)
    shop.put({"itemId": "i1"}, {"itemId": "i2"}, user="new")
    count = len(exported(mock, shop.interactions, "BULK"))
    assert count == 1000
    events = exported(mock, shop.interactions, "PUT")
    assert [(row["USER_ID"], row["ITEM_ID"], row["TIMESTAMP"]) for row in events] == [
        ("new", "i1", str(START)),
        ("new", "i2", str(START)),
    ]
    assert len(exported(mock, shop.interactions, "ALL")) == count + 2


def test_the_session_takes_the_place_of_an_unknown_user_in_exports(mock, bucket):
    shop = Shop(mock)
    shop.put({"itemId": "i1"}, user=None, session="visit")
    assert [row["USER_ID"] for row in exported(mock, shop.interactions, "PUT")] == ["visit"]


def test_the_columns_are_in_the_order_of_the_schema(mock, filled_items):
    an_export_job(mock, filled_items)
    assert text().splitlines()[0] == ",".join(ITEMS)


def test_categories_and_texts_are_written_unchanged(mock, bucket):
    title = 'The "Thing", 1982'
    schema = a_schema(mock, "Items", schema=avro_schema("Items", {**ITEMS, "TITLE": ["null", "string"]}))
    dataset = a_dataset(mock, a_dataset_group(mock), "Items", schemaArn=schema)
    properties = {"genres": "Drama|Crime", "price": 1, "creationTimestamp": START, "title": title}
    request = {"datasetArn": dataset, "items": [{"itemId": "i", "properties": json.dumps(properties)}]}
    client("personalize-events").put_items(**request)
    an_export_job(mock, dataset)
    assert text().splitlines()[1] == rf'i,Drama|Crime,1.0,{START},"The \"Thing\", 1982"'


def test_an_export_of_an_empty_dataset_is_a_header(mock, bucket, items):
    job = an_export_job(mock, items)
    assert describe(job)["status"] == "ACTIVE"
    assert text() == ",".join(ITEMS) + "\n"


def test_the_file_has_the_simulated_date_and_the_kms_key(mock, filled_items):
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/mine"
    output = {"s3DataDestination": {**OUTPUT["s3DataDestination"], "kmsKeyArn": key}}
    job = describe(an_export_job(mock, filled_items, jobOutput=output))
    head = boto3.client("s3").head_object(Bucket=BUCKET, Key=f"out/{job['jobName']}/part-00000.csv")
    assert head["LastModified"] == job["lastUpdatedDateTime"].replace(microsecond=0)
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key)


@pytest.mark.parametrize(
    ("path", "key"),
    [
        (f"s3://{BUCKET}/out/", "out/export/part-00000.csv"),
        (f"s3://{BUCKET}/out", "out/export/part-00000.csv"),
        (f"s3://{BUCKET}/out/of/here/", "out/of/here/export/part-00000.csv"),
        (f"https://{BUCKET}.s3.amazonaws.com/out/", "out/export/part-00000.csv"),
    ],
)
def test_the_file_is_in_a_folder_with_the_name_of_the_job(mock, bucket, items, path, key):
    an_export_job(mock, items, jobOutput={"s3DataDestination": {"path": path}})
    assert keys() == [key]


@pytest.mark.parametrize("path", [f"s3://{BUCKET}", f"s3://{BUCKET}/"])
def test_the_path_can_be_a_bucket(mock, bucket, items, path):
    an_export_job(mock, items, jobOutput={"s3DataDestination": {"path": path}})
    assert text("export/part-00000.csv").startswith("ITEM_ID")


def test_the_file_appears_at_the_end_of_the_job(mock, filled_items):
    job = start(filled_items)
    mock.clock.jump(200)
    assert (describe(job)["status"], keys()) == ("CREATE IN_PROGRESS", [])
    settle(mock, job)
    assert keys() == [KEY]


def test_a_job_exports_the_data_as_of_its_start(mock, filled_items):
    job = start(filled_items)
    put_items(filled_items, early=1)
    mock.clock.jump(200)
    put_items(filled_items, late=1)
    settle(mock, job)
    assert [line.split(",")[0] for line in text().splitlines()[1:]] == ["i0", "new", "early"]


def test_a_job_fails_if_its_bucket_was_deleted(mock, items):
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="short-lived")
    job = start(items, jobOutput={"s3DataDestination": {"path": "s3://short-lived/"}})
    s3.delete_bucket(Bucket="short-lived")
    settle(mock, job)
    assert (describe(job)["status"], describe(job)["failureReason"]) == ("CREATE FAILED", NO_ACCESS)


def test_a_job_fails_if_its_dataset_was_deleted_before_its_start(mock, bucket, items):
    job = start(items)
    client().delete_dataset(datasetArn=items)
    settle(mock, items)
    settle(mock, job)
    assert describe(job)["failureReason"] == f"The given dataset does not exist: {items}"
    assert keys() == []


@pytest.mark.parametrize("dataset_type", ["Actions", "Action_Interactions"])
def test_action_datasets_cannot_be_exported(mock, bucket, dataset_type):
    dataset = a_dataset(mock, a_dataset_group(mock), dataset_type)
    code, message = refusal(start, dataset=dataset)
    assert code == "InvalidInputException"
    assert dataset_type.upper() in message


def test_a_job_needs_an_active_dataset(mock, bucket):
    arn = f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset/shop/INTERACTIONS"
    assert refusal(start, dataset=arn) == ("ResourceNotFoundException", f"The given dataset does not exist: {arn}")
    request = {"name": "d", "schemaArn": a_schema(mock), "datasetGroupArn": a_dataset_group(mock)}
    client().create_dataset(datasetType="Interactions", **request)
    assert refusal(start, dataset=arn)[0] == "ResourceInUseException"


def test_an_unknown_bucket_is_refused(items):
    output = {"s3DataDestination": {"path": "s3://nowhere/out/"}}
    assert refusal(start, dataset=items, jobOutput=output) == ("InvalidInputException", NO_ACCESS)
    assert client().list_dataset_export_jobs()["datasetExportJobs"] == []


def test_a_role_of_another_account_cannot_be_passed(bucket, items):
    refused = refusal(start, dataset=items, roleArn="arn:aws:iam::999999999999:role/theirs")
    assert refused == ("AccessDeniedException", "Cross-account pass role is not allowed.")


def test_a_job_name_can_be_used_once(bucket, items):
    job = start(items)
    refused = refusal(start, dataset=items)
    assert refused == ("ResourceAlreadyExistsException", f"Another resource with Arn {job} already exists.")


def test_an_unknown_mode_is_refused(bucket, items):
    assert refusal(start, dataset=items, ingestionMode="EVERYTHING")[0] == "ValidationException"


def test_faults_are_reported_in_the_order_of_the_service(mock, bucket):
    actions = a_dataset(mock, a_dataset_group(mock), "Actions")
    theirs, nowhere = "arn:aws:iam::999999999999:role/theirs", {"s3DataDestination": {"path": "s3://nowhere/out/"}}
    faults = {"roleArn": theirs, "dataset": f"{actions}-none", "jobOutput": nowhere}
    order = ["AccessDeniedException", "ResourceNotFoundException", "InvalidInputException"]
    corrections = ({}, {"roleArn": ROLE}, {"roleArn": ROLE, "dataset": actions})
    assert [refusal(start, **{**faults, **right})[0] for right in corrections] == order


def test_jobs_are_listed_by_dataset(mock, bucket):
    group = a_dataset_group(mock)
    items, users = a_dataset(mock, group, "Items"), a_dataset(mock, group, "Users")
    start(items, "first")
    start(users, "second")
    (first,) = client().list_dataset_export_jobs(datasetArn=items)["datasetExportJobs"]
    assert list(first) == ["datasetExportJobArn", "jobName", "status", "creationDateTime", "lastUpdatedDateTime"]
    assert [job["jobName"] for job in client().list_dataset_export_jobs()["datasetExportJobs"]] == ["first", "second"]


def test_a_dataset_can_be_deleted_during_an_export(mock, bucket, items):
    start(items)
    client().delete_dataset(datasetArn=items)


@settings(max_examples=15, deadline=None)
@given(
    items=st.dictionaries(
        st.text(min_size=1, max_size=8).filter(lambda text: text.isprintable()),
        st.tuples(st.text(max_size=8).filter(lambda text: text.isprintable()), st.floats(0, 1e9, width=32)),
        max_size=8,
    )
)
def test_an_import_of_an_export_gives_the_same_rows(items):
    fields = {**ITEMS, "TITLE": ["null", "string"], "GENRES": ["null", "string"]}
    with mock_personalize(clock=0) as mock:
        schema = a_schema(mock, "Items", schema=avro_schema("Items", fields))
        here, there = (
            a_dataset(mock, a_dataset_group(mock, name), "Items", schemaArn=schema) for name in ("here", "there")
        )
        for item, (title, price) in items.items():
            properties = json.dumps({"title": title, "price": price, "creationTimestamp": START})
            client("personalize-events").put_items(datasetArn=here, items=[{"itemId": item, "properties": properties}])
        an_export_job(mock, here, ingestionMode="ALL")
        source = {"dataLocation": f"s3://{BUCKET}/out/export/"}
        job = client().create_dataset_import_job(jobName="j", datasetArn=there, dataSource=source, roleArn=ROLE)
        settle(mock, job["datasetImportJobArn"])
        assert rows_of(stored(there).contents.data) == rows_of(stored(here).contents.data)
        assert len(rows_of(stored(there).contents.data)) == len(items)


def test_exported_interactions_can_be_imported_again(mock, bucket, dataset):
    an_import_job(mock, dataset)
    before = rows_of(stored(dataset).contents.data)
    an_export_job(mock, dataset, ingestionMode="BULK")
    source = {"dataLocation": f"s3://{BUCKET}/out/export/"}
    job = client().create_dataset_import_job(jobName="again", datasetArn=dataset, dataSource=source, roleArn=ROLE)
    settle(mock, job["datasetImportJobArn"])
    assert rows_of(stored(dataset).contents.data) == before
    assert list(before[0]) == list(INTERACTIONS)
