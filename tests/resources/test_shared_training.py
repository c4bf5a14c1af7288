"""Trainings and imports whose results the process keeps: nothing is read or fitted twice, and no answer changes."""

import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from unittest.mock import Mock, patch

import numpy as np
import pytest
from builders import ACCOUNT, interactions_csv, items_csv, users_csv

from personalize_mock import MockPersonalize, PersonalizeMockError, mock_personalize
from personalize_mock.content_cache import CACHE
from personalize_mock.data import csv_rows
from personalize_mock.data.tables import Numbers, Strings
from personalize_mock.recipes.base import Query
from personalize_mock.recipes.personal import user_personalization
from personalize_mock.recipes.registry import RECIPES
from personalize_mock.resources import catalogue
from personalize_mock.training import fit

DATA = {"interactions": interactions_csv(), "items": items_csv(), "users": users_csv()}
NOW, LATER = "2024-05-01T00:00:00Z", "2024-06-07T11:12:13Z"
ITEM_RECIPES = [
    entry.name
    for entry in catalogue.recipes()
    if entry.domain is None and entry.operation == "GetRecommendations" and entry.name != "aws-hrnn-coldstart"
]


class Counting:
    """Counts the calls of the functions that read a file and that fit a model."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read = self.fitted = 0
        read, fitted = csv_rows.read, fit.TrainingJob.fit

        def counted_read(*arguments: Any, **options: Any) -> Any:
            self.read += 1
            return read(*arguments, **options)

        def counted_fit(job: fit.TrainingJob, *arguments: Any) -> Any:
            self.fitted += 1
            return fitted(job, *arguments)

        monkeypatch.setattr(csv_rows, "read", counted_read)
        monkeypatch.setattr(fit.TrainingJob, "fit", counted_fit)


def answers(mock: MockPersonalize, **arguments: Any) -> bytes:
    """Return everything that a client sees of a loaded model, as bytes."""
    loaded = mock.load(**{**DATA, **arguments})
    version = loaded.solution_version_arn
    metrics = mock.call("GetSolutionMetrics", solutionVersionArn=version)["metrics"]
    item_id = {"itemId": "i1"} if arguments.get("recipe") in ("aws-sims", "aws-similar-items") else {}
    requests = [{"userId": user} | item_id for user in ("u1", "u2", "somebody")]
    lists = [mock.call("GetRecommendations", campaignArn=loaded.campaign_arn, **request) for request in requests]
    return pickle.dumps((metrics, [(answer["itemList"], answer["recommendationId"]) for answer in lists]))


def test_the_second_mock_neither_reads_nor_fits(monkeypatch):
    counting, seen = Counting(monkeypatch), set()
    for _ in range(3):
        with mock_personalize(clock=NOW) as mock:
            seen.add(answers(mock))
    assert (counting.read, counting.fitted, len(seen)) == (3, 1, 1)


def test_without_reuse_everything_is_read_and_fitted_again(monkeypatch):
    counting = Counting(monkeypatch)
    for _ in range(2):
        with mock_personalize(clock=NOW, reuse=False) as mock:
            answers(mock)
    assert counting.read == 6
    assert counting.fitted == 2
    assert len(CACHE) == 0


CONFIG = {"config": {"algorithmHyperParameters": {"hidden_dimension": "32"}}}
OBJECTIVES = (("PRICE", "HIGH"), ("PRICE", "OFF"), ("CREATION_TIMESTAMP", "LOW"))


@pytest.fixture
def fit_factors(monkeypatch):
    """The function that fits item factors, as a mock that counts its calls."""
    counting = Mock(wraps=user_personalization.fit_factors)
    monkeypatch.setattr(user_personalization, "fit_factors", counting)
    return counting


def test_trainings_that_differ_only_in_the_objective_fit_factors_once(fit_factors):
    warm, cold = [], []
    for objective in OBJECTIVES:
        with mock_personalize(clock=NOW) as mock:
            warm.append(answers(mock, recipe="aws-user-personalization", objective=objective))
    assert fit_factors.call_count == 1
    for objective in OBJECTIVES:
        with mock_personalize(clock=NOW, reuse=False) as mock:
            cold.append(answers(mock, recipe="aws-user-personalization", objective=objective))
    assert warm == cold
    assert len(set(warm)) == len(OBJECTIVES)


@pytest.mark.parametrize("change", [{"name": "another"}, CONFIG, {"users": None}])
def test_trainings_with_an_objective_share_nothing_if_they_also_differ_in(change, fit_factors):
    for options, level in (({}, "LOW"), (change, "HIGH")):
        with mock_personalize(clock=NOW) as mock:
            answers(mock, recipe="aws-user-personalization", objective=("PRICE", level), **options)
    assert fit_factors.call_count == 2


@pytest.mark.parametrize("recipe", [name for name in ITEM_RECIPES if name != "aws-semantic-similarity"])
def test_warm_answers_are_byte_identical_to_cold_ones_at_another_time(recipe):
    with mock_personalize(clock=NOW) as mock:
        answers(mock, recipe=recipe)
    with mock_personalize(clock=LATER) as mock:
        warm = answers(mock, recipe=recipe)
    with mock_personalize(clock=LATER, reuse=False) as mock:
        cold = answers(mock, recipe=recipe)

    assert warm == cold


def test_only_recipes_that_depend_on_time_are_fitted_again_at_another_time(monkeypatch):
    counting = Counting(monkeypatch)
    fitted = {}
    for recipe in ("aws-sims", "aws-trending-now"):
        for clock in (NOW, LATER):
            before = counting.fitted
            with mock_personalize(clock=clock) as mock:
                mock.load(**DATA, recipe=recipe)
            fitted[recipe, clock] = counting.fitted - before

    assert fitted == {
        ("aws-sims", NOW): 1,
        ("aws-sims", LATER): 0,
        ("aws-trending-now", NOW): 1,
        ("aws-trending-now", LATER): 1,
    }
    assert {name for name, recipe in RECIPES.items() if recipe.depends_on_time} == {
        "aws-hrnn-coldstart",
        "aws-trending-now",
        "aws-vod-trending-now",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"options": {"seed": 1}},
        {"options": {"minimum_interactions": 900}, "minimums": True},
        {"recipe": "aws-user-personalization"},
        {"config": {"trainingDataConfig": {"excludedDatasetColumns": {"ITEMS": ["PRICE"]}}}},
        {"interactions": interactions_csv(each=19)},
        {"items": items_csv().replace("Comedy", "Satire")},
        {"users": users_csv().replace("Free", "Gratis")},
        {"name": "another"},
    ],
    ids="-".join,
)
def test_a_training_that_differs_in_anything_is_not_reused(monkeypatch, change):
    with mock_personalize(clock=NOW) as mock:
        mock.load(**DATA)
    counting = Counting(monkeypatch)
    arguments = dict(change)

    with mock_personalize(clock=NOW, **arguments.pop("options", {})) as mock:
        mock.load(**{**DATA, **arguments})
    assert counting.fitted == 1


def test_a_training_with_other_hyperparameters_is_not_reused(monkeypatch):
    counting = Counting(monkeypatch)
    for dimension in ("32", "40", "32"):
        config = {"algorithmHyperParameters": {"hidden_dimension": dimension}}
        with mock_personalize(clock=NOW) as mock:
            mock.load(**DATA, recipe="aws-user-personalization", config=config)
    assert counting.fitted == 2


def test_events_put_before_a_training_are_part_of_it(monkeypatch):
    counting = Counting(monkeypatch)
    for item in ("i1", "i1", "i2"):
        with mock_personalize(clock=NOW, minimum_interactions=0) as mock:
            loaded = mock.load(**DATA, name="films")
            event = {"eventType": "Watch", "itemId": item, "sentAt": mock.clock.now(), "eventId": "1"}
            mock.call("PutEvents", trackingId=loaded.tracking_id, userId="u1", sessionId="s", eventList=[event])
            mock.call("CreateSolutionVersion", solutionArn=loaded.solution_arn)
            mock.clock.jump(timedelta(days=1))
    assert counting.fitted == 3  # without the event, with i1, with i2


def test_a_retraining_without_new_data_costs_its_calls(monkeypatch, mock):
    loaded = mock.load(**DATA, minimums=True)
    counting = Counting(monkeypatch)
    version = mock.call("CreateSolutionVersion", solutionArn=loaded.solution_arn)["solutionVersionArn"]
    mock.clock.jump(timedelta(days=1))

    described = mock.call("DescribeSolutionVersion", solutionVersionArn=version)["solutionVersion"]
    assert (described["status"], counting.fitted) == ("ACTIVE", 0)


def test_a_kept_model_does_not_lift_the_minimum_of_data(mock):
    loaded = mock.load(**{**DATA, "interactions": interactions_csv(each=2)})
    for needs_minimums, status in ((False, "ACTIVE"), (True, "CREATE FAILED")):
        group(mock, loaded.dataset_group_arn).needs_minimums = needs_minimums
        version = mock.call("CreateSolutionVersion", solutionArn=loaded.solution_arn)["solutionVersionArn"]
        mock.clock.jump(timedelta(days=1))

        described = mock.call("DescribeSolutionVersion", solutionVersionArn=version)["solutionVersion"]
        assert described["status"] == status


def group(mock, arn):
    return next(store.resource(arn) for store in mock._simulation().stores())


def test_tuned_hyperparameters_are_kept_with_the_model(monkeypatch):
    config = {"hpoConfig": {"hpoResourceConfig": {"maxNumberOfTrainingJobs": "2", "maxParallelTrainingJobs": "1"}}}
    tuned = []
    counting = Counting(monkeypatch)
    for _ in range(2):
        with mock_personalize(clock=NOW) as mock:
            loaded = mock.load(**DATA, recipe="aws-user-personalization", name="base")
            arn = mock.call(
                "CreateSolution",
                name="tuned",
                datasetGroupArn=loaded.dataset_group_arn,
                recipeArn="arn:aws:personalize:::recipe/aws-user-personalization",
                performHPO=True,
                solutionConfig=config,
            )["solutionArn"]
            version = mock.call("CreateSolutionVersion", solutionArn=arn)["solutionVersionArn"]
            mock.clock.jump(timedelta(days=1))
            described = mock.call("DescribeSolutionVersion", solutionVersionArn=version)["solutionVersion"]
            tuned.append((described["tunedHPOParams"], counting.fitted))
    assert tuned[0] == tuned[1]


def test_a_failed_training_is_not_kept():
    with mock_personalize() as mock:
        with (
            patch.object(fit.TrainingJob, "fit", side_effect=fit.TrainingFailed("out of luck")),
            pytest.raises(PersonalizeMockError, match="out of luck"),
        ):
            mock.load(**DATA)
        assert mock.load(**DATA).recommend("u1")


def test_the_live_events_of_one_mock_are_unknown_to_another_with_the_same_model():
    lists = []
    for has_event in (False, True, False):
        with mock_personalize(clock=NOW) as mock:
            loaded = mock.load(**DATA)
            if has_event:
                event = {"eventType": "Watch", "itemId": "i7", "sentAt": mock.clock.now()}
                mock.call("PutEvents", trackingId=loaded.tracking_id, userId="new", sessionId="s", eventList=[event])
            lists.append(loaded.recommend("new", n=10))
    assert lists[0] == lists[2] != lists[1]


def test_the_metrics_that_a_client_gets_are_a_copy():
    with mock_personalize(clock=NOW) as mock:
        loaded = mock.load(**DATA)
        mock.call("GetSolutionMetrics", solutionVersionArn=loaded.solution_version_arn)["metrics"].clear()
        assert mock.call("GetSolutionMetrics", solutionVersionArn=loaded.solution_version_arn)["metrics"]


def test_arrays_of_files_cannot_be_changed():
    with mock_personalize(clock=NOW) as mock:
        mock.load(**DATA)
    tables = [value for value, _ in CACHE._values.values() if hasattr(value, "columns")]

    assert len(tables) == 3
    for column in (column for table in tables for column in table.columns.values()):
        array = column.codes if isinstance(column, Strings) else column.values
        assert isinstance(column, Strings | Numbers)
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[1]


def test_a_model_shared_by_threads_answers_each_of_them_alike(mock):
    mock.load(**DATA)
    (version,) = mock._simulation().store(ACCOUNT, "us-east-1").by_type_name("SolutionVersion").values()
    model = version.fitted_model.model
    queries = [Query(history=np.array([item, item + 1], dtype=np.int32), user=item) for item in range(20)]

    def ask() -> list[list[int]]:
        return [model.rank(query, n=10).indices.tolist() for query in queries]

    expected = ask()
    with ThreadPoolExecutor(4) as threads:
        assert all(answer == expected for answer in threads.map(lambda _: ask(), range(40)))
