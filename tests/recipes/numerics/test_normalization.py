import numpy as np
import pytest

from personalize_mock.recipes.numerics.normalization import scale_to_deviation

ITEMS = np.random.default_rng(0).normal(size=(100, 4))
COVARIANCE = np.cov(ITEMS.T, bias=True)


def test_dot_products_with_all_items_have_the_given_standard_deviation():
    vectors = np.random.default_rng(1).normal(size=(6, 4)) * np.logspace(-3, 3, 6)[:, None]
    scaled = scale_to_deviation(vectors, COVARIANCE, deviation=0.7, least=1e-6)
    assert (scaled @ ITEMS.T).std(axis=1) == pytest.approx(0.7, rel=1e-4)


@pytest.mark.parametrize("vector", [np.zeros(4), np.full(4, 3.0)])
def test_vectors_whose_dot_products_hardly_differ_are_only_multiplied(vector):
    covariance = 1e-18 * COVARIANCE
    assert scale_to_deviation(vector[None], covariance, deviation=0.5, least=1e-6)[0] == pytest.approx(0.5 * vector)
