"""What the service does by itself, at the right instants and only then."""

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

from personalize_mock import mock as mock_module
from personalize_mock import mock_personalize

INTERACTIONS = f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset/shop/INTERACTIONS"
ITEMS = f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset/shop/ITEMS"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MOMENT = timedelta(milliseconds=1)
DAILY = {"autoTrainingConfig": {"schedulingExpression": "rate(1 day)"}}
POPULAR = "aws-popularity-count"


@pytest.fixture
def group(mock):
    return a_group_with_data(mock)


def scheduled(mock, group, recipe_name=POPULAR, **members):
    """A solution with automatic training, and the instant at which it became ACTIVE."""
    return a_solution(mock, group, recipe_name, performAutoTraining=True, **members), mock.clock.now()


def versions(solution, kind="AUTOMATIC"):
    listed = client().list_solution_versions(solutionArn=solution)["solutionVersions"]
    return [each for each in listed if each["trainingType"] == kind]


def starts(solution):
    """When automatic trainings of a solution have begun."""
    return [each["creationDateTime"] for each in versions(solution)]


def new_interactions(mock, count=1):
    """More interactions than before, imported."""
    number = len(mock.journal.calls("CreateDatasetImportJob"))
    rows = "".join(f"u{n},i0,Watch,{START + 1_000_000 * number + n}\n" for n in range(count))
    an_import_job(mock, INTERACTIONS, interactions_csv() + rows)


def update(mock, solution, **members):
    client().update_solution(solutionArn=solution, **members)
    settle(mock, solution)
    return mock.clock.now()


# The schedule of trainings.


def test_the_first_automatic_version_starts_exactly_an_hour_after_the_solution_became_active(mock, group):
    solution, active = scheduled(mock, group)
    mock.clock.jump(HOUR - MOMENT)
    assert client().list_solution_versions(solutionArn=solution)["solutionVersions"] == []
    mock.clock.jump(MOMENT)
    (version,) = versions(solution)
    assert version["status"] == "CREATE PENDING"
    assert version["creationDateTime"] == active + HOUR
    assert version["trainingMode"] == "FULL"


def test_an_automatic_version_is_one_like_any_other(mock, group):
    solution, _ = scheduled(mock, group)
    mock.clock.jump(2 * HOUR)
    (version,) = versions(solution)
    arn = version["solutionVersionArn"]
    described = client().describe_solution_version(solutionVersionArn=arn)["solutionVersion"]
    assert (described["status"], described["trainingType"]) == ("ACTIVE", "AUTOMATIC")
    assert described["name"] == arn.partition(":solution/")[2]
    latest = client().describe_solution(solutionArn=solution)["solution"]["latestSolutionVersion"]
    assert latest["solutionVersionArn"] == arn
    assert client().get_solution_metrics(solutionVersionArn=arn)["metrics"]
    a_campaign(mock, arn)


def test_automatic_training_is_on_unless_it_is_switched_off(mock, group):
    on = mock.call("CreateSolution", name="on", datasetGroupArn=group, recipeArn=recipe(POPULAR))
    off = a_solution(mock, group, POPULAR, name="off", performAutoTraining=False)
    mock.clock.jump(30 * DAY)
    assert len(versions(on["solutionArn"])) == 1
    assert versions(off) == []


def test_the_hour_begins_when_the_solution_is_active():
    with mock_personalize(clock="2024-05-01", durations={"solution": 600}) as mock:
        solution, active = scheduled(mock, a_group_with_data(mock))
        mock.clock.jump(2 * HOUR)
        assert starts(solution) == [active + HOUR]
        created = client().describe_solution(solutionArn=solution)["solution"]["creationDateTime"]
        assert active - created == timedelta(minutes=10)


@pytest.mark.parametrize("wait", [timedelta(0), HOUR - MOMENT], ids=["at once", "in the last moment"])
def test_a_manual_version_within_the_hour_takes_the_place_of_the_first_automatic_one(mock, group, wait):
    solution, active = scheduled(mock, group, solutionConfig=DAILY)
    mock.clock.jump(wait)
    client().create_solution_version(solutionArn=solution)
    mock.clock.jump_to(active + 23 * HOUR)
    assert versions(solution) == []
    new_interactions(mock)
    mock.clock.jump_to(active + DAY + HOUR)
    assert starts(solution) == [active + HOUR + DAY]


def test_later_trainings_are_counted_from_the_start_of_the_last_one(mock, group):
    config = {"autoTrainingConfig": {"schedulingExpression": "rate(3 days)"}}
    solution, active = scheduled(mock, group, solutionConfig=config)
    for _ in range(10):
        mock.clock.jump(DAY)
        new_interactions(mock)
    first = active + HOUR
    assert starts(solution) == [first, first + 3 * DAY, first + 6 * DAY, first + 9 * DAY]


def test_without_an_expression_trainings_are_seven_days_apart(mock, group):
    solution, active = scheduled(mock, group)
    mock.clock.jump(DAY)
    new_interactions(mock)
    mock.clock.jump_to(active + HOUR + 7 * DAY - MOMENT)
    assert starts(solution) == [active + HOUR]
    mock.clock.jump(MOMENT)
    assert starts(solution) == [active + HOUR, active + HOUR + 7 * DAY]


def test_a_turn_without_new_interactions_is_left_out_and_the_next_keeps_its_time(mock, group):
    solution, active = scheduled(mock, group, solutionConfig=DAILY)
    mock.clock.jump(5 * DAY)
    assert starts(solution) == [active + HOUR]
    new_interactions(mock)
    mock.clock.jump(2 * DAY)
    assert starts(solution) == [active + HOUR, active + HOUR + 5 * DAY]


def test_streamed_events_are_new_interactions(mock, group):
    solution, active = scheduled(mock, group, solutionConfig=DAILY)
    mock.clock.jump(2 * HOUR)
    watch(mock, group, "i1")
    mock.clock.jump(DAY)
    assert starts(solution) == [active + HOUR, active + HOUR + DAY]


def watch(mock, group, item, user="u1"):
    """A user's event, put."""
    if not mock.journal.calls("CreateEventTracker"):
        an_event_tracker(mock, group)
    (tracker,) = client().list_event_trackers()["eventTrackers"]
    tracking = client().describe_event_tracker(eventTrackerArn=tracker["eventTrackerArn"])["eventTracker"]
    event = {"eventType": "Watch", "sentAt": mock.clock.now(), "itemId": item}
    client("personalize-events").put_events(
        trackingId=tracking["trackingId"], userId=user, sessionId="s", eventList=[event]
    )


def test_new_items_alone_call_for_no_training(mock):
    solution, active = scheduled(mock, a_group_with_data(mock, "shop", "Interactions", "Items"), solutionConfig=DAILY)
    mock.clock.jump(2 * HOUR)
    an_import_job(mock, ITEMS, items_csv(items=80))
    mock.clock.jump(3 * DAY)
    assert starts(solution) == [active + HOUR]


def test_what_a_manual_training_has_seen_is_not_new(mock, group):
    solution, active = scheduled(mock, group, solutionConfig=DAILY)
    mock.clock.jump(2 * HOUR)
    new_interactions(mock)
    a_solution_version(mock, solution)
    mock.clock.jump(3 * DAY)
    assert starts(solution) == [active + HOUR]


def test_a_training_that_is_about_to_begin_will_see_it_all(mock, group):
    solution, active = scheduled(mock, group, solutionConfig=DAILY)
    mock.clock.jump(2 * HOUR)
    new_interactions(mock)
    mock.clock.jump_to(active + HOUR + DAY - MOMENT)
    client().create_solution_version(solutionArn=solution)
    mock.clock.jump(3 * DAY)
    assert starts(solution) == [active + HOUR]


def test_what_a_stopped_training_has_seen_is_still_new(mock, group):
    solution, active = scheduled(mock, group, solutionConfig=DAILY)
    mock.clock.jump(2 * HOUR)
    new_interactions(mock)
    stopped = client().create_solution_version(solutionArn=solution)["solutionVersionArn"]
    mock.clock.jump(1000)
    client().stop_solution_version_creation(solutionVersionArn=stopped)
    mock.clock.jump(DAY)
    assert starts(solution) == [active + HOUR, active + HOUR + DAY]


def test_interactions_that_come_while_a_training_runs_are_new(mock, group):
    solution, active = scheduled(mock, group, solutionConfig=DAILY)
    mock.clock.jump(HOUR + timedelta(minutes=20))
    assert versions(solution)[0]["status"] == "CREATE IN_PROGRESS"
    new_interactions(mock)
    mock.clock.jump(DAY)
    assert starts(solution) == [active + HOUR, active + HOUR + DAY]


def test_a_group_without_data_is_not_trained_until_it_has_some(mock):
    group = a_dataset_group(mock)
    solution, active = scheduled(mock, group, solutionConfig=DAILY)
    a_dataset(mock, group)
    mock.clock.jump_to(active + 2 * DAY)
    assert client().list_solution_versions(solutionArn=solution)["solutionVersions"] == []
    new_interactions(mock)
    mock.clock.jump(DAY)
    assert starts(solution) == [active + HOUR + 2 * DAY]


def test_too_little_data_fails_as_it_does_by_hand():
    with mock_personalize(clock=0, minimum_interactions=5000, strict=True) as mock:
        group = a_dataset_group(mock)
        a_dataset(mock, group)
        an_event_tracker(mock, group)
        watch(mock, group, "i1")
        solution, _ = scheduled(mock, group)
        mock.clock.jump(DAY)
        (version,) = versions(solution)
        assert version["status"] == "CREATE FAILED"
        assert "fewer than 5000 interactions" in version["failureReason"]


def test_a_training_without_a_slot_waits_for_its_next_turn(mock, group):
    solution, active = scheduled(mock, group, solutionConfig=DAILY)
    other = a_solution(mock, group, POPULAR, name="other")
    mock.clock.jump(HOUR - MOMENT)
    for _ in range(20):
        client().create_solution_version(solutionArn=other)
    mock.clock.jump(DAY)
    assert starts(solution) == []
    mock.clock.jump(HOUR)
    assert starts(solution) == [active + HOUR + DAY]


def test_a_deleted_solution_trains_no_more(mock, group):
    solution, _ = scheduled(mock, group)
    mock.clock.jump(HOUR - 10 * MOMENT)
    client().delete_solution(solutionArn=solution)
    mock.clock.jump(20 * MOMENT)
    assert client().list_solution_versions()["solutionVersions"] == []
    assert client().describe_solution(solutionArn=solution)["solution"]["status"] == "DELETE PENDING"
    mock.clock.jump(30 * DAY)
    assert [due for due in mock.clock.upcoming() if due.arn == solution] == []


def test_a_solution_that_is_made_again_has_a_schedule_of_its_own(mock, group):
    old, _ = scheduled(mock, group)
    client().delete_solution(solutionArn=old)
    mock.clock.jump(HOUR / 2)
    new, active = scheduled(mock, group)
    assert new == old
    mock.clock.jump(DAY)
    assert starts(new) == [active + HOUR]


# What UpdateSolution does to the schedule.


def test_switching_it_off_ends_the_schedule_when_the_update_is_done(mock, group):
    solution, active = scheduled(mock, group, solutionConfig=DAILY)
    mock.clock.jump_to(active + HOUR - timedelta(minutes=1))
    update(mock, solution, performAutoTraining=False)
    assert starts(solution) == [active + HOUR]
    mock.clock.jump(HOUR)
    new_interactions(mock)
    mock.clock.jump(30 * DAY)
    assert starts(solution) == [active + HOUR]


def test_switching_it_on_trains_an_hour_after_the_update_is_done(mock, group):
    solution = a_solution(mock, group, POPULAR)
    mock.clock.jump(DAY)
    done = update(mock, solution, performAutoTraining=True)
    mock.clock.jump(2 * HOUR)
    assert starts(solution) == [done + HOUR]


def test_a_manual_version_within_the_hour_after_an_update_takes_the_first_place(mock, group):
    solution = a_solution(mock, group, POPULAR)
    client().create_solution_version(solutionArn=solution)
    mock.clock.jump(DAY)
    update(mock, solution, performAutoTraining=True)
    client().create_solution_version(solutionArn=solution)
    mock.clock.jump(2 * HOUR)
    assert starts(solution) == []


def test_another_frequency_begins_the_schedule_anew_even_without_new_interactions(mock, group):
    solution, active = scheduled(mock, group)
    mock.clock.jump(2 * DAY)
    done = update(mock, solution, solutionUpdateConfig=DAILY)
    mock.clock.jump(2 * HOUR)
    assert starts(solution) == [active + HOUR, done + HOUR]
    new_interactions(mock)
    mock.clock.jump(8 * DAY)
    assert starts(solution) == [active + HOUR, done + HOUR, done + HOUR + DAY]


WEIGHTS = {"eventsConfig": {"eventParametersList": [{"eventType": "Watch", "weight": 0.5}]}}


@pytest.mark.parametrize(
    "members",
    [{"performAutoTraining": True}, {"solutionUpdateConfig": DAILY}, {"solutionUpdateConfig": WEIGHTS}],
    ids=["on as before", "as often as before", "event weights"],
)
def test_an_update_that_changes_nothing_of_the_schedule_leaves_it_alone(mock, group, members):
    if members.get("solutionUpdateConfig") is WEIGHTS:
        needs_shape("EventsConfig")
    recipe = "aws-user-personalization-v2"
    solution, active = scheduled(mock, group, recipe, solutionConfig=DAILY)
    mock.clock.jump_to(active + HOUR + DAY / 2)
    update(mock, solution, **members)
    new_interactions(mock)
    mock.clock.jump_to(active + 2 * HOUR + DAY)
    assert starts(solution) == [active + HOUR, active + HOUR + DAY]


# Updates of what is deployed.


def trained(version):
    """The model behind a version."""
    run = mock_module._run
    return run.simulation.store(ACCOUNT, "us-east-1").resource(version).fitted_model


def knows(version, item):
    return item in trained(version).data.interactions.items.values


def new_items(mock):
    an_import_job(mock, ITEMS, items_csv() + f"new,Comedy,9.0,{START}\n")


@pytest.fixture
def shop(mock):
    return a_group_with_data(mock, "shop", "Interactions", "Items")


@pytest.fixture
def version(mock, shop):
    return a_solution_version(mock, a_solution(mock, shop))


def test_a_deployed_version_takes_in_what_is_new_every_two_hours_from_when_the_campaign_is_active(mock, version):
    campaign = a_campaign(mock, version)
    active = mock.clock.now()
    new_items(mock)
    mock.clock.jump_to(active + 2 * HOUR - MOMENT)
    assert not knows(version, "new")
    mock.clock.jump(MOMENT)
    assert knows(version, "new")
    mock.clock.jump(HOUR)
    an_import_job(mock, ITEMS, items_csv() + f"newer,Comedy,9.0,{START}\n")
    mock.clock.jump_to(active + 4 * HOUR - MOMENT)
    assert not knows(version, "newer")
    mock.clock.jump(MOMENT)
    assert knows(version, "newer")
    assert client().describe_campaign(campaignArn=campaign)["campaign"]["status"] == "ACTIVE"


def test_an_automatic_update_shows_in_nothing_that_describes_the_version(mock, version):
    a_campaign(mock, version)
    described = client().describe_solution_version(solutionVersionArn=version)["solutionVersion"]
    metrics = client().get_solution_metrics(solutionVersionArn=version)["metrics"]
    new_items(mock)
    mock.clock.jump(DAY)
    assert knows(version, "new")
    assert client().describe_solution_version(solutionVersionArn=version)["solutionVersion"] == described
    assert client().get_solution_metrics(solutionVersionArn=version)["metrics"] == metrics
    assert len(client().list_solution_versions()["solutionVersions"]) == 1


def test_new_items_are_recommended_after_the_update_through_exploration(mock, version):
    campaign = a_campaign(mock, version, campaignConfig={"itemExplorationConfig": {"explorationWeight": "1"}})

    def recommended():
        answer = client("personalize-runtime").get_recommendations(campaignArn=campaign, userId="u0", numResults=70)
        return {item["itemId"] for item in answer["itemList"]}

    new_items(mock)
    assert "new" not in recommended()
    mock.clock.jump(2 * HOUR)
    assert "new" in recommended()


def test_nothing_happens_when_nothing_is_new(mock, version):
    a_campaign(mock, version)
    before = trained(version)
    mock.clock.jump(30 * DAY)
    assert trained(version) is before


def test_streamed_events_are_taken_in(mock, shop, version):
    a_campaign(mock, version)
    watch(mock, shop, "streamed")
    mock.clock.jump(2 * HOUR)
    assert knows(version, "streamed")


def test_a_version_that_is_not_deployed_stays_as_it_is(mock, version):
    new_items(mock)
    mock.clock.jump(DAY)
    assert not knows(version, "new")


def test_only_the_newest_full_version_is_kept_up_to_date(mock, version):
    a_campaign(mock, version)
    newer = a_solution_version(mock, version.rpartition("/")[0])
    new_items(mock)
    mock.clock.jump(DAY)
    assert not knows(version, "new")
    assert not knows(newer, "new")


def test_a_version_made_by_update_is_not_kept_up_to_date_but_the_full_one_still_is(mock, version):
    updated = a_solution_version(mock, version.rpartition("/")[0], trainingMode="UPDATE")
    a_campaign(mock, updated)
    a_campaign(mock, version, name="full")
    new_items(mock)
    mock.clock.jump(DAY)
    assert not knows(updated, "new")
    assert knows(version, "new")


def test_a_recipe_without_automatic_updates_gets_none(mock, shop):
    version = a_solution_version(mock, a_solution(mock, shop, POPULAR))
    campaign = a_campaign(mock, version)
    new_items(mock)
    mock.clock.jump(DAY)
    assert not knows(version, "new")
    assert [due for due in mock.clock.upcoming() if due.arn == campaign] == []


def test_a_campaign_that_moves_to_another_recipe_keeps_that_recipes_time(mock, shop, version):
    campaign = a_campaign(mock, a_solution_version(mock, a_solution(mock, shop, POPULAR, name="popular")))
    client().update_campaign(campaignArn=campaign, solutionVersionArn=version)
    settle(mock, campaign)
    new_items(mock)
    mock.clock.jump(2 * HOUR)
    assert knows(version, "new")


def test_an_update_of_the_campaign_leaves_the_two_hours_as_they_were(mock, version):
    campaign = a_campaign(mock, version)
    active = mock.clock.now()
    mock.clock.jump(HOUR)
    client().update_campaign(campaignArn=campaign, minProvisionedTPS=2)
    new_items(mock)
    mock.clock.jump_to(active + 2 * HOUR)
    assert knows(version, "new")


def test_a_deleted_campaign_updates_nothing(mock, version):
    campaign = a_campaign(mock, version)
    client().delete_campaign(campaignArn=campaign)
    new_items(mock)
    mock.clock.jump(DAY)
    assert not knows(version, "new")
    assert [due for due in mock.clock.upcoming() if due.arn == campaign] == []


def test_what_is_planned_for_later_is_not_waited_for(mock, version):
    campaign = a_campaign(mock, version)
    assert status_changes(mock, campaign) == []
    assert [due.at for due in mock.clock.upcoming() if due.arn == campaign] == [
        mock.clock.now().timestamp() + 2 * HOUR.total_seconds()
    ]


@pytest.mark.parametrize(
    ("frequency", "minutes"), [("30 minutes", 30), ("1 hour", 60), ("2 hours", 120), ("3 hours", 120), ("1 day", 120)]
)
def test_trends_are_looked_at_again_at_their_interval_but_at_least_every_two_hours(mock, shop, frequency, minutes):
    config = {"featureTransformationParameters": {"trend_discovery_frequency": frequency}}
    version = a_solution_version(mock, a_solution(mock, shop, "aws-trending-now", solutionConfig=config))
    a_campaign(mock, version)
    active, before = mock.clock.now(), trained(version)
    mock.clock.jump(timedelta(minutes=minutes) - MOMENT)
    assert trained(version) is before
    mock.clock.jump(MOMENT)
    seen = datetime.fromtimestamp(trained(version).data.now, tz=timezone.utc)
    assert seen == active + timedelta(minutes=minutes)


def test_trends_change_as_time_passes_without_new_data(mock):
    now = int(mock.clock.now().timestamp())
    group = a_dataset_group(mock)
    hot = "".join(f"u{n},hot,Watch,{now + 4000}\n" for n in range(9))
    an_import_job(mock, a_dataset(mock, group), interactions_csv() + hot)
    config = {"featureTransformationParameters": {"trend_discovery_frequency": "30 minutes"}}
    version = a_solution_version(mock, a_solution(mock, group, "aws-trending-now", solutionConfig=config))
    campaign = a_campaign(mock, version)
    runtime, leaders = client("personalize-runtime"), set()
    for _ in range(8):
        leaders.add(runtime.get_recommendations(campaignArn=campaign, numResults=1)["itemList"][0]["itemId"] == "hot")
        mock.clock.jump(HOUR / 2)
    assert leaders == {True, False}


@pytest.mark.parametrize("incremental", [None, True, False])
def test_semantic_similarity_learns_new_items_every_half_hour_unless_told_not_to(mock, incremental):
    if incremental is not None:
        needs_shape("PerformIncrementalUpdate")
    group = a_dataset_group(mock)
    described(mock, group, "a", "b", "c", "d")
    chosen = {} if incremental is None else {"performIncrementalUpdate": incremental}
    version = a_solution_version(mock, a_solution(mock, group, "aws-semantic-similarity", **chosen))
    influence = {"rankingInfluence": {"POPULARITY": 0.0, "FRESHNESS": 0.0}}
    a_campaign(mock, version, campaignConfig=influence)
    described(mock, group, "a", "b", "c", "d", "new")
    mock.clock.jump(HOUR / 2)
    assert knows(version, "new") is (incremental is not False)


def described(mock, group, *items):
    """Items with a name and a text, imported."""
    text = {"type": ["null", "string"], "textual": True}
    fields = {"ITEM_ID": "string", "TITLE": {"type": "string", "itemName": True}, "PLOT": text}
    if not client().list_datasets(datasetGroupArn=group)["datasets"]:
        schema = client().create_schema(name="described", schema=avro_schema("Items", fields))["schemaArn"]
        a_dataset(mock, group, "Items", schemaArn=schema)
    rows = "".join(f"{item},Title {item},A story of {item} and {n}\n" for n, item in enumerate(items))
    an_import_job(mock, ITEMS, "ITEM_ID,TITLE,PLOT\n" + rows)
