from datetime import timedelta

import pytest
from builders import (
    ACCOUNT,
    a_campaign,
    a_dataset,
    a_dataset_group,
    a_group_with_an_event,
    a_group_with_data,
    a_solution,
    a_solution_version,
    an_import_job,
    client,
    interactions_csv,
    needs_shape,
    polled_statuses,
    recipe,
    refusal,
    settle,
)
from import_jobs import start_import

from personalize_mock import mock_personalize

PERSONALIZATION = recipe("aws-user-personalization")
V2 = recipe("aws-user-personalization-v2")
POPULARITY = recipe("aws-popularity-count")


@pytest.fixture
def group(mock):
    return a_group_with_data(mock)


def create(group, name="solution", **members):
    return client().create_solution(**{"name": name, "datasetGroupArn": group, "recipeArn": PERSONALIZATION, **members})


def describe(arn):
    return client().describe_solution(solutionArn=arn)["solution"]


def test_create_solution_returns_only_the_arn(mock, group):
    answer = create(group)
    answer.pop("ResponseMetadata")
    assert answer == {"solutionArn": f"arn:aws:personalize:us-east-1:{ACCOUNT}:solution/solution"}


def test_a_solution_is_active_at_once_with_equal_dates(mock, group):
    solution = describe(create(group)["solutionArn"])
    assert solution["status"] == "ACTIVE"
    assert solution["creationDateTime"] == solution["lastUpdatedDateTime"] == mock.clock.now()


def test_the_dates_of_a_solution_are_equal_while_time_passes():
    with mock_personalize() as mock:
        group = a_group_with_data(mock)
        for number in range(20):
            solution = describe(create(group, f"solution-{number}")["solutionArn"])
            assert solution["creationDateTime"] == solution["lastUpdatedDateTime"]


def test_a_solution_with_a_duration_goes_through_the_statuses_of_a_creation():
    with mock_personalize(clock=0, durations={"solution": 60}) as mock:
        arn = create(a_group_with_data(mock))["solutionArn"]
        assert refusal(client().create_solution_version, solutionArn=arn)[0] == "ResourceInUseException"
        states = polled_statuses(client().describe_solution, solutionArn=arn)
        assert states == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]


def test_a_solution_shows_default_flags(mock, group):
    solution = describe(create(group, recipeArn=POPULARITY)["solutionArn"])
    assert list(solution) == [
        "name",
        "solutionArn",
        "performHPO",
        "performAutoML",
        "performAutoTraining",
        "recipeArn",
        "datasetGroupArn",
        "status",
        "creationDateTime",
        "lastUpdatedDateTime",
    ]
    assert (solution["performHPO"], solution["performAutoML"], solution["performAutoTraining"]) == (False, False, True)


def test_incremental_updates_are_on_by_default_for_recipes_that_support_them(mock, group):
    needs_shape("PerformIncrementalUpdate")
    semantic = recipe("aws-semantic-similarity")
    assert describe(create(group, "on", recipeArn=semantic)["solutionArn"])["performIncrementalUpdate"] is True
    off = create(group, "off", recipeArn=semantic, performIncrementalUpdate=False)
    assert describe(off["solutionArn"])["performIncrementalUpdate"] is False
    assert "performIncrementalUpdate" not in describe(create(group)["solutionArn"])


@pytest.mark.parametrize("flag", [True, False])
def test_flags_are_echoed(mock, group, flag):
    needs_shape("PerformIncrementalUpdate")
    given = {"performHPO": flag, "performAutoTraining": flag, "performIncrementalUpdate": flag, "performAutoML": False}
    solution = describe(create(group, **given)["solutionArn"])
    assert {name: solution[name] for name in given} == given


def test_incremental_updates_are_refused_for_recipes_that_do_not_support_them(mock, group):
    needs_shape("PerformIncrementalUpdate")
    off = create(group, "off", recipeArn=POPULARITY, performIncrementalUpdate=False)["solutionArn"]
    assert describe(off)["performIncrementalUpdate"] is False
    refused = [
        refusal(create, group=group, name="on", recipeArn=POPULARITY, performIncrementalUpdate=True),
        refusal(
            client().create_solution,
            name="on",
            datasetGroupArn=group,
            performAutoML=True,
            performIncrementalUpdate=True,
        ),
        refusal(client().update_solution, solutionArn=off, performIncrementalUpdate=True),
    ]
    assert [code for code, _ in refused] == ["InvalidInputException"] * 3
    assert all("aws-semantic-similarity" in text for _, text in refused)


def test_an_event_type_is_echoed(mock, group):
    assert describe(create(group, eventType="Watch")["solutionArn"])["eventType"] == "Watch"


@pytest.mark.parametrize("name", ["aws-sims", "aws-personalized-ranking", "aws-item-affinity", "aws-popularity-count"])
def test_an_absent_configuration_is_shown_only_by_user_personalization(mock, group, name):
    assert "solutionConfig" not in describe(create(group, "other", recipeArn=recipe(name))["solutionArn"])
    assert describe(create(group, "user-personalization")["solutionArn"])["solutionConfig"] == {}


def test_automl_lists_its_recipes_and_refuses_a_recipe_arn(mock, group):
    config = {"autoMLConfig": {"metricName": "precision_at_5", "recipeList": [recipe("aws-hrnn")]}}
    members = {"name": "automl", "datasetGroupArn": group, "performAutoML": True}
    arn = client().create_solution(**members, solutionConfig=config)["solutionArn"]
    solution = describe(arn)
    assert solution["performAutoML"] is True
    assert solution["solutionConfig"] == config
    assert "recipeArn" not in solution
    both = {**members, "name": "both", "recipeArn": PERSONALIZATION}
    assert refusal(client().create_solution, **both)[0] == "InvalidInputException"


@pytest.mark.parametrize(
    "automl",
    [
        {"recipeList": [recipe("aws-sims")]},
        {"recipeList": [recipe("aws-hrnn"), recipe("aws-vod-top-picks")]},
        {"metricName": "accuracy"},
    ],
    ids=["related items", "a domain", "no metric"],
)
def test_automl_refuses_recipes_of_other_types_and_unknown_metrics(mock, group, automl):
    members = {"name": "automl", "datasetGroupArn": group, "performAutoML": True}
    code, message = refusal(client().create_solution, **members, solutionConfig={"autoMLConfig": automl})
    assert code == "InvalidInputException"
    assert "metricName" not in automl or "precision_at_25" in message


def test_automl_refuses_unknown_recipes(mock, group):
    members = {"name": "automl", "datasetGroupArn": group, "performAutoML": True}
    config = {"autoMLConfig": {"recipeList": [recipe("no-such-recipe")]}}
    assert refusal(client().create_solution, **members, solutionConfig=config)[0] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"recipeArn": recipe("aws-ecomm-recommended-for-you")}, "InvalidInputException"),
        ({"recipeArn": recipe("no-such-recipe")}, "ResourceNotFoundException"),
        ({"recipeArn": POPULARITY, "performHPO": True}, "InvalidInputException"),
        ({"recipeArn": V2, "performHPO": True}, "InvalidInputException"),
        (
            {"datasetGroupArn": f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset-group/none"},
            "ResourceNotFoundException",
        ),
        ({"name": "no dots."}, "ValidationException"),
    ],
    ids=["domain recipe", "no such recipe", "popularity tuned", "v2 tuned", "no such group", "bad name"],
)
def test_an_invalid_solution_is_refused(mock, group, members, code):
    assert refusal(create, group=group, **members)[0] == code
    assert client().list_solutions()["solutions"] == []


def test_a_solution_without_automl_needs_a_recipe(mock, group):
    code, _ = refusal(client().create_solution, name="solution", datasetGroupArn=group)
    assert code == "InvalidInputException"


NO_INTERACTIONS = (
    "InvalidInputException",
    (
        "Dataset group must contain an INTERACTIONS dataset with successfully completed dataset import job "
        "or EVENT_INTERACTIONS"
    ),
)


def test_a_solution_needs_a_finished_import_of_interactions(mock):
    group = a_dataset_group(mock)
    assert refusal(create, group=group) == NO_INTERACTIONS
    dataset = a_dataset(mock, group)
    assert refusal(create, group=group) == NO_INTERACTIONS
    job = start_import(dataset)
    assert refusal(create, group=group) == NO_INTERACTIONS
    assert client().list_solutions()["solutions"] == []
    settle(mock, job)
    create(group)


def test_events_count_as_interactions_of_a_solution(mock):
    create(a_group_with_an_event(mock))


def test_a_solution_needs_an_import_of_interactions_and_not_of_items(mock):
    group = a_group_with_data(mock, "shop", "Items", "Users")
    assert refusal(create, group=group) == NO_INTERACTIONS
    automl = {"name": "automl", "datasetGroupArn": group, "performAutoML": True}
    assert refusal(client().create_solution, **automl) == NO_INTERACTIONS


def test_a_failed_import_is_no_finished_one(mock):
    group = a_dataset_group(mock)
    an_import_job(mock, a_dataset(mock, group), interactions_csv(each=1))
    assert refusal(create, group=group) == NO_INTERACTIONS


def test_a_recipe_that_learns_from_items_alone_needs_no_interactions(mock):
    create(a_dataset_group(mock), recipeArn=recipe("aws-semantic-similarity"))


def test_without_strictness_a_solution_needs_no_interactions():
    with mock_personalize(strict=False) as mock:
        create(a_dataset_group(mock))


def test_a_name_is_unique_across_dataset_groups(mock, group):
    arn = create(group)["solutionArn"]
    other = a_group_with_data(mock, "other")
    expected = ("ResourceAlreadyExistsException", f"Another resource with Arn {arn} already exists.")
    assert refusal(create, group=other) == expected


def test_a_group_has_at_most_twenty_solutions(mock, group):
    for number in range(20):
        create(group, f"solution-{number}")
    code, message = refusal(create, group=group, name="solution-20")
    assert code == "LimitExceededException"
    assert message == "More than 20 resources in ACTIVE state. Please delete some and try again."
    assert len(client().list_solutions(datasetGroupArn=group)["solutions"]) == 20
    create(a_group_with_data(mock, "other"), "solution-20")


def test_solutions_are_listed_by_group_with_their_recipe(mock, group):
    create(group, "one")
    create(a_group_with_data(mock, "other"), "two", recipeArn=POPULARITY)
    (one,) = client().list_solutions(datasetGroupArn=group)["solutions"]
    keys = ["name", "solutionArn", "status", "creationDateTime", "lastUpdatedDateTime", "recipeArn"]
    assert list(one) == keys
    assert one["recipeArn"] == PERSONALIZATION
    assert [solution["name"] for solution in client().list_solutions()["solutions"]] == ["one", "two"]


def test_the_newest_version_shows_in_its_solution_while_it_is_still_pending(mock):
    arn = a_solution(mock, a_group_with_data(mock), "aws-popularity-count")
    before = describe(arn)
    assert "latestSolutionVersion" not in before
    version = client().create_solution_version(solutionArn=arn)["solutionVersionArn"]
    latest = describe(arn)["latestSolutionVersion"]
    assert (latest["solutionVersionArn"], latest["status"]) == (version, "CREATE PENDING")
    assert list(latest) == [
        "solutionVersionArn",
        "status",
        "trainingMode",
        "trainingType",
        "creationDateTime",
        "lastUpdatedDateTime",
    ]
    settle(mock, version)
    after = describe(arn)
    assert after["latestSolutionVersion"]["status"] == "ACTIVE"
    assert after["lastUpdatedDateTime"] == before["lastUpdatedDateTime"]
    newer = client().create_solution_version(solutionArn=arn)["solutionVersionArn"]
    assert describe(arn)["latestSolutionVersion"]["solutionVersionArn"] == newer


def test_a_failed_version_shows_its_reason_in_its_solution(mock):
    arn = a_solution(mock, a_group_with_an_event(mock))
    a_solution_version(mock, arn)
    latest = describe(arn)["latestSolutionVersion"]
    assert latest["status"] == "CREATE FAILED"
    assert "fewer than 1000 interactions" in latest["failureReason"]


def test_a_deleted_solution_goes_through_the_statuses_of_a_deletion_and_takes_its_versions_with_it(mock):
    arn = a_solution(mock, a_group_with_data(mock), "aws-popularity-count")
    version = a_solution_version(mock, arn)
    client().delete_solution(solutionArn=arn)
    states = polled_statuses(client().describe_solution, solutionArn=arn)
    assert states == ["DELETE PENDING", "DELETE IN_PROGRESS", ""]
    gone = ("ResourceNotFoundException", f"The given solution does not exist: {arn}")
    assert refusal(client().describe_solution, solutionArn=arn) == gone
    assert refusal(client().delete_solution, solutionArn=arn) == gone  # recorded 2020-06
    assert refusal(client().describe_solution_version, solutionVersionArn=version)[0] == "ResourceNotFoundException"
    assert refusal(client().list_solution_versions, solutionArn=arn)[0] == "ResourceNotFoundException"


def test_a_solution_cannot_be_deleted_while_it_trains(mock):
    arn = a_solution(mock, a_group_with_data(mock), "aws-popularity-count")
    version = client().create_solution_version(solutionArn=arn)["solutionVersionArn"]
    for status in ("CREATE PENDING", "CREATE IN_PROGRESS"):
        assert refusal(client().delete_solution, solutionArn=arn)[0] == "ResourceInUseException"
        assert mock.journal.transitions(version)[-1].status == status
        mock.clock.jump_to(min(due.at for due in mock.clock.upcoming()))
    client().delete_solution(solutionArn=arn)


def test_a_solution_cannot_be_deleted_while_a_campaign_exists_even_if_it_is_being_deleted(mock):
    campaign = a_campaign(mock)
    (solution,) = client().list_solutions()["solutions"]
    arn = solution["solutionArn"]
    assert refusal(client().delete_solution, solutionArn=arn)[0] == "ResourceInUseException"
    client().delete_campaign(campaignArn=campaign)
    assert refusal(client().delete_solution, solutionArn=arn)[0] == "ResourceInUseException"
    settle(mock, campaign)
    client().delete_solution(solutionArn=arn)


def test_a_solution_cannot_be_deleted_while_a_campaign_is_updated_to_it(mock):
    group = a_group_with_data(mock)
    old, new = (
        a_solution_version(mock, a_solution(mock, group, "aws-popularity-count", name=name)) for name in ("old", "new")
    )
    campaign = a_campaign(mock, old)
    client().update_campaign(campaignArn=campaign, solutionVersionArn=new)
    assert refusal(client().delete_solution, solutionArn=new.rpartition("/")[0])[0] == "ResourceInUseException"


def test_a_solution_being_deleted_refuses_versions_and_campaigns(mock):
    arn = a_solution(mock, a_group_with_data(mock), "aws-popularity-count")
    version = a_solution_version(mock, arn)
    client().delete_solution(solutionArn=arn)
    assert refusal(client().create_solution_version, solutionArn=arn)[0] == "ResourceInUseException"
    deploy = {"name": "campaign", "solutionVersionArn": version}
    assert refusal(client().create_campaign, **deploy)[0] == "ResourceInUseException"


# UpdateSolution.

DAILY = {"autoTrainingConfig": {"schedulingExpression": "rate(1 day)"}}


@pytest.fixture
def solution(group):
    return create(group, solutionConfig={"algorithmHyperParameters": {"bptt": "20"}})["solutionArn"]


def update(arn, **members):
    return client().update_solution(solutionArn=arn, **members)


def test_update_solution_returns_only_the_arn(mock, solution):
    answer = update(solution, performAutoTraining=False)
    answer.pop("ResponseMetadata")
    assert answer == {"solutionArn": solution}


def test_a_solution_without_updates_shows_no_update(mock, solution):
    assert "latestSolutionUpdate" not in describe(solution)


def test_a_running_update_is_shown_beside_the_old_configuration(mock, solution):
    before, updated = describe(solution), mock.clock.now()
    update(solution, performAutoTraining=False, solutionUpdateConfig=DAILY)
    running = describe(solution)
    assert running.pop("latestSolutionUpdate") == {
        "solutionUpdateConfig": DAILY,
        "status": "CREATE PENDING",
        "performAutoTraining": False,
        "creationDateTime": updated,
        "lastUpdatedDateTime": updated,
    }
    assert running == before
    states = []
    while not states or states[-1] != "ACTIVE":
        shown = describe(solution)
        assert shown["status"] == "ACTIVE"
        states.append(shown["latestSolutionUpdate"]["status"])
    assert states == ["CREATE IN_PROGRESS", "ACTIVE"]
    assert shown["performAutoTraining"] is False
    assert shown["solutionConfig"] == {"algorithmHyperParameters": {"bptt": "20"}, **DAILY}
    assert shown["latestSolutionUpdate"]["lastUpdatedDateTime"] == updated + timedelta(minutes=3)


def test_an_update_keeps_the_members_that_it_does_not_name(mock, solution):
    before = describe(solution)
    update(solution, solutionUpdateConfig=DAILY)
    after = describe(settle(mock, solution))
    assert after["performAutoTraining"] is True
    assert after["lastUpdatedDateTime"] == before["lastUpdatedDateTime"]


def test_new_event_weights_replace_all_old_ones(mock, group):
    needs_shape("EventsConfig")
    old, new = (
        {"eventsConfig": {"eventParametersList": [{"eventType": event_type, "weight": 0.5}]}}
        for event_type in ("Watch", "Click")
    )
    arn = create(group, recipeArn=V2, solutionConfig=old)["solutionArn"]
    update(arn, solutionUpdateConfig=new)
    assert describe(arn)["solutionConfig"] == old
    assert describe(settle(mock, arn))["solutionConfig"] == new


def test_a_version_created_during_an_update_has_the_old_configuration(mock):
    arn = a_solution(mock, a_group_with_data(mock), "aws-popularity-count")
    update(arn, solutionUpdateConfig=DAILY)
    version = client().create_solution_version(solutionArn=arn)["solutionVersionArn"]
    settle(mock, arn)
    old, new = version, client().create_solution_version(solutionArn=arn)["solutionVersionArn"]
    configurations = [
        client().describe_solution_version(solutionVersionArn=version)["solutionVersion"].get("solutionConfig")
        for version in (old, new)
    ]
    assert configurations == [None, DAILY]


def test_an_update_and_a_deletion_are_refused_during_an_update(mock, solution):
    update(solution, performAutoTraining=False)
    again = {"solutionArn": solution, "performAutoTraining": True}
    assert refusal(client().update_solution, **again)[0] == "ResourceInUseException"
    assert refusal(client().delete_solution, solutionArn=solution)[0] == "ResourceInUseException"
    settle(mock, solution)
    update(solution, performAutoTraining=True)
    assert describe(settle(mock, solution))["performAutoTraining"] is True
    client().delete_solution(solutionArn=solution)


def test_an_update_needs_an_active_solution(mock, solution):
    client().delete_solution(solutionArn=solution)
    deleted = {"solutionArn": solution, "performAutoTraining": True}
    assert refusal(client().update_solution, **deleted)[0] == "ResourceInUseException"
    settle(mock, solution)
    gone = ("ResourceNotFoundException", f"The given solution does not exist: {solution}")
    assert refusal(client().update_solution, **deleted) == gone


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"solutionUpdateConfig": {}},
        {"solutionUpdateConfig": {"autoTrainingConfig": {"schedulingExpression": "rate(31 days)"}}},
    ],
    ids=["nothing", "an empty configuration", "too rarely"],
)
def test_an_invalid_update_is_refused(mock, solution, members):
    assert refusal(client().update_solution, solutionArn=solution, **members)[0] == "InvalidInputException"
    assert "latestSolutionUpdate" not in describe(solution)


def test_event_weights_are_refused_for_recipes_without_them(mock, solution):
    needs_shape("EventsConfig")
    config = {"eventsConfig": {"eventParametersList": [{"eventType": "Watch", "weight": 0.5}]}}
    code, _ = refusal(client().update_solution, solutionArn=solution, solutionUpdateConfig=config)
    assert code == "InvalidInputException"
