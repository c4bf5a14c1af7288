from datetime import timedelta

import pytest
from builders import (
    ACCOUNT,
    ROLE,
    START,
    USERS,
    a_dataset,
    a_dataset_group,
    a_schema,
    a_solution_version,
    an_import_job,
    avro_schema,
    client,
    csv_text,
    interactions_csv,
    items_csv,
    polled_statuses,
    put_object,
    recipe,
    refusal,
    settle,
    users_csv,
)
from import_jobs import describe_import, items_of_training, start_import

from personalize_mock import PersonalizeMockWarning, mock_personalize
from personalize_mock.resources.dataset_import_jobs import FIRST_PART

NOT_CONFORMING = (
    "Input csv has rows that do not conform to the dataset schema. Please ensure all required data fields are present "
    "and that they are of the type specified in the schema."
)


def outcome(mock, dataset, text, **members):
    """Return status and failureReason of an import of a text."""
    job = describe_import(an_import_job(mock, dataset, text, **members))
    return job["status"], job.get("failureReason")


def test_creating_a_job_answers_its_arn_only(mock, dataset):
    answer = client().create_dataset_import_job(
        jobName="job",
        datasetArn=dataset,
        dataSource={"dataLocation": put_object(interactions_csv())},
        roleArn=ROLE,
    )
    answer.pop("ResponseMetadata")
    assert answer == {"datasetImportJobArn": f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset-import-job/job"}


def test_a_job_goes_from_pending_through_in_progress_to_active(mock, dataset):
    states = polled_statuses(client().describe_dataset_import_job, datasetImportJobArn=start_import(dataset))
    assert states == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]


def test_a_job_takes_the_recorded_five_minutes(mock, dataset):
    job = start_import(dataset)
    described = describe_import(settle(mock, job))
    assert described["lastUpdatedDateTime"] - described["creationDateTime"] == timedelta(minutes=5)


def test_a_job_echoes_its_request(mock, dataset):
    location = put_object(interactions_csv())
    job = describe_import(start_import(dataset, location, importMode="FULL", publishAttributionMetricsToS3=False))
    assert job == {
        "jobName": "job",
        "datasetImportJobArn": f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset-import-job/job",
        "datasetArn": dataset,
        "dataSource": {"dataLocation": location},
        "roleArn": ROLE,
        "status": "CREATE PENDING",
        "creationDateTime": mock.clock.now(),
        "lastUpdatedDateTime": mock.clock.now(),
        "importMode": "FULL",
        "publishAttributionMetricsToS3": False,
    }


def test_the_import_mode_is_full_by_default(mock, dataset):
    assert describe_import(start_import(dataset))["importMode"] == "FULL"


def test_jobs_are_listed_by_dataset(mock):
    group = a_dataset_group(mock)
    interactions, items = a_dataset(mock, group), a_dataset(mock, group, "Items")
    an_import_job(mock, interactions, jobName="first")
    an_import_job(mock, items, items_csv(items=2).replace("1.5", "cheap"), jobName="second")
    (first,) = client().list_dataset_import_jobs(datasetArn=interactions)["datasetImportJobs"]
    keys = ["datasetImportJobArn", "jobName", "status", "creationDateTime", "lastUpdatedDateTime", "importMode"]
    assert list(first) == keys
    both = client().list_dataset_import_jobs()["datasetImportJobs"]
    assert [(job["jobName"], "failureReason" in job) for job in both] == [("first", False), ("second", True)]


def test_a_job_name_can_be_used_once(mock, dataset):
    job = start_import(dataset, name="job")
    expected = ("ResourceAlreadyExistsException", f"Another resource with Arn {job} already exists.")
    assert refusal(start_import, dataset=dataset, name="job") == expected


def test_a_job_needs_a_dataset_that_exists_and_is_not_being_deleted(mock):
    arn = f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset/no-shop/INTERACTIONS"
    expected = ("ResourceNotFoundException", f"The given dataset does not exist: {arn}")
    assert refusal(start_import, dataset=arn) == expected
    items = a_dataset(mock, a_dataset_group(mock), "Items")
    client().delete_dataset(datasetArn=items)
    assert refusal(start_import, dataset=items) == (
        "ResourceInUseException",
        f"Resource {items} is not in ACTIVE state.",
    )


def test_a_job_can_be_created_while_its_dataset_is_created(mock):
    """A recorded tutorial uploads a file and does not wait for the dataset."""
    arn = f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset/shop/INTERACTIONS"
    group, schema = a_dataset_group(mock), a_schema(mock)
    client().create_dataset(name="data", schemaArn=schema, datasetGroupArn=group, datasetType="Interactions")
    job = start_import(arn)
    assert client().describe_dataset(datasetArn=arn)["dataset"]["status"] == "CREATE PENDING"
    settle(mock, job)
    assert describe_import(job)["status"] == "ACTIVE"
    assert client().describe_dataset(datasetArn=arn)["dataset"]["status"] == "ACTIVE"


def test_a_role_of_another_account_cannot_be_passed(mock, dataset):
    code, message = refusal(start_import, dataset=dataset, roleArn="arn:aws:iam::999999999999:role/theirs")
    assert (code, message) == ("AccessDeniedException", "Cross-account pass role is not allowed.")


def test_at_most_five_jobs_can_run_at_once(mock, dataset):
    jobs = [start_import(dataset, name=f"job-{number}") for number in range(5)]
    code, message = refusal(start_import, dataset=dataset, name="job-5")
    assert code == "LimitExceededException"
    assert message == "More than 5 resources with PENDING or IN_PROGRESS status."
    assert len(client().list_dataset_import_jobs()["datasetImportJobs"]) == 5
    settle(mock, jobs[0])
    start_import(dataset, name="job-5")


# The files.


def test_columns_are_matched_by_name_and_others_are_ignored(mock, dataset):
    """A recorded import has another order, an unnamed first column and a column unknown to the schema."""
    rows = ((n, f"i{n % 40}", f"u{n % 50}", "View", START + n, "yes") for n in range(1000))
    text = csv_text(["", "ITEM_ID", "USER_ID", "EVENT_TYPE", "TIMESTAMP", "PROMOTED"], rows)
    assert outcome(mock, dataset, text) == ("ACTIVE", None)


def test_a_file_that_lacks_columns_is_refused_in_the_call(mock, dataset):
    location = put_object(csv_text(["USER_ID", "ITEM_ID"], [("u", "i")]))
    expected = ("InvalidInputException", "Input csv is missing the following columns: [EVENT_TYPE, TIMESTAMP]")
    assert refusal(start_import, dataset=dataset, location=location) == expected
    assert client().list_dataset_import_jobs()["datasetImportJobs"] == []


def test_a_later_file_that_lacks_columns_fails_the_job(mock, dataset):
    put_object(interactions_csv(), "folder/1.csv")
    location = put_object(csv_text(["USER_ID", "ITEM_ID"], [("u", "i")]), "folder/2.csv").removesuffix("2.csv")
    job = describe_import(settle(mock, start_import(dataset, location)))
    reason = "Input CSV is missing the following columns:[EVENT_TYPE, TIMESTAMP]."
    assert (job["status"], job["failureReason"]) == ("CREATE FAILED", reason)


def test_a_file_whose_rows_do_not_fit_at_all_is_refused_in_the_call(mock, dataset):
    text = interactions_csv().replace(f",{str(START)[:3]}", ",2023-11-14T")
    location = put_object(text)
    assert refusal(start_import, dataset=dataset, location=location) == ("InvalidInputException", NOT_CONFORMING)
    assert client().list_dataset_import_jobs()["datasetImportJobs"] == []


def test_only_a_first_part_of_the_first_file_is_looked_at_in_the_call(mock, dataset):
    rows = interactions_csv(users=100, each=30).splitlines(keepends=True)
    good, bad = rows[1:], [row.replace(",17", ",yesterday 17") for row in rows[1:]]
    assert len("".join(good)) > FIRST_PART
    job = start_import(dataset, put_object("".join([rows[0], *good, *bad])))
    assert describe_import(settle(mock, job))["failureReason"] == NOT_CONFORMING


@pytest.mark.parametrize("content", [b"", b"\n", "USER_ID,ITEM_ID".encode("utf-16")], ids=["empty", "blank", "UTF-16"])
def test_a_file_without_a_readable_header_is_refused_in_the_call(mock, dataset, content):
    assert refusal(start_import, dataset=dataset, location=put_object(content))[0] == "InvalidInputException"


def test_a_refused_file_says_where_it_does_not_fit(mock, dataset, caplog):
    location = put_object("USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP\nu,i,View,today\n")
    refusal(start_import, dataset=dataset, location=location)
    assert f"1 of 1 rows. {location}, line 2, column TIMESTAMP: 'today' is not of type long" in caplog.text


def test_a_missing_object_is_reported_before_the_first_part_is_looked_at(mock, dataset):
    put_object("NONSENSE\n")
    code, text = refusal(start_import, dataset=dataset, location="s3://data/none.csv")
    assert (code, text.partition(" s3:")[0]) == ("InvalidInputException", "No objects found in s3 path")


# Rows that do not fit.

BAD_ROWS = ["u,i,View,yesterday", "u,,View,1", "u,i,View", "u,i,View,1.5"]


@pytest.mark.parametrize("row", BAD_ROWS)
def test_a_few_rows_that_do_not_fit_are_left_out_with_a_warning(mock, dataset, row):
    job = start_import(dataset, put_object(interactions_csv() + f"{row}\n"))
    with pytest.warns(PersonalizeMockWarning, match=f"{job} skipped rows that do not fit the schema: 1 of 1001 rows"):
        settle(mock, job)
    assert describe_import(job)["status"] == "ACTIVE"
    assert len(items_of_training(mock, dataset)) == 60


@pytest.mark.filterwarnings("ignore:.*skipped rows")
def test_warning_and_log_name_file_line_column_and_value(mock, dataset, caplog):
    rows = interactions_csv().splitlines()
    rows[5:5] = ["u7,i7,View,2006/2007", "u8,i8,View", "u9,,View,7"]
    location = put_object("\n".join(rows))
    with pytest.warns(PersonalizeMockWarning) as warned:
        job = settle(mock, start_import(dataset, location))
    text = (
        f"{job} skipped rows that do not fit the schema: 3 of 1003 rows. "
        f"{location}, line 6, column TIMESTAMP: '2006/2007' is not of type long; "
        f"{location}, line 7: 'u8,i8,View' has 3 cells, not 4; "
        f"{location}, line 8, column ITEM_ID: '' is empty"
    )
    assert [str(warning.message) for warning in warned] == [text]
    assert [record.getMessage() for record in caplog.records if record.name == "personalize_mock"] == [text]


@pytest.mark.filterwarnings("ignore:.*skipped rows")
def test_an_import_may_have_one_bad_row_in_a_hundred(mock, dataset):
    rows = interactions_csv(users=99, items=200, each=100)
    assert outcome(mock, dataset, rows + "u,i,View,yesterday\n" * 100) == ("ACTIVE", None)
    assert outcome(mock, dataset, rows + "u,i,View,yesterday\n" * 101) == ("CREATE FAILED", NOT_CONFORMING)


def test_a_film_in_a_hundred_may_lack_its_year(mock):
    """A file of 9,742 films ended ACTIVE four times, with 13 years that were empty or no numbers."""
    films = [(f"i{film}", "Drama", 1990 + film % 30) for film in range(9742)]
    films[3:16] = [(item, genre, "") for item, genre, _ in films[3:16]]
    films[9] = ("i9", "Drama", "2006/2007")
    fields = {"ITEM_ID": "string", "GENRES": {"type": "string", "categorical": True}, "YEAR": "int"}
    schema = a_schema(mock, schema=avro_schema("Items", fields))
    items = a_dataset(mock, a_dataset_group(mock), "Items", schemaArn=schema)
    with pytest.warns(PersonalizeMockWarning, match="13 of 9742 rows.*and 8 more"):
        assert outcome(mock, items, csv_text(list(fields), films)) == ("ACTIVE", None)


def test_a_failed_import_says_in_the_log_where_its_rows_do_not_fit(mock, dataset, caplog):
    job = an_import_job(mock, dataset, interactions_csv() + "u,i,View,yesterday\n" * 20)
    assert describe_import(job)["failureReason"] == NOT_CONFORMING
    assert (
        f"{job}: {NOT_CONFORMING} 20 of 1020 rows. s3://data/import-0.csv, line 1002, column TIMESTAMP" in caplog.text
    )
    assert "and 15 more" in caplog.text


@pytest.mark.filterwarnings("error::personalize_mock.PersonalizeMockWarning")
def test_a_warning_turned_into_an_error_is_raised_once_and_the_import_continues(mock, dataset):
    job = start_import(dataset, put_object(interactions_csv() + "u,i,View\n"))
    with pytest.raises(PersonalizeMockWarning):
        settle(mock, job)
    assert describe_import(settle(mock, job))["status"] == "ACTIVE"


def test_an_id_longer_than_256_characters_fails_the_job(mock, dataset, caplog):
    status, reason = outcome(mock, dataset, interactions_csv() + f"{'u' * 257},i,View,1\n")
    assert status == "CREATE FAILED"
    assert reason.startswith("Length cannot be more than 256 characters for USER_ID. ")
    assert "line 1002, column USER_ID" in caplog.text
    assert "has 257 characters" in caplog.text


def test_an_empty_cell_is_null_where_the_schema_allows_it(mock):
    group = a_dataset_group(mock)
    nullable = {**USERS, "AGE": ["null", "int"]}
    schema = client().create_schema(name="users", schema=avro_schema("Users", nullable))["schemaArn"]
    text = csv_text(list(USERS), [("u0", "", "Free"), ("u1", 30, "Free")])
    assert outcome(mock, a_dataset(mock, group, "Users", schemaArn=schema), text) == ("ACTIVE", None)
    other = a_dataset(mock, a_dataset_group(mock, "other"), "Users")
    assert outcome(mock, other, text) == ("CREATE FAILED", NOT_CONFORMING)


def test_an_import_of_interactions_needs_1000_rows(mock, dataset):
    short = interactions_csv(users=9, items=200, each=111)
    assert len(short.splitlines()) == 1000  # with the header
    assert outcome(mock, dataset, short)[0] == "CREATE FAILED"
    assert outcome(mock, dataset, interactions_csv(users=10, items=200, each=100)) == ("ACTIVE", None)
    assert outcome(mock, dataset, short, importMode="INCREMENTAL")[0] == "CREATE FAILED"


@pytest.mark.parametrize(("dataset_type", "text"), [("Items", items_csv(items=1)), ("Users", users_csv(users=1))])
def test_imports_of_metadata_have_no_minimum(mock, dataset_type, text):
    assert outcome(mock, a_dataset(mock, a_dataset_group(mock), dataset_type), text) == ("ACTIVE", None)


@pytest.mark.parametrize("options", [{"minimum_interactions": 10}, {"strict": False}])
def test_the_minimum_can_be_lowered(options):
    with mock_personalize(clock=0, **options) as mock:
        text = interactions_csv(users=5, each=2)
        assert outcome(mock, a_dataset(mock, a_dataset_group(mock)), text) == ("ACTIVE", None)


# The data of the dataset.


def test_a_full_import_replaces_earlier_data(mock, dataset):
    an_import_job(mock, dataset)
    an_import_job(mock, dataset, interactions_csv().replace(",i", ",j"))
    assert {item[0] for item in items_of_training(mock, dataset)} == {"j"}


def test_an_incremental_import_adds_to_earlier_data(mock, dataset):
    an_import_job(mock, dataset)
    an_import_job(mock, dataset, interactions_csv().replace(",i", ",j"), importMode="INCREMENTAL")
    assert {item[0] for item in items_of_training(mock, dataset)} == {"i", "j"}


def test_a_failed_import_keeps_earlier_data(mock, dataset):
    an_import_job(mock, dataset)
    assert outcome(mock, dataset, interactions_csv(each=1))[0] == "CREATE FAILED"
    assert len(items_of_training(mock, dataset)) == 60


def test_the_data_is_available_only_after_the_job(mock, dataset):
    job = start_import(dataset)
    mock.clock.jump(200)
    assert describe_import(job)["status"] == "CREATE IN_PROGRESS"
    later = {"name": "later", "importMode": "INCREMENTAL"}
    assert refusal(start_import, dataset=dataset, **later)[0] == "InvalidInputException"
    settle(mock, job)
    start_import(dataset, **later)


def test_the_first_import_must_be_full(mock, dataset):
    assert refusal(start_import, dataset=dataset, importMode="INCREMENTAL")[0] == "InvalidInputException"
    assert client().list_dataset_import_jobs()["datasetImportJobs"] == []


def test_an_unknown_import_mode_is_refused(mock, dataset):
    assert refusal(start_import, dataset=dataset, importMode="PARTIAL")[0] == "ValidationException"


def test_an_incremental_import_updates_an_item(mock):
    """The most expensive item of the second import is the cheapest of the first, and the objective uses the second."""
    group = a_dataset_group(mock)
    an_import_job(mock, a_dataset(mock, group))
    items = a_dataset(mock, group, "Items")
    an_import_job(mock, items, items_csv())
    an_import_job(mock, items, "\n".join([*items_csv().splitlines()[:1], "i0,Comedy,1e6,0"]), importMode="INCREMENTAL")
    objective = {"itemAttribute": "PRICE", "objectiveSensitivity": "HIGH"}
    solution = client().create_solution(
        name="objective",
        datasetGroupArn=group,
        recipeArn=recipe("aws-user-personalization"),
        solutionConfig={"optimizationObjective": objective},
    )["solutionArn"]
    version = a_solution_version(mock, solution)
    campaign = client().create_campaign(name="objective", solutionVersionArn=version)["campaignArn"]
    settle(mock, campaign)
    answer = client("personalize-runtime").get_recommendations(campaignArn=campaign, userId="nobody")
    assert "i0" in [entry["itemId"] for entry in answer["itemList"]]
