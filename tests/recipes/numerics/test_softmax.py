import numpy as np
import pytest

from personalize_mock.recipes.numerics.softmax import (
    PIECE,
    SHARPNESS,
    exponential_sum,
    probabilities,
    probabilities_each,
)


@pytest.mark.parametrize("size", [0, 1, PIECE, PIECE + 1, 3 * PIECE + 7])
def test_the_sum_is_that_of_all_exponentials(size):
    relevance = np.random.default_rng(size).standard_normal(size).astype(np.float32)
    best = relevance.max(initial=-9, keepdims=True)
    expected = np.exp(SHARPNESS * (relevance.astype(np.float64) - best)).sum()
    assert exponential_sum(relevance, best=best) == pytest.approx(expected, rel=1e-5)


def test_nothing_overflows_and_shifted_items_vanish():
    relevance = np.array([500.0, 499.0, -500.0], dtype=np.float32)
    assert exponential_sum(relevance, best=relevance[:1]) == pytest.approx(1 + np.exp(-SHARPNESS))


@pytest.mark.parametrize("size", [25, PIECE, 3 * PIECE + 7])
def test_lists_at_once_have_to_the_bit_the_scores_that_each_has_alone(size):
    relevance = np.random.default_rng(size).standard_normal((7, size)).astype(np.float32)
    ranked = -np.sort(-relevance, axis=1)[:, :25]
    together = probabilities_each(ranked, relevance)
    assert together.tolist() == [
        probabilities(own, whole, besides=None).tolist() for own, whole in zip(ranked, relevance, strict=True)
    ]
    assert probabilities_each(ranked[:, :0], relevance).shape == (7, 0)
