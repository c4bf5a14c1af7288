"""Batch segment jobs."""

import gc
import json

import pytest
from builders import (
    BUCKET,
    START,
    a_batch_segment_job,
    a_data_deletion_job,
    a_group_with_data,
    a_solution,
    a_solution_version,
    an_event_tracker,
    an_import_job,
    batch_output,
    batch_request,
    client,
    interactions_csv,
    polled_statuses,
    refusal,
    settle,
)
from threadpoolctl import threadpool_info, threadpool_limits

from personalize_mock import mock_personalize
from personalize_mock.batch.segments import NO_ATTRIBUTE, SegmentProcessor


class Shop:
    """A mock with a shop and a solution version of each user segmentation recipe."""

    def __init__(self, mock):
        self.mock = mock
        self.group = a_group_with_data(mock, "shop", "Interactions", "Items", "Users")
        self.items = self._version("aws-item-affinity")
        self.attributes = self._version("aws-item-attribute-affinity")
        self._jobs = 0

    def _version(self, recipe):
        return a_solution_version(self.mock, a_solution(self.mock, self.group, recipe, name=recipe))

    def name(self):
        self._jobs += 1
        return f"job-{self._jobs}"

    def output(self, version, *lines, **members):
        """Run a job with these input lines and return its output lines."""
        name = self.name()
        a_batch_segment_job(self.mock, version, *lines, jobName=name, **members)
        return batch_output(name)

    def refusal(self, version, **members):
        return refusal(client().create_batch_segment_job, **batch_request(self.name(), version, **members))

    def filter(self, name, expression):
        response = self.mock.call("CreateFilter", name=name, datasetGroupArn=self.group, filterExpression=expression)
        return settle(self.mock, response["filterArn"])


@pytest.fixture(scope="module")
def shop():
    with mock_personalize(clock="2024-05-01T00:00:00Z") as mock:
        yield Shop(mock)


def describe(arn):
    return client().describe_batch_segment_job(batchSegmentJobArn=arn)["batchSegmentJob"]


def users(line):
    return json.loads(line)["output"]["usersList"]


def test_a_job_passes_pending_and_in_progress(shop):
    response = client().create_batch_segment_job(**batch_request("states", shop.items, {"itemId": "i1"}))
    assert response["batchSegmentJobArn"] == "arn:aws:personalize:us-east-1:123456789012:batch-segment-job/states"
    states = polled_statuses(client().describe_batch_segment_job, batchSegmentJobArn=response["batchSegmentJobArn"])
    assert states == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]


def test_a_description_repeats_the_request_with_defaults(shop):
    request = batch_request("echo", shop.items, {"itemId": "i1"})
    arn = client().create_batch_segment_job(**request)["batchSegmentJobArn"]
    now, job = shop.mock.clock.now(), describe(arn)
    settle(shop.mock, arn)
    assert job == {
        **request,
        "batchSegmentJobArn": arn,
        "numResults": 25,
        "status": "CREATE PENDING",
        "creationDateTime": now,
        "lastUpdatedDateTime": now,
    }


def test_jobs_are_listed_by_version(shop):
    arn = a_batch_segment_job(shop.mock, shop.attributes, {"itemAttributes": "ITEMS.PRICE = 1.5"}, jobName="listed")
    (listed,) = client().list_batch_segment_jobs(solutionVersionArn=shop.attributes)["batchSegmentJobs"]
    described = describe(arn)
    members = ("batchSegmentJobArn", "jobName", "status", "creationDateTime", "lastUpdatedDateTime")
    assert listed == {name: described[name] for name in (*members, "solutionVersionArn")}


def test_a_line_for_an_item_has_the_recorded_form(shop):
    (line,) = shop.output(shop.items, {"itemId": "i3"}, numResults=2)
    one, two = users(line)
    assert line == f'{{"input": {{"itemId": "i3"}}, "output": {{"usersList": ["{one}","{two}"]}}, "error": null}}'


def test_a_line_for_attributes_has_the_recorded_form(shop):
    (line,) = shop.output(shop.attributes, {"itemAttributes": 'ITEMS.genres = "Comedy"'}, numResults=1)
    (one,) = users(line)
    assert line == (
        '{"input": {"itemAttributes": "ITEMS.genres = \\"Comedy\\""}, '
        f'"output": {{"usersList": ["{one}"]}}, "error": null}}'
    )


def test_users_with_an_affinity_to_the_item_come_first(shop):
    (line,) = shop.output(shop.items, {"itemId": "i3"}, numResults=20)
    assert {int(user[1:]) % 2 for user in users(line)} == {0}


def test_a_job_limits_blas_to_one_thread_and_restores_the_limit(shop, monkeypatch):
    def threads():
        return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}

    counts, process = [], SegmentProcessor.process
    monkeypatch.setattr(
        SegmentProcessor, "process", lambda *arguments: (counts.append(threads()), process(*arguments))[1]
    )
    with threadpool_limits(2, "blas"):
        shop.output(shop.items, {"itemId": "i3"})
        assert (counts, threads()) == ([{1}], {2})


@pytest.mark.parametrize("frozen", [False, True])
def test_a_job_freezes_existing_objects_and_unfreezes_only_its_own(shop, monkeypatch, frozen):
    counts, process = [], SegmentProcessor.process
    monkeypatch.setattr(
        SegmentProcessor, "process", lambda *arguments: (counts.append(gc.get_freeze_count()), process(*arguments))[1]
    )
    if frozen:
        gc.freeze()
    before = gc.get_freeze_count()
    try:
        shop.output(shop.items, {"itemId": "i3"})
        assert counts[0] > 0
        assert (gc.get_freeze_count() > 0) == (before > 0)
    finally:
        gc.unfreeze()


def test_output_lines_keep_the_order_of_the_input(shop):
    lines = [{"itemId": f"i{item}"} for item in range(20)]
    assert [json.loads(line)["input"] for line in shop.output(shop.items, *lines)] == lines


def test_25_users_are_found_by_default(shop):
    (line,) = shop.output(shop.items, {"itemId": "i3"})
    assert len(users(line)) == 25


@pytest.mark.parametrize(
    ("version", "input_", "error"),
    [
        ("items", {"userId": "u1"}, "The line has no itemId. Add it."),
        (
            "items",
            {"itemId": "zz"},
            "The item zz was not in the training data. Use another itemId, or train a new solution version.",
        ),
        ("attributes", {"itemId": "i1"}, "The line has no itemAttributes. Add it."),
        (
            "attributes",
            {"itemAttributes": 'ITEMS.COLOUR = "red"'},
            NO_ATTRIBUTE.format(column="COLOUR"),
        ),
    ],
)
def test_an_invalid_line_has_an_error(shop, version, input_, error):
    (line,) = shop.output(getattr(shop, version), input_)
    assert line == f'{{"input": {json.dumps(input_)}, "output": null, "error": "{error}"}}'


def test_malformed_attributes_are_an_error_of_the_line(shop):
    (line,) = shop.output(shop.attributes, {"itemAttributes": 'ITEMS.GENRES IN ("Comedy")'})
    assert json.loads(line)["error"].startswith("The itemAttributes are invalid at column ")


def test_attributes_without_items_find_no_users(shop):
    (line,) = shop.output(shop.attributes, {"itemAttributes": 'ITEMS.GENRES = "Western"'})
    assert users(line) == []


def test_deleted_users_are_absent_from_segments_of_older_versions(shop):
    mock, group = shop.mock, a_group_with_data(shop.mock, "deleted")
    version = a_solution_version(mock, a_solution(mock, group, "aws-item-affinity", name="deleted"))
    a_batch_segment_job(mock, version, jobName="before", numResults=50)
    a_data_deletion_job(mock, group, "u0", "u7", "nobody")
    a_batch_segment_job(mock, version, jobName="after", numResults=50)
    (before,), (after,) = batch_output("before"), batch_output("after")
    assert users(after) == [user for user in users(before) if user not in ("u0", "u7")]
    assert len(users(after)) == 48


def test_users_who_return_after_their_deletion_are_in_segments_of_the_next_version(shop):
    mock, group = shop.mock, a_group_with_data(shop.mock, "returned")
    solution = a_solution(mock, group, "aws-item-affinity", name="returned")
    version = a_solution_version(mock, solution)
    a_data_deletion_job(mock, group, "u0", jobName="returned")
    tracking = mock.call("DescribeEventTracker", eventTrackerArn=an_event_tracker(mock, group))["eventTracker"]
    for start in (0, 10):
        events = [
            {"eventType": "Watch", "sentAt": START + turn, "itemId": f"i{turn}"} for turn in range(start, start + 10)
        ]
        mock.call("PutEvents", trackingId=tracking["trackingId"], userId="u0", sessionId="s", eventList=events)
    newer = a_solution_version(mock, solution)
    for name, arn in (("old", version), ("new", newer)):
        a_batch_segment_job(mock, arn, jobName=name, numResults=50)
    assert ["u0" in users(*batch_output(name)) for name in ("old", "new")] == [False, True]


def test_segments_ignore_incremental_imports(shop):
    mock, group = shop.mock, a_group_with_data(shop.mock, "grown")
    solution = a_solution(mock, group, "aws-item-affinity", name="grown")
    text = interactions_csv(users=60)
    (dataset,) = mock.call("ListDatasets", datasetGroupArn=group)["datasets"]
    counts = []
    for mode in ("INCREMENTAL", "FULL"):
        an_import_job(mock, dataset["datasetArn"], text, importMode=mode)
        a_batch_segment_job(mock, a_solution_version(mock, solution), jobName=mode, numResults=60)
        counts.append(len(users(*batch_output(mode))))
    assert counts == [50, 60]


def test_a_filter_selects_users_by_metadata(shop):
    arn = shop.filter("grown", "INCLUDE UserID WHERE Users.AGE >= 60")
    (line,) = shop.output(shop.items, {"itemId": "i3"}, filterArn=arn, numResults=50)
    assert {int(user[1:]) for user in users(line)} == set(range(42, 50))


def test_lines_have_their_own_filter_values(shop):
    arn = shop.filter("aged", "INCLUDE UserID WHERE Users.AGE >= $AGE")
    lines = [{"itemId": "i3", "filterValues": {"AGE": str(age)}} for age in (60, 66)]
    counts = [len(users(line)) for line in shop.output(shop.items, *lines, filterArn=arn, numResults=50)]
    assert counts == [8, 2]


def test_a_filter_selects_users_by_events(shop):
    tracker = an_event_tracker(shop.mock, shop.group)
    tracking = shop.mock.call("DescribeEventTracker", eventTrackerArn=tracker)["eventTracker"]["trackingId"]
    event = {"eventType": "Buy", "sentAt": START, "itemId": "i1"}
    shop.mock.call("PutEvents", trackingId=tracking, userId="u7", sessionId="s", eventList=[event])
    buyers = shop.filter("buyers", 'INCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("buy")')
    others = shop.filter("others", 'EXCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("Buy")')
    (line,) = shop.output(shop.items, {"itemId": "i3"}, filterArn=buyers, numResults=50)
    assert users(line) == ["u7"]
    (line,) = shop.output(shop.items, {"itemId": "i3"}, filterArn=others, numResults=50)
    assert len(users(line)) == 49


def test_a_filter_on_interactions_is_refused_for_segments_by_attribute(shop):
    """Developer guide, "Filtering recommendations and user segments" (2025)."""
    arn = shop.filter("watchers", 'INCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("Watch")')
    code, message = shop.refusal(shop.attributes, filterArn=arn)
    assert code == "InvalidInputException"
    assert message.startswith(
        f"The filter {arn} uses fields of Interactions, but the recipe aws-item-attribute-affinity"
    )


def test_a_filter_for_items_is_refused(shop):
    arn = shop.filter("items", "INCLUDE ItemID WHERE Items.PRICE > 3")
    text = f"The filter {arn} is for ItemID; this job takes filters for UserID."
    assert shop.refusal(shop.items, filterArn=arn) == ("InvalidInputException", text)


def test_a_filter_cannot_be_deleted_while_a_job_uses_it(shop):
    arn = shop.filter("busy", "INCLUDE UserID WHERE Users.AGE > 3")
    request = batch_request("busy", shop.items, {"itemId": "i1"}, filterArn=arn)
    job = client().create_batch_segment_job(**request)["batchSegmentJobArn"]
    assert refusal(client().delete_filter, filterArn=arn)[0] == "ResourceInUseException"
    settle(shop.mock, job)


def test_other_recipes_do_not_support_segments(shop):
    version = a_solution_version(shop.mock, a_solution(shop.mock, shop.group, "aws-sims", name="sims"))
    text = (
        "Recipe aws-sims does not support batch segment jobs. Use a solution version of aws-item-affinity or "
        "aws-item-attribute-affinity."
    )
    assert shop.refusal(version) == ("InvalidInputException", text)


@pytest.mark.parametrize("count", [0, 5_000_001])
def test_num_results_is_at_most_five_million(shop, count):
    assert shop.refusal(shop.items, numResults=count)[1] == f"numResults must be from 1 to 5000000, not {count}."


@pytest.mark.parametrize(
    ("version", "line", "limit"),
    [("items", {"itemId": "i1"}, 500), ("attributes", {"itemAttributes": 'ITEMS.GENRES = "Comedy"'}, 10)],
)
def test_the_number_of_lines_per_file_is_limited(shop, version, line, limit):
    name = shop.name()
    lines = [line] * (limit + 1)
    arn = a_batch_segment_job(shop.mock, getattr(shop, version), *lines, jobName=name)
    job = describe(arn)
    assert job["status"] == "CREATE FAILED"
    assert (
        job["failureReason"]
        == f"The input file {name}/in.json has more than {limit} lines. Split it into several files."
    )
    contents = client("s3").list_objects_v2(Bucket=BUCKET, Prefix=f"{name}/out/")["Contents"]
    assert [entry["Key"] for entry in contents] == [f"{name}/out/_CHECK"]


def test_at_most_five_jobs_run_at_a_time(shop):
    requests = [batch_request(f"j{turn}", shop.items, {"itemId": "i1"}) for turn in range(6)]
    arns = [client().create_batch_segment_job(**request)["batchSegmentJobArn"] for request in requests[:5]]
    error = refusal(client().create_batch_segment_job, **requests[5])
    for arn in arns:
        settle(shop.mock, arn)
    assert error == ("LimitExceededException", "More than 5 resources with PENDING or IN_PROGRESS status.")
