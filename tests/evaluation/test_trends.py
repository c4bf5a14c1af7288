from dataclasses import dataclass

import numpy as np
import pytest
from recipes.conftest import from_files, make_interactions, preference_triples
from recipes.materials import training_data

from personalize_mock.evaluation.trends import TrendsEvaluation
from personalize_mock.recipes.popular.popularity_count import PopularityCount, PopularityModel
from personalize_mock.recipes.popular.trending_now import HOUR, TrendingNow

LENGTH = round(2 * HOUR)


def interactions_with(*counts):
    """Return interactions with the items `a`, `b`, ...; each argument has their counts in one interval of two hours."""
    return make_interactions(
        (f"u{turn}", "abcdef"[item], 10_000_000 + LENGTH * period + turn)
        for period, row in enumerate(counts)
        for item, count in enumerate(row)
        for turn in range(1, count + 1)
    )


def accuracy(interactions, **members):
    evaluation = TrendsEvaluation.from_data(training_data(interactions, **members), seed=0)
    model = TrendingNow().fit(evaluation.train, config={}, objective=None, seed=0)
    return evaluation.measure(model)


@dataclass(frozen=True, kw_only=True, eq=False)
class ConstantTrends(PopularityModel):
    """A model that predicts the same trends at any time."""

    interval_length: float = float(LENGTH)

    def trending_at(self, time):  # noqa: ARG002  the same at any time
        return self.order


def accuracy_of(interactions, *items):
    model = ConstantTrends(order=np.array(items, dtype=np.int32))
    return TrendsEvaluation.from_data(training_data(interactions), seed=0).measure(model)["trend_prediction_accuracy"]


def test_a_continuing_trend_is_predicted():
    assert accuracy(interactions_with((1, 9), (5, 9), (15, 9), (40, 9))) == {"trend_prediction_accuracy": 1.0}


def test_a_new_trend_is_not_predicted():
    assert accuracy(interactions_with((0, 30), (9, 0), (0, 20), (30, 0), (0, 40)))["trend_prediction_accuracy"] == 0.0


def test_accuracy_is_the_share_of_the_possible_growth():
    interactions = interactions_with((5, 5, 5), (5, 5, 5), (15, 10, 5))  # growth of 10, 5 and 0
    assert accuracy_of(interactions, 0) == pytest.approx(10 / 15, abs=1e-4)
    assert accuracy_of(interactions, 1) == pytest.approx(5 / 15, abs=1e-4)
    assert accuracy_of(interactions, 0, 1, 2) == 1.0
    assert accuracy_of(interactions) == 0.0


def test_accuracy_does_not_depend_on_the_time_after_the_data():
    grown = interactions_with((1, 9), (5, 9), (15, 9), (40, 9))
    assert accuracy(grown, now=4e9) == accuracy(grown)


def test_interactions_after_now_are_ignored():
    grown = interactions_with((1, 9), (5, 9), (15, 9), (40, 9))
    assert accuracy(grown, now=0.0) == {"trend_prediction_accuracy": 0.0}


def test_an_interval_without_earlier_interactions_does_not_count():
    assert accuracy(interactions_with((1, 1), (9, 9)))["trend_prediction_accuracy"] == 0.0


def test_accuracy_without_interactions_is_zero():
    nothing = interactions_with((1,)).select(np.zeros(1, dtype=bool))
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
    with pytest.raises(TypeError, match="does not predict trends"):
        TrendsEvaluation.from_data(training_data(films), seed=0).measure(model)


def test_accuracy_lies_between_zero_and_one_on_real_data(real_data):
    data = training_data(from_files(real_data, None))
    for frequency in ("2 hours", "1 day"):
        model = TrendingNow().fit(data, config={"trend_discovery_frequency": frequency}, objective=None, seed=0)
        value = TrendsEvaluation.from_data(data, seed=0).measure(model)["trend_prediction_accuracy"]
        assert 0 <= value <= 1
