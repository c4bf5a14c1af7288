from datetime import timedelta

import pytest
from builders import (
    ACCOUNT,
    a_dataset,
    a_dataset_group,
    a_domain_group_with_data,
    a_group_with_data,
    a_recommender,
    a_schema,
    an_event_tracker,
    an_import_job,
    client,
    interactions_csv,
    polled_statuses,
    recipe,
    refusal,
    settle,
)

from personalize_mock import mock as mock_module
from personalize_mock import mock_personalize
from personalize_mock.resources import catalogue

PREFIX = f"arn:aws:personalize:us-east-1:{ACCOUNT}"
ARN = f"{PREFIX}:recommender/recommender"
DATASET = f"{PREFIX}:dataset/cinema/INTERACTIONS"
POPULAR = "aws-vod-most-popular"
PICKS = "aws-vod-top-picks"
TRENDS = "aws-vod-trending-now"
WEEK = timedelta(days=7)
MOMENT = timedelta(milliseconds=1)
METADATA = {"enableMetadataWithRecommendations": True}
WITHOUT_AGE = {"trainingDataConfig": {"excludedDatasetColumns": {"Users": ["AGE"]}}}
METRICS = [
    "coverage",
    "mean_reciprocal_rank_at_25",
    "normalized_discounted_cumulative_gain_at_10",
    "normalized_discounted_cumulative_gain_at_25",
    "normalized_discounted_cumulative_gain_at_5",
    "precision_at_10",
    "precision_at_25",
    "precision_at_5",
]


@pytest.fixture
def group(mock):
    return a_domain_group_with_data(mock)


@pytest.fixture
def whole_group(mock):
    return a_domain_group_with_data(mock, "cinema", "Interactions", "Items", "Users")


@pytest.fixture
def popular(mock, group):
    return a_recommender(mock, POPULAR, group=group)


def create(group, recipe_name=POPULAR, name="recommender", **members):
    request = {"name": name, "datasetGroupArn": group, "recipeArn": recipe(recipe_name), **members}
    return client().create_recommender(**request)["recommenderArn"]


def describe(arn=ARN):
    return client().describe_recommender(recommenderArn=arn)["recommender"]


def update(arn, **config):
    return client().update_recommender(recommenderArn=arn, recommenderConfig=config)


def stop(mock, arn):
    client().stop_recommender(recommenderArn=arn)
    return settle(mock, arn)


def start(mock, arn):
    client().start_recommender(recommenderArn=arn)
    return settle(mock, arn)


def trained(arn=ARN):
    """The model inside; what is retrained shows outside only by chance."""
    return mock_module._run.simulation.store(ACCOUNT, "us-east-1").resource(arn).fitted_model


def trained_at(mock, arn=ARN):
    """How long ago the model took in its data."""
    return timedelta(seconds=mock.clock.timestamp() - trained(arn).data.now)


def news(mock, **changed):
    """Other interactions replace the old ones."""
    an_import_job(mock, DATASET, interactions_csv(**{"each": 24, "users": 52} | changed))


# CreateRecommender.


def test_creating_a_recommender_answers_its_arn_alone(mock, group):
    answer = client().create_recommender(name="recommender", datasetGroupArn=group, recipeArn=recipe(POPULAR))
    answer.pop("ResponseMetadata")
    assert answer == {"recommenderArn": ARN}


def test_a_recommender_goes_from_pending_through_in_progress_to_active(mock, group):
    states = polled_statuses(client().describe_recommender, recommenderArn=create(group))
    assert states == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]


def test_a_bare_recommender_has_an_empty_configuration_and_no_update_and_no_metrics(mock, group):
    create(group)
    assert describe() == {
        "recommenderArn": ARN,
        "datasetGroupArn": group,
        "name": "recommender",
        "recipeArn": recipe(POPULAR),
        "recommenderConfig": {},
        "creationDateTime": mock.clock.now(),
        "lastUpdatedDateTime": mock.clock.now(),
        "status": "CREATE PENDING",
    }


def test_a_configuration_is_echoed_as_it_was_sent(mock, whole_group):
    config = {
        "itemExplorationConfig": {"explorationWeight": "0.5", "explorationItemAgeCutOff": "14"},
        "minRecommendationRequestsPerSecond": 3,
        "trainingDataConfig": {"excludedDatasetColumns": {"items": ["PRICE"], "Users": ["AGE"]}},
        "enableMetadataWithRecommendations": True,
    }
    create(whole_group, PICKS, recommenderConfig=config)
    assert describe()["recommenderConfig"] == config
    (listed,) = client().list_recommenders()["recommenders"]
    assert listed["recommenderConfig"] == config


def test_a_use_case_takes_the_time_that_was_observed(mock, group):
    for name, minutes in ((POPULAR, 40), (PICKS, 43)):
        shown = describe(a_recommender(mock, name, group=group, name=name))
        assert shown["lastUpdatedDateTime"] - shown["creationDateTime"] == timedelta(minutes=minutes)


def test_durations_can_be_told_by_use_case():
    with mock_personalize(clock=0, durations={f"recommender:{POPULAR}": 60}) as mock:
        shown = describe(a_recommender(mock, POPULAR))
        assert shown["lastUpdatedDateTime"] - shown["creationDateTime"] == timedelta(minutes=1)


def test_metrics_show_when_training_has_succeeded_and_until_deletion_begins(mock, group):
    create(group, PICKS)
    states = {}
    while "ACTIVE" not in states:
        shown = describe()
        states[shown["status"]] = shown.get("modelMetrics")
    assert states["CREATE PENDING"] is states["CREATE IN_PROGRESS"] is None
    assert list(states["ACTIVE"]) == METRICS
    assert all(value == round(value, 4) for value in states["ACTIVE"].values())
    client().delete_recommender(recommenderArn=ARN)
    assert "modelMetrics" not in describe()


@pytest.mark.parametrize("domain", ["ECOMMERCE", "VIDEO_ON_DEMAND"])
def test_every_use_case_of_a_domain_can_be_created(mock, domain):
    group = a_domain_group_with_data(mock, "cinema", "Interactions", "Items", "Users", domain=domain)
    use_cases = [entry for entry in catalogue.recipes() if entry.domain == domain]
    for use_case in use_cases:
        shown = describe(a_recommender(mock, use_case.name, group=group, name=use_case.name))
        assert (shown["status"], shown.get("failureReason")) == ("ACTIVE", None)
        expected = ["trend_prediction_accuracy"] if use_case.name == TRENDS else METRICS
        assert list(shown["modelMetrics"]) == expected
    assert len(use_cases) == 5


def test_a_recommender_needs_a_dataset_group_of_a_domain(mock):
    group = a_group_with_data(mock)
    for name in (POPULAR, "aws-user-personalization"):
        code, message = refusal(create, group=group, recipe_name=name)
        assert code == "InvalidInputException"
        assert "belongs to no domain" in message


@pytest.mark.parametrize("name", ["aws-ecomm-recommended-for-you", "aws-user-personalization"])
def test_the_recipe_must_be_of_the_domain_of_the_group(mock, group, name):
    code, message = refusal(create, group=group, recipe_name=name)
    assert code == "InvalidInputException"
    assert "VIDEO_ON_DEMAND" in message
    assert client().list_recommenders()["recommenders"] == []


def test_what_a_recommender_is_made_of_must_exist(mock, group):
    missing = f"{PREFIX}:dataset-group/missing"
    expected = ("ResourceNotFoundException", f"The given dataset group does not exist: {missing}")
    assert refusal(create, group=missing) == expected
    assert refusal(create, group=group, recipe_name="aws-vod-nothing")[0] == "ResourceNotFoundException"


def test_the_dataset_group_must_be_active(mock):
    group = mock.call("CreateDatasetGroup", name="new", domain="VIDEO_ON_DEMAND")["datasetGroupArn"]
    assert refusal(create, group=group)[0] == "ResourceInUseException"


def test_exploration_is_configured_only_where_there_is_exploration(mock, group):
    config = {"itemExplorationConfig": {"explorationWeight": "0.5"}}
    for name in (POPULAR, TRENDS, "aws-vod-more-like-x", "aws-vod-because-you-watched-x"):
        refused = refusal(create, group=group, recipe_name=name, recommenderConfig=config)
        assert refused[0] == "InvalidInputException"
    create(group, PICKS, recommenderConfig=config)


@pytest.mark.parametrize(
    "exploration",
    [{"explorationWeight": "1.1"}, {"explorationWeight": "some"}, {"explorationItemAgeCutOff": "0"}, {"weight": "0.5"}],
    ids=str,
)
def test_exploration_outside_its_limits_is_refused(mock, group, exploration):
    refused = refusal(create, group=group, recipe_name=PICKS, recommenderConfig={"itemExplorationConfig": exploration})
    assert refused[0] == "InvalidInputException"


@pytest.mark.parametrize(
    "columns",
    [{"Interactions": ["EVENT_TYPE"]}, {"Interactions": ["NOTHING"]}, {"Items": ["PRICE"]}],
    ids=["event type", "unknown column", "no such dataset"],
)
def test_columns_that_cannot_be_left_out_are_refused(mock, group, columns):
    config = {"trainingDataConfig": {"excludedDatasetColumns": columns}}
    assert refusal(create, group=group, recommenderConfig=config)[0] == "InvalidInputException"


def test_less_than_one_request_a_second_is_refused(mock, group):
    request = {"name": "recommender", "datasetGroupArn": group, "recipeArn": recipe(POPULAR)}
    config = {"minRecommendationRequestsPerSecond": 0}
    refused = refusal(client(unchecked=True).create_recommender, **request, recommenderConfig=config)
    assert refused[0] == "ValidationException"


def test_a_recommenders_name_can_be_used_once(mock, group):
    create(group)
    expected = ("ResourceAlreadyExistsException", f"Another resource with Arn {ARN} already exists.")
    assert refusal(create, group=group, recipe_name=PICKS) == expected


def test_the_sixth_recommender_of_a_group_is_refused(mock, group):
    for number in range(5):
        create(group, name=f"recommender-{number}")
    code, message = refusal(create, group=group, name="sixth")
    assert code == "LimitExceededException"
    assert message == "More than 5 resources in ACTIVE state. Please delete some and try again."
    assert len(client().list_recommenders()["recommenders"]) == 5
    create(a_domain_group_with_data(mock, "another"), name="sixth")


def test_a_taken_name_is_said_before_the_quota(mock, group):
    for number in range(5):
        create(group, name=f"recommender-{number}")
    assert refusal(create, group=group, name="recommender-0")[0] == "ResourceAlreadyExistsException"


def test_recommenders_are_listed_by_group(mock, group, popular):
    elsewhere = create(a_domain_group_with_data(mock, "shop", domain="ECOMMERCE"), "aws-ecomm-recommended-for-you", "b")
    (listed,) = client().list_recommenders(datasetGroupArn=group)["recommenders"]
    assert list(listed) == [
        "name",
        "recommenderArn",
        "datasetGroupArn",
        "recipeArn",
        "recommenderConfig",
        "status",
        "creationDateTime",
        "lastUpdatedDateTime",
    ]
    assert [each["recommenderArn"] for each in client().list_recommenders()["recommenders"]] == [popular, elsewhere]


# Training.


@pytest.mark.parametrize(
    ("name", "domain", "event_type"),
    [
        (POPULAR, "VIDEO_ON_DEMAND", "Watch"),
        ("aws-vod-because-you-watched-x", "VIDEO_ON_DEMAND", "Watch"),
        ("aws-ecomm-popular-items-by-views", "ECOMMERCE", "View"),
        ("aws-ecomm-popular-items-by-purchases", "ECOMMERCE", "Purchase"),
        ("aws-ecomm-frequently-bought-together", "ECOMMERCE", "Purchase"),
        ("aws-ecomm-customers-who-viewed-x-also-viewed", "ECOMMERCE", "View"),
    ],
)
def test_too_few_events_of_the_type_that_counts_fail_the_creation(mock, name, domain, event_type):
    many = interactions_csv(event_type="Other")
    few = interactions_csv(users=49, event_type=event_type)
    group = a_domain_group_with_data(mock, domain=domain, text=many + few.partition("\n")[2])
    shown = describe(a_recommender(mock, name, group=group))
    assert shown["status"] == "CREATE FAILED"
    reason = f"Dataset has fewer than 1000 interactions after filtering by event type: {event_type}"
    assert shown["failureReason"] == reason
    assert "modelMetrics" not in shown


def test_the_failure_shows_only_when_the_time_is_over(mock):
    create(a_domain_group_with_data(mock, text=interactions_csv(event_type="Click")))
    states = polled_statuses(client().describe_recommender, recommenderArn=ARN)
    assert states == ["CREATE PENDING", "CREATE IN_PROGRESS", "CREATE FAILED"]


@pytest.mark.parametrize("event_type", ["watch", "WATCH", "Watch"])
def test_event_types_count_in_any_case(mock, event_type):
    group = a_domain_group_with_data(mock, text=interactions_csv(event_type=event_type))
    a_recommender(mock, POPULAR, group=group)
    assert describe()["status"] == "ACTIVE"
    assert len(trained().interactions) == 1000


def test_events_of_other_types_are_not_learned_from(mock):
    clicks = interactions_csv(event_type="Click", users=80).partition("\n")[2]
    group = a_domain_group_with_data(mock, text=interactions_csv() + clicks)
    a_recommender(mock, POPULAR, group=group)
    assert len(trained().interactions) == 1000


def test_personal_use_cases_learn_from_events_of_any_type(mock):
    clicks = interactions_csv(event_type="Click").partition("\n")[2]
    group = a_domain_group_with_data(mock, text=interactions_csv() + clicks)
    a_recommender(mock, PICKS, group=group)
    assert len(trained().interactions) == 2000


def test_too_few_users_fail_the_creation(mock):
    group = a_domain_group_with_data(mock, text=interactions_csv(users=24, items=100, each=50))
    shown = describe(a_recommender(mock, POPULAR, group=group))
    assert shown["status"] == "CREATE FAILED"
    assert shown["failureReason"] == "Dataset has fewer than 25 users with at least 2 interactions each."


def test_a_group_without_interactions_fails_the_creation(mock):
    shown = describe(a_recommender(mock, POPULAR, group=a_dataset_group(mock, "empty", domain="VIDEO_ON_DEMAND")))
    assert shown["status"] == "CREATE FAILED"
    assert shown["failureReason"]


def test_a_use_case_that_needs_items_fails_without_them(mock, group):
    shown = describe(a_recommender(mock, "aws-vod-more-like-x", group=group))
    assert shown["status"] == "CREATE FAILED"
    assert "ITEMS" in shown["failureReason"]


def test_the_minimum_can_be_lowered():
    with mock_personalize(clock=0, minimum_interactions=100) as mock:
        for event_type, status in (("Watch", "ACTIVE"), ("Click", "CREATE FAILED")):
            text = interactions_csv(users=10, each=10, event_type=event_type)
            group = a_domain_group_with_data(mock, event_type.lower(), text=text)
            assert describe(a_recommender(mock, POPULAR, group=group, name=event_type))["status"] == status


def test_a_recommender_trains_on_the_data_it_saw_when_training_began(mock, group):
    create(group)
    mock.clock.jump(timedelta(minutes=8))
    news(mock)
    settle(mock, ARN)
    assert len(trained().interactions) == 1000


def test_columns_left_out_are_not_trained_on(mock, whole_group):
    a_recommender(mock, PICKS, group=whole_group, recommenderConfig=WITHOUT_AGE)
    assert [each.name for each in trained().data.users.fields] == ["MEMBERSHIP"]


# DeleteRecommender.


def test_a_deleted_recommender_is_seen_pending_then_in_progress_then_gone(mock, popular):
    assert list(client().delete_recommender(recommenderArn=popular)) == ["ResponseMetadata"]
    states = polled_statuses(client().describe_recommender, recommenderArn=popular)
    assert states == ["DELETE PENDING", "DELETE IN_PROGRESS", ""]
    gone = ("ResourceNotFoundException", f"The given recommender does not exist: {popular}")
    for operation in ("describe_recommender", "delete_recommender", "start_recommender", "stop_recommender"):
        assert refusal(getattr(client(), operation), recommenderArn=popular) == gone
    assert refusal(update, arn=popular, **METADATA) == gone
    assert not [due for due in mock.clock.upcoming() if due.arn == popular]


def test_only_a_recommender_at_rest_can_be_deleted(mock, group):
    arn = create(group)
    assert refusal(client().delete_recommender, recommenderArn=arn)[0] == "ResourceInUseException"
    settle(mock, arn)
    client().delete_recommender(recommenderArn=arn)
    assert refusal(client().delete_recommender, recommenderArn=arn)[0] == "ResourceInUseException"


def test_stopped_and_failed_recommenders_can_be_deleted(mock, popular):
    failed = a_domain_group_with_data(mock, "failing", text=interactions_csv(event_type="Click"))
    for arn in (stop(mock, popular), a_recommender(mock, POPULAR, group=failed, name="failed")):
        client().delete_recommender(recommenderArn=arn)
        settle(mock, arn)
    assert client().list_recommenders()["recommenders"] == []


def test_a_dataset_group_cannot_be_deleted_before_its_recommenders(mock):
    group = a_dataset_group(mock, "empty", domain="VIDEO_ON_DEMAND")
    arn = a_recommender(mock, POPULAR, group=group)
    assert refusal(client().delete_dataset_group, datasetGroupArn=group)[0] == "ResourceInUseException"
    client().delete_recommender(recommenderArn=arn)
    settle(mock, arn)
    client().delete_dataset_group(datasetGroupArn=group)


def test_a_dataset_can_be_deleted_when_no_recommender_is_on_its_way(mock, group):
    create(group)
    assert refusal(client().delete_dataset, datasetArn=DATASET)[0] == "ResourceInUseException"
    settle(mock, ARN)
    client().delete_dataset(datasetArn=DATASET)


# UpdateRecommender.


def test_updating_a_recommender_answers_its_arn_alone(mock, popular):
    answer = update(popular, **METADATA)
    answer.pop("ResponseMetadata")
    assert answer == {"recommenderArn": popular}


def test_an_update_shows_beside_the_old_configuration_until_it_is_done(mock, popular):
    before, updated = describe(popular), mock.clock.now()
    update(popular, **METADATA)
    running = describe(popular)
    shown = running.pop("latestRecommenderUpdate")
    assert running == {**before, "lastUpdatedDateTime": updated}
    assert shown == {
        "recommenderConfig": METADATA,
        "creationDateTime": updated,
        "lastUpdatedDateTime": updated,
        "status": "CREATE PENDING",
    }
    states = []
    while not states or states[-1] != "ACTIVE":
        after = describe(popular)
        assert after["status"] == "ACTIVE"
        states.append(after["latestRecommenderUpdate"]["status"])
    assert states == ["CREATE IN_PROGRESS", "ACTIVE"]
    assert after["recommenderConfig"] == METADATA
    assert after["latestRecommenderUpdate"]["lastUpdatedDateTime"] == updated + timedelta(minutes=13)
    assert after["modelMetrics"] == before["modelMetrics"]


def test_an_update_replaces_the_whole_configuration(mock, group):
    arn = a_recommender(mock, POPULAR, group=group, recommenderConfig=METADATA)
    update(arn, minRecommendationRequestsPerSecond=2)
    assert describe(settle(mock, arn))["recommenderConfig"] == {"minRecommendationRequestsPerSecond": 2}


def test_an_update_that_changes_nothing_is_refused(mock, group):
    for number, config in enumerate(({}, METADATA)):
        arn = a_recommender(mock, POPULAR, group=group, name=f"recommender-{number}", recommenderConfig=config)
        assert refusal(update, arn=arn, **config)[0] == "InvalidInputException"
        assert "latestRecommenderUpdate" not in describe(arn)


def test_an_update_is_checked_like_a_creation(mock, popular):
    for config in (
        {"itemExplorationConfig": {"explorationWeight": "0.5"}},
        {"trainingDataConfig": {"excludedDatasetColumns": {"Interactions": ["EVENT_TYPE"]}}},
    ):
        assert refusal(update, arn=popular, **config)[0] == "InvalidInputException"
    assert "latestRecommenderUpdate" not in describe(popular)


def test_a_change_of_training_columns_trains_anew_while_the_old_model_serves(mock, whole_group):
    arn = a_recommender(mock, PICKS, group=whole_group)
    old = trained()
    update(arn, **WITHOUT_AGE)
    mock.clock.jump(timedelta(minutes=12))
    assert describe(arn)["latestRecommenderUpdate"]["status"] == "CREATE IN_PROGRESS"
    assert trained() is old
    settle(mock, arn)
    assert [each.name for each in trained().data.users.fields] == ["MEMBERSHIP"]
    assert describe(arn)["recommenderConfig"] == WITHOUT_AGE


def test_a_retraining_for_an_update_sees_the_data_of_the_instant_when_it_is_in_progress(mock, whole_group):
    arn = a_recommender(mock, POPULAR, group=whole_group)
    update(arn, **WITHOUT_AGE)
    updated = mock.clock.timestamp()
    settle(mock, arn)
    assert trained().data.now == pytest.approx(updated + 0.2 * 13 * 60)


@pytest.mark.parametrize(
    "config",
    [
        METADATA,
        {"minRecommendationRequestsPerSecond": 5},
        {"itemExplorationConfig": {"explorationWeight": "0.1"}},
        {"trainingDataConfig": {}},
        {"trainingDataConfig": {"excludedDatasetColumns": {}}},
    ],
    ids=str,
)
def test_other_changes_train_nothing(mock, group, config):
    arn = a_recommender(mock, PICKS, group=group)
    old = trained()
    update(arn, **config)
    settle(mock, arn)
    assert trained() is old
    assert describe(arn)["recommenderConfig"] == config


def test_the_same_columns_in_another_order_train_nothing(mock, whole_group):
    excluded = [{"Items": ["PRICE", "GENRES"]}, {"ITEMS": ["GENRES", "PRICE"]}]
    first, second = ({"trainingDataConfig": {"excludedDatasetColumns": each}} for each in excluded)
    arn = a_recommender(mock, POPULAR, group=whole_group, recommenderConfig=first)
    old = trained()
    update(arn, **second)
    settle(mock, arn)
    assert trained() is old


def test_an_update_that_cannot_be_trained_fails_and_the_old_model_serves_on(mock, whole_group):
    arn = a_recommender(mock, POPULAR, group=whole_group)
    old = trained()
    news(mock, event_type="Click")
    update(arn, **WITHOUT_AGE)
    shown = describe(settle(mock, arn))
    assert (shown["status"], shown["recommenderConfig"]) == ("ACTIVE", {})
    assert "failureReason" not in shown
    assert shown["latestRecommenderUpdate"]["status"] == "CREATE FAILED"
    assert shown["latestRecommenderUpdate"]["failureReason"].startswith("Dataset has fewer than 1000 interactions")
    assert trained() is old
    update(arn, **METADATA)
    assert describe(settle(mock, arn))["recommenderConfig"] == METADATA


def test_while_an_update_runs_nothing_else_begins(mock, popular):
    update(popular, **METADATA)
    for refused in (
        refusal(update, arn=popular, minRecommendationRequestsPerSecond=2),
        refusal(client().stop_recommender, recommenderArn=popular),
        refusal(client().start_recommender, recommenderArn=popular),
        refusal(client().delete_recommender, recommenderArn=popular),
    ):
        assert refused[0] == "ResourceInUseException"


# StopRecommender and StartRecommender.


def test_stopping_and_starting_answer_the_arn_alone(mock, popular):
    for operation in (client().stop_recommender, client().start_recommender):
        answer = operation(recommenderArn=popular)
        answer.pop("ResponseMetadata")
        assert answer == {"recommenderArn": popular}
        settle(mock, popular)


def test_a_recommender_stops_and_starts_step_by_step(mock, popular):
    states = []
    client().stop_recommender(recommenderArn=popular)
    while "INACTIVE" not in states:
        states.append(describe(popular)["status"])
    client().start_recommender(recommenderArn=popular)
    while "ACTIVE" not in states:
        states.append(describe(popular)["status"])
    assert states == [
        "STOP PENDING",
        "STOP IN_PROGRESS",
        "INACTIVE",
        "START PENDING",
        "START IN_PROGRESS",
        "ACTIVE",
    ]


def test_stopping_and_starting_keep_the_model_and_its_metrics(mock, popular):
    old, metrics = trained(), describe(popular)["modelMetrics"]
    news(mock)
    assert describe(stop(mock, popular))["modelMetrics"] == metrics
    assert describe(start(mock, popular))["modelMetrics"] == metrics
    assert trained() is old


def test_only_what_is_active_can_be_stopped_and_updated_and_only_what_is_inactive_started(mock, popular):
    assert refusal(client().start_recommender, recommenderArn=popular)[0] == "InvalidInputException"
    stop(mock, popular)
    assert refusal(client().stop_recommender, recommenderArn=popular)[0] == "InvalidInputException"
    assert refusal(update, arn=popular, **METADATA)[0] == "InvalidInputException"
    assert describe(popular)["status"] == "INACTIVE"


def test_a_failed_recommender_can_be_neither_started_nor_stopped_nor_updated(mock):
    arn = a_recommender(mock, POPULAR, group=a_dataset_group(mock, "empty", domain="VIDEO_ON_DEMAND"))
    for operation in (client().start_recommender, client().stop_recommender):
        assert refusal(operation, recommenderArn=arn)[0] == "InvalidInputException"
    assert refusal(update, arn=arn, **METADATA)[0] == "InvalidInputException"


def test_what_is_on_its_way_is_in_use(mock, group):
    arn = create(group)

    def codes():
        yield refusal(client().stop_recommender, recommenderArn=arn)[0]
        yield refusal(client().start_recommender, recommenderArn=arn)[0]
        yield refusal(update, arn=arn, **METADATA)[0]

    assert set(codes()) == {"ResourceInUseException"}
    settle(mock, arn)
    client().stop_recommender(recommenderArn=arn)
    assert set(codes()) == {"ResourceInUseException"}


# Weekly retraining.


def test_a_recommender_is_trained_anew_exactly_a_week_after_its_creation(mock, popular):
    shown = describe(popular)
    metrics, created = shown["modelMetrics"], shown["creationDateTime"]
    news(mock)
    mock.clock.jump_to(created + WEEK - MOMENT)
    assert len(trained().interactions) == 1000
    mock.clock.jump(MOMENT)
    assert trained_at(mock) == timedelta(0)
    assert len(trained().interactions) == 52 * 24
    assert describe(popular)["modelMetrics"] != metrics


def test_a_retraining_moves_neither_status_nor_date(mock, popular):
    before = describe(popular)
    news(mock)
    mock.clock.jump_to(before["creationDateTime"] + WEEK)
    assert trained_at(mock) == timedelta(0)
    assert describe(popular) == {**before, "modelMetrics": trained().metrics}


def test_the_rhythm_of_seven_days_is_kept(mock, popular):
    created = describe(popular)["creationDateTime"]
    for week in (1, 2, 3):
        news(mock, users=50 + week)
        mock.clock.jump_to(created + week * WEEK)
        assert trained_at(mock) == timedelta(0)
        assert len(trained().interactions.users) == 50 + week


def test_a_stopped_recommender_is_not_trained_anew_and_keeps_its_rhythm(mock, popular):
    created, old = describe(popular)["creationDateTime"], trained()
    stop(mock, popular)
    news(mock)
    mock.clock.jump_to(created + 1.5 * WEEK)
    start(mock, popular)
    assert trained() is old
    mock.clock.jump_to(created + 2 * WEEK - MOMENT)
    assert trained() is old
    mock.clock.jump(MOMENT)
    assert trained_at(mock) == timedelta(0)


def test_a_retraining_with_too_little_data_leaves_the_old_model(mock, popular):
    before, old = describe(popular), trained()
    news(mock, event_type="Click")
    mock.clock.jump_to(before["creationDateTime"] + WEEK)
    assert trained() is old
    assert describe(popular) == before
    news(mock)
    mock.clock.jump_to(before["creationDateTime"] + 2 * WEEK)
    assert len(trained().interactions) == 52 * 24


def test_without_news_a_retraining_would_change_nothing_and_is_left_out(mock, popular):
    old = trained()
    mock.clock.jump(4 * WEEK)
    assert trained() is old


def test_a_failed_recommender_is_not_trained_anew(mock):
    group = a_domain_group_with_data(mock, text=interactions_csv(event_type="Click"))
    a_recommender(mock, POPULAR, group=group)
    news(mock)
    mock.clock.jump(2 * WEEK)
    assert describe()["status"] == "CREATE FAILED"
    assert trained() is None


def test_a_recommender_that_is_still_being_created_after_a_week_is_trained_a_week_later():
    with mock_personalize(clock=0, durations={"recommender": 10 * 86_400}) as mock:
        create(a_domain_group_with_data(mock))
        created = describe()["creationDateTime"]
        mock.clock.jump_to(created + WEEK)
        assert trained().data.now == pytest.approx((created + timedelta(days=2)).timestamp())
        news(mock)
        mock.clock.jump_to(created + 2 * WEEK)
        assert trained_at(mock) == timedelta(0)


# Two-hourly updates.


@pytest.fixture
def picks(mock, group):
    return a_recommender(mock, PICKS, group=group)


def test_personal_use_cases_take_in_what_is_new_two_hours_after_they_became_active(mock, picks):
    before, active, model = describe(picks), mock.clock.now(), trained().model
    news(mock)
    mock.clock.jump_to(active + timedelta(hours=2) - MOMENT)
    assert len(trained().interactions.users) == 50
    mock.clock.jump(MOMENT)
    assert trained_at(mock) == timedelta(0)
    assert len(trained().interactions.users) == 52
    assert describe(picks) == before
    assert type(trained().model) is type(model)


def test_recommended_for_you_is_a_personal_use_case(mock):
    arn = a_recommender(mock, "aws-ecomm-recommended-for-you")
    an_import_job(mock, DATASET, interactions_csv(users=55, event_type="View"))
    active = describe(arn)["lastUpdatedDateTime"]
    mock.clock.jump_to(active + timedelta(hours=2))
    assert len(trained().interactions.users) == 55


def test_events_that_were_put_are_news(mock, group, picks):
    tracker = client().describe_event_tracker(eventTrackerArn=an_event_tracker(mock, group))["eventTracker"]
    event = {"eventType": "Watch", "itemId": "i1", "sentAt": mock.clock.now()}
    mock.call("PutEvents", trackingId=tracker["trackingId"], userId="new", sessionId="s", eventList=[event])
    assert trained().user("new") == -1
    mock.clock.jump(timedelta(hours=2))
    assert trained().user("new") >= 0


def test_updates_come_every_two_hours(mock, picks):
    active = mock.clock.now()
    for turn in (1, 2, 3):
        news(mock, users=50 + turn)
        mock.clock.jump_to(active + turn * timedelta(hours=2))
        assert len(trained().interactions.users) == 50 + turn


def test_without_news_there_is_no_update(mock, picks):
    old = trained()
    mock.clock.jump(timedelta(days=3))
    assert trained() is old


def test_other_use_cases_wait_for_the_week(mock, popular):
    news(mock)
    old = trained()
    mock.clock.jump(timedelta(days=3))
    assert trained() is old


def test_trends_are_looked_at_again_every_two_hours_without_news(mock, group):
    a_recommender(mock, TRENDS, group=group)
    active = mock.clock.now()
    for turn in (1, 2):
        mock.clock.jump_to(active + turn * timedelta(hours=2))
        assert trained_at(mock) == timedelta(0)
        mock.clock.jump(timedelta(hours=1))
        assert trained_at(mock) == timedelta(hours=1)


def test_a_stopped_recommender_takes_nothing_in_until_two_hours_after_it_was_started(mock, picks):
    old = trained()
    stop(mock, picks)
    news(mock)
    mock.clock.jump(timedelta(days=1))
    assert trained() is old
    start(mock, picks)
    mock.clock.jump(timedelta(hours=2) - MOMENT)
    assert trained() is old
    mock.clock.jump(MOMENT)
    assert trained_at(mock) == timedelta(0)


def test_when_a_dataset_was_deleted_nothing_is_taken_in_any_more(mock, whole_group):
    arn = a_recommender(mock, PICKS, group=whole_group)
    old = trained()
    gone = DATASET.replace("INTERACTIONS", "ITEMS")
    client().delete_dataset(datasetArn=gone)
    settle(mock, gone)
    news(mock)
    mock.clock.jump(timedelta(hours=4))
    assert trained() is old
    assert describe(arn)["status"] == "ACTIVE"


def test_what_came_while_an_update_trained_is_taken_in_afterwards(mock, whole_group):
    arn = a_recommender(mock, PICKS, group=whole_group)
    mock.clock.jump(timedelta(hours=1, minutes=55))
    update(arn, **WITHOUT_AGE)
    mock.clock.jump(timedelta(minutes=3))
    news(mock)
    settle(mock, arn)
    assert len(trained().interactions.users) == 50
    mock.clock.jump(timedelta(hours=2))
    assert len(trained().interactions.users) == 52


def test_a_dataset_that_is_added_is_news(mock, picks):
    schema = a_schema(mock, "Items", name="cinema-items", domain="VIDEO_ON_DEMAND")
    group = f"{PREFIX}:dataset-group/cinema"
    an_import_job(mock, a_dataset(mock, group, "Items", schemaArn=schema))
    mock.clock.jump(timedelta(hours=2))
    assert trained().data.items is not None
