"""`mock.load`: from data to resources that are ACTIVE."""

import json
from datetime import timedelta
from statistics import median
from time import perf_counter
from unittest.mock import patch

import boto3
import pytest
from builders import avro_schema, client, interactions_csv, put_object

from personalize_mock import MockPersonalize, PersonalizeMockError, mock_personalize
from personalize_mock.loading import operations

PAIRS = [("ada", "alien"), ("ada", "brazil"), ("bob", "alien"), ("bob", "cube"), ("cid", "cube"), ("cid", "alien")]
ITEMS = [
    {"itemId": "alien", "PRICE": 1.5, "GENRES": "Horror|Action"},
    {"itemId": "brazil", "PRICE": 2.5, "GENRES": "Comedy"},
    {"itemId": "cube", "PRICE": 3.5, "GENRES": "Horror"},
]
UNSEEN = 'EXCLUDE ItemID WHERE Interactions.event_type IN ("watch")'
HOUR = timedelta(hours=1)
SIMS = "arn:aws:personalize:::recipe/aws-sims"


def everything(mock: MockPersonalize) -> dict:
    """Return what a client sees of all resources, and of S3."""
    lists = ("DatasetGroups", "Schemas", "Datasets", "DatasetImportJobs", "Solutions", "Campaigns", "Filters")
    buckets = boto3.client("s3").list_buckets()["Buckets"]
    return {name: mock.call(f"List{name}") for name in lists} | {"buckets": [bucket["Name"] for bucket in buckets]}


def test_ten_tuples_give_recommendations_in_two_lines(mock):
    films = mock.load(interactions=PAIRS)
    assert sorted(films.recommend("bob")) == ["alien", "brazil", "cube"]


def test_without_data_the_demo_data_is_loaded(mock):
    films = mock.load()

    assert films.name == "demo"
    recommended = films.recommend("ada", n=96)
    assert len(set(recommended)) == 96
    assert {"alien", "out-of-africa", "casablanca", "titanic"} <= set(recommended)


def test_everything_is_active_for_a_client(mock):
    films = mock.load(interactions=PAIRS, items=ITEMS, filters={"cheap": "INCLUDE ItemID WHERE Items.PRICE < 3"})
    personalize = client()

    described = [
        personalize.describe_dataset_group(datasetGroupArn=films.dataset_group_arn)["datasetGroup"],
        *(personalize.describe_dataset(datasetArn=arn)["dataset"] for arn in films.dataset_arns.values()),
        personalize.describe_solution(solutionArn=films.solution_arn)["solution"],
        personalize.describe_solution_version(solutionVersionArn=films.solution_version_arn)["solutionVersion"],
        personalize.describe_campaign(campaignArn=films.campaign_arn)["campaign"],
        personalize.describe_filter(filterArn=films.filter_arns["cheap"])["filter"],
    ]
    assert {each["status"] for each in described} == {"ACTIVE"}
    schema = personalize.describe_schema(schemaArn=films.schema_arns["items"])["schema"]["schema"]
    assert json.loads(schema) == films.schemas["items"]


def test_the_campaign_answers_a_client_and_the_tracker_takes_events(mock):
    films = mock.load(interactions=PAIRS)
    event = {"eventType": "watch", "itemId": "brazil", "sentAt": mock.clock.now()}
    client("personalize-events").put_events(
        trackingId=films.tracking_id, userId="bob", sessionId="s", eventList=[event]
    )

    answer = client("personalize-runtime").get_recommendations(campaignArn=films.campaign_arn, userId="bob")
    assert [item["itemId"] for item in answer["itemList"]] == films.recommend("bob")


def test_the_files_are_in_s3_where_the_import_job_says(mock):
    films = mock.load(interactions=PAIRS)
    (job,) = client().list_dataset_import_jobs(datasetArn=films.dataset_arns["interactions"])["datasetImportJobs"]
    described = client().describe_dataset_import_job(datasetImportJobArn=job["datasetImportJobArn"])
    bucket, _, key = described["datasetImportJob"]["dataSource"]["dataLocation"].removeprefix("s3://").partition("/")

    content = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    assert content.splitlines()[0] == "USER_ID,ITEM_ID,TIMESTAMP"
    assert len(content.splitlines()) == 1 + len(PAIRS)


def test_the_state_is_the_one_that_a_client_makes(mock):
    loaded = mock.load(interactions=PAIRS, recipe="aws-sims")
    listed = [call.operation for call in mock.journal.calls(loading=True)]

    assert listed == [
        *("CreateDatasetGroup", "CreateSchema", "CreateDataset", "CreateDatasetImportJob", "CreateEventTracker"),
        *("CreateSolution", "CreateSolutionVersion", "CreateCampaign"),
    ]
    statuses = [transition.status for transition in mock.journal.transitions(loaded.campaign_arn)]
    assert statuses == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]


def test_assertions_about_calls_do_not_see_the_calls_of_loading(mock):
    films = mock.load(interactions=PAIRS)
    films.recommend("ada")

    assert [call.operation for call in mock.journal.calls()] == ["GetRecommendations"]


def test_rules_apply_to_recommendations_but_not_to_the_calls_of_loading(mock):
    mock.on("CreateCampaign", optional=True).fails_job("Out of luck")
    mock.on("GetRecommendations", userId="ada").recommends("x")

    assert mock.load(interactions=PAIRS).recommend("ada") == ["x"]


def test_loading_does_not_move_the_clock(mock):
    before = mock.clock.now()
    mock.load(interactions=PAIRS)

    assert mock.clock.now() == before


def test_a_pending_resource_of_the_test_stays_pending(mock):
    personalize = client()
    arn = personalize.create_dataset_group(name="mine")["datasetGroupArn"]
    mock.load(interactions=PAIRS)

    assert personalize.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]["status"] == "CREATE PENDING"


def test_rows_without_a_time_follow_one_another_and_end_before_now(mock):
    films = mock.load(interactions=[("ada", film) for film in "zyxwv"])
    bucket = boto3.client("s3")
    body = bucket.get_object(Bucket="personalize-mock-123456789012-us-east-1", Key="loaded/interactions.csv")["Body"]
    times = [int(line.split(",")[2]) for line in body.read().decode().splitlines()[1:]]

    assert times == list(range(times[0], times[0] + 5))
    assert 0 < mock.clock.now().timestamp() - times[-1] <= HOUR.total_seconds()
    assert films.schemas["interactions"]["fields"][2] == {"name": "TIMESTAMP", "type": "long"}


def test_minimums_of_data_apply_only_if_asked_for(mock):
    mock.load(interactions=PAIRS)

    with pytest.raises(PersonalizeMockError, match="at least 1000 rows"):
        mock.load(interactions=PAIRS, name="enough", minimums=True)


@pytest.mark.parametrize(("minimums", "status"), [(False, "ACTIVE"), (True, "CREATE FAILED")])
def test_a_later_training_needs_minimums_of_data_only_if_they_were_asked_for(minimums, status):
    with mock_personalize(minimum_interactions=len(PAIRS)) as mock:
        films = mock.load(
            interactions=[(*pair, "watch") for pair in PAIRS[1:]] + [("dan", "cube", "buy")], minimums=minimums
        )
        solution = client().create_solution(
            name="buys", datasetGroupArn=films.dataset_group_arn, recipeArn=SIMS, eventType="buy"
        )["solutionArn"]
        version = client().create_solution_version(solutionArn=solution)["solutionVersionArn"]
        mock.clock.jump(days=1)

        described = client().describe_solution_version(solutionVersionArn=version)["solutionVersion"]
        assert described["status"] == status, described.get("failureReason")


def test_recommenders_of_small_data_are_trained_again_every_week(mock):
    shop = mock.load(domain="ECOMMERCE", interactions=PAIRS)
    mock.clock.jump(days=8)

    (arn,) = shop.recommender_arns.values()
    described = client().describe_recommender(recommenderArn=arn)["recommender"]
    assert described["status"] == "ACTIVE"
    assert not [change for change in mock.journal.transitions(arn) if change.failure_reason]


def test_a_later_import_of_the_test_needs_the_minimum_again(mock):
    films = mock.load(interactions=PAIRS)
    location = put_object(interactions_csv(each=2))
    job = client().create_dataset_import_job(
        jobName="later",
        datasetArn=films.dataset_arns["interactions"],
        dataSource={"dataLocation": location},
        roleArn="arn:aws:iam::123456789012:role/any",
    )["datasetImportJobArn"]
    mock.clock.jump(86_400)

    described = client().describe_dataset_import_job(datasetImportJobArn=job)["datasetImportJob"]
    assert described["status"] == "CREATE FAILED"


def test_permissions_are_not_checked_while_loading():
    with mock_personalize(check_permissions=True) as mock:
        assert mock.load(interactions=PAIRS).recommend("ada")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"name": "taken"}, "Write another name, such as name='taken-2'"),
        ({"recipe": "aws-simz"}, r"Did you mean 'aws-sims'\?"),
        ({"recipe": "aws-vod-top-picks"}, r"Write domain='VIDEO_ON_DEMAND', recommenders=\['aws-vod-top-picks'\]"),
        ({"recommenders": ["aws-vod-top-picks"]}, "Write domain='ECOMMERCE' or domain='VIDEO_ON_DEMAND' as well"),
        ({"domain": "ECOMMERC"}, r"Did you mean 'ECOMMERCE'\?"),
        ({"domain": "ECOMMERCE", "recommenders": ["aws-vod-top-picks"]}, "does not belong to the domain ECOMMERCE"),
        ({"domain": "ECOMMERCE", "recommenders": "aws-x"}, r"Write recommenders=\['aws-x'\]"),
        ({"domain": "ECOMMERCE", "items": ITEMS}, "CATEGORY_L1 of type string is missing"),
        ({"recipe": "aws-sims", "objective": ("PRICE", "HIGH")}, "Write recipe='aws-personalized-ranking' or"),
        ({"recipe": "aws-user-personalization", "objective": ("PRICE", "HIGH")}, "Pass items= with this column"),
        ({"objective": ("PRICE", "HIGHEST")}, r"\(OFF, LOW, MEDIUM, HIGH\)"),
        ({"domain": "ECOMMERCE", "objective": ("PRICE", "LOW")}, "configure a solution.* Write recipe= as well"),
        ({"objective": "PRICE"}, r"Write objective=\('PRICE', 'HIGH'\)"),
        ({"objective": 5}, r"Write objective=\('PRICE', 'HIGH'\)"),
        ({"objective": ("PRICE", "LOW"), "config": {"optimizationObjective": {}}}, "both set the objective"),
        (
            {"recipe": "aws-user-personalization", "objective": ("PRIZE", "LOW"), "items": ITEMS},
            r"Did you mean 'PRICE'\?",
        ),
        ({"config": "aws"}, "Write the solutionConfig"),
        ({"config": {"algorithmHyperParameters": {"no_such": "1"}}}, "CreateSolution failed"),
        ({"filters": {"a": "EXCLUDE ItemID WHERE Interactions.MOOD IN ('x')"}}, "CreateFilter failed"),
        ({"filters": UNSEEN}, "not a dictionary"),
        ({"name": "my films"}, "at most 40 letters, digits, hyphens and underscores"),
        ({"schemas": {"itemz": {}}}, "schemas="),
        ({"region": "Mars"}, "region='Mars'"),
        ({"recipe": "aws-hrnn-coldstart"}, "Pass items="),
        ({"items": [{"ITEM_ID": "alien"}]}, "add at least one field besides ITEM_ID"),
        ({"domain": "ECOMMERCE", "recommenders": ["aws-ecomm-frequently-bought-together"]}, "fewer than"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_created(mock, arguments, error):
    mock.load(interactions=PAIRS, name="taken")
    before, records = everything(mock), len(mock.journal.calls(loading=True))
    interactions = [(*pair, "watch") for pair in PAIRS]

    with pytest.raises(PersonalizeMockError, match=error):
        mock.load(interactions=interactions, **arguments)
    after = len(mock.journal.calls(loading=True))
    assert after == records
    assert everything(mock) == before


def test_a_recommender_without_its_event_type_names_those_that_there_are(mock):
    with pytest.raises(PersonalizeMockError, match="have the event types watch, and the recommender needs Purchase"):
        mock.load(
            interactions=[(*pair, "watch") for pair in PAIRS],
            domain="ECOMMERCE",
            recommenders=["aws-ecomm-frequently-bought-together"],
        )


@pytest.mark.parametrize("number", range(9))
def test_an_interrupt_leaves_nothing_half_made(mock, number):
    before = everything(mock)
    run, calls = operations.dispatch, []

    def interrupted(*arguments):
        calls.append(arguments)
        if len(calls) > number:
            raise KeyboardInterrupt
        return run(*arguments)

    with patch.object(operations, "dispatch", interrupted), pytest.raises(KeyboardInterrupt):
        mock.load(interactions=PAIRS, items=ITEMS)

    assert everything(mock) == before
    assert mock.load(interactions=PAIRS, items=ITEMS).recommend("ada")


def test_the_bucket_disappears_if_the_first_load_fails(mock):
    with pytest.raises(PersonalizeMockError):
        mock.load(interactions=PAIRS, filters={"a": "nonsense"})

    assert boto3.client("s3").list_buckets()["Buckets"] == []


def test_loading_twice_is_possible_under_two_names_with_the_same_filters(mock):
    interactions = [(*pair, "watch") for pair in PAIRS]
    first = mock.load(interactions=interactions, filters={"unseen": UNSEEN})
    second = mock.load(interactions=interactions, filters={"unseen": UNSEEN}, name="second")

    assert first.filter_arns["unseen"].endswith(":filter/unseen")
    assert second.filter_arns["unseen"].endswith(":filter/second-unseen")
    assert second.recommend("ada", filter="unseen") == ["cube"]


def test_interactions_can_be_the_first_argument(mock):
    assert mock.load([("ada", "alien"), ("bob", "cube")]).recommend("eve", n=1)


def test_loading_twice_without_a_name_gives_two_campaigns(mock):
    watched = [(user, item, "watch") for user, item in PAIRS]
    names = [mock.load(watched, filters={"unseen": UNSEEN}).name for _ in range(3)]

    assert names == ["loaded", "loaded-2", "loaded-3"]
    assert mock.load().name == "demo"


@pytest.mark.parametrize(
    "objective",
    [
        {"objective": ("PRICE", "HIGH")},
        {"config": {"optimizationObjective": {"itemAttribute": "PRICE", "objectiveSensitivity": "HIGH"}}},
    ],
)
def test_an_objective_without_a_recipe_chooses_one_that_supports_it(mock, objective):
    films = mock.load(PAIRS, items=ITEMS, **objective)

    solution = client().describe_solution(solutionArn=films.solution_arn)["solution"]
    assert solution["recipeArn"].endswith("/aws-user-personalization")


def test_the_objective_and_the_configuration_reach_the_solution(mock):
    films = mock.load(
        interactions=PAIRS,
        items=ITEMS,
        recipe="arn:aws:personalize:::recipe/aws-user-personalization",
        objective=("price", "HIGH"),
        config={"algorithmHyperParameters": {"hidden_dimension": "40"}},
    )

    config = client().describe_solution(solutionArn=films.solution_arn)["solution"]["solutionConfig"]
    assert config["optimizationObjective"] == {"itemAttribute": "PRICE", "objectiveSensitivity": "HIGH"}
    assert config["algorithmHyperParameters"]["hidden_dimension"] == "40"


def test_a_domain_gives_recommenders(mock):
    related = "aws-ecomm-customers-who-viewed-x-also-viewed"
    shop = mock.load(domain="ECOMMERCE", recommenders=[related, "aws-ecomm-recommended-for-you"], interactions=PAIRS)

    assert list(shop.recommender_arns) == [related, "aws-ecomm-recommended-for-you"]
    assert shop.recommender_arns[0] == shop.recommender_arns[related]
    assert "alien" not in shop.recommend("alien")
    assert shop.recommend("ada", recommender="aws-ecomm-recommended-for-you")
    with pytest.raises(PersonalizeMockError, match="did not create a campaign"):
        shop.campaign_arn  # noqa: B018  # reading it is the test


@pytest.mark.parametrize("domain", ["ECOMMERCE", "VIDEO_ON_DEMAND"])
def test_the_demo_data_fits_both_domains(mock, domain):
    assert len(mock.load(domain=domain).recommend("ada", n=5)) == 5


def test_a_ranking_recipe_ranks(mock):
    films = mock.load(interactions=PAIRS, recipe="aws-personalized-ranking")

    assert sorted(films.rank("ada", ["cube", "alien"])) == ["alien", "cube"]
    with pytest.raises(PersonalizeMockError, match=r"Call rank\(user, items\)"):
        films.recommend("ada")


def test_other_recipes_recommend_items_for_an_item_for_everyone_or_not_at_all(mock):
    assert "alien" not in mock.load(interactions=PAIRS, recipe="aws-sims", name="related").recommend("alien")
    assert len(mock.load(interactions=PAIRS, recipe="aws-popularity-count", name="popular").recommend(n=2)) == 2
    segments = mock.load(interactions=PAIRS, recipe="aws-item-affinity", name="segments")
    with pytest.raises(PersonalizeMockError, match="Create a batch segment job"):
        segments.recommend("alien")
    with pytest.raises(PersonalizeMockError, match="Load the data with recipe='aws-personalized-ranking'"):
        segments.rank("ada", ["alien"])


def test_actions_are_recommended(mock):
    actions = mock.load(
        interactions=PAIRS,
        actions=[{"actionId": "subscribe", "KIND": "money"}, {"actionId": "rate", "KIND": "fun"}],
        action_interactions=[
            {"userId": f"u{user}", "actionId": action, "eventType": event}
            for user in range(60)
            for action in ("subscribe", "rate")
            for event in ("taken", "not taken")
        ],
        recipe="aws-next-best-action",
    )

    assert sorted(actions.recommend("ada")) == ["rate", "subscribe"]


def test_data_can_be_loaded_into_another_account_and_region(mock, monkeypatch):
    there = mock.load(interactions=PAIRS, account="210987654321", region="eu-west-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-south-1")
    default = mock.load(interactions=PAIRS)

    assert there.campaign_arn == "arn:aws:personalize:eu-west-1:210987654321:campaign/loaded"
    assert there.recommend("ada")
    assert default.campaign_arn == "arn:aws:personalize:ap-south-1:123456789012:campaign/loaded"


def test_a_schema_of_the_user_is_taken_instead_of_an_inferred_one(mock):
    fields = {"ITEM_ID": "string", "GENRES": {"type": "string", "textual": True}}
    films = mock.load(interactions=PAIRS, items=ITEMS, schemas={"items": json.loads(avro_schema("Items", fields))})

    assert films.schemas["items"]["fields"][1] == {"name": "GENRES", "type": "string", "textual": True}


def test_names_that_do_not_exist_never_give_an_empty_answer(mock):
    films = mock.load(interactions=PAIRS)

    with pytest.raises(PersonalizeMockError, match=r"filter_arns\['unseen'\]: there is no such name"):
        films.recommend("ada", filter="unseen")
    with pytest.raises(KeyError, match=r"Did you mean 'interactions'\?"):
        films.schemas["interaction"]
    assert films.schemas["INTERACTIONS"] is films.schemas["interactions"]
    assert repr(films) == "<LoadedData 'loaded': interactions; aws-user-personalization-v2>"


def test_loading_without_an_active_mock_is_an_error():
    with pytest.raises(PersonalizeMockError, match="No mock is active"):
        mock_personalize().load()


def test_loaded_data_of_a_mock_that_has_stopped_answers_with_an_error():
    with mock_personalize() as mock:
        films = mock.load(interactions=PAIRS)

    with pytest.raises(PersonalizeMockError, match="No mock is active"):
        films.recommend("ada")


def test_the_calls_of_a_failed_load_leave_options_and_clock_as_they_were(mock):
    with pytest.raises(PersonalizeMockError):
        mock.load(interactions=PAIRS, filters={"a": "nonsense"})

    arn = mock.call("CreateDatasetGroup", name="later")["datasetGroupArn"]
    assert mock.call("DescribeDatasetGroup", datasetGroupArn=arn)["datasetGroup"]["status"] == "CREATE PENDING"


def test_the_same_seed_and_data_give_the_same_ids():
    answers = []
    for _ in range(2):
        with mock_personalize(clock="2024-05-01") as mock:
            films = mock.load()
            answers.append((films.tracking_id, films.solution_version_arn, films.recommend("zoe")))
    assert answers[0] == answers[1]


def test_the_demo_data_is_prepared_once_in_a_process():
    times = []
    for _ in range(6):
        with mock_personalize(clock="2024-05-01") as mock:
            before = perf_counter()
            mock.load()
            times.append(perf_counter() - before)
    assert median(times[1:]) < times[0]
