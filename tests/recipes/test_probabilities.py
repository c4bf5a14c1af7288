import numpy as np
import pytest

from personalize_mock.recipes.probabilities import PIECE, SHARPNESS, exponential_sum


@pytest.mark.parametrize("size", [0, 1, PIECE, PIECE + 1, 3 * PIECE + 7])
def test_the_sum_is_that_of_all_exponentials(size):
    relevance = np.random.default_rng(size).standard_normal(size).astype(np.float32)
    best = float(relevance.max(initial=-9))
    expected = np.exp(SHARPNESS * (relevance.astype(np.float64) - best)).sum()
    assert exponential_sum(relevance, best=best) == pytest.approx(expected, rel=1e-5)


def test_nothing_overflows_and_shifted_items_vanish():
    relevance = np.array([500.0, 499.0, -500.0], dtype=np.float32)
    assert exponential_sum(relevance, best=500.0) == pytest.approx(1 + np.exp(-SHARPNESS))
