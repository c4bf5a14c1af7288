import boto3
import pytest
from builders import BUCKET, client, interactions_csv, items_csv, polled_statuses, put_object, refusal, settle
from import_jobs import describe_import, items_of_training, start_import

NO_ACCESS = (
    "Insufficient privileges for accessing data in S3. Please look at "
    "https://docs.aws.amazon.com/personalize/latest/dg/granting-personalize-s3-access.html and ensure your role is "
    "configured correctly."
)


def test_a_bucket_that_does_not_exist_cannot_be_read(mock, dataset):
    code, message = refusal(start_import, dataset=dataset, location="s3://no-such-bucket/interactions.csv")
    assert (code, message) == ("InvalidInputException", NO_ACCESS)
    assert client().list_dataset_import_jobs()["datasetImportJobs"] == []


@pytest.mark.parametrize("key", ["none.csv", "none/", "interactions.csv/"])
def test_a_key_that_does_not_exist_is_rejected(mock, dataset, key):
    put_object(interactions_csv())
    assert refusal(start_import, dataset=dataset, location=f"s3://{BUCKET}/{key}")[0] == "InvalidInputException"


@pytest.mark.parametrize("location", ["ftp://data/file.csv", "data/file.csv", "s3:/data/file.csv"])
def test_a_text_that_is_no_location_does_not_match_the_pattern(mock, dataset, location):
    assert refusal(start_import, dataset=dataset, location=location)[0] == "ValidationException"


@pytest.mark.parametrize("source", [{}, {"dataLocation": "s3:///file.csv"}, {"dataLocation": "https://x.s3.com/f"}])
def test_a_location_without_a_bucket_is_invalid(mock, dataset, source):
    code, message = refusal(start_import, dataset=dataset, dataSource=source)
    assert (code, message) == ("InvalidInputException", "Invalid Data location.")


@pytest.mark.parametrize("location", [f"https://{BUCKET}.s3.amazonaws.com/a%20b.csv", f"https://s3/{BUCKET}/a%20b.csv"])
def test_the_url_of_an_object_is_a_location(mock, dataset, location):
    put_object(interactions_csv(), "a b.csv")
    assert describe_import(settle(mock, start_import(dataset, location)))["status"] == "ACTIVE"


def test_the_name_of_an_object_need_not_end_in_csv(mock, dataset):
    location = put_object(interactions_csv(), "run-17-part-00000")
    assert describe_import(settle(mock, start_import(dataset, location)))["status"] == "ACTIVE"


@pytest.mark.parametrize("folder", ["folder/", "folder"])
def test_only_the_first_level_of_a_folder_is_read(mock, dataset, folder):
    put_object("", "folder/")
    put_object(interactions_csv(), "folder/a.csv")
    put_object(interactions_csv().replace(",i", ",j"), "folder/b.csv")
    put_object("NONSENSE\n", "folder/deeper/c.csv")
    put_object("NONSENSE\n", "folder-beside.csv")
    job = describe_import(settle(mock, start_import(dataset, f"s3://{BUCKET}/{folder}")))
    assert job["status"] == "ACTIVE"
    item_ids = items_of_training(mock, dataset)
    assert {"i0", "j0"} <= item_ids
    assert len(item_ids) == 120


def test_all_files_of_a_folder_must_have_the_same_headers(mock, items):
    put_object(items_csv(), "items/a.csv")
    header, rows = items_csv().split("\n", 1)
    put_object(f"{header},EXTRA\n" + rows.replace("\n", ",1\n"), "items/b.csv")
    job = describe_import(settle(mock, start_import(items, f"s3://{BUCKET}/items/")))
    assert job["status"] == "CREATE FAILED"


def test_the_file_is_read_when_the_job_begins_not_when_it_is_created(mock, dataset):
    job = start_import(dataset, put_object(interactions_csv()))
    put_object("NONSENSE\n")
    assert describe_import(settle(mock, job))["status"] == "CREATE FAILED"


def test_a_job_fails_if_its_file_was_deleted_before_it_begins(mock, dataset):
    job = start_import(dataset)
    boto3.client("s3").delete_object(Bucket=BUCKET, Key="interactions.csv")
    statuses = polled_statuses(client().describe_dataset_import_job, datasetImportJobArn=job)
    assert statuses == ["CREATE PENDING", "CREATE IN_PROGRESS", "CREATE FAILED"]
    assert describe_import(job)["failureReason"]
