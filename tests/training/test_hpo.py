import gzip
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from builders import avro_schema, interactions_csv

from personalize_mock.data import avro, csv_files
from personalize_mock.data.dataset_table import DatasetTable
from personalize_mock.recipes.base import TrainingFailed
from personalize_mock.training.fit import prepare
from personalize_mock.training.hpo import (
    CategoricalRange,
    FloatRange,
    IntegerRange,
    Trials,
    best_hyperparameters,
    trial_points,
)
from personalize_mock.training.request import TrainingConfig, TrainingRequest

RANGES = [
    IntegerRange(name="factors", low=3, high=7),
    FloatRange(name="share", low=0.25, high=0.75),
    CategoricalRange(name="mask", values=("true", "false")),
]
START = {"factors": "100", "share": "0.1", "mask": "maybe"}
RATED = {"USER_ID": "string", "ITEM_ID": "string", "EVENT_TYPE": "string", "EVENT_VALUE": "float", "TIMESTAMP": "long"}


def request(config=None, **members):
    given = {"recipe": "aws-user-personalization", **members}
    return TrainingRequest(config=TrainingConfig.from_wire(config or {}), **given)


def a_job(text=None, fields=None, **members):
    schema = avro.parse(avro_schema(fields=fields))
    table = csv_files.read([(text or interactions_csv()).encode()], schema)
    return prepare(request(**members), {"INTERACTIONS": DatasetTable(table=table, schema=schema)})


class StubJob:
    """A training job whose metric is a function of the hyperparameters."""

    def __init__(self, metric, **members):
        self.metric, self.fitted = metric, []
        self.request = request(**members)

    def fit(self, hyperparameters):
        self.fitted.append(dict(hyperparameters))
        return SimpleNamespace(metrics={"m": self.metric(hyperparameters)})


def stub_trials(metric, **members):
    return Trials(job=StubJob(metric, **members), splits=[None], metric="m")


# Points.


def test_the_first_point_is_the_start_clamped_to_the_ranges():
    assert trial_points(RANGES, start=START, max_trials=5, seed=1)[0] == {
        "factors": "7",
        "share": "0.25",
        "mask": "true",
    }
    inside = {"factors": "4", "share": "0.5", "mask": "false"}
    assert trial_points(RANGES, start=inside, max_trials=5, seed=1)[0] == inside


def test_points_differ_and_lie_within_the_ranges():
    points = trial_points(RANGES, start=START, max_trials=40, seed=1)
    assert len(points) == len({tuple(point.items()) for point in points}) == 40
    assert all(3 <= int(point["factors"]) <= 7 for point in points)
    assert all(0.25 <= float(point["share"]) <= 0.75 for point in points)
    assert {point["mask"] for point in points} == {"true", "false"}


def test_both_ends_of_a_range_are_tried():
    points = trial_points(RANGES, start=START, max_trials=40, seed=1)
    assert {point["factors"] for point in points} == {"3", "4", "5", "6", "7"}
    assert {"0.25", "0.75"} <= {point["share"] for point in points}
    large = FloatRange(name="x", low=-1e6, high=1.2345678901)
    assert {large.at(0.0), large.at(0.999999)} == {"-1000000.0", "1.2345678901"}


def test_points_are_spread_evenly():
    line = [FloatRange(name="x", low=0, high=1)]
    values = sorted(float(point["x"]) for point in trial_points(line, start={"x": "0"}, max_trials=10, seed=3))
    assert np.diff(values).max() < 0.25


def test_a_small_space_yields_each_of_its_points_once():
    masks = [CategoricalRange(name="mask", values=("true", "false"))]
    assert trial_points(masks, start={"mask": "false"}, max_trials=40, seed=1) == [{"mask": "false"}, {"mask": "true"}]
    assert trial_points([], start={}, max_trials=40, seed=1) == [{}]
    one = [IntegerRange(name="n", low=5, high=5)]
    assert trial_points(one, start={"n": "9"}, max_trials=40, seed=1) == [{"n": "5"}]


def test_the_seed_fixes_the_points_and_a_longer_search_begins_with_those_of_a_shorter_one():
    short, long = (trial_points(RANGES, start=START, max_trials=count, seed=1) for count in (5, 20))
    assert long[:5] == short
    assert trial_points(RANGES, start=START, max_trials=20, seed=2) != long


# Search.


def test_the_point_with_the_greatest_metric_is_returned():
    best = best_hyperparameters(
        stub_trials(lambda hyperparameters: -abs(float(hyperparameters["share"]) - 0.5)),
        RANGES,
        start=START,
        max_trials=40,
    )
    assert abs(float(best["share"]) - 0.5) < 0.05


def test_the_earliest_of_equal_points_is_returned_so_the_defaults_stay_if_nothing_is_better():
    assert best_hyperparameters(stub_trials(lambda _: 0.0), RANGES, start=START, max_trials=10)["factors"] == "7"


def test_hyperparameters_of_the_request_outside_the_ranges_stay_fixed():
    config = {"algorithmHyperParameters": {"bptt": "9"}, "featureTransformationParameters": {"share": "0.9"}}
    trials = stub_trials(lambda _: 0.0, config=config)
    best_hyperparameters(trials, RANGES, start=START, max_trials=4)
    assert {point["bptt"] for point in trials.job.fitted} == {"9"}
    assert trials.job.fitted[0]["share"] == "0.25"


def test_no_trial_runs_twice():
    trials = stub_trials(lambda _: 0.0)
    for _ in range(2):
        best_hyperparameters(trials, RANGES, start=START, max_trials=6)
    trials.result({"factors": "7", "share": "0.25", "mask": "true"})
    assert len(trials.job.fitted) == 6


@pytest.mark.parametrize("outcome", ["training failed", "not a number", "no such metric"])
def test_a_trial_without_a_result_is_never_the_best(outcome):
    def metric(hyperparameters):
        if hyperparameters["factors"] != "4":
            if outcome == "training failed":
                raise TrainingFailed("Too little.")
            return float("nan")
        return 0.1

    trials = stub_trials(metric)
    if outcome == "no such metric":
        trials = replace(trials, metric="other")
    best = best_hyperparameters(trials, RANGES, start=START, max_trials=20)
    assert best["factors"] == ("7" if outcome == "no such metric" else "4")


# Trials on data.


def test_trials_do_not_see_the_held_out_interactions_of_the_job():
    job = a_job()
    trials = Trials.from_job(job)
    held_out = len(job.data.interactions) - len(job.evaluation.train.interactions)
    assert held_out > 0
    assert trials.job.data is job.evaluation.train
    assert trials.job.evaluation is trials.splits[-1]
    left = [len(split.train.interactions) for split in (job.evaluation, *trials.splits)]
    assert left == sorted(set(left), reverse=True)
    assert trials.metric == "normalized_discounted_cumulative_gain_at_25"


def test_the_result_of_a_trial_is_the_mean_over_all_splits():
    trials = Trials.from_job(a_job(recipe="aws-popularity-count"), metric="mean_reciprocal_rank_at_25")
    model = trials.job.fit({}).model
    values = [split.measure(model)["mean_reciprocal_rank_at_25"] for split in trials.splits]
    assert len(set(values)) > 1
    assert trials.result({}) == pytest.approx(np.mean(values))


def test_two_searches_of_equal_jobs_return_the_same_point():
    ranges = [
        IntegerRange(name="bptt", low=2, high=32),
        CategoricalRange(name="recency_mask", values=("true", "false")),
    ]
    start = {"bptt": "32", "recency_mask": "true"}
    one, other = (
        best_hyperparameters(Trials.from_job(a_job(seed=4)), ranges, start=start, max_trials=4) for _ in range(2)
    )
    assert one == other


def test_a_search_finds_better_hyperparameters_than_its_start_on_real_data(real_data):
    """Few factors save time."""
    text = gzip.decompress((real_data / "interactions.csv.gz").read_bytes()).decode()
    trials = Trials.from_job(a_job(text, RATED, config={"algorithmHyperParameters": {"hidden_dimension": "32"}}))
    ranges = [
        IntegerRange(name="bptt", low=2, high=32),
        CategoricalRange(name="recency_mask", values=("true", "false")),
    ]
    start = {"bptt": "2", "recency_mask": "true"}
    best = best_hyperparameters(trials, ranges, start=start, max_trials=8)
    assert len(trials.results) == 8
    assert trials.result(best) > trials.result(start)
