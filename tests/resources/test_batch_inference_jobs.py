"""Batch inference jobs."""

import json
from hashlib import md5
from urllib.parse import unquote

import pytest
from builders import (
    BUCKET,
    ROLE,
    START,
    a_batch_inference_job,
    a_campaign,
    a_dataset,
    a_group_with_data,
    a_schema,
    a_solution,
    a_solution_version,
    an_event_tracker,
    an_import_job,
    avro_schema,
    batch_output,
    batch_request,
    client,
    csv_text,
    json_lines,
    needs_shape,
    polled_statuses,
    put_object,
    refusal,
    settle,
)

from personalize_mock import mock_personalize
from personalize_mock.batch import job_runners
from personalize_mock.resources import batch_jobs

ITEMS = {
    "ITEM_ID": "string",
    "GENRES": {"type": "string", "categorical": True},
    "TITLE": "string",
    "STORY": {"type": ["null", "string"], "textual": True},
}
THEMES = {"batchInferenceJobMode": "THEME_GENERATION"}
TITLED = {**THEMES, "themeGenerationConfig": {"fieldsForThemeGeneration": {"itemName": "TITLE"}}}


def items_text():
    rows = (
        (f"i{number}", ("Comedy", "Drama")[number // 30], f"Film {number}", f"A {('heist', 'courtroom')[number // 30]}")
        for number in range(60)
    )
    return csv_text(list(ITEMS), rows)


class Shop:
    """A mock with a shop. Versions are trained when a test first uses them."""

    def __init__(self, mock):
        self.mock = mock
        self.group = a_group_with_data(mock, "shop", "Interactions", "Users")
        items = a_dataset(
            mock,
            self.group,
            "Items",
            schemaArn=a_schema(mock, "Items", name="items", schema=avro_schema("Items", ITEMS)),
        )
        an_import_job(mock, items, items_text())
        self._versions = {}
        self._jobs = 0

    def version(self, recipe="aws-user-personalization"):
        if recipe not in self._versions:
            self._versions[recipe] = a_solution_version(
                self.mock, a_solution(self.mock, self.group, recipe, name=recipe)
            )
        return self._versions[recipe]

    def name(self):
        self._jobs += 1
        return f"job-{self._jobs}"

    def output(self, *lines, recipe="aws-user-personalization", **members):
        """Run a job with these input lines and return its output lines."""
        name = self.name()
        a_batch_inference_job(self.mock, self.version(recipe), *lines, jobName=name, **members)
        return batch_output(name)

    def refusal(self, recipe="aws-user-personalization", **members):
        request = batch_request(self.name(), self.version(recipe), **members)
        return refusal(client().create_batch_inference_job, **request)

    def filter(self, name, expression):
        response = self.mock.call("CreateFilter", name=name, datasetGroupArn=self.group, filterExpression=expression)
        return settle(self.mock, response["filterArn"])


@pytest.fixture(scope="module")
def shop():
    quotas = {"solutions_per_group": 99}
    with mock_personalize(clock="2024-05-01T00:00:00Z", quotas=quotas) as mock:
        yield Shop(mock)


def describe(arn):
    return client().describe_batch_inference_job(batchInferenceJobArn=arn)["batchInferenceJob"]


def keys(prefix):
    contents = client("s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    return [entry["Key"] for entry in contents]


def runtime_recommendations(shop, user, **members):
    campaign = a_campaign(shop.mock, shop.version(), name=shop.name())
    response = client("personalize-runtime").get_recommendations(campaignArn=campaign, userId=user, **members)
    items = response["itemList"]
    return [item["itemId"] for item in items], [item["score"] for item in items]


def test_a_job_passes_pending_and_in_progress(shop):
    arn = client().create_batch_inference_job(**batch_request("states", shop.version()))["batchInferenceJobArn"]
    assert arn == "arn:aws:personalize:us-east-1:123456789012:batch-inference-job/states"
    states = polled_statuses(client().describe_batch_inference_job, batchInferenceJobArn=arn)
    assert states == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]


def test_a_description_repeats_the_request_with_defaults(shop):
    key = "arn:aws:kms:us-east-1:123456789012:key/k"
    request = batch_request("echo", shop.version())
    request["jobInput"]["s3DataSource"]["kmsKeyArn"] = request["jobOutput"]["s3DataDestination"]["kmsKeyArn"] = key
    config = {"itemExplorationConfig": {"explorationWeight": "0.1"}}
    response = client().create_batch_inference_job(**request, batchInferenceJobConfig=config)
    now, job = shop.mock.clock.now(), describe(response["batchInferenceJobArn"])
    settle(shop.mock, response["batchInferenceJobArn"])
    assert job == {
        **request,
        "batchInferenceJobArn": response["batchInferenceJobArn"],
        "numResults": 25,
        "batchInferenceJobConfig": config,
        "batchInferenceJobMode": "BATCH_INFERENCE",
        "status": "CREATE PENDING",
        "creationDateTime": now,
        "lastUpdatedDateTime": now,
    }


def test_jobs_are_listed_by_version(shop):
    version = shop.version("aws-sims")
    a_batch_inference_job(shop.mock, version, {"itemId": "i1"}, jobName="listed")
    (listed,) = client().list_batch_inference_jobs(solutionVersionArn=version)["batchInferenceJobs"]
    described = describe(listed["batchInferenceJobArn"])
    assert listed == {name: described[name] for name in listed}
    assert set(listed) == {
        "batchInferenceJobArn",
        "jobName",
        "status",
        "creationDateTime",
        "lastUpdatedDateTime",
        "solutionVersionArn",
        "batchInferenceJobMode",
    }


def test_a_line_for_a_user_has_the_recorded_form(shop):
    ids, scores = runtime_recommendations(shop, "u1", numResults=2)
    (line,) = shop.output({"userId": "u1"}, numResults=2)
    scores_json = ",".join(map(repr, scores))
    assert line == (
        f'{{"input":{{"userId":"u1"}},"output":{{"recommendedItems":["{ids[0]}","{ids[1]}"],"scores":[{scores_json}]}},'
        '"error":null}'
    )


def test_a_ranking_line_is_compact_with_unknown_items_last_and_without_a_score(shop):
    (line,) = shop.output({"userId": "u1", "itemList": ["zz", "i1"]}, recipe="aws-personalized-ranking")
    assert line == (
        '{"input":{"userId":"u1","itemList":["zz","i1"]},"output":{"recommendedItems":["i1","zz"],'
        '"scores":[1.0,null]},"error":null}'
    )


@pytest.mark.parametrize(
    ("recipe", "input_"), [("aws-sims", {"itemId": "i3"}), ("aws-popularity-count", {"userId": "u1"})]
)
def test_lines_of_recipes_without_scores_have_blanks(shop, recipe, input_):
    (line,) = shop.output(input_, recipe=recipe, numResults=2)
    one, two = json.loads(line)["output"]["recommendedItems"]
    assert line == (
        f'{{"input": {json.dumps(input_)}, "output": {{"recommendedItems": ["{one}", "{two}"]}}, "error": null}}'
    )


def test_popular_items_do_not_depend_on_the_item_of_a_line(shop):
    (usual,) = shop.output({"userId": "u1"}, recipe="aws-popularity-count")
    output = json.loads(usual)["output"]
    (named,) = shop.output({"userId": "u1", "itemId": output["recommendedItems"][0]}, recipe="aws-popularity-count")
    assert json.loads(named)["output"] == output


def test_user_personalization_v2_gives_a_list_of_reasons_for_each_item(shop):
    (line,) = shop.output({"userId": "u1"}, recipe="aws-user-personalization-v2", numResults=60)
    output = json.loads(line)["output"]
    assert list(output) == ["recommendedItems", "scores", "reason"]
    assert len(output["reason"]) == len(output["scores"]) == len(output["recommendedItems"])


def test_25_items_are_recommended_by_default(shop):
    (line,) = shop.output({"userId": "u1"})
    assert len(json.loads(line)["output"]["recommendedItems"]) == 25


def test_unknown_users_get_recommendations(shop):
    (line,) = shop.output({"userId": "nobody"})
    assert json.loads(line)["error"] is None
    assert len(json.loads(line)["output"]["recommendedItems"]) == 25


def test_a_job_gives_the_recommendations_of_the_runtime(shop):
    config = {"itemExplorationConfig": {"explorationWeight": "0"}}
    lines = shop.output(*({"userId": f"u{user}"} for user in range(20)), batchInferenceJobConfig=config)
    campaign = a_campaign(shop.mock, shop.version(), name="plain", campaignConfig=config)
    for line in map(json.loads, lines):
        items = client("personalize-runtime").get_recommendations(campaignArn=campaign, **line["input"])["itemList"]
        assert line["output"]["recommendedItems"] == [item["itemId"] for item in items]
        assert line["output"]["scores"] == pytest.approx([item["score"] for item in items], abs=2e-7)


def test_a_job_gives_the_rankings_of_the_runtime(shop):
    version = shop.version("aws-personalized-ranking")
    known = [
        {"userId": f"u{user}", "itemList": [f"i{user + turn}" for turn in range(user % 7 + 1)]} for user in range(40)
    ]
    lines = [*known, {"userId": "nobody", "itemList": ["i3", "i2"]}, {"userId": "u1", "itemList": ["unknown"]}]
    campaign = a_campaign(shop.mock, version, name="ranking")
    for line in map(json.loads, shop.output(*lines, recipe="aws-personalized-ranking")):
        members = {"userId": line["input"]["userId"], "inputList": line["input"]["itemList"]}
        response = client("personalize-runtime").get_personalized_ranking(campaignArn=campaign, **members)
        scores = {item["itemId"]: item.get("score") for item in response["personalizedRanking"]}
        output = dict(zip(line["output"]["recommendedItems"], line["output"]["scores"], strict=True))
        assert output == pytest.approx(scores, abs=5e-7)


def test_output_lines_have_a_different_but_repeatable_order(shop):
    lines = [{"userId": f"u{user}"} for user in range(20)]
    first, second = ([json.loads(line)["input"] for line in shop.output(*lines)] for _ in range(2))
    assert first == second != lines
    assert sorted(map(str, first)) == sorted(map(str, lines))


ERRORS = {
    "{bad": "The line is not valid JSON at character 2. Write one JSON object on each line.",
    '{"userId": "u1", "x": NaN}': "The line is not valid JSON. Write one JSON object on each line.",
    '{"userId": "\\ud83d"}': (
        "The line contains only one half of a surrogate pair. "
        "Write both halves of the character, such as \\ud83d\\ude00."
    ),
    "[1]": "The line is not a JSON object. Write one object in braces on each line.",
    "{}": "The line has no userId. Add it.",
    '{"userId": 3}': "userId must be a string.",
    '{"userId": "u1", "filterValues": {"A": 1}}': "filterValues must be an object whose values are strings.",
    '{"userId": "u1", "context": []}': "context must be an object whose values are strings.",
}


def test_invalid_lines_have_an_error_and_the_job_becomes_active(shop):
    path = put_object("\n".join([*ERRORS, "", '{"userId": "u1"}']), "errors/raw/in.json")
    arn = a_batch_inference_job(shop.mock, shop.version(), jobName="errors", jobInput={"s3DataSource": {"path": path}})
    outputs = list(map(json.loads, batch_output("errors")))
    assert describe(arn)["status"] == "ACTIVE"
    assert sorted(line["error"] for line in outputs if line["error"]) == sorted(ERRORS.values())
    assert [line["output"] is None for line in outputs] == [line["error"] is not None for line in outputs]
    assert '{"input":{"userId":3},"output":null,"error":"userId must be a string."}' in batch_output("errors")


@pytest.mark.parametrize("recipe", ["aws-user-personalization", "aws-personalized-ranking"])
def test_context_outside_the_schema_is_an_error_of_the_line(shop, recipe):
    valid = {"userId": "u1", "itemList": ["i1"]}
    lines = shop.output({**valid, "context": {"DEVICE": "phone"}}, valid, recipe=recipe)
    errors = sorted(json.loads(line)["error"] or "" for line in lines)
    assert errors[0] == ""
    assert errors[1].startswith("The context has the field DEVICE, but the contextual metadata fields")


@pytest.mark.parametrize("items", [[], ["i1"] * 501, "i1", [1]])
def test_a_ranking_needs_a_list_of_at_most_500_items(shop, items):
    (line,) = shop.output({"userId": "u1", "itemList": items}, recipe="aws-personalized-ranking")
    assert json.loads(line)["error"].startswith("itemList ")


def test_lines_have_their_own_filter_values(shop):
    arn = shop.filter("genres", "INCLUDE ItemID WHERE Items.GENRES IN ($GENRES)")
    inputs = [{"userId": "u1", "filterValues": {"GENRES": f'"{genre}"'}} for genre in ("Comedy", "Drama")]
    lines = map(json.loads, shop.output(*inputs, filterArn=arn, numResults=60))
    by_genre = {line["input"]["filterValues"]["GENRES"]: line for line in lines}
    for genre, items in (('"Comedy"', range(30)), ('"Drama"', range(30, 60))):
        assert set(by_genre[genre]["output"]["recommendedItems"]) == {f"i{item}" for item in items}


def test_missing_filter_values_are_an_error_of_the_line(shop):
    arn = shop.filter("needing", "INCLUDE ItemID WHERE Items.GENRES IN ($GENRES)")
    (line,) = shop.output({"userId": "u1"}, filterArn=arn)
    assert json.loads(line)["output"] is None
    assert "GENRES" in json.loads(line)["error"]


def test_a_filter_on_events_is_applied_per_user(shop):
    arn = shop.filter("unseen", 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")')
    for line in map(json.loads, shop.output({"userId": "u1"}, {"userId": "u2"}, filterArn=arn, numResults=60)):
        assert len(line["output"]["recommendedItems"]) == 40


def test_a_filter_on_the_user_needs_a_user_id_in_the_line(shop):
    arn = shop.filter("own", 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")')
    without_user, with_user = sorted(
        shop.output({"itemId": "i3"}, {"itemId": "i3", "userId": "u1"}, recipe="aws-sims", filterArn=arn), key=len
    )
    assert (
        json.loads(without_user)["error"]
        == f"The filter {arn} depends on the user, but the input line has no userId. Add one."
    )
    assert json.loads(with_user)["error"] is None


def test_recommendations_use_put_events(shop):
    mock, group = shop.mock, a_group_with_data(shop.mock, "live")
    version = a_solution_version(mock, a_solution(mock, group, "aws-user-personalization", name="live"))
    tracker = mock.call("DescribeEventTracker", eventTrackerArn=an_event_tracker(mock, group))["eventTracker"]
    a_batch_inference_job(mock, version, {"userId": "u1"}, jobName="before")
    events = [{"eventType": "Watch", "sentAt": START + 10**7 + turn, "itemId": f"i{turn}"} for turn in range(10)]
    mock.call("PutEvents", trackingId=tracker["trackingId"], userId="u1", sessionId="s", eventList=events)
    a_batch_inference_job(mock, version, {"userId": "u1"}, jobName="after")
    assert batch_output("before") != batch_output("after")


def test_a_job_updates_the_newest_full_version(shop):
    mock, group = shop.mock, a_group_with_data(shop.mock, "fresh")
    version = a_solution_version(mock, a_solution(mock, group, name="fresh"))
    tracker = mock.call("DescribeEventTracker", eventTrackerArn=an_event_tracker(mock, group))["eventTracker"]
    events = [{"eventType": "Watch", "sentAt": START + 10**7 + turn, "itemId": "brand-new"} for turn in range(9)]
    mock.call("PutEvents", trackingId=tracker["trackingId"], userId="u9", sessionId="s", eventList=events)
    config = {"itemExplorationConfig": {"explorationWeight": "1"}}
    lines = [{"userId": f"u{user}"} for user in range(50)]
    a_batch_inference_job(mock, version, *lines, jobName="fresh", numResults=60, batchInferenceJobConfig=config)
    assert any("brand-new" in line for line in batch_output("fresh"))


def test_output_files_are_named_after_input_files_next_to_a_test_object(shop):
    path = shop.name()
    for name in ("a.json", "sub/b.jsonl"):
        put_object(json_lines({"userId": "u1"}), f"{path}/in/{name}")
    members = {
        "jobInput": {"s3DataSource": {"path": f"s3://{BUCKET}/{path}/in/"}},
        "jobOutput": {"s3DataDestination": {"path": f"s3://{BUCKET}/{path}/out"}},
    }
    a_batch_inference_job(shop.mock, shop.version(), jobName=path, **members)
    assert keys(f"{path}/out") == [f"{path}/out/_CHECK", f"{path}/out/a.json.out", f"{path}/out/b.jsonl.out"]
    assert client("s3").get_object(Bucket=BUCKET, Key=f"{path}/out/_CHECK")["Body"].read() == b""


def test_the_input_path_is_a_prefix(shop):
    path = shop.name()
    for folder in ("users", "users_test"):
        put_object(json_lines({"userId": "u1"}), f"{path}/{folder}/in.json")
    members = {
        "jobInput": {"s3DataSource": {"path": f"s3://{BUCKET}/{path}/users"}},
        "jobOutput": {"s3DataDestination": {"path": f"s3://{BUCKET}/{path}/out/"}},
    }
    a_batch_inference_job(shop.mock, shop.version(), jobName=path, **members)
    outputs = [f"{path}/out/_CHECK", f"{path}/out/users/in.json.out", f"{path}/out/users_test/in.json.out"]
    assert keys(f"{path}/out/") == outputs


@pytest.mark.parametrize("folder", ["in/", "in", ""])
def test_input_files_that_differ_only_in_a_slash_have_separate_outputs(shop, folder):
    path = f"slash-{len(folder)}"
    names = ["in/a.json", "in//a.json", "/in/a.json"]
    for turn, name in enumerate(names):
        put_object(json_lines({"userId": f"u{turn}"}), name, bucket=path)
    members = {
        "jobInput": {"s3DataSource": {"path": f"s3://{path}/{folder}"}},
        "jobOutput": {"s3DataDestination": {"path": f"s3://{BUCKET}/{path}/out/"}},
    }
    a_batch_inference_job(shop.mock, shop.version(), jobName=path, **members)
    assert len(keys(f"{path}/out/")) == 1 + (2 if folder else 3)


def test_outputs_of_earlier_jobs_are_not_read_as_input(shop):
    path = shop.name()
    put_object(json_lines({"userId": "u1"}), f"{path}/in.json")
    members = {
        "jobInput": {"s3DataSource": {"path": f"s3://{BUCKET}/{path}/in.json"}},
        "jobOutput": {"s3DataDestination": {"path": f"s3://{BUCKET}/{path}/"}},
    }
    for turn in range(2):
        a_batch_inference_job(shop.mock, shop.version(), jobName=f"{path}-{turn}", **members)
    assert keys(f"{path}/") == [f"{path}/_CHECK", f"{path}/in.json", f"{path}/in.json.out"]


def test_a_job_reads_its_input_when_it_starts_and_publishes_when_it_ends(shop):
    request = batch_request("late", shop.version())
    arn = client().create_batch_inference_job(**request)["batchInferenceJobArn"]
    put_object(json_lines({"userId": "u7"}), "late/in.json")
    due = min(event.at for event in shop.mock.clock.upcoming() if event.arn == arn)
    shop.mock.clock.jump_to(due)
    assert keys("late/out/") == ["late/out/_CHECK"]
    settle(shop.mock, arn)
    assert json.loads(batch_output("late")[0])["input"] == {"userId": "u7"}


def test_outputs_have_the_key_and_the_times_of_the_job(shop):
    request, key = batch_request("dated", shop.version()), "arn:aws:kms:us-east-1:123456789012:key/k"
    request["jobOutput"]["s3DataDestination"]["kmsKeyArn"] = key
    arn = settle(shop.mock, client().create_batch_inference_job(**request)["batchInferenceJobArn"])
    ended = describe(arn)["lastUpdatedDateTime"].replace(microsecond=0)
    for name, at in (("_CHECK", describe(arn)["creationDateTime"].replace(microsecond=0)), ("in.json.out", ended)):
        head = client("s3").head_object(Bucket=BUCKET, Key=f"dated/out/{name}")
        assert (head["LastModified"], head["ServerSideEncryption"], head["SSEKMSKeyId"]) == (at, "aws:kms", key)


def test_bucket_notifications_announce_complete_objects(shop):
    sqs, s3, path = client("sqs"), client("s3"), put_object("", "marker", bucket="notified").removesuffix("marker")
    url = sqs.create_queue(QueueName="notified")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    queue = {"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}
    configuration = {"QueueConfigurations": [queue]}
    s3.put_bucket_notification_configuration(Bucket="notified", NotificationConfiguration=configuration)
    a_batch_inference_job(
        shop.mock, shop.version(), jobName="notified", jobOutput={"s3DataDestination": {"path": f"{path}out/"}}
    )
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    records = [record for message in messages for record in json.loads(message["Body"]).get("Records", ())]
    objects = {unquote(record["s3"]["object"]["key"]): record["s3"]["object"] for record in records}
    assert list(objects) == ["out/_CHECK", "out/in.json.out"]
    response = s3.get_object(Bucket="notified", Key="out/in.json.out")
    content = response["Body"].read()
    output = objects["out/in.json.out"]
    assert output["size"] == len(content) > 0
    assert response["ETag"].strip('"') == output["eTag"] == md5(content, usedforsecurity=False).hexdigest()


@pytest.mark.parametrize("lost", ["input", "bucket"])
def test_a_job_whose_input_or_bucket_is_gone_fails(shop, lost):
    folder = put_object("", "marker", bucket=f"lost-{lost}").removesuffix("marker")
    output = {"s3DataDestination": {"path": f"{folder}out/"}}
    request = batch_request(f"lost-{lost}", shop.version(), jobOutput=output)
    arn = client().create_batch_inference_job(**request)["batchInferenceJobArn"]
    s3 = client("s3")
    if lost == "input":
        s3.delete_object(Bucket=BUCKET, Key=f"lost-{lost}/in.json")
    else:
        for key in ("marker", "out/_CHECK"):
            s3.delete_object(Bucket="lost-bucket", Key=key)
        s3.delete_bucket(Bucket="lost-bucket")
    job = describe(settle(shop.mock, arn))
    assert job["status"] == "CREATE FAILED"
    assert job["failureReason"] == f"Invalid S3 {'input' if lost == 'input' else 'output'} path"


def test_a_job_whose_version_is_deleted_before_it_starts_fails(shop):
    solution = a_solution(shop.mock, shop.group, "aws-sims", name="short-lived")
    version = a_solution_version(shop.mock, solution)
    request = batch_request("short-lived", version, {"itemId": "i1"})
    arn = client().create_batch_inference_job(**request)["batchInferenceJobArn"]
    shop.mock.call("DeleteSolution", solutionArn=solution)
    job = describe(settle(shop.mock, arn))
    assert job["failureReason"] == (
        f"Solution version {version} no longer exists. Create a job with another solution version."
    )


@pytest.mark.parametrize(
    ("member", "path", "text"),
    [
        ("jobInput", "s3://no-such-bucket/in.json", "Invalid S3 input path"),
        ("jobInput", f"s3://{BUCKET}/nothing/here", "Invalid S3 input path"),
        ("jobInput", "https://example.com/in.json", "Invalid S3 input path"),
        ("jobOutput", "s3://no-such-bucket/out/", "Invalid S3 output path"),
        ("jobOutput", "https://example.com/out/", "Invalid S3 output path"),
    ],
)
def test_paths_that_do_not_exist_are_refused(shop, member, path, text):
    inner = {"jobInput": "s3DataSource", "jobOutput": "s3DataDestination"}[member]
    assert shop.refusal(**{member: {inner: {"path": path}}}) == ("InvalidInputException", text)


def test_output_and_input_must_differ(shop):
    put_object(json_lines({"userId": "u1"}), "same/in.json")
    members = {
        "jobInput": {"s3DataSource": {"path": f"s3://{BUCKET}/same/"}},
        "jobOutput": {"s3DataDestination": {"path": f"s3://{BUCKET}/same"}},
    }
    assert shop.refusal(**members) == ("InvalidInputException", "Invalid S3 output path")


@pytest.mark.parametrize("count", [0, 501])
def test_num_results_is_at_most_500(shop, count):
    text = f"numResults must be from 1 to 500, not {count}."
    assert shop.refusal(numResults=count) == ("InvalidInputException", text)


@pytest.mark.parametrize("recipe", ["aws-item-affinity", "aws-trending-now"])
def test_some_recipes_do_not_support_batch_inference(shop, recipe):
    code, text = shop.refusal(recipe)
    assert code == "InvalidInputException"
    assert text.startswith(f"Recipe {recipe} does not support batch inference jobs. Use a solution version of")


@pytest.mark.parametrize(
    "config", [{"itemExplorationConfig": {"explorationWeight": "0.1"}}, {"rankingInfluence": {"POPULARITY": 1.0}}]
)
def test_the_config_must_fit_the_recipe(shop, config):
    (member,) = config
    if member == "rankingInfluence":
        needs_shape("RankingInfluence")
    assert shop.refusal("aws-sims", batchInferenceJobConfig=config) == (
        "InvalidInputException",
        f"Recipe aws-sims does not support {member}. Remove {member}.",
    )


def test_a_filter_must_be_active_and_fit(shop):
    version, other = shop.version(), a_group_with_data(shop.mock, "other")
    users = shop.filter("users", "INCLUDE UserID WHERE Users.AGE > 30")
    current = shop.filter("current", "INCLUDE ItemID WHERE Items.GENRES IN CurrentItem.GENRES")
    foreign = shop.mock.call(
        "CreateFilter",
        name="foreign",
        datasetGroupArn=other,
        filterExpression='EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")',
    )["filterArn"]
    pending = refusal(client().create_batch_inference_job, **batch_request("f", version, filterArn=foreign))
    assert pending == ("ResourceInUseException", f"Resource {foreign} is not in ACTIVE state.")
    settle(shop.mock, foreign)
    assert shop.refusal(filterArn=foreign)[1].startswith(f"The filter {foreign} belongs to another dataset group.")
    assert shop.refusal(filterArn=users)[1] == f"The filter {users} is for UserID; this job takes filters for ItemID."
    assert shop.refusal(filterArn=current)[1].startswith(f"The filter {current} uses CurrentItem, but")
    assert shop.refusal(filterArn=f"{current}-missing")[0] == "ResourceNotFoundException"


def test_a_filter_cannot_be_deleted_while_a_job_uses_it(shop):
    arn = shop.filter("busy", 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")')
    job = client().create_batch_inference_job(**batch_request("busy", shop.version(), filterArn=arn))
    code, text = refusal(client().delete_filter, filterArn=arn)
    assert code == "ResourceInUseException"
    assert text.startswith(f"Resource {arn} is in use by {job['batchInferenceJobArn']}.")
    settle(shop.mock, job["batchInferenceJobArn"])
    client().delete_filter(filterArn=arn)


def test_similar_items_can_have_themes(shop):
    (line,) = shop.output({"itemId": "i3"}, recipe="aws-similar-items", numResults=5, **TITLED)
    output = json.loads(line)["output"]
    assert list(output) == ["recommendedItems", "theme", "itemsThemeRelevanceScores"]
    assert len(output["recommendedItems"]) == len(output["itemsThemeRelevanceScores"]) == 5
    assert output["itemsThemeRelevanceScores"] == sorted(output["itemsThemeRelevanceScores"], reverse=True)
    assert output["theme"] == "Comedy and heist"
    assert line.startswith('{"input":{"itemId":"i3"},"output":{"recommendedItems":["')


@pytest.mark.parametrize(
    ("recipe", "members", "text"),
    [
        (
            "aws-sims",
            TITLED,
            (
                "Recipe aws-sims does not support the batch inference job mode THEME_GENERATION. "
                "Use a solution version of aws-similar-items."
            ),
        ),
        (
            "aws-similar-items",
            THEMES,
            "The batch inference job mode THEME_GENERATION needs a themeGenerationConfig. Provide one.",
        ),
        (
            "aws-similar-items",
            {**THEMES, "themeGenerationConfig": {"fieldsForThemeGeneration": {"itemName": "NAME"}}},
            (
                "itemName is NAME, but the Items dataset has no string column of this name. Set it to the column of "
                "item names."
            ),
        ),
    ],
)
def test_themes_require_a_recipe_and_a_column_of_item_names(shop, recipe, members, text):
    assert shop.refusal(recipe, **members) == ("InvalidInputException", text)


def test_theme_generation_takes_at_most_100_lines(shop):
    name = shop.name()
    lines = [{"itemId": "i3"}] * 101
    arn = a_batch_inference_job(shop.mock, shop.version("aws-similar-items"), *lines, jobName=name, **TITLED)
    assert (
        describe(arn)["failureReason"]
        == f"The input file {name}/in.json has more than 100 lines. Split it into several files."
    )
    assert keys(f"{name}/out/") == [f"{name}/out/_CHECK"]


def test_an_input_has_at_most_1000_files(shop, monkeypatch):
    monkeypatch.setattr(batch_jobs, "MAX_FILES", 2)
    name = shop.name()
    for turn in range(2):
        put_object(json_lines({"userId": "u1"}), f"{name}/in/{turn}.json")
    path = {"s3DataSource": {"path": f"s3://{BUCKET}/{name}/in/"}}
    a_batch_inference_job(shop.mock, shop.version(), jobName=name, jobInput=path)
    put_object(json_lines({"userId": "u1"}), f"{name}/in/2.json")
    text = "The input has 3 files; a job can have at most 2. Use several jobs."
    assert shop.refusal(jobInput=path) == ("InvalidInputException", text)


def test_the_total_size_of_the_input_is_limited(shop, monkeypatch):
    lines, name = json_lines({"userId": "u1"}), shop.name()
    monkeypatch.setattr(job_runners, "MAX_BYTES", 2 * len(lines))
    for turn, status in enumerate(("ACTIVE", "ACTIVE", "CREATE FAILED")):
        put_object(lines, f"{name}/in/{turn}.json")
        path = {"s3DataSource": {"path": f"s3://{BUCKET}/{name}/in/"}}
        arn = a_batch_inference_job(shop.mock, shop.version(), jobName=f"{name}-{turn}", jobInput=path)
        assert describe(arn)["status"] == status
    text = f"The input files have more than {2 * len(lines)} bytes in total. Split them across several jobs."
    assert describe(arn)["failureReason"] == text
    assert keys(f"{name}-2/out/") == [f"{name}-2/out/_CHECK"]


def test_at_most_five_jobs_run_at_a_time(shop):
    requests = [batch_request(f"j{turn}", shop.version()) for turn in range(6)]
    arns = [client().create_batch_inference_job(**request)["batchInferenceJobArn"] for request in requests[:5]]
    error = refusal(client().create_batch_inference_job, **requests[5])
    for arn in arns:
        settle(shop.mock, arn)
    assert error == (
        "LimitExceededException",
        "More than 5 resources with PENDING or IN_PROGRESS status.",
    )


def test_job_names_are_unique(shop):
    request = batch_request("twice", shop.version())
    arn = client().create_batch_inference_job(**request)["batchInferenceJobArn"]
    text = f"Another resource with Arn {arn} already exists."
    assert refusal(client().create_batch_inference_job, **request) == ("ResourceAlreadyExistsException", text)
    settle(shop.mock, arn)


def test_a_role_of_another_account_is_refused(shop):
    role = ROLE.replace("123456789012", "999999999999")
    assert shop.refusal(roleArn=role)[1] == "Cross-account pass role is not allowed."
