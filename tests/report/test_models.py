"""Properties of trained models, measured on samples of their lists."""

import pytest

from personalize_mock import mock_personalize
from personalize_mock.report.models import trained_models


@pytest.fixture
def mock():
    with mock_personalize() as mock:
        yield mock


def models_of(mock):
    return trained_models(mock._simulation())


def test_a_popularity_count_recommends_only_popular_items(mock):
    mock.load(recipe="aws-popularity-count")
    (model,) = models_of(mock)

    assert model.sample.coverage < 0.5
    assert next(places for items, places in model.sample.curve if items >= model.sample.coverage) == pytest.approx(1)
    assert model.sample.data_curve[-1] == (1, pytest.approx(1))


def test_a_higher_sensitivity_has_a_higher_percentile_of_the_attribute(mock):
    for level in ("OFF", "LOW", "MEDIUM", "HIGH"):
        mock.load(objective=("PRICE", level), recipe="aws-user-personalization", name=level.lower())
    percentiles = [model.sample.objective.percentile for model in models_of(mock)]

    assert percentiles == sorted(percentiles)
    assert percentiles[-1] > percentiles[0] + 0.1


def test_recommenders_and_related_items_have_samples(mock):
    mock.load(domain="VIDEO_ON_DEMAND", recommenders=["aws-vod-more-like-x", "aws-vod-top-picks"])

    assert [model.sample.count > 0 for model in models_of(mock)] == [True, True]


def test_a_model_of_user_segments_has_no_sample(mock):
    mock.load(recipe="aws-item-affinity")
    (model,) = models_of(mock)

    assert model.sample is None
    assert model.metrics
