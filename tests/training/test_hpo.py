import gzip
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from builders import avro_schema, interactions_csv

from personalize_mock.data import avro, csv_files
from personalize_mock.recipes.base import TrainingFailed
from personalize_mock.training import fit
from personalize_mock.training.dataset import TrainingDataset, TrainingRequest
from personalize_mock.training.hpo import Choices, Integers, Reals, Trials, best, candidates

RANGES = [
    Integers(name="factors", low=3, high=7),
    Reals(name="share", low=0.25, high=0.75),
    Choices(name="mask", values=("true", "false")),
]
START = {"factors": "100", "share": "0.1", "mask": "maybe"}
RATED = {"USER_ID": "string", "ITEM_ID": "string", "EVENT_TYPE": "string", "EVENT_VALUE": "float", "TIMESTAMP": "long"}


def prepared(text=None, fields=None, **members):
    schema = avro.parse(avro_schema(fields=fields))
    table = csv_files.read([(text or interactions_csv()).encode()], schema)
    order = TrainingRequest(**{"recipe": "aws-user-personalization", **members})
    return fit.prepare(order, {"INTERACTIONS": TrainingDataset(table=table, fields=schema.fields)})


class Stub:
    """Stands for prepared trials: the metric is what a function says of the hyperparameters."""

    def __init__(self, metric, **order):
        self.metric, self.fitted = metric, []
        self.request = TrainingRequest(recipe="stub", **order)

    def fit(self, hyperparameters):
        self.fitted.append(dict(hyperparameters))
        return SimpleNamespace(metrics={"m": self.metric(hyperparameters)})


def trials(metric, **order):
    return Trials(prepared=Stub(metric, **order), splits=[None], metric="m")


# What is tried.


def test_the_first_candidate_is_the_start_moved_into_the_ranges():
    assert candidates(RANGES, start=START, most=5, seed=1)[0] == {"factors": "7", "share": "0.25", "mask": "true"}
    inside = {"factors": "4", "share": "0.5", "mask": "false"}
    assert candidates(RANGES, start=inside, most=5, seed=1)[0] == inside


def test_candidates_are_different_and_lie_within_the_ranges():
    found = candidates(RANGES, start=START, most=40, seed=1)
    assert len(found) == len({tuple(each.items()) for each in found}) == 40
    assert all(3 <= int(each["factors"]) <= 7 for each in found)
    assert all(0.25 <= float(each["share"]) <= 0.75 for each in found)
    assert {each["mask"] for each in found} == {"true", "false"}


def test_both_ends_of_a_range_are_tried():
    found = candidates(RANGES, start=START, most=40, seed=1)
    assert {each["factors"] for each in found} == {"3", "4", "5", "6", "7"}
    assert {"0.25", "0.75"} <= {each["share"] for each in found}
    large = Reals(name="x", low=-1e6, high=1.2345678901)
    assert {large.at(0.0), large.at(0.999999)} == {"-1000000.0", "1.2345678901"}


def test_candidates_are_spread_evenly():
    line = [Reals(name="x", low=0, high=1)]
    values = sorted(float(each["x"]) for each in candidates(line, start={"x": "0"}, most=10, seed=3))
    assert np.diff(values).max() < 0.25


def test_a_small_space_is_tried_out_and_no_more():
    masks = [Choices(name="mask", values=("true", "false"))]
    assert candidates(masks, start={"mask": "false"}, most=40, seed=1) == [{"mask": "false"}, {"mask": "true"}]
    assert candidates([], start={}, most=40, seed=1) == [{}]
    one = [Integers(name="n", low=5, high=5)]
    assert candidates(one, start={"n": "9"}, most=40, seed=1) == [{"n": "5"}]


def test_the_seed_decides_and_a_longer_search_begins_as_a_shorter_one():
    short, long = (candidates(RANGES, start=START, most=most, seed=1) for most in (5, 20))
    assert long[:5] == short
    assert candidates(RANGES, start=START, most=20, seed=2) != long


# Who wins.


def test_the_greatest_metric_wins():
    won = best(trials(lambda each: -abs(float(each["share"]) - 0.5)), RANGES, start=START, most=40)
    assert abs(float(won["share"]) - 0.5) < 0.05


def test_of_equals_the_earlier_wins_so_that_defaults_stay_where_nothing_is_better():
    assert best(trials(lambda _: 0.0), RANGES, start=START, most=10)["factors"] == "7"


def test_what_the_order_says_besides_the_ranges_stays_fixed():
    config = {"algorithmHyperParameters": {"bptt": "9"}, "featureTransformationParameters": {"share": "0.9"}}
    tried = trials(lambda _: 0.0, config=config)
    best(tried, RANGES, start=START, most=4)
    assert {each["bptt"] for each in tried.prepared.fitted} == {"9"}
    assert tried.prepared.fitted[0]["share"] == "0.25"


def test_nothing_is_trained_twice():
    tried = trials(lambda _: 0.0)
    for _ in range(2):
        best(tried, RANGES, start=START, most=6)
    tried.value({"factors": "7", "share": "0.25", "mask": "true"})
    assert len(tried.prepared.fitted) == 6


@pytest.mark.parametrize("outcome", ["untrainable", "not a number", "no such metric"])
def test_a_trial_without_a_value_never_wins(outcome):
    def metric(each):
        if each["factors"] != "4":
            if outcome == "untrainable":
                raise TrainingFailed("Too little.")
            return float("nan")
        return 0.1

    tried = trials(metric)
    if outcome == "no such metric":
        tried = replace(tried, metric="other")
    won = best(tried, RANGES, start=START, most=20)
    assert won["factors"] == ("7" if outcome == "no such metric" else "4")


# On data.


def test_trials_do_not_see_what_the_shown_metrics_are_made_of():
    order = prepared()
    tried = Trials.of(order)
    held_out = len(order.data.interactions) - len(order.evaluation.train.interactions)
    assert held_out > 0
    assert tried.prepared.data is order.evaluation.train
    assert tried.prepared.evaluation is tried.splits[-1]
    left = [len(each.train.interactions) for each in (order.evaluation, *tried.splits)]
    assert left == sorted(set(left), reverse=True)
    assert tried.metric == "normalized_discounted_cumulative_gain_at_25"


def test_the_value_of_a_trial_is_the_mean_over_all_splits():
    tried = Trials.of(prepared(recipe="aws-popularity-count"), metric="mean_reciprocal_rank_at_25")
    model = tried.prepared.fit({}).model
    values = [each.measure(model)["mean_reciprocal_rank_at_25"] for each in tried.splits]
    assert len(set(values)) > 1
    assert tried.value({}) == pytest.approx(np.mean(values))


def test_the_same_order_is_searched_the_same_way():
    ranges = [Integers(name="bptt", low=2, high=32), Choices(name="recency_mask", values=("true", "false"))]
    start = {"bptt": "32", "recency_mask": "true"}
    one, other = (best(Trials.of(prepared(seed=4)), ranges, start=start, most=4) for _ in range(2))
    assert one == other


def test_a_search_finds_better_hyperparameters_than_the_defaults_on_real_data(real_data):
    """With few factors, for the sake of time."""
    text = gzip.decompress((real_data / "interactions.csv.gz").read_bytes()).decode()
    tried = Trials.of(prepared(text, RATED, config={"algorithmHyperParameters": {"hidden_dimension": "32"}}))
    ranges = [Integers(name="bptt", low=2, high=32), Choices(name="recency_mask", values=("true", "false"))]
    start = {"bptt": "32", "recency_mask": "true"}
    won = best(tried, ranges, start=start, most=8)
    assert len(tried.values) == 8
    assert tried.value(won) > tried.value(start)
