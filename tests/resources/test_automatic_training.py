"""Automatic training of solutions and refreshes of deployed versions, at the right times."""

from datetime import datetime, timedelta, timezone

import pytest
from builders import (
    ACCOUNT,
    START,
    a_campaign,
    a_dataset,
    a_dataset_group,
    a_group_with_data,
    a_solution,
    a_solution_version,
    an_event_tracker,
    an_import_job,
    avro_schema,
    client,
    interactions_csv,
    items_csv,
    needs_shape,
    recipe,
    settle,
    status_changes,
)

from personalize_mock import active, mock_personalize

INTERACTIONS = f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset/shop/INTERACTIONS"
ITEMS = f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset/shop/ITEMS"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MILLISECOND = timedelta(milliseconds=1)
DAILY = {"autoTrainingConfig": {"schedulingExpression": "rate(1 day)"}}
POPULAR = "aws-popularity-count"


@pytest.fixture
def group(mock):
    return a_group_with_data(mock)


def a_scheduled_solution(mock, group, recipe_name=POPULAR, **members):
    """A solution with automatic training, and the time when it became ACTIVE."""
    return a_solution(mock, group, recipe_name, performAutoTraining=True, **members), mock.clock.now()


def versions(solution):
    """The automatic versions of a solution."""
    listed = client().list_solution_versions(solutionArn=solution)["solutionVersions"]
    return [version for version in listed if version["trainingType"] == "AUTOMATIC"]


def training_times(solution):
    """The times when automatic trainings of a solution began."""
    return [version["creationDateTime"] for version in versions(solution)]


def import_new_interactions(mock, count=1):
    """Import all interactions again, and new ones."""
    number = len(mock.journal.calls("CreateDatasetImportJob"))
    rows = "".join(f"u{n},i0,Watch,{START + 1_000_000 * number + n}\n" for n in range(count))
    an_import_job(mock, INTERACTIONS, interactions_csv() + rows)


def update(mock, solution, **members):
    client().update_solution(solutionArn=solution, **members)
    settle(mock, solution)
    return mock.clock.now()


# The schedule.


def test_the_first_training_starts_an_hour_after_the_solution_becomes_active(mock, group):
    solution, active = a_scheduled_solution(mock, group)
    mock.clock.jump(HOUR - MILLISECOND)
    assert client().list_solution_versions(solutionArn=solution)["solutionVersions"] == []
    mock.clock.jump(MILLISECOND)
    (version,) = versions(solution)
    assert version["status"] == "CREATE PENDING"
    assert version["creationDateTime"] == active + HOUR
    assert version["trainingMode"] == "FULL"


def test_an_automatic_version_can_be_described_measured_and_deployed(mock, group):
    solution, _ = a_scheduled_solution(mock, group)
    mock.clock.jump(2 * HOUR)
    (version,) = versions(solution)
    arn = version["solutionVersionArn"]
    shown = client().describe_solution_version(solutionVersionArn=arn)["solutionVersion"]
    assert (shown["status"], shown["trainingType"]) == ("ACTIVE", "AUTOMATIC")
    assert shown["name"] == arn.partition(":solution/")[2]
    latest = client().describe_solution(solutionArn=solution)["solution"]["latestSolutionVersion"]
    assert latest["solutionVersionArn"] == arn
    assert client().get_solution_metrics(solutionVersionArn=arn)["metrics"]
    a_campaign(mock, arn)


def test_automatic_training_is_on_by_default(mock, group):
    on = mock.call("CreateSolution", name="on", datasetGroupArn=group, recipeArn=recipe(POPULAR))
    off = a_solution(mock, group, POPULAR, name="off", performAutoTraining=False)
    mock.clock.jump(30 * DAY)
    assert len(versions(on["solutionArn"])) == 1
    assert versions(off) == []


def test_the_hour_is_counted_from_when_the_solution_becomes_active():
    with mock_personalize(clock="2024-05-01", durations={"solution": 600}) as mock:
        solution, active = a_scheduled_solution(mock, a_group_with_data(mock))
        mock.clock.jump(2 * HOUR)
        assert training_times(solution) == [active + HOUR]
        created = client().describe_solution(solutionArn=solution)["solution"]["creationDateTime"]
        assert active - created == timedelta(minutes=10)


@pytest.mark.parametrize("wait", [timedelta(0), HOUR - MILLISECOND], ids=["at once", "in the last millisecond"])
def test_a_manual_version_within_the_hour_replaces_the_first_automatic_one(mock, group, wait):
    solution, active = a_scheduled_solution(mock, group, solutionConfig=DAILY)
    mock.clock.jump(wait)
    client().create_solution_version(solutionArn=solution)
    mock.clock.jump_to(active + 23 * HOUR)
    assert versions(solution) == []
    import_new_interactions(mock)
    mock.clock.jump_to(active + DAY + HOUR)
    assert training_times(solution) == [active + HOUR + DAY]


def test_later_trainings_follow_the_start_of_the_first_one(mock, group):
    config = {"autoTrainingConfig": {"schedulingExpression": "rate(3 days)"}}
    solution, active = a_scheduled_solution(mock, group, solutionConfig=config)
    for _ in range(10):
        mock.clock.jump(DAY)
        import_new_interactions(mock)
    first = active + HOUR
    assert training_times(solution) == [first, first + 3 * DAY, first + 6 * DAY, first + 9 * DAY]


def test_the_default_interval_is_seven_days(mock, group):
    solution, active = a_scheduled_solution(mock, group)
    mock.clock.jump(DAY)
    import_new_interactions(mock)
    mock.clock.jump_to(active + HOUR + 7 * DAY - MILLISECOND)
    assert training_times(solution) == [active + HOUR]
    mock.clock.jump(MILLISECOND)
    assert training_times(solution) == [active + HOUR, active + HOUR + 7 * DAY]


def test_a_training_without_new_interactions_is_skipped_and_the_schedule_stays(mock, group):
    solution, active = a_scheduled_solution(mock, group, solutionConfig=DAILY)
    mock.clock.jump(5 * DAY)
    assert training_times(solution) == [active + HOUR]
    import_new_interactions(mock)
    mock.clock.jump(2 * DAY)
    assert training_times(solution) == [active + HOUR, active + HOUR + 5 * DAY]


def test_put_events_count_as_new_interactions(mock, group):
    solution, active = a_scheduled_solution(mock, group, solutionConfig=DAILY)
    mock.clock.jump(2 * HOUR)
    put_watch_event(mock, group, "i1")
    mock.clock.jump(DAY)
    assert training_times(solution) == [active + HOUR, active + HOUR + DAY]


def put_watch_event(mock, group, item, user="u1"):
    """Put an event of a user."""
    if not mock.journal.calls("CreateEventTracker"):
        an_event_tracker(mock, group)
    (tracker,) = client().list_event_trackers()["eventTrackers"]
    tracking = client().describe_event_tracker(eventTrackerArn=tracker["eventTrackerArn"])["eventTracker"]
    event = {"eventType": "Watch", "sentAt": mock.clock.now(), "itemId": item}
    client("personalize-events").put_events(
        trackingId=tracking["trackingId"], userId=user, sessionId="s", eventList=[event]
    )


def test_new_items_alone_do_not_start_a_training(mock):
    solution, active = a_scheduled_solution(
        mock, a_group_with_data(mock, "shop", "Interactions", "Items"), solutionConfig=DAILY
    )
    mock.clock.jump(2 * HOUR)
    an_import_job(mock, ITEMS, items_csv(items=80))
    mock.clock.jump(3 * DAY)
    assert training_times(solution) == [active + HOUR]


def test_interactions_seen_by_a_manual_training_are_not_new(mock, group):
    solution, active = a_scheduled_solution(mock, group, solutionConfig=DAILY)
    mock.clock.jump(2 * HOUR)
    import_new_interactions(mock)
    a_solution_version(mock, solution)
    mock.clock.jump(3 * DAY)
    assert training_times(solution) == [active + HOUR]


def test_no_training_starts_while_another_is_pending(mock, group):
    solution, active = a_scheduled_solution(mock, group, solutionConfig=DAILY)
    mock.clock.jump(2 * HOUR)
    import_new_interactions(mock)
    mock.clock.jump_to(active + HOUR + DAY - MILLISECOND)
    client().create_solution_version(solutionArn=solution)
    mock.clock.jump(3 * DAY)
    assert training_times(solution) == [active + HOUR]


def test_interactions_seen_by_a_stopped_training_are_still_new(mock, group):
    solution, active = a_scheduled_solution(mock, group, solutionConfig=DAILY)
    mock.clock.jump(2 * HOUR)
    import_new_interactions(mock)
    stopped = client().create_solution_version(solutionArn=solution)["solutionVersionArn"]
    mock.clock.jump(1000)
    client().stop_solution_version_creation(solutionVersionArn=stopped)
    mock.clock.jump(DAY)
    assert training_times(solution) == [active + HOUR, active + HOUR + DAY]


def test_interactions_that_arrive_during_a_training_are_new(mock, group):
    solution, active = a_scheduled_solution(mock, group, solutionConfig=DAILY)
    mock.clock.jump(HOUR + timedelta(minutes=20))
    assert versions(solution)[0]["status"] == "CREATE IN_PROGRESS"
    import_new_interactions(mock)
    mock.clock.jump(DAY)
    assert training_times(solution) == [active + HOUR, active + HOUR + DAY]


def test_a_group_without_data_is_not_trained():
    with mock_personalize(clock="2024-05-01", strict=False) as mock:
        group = a_dataset_group(mock)
        solution, active = a_scheduled_solution(mock, group, solutionConfig=DAILY)
        a_dataset(mock, group)
        mock.clock.jump_to(active + 2 * DAY)
        assert client().list_solution_versions(solutionArn=solution)["solutionVersions"] == []
        import_new_interactions(mock)
        mock.clock.jump(DAY)
        assert training_times(solution) == [active + HOUR + 2 * DAY]


def test_an_automatic_training_with_too_little_data_fails():
    with mock_personalize(clock=0, minimum_interactions=5000, strict=True) as mock:
        group = a_dataset_group(mock)
        a_dataset(mock, group)
        an_event_tracker(mock, group)
        put_watch_event(mock, group, "i1")
        solution, _ = a_scheduled_solution(mock, group)
        mock.clock.jump(DAY)
        (version,) = versions(solution)
        assert version["status"] == "CREATE FAILED"
        assert "fewer than 5000 interactions" in version["failureReason"]


def test_a_training_that_would_exceed_the_quota_is_skipped(mock, group):
    solution, active = a_scheduled_solution(mock, group, solutionConfig=DAILY)
    other = a_solution(mock, group, POPULAR, name="other")
    mock.clock.jump(HOUR - MILLISECOND)
    for _ in range(20):
        client().create_solution_version(solutionArn=other)
    mock.clock.jump(DAY)
    assert training_times(solution) == []
    mock.clock.jump(HOUR)
    assert training_times(solution) == [active + HOUR + DAY]


def test_a_deleted_solution_does_not_train(mock, group):
    solution, _ = a_scheduled_solution(mock, group)
    mock.clock.jump(HOUR - 10 * MILLISECOND)
    client().delete_solution(solutionArn=solution)
    mock.clock.jump(20 * MILLISECOND)
    assert client().list_solution_versions()["solutionVersions"] == []
    assert client().describe_solution(solutionArn=solution)["solution"]["status"] == "DELETE PENDING"
    mock.clock.jump(30 * DAY)
    assert [due for due in mock.clock.upcoming() if due.arn == solution] == []


def test_a_recreated_solution_has_a_new_schedule(mock, group):
    old, _ = a_scheduled_solution(mock, group)
    client().delete_solution(solutionArn=old)
    mock.clock.jump(HOUR / 2)
    new, active = a_scheduled_solution(mock, group)
    assert new == old
    mock.clock.jump(DAY)
    assert training_times(new) == [active + HOUR]


# UpdateSolution.


def test_switching_automatic_training_off_takes_effect_when_the_update_is_done(mock, group):
    solution, active = a_scheduled_solution(mock, group, solutionConfig=DAILY)
    mock.clock.jump_to(active + HOUR - timedelta(minutes=1))
    update(mock, solution, performAutoTraining=False)
    assert training_times(solution) == [active + HOUR]
    mock.clock.jump(HOUR)
    import_new_interactions(mock)
    mock.clock.jump(30 * DAY)
    assert training_times(solution) == [active + HOUR]


def test_switching_automatic_training_on_trains_an_hour_after_the_update(mock, group):
    solution = a_solution(mock, group, POPULAR)
    mock.clock.jump(DAY)
    done = update(mock, solution, performAutoTraining=True)
    mock.clock.jump(2 * HOUR)
    assert training_times(solution) == [done + HOUR]


def test_a_manual_version_within_an_hour_of_an_update_replaces_the_automatic_one(mock, group):
    solution = a_solution(mock, group, POPULAR)
    client().create_solution_version(solutionArn=solution)
    mock.clock.jump(DAY)
    update(mock, solution, performAutoTraining=True)
    client().create_solution_version(solutionArn=solution)
    mock.clock.jump(2 * HOUR)
    assert training_times(solution) == []


def test_a_new_interval_starts_a_new_schedule_even_without_new_interactions(mock, group):
    solution, active = a_scheduled_solution(mock, group)
    mock.clock.jump(2 * DAY)
    done = update(mock, solution, solutionUpdateConfig=DAILY)
    mock.clock.jump(2 * HOUR)
    assert training_times(solution) == [active + HOUR, done + HOUR]
    import_new_interactions(mock)
    mock.clock.jump(8 * DAY)
    assert training_times(solution) == [active + HOUR, done + HOUR, done + HOUR + DAY]


WEIGHTS = {"eventsConfig": {"eventParametersList": [{"eventType": "Watch", "weight": 0.5}]}}


@pytest.mark.parametrize(
    "members",
    [{"performAutoTraining": True}, {"solutionUpdateConfig": DAILY}, {"solutionUpdateConfig": WEIGHTS}],
    ids=["still on", "same interval", "event weights"],
)
def test_an_update_with_the_same_interval_keeps_the_schedule(mock, group, members):
    if members.get("solutionUpdateConfig") is WEIGHTS:
        needs_shape("EventsConfig")
    recipe = "aws-user-personalization-v2"
    solution, active = a_scheduled_solution(mock, group, recipe, solutionConfig=DAILY)
    mock.clock.jump_to(active + HOUR + DAY / 2)
    update(mock, solution, **members)
    import_new_interactions(mock)
    mock.clock.jump_to(active + 2 * HOUR + DAY)
    assert training_times(solution) == [active + HOUR, active + HOUR + DAY]


# Refreshes of deployed versions.


def fitted_model(version):
    """The model of a version."""
    run = active.current_run()
    return run.simulation.store(ACCOUNT, "us-east-1").resource(version).fitted_model


def has_item(version, item):
    return item in fitted_model(version).data.interactions.items.values


def import_new_item(mock):
    an_import_job(mock, ITEMS, items_csv() + f"new,Comedy,9.0,{START}\n")


@pytest.fixture
def shop(mock):
    return a_group_with_data(mock, "shop", "Interactions", "Items")


@pytest.fixture
def version(mock, shop):
    return a_solution_version(mock, a_solution(mock, shop))


def test_a_deployed_version_is_refreshed_every_two_hours_from_when_the_campaign_is_active(mock, version):
    campaign = a_campaign(mock, version)
    active = mock.clock.now()
    import_new_item(mock)
    mock.clock.jump_to(active + 2 * HOUR - MILLISECOND)
    assert not has_item(version, "new")
    mock.clock.jump(MILLISECOND)
    assert has_item(version, "new")
    mock.clock.jump(HOUR)
    an_import_job(mock, ITEMS, items_csv() + f"newer,Comedy,9.0,{START}\n")
    mock.clock.jump_to(active + 4 * HOUR - MILLISECOND)
    assert not has_item(version, "newer")
    mock.clock.jump(MILLISECOND)
    assert has_item(version, "newer")
    assert client().describe_campaign(campaignArn=campaign)["campaign"]["status"] == "ACTIVE"


def test_a_refresh_does_not_change_the_description_of_the_version(mock, version):
    a_campaign(mock, version)
    before = client().describe_solution_version(solutionVersionArn=version)["solutionVersion"]
    metrics = client().get_solution_metrics(solutionVersionArn=version)["metrics"]
    import_new_item(mock)
    mock.clock.jump(DAY)
    assert has_item(version, "new")
    assert client().describe_solution_version(solutionVersionArn=version)["solutionVersion"] == before
    assert client().get_solution_metrics(solutionVersionArn=version)["metrics"] == metrics
    assert len(client().list_solution_versions()["solutionVersions"]) == 1


def test_exploration_recommends_new_items_after_a_refresh(mock, version):
    campaign = a_campaign(mock, version, campaignConfig={"itemExplorationConfig": {"explorationWeight": "1"}})

    def recommended():
        answer = client("personalize-runtime").get_recommendations(campaignArn=campaign, userId="u0", numResults=70)
        return {item["itemId"] for item in answer["itemList"]}

    import_new_item(mock)
    assert "new" not in recommended()
    mock.clock.jump(2 * HOUR)
    assert "new" in recommended()


def test_a_model_is_not_refreshed_without_new_data(mock, version):
    a_campaign(mock, version)
    before = fitted_model(version)
    mock.clock.jump(30 * DAY)
    assert fitted_model(version) is before


def test_a_refresh_takes_in_put_events(mock, shop, version):
    a_campaign(mock, version)
    put_watch_event(mock, shop, "streamed")
    mock.clock.jump(2 * HOUR)
    assert has_item(version, "streamed")


def test_a_version_that_is_not_deployed_is_not_refreshed(mock, version):
    import_new_item(mock)
    mock.clock.jump(DAY)
    assert not has_item(version, "new")


def test_only_the_newest_full_version_is_refreshed(mock, version):
    a_campaign(mock, version)
    newer = a_solution_version(mock, version.rpartition("/")[0])
    import_new_item(mock)
    mock.clock.jump(DAY)
    assert not has_item(version, "new")
    assert not has_item(newer, "new")


def test_a_version_trained_by_update_is_not_refreshed_but_the_full_one_is(mock, version):
    updated = a_solution_version(mock, version.rpartition("/")[0], trainingMode="UPDATE")
    a_campaign(mock, updated)
    a_campaign(mock, version, name="full")
    import_new_item(mock)
    mock.clock.jump(DAY)
    assert not has_item(updated, "new")
    assert has_item(version, "new")


def test_a_recipe_without_automatic_updates_is_not_refreshed(mock, shop):
    version = a_solution_version(mock, a_solution(mock, shop, POPULAR))
    campaign = a_campaign(mock, version)
    import_new_item(mock)
    mock.clock.jump(DAY)
    assert not has_item(version, "new")
    assert [due for due in mock.clock.upcoming() if due.arn == campaign] == []


def test_a_campaign_updated_to_another_recipe_uses_the_interval_of_that_recipe(mock, shop, version):
    campaign = a_campaign(mock, a_solution_version(mock, a_solution(mock, shop, POPULAR, name="popular")))
    client().update_campaign(campaignArn=campaign, solutionVersionArn=version)
    settle(mock, campaign)
    import_new_item(mock)
    mock.clock.jump(2 * HOUR)
    assert has_item(version, "new")


def test_a_campaign_update_does_not_delay_the_next_refresh(mock, version):
    campaign = a_campaign(mock, version)
    active = mock.clock.now()
    mock.clock.jump(HOUR)
    client().update_campaign(campaignArn=campaign, minProvisionedTPS=2)
    import_new_item(mock)
    mock.clock.jump_to(active + 2 * HOUR)
    assert has_item(version, "new")


def test_a_deleted_campaign_does_not_refresh_its_version(mock, version):
    campaign = a_campaign(mock, version)
    client().delete_campaign(campaignArn=campaign)
    import_new_item(mock)
    mock.clock.jump(DAY)
    assert not has_item(version, "new")
    assert [due for due in mock.clock.upcoming() if due.arn == campaign] == []


def test_a_scheduled_refresh_is_not_waited_for(mock, version):
    campaign = a_campaign(mock, version)
    assert status_changes(mock, campaign) == []
    assert [due.at for due in mock.clock.upcoming() if due.arn == campaign] == [
        mock.clock.now().timestamp() + 2 * HOUR.total_seconds()
    ]


@pytest.mark.parametrize(
    ("frequency", "minutes"), [("30 minutes", 30), ("1 hour", 60), ("2 hours", 120), ("3 hours", 120), ("1 day", 120)]
)
def test_trends_are_refreshed_at_their_interval_but_at_least_every_two_hours(mock, shop, frequency, minutes):
    config = {"featureTransformationParameters": {"trend_discovery_frequency": frequency}}
    version = a_solution_version(mock, a_solution(mock, shop, "aws-trending-now", solutionConfig=config))
    a_campaign(mock, version)
    active, before = mock.clock.now(), fitted_model(version)
    mock.clock.jump(timedelta(minutes=minutes) - MILLISECOND)
    assert fitted_model(version) is before
    mock.clock.jump(MILLISECOND)
    seen = datetime.fromtimestamp(fitted_model(version).data.now, tz=timezone.utc)
    assert seen == active + timedelta(minutes=minutes)


def test_trends_change_with_time_without_new_data(mock):
    now = int(mock.clock.now().timestamp())
    group = a_dataset_group(mock)
    hot = "".join(f"u{n},hot,Watch,{now + 4000}\n" for n in range(9))
    an_import_job(mock, a_dataset(mock, group), interactions_csv() + hot)
    config = {"featureTransformationParameters": {"trend_discovery_frequency": "30 minutes"}}
    version = a_solution_version(mock, a_solution(mock, group, "aws-trending-now", solutionConfig=config))
    campaign = a_campaign(mock, version)
    runtime, hot_leads = client("personalize-runtime"), set()
    for _ in range(8):
        hot_leads.add(runtime.get_recommendations(campaignArn=campaign, numResults=1)["itemList"][0]["itemId"] == "hot")
        mock.clock.jump(HOUR / 2)
    assert hot_leads == {True, False}


@pytest.mark.parametrize("incremental", [None, True, False])
def test_semantic_similarity_is_refreshed_every_half_hour_unless_it_is_switched_off(mock, incremental):
    if incremental is not None:
        needs_shape("PerformIncrementalUpdate")
    group = a_dataset_group(mock)
    import_described_items(mock, group, "a", "b", "c", "d")
    members = {} if incremental is None else {"performIncrementalUpdate": incremental}
    version = a_solution_version(mock, a_solution(mock, group, "aws-semantic-similarity", **members))
    a_campaign(mock, version)
    import_described_items(mock, group, "a", "b", "c", "d", "new")
    mock.clock.jump(HOUR / 2)
    assert has_item(version, "new") is (incremental is not False)


def import_described_items(mock, group, *items):
    """Import items with a title and a text."""
    text = {"type": ["null", "string"], "textual": True}
    fields = {"ITEM_ID": "string", "TITLE": {"type": "string", "itemName": True}, "PLOT": text}
    if not client().list_datasets(datasetGroupArn=group)["datasets"]:
        schema = client().create_schema(name="described", schema=avro_schema("Items", fields))["schemaArn"]
        a_dataset(mock, group, "Items", schemaArn=schema)
    rows = "".join(f"{item},Title {item},A story of {item} and {n}\n" for n, item in enumerate(items))
    an_import_job(mock, ITEMS, "ITEM_ID,TITLE,PLOT\n" + rows)
