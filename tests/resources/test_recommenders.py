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
from evaluation.materials import RANKING_METRICS

from personalize_mock import active, mock_personalize
from personalize_mock.resources import catalogue

PREFIX = f"arn:aws:personalize:us-east-1:{ACCOUNT}"
ARN = f"{PREFIX}:recommender/recommender"
DATASET = f"{PREFIX}:dataset/cinema/INTERACTIONS"
POPULAR = "aws-vod-most-popular"
PICKS = "aws-vod-top-picks"
TRENDS = "aws-vod-trending-now"
WEEK = timedelta(days=7)
MILLISECOND = timedelta(milliseconds=1)
METADATA = {"enableMetadataWithRecommendations": True}
WITHOUT_AGE = {"trainingDataConfig": {"excludedDatasetColumns": {"Users": ["AGE"]}}}


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


def fitted_model(arn=ARN):
    """The model of a recommender. A retraining need not change what the API shows."""
    return active.current_run().simulation.store(ACCOUNT, "us-east-1").resource(arn).fitted_model


def data_age(mock, arn=ARN):
    """The time since the model took in its data."""
    return timedelta(seconds=mock.clock.timestamp() - fitted_model(arn).data.now)


def import_interactions(mock, **options):
    """Replace the interactions."""
    an_import_job(mock, DATASET, interactions_csv(**{"each": 24, "users": 52} | options))


def put_new_users(mock, recommender, *users, event_type="Watch"):
    """Put an event of each user into the recommender's dataset group."""
    group = describe(recommender)["datasetGroupArn"]
    trackers = mock.call("ListEventTrackers", datasetGroupArn=group)["eventTrackers"]
    tracker = trackers[0]["eventTrackerArn"] if trackers else an_event_tracker(mock, group)
    tracking_id = client().describe_event_tracker(eventTrackerArn=tracker)["eventTracker"]["trackingId"]
    event = {"eventType": event_type, "itemId": "i1", "sentAt": mock.clock.now()}
    for user in users:
        mock.call("PutEvents", trackingId=tracking_id, userId=user, sessionId=user, eventList=[event])


# CreateRecommender.


def test_create_recommender_returns_only_the_arn(mock, group):
    answer = client().create_recommender(name="recommender", datasetGroupArn=group, recipeArn=recipe(POPULAR))
    answer.pop("ResponseMetadata")
    assert answer == {"recommenderArn": ARN}


def test_a_recommender_goes_from_pending_through_in_progress_to_active(mock, group):
    states = polled_statuses(client().describe_recommender, recommenderArn=create(group))
    assert states == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]


def test_a_pending_recommender_has_an_empty_configuration_and_neither_update_nor_metrics(mock, group):
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


def test_a_creation_takes_the_observed_time(mock, group):
    for name, minutes in ((POPULAR, 40), (PICKS, 43)):
        shown = describe(a_recommender(mock, name, group=group, name=name))
        assert shown["lastUpdatedDateTime"] - shown["creationDateTime"] == timedelta(minutes=minutes)


def test_durations_can_be_set_by_use_case():
    with mock_personalize(clock=0, durations={f"recommender:{POPULAR}": 60}) as mock:
        shown = describe(a_recommender(mock, POPULAR))
        assert shown["lastUpdatedDateTime"] - shown["creationDateTime"] == timedelta(minutes=1)


def test_metrics_are_shown_from_a_successful_training_until_the_deletion(mock, group):
    create(group, PICKS)
    states = {}
    while "ACTIVE" not in states:
        shown = describe()
        states[shown["status"]] = shown.get("modelMetrics")
    assert states["CREATE PENDING"] is states["CREATE IN_PROGRESS"] is None
    assert list(states["ACTIVE"]) == RANKING_METRICS
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
        expected = ["trend_prediction_accuracy"] if use_case.name == TRENDS else RANKING_METRICS
        assert list(shown["modelMetrics"]) == expected
    assert len(use_cases) == 5


def test_a_recommender_needs_a_dataset_group_with_a_domain(mock):
    group = a_group_with_data(mock)
    for name in (POPULAR, "aws-user-personalization"):
        code, message = refusal(create, group=group, recipe_name=name)
        assert code == "InvalidInputException"
        assert "belongs to no domain" in message


@pytest.mark.parametrize("name", ["aws-ecomm-recommended-for-you", "aws-user-personalization"])
def test_the_recipe_must_belong_to_the_domain_of_the_group(mock, group, name):
    code, message = refusal(create, group=group, recipe_name=name)
    assert code == "InvalidInputException"
    assert "VIDEO_ON_DEMAND" in message
    assert client().list_recommenders()["recommenders"] == []


def test_unknown_groups_and_recipes_are_not_found(mock, group):
    missing = f"{PREFIX}:dataset-group/missing"
    expected = ("ResourceNotFoundException", f"The given dataset group does not exist: {missing}")
    assert refusal(create, group=missing) == expected
    assert refusal(create, group=group, recipe_name="aws-vod-nothing")[0] == "ResourceNotFoundException"


def test_the_dataset_group_must_be_active(mock):
    group = mock.call("CreateDatasetGroup", name="new", domain="VIDEO_ON_DEMAND")["datasetGroupArn"]
    assert refusal(create, group=group)[0] == "ResourceInUseException"


def test_exploration_settings_are_refused_for_use_cases_without_exploration(mock, group):
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
def test_invalid_exploration_settings_are_refused(mock, group, exploration):
    refused = refusal(create, group=group, recipe_name=PICKS, recommenderConfig={"itemExplorationConfig": exploration})
    assert refused[0] == "InvalidInputException"


@pytest.mark.parametrize(
    "columns",
    [{"Interactions": ["EVENT_TYPE"]}, {"Interactions": ["NOTHING"]}, {"Items": ["PRICE"]}],
    ids=["event type", "unknown column", "no such dataset"],
)
def test_columns_that_cannot_be_excluded_are_refused(mock, group, columns):
    config = {"trainingDataConfig": {"excludedDatasetColumns": columns}}
    assert refusal(create, group=group, recommenderConfig=config)[0] == "InvalidInputException"


def test_less_than_one_request_a_second_is_refused(mock, group):
    request = {"name": "recommender", "datasetGroupArn": group, "recipeArn": recipe(POPULAR)}
    config = {"minRecommendationRequestsPerSecond": 0}
    refused = refusal(client(unchecked=True).create_recommender, **request, recommenderConfig=config)
    assert refused[0] == "ValidationException"


def test_the_name_of_a_recommender_is_unique(mock, group):
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


def test_the_sixteenth_recommender_of_a_region_is_refused(mock):
    """Developer guide, "Amazon Personalize endpoints and quotas" (2025)."""
    *groups, last = [a_dataset_group(mock, f"videos-{number}", domain="VIDEO_ON_DEMAND") for number in range(4)]
    for group in groups:
        for number in range(5):
            create(group, name=f"{group.rpartition('/')[2]}-{number}")
    expected = ("LimitExceededException", "More than 15 resources in ACTIVE state. Please delete some and try again.")
    assert refusal(create, group=last, name="sixteenth") == expected
    assert len(client().list_recommenders()["recommenders"]) == 15


def test_a_taken_name_is_reported_before_the_quota(mock, group):
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
    assert [entry["recommenderArn"] for entry in client().list_recommenders()["recommenders"]] == [popular, elsewhere]


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
def test_too_few_interactions_of_the_required_event_type_fail_the_creation(mock, name, domain, event_type):
    many = interactions_csv(event_type="Other")
    few = interactions_csv(users=49, event_type=event_type)
    group = a_domain_group_with_data(mock, domain=domain, text=many + few.partition("\n")[2])
    shown = describe(a_recommender(mock, name, group=group))
    assert shown["status"] == "CREATE FAILED"
    reason = f"Dataset has fewer than 1000 interactions after filtering by event type: {event_type}"
    assert shown["failureReason"] == reason
    assert "modelMetrics" not in shown


def test_a_failure_is_shown_at_the_end_of_the_creation(mock):
    create(a_domain_group_with_data(mock, text=interactions_csv(event_type="Click")))
    states = polled_statuses(client().describe_recommender, recommenderArn=ARN)
    assert states == ["CREATE PENDING", "CREATE IN_PROGRESS", "CREATE FAILED"]


@pytest.mark.parametrize("event_type", ["watch", "WATCH", "Watch"])
def test_the_case_of_event_types_does_not_matter(mock, event_type):
    group = a_domain_group_with_data(mock, text=interactions_csv(event_type=event_type))
    a_recommender(mock, POPULAR, group=group)
    assert describe()["status"] == "ACTIVE"
    assert len(fitted_model().interactions) == 1000


def test_interactions_of_other_event_types_are_not_trained_on(mock):
    clicks = interactions_csv(event_type="Click", users=80).partition("\n")[2]
    group = a_domain_group_with_data(mock, text=interactions_csv() + clicks)
    a_recommender(mock, POPULAR, group=group)
    assert len(fitted_model().interactions) == 1000


def test_personal_use_cases_train_on_all_event_types(mock):
    clicks = interactions_csv(event_type="Click").partition("\n")[2]
    group = a_domain_group_with_data(mock, text=interactions_csv() + clicks)
    a_recommender(mock, PICKS, group=group)
    assert len(fitted_model().interactions) == 2000


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
    import_interactions(mock)
    settle(mock, ARN)
    assert len(fitted_model().interactions) == 1000


def test_excluded_columns_are_not_trained_on(mock, whole_group):
    a_recommender(mock, PICKS, group=whole_group, recommenderConfig=WITHOUT_AGE)
    assert [field.name for field in fitted_model().data.users.fields] == ["MEMBERSHIP"]


# DeleteRecommender.


def test_a_deleted_recommender_goes_through_the_statuses_of_a_deletion(mock, popular):
    assert list(client().delete_recommender(recommenderArn=popular)) == ["ResponseMetadata"]
    states = polled_statuses(client().describe_recommender, recommenderArn=popular)
    assert states == ["DELETE PENDING", "DELETE IN_PROGRESS", ""]
    gone = ("ResourceNotFoundException", f"The given recommender does not exist: {popular}")
    for operation in ("describe_recommender", "delete_recommender", "start_recommender", "stop_recommender"):
        assert refusal(getattr(client(), operation), recommenderArn=popular) == gone
    assert refusal(update, arn=popular, **METADATA) == gone
    assert not [due for due in mock.clock.upcoming() if due.arn == popular]


def test_a_recommender_that_is_created_or_deleted_cannot_be_deleted(mock, group):
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


def test_a_dataset_cannot_be_deleted_while_a_recommender_is_created(mock, group):
    create(group)
    assert refusal(client().delete_dataset, datasetArn=DATASET)[0] == "ResourceInUseException"
    settle(mock, ARN)
    client().delete_dataset(datasetArn=DATASET)


# UpdateRecommender.


def test_update_recommender_returns_only_the_arn(mock, popular):
    answer = update(popular, **METADATA)
    answer.pop("ResponseMetadata")
    assert answer == {"recommenderArn": popular}


def test_a_running_update_is_shown_beside_the_old_configuration(mock, popular):
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


def test_an_update_of_the_training_columns_trains_while_the_old_model_serves(mock, whole_group):
    arn = a_recommender(mock, PICKS, group=whole_group)
    old = fitted_model()
    update(arn, **WITHOUT_AGE)
    mock.clock.jump(timedelta(minutes=12))
    assert describe(arn)["latestRecommenderUpdate"]["status"] == "CREATE IN_PROGRESS"
    assert fitted_model() is old
    settle(mock, arn)
    assert [field.name for field in fitted_model().data.users.fields] == ["MEMBERSHIP"]
    assert describe(arn)["recommenderConfig"] == WITHOUT_AGE


def test_an_update_trains_when_it_is_in_progress(mock, whole_group):
    arn = a_recommender(mock, POPULAR, group=whole_group)
    update(arn, **WITHOUT_AGE)
    updated = mock.clock.timestamp()
    settle(mock, arn)
    assert fitted_model().data.now == pytest.approx(updated + 0.2 * 13 * 60)


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
def test_other_updates_do_not_train(mock, group, config):
    arn = a_recommender(mock, PICKS, group=group)
    old = fitted_model()
    update(arn, **config)
    settle(mock, arn)
    assert fitted_model() is old
    assert describe(arn)["recommenderConfig"] == config


def test_the_same_columns_in_another_order_do_not_train(mock, whole_group):
    excluded = [{"Items": ["PRICE", "GENRES"]}, {"ITEMS": ["GENRES", "PRICE"]}]
    first, second = ({"trainingDataConfig": {"excludedDatasetColumns": columns}} for columns in excluded)
    arn = a_recommender(mock, POPULAR, group=whole_group, recommenderConfig=first)
    old = fitted_model()
    update(arn, **second)
    settle(mock, arn)
    assert fitted_model() is old


def test_an_update_whose_training_fails_keeps_the_old_model(mock, whole_group):
    arn = a_recommender(mock, POPULAR, group=whole_group)
    old = fitted_model()
    import_interactions(mock, event_type="Click")
    update(arn, **WITHOUT_AGE)
    shown = describe(settle(mock, arn))
    assert (shown["status"], shown["recommenderConfig"]) == ("ACTIVE", {})
    assert "failureReason" not in shown
    assert shown["latestRecommenderUpdate"]["status"] == "CREATE FAILED"
    assert shown["latestRecommenderUpdate"]["failureReason"].startswith("Dataset has fewer than 1000 interactions")
    assert fitted_model() is old
    update(arn, **METADATA)
    assert describe(settle(mock, arn))["recommenderConfig"] == METADATA


def test_other_changes_are_refused_during_an_update(mock, popular):
    update(popular, **METADATA)
    for refused in (
        refusal(update, arn=popular, minRecommendationRequestsPerSecond=2),
        refusal(client().stop_recommender, recommenderArn=popular),
        refusal(client().start_recommender, recommenderArn=popular),
        refusal(client().delete_recommender, recommenderArn=popular),
    ):
        assert refused[0] == "ResourceInUseException"


# StopRecommender and StartRecommender.


def test_stop_and_start_recommender_return_only_the_arn(mock, popular):
    for operation in (client().stop_recommender, client().start_recommender):
        answer = operation(recommenderArn=popular)
        answer.pop("ResponseMetadata")
        assert answer == {"recommenderArn": popular}
        settle(mock, popular)


def test_a_recommender_goes_through_the_statuses_of_a_stop_and_a_start(mock, popular):
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
    old, metrics = fitted_model(), describe(popular)["modelMetrics"]
    import_interactions(mock)
    assert describe(stop(mock, popular))["modelMetrics"] == metrics
    assert describe(start(mock, popular))["modelMetrics"] == metrics
    assert fitted_model() is old


def test_an_active_recommender_can_be_stopped_and_updated_and_an_inactive_one_started(mock, popular):
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


def test_a_recommender_that_is_created_or_stopped_is_in_use(mock, group):
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


def test_a_recommender_is_retrained_a_week_after_its_creation(mock, popular):
    shown = describe(popular)
    metrics, created = shown["modelMetrics"], shown["creationDateTime"]
    import_interactions(mock)
    mock.clock.jump_to(created + WEEK - MILLISECOND)
    assert len(fitted_model().interactions) == 1000
    mock.clock.jump(MILLISECOND)
    assert data_age(mock) == timedelta(0)
    assert len(fitted_model().interactions) == 52 * 24
    assert describe(popular)["modelMetrics"] != metrics


def test_a_retraining_changes_neither_status_nor_dates(mock, popular):
    before = describe(popular)
    import_interactions(mock)
    mock.clock.jump_to(before["creationDateTime"] + WEEK)
    assert data_age(mock) == timedelta(0)
    assert describe(popular) == {**before, "modelMetrics": fitted_model().metrics}


def test_a_recommender_is_retrained_every_seven_days(mock, popular):
    created = describe(popular)["creationDateTime"]
    for week in (1, 2, 3):
        import_interactions(mock, users=50 + week)
        mock.clock.jump_to(created + week * WEEK)
        assert data_age(mock) == timedelta(0)
        assert len(fitted_model().interactions.users) == 50 + week


def test_a_stopped_recommender_is_not_retrained_and_keeps_its_schedule(mock, popular):
    created, old = describe(popular)["creationDateTime"], fitted_model()
    stop(mock, popular)
    import_interactions(mock)
    mock.clock.jump_to(created + 1.5 * WEEK)
    start(mock, popular)
    assert fitted_model() is old
    mock.clock.jump_to(created + 2 * WEEK - MILLISECOND)
    assert fitted_model() is old
    mock.clock.jump(MILLISECOND)
    assert data_age(mock) == timedelta(0)


def test_a_retraining_that_fails_keeps_the_old_model(mock, popular):
    before, old = describe(popular), fitted_model()
    import_interactions(mock, event_type="Click")
    mock.clock.jump_to(before["creationDateTime"] + WEEK)
    assert fitted_model() is old
    assert describe(popular) == before
    import_interactions(mock)
    mock.clock.jump_to(before["creationDateTime"] + 2 * WEEK)
    assert len(fitted_model().interactions) == 52 * 24


def test_a_retraining_without_new_data_is_skipped(mock, popular):
    old = fitted_model()
    mock.clock.jump(4 * WEEK)
    assert fitted_model() is old


def test_a_failed_recommender_is_not_retrained(mock):
    group = a_domain_group_with_data(mock, text=interactions_csv(event_type="Click"))
    a_recommender(mock, POPULAR, group=group)
    import_interactions(mock)
    mock.clock.jump(2 * WEEK)
    assert describe()["status"] == "CREATE FAILED"
    assert fitted_model() is None


def test_a_recommender_that_takes_longer_than_a_week_to_create_is_retrained_a_week_later():
    with mock_personalize(clock=0, durations={"recommender": 10 * 86_400}) as mock:
        create(a_domain_group_with_data(mock))
        created = describe()["creationDateTime"]
        mock.clock.jump_to(created + WEEK)
        assert fitted_model().data.now == pytest.approx((created + timedelta(days=2)).timestamp())
        import_interactions(mock)
        mock.clock.jump_to(created + 2 * WEEK)
        assert data_age(mock) == timedelta(0)


# Refreshes.


@pytest.fixture
def picks(mock, group):
    return a_recommender(mock, PICKS, group=group)


def test_personal_use_cases_are_refreshed_two_hours_after_they_become_active(mock, picks):
    before, active, model = describe(picks), mock.clock.now(), fitted_model().model
    put_new_users(mock, picks, "new1", "new2")
    mock.clock.jump_to(active + timedelta(hours=2) - MILLISECOND)
    assert len(fitted_model().interactions.users) == 50
    mock.clock.jump(MILLISECOND)
    assert data_age(mock) == timedelta(0)
    assert len(fitted_model().interactions.users) == 52
    assert describe(picks) == before
    assert type(fitted_model().model) is type(model)


def test_recommended_for_you_is_a_personal_use_case(mock):
    arn = a_recommender(mock, "aws-ecomm-recommended-for-you")
    active = describe(arn)["lastUpdatedDateTime"]
    put_new_users(mock, arn, *(f"new{number}" for number in range(5)), event_type="View")
    mock.clock.jump_to(active + timedelta(hours=2))
    assert len(fitted_model().interactions.users) == 55


def test_a_refresh_takes_in_put_events(mock, group, picks):
    tracker = client().describe_event_tracker(eventTrackerArn=an_event_tracker(mock, group))["eventTracker"]
    event = {"eventType": "Watch", "itemId": "i1", "sentAt": mock.clock.now()}
    mock.call("PutEvents", trackingId=tracker["trackingId"], userId="new", sessionId="s", eventList=[event])
    assert fitted_model().user("new") == -1
    mock.clock.jump(timedelta(hours=2))
    assert fitted_model().user("new") >= 0


def test_a_recommender_is_refreshed_every_two_hours(mock, picks):
    active = mock.clock.now()
    for turn in (1, 2, 3):
        put_new_users(mock, picks, f"new{turn}")
        mock.clock.jump_to(active + turn * timedelta(hours=2))
        assert len(fitted_model().interactions.users) == 50 + turn


def test_a_model_is_not_refreshed_without_new_data(mock, picks):
    old = fitted_model()
    mock.clock.jump(timedelta(days=3))
    assert fitted_model() is old


def test_other_use_cases_are_not_refreshed(mock, popular):
    import_interactions(mock)
    old = fitted_model()
    mock.clock.jump(timedelta(days=3))
    assert fitted_model() is old


def test_trends_are_refreshed_every_two_hours_without_new_data(mock, group):
    a_recommender(mock, TRENDS, group=group)
    active = mock.clock.now()
    for turn in (1, 2):
        mock.clock.jump_to(active + turn * timedelta(hours=2))
        assert data_age(mock) == timedelta(0)
        mock.clock.jump(timedelta(hours=1))
        assert data_age(mock) == timedelta(hours=1)


def test_a_restarted_recommender_is_refreshed_two_hours_later(mock, picks):
    old = fitted_model()
    stop(mock, picks)
    import_interactions(mock)
    mock.clock.jump(timedelta(days=1))
    assert fitted_model() is old
    start(mock, picks)
    mock.clock.jump(timedelta(hours=2) - MILLISECOND)
    assert fitted_model() is old
    mock.clock.jump(MILLISECOND)
    assert data_age(mock) == timedelta(0)


def test_a_recommender_is_not_refreshed_after_a_dataset_was_deleted(mock, whole_group):
    arn = a_recommender(mock, PICKS, group=whole_group)
    old = fitted_model()
    gone = DATASET.replace("INTERACTIONS", "ITEMS")
    client().delete_dataset(datasetArn=gone)
    settle(mock, gone)
    import_interactions(mock)
    mock.clock.jump(timedelta(hours=4))
    assert fitted_model() is old
    assert describe(arn)["status"] == "ACTIVE"


def test_data_that_arrive_during_an_update_are_taken_in_by_the_next_refresh(mock, whole_group):
    arn = a_recommender(mock, PICKS, group=whole_group)
    mock.clock.jump(timedelta(hours=1, minutes=55))
    update(arn, **WITHOUT_AGE)
    mock.clock.jump(timedelta(minutes=3))
    put_new_users(mock, arn, "new1", "new2")
    settle(mock, arn)
    assert len(fitted_model().interactions.users) == 50
    mock.clock.jump(timedelta(hours=2))
    assert len(fitted_model().interactions.users) == 52


def test_a_new_dataset_counts_as_new_data(mock, picks):
    schema = a_schema(mock, "Items", name="cinema-items", domain="VIDEO_ON_DEMAND")
    group = f"{PREFIX}:dataset-group/cinema"
    an_import_job(mock, a_dataset(mock, group, "Items", schemaArn=schema))
    mock.clock.jump(timedelta(hours=2))
    assert fitted_model().data.items is not None
