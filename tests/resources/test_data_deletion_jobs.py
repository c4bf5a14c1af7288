import json

import boto3
import pytest
from builders import (
    ACCOUNT,
    BUCKET,
    ROLE,
    START,
    a_campaign,
    a_data_deletion_job,
    a_dataset,
    a_dataset_group,
    a_domain_group_with_data,
    a_group_with_data,
    a_recommender,
    a_solution,
    a_solution_version,
    an_import_job,
    client,
    interactions_csv,
    polled_statuses,
    put_object,
    refusal,
    settle,
    users_csv,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from import_jobs import items_of_training
from put_events import Shop, put_interactions, rows, store
from put_events import dataset as stored

from personalize_mock import mock_personalize
from personalize_mock.resources import data_deletion_jobs, model_refresh
from personalize_mock.resources.recommenders import Recommender

ARN = f"arn:aws:personalize:us-east-1:{ACCOUNT}:data-deletion-job"
PREFIX = f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset/shop"
INTERACTIONS, USERS, ITEMS = (f"{PREFIX}/{dataset_type}" for dataset_type in ("INTERACTIONS", "USERS", "ITEMS"))
NO_ACCESS = (
    "Insufficient privileges for accessing data in S3. Please look at "
    "https://docs.aws.amazon.com/personalize/latest/dg/granting-personalize-s3-access.html and ensure your role is "
    "configured correctly."
)
WEEK = 7 * 86_400


@pytest.fixture
def group(mock):
    return a_dataset_group(mock)


@pytest.fixture
def filled_group(mock):
    """A dataset group with 1000 interactions of 50 users, their records, and items."""
    return a_group_with_data(mock, "shop", "Interactions", "Users", "Items")


def start(group, *user_ids, name="deletion", location=None, **members):
    chosen = location or put_object("\n".join(["USER_ID", *user_ids]), "gone.csv")
    request = {"jobName": name, "datasetGroupArn": group, "dataSource": {"dataLocation": chosen}, "roleArn": ROLE}
    return client().create_data_deletion_job(**{**request, **members})["dataDeletionJobArn"]


def describe(job):
    return client().describe_data_deletion_job(dataDeletionJobArn=job)["dataDeletionJob"]


def outcome(mock, group, *user_ids, **members):
    """Return the status, and the number of deleted rows or the failureReason."""
    job = describe(settle(mock, start(group, *user_ids, **members)))
    return job["status"], job.get("numDeleted", job.get("failureReason"))


def listed(**members):
    return [job["jobName"] for job in client().list_data_deletion_jobs(**members)["dataDeletionJobs"]]


def users_of(arn):
    return {row["USER_ID"] for row in rows(stored(arn).contents.data)}


def recommended(campaign, user):
    answer = client("personalize-runtime").get_recommendations(campaignArn=campaign, userId=user, numResults=5)
    return [item["itemId"] for item in answer["itemList"]]


# The job.


def test_creating_a_job_answers_its_arn_only(group):
    request = {"jobName": "job", "datasetGroupArn": group, "roleArn": ROLE}
    answer = client().create_data_deletion_job(dataSource={"dataLocation": put_object("USER_ID\n", "u.csv")}, **request)
    answer.pop("ResponseMetadata")
    assert answer == {"dataDeletionJobArn": f"{ARN}/job"}


def test_a_job_goes_from_pending_through_in_progress_to_completed(group):
    states = polled_statuses(client().describe_data_deletion_job, dataDeletionJobArn=start(group, "u1"))
    assert states == ["PENDING", "IN_PROGRESS", "COMPLETED"]


def test_a_job_echoes_its_request_and_shows_a_number_once_completed(mock, group):
    location = put_object("USER_ID\nu1\n", "gone.csv")
    job = start(group, location=location)
    described = {
        "jobName": "deletion",
        "dataDeletionJobArn": job,
        "datasetGroupArn": group,
        "dataSource": {"dataLocation": location},
        "roleArn": ROLE,
        "status": "PENDING",
        "creationDateTime": mock.clock.now(),
        "lastUpdatedDateTime": mock.clock.now(),
    }
    assert describe(job) == described
    settle(mock, job)
    ended = {"status": "COMPLETED", "numDeleted": 0, "lastUpdatedDateTime": mock.clock.now()}
    assert describe(job) == {**described, **ended}


def test_jobs_are_listed_by_group_newest_first(mock):
    one, two = a_dataset_group(mock, "one"), a_dataset_group(mock, "two")
    for name, group in (("a", one), ("b", two), ("c", one)):
        start(group, name=name)
    assert listed() == ["c", "b", "a"]
    assert listed(datasetGroupArn=one) == ["c", "a"]
    assert listed(datasetGroupArn=f"{one}-none") == []
    (job,) = client().list_data_deletion_jobs(datasetGroupArn=two)["dataDeletionJobs"]
    keys = ["dataDeletionJobArn", "datasetGroupArn", "jobName", "status", "creationDateTime", "lastUpdatedDateTime"]
    assert list(job) == keys


def test_new_jobs_do_not_shift_the_pages_of_a_list(group):
    for name in "abc":
        start(group, name=name)
    first = client().list_data_deletion_jobs(maxResults=2)
    start(group, name="d")
    second = client().list_data_deletion_jobs(maxResults=2, nextToken=first["nextToken"])
    assert [job["jobName"] for page in (first, second) for job in page["dataDeletionJobs"]] == ["c", "b", "a"]
    assert "nextToken" not in second


def test_jobs_stay_after_the_deletion_of_their_group(mock, group):
    settle(mock, start(group))
    client().delete_dataset_group(datasetGroupArn=group)
    settle(mock, group)
    assert listed() == ["deletion"]


# Refusals.


def test_a_job_needs_an_active_group(mock):
    arn = f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset-group/new"
    assert refusal(start, group=arn) == ("ResourceNotFoundException", f"The given dataset group does not exist: {arn}")
    client().create_dataset_group(name="new")
    assert refusal(start, group=arn)[0] == "ResourceInUseException"


def test_a_role_of_another_account_cannot_be_passed(group):
    refused = refusal(start, group=group, roleArn="arn:aws:iam::999999999999:role/theirs")
    assert refused == ("AccessDeniedException", "Cross-account pass role is not allowed.")


def test_a_job_name_can_be_used_once(group):
    job = start(group)
    refused = refusal(start, group=group)
    assert refused == ("ResourceAlreadyExistsException", f"Another resource with Arn {job} already exists.")


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("s3://nowhere/gone.csv", NO_ACCESS),
        (f"s3://{BUCKET}/none.csv", "No objects found in s3 path "),
        (f"s3://{BUCKET}/texts/", "No objects found in s3 path "),
        ("s3:///gone.csv", "Invalid Data location."),
    ],
)
def test_a_location_without_a_list_is_refused(group, location, message):
    put_object("USER_ID\nu1\n", "texts/gone.txt")
    code, text = refusal(start, group=group, location=location)
    assert (code, text.startswith(message)) == ("InvalidInputException", True)
    assert listed() == []


def test_a_group_can_have_five_pending_jobs(mock, group):
    """Only PENDING jobs count, as documented; running jobs do not."""
    first, *_ = [start(group, name=f"job-{number}") for number in range(5)]
    refused = refusal(start, group=group, name="job-5")
    assert refused == (
        "LimitExceededException",
        "More than 5 resources with PENDING status. Wait until one of them is done.",
    )
    start(a_dataset_group(mock, "other"), name="job-6")
    mock.clock.jump_to(next(due.at for due in mock.clock.upcoming() if due.arn == first))
    assert describe(first)["status"] == "IN_PROGRESS"
    start(group, name="job-5")


def test_the_quota_can_be_changed():
    with mock_personalize(clock=0, quotas={"data_deletion_jobs_pending": 1}) as mock:
        group = a_dataset_group(mock)
        start(group, name="a")
        assert refusal(start, group=group, name="b")[0] == "LimitExceededException"


def test_imports_and_trainings_during_a_job_are_not_refused(mock, filled_group):
    solution = a_solution(mock, filled_group, "aws-popularity-count")
    source = {"dataLocation": put_object(interactions_csv())}
    client().create_dataset_import_job(jobName="beside", datasetArn=INTERACTIONS, dataSource=source, roleArn=ROLE)
    client().create_solution_version(solutionArn=solution)
    start(filled_group, "u1")


# The list.


def test_csv_files_of_a_folder_and_its_sub_folders_are_read(mock, filled_group):
    for key, user in (("a.csv", "u1"), ("deep/er/b.csv", "u2"), ("c.txt", "u3"), ("csv", "u4"), ("d.CSV", "u5")):
        put_object(f"USER_ID\n{user}\n", f"list/{key}")
    put_object("USER_ID\nu6\n", "list-of-others/e.csv")
    assert outcome(mock, filled_group, location=f"s3://{BUCKET}/list/")[0] == "COMPLETED"
    assert {"u1", "u2", "u3", "u4", "u5", "u6"} - users_of(USERS) == {"u1", "u2", "u5"}


def test_the_location_can_be_one_file(mock, filled_group):
    put_object("USER_ID\nu1\n", "list/a.csv")
    put_object("USER_ID\nu2\n", "list/b.csv")
    assert outcome(mock, filled_group, location=f"s3://{BUCKET}/list/a.csv") == ("COMPLETED", 21)
    assert {"u1", "u2"} - users_of(USERS) == {"u1"}


def test_a_list_can_be_used_again(mock, filled_group):
    assert outcome(mock, filled_group, "u1", name="first") == ("COMPLETED", 21)
    assert outcome(mock, filled_group, "u1", name="second") == ("COMPLETED", 0)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ID\nu1\n", "Input CSV is missing the following columns:[USER_ID]."),
        ("", "Input CSV is missing the following columns:[USER_ID]."),
        ("USER_ID\n" + "u" * 257, "Length cannot be more than 256 characters for USER_ID. "),
        (b"USER_ID\n\xff", "Input csv has rows that do not conform to the dataset schema. "),
    ],
    ids=["another header", "empty", "too long", "not UTF-8"],
)
def test_an_invalid_list_fails_the_job_and_deletes_nobody(mock, filled_group, text, reason):
    status, failure_reason = outcome(mock, filled_group, location=put_object(text, "gone.csv"))
    assert (status, failure_reason.startswith(reason)) == ("FAILED", True)
    assert "u1" in users_of(USERS)


def test_a_job_fails_if_its_list_was_deleted_before_its_start(mock, filled_group):
    job = start(filled_group, "u1")
    boto3.client("s3").delete_object(Bucket=BUCKET, Key="gone.csv")
    job = describe(settle(mock, job))
    assert job["status"] == "FAILED"
    assert job["failureReason"].startswith("No objects found")
    assert "numDeleted" not in job


def test_the_list_is_read_at_the_start_of_the_job(mock, filled_group):
    job = start(filled_group, "u1")
    put_object("USER_ID\nu2\n", "gone.csv")
    settle(mock, job)
    assert {"u1", "u2"} & users_of(USERS) == {"u1"}


def test_the_files_together_have_a_maximum_size(mock, filled_group, monkeypatch):
    for name in "ab":
        put_object(f"USER_ID\nu{name}", f"list/{name}.csv")
    monkeypatch.setattr(data_deletion_jobs, "MAX_INPUT", 20)
    assert outcome(mock, filled_group, name="fits", location=f"s3://{BUCKET}/list/") == ("COMPLETED", 0)
    monkeypatch.setattr(data_deletion_jobs, "MAX_INPUT", 19)
    status, reason = outcome(mock, filled_group, name="large", location=f"s3://{BUCKET}/list/")
    assert (status, "more than 19 bytes" in reason) == ("FAILED", True)


def test_an_empty_list_deletes_nobody(mock, filled_group):
    assert outcome(mock, filled_group) == ("COMPLETED", 0)
    assert len(users_of(USERS)) == 50


# Deleted rows.


def test_rows_of_all_datasets_are_deleted_and_counted(mock, filled_group):
    actions = a_dataset(mock, filled_group, "Action_Interactions")
    tracker = client().describe_dataset(datasetArn=actions)["dataset"]["trackingId"]
    done = {"actionId": "a", "userId": "u1", "sessionId": "s", "timestamp": START, "eventType": "Taken"}
    client("personalize-events").put_action_interactions(trackingId=tracker, actionInteractions=[done])
    assert outcome(mock, filled_group, "u1", "u3", "nobody") == ("COMPLETED", 2 * 20 + 2 + 1)
    for arn in (INTERACTIONS, USERS):
        assert len(users_of(arn)) == 48
        assert users_of(arn).isdisjoint({"u1", "u3"})
    assert users_of(actions) == set()
    assert len(rows(stored(ITEMS).contents.data)) == 60


def test_put_events_and_records_are_deleted(mock):
    shop = Shop(mock)
    users = a_dataset(mock, shop.group, "Users")
    put = [{"userId": user, "properties": json.dumps({"age": 3, "membership": "Free"})} for user in ("u1", "u2")]
    client("personalize-events").put_users(datasetArn=users, users=put)
    shop.put({"itemId": "i1"}, user="u1")
    shop.put({"itemId": "i2"}, user="u2")
    assert outcome(mock, shop.group, "u1") == ("COMPLETED", 2)
    assert users_of(users) == users_of(shop.interactions) == {"u2"}


def test_users_of_other_groups_stay(mock, filled_group):
    other = a_group_with_data(mock, "other")
    outcome(mock, other, "u1")
    assert "u1" in users_of(INTERACTIONS)
    assert "u1" not in users_of(INTERACTIONS.replace("shop", "other"))


def test_users_are_deleted_at_the_end_of_the_job(mock, filled_group):
    job = start(filled_group, "u1")
    mock.clock.jump(1800)
    assert describe(job)["status"] == "IN_PROGRESS"
    assert "u1" in users_of(INTERACTIONS)
    settle(mock, job)
    assert "u1" not in users_of(INTERACTIONS)


def test_events_put_during_the_job_are_deleted_too(mock):
    shop = Shop(mock)
    job = start(shop.group, "u1")
    mock.clock.jump(1800)
    shop.put({"itemId": "i1"}, user="u1")
    settle(mock, job)
    assert (shop.rows, describe(job)["numDeleted"]) == ([], 1)


def test_a_deleted_user_can_return_as_a_new_user(mock):
    shop = Shop(mock)
    shop.put({"itemId": "i1", "eventId": "e"}, {"itemId": "i2"}, user="u1")
    a_data_deletion_job(mock, shop.group, "u1")
    shop.put({"itemId": "i1", "eventId": "e"}, user="u1")
    assert [(row["USER_ID"], row["ITEM_ID"]) for row in shop.rows] == [("u1", "i1")]


def test_a_dataset_deleted_during_the_job_is_left_out(mock, filled_group):
    job = start(filled_group, "u1")
    client().delete_dataset(datasetArn=USERS)
    settle(mock, USERS)
    assert describe(settle(mock, job))["numDeleted"] == 20


def test_an_import_can_restore_a_deleted_user(mock, filled_group):
    a_data_deletion_job(mock, filled_group, "u1")
    an_import_job(mock, USERS, users_csv())
    assert "u1" in users_of(USERS)


# Trainings and deployed models.


def test_items_of_deleted_users_only_are_absent_from_the_next_training(mock, dataset):
    group = client().describe_dataset(datasetArn=dataset)["dataset"]["datasetGroupArn"]
    an_import_job(mock, dataset, interactions_csv() + "".join(f"loner,rare,Watch,{START + n}\n" for n in range(3)))
    assert "rare" in items_of_training(mock, dataset)
    a_data_deletion_job(mock, group, "loner")
    assert "rare" not in items_of_training(mock, dataset)


def test_a_deployed_model_keeps_deleted_users_until_the_next_training(mock, filled_group):
    an_import_job(mock, INTERACTIONS, interactions_csv(users=60))
    solution = a_solution(mock, filled_group, "aws-user-personalization-v2")
    campaign = a_campaign(mock, a_solution_version(mock, solution))
    before = [recommended(campaign, user) for user in ("u1", "nobody")]
    assert before[0] != before[1]
    a_data_deletion_job(mock, filled_group, "u1")
    assert [recommended(campaign, user) for user in ("u1", "nobody")] == before
    version = a_solution_version(mock, solution)
    update = client().update_campaign(campaignArn=campaign, solutionVersionArn=version)["campaignArn"]
    settle(mock, update)
    assert recommended(campaign, "u1") == recommended(campaign, "nobody")


def test_new_events_of_a_deleted_user_count(mock, filled_group):
    """The training of the campaign has no put events, so the history has only the events put afterwards."""
    settle(mock, client().create_event_tracker(name="t", datasetGroupArn=filled_group)["eventTrackerArn"])
    tracker = client().list_event_trackers()["eventTrackers"][0]["eventTrackerArn"]
    tracking_id = client().describe_event_tracker(eventTrackerArn=tracker)["eventTracker"]["trackingId"]

    def put(item, user):
        event = {"eventType": "Watch", "sentAt": START, "itemId": item}
        client("personalize-events").put_events(trackingId=tracking_id, sessionId=user, userId=user, eventList=[event])

    campaign = a_campaign(mock, a_solution_version(mock, a_solution(mock, filled_group, "aws-user-personalization-v2")))
    put("i31", "u7")
    put("i1", "guest")
    a_data_deletion_job(mock, filled_group, "guest")
    assert put_interactions(stored(INTERACTIONS).contents, "guest", after=0) == []
    put("i32", "guest")
    put("i32", "other")
    assert recommended(campaign, "guest") == recommended(campaign, "other")
    assert [each.item_id for each in put_interactions(stored(INTERACTIONS).contents, "u7", after=0)] == ["i31"]


def test_filters_ignore_interactions_of_a_deleted_user(mock, filled_group):
    campaign = a_campaign(mock, a_solution_version(mock, a_solution(mock, filled_group, "aws-popularity-count")))
    expression = 'INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("Watch")'
    made = client().create_filter(name="seen", datasetGroupArn=filled_group, filterExpression=expression)["filterArn"]
    settle(mock, made)

    def watched():
        runtime = client("personalize-runtime")
        return len(runtime.get_recommendations(campaignArn=campaign, userId="u1", filterArn=made)["itemList"])

    assert watched() == 20
    a_data_deletion_job(mock, filled_group, "u1")
    assert watched() == 0


@pytest.mark.parametrize("count", [1, 50])
def test_the_next_training_fails_if_too_few_interactions_are_left(mock, filled_group, count):
    solution = a_solution(mock, filled_group, "aws-user-personalization-v2")
    a_data_deletion_job(mock, filled_group, *(f"u{n}" for n in range(count)))
    version = a_solution_version(mock, solution)
    described = client().describe_solution_version(solutionVersionArn=version)["solutionVersion"]
    assert (described["status"], "fewer than 1000" in described["failureReason"]) == ("CREATE FAILED", True)
    assert len(users_of(INTERACTIONS)) == 50 - count


@pytest.mark.parametrize(("gone", "count"), [("u1", 2), ("nobody", 1)])
def test_automatic_training_runs_again_after_rows_were_deleted(mock, filled_group, gone, count):
    an_import_job(mock, INTERACTIONS, interactions_csv(users=60))
    solution = a_solution(mock, filled_group, "aws-popularity-count", performAutoTraining=True)
    mock.clock.jump(7200)
    a_data_deletion_job(mock, filled_group, gone)
    mock.clock.jump(WEEK)
    versions = client().list_solution_versions(solutionArn=solution)["solutionVersions"]
    assert [(each["trainingType"], each["status"]) for each in versions] == [("AUTOMATIC", "ACTIVE")] * count


def test_a_recommender_keeps_deleted_users_until_its_next_training(mock):
    group = a_domain_group_with_data(mock, text=interactions_csv(users=60))
    arn = a_recommender(mock, "aws-vod-top-picks", group=group)

    def knows(user):
        return store().all(Recommender)[arn].fitted_model.user(user) >= 0

    a_data_deletion_job(mock, group, "u1")
    mock.clock.jump(model_refresh.AUTO_UPDATE)
    assert knows("u1")
    mock.clock.jump(WEEK)
    assert not knows("u1")
    assert knows("u2")


@settings(max_examples=12, deadline=None)
@given(st.sets(st.sampled_from(["u0", "u1", "u2", "nobody"])))
def test_the_number_shown_is_the_number_of_deleted_rows(gone):
    with mock_personalize(clock=0, minimum_interactions=1) as mock:
        group = a_dataset_group(mock)
        interactions, users = a_dataset(mock, group), a_dataset(mock, group, "Users")
        an_import_job(mock, interactions, interactions_csv(users=3, items=8, each=4))
        an_import_job(mock, users, users_csv(users=3))
        job = describe(a_data_deletion_job(mock, group, *gone))
        left = len(rows(stored(interactions).contents.data)) + len(rows(stored(users).contents.data))
        assert job["numDeleted"] == 15 - left == 5 * len(gone - {"nobody"})
