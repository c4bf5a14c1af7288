"""The number of trainings that HPO and AutoML cost."""

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
def recorded_fits():
    """A list of the fits in the block: recipe, number of training interactions, and hyperparameters."""
    fits, fit = [], TrainingJob.fit

    def recording(self, hyperparameters):
        fits.append(
            (self.request.recipe, len(self.evaluation.train.interactions), tuple(sorted(hyperparameters.items())))
        )
        return fit(self, hyperparameters)

    with patch.object(TrainingJob, "fit", autospec=True, side_effect=recording):
        yield fits


def trial_fits(fits):
    """The fits on a part of the data: all but the last one."""
    assert all(interactions < fits[-1][1] for _, interactions, _ in fits[:-1])
    return fits[:-1]


def tune(mock, group, config=None, name="tuned"):
    with recorded_fits() as fits:
        arn = a_solution_version(mock, a_solution(mock, group, name=name, performHPO=True, solutionConfig=config or {}))
    return fits, client().describe_solution_version(solutionVersionArn=arn)["solutionVersion"]


@pytest.mark.parametrize("jobs", [1, 4, 12])
def test_hpo_trains_once_per_job_and_once_more_with_the_best_hyperparameters(mock, group, jobs):
    resources = {"hpoResourceConfig": {"maxNumberOfTrainingJobs": str(jobs), "maxParallelTrainingJobs": "3"}}
    fits, version = tune(mock, group, {"hpoConfig": resources})
    assert len(trial_fits(fits)) == len(set(trial_fits(fits))) == jobs
    assert fits[-1][2] in [hyperparameters for _, _, hyperparameters in trial_fits(fits)]
    assert dict(fits[-1][2]) == version["tunedHPOParams"]["algorithmHyperParameters"]


def test_hpo_runs_ten_trials_by_default(mock, group):
    assert len(trial_fits(tune(mock, group)[0])) == model_selection.TRIALS == 10


def test_hpo_tries_no_point_twice_in_a_small_space(mock, group):
    ranges = {
        "integerHyperParameterRanges": [{"name": "bptt", "minValue": 5, "maxValue": 7}],
        "categoricalHyperParameterRanges": [{"name": "recency_mask", "values": ["true", "false"]}],
    }
    fits, _ = tune(mock, group, {"hpoConfig": {"algorithmHyperParameterRanges": ranges}})
    assert len(trial_fits(fits)) == len(set(trial_fits(fits))) == 6


def test_the_first_trial_uses_the_defaults(mock, group):
    fits, _ = tune(mock, group)
    defaults = (("bptt", "32"), ("hidden_dimension", "149"), ("recency_mask", "true"))
    assert trial_fits(fits)[0][2] == defaults


def test_without_hpo_there_is_one_training(mock, group):
    with recorded_fits() as fits:
        a_solution_version(mock, a_solution(mock, group))
    assert len(fits) == 1


def automl(mock, group, *candidates):
    config = {"autoMLConfig": {"recipeList": [recipe(name) for name in candidates]}}
    members = {"performAutoML": True, "performAutoTraining": False, "solutionConfig": config}
    arn = client().create_solution(name="automl", datasetGroupArn=group, **members)["solutionArn"]
    with recorded_fits() as fits:
        version = a_solution_version(mock, arn)
    return fits, client().describe_solution_version(solutionVersionArn=version)["solutionVersion"]


def test_automl_tries_no_hyperparameters_twice(mock, group):
    fits, version = automl(mock, group, "aws-popularity-count", "aws-hrnn")
    assert version["recipeArn"] == recipe("aws-hrnn")
    assert len(set(trial_fits(fits))) == len(trial_fits(fits))
    assert Counter(name for name, *_ in trial_fits(fits)) == {
        "aws-popularity-count": 1,
        "aws-hrnn": model_selection.AUTO_ML_TRIALS,
    }
    assert fits[-1][0] == "aws-hrnn"


def test_automl_runs_no_trials_for_a_recipe_that_cannot_be_tuned(mock, group):
    best = {"aws-popularity-count": 1.0, "aws-hrnn": 0.0}
    with patch.object(Trials, "result", autospec=True, side_effect=lambda self, _: best[self.job.request.recipe]):
        fits, version = automl(mock, group, "aws-hrnn", "aws-popularity-count")
    assert version["recipeArn"] == recipe("aws-popularity-count")
    assert [name for name, *_ in fits] == ["aws-popularity-count"]
