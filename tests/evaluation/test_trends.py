from dataclasses import dataclass

import numpy as np
import pytest
from recipes.conftest import from_files, make_interactions, preference_triples
from recipes.materials import training_data

from personalize_mock.evaluation.trends import TrendsEvaluation
from personalize_mock.recipes.popular.popularity_count import PopularityCount, PopularityModel
from personalize_mock.recipes.popular.trending_now import HOUR, TrendingNow

LENGTH = round(2 * HOUR)


def events(*counts):
    """Events of items `a`, `b`...: in each interval of two hours as many of each as its row of counts says."""
    return make_interactions(
        (f"u{turn}", "abcdef"[item], 10_000_000 + LENGTH * period + turn)
        for period, row in enumerate(counts)
        for item, count in enumerate(row)
        for turn in range(1, count + 1)
    )


def accuracy(of_events, **members):
    evaluation = TrendsEvaluation.from_data(training_data(of_events, **members), seed=0)
    model = TrendingNow().fit(evaluation.train, config={}, objective=None, seed=0)
    return evaluation.measure(model)


@dataclass(frozen=True, kw_only=True, eq=False)
class Oracle(PopularityModel):
    """Says always the same."""

    interval_length: float = float(LENGTH)

    def trending_at(self, time):  # noqa: ARG002  the same at any time
        return self.order


def said(of_events, *items):
    model = Oracle(order=np.array(items, dtype=np.int32))
    return TrendsEvaluation.from_data(training_data(of_events), seed=0).measure(model)["trend_prediction_accuracy"]


def test_a_continuing_trend_is_predicted():
    assert accuracy(events((1, 9), (5, 9), (15, 9), (40, 9))) == {"trend_prediction_accuracy": 1.0}


def test_a_new_trend_is_not_predicted():
    assert accuracy(events((0, 30), (9, 0), (0, 20), (30, 0), (0, 40)))["trend_prediction_accuracy"] == 0.0


def test_accuracy_is_the_share_of_the_possible_growth():
    found = events((5, 5, 5), (5, 5, 5), (15, 10, 5))  # growth of 10/10, 5/10 and 0
    assert said(found, 0) == pytest.approx(1 / 1.5, abs=1e-4)
    assert said(found, 1) == pytest.approx(0.5 / 1.5, abs=1e-4)
    assert said(found, 0, 1, 2) == 1.0
    assert said(found) == 0.0


def test_accuracy_does_not_depend_on_the_time_after_the_data():
    grown = events((1, 9), (5, 9), (15, 9), (40, 9))
    assert accuracy(grown, now=4e9) == accuracy(grown)


def test_interactions_after_now_are_ignored():
    grown = events((1, 9), (5, 9), (15, 9), (40, 9))
    assert accuracy(grown, now=0.0) == {"trend_prediction_accuracy": 0.0}


def test_an_interval_without_earlier_interactions_does_not_count():
    assert accuracy(events((1, 1), (9, 9)))["trend_prediction_accuracy"] == 0.0


def test_accuracy_without_interactions_is_zero():
    nothing = events((1,)).select(np.zeros(1, dtype=bool))
    assert accuracy(nothing) == {"trend_prediction_accuracy": 0.0}


def test_nothing_is_held_out():
    films = make_interactions(preference_triples())
    evaluation = TrendsEvaluation.from_data(training_data(films), seed=0)
    assert len(evaluation.train.interactions) == len(films)
    assert evaluation.catalogue_size == len(films.items)
    assert TrendsEvaluation.main_metric == "trend_prediction_accuracy"


def test_a_model_without_trends_is_rejected():
    films = make_interactions(preference_triples())
    model = PopularityCount().fit(training_data(films), config={}, objective=None, seed=0)
    with pytest.raises(TypeError, match="predicts no trends"):
        TrendsEvaluation.from_data(training_data(films), seed=0).measure(model)


def test_accuracy_lies_between_zero_and_one_on_real_data(real_data):
    given = training_data(from_files(real_data, None))
    for frequency in ("2 hours", "1 day"):
        model = TrendingNow().fit(given, config={"trend_discovery_frequency": frequency}, objective=None, seed=0)
        value = TrendsEvaluation.from_data(given, seed=0).measure(model)["trend_prediction_accuracy"]
        assert 0 <= value <= 1
