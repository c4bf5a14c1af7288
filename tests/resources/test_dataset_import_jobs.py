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

from personalize_mock import mock_personalize

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
    an_import_job(mock, items, "NONSENSE\n", jobName="second")
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


def test_the_failure_reason_names_all_missing_columns(mock, dataset):
    text = csv_text(["USER_ID", "ITEM_ID"], [("u", "i")])
    reason = "Input CSV is missing the following columns:[EVENT_TYPE, TIMESTAMP]."
    assert outcome(mock, dataset, text) == ("CREATE FAILED", reason)


@pytest.mark.parametrize("row", ["u,i,View,yesterday", "u,,View,1", "u,i,View", "u,i,View,1.5"])
def test_one_row_that_does_not_conform_fails_the_whole_job(mock, dataset, row):
    assert outcome(mock, dataset, interactions_csv() + row + "\n") == ("CREATE FAILED", NOT_CONFORMING)


def test_an_id_longer_than_256_characters_fails_the_job(mock, dataset):
    status, reason = outcome(mock, dataset, interactions_csv() + f"{'u' * 257},i,View,1\n")
    assert status == "CREATE FAILED"
    assert reason.startswith("Length cannot be more than 256 characters for USER_ID. ")


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
    assert outcome(mock, dataset, "USER_ID\nu\n")[0] == "CREATE FAILED"
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
