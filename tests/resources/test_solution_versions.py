import re
from datetime import timedelta
from math import isfinite
from unittest.mock import patch

import pytest
from builders import (
    ACCOUNT,
    START,
    a_campaign,
    a_dataset,
    a_dataset_group,
    a_group_with_an_event,
    a_group_with_data,
    a_schema,
    a_solution,
    a_solution_version,
    an_import_job,
    avro_schema,
    client,
    csv_text,
    interactions_csv,
    items_csv,
    polled_statuses,
    recipe,
    refusal,
    settle,
)
from evaluation.materials import RANKING_METRICS

from personalize_mock import mock_personalize
from personalize_mock.recipes.registry import RECIPES
from personalize_mock.resources import catalogue, model_selection
from personalize_mock.training.hpo import Trials


@pytest.fixture
def solution(mock):
    return a_solution(mock, a_group_with_data(mock), "aws-popularity-count")


def create(solution, **members):
    return client().create_solution_version(solutionArn=solution, **members)["solutionVersionArn"]


def describe(arn):
    return client().describe_solution_version(solutionVersionArn=arn)["solutionVersion"]


def metrics(arn):
    return client().get_solution_metrics(solutionVersionArn=arn)["metrics"]


def test_create_solution_version_returns_only_the_arn(mock, solution):
    answer = client().create_solution_version(solutionArn=solution)
    answer.pop("ResponseMetadata")
    assert list(answer) == ["solutionVersionArn"]
    assert re.fullmatch(re.escape(solution) + "/[0-9a-f]{8}", answer["solutionVersionArn"])


def test_a_version_goes_from_pending_through_in_progress_to_active(mock, solution):
    states = polled_statuses(client().describe_solution_version, solutionVersionArn=create(solution))
    assert states == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]


def test_a_pending_version_shows_the_members_of_its_solution(mock):
    group = a_group_with_data(mock)
    config = {"algorithmHyperParameters": {"bptt": "20"}}
    solution = a_solution(mock, group, eventType="Watch", performHPO=True, solutionConfig=config)
    arn = create(solution)
    assert describe(arn) == {
        "name": arn.partition(":solution/")[2],
        "solutionVersionArn": arn,
        "solutionArn": solution,
        "performHPO": True,
        "performAutoML": False,
        "recipeArn": recipe("aws-user-personalization"),
        "eventType": "Watch",
        "datasetGroupArn": group,
        "solutionConfig": config,
        "trainingMode": "FULL",
        "status": "CREATE PENDING",
        "creationDateTime": mock.clock.now(),
        "lastUpdatedDateTime": mock.clock.now(),
        "trainingType": "MANUAL",
    }


def test_a_version_without_a_name_shows_the_name_of_its_solution_and_its_id(mock, solution):
    """Recorded 2023, although the pattern of names in the service model has no slash."""
    arn = create(solution)
    assert describe(arn)["name"] == f"solution/{arn[-8:]}"
    assert describe(create(solution, name="first"))["name"] == "first"
    code, text = refusal(create, solution=solution, name="solution/first")
    assert (code, "Member must satisfy regular expression pattern" in text) == ("ValidationException", True)


def test_only_user_personalization_shows_an_absent_configuration(mock, solution):
    assert "solutionConfig" not in describe(create(solution))
    (group,) = client().list_dataset_groups()["datasetGroups"]
    other = a_solution(mock, group["datasetGroupArn"], name="other")
    assert describe(create(other))["solutionConfig"] == {}


def test_the_dates_of_a_version_differ_by_the_training_time(mock):
    solution = a_solution(mock, a_group_with_data(mock))
    arn = create(solution)
    created = mock.clock.now()
    version = describe(settle(mock, arn))
    assert version["creationDateTime"] == created
    assert version["lastUpdatedDateTime"] - version["creationDateTime"] == timedelta(minutes=20, seconds=8)


@pytest.mark.parametrize(
    ("members", "recorded"),
    [
        ({"recipeArn": recipe("aws-sims")}, timedelta(minutes=17, seconds=17)),
        ({"performAutoML": True}, timedelta(minutes=96)),
    ],
    ids=["SIMS", "AutoML"],
)
def test_a_training_takes_the_recorded_time(mock, members, recorded):
    request = {"name": "timed", "datasetGroupArn": a_group_with_data(mock), "performAutoTraining": False}
    version = describe(a_solution_version(mock, client().create_solution(**request, **members)["solutionArn"]))
    assert version["lastUpdatedDateTime"] - version["creationDateTime"] == recorded


def test_training_hours_are_shown_with_three_decimals_after_a_successful_training(mock, solution):
    arn = create(solution)
    assert "trainingHours" not in describe(arn)
    assert "trainingHours" not in describe(arn)
    hours = describe(settle(mock, arn))["trainingHours"]
    assert hours == round(hours, 3) > 0


def test_a_failed_training_has_a_failure_reason_and_no_hours(mock):
    arn = create(a_solution(mock, a_group_with_an_event(mock)))
    states = polled_statuses(client().describe_solution_version, solutionVersionArn=arn)
    assert states == ["CREATE PENDING", "CREATE IN_PROGRESS", "CREATE FAILED"]
    version = describe(arn)
    assert "failureReason" in version
    assert "trainingHours" not in version


def test_the_name_of_a_version_is_unique(mock, solution):
    assert describe(create(solution, name="first"))["name"] == "first"
    assert refusal(create, solution=solution, name="first")[0] == "ResourceAlreadyExistsException"
    assert len(client().list_solution_versions(solutionArn=solution)["solutionVersions"]) == 1


def test_unknown_solutions_and_versions_are_not_found(mock):
    arn = f"arn:aws:personalize:us-east-1:{ACCOUNT}:solution/none"
    expected = ("ResourceNotFoundException", f"The given solution does not exist: {arn}")
    assert refusal(create, solution=arn) == expected
    assert refusal(client().list_solution_versions, solutionArn=arn) == expected
    unknown = f"{arn}/12345678"
    expected = ("ResourceNotFoundException", f"The given solution version does not exist: {unknown}")
    assert refusal(client().describe_solution_version, solutionVersionArn=unknown) == expected
    assert refusal(client().get_solution_metrics, solutionVersionArn=unknown) == expected


def test_the_training_mode_autotrain_is_refused(mock, solution):
    assert refusal(create, solution=solution, trainingMode="AUTOTRAIN")[0] == "InvalidInputException"
    assert refusal(create, solution=solution, trainingMode="PARTIAL")[0] == "ValidationException"


def test_the_training_mode_update_needs_a_suitable_recipe_and_a_full_training(mock, solution):
    a_solution_version(mock, solution)
    assert refusal(create, solution=solution, trainingMode="UPDATE")[0] == "InvalidInputException"
    (group,) = client().list_dataset_groups()["datasetGroups"]
    other = a_solution(mock, group["datasetGroupArn"], name="other")
    assert refusal(create, solution=other, trainingMode="UPDATE")[0] == "InvalidInputException"


def test_versions_are_listed_by_solution(mock, solution):
    first, second = create(solution), create(solution)
    (group,) = client().list_dataset_groups()["datasetGroups"]
    failing = a_solution(mock, group["datasetGroupArn"], name="failing", eventType="Never")
    a_solution_version(mock, failing)
    listed = client().list_solution_versions(solutionArn=solution)["solutionVersions"]
    assert [version["solutionVersionArn"] for version in listed] == [first, second]
    keys = ["solutionVersionArn", "status", "trainingMode", "trainingType", "creationDateTime", "lastUpdatedDateTime"]
    assert list(listed[0]) == keys
    (failed,) = client().list_solution_versions(solutionArn=failing)["solutionVersions"]
    assert list(failed) == [*keys, "failureReason"]
    assert len(client().list_solution_versions()["solutionVersions"]) == 3


def test_at_most_twenty_versions_train_at_the_same_time(mock, solution):
    arns = [create(solution) for _ in range(20)]
    code, message = refusal(create, solution=solution)
    assert (code, message) == (
        "LimitExceededException",
        "More than 20 resources with PENDING or IN_PROGRESS status.",
    )
    assert len(client().list_solution_versions(solutionArn=solution)["solutionVersions"]) == 20
    client().stop_solution_version_creation(solutionVersionArn=arns[0])
    create(solution)


def test_a_recreated_solution_does_not_reuse_version_arns(mock, solution):
    old = create(solution)
    client().stop_solution_version_creation(solutionVersionArn=old)
    client().delete_solution(solutionArn=solution)
    settle(mock, solution)
    (group,) = client().list_dataset_groups()["datasetGroups"]
    again = a_solution(mock, group["datasetGroupArn"], "aws-popularity-count")
    assert again == solution
    new = create(again)
    assert new != old
    assert refusal(client().describe_solution_version, solutionVersionArn=old)[0] == "ResourceNotFoundException"


# Stopping.


def test_a_pending_version_stops_at_once(mock, solution):
    arn = create(solution)
    answer = client().stop_solution_version_creation(solutionVersionArn=arn)
    assert list(answer) == ["ResponseMetadata"]
    assert describe(arn)["status"] == "CREATE STOPPED"


def test_a_running_version_stops_after_a_while_and_stays_stopped(mock, solution):
    arn = create(solution)
    mock.clock.jump(1000)
    assert describe(arn)["status"] == "CREATE IN_PROGRESS"
    client().stop_solution_version_creation(solutionVersionArn=arn)
    states = polled_statuses(client().describe_solution_version, solutionVersionArn=arn)
    assert states == ["CREATE STOPPING", "CREATE STOPPED"]
    mock.clock.jump(100_000)
    version = describe(arn)
    assert version["status"] == "CREATE STOPPED"
    assert not {"trainingHours", "failureReason"} & set(version)
    (listed,) = client().list_solution_versions(solutionArn=solution)["solutionVersions"]
    assert listed["status"] == "CREATE STOPPED"


def test_a_stopped_version_cannot_be_deployed_and_has_no_metrics(mock, solution):
    arn = create(solution)
    client().stop_solution_version_creation(solutionVersionArn=arn)
    assert refusal(client().create_campaign, name="c", solutionVersionArn=arn)[0] == "ResourceInUseException"
    assert refusal(client().get_solution_metrics, solutionVersionArn=arn)[0] == "ResourceInUseException"


def test_only_a_pending_or_running_version_can_be_stopped(mock, solution):
    active, stopped = a_solution_version(mock, solution), create(solution)
    client().stop_solution_version_creation(solutionVersionArn=stopped)
    for arn in (active, stopped):
        code, _ = refusal(client().stop_solution_version_creation, solutionVersionArn=arn)
        assert code == "InvalidInputException"
    unknown = {"solutionVersionArn": f"{solution}/12345678"}
    assert refusal(client().stop_solution_version_creation, **unknown)[0] == "ResourceNotFoundException"
    assert describe(active)["status"] == "ACTIVE"


# Metrics.


@pytest.mark.parametrize("name", ["aws-user-personalization", "aws-popularity-count"])
def test_metrics_have_the_recorded_names_and_order_and_four_decimals(mock, name):
    version = a_solution_version(mock, a_solution(mock, a_group_with_data(mock), name))
    answer = client().get_solution_metrics(solutionVersionArn=version)
    assert answer["solutionVersionArn"] == version
    assert list(answer["metrics"]) == RANKING_METRICS
    assert all(type(value) is float for value in answer["metrics"].values())
    assert all(value == round(value, 4) and 0 <= value <= 1 for value in answer["metrics"].values())


@pytest.mark.parametrize("sensitivity", ["OFF", "LOW"])
def test_an_objective_adds_a_metric_even_if_it_is_off(mock, sensitivity):
    group = a_group_with_data(mock, "shop", "Interactions", "Items")
    config = {"optimizationObjective": {"itemAttribute": "PRICE", "objectiveSensitivity": sensitivity}}
    version = a_solution_version(mock, a_solution(mock, group, solutionConfig=config))
    assert list(metrics(version)) == ["average_rewards_at_k", *RANKING_METRICS]


@pytest.mark.parametrize("signs", [(1, 1), (1, -1)], ids=["positive", "both"])
def test_metrics_are_finite_even_if_the_sum_of_the_attribute_is_not(mock, signs):
    group = a_dataset_group(mock)
    an_import_job(mock, a_dataset(mock, group), interactions_csv())
    schema = a_schema(mock, "Items", schema=avro_schema("Items", {"ITEM_ID": "string", "PRICE": "double"}))
    rows = [(f"i{number}", signs[number % 2] * 1.7e308 / (1 + number // 30)) for number in range(60)]
    items = a_dataset(mock, group, "Items", schemaArn=schema)
    an_import_job(mock, items, csv_text(["ITEM_ID", "PRICE"], rows))
    config = {"optimizationObjective": {"itemAttribute": "PRICE", "objectiveSensitivity": "HIGH"}}
    values = metrics(a_solution_version(mock, a_solution(mock, group, solutionConfig=config)))
    assert all(map(isfinite, values.values()))
    assert 0 <= values["average_rewards_at_k"] <= 1


def test_only_an_active_version_has_metrics(mock, solution):
    """The message was recorded in 2022-12."""
    arn = create(solution)
    recorded = "Cannot get metrics for solution since it is not in ACTIVE state."
    for _ in range(2):
        assert refusal(client().get_solution_metrics, solutionVersionArn=arn) == ("ResourceInUseException", recorded)
        mock.clock.jump(1000)
    settle(mock, arn)
    first = metrics(arn)
    mock.clock.jump(1_000_000)
    assert metrics(arn) == first


# Hyperparameter optimization.

NARROW = {
    "integerHyperParameterRanges": [{"name": "bptt", "minValue": 5, "maxValue": 9}],
    "continuousHyperParameterRanges": [],
    "categoricalHyperParameterRanges": [{"name": "recency_mask", "values": ["false"]}],
}


def tuned_hyperparameters(mock, group, config, **members):
    """Train with HPO and return the tuned hyperparameters."""
    solution = a_solution(mock, group, performHPO=True, solutionConfig=config, **members)
    return describe(a_solution_version(mock, solution))["tunedHPOParams"]["algorithmHyperParameters"]


def with_trials(number, **config):
    return {"hpoResourceConfig": {"maxNumberOfTrainingJobs": str(number), "maxParallelTrainingJobs": "2"}, **config}


def test_hpo_stays_within_the_ranges_and_shows_all_hyperparameters_of_the_best_model(mock):
    config = {
        "algorithmHyperParameters": {"hidden_dimension": "40"},
        "hpoConfig": with_trials(3, algorithmHyperParameterRanges=NARROW),
    }
    best = tuned_hyperparameters(mock, a_group_with_data(mock), config)
    assert set(best) == {"hidden_dimension", "bptt", "recency_mask"}
    assert (best["hidden_dimension"], best["recency_mask"]) == ("40", "false")
    assert 5 <= int(best["bptt"]) <= 9


def test_tuned_hyperparameters_are_shown_only_after_a_successful_training(mock):
    group = a_group_with_data(mock)
    arn = create(a_solution(mock, group, performHPO=True, solutionConfig={"hpoConfig": with_trials(2)}))
    for _ in range(2):
        assert "tunedHPOParams" not in describe(arn)
    assert "tunedHPOParams" in describe(settle(mock, arn))
    failing = a_solution(mock, group, name="failing", performHPO=True, eventType="Never")
    assert "tunedHPOParams" not in describe(a_solution_version(mock, failing))


def test_hpo_works_with_a_single_interaction_without_a_minimum():
    with mock_personalize(clock=0, strict=False) as mock:
        group = a_dataset_group(mock)
        an_import_job(mock, a_dataset(mock, group), "USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP\nu,i,Watch,1\n")
        assert tuned_hyperparameters(mock, group, {"hpoConfig": with_trials(2)})["hidden_dimension"] == "149"


def test_ranges_without_hpo_have_no_effect(mock):
    config = {"hpoConfig": with_trials(2, algorithmHyperParameterRanges=NARROW)}
    version = a_solution_version(mock, a_solution(mock, a_group_with_data(mock), solutionConfig=config))
    assert "tunedHPOParams" not in describe(version)


def test_hpo_with_one_job_uses_the_given_values_clamped_to_the_ranges(mock):
    config = {
        "algorithmHyperParameters": {"bptt": "7"},
        "hpoConfig": with_trials(1, algorithmHyperParameterRanges=NARROW),
    }
    best = tuned_hyperparameters(mock, a_group_with_data(mock), config)
    assert best == {"hidden_dimension": "149", "bptt": "7", "recency_mask": "false"}


def test_the_number_of_parallel_jobs_does_not_matter(mock):
    group = a_group_with_data(mock)
    one, ten = [
        tuned_hyperparameters(
            mock,
            group,
            {"hpoConfig": {"hpoResourceConfig": {**with_trials(3)["hpoResourceConfig"], **parallel}}},
            name=name,
        )
        for name, parallel in (("one", {"maxParallelTrainingJobs": "1"}), ("ten", {"maxParallelTrainingJobs": "10"}))
    ]
    assert one == ten


def test_hpo_without_ranges_tunes_the_hyperparameters_that_are_not_given(mock):
    config = {"algorithmHyperParameters": {"bptt": "7", "hidden_dimension": "33"}, "hpoConfig": with_trials(9)}
    solution = a_solution(mock, a_group_with_data(mock), performHPO=True, solutionConfig=config)
    with patch.object(Trials, "result", autospec=True, side_effect=lambda _, values: values["recency_mask"] == "false"):
        version = a_solution_version(mock, solution)
    best = describe(version)["tunedHPOParams"]["algorithmHyperParameters"]
    assert best == {"hidden_dimension": "33", "bptt": "7", "recency_mask": "false"}


def test_tuned_hyperparameters_train_the_same_model_when_they_are_sent(mock):
    group = a_group_with_data(mock)
    solution = a_solution(mock, group, performHPO=True, solutionConfig={"hpoConfig": with_trials(4)})
    version = a_solution_version(mock, solution)
    config = {"algorithmHyperParameters": describe(version)["tunedHPOParams"]["algorithmHyperParameters"]}
    same = a_solution_version(mock, a_solution(mock, group, name="same", solutionConfig=config))
    assert metrics(same) == metrics(version)


def test_every_tunable_hyperparameter_has_a_range_that_contains_its_default(mock):
    for entry in catalogue.recipes():
        tunable = [parameter for parameter in entry.parameters("algorithm").values() if parameter.tunable]
        assert bool(tunable) == entry.hpo
        ranges = {each.name: each for each in model_selection.ranges(entry, {}, {})}
        for parameter in tunable:
            assert parameter.values or (parameter.minimum is not None and parameter.maximum is not None)
            assert ranges[parameter.name].clamp(str(parameter.default)) == str(parameter.default)


@pytest.mark.parametrize("name", [entry.name for entry in catalogue.recipes() if entry.hpo and entry.name in RECIPES])
def test_hpo_tunes_every_recipe_that_supports_it(mock, name):
    group = a_group_with_data(mock, "shop", "Interactions", "Items")
    version = a_solution_version(
        mock, a_solution(mock, group, name, performHPO=True, solutionConfig={"hpoConfig": with_trials(3)})
    )
    tunable = {entry.name for entry in catalogue.recipe(recipe(name)).hyperparameters if entry.tunable}
    assert tunable <= set(describe(version)["tunedHPOParams"]["algorithmHyperParameters"])
    assert metrics(version)


# AutoML.


def automl(mock, group, name="automl", **automl_config):
    config = {"autoMLConfig": automl_config} if automl_config else {}
    members = {"name": name, "datasetGroupArn": group, "performAutoML": True, "performAutoTraining": False}
    return client().create_solution(**members, solutionConfig=config)["solutionArn"]


def test_automl_shows_the_selected_recipe_after_a_successful_training(mock):
    candidates = [recipe("aws-popularity-count"), recipe("aws-hrnn")]
    solution = automl(mock, a_group_with_data(mock), recipeList=candidates)
    arn = create(solution)
    mock.clock.jump(3000)
    shown = describe(arn)
    assert (shown["status"], shown.get("recipeArn")) == ("CREATE IN_PROGRESS", None)
    mock.clock.jump(1)
    assert "autoMLResult" not in client().describe_solution(solutionArn=solution)["solution"]
    settle(mock, arn)
    best = client().describe_solution(solutionArn=solution)["solution"]["autoMLResult"]["bestRecipeArn"]
    assert best in candidates
    assert describe(arn)["recipeArn"] == best
    assert describe(arn)["performAutoML"] is True


def test_automl_shows_hpo_the_metric_and_the_recipes_that_it_compares(mock):
    """Recorded 2019-07."""
    group = a_group_with_data(mock)
    by_default = describe(create(automl(mock, group)))
    recipes = [recipe(f"aws-hrnn{suffix}") for suffix in ("", "-coldstart", "-metadata")]
    assert (by_default["performHPO"], by_default["performAutoML"]) == (True, True)
    assert sorted(by_default["solutionConfig"]["autoMLConfig"].pop("recipeList")) == recipes
    assert by_default["solutionConfig"] == {"autoMLConfig": {"metricName": "precision_at_25"}}
    chosen = {"metricName": "coverage", "recipeList": [recipe("aws-hrnn")]}
    assert describe(create(automl(mock, group, "chosen", **chosen)))["solutionConfig"] == {"autoMLConfig": chosen}


def test_automl_selects_by_precision_unless_told_otherwise(mock):
    solution = automl(mock, a_group_with_data(mock), recipeList=[recipe("aws-hrnn")])
    with patch.object(Trials, "from_job", wraps=Trials.from_job) as from_job:
        a_solution_version(mock, solution)
    assert [call.kwargs["metric"] for call in from_job.call_args_list] == ["precision_at_25"]


def test_automl_selects_by_the_requested_metric(mock):
    """Popularity recommends the same items to everybody, so its coverage is lower."""
    candidates = [recipe("aws-popularity-count"), recipe("aws-hrnn")]
    solution = automl(mock, a_group_with_data(mock), metricName="coverage", recipeList=candidates)
    with patch.object(Trials, "from_job", wraps=Trials.from_job) as from_job:
        version = a_solution_version(mock, solution)
    assert [call.kwargs["metric"] for call in from_job.call_args_list] == ["coverage", "coverage"]
    assert describe(version)["recipeArn"] == recipe("aws-hrnn")


def test_automl_ignores_all_configuration_but_its_own(mock):
    group, tuned = a_group_with_data(mock), []
    for name, config in (("with", {"algorithmHyperParameters": {"bptt": "3"}}), ("without", {})):
        whole = {"autoMLConfig": {"recipeList": [recipe("aws-hrnn")]}, **config}
        members = {"name": name, "datasetGroupArn": group, "performAutoML": True, "solutionConfig": whole}
        version = a_solution_version(mock, client().create_solution(**members)["solutionArn"])
        tuned.append(describe(version)["tunedHPOParams"])
    assert tuned[0] == tuned[1]


def test_automl_has_three_default_candidates_and_tunes_the_best_one(mock):
    version = describe(a_solution_version(mock, automl(mock, a_group_with_data(mock, "shop", "Interactions", "Items"))))
    assert version["recipeArn"].rpartition("/")[2] in {"aws-hrnn", "aws-hrnn-metadata", "aws-hrnn-coldstart"}
    assert "hidden_dimension" in version["tunedHPOParams"]["algorithmHyperParameters"]


def test_automl_does_not_tune_a_recipe_that_cannot_be_tuned(mock):
    solution = automl(mock, a_group_with_data(mock), recipeList=[recipe("aws-popularity-count")])
    version = describe(a_solution_version(mock, solution))
    assert version["status"] == "ACTIVE"
    assert "tunedHPOParams" not in version


def test_a_version_trained_by_automl_can_be_deployed(mock):
    version = a_solution_version(mock, automl(mock, a_group_with_data(mock), recipeList=[recipe("aws-hrnn")]))
    answer = client("personalize-runtime").get_recommendations(campaignArn=a_campaign(mock, version), userId="u0")
    assert len(answer["itemList"]) == 25


def test_automl_with_too_little_data_fails(mock):
    version = describe(a_solution_version(mock, automl(mock, a_group_with_an_event(mock))))
    assert version["status"] == "CREATE FAILED"
    assert "recipeArn" not in version


# The training mode UPDATE.


def test_an_update_keeps_the_metrics_of_the_full_training_and_shows_its_training_mode(mock):
    solution = a_solution(mock, a_group_with_data(mock))
    full = a_solution_version(mock, solution)
    updated = a_solution_version(mock, solution, trainingMode="UPDATE")
    assert (describe(updated)["trainingMode"], describe(updated)["status"]) == ("UPDATE", "ACTIVE")
    assert metrics(updated) == metrics(full)


def test_exploration_recommends_new_items_after_an_update(mock):
    group = a_group_with_data(mock, "shop", "Interactions", "Items")
    solution = a_solution(mock, group)
    full = a_solution_version(mock, solution)
    rows = f"new,Comedy,9.0,{START}\n"
    an_import_job(mock, f"{group.replace('dataset-group', 'dataset')}/ITEMS", items_csv() + rows)
    updated = a_solution_version(mock, solution, trainingMode="UPDATE")
    exploration = {"campaignConfig": {"itemExplorationConfig": {"explorationWeight": "1"}}}
    recommends_new = {}
    for version, name in ((full, "full"), (updated, "updated")):
        campaign = client().create_campaign(name=name, solutionVersionArn=version, **exploration)["campaignArn"]
        settle(mock, campaign)
        request = {"campaignArn": campaign, "userId": "u0", "numResults": 70}
        items = client("personalize-runtime").get_recommendations(**request)["itemList"]
        recommends_new[name] = "new" in {item["itemId"] for item in items}
    assert recommends_new == {"full": False, "updated": True}


def test_an_update_is_based_on_the_newest_full_training(mock):
    group = a_group_with_data(mock)
    solution = a_solution(mock, group)
    a_solution_version(mock, solution)
    an_import_job(mock, f"{group.replace('dataset-group', 'dataset')}/INTERACTIONS", interactions_csv(users=70))
    second = a_solution_version(mock, solution)
    a_solution_version(mock, solution, trainingMode="UPDATE")
    assert metrics(a_solution_version(mock, solution, trainingMode="UPDATE")) == metrics(second)


def test_an_update_needs_an_active_full_training(mock):
    solution = a_solution(mock, a_group_with_data(mock))
    stopped = create(solution)
    client().stop_solution_version_creation(solutionVersionArn=stopped)
    assert refusal(create, solution=solution, trainingMode="UPDATE")[0] == "InvalidInputException"
    pending = create(solution)
    assert refusal(create, solution=solution, trainingMode="UPDATE")[0] == "InvalidInputException"
    settle(mock, pending)
    create(solution, trainingMode="UPDATE")
