"""How many trainings a search costs."""

from collections import Counter
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from builders import a_group_with_data, a_solution, a_solution_version, client, recipe

from personalize_mock.resources import model_selection
from personalize_mock.training.fit import TrainingJob
from personalize_mock.training.hpo import Trials


@pytest.fixture
def group(mock):
    return a_group_with_data(mock)


@contextmanager
def fitted():
    """What is trained meanwhile: recipe, how many events it learns from, and hyperparameters."""
    found, fit = [], TrainingJob.fit

    def noted(self, hyperparameters):
        found.append(
            (self.request.recipe, len(self.evaluation.train.interactions), tuple(sorted(hyperparameters.items())))
        )
        return fit(self, hyperparameters)

    with patch.object(TrainingJob, "fit", autospec=True, side_effect=noted):
        yield found


def trials(found):
    """Of the trainings those that were tried out on a part, which are all but the last one."""
    assert all(events < found[-1][1] for _, events, _ in found[:-1])
    return found[:-1]


def search(mock, group, config=None, name="searched"):
    with fitted() as found:
        arn = a_solution_version(mock, a_solution(mock, group, name=name, performHPO=True, solutionConfig=config or {}))
    return found, client().describe_solution_version(solutionVersionArn=arn)["solutionVersion"]


@pytest.mark.parametrize("most", [1, 4, 12])
def test_a_search_trains_as_often_as_it_may_and_once_more_with_what_it_found(mock, group, most):
    resources = {"hpoResourceConfig": {"maxNumberOfTrainingJobs": str(most), "maxParallelTrainingJobs": "3"}}
    found, version = search(mock, group, {"hpoConfig": resources})
    assert len(trials(found)) == len(set(trials(found))) == most
    assert found[-1][2] in [hyperparameters for _, _, hyperparameters in trials(found)]
    assert dict(found[-1][2]) == version["tunedHPOParams"]["algorithmHyperParameters"]


def test_without_a_limit_a_search_trains_ten_times(mock, group):
    assert len(trials(search(mock, group)[0])) == model_selection.TRIALS == 10


def test_a_search_tries_no_point_twice_however_small_its_space(mock, group):
    ranges = {
        "integerHyperParameterRanges": [{"name": "bptt", "minValue": 5, "maxValue": 7}],
        "categoricalHyperParameterRanges": [{"name": "recency_mask", "values": ["true", "false"]}],
    }
    found, _ = search(mock, group, {"hpoConfig": {"algorithmHyperParameterRanges": ranges}})
    assert len(trials(found)) == len(set(trials(found))) == 6


def test_the_defaults_are_the_first_trial_so_that_no_search_chooses_worse_ones(mock, group):
    found, _ = search(mock, group)
    defaults = (("bptt", "32"), ("hidden_dimension", "149"), ("recency_mask", "true"))
    assert trials(found)[0][2] == defaults


def test_without_a_search_there_is_one_training(mock, group):
    with fitted() as found:
        a_solution_version(mock, a_solution(mock, group))
    assert len(found) == 1


def automl(mock, group, *candidates):
    config = {"autoMLConfig": {"recipeList": [recipe(name) for name in candidates]}}
    members = {"performAutoML": True, "performAutoTraining": False, "solutionConfig": config}
    arn = client().create_solution(name="automl", datasetGroupArn=group, **members)["solutionArn"]
    with fitted() as found:
        version = a_solution_version(mock, arn)
    return found, client().describe_solution_version(solutionVersionArn=version)["solutionVersion"]


def test_automl_tries_each_candidate_once_and_does_not_try_the_winners_defaults_again(mock, group):
    found, version = automl(mock, group, "aws-popularity-count", "aws-hrnn")
    assert version["recipeArn"] == recipe("aws-hrnn")
    assert len(set(trials(found))) == len(trials(found))
    assert Counter(name for name, *_ in trials(found)) == {
        "aws-popularity-count": 1,
        "aws-hrnn": model_selection.AUTO_ML_TRIALS,
    }
    assert found[-1][0] == "aws-hrnn"


def test_of_a_winner_that_cannot_be_tuned_nothing_is_searched(mock, group):
    best = {"aws-popularity-count": 1.0, "aws-hrnn": 0.0}
    with patch.object(Trials, "result", autospec=True, side_effect=lambda self, _: best[self.job.request.recipe]):
        found, version = automl(mock, group, "aws-hrnn", "aws-popularity-count")
    assert version["recipeArn"] == recipe("aws-popularity-count")
    assert [name for name, *_ in found] == ["aws-popularity-count"]
