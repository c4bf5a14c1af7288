import numpy as np
import pytest

from personalize_mock.recipes.numerics.softmax import CHUNK, INVERSE_TEMPERATURE, probabilities, sum_exp


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_the_sum_of_exponentials_does_not_depend_on_the_chunks(size):
    scores = np.random.default_rng(size).standard_normal(size).astype(np.float32)
    maximum = scores.max(initial=-9, keepdims=True)
    expected = np.exp(INVERSE_TEMPERATURE * (scores.astype(np.float64) - maximum)).sum()
    assert sum_exp(scores, maximum=maximum) == pytest.approx(expected, rel=1e-5)


def test_large_scores_do_not_overflow():
    scores = np.array([500.0, 499.0, -500.0], dtype=np.float32)
    assert sum_exp(scores, maximum=scores[:1]) == pytest.approx(1 + np.exp(-INVERSE_TEMPERATURE))


@pytest.mark.filterwarnings("error")
def test_further_candidates_may_have_much_larger_scores_than_the_list():
    scores, extra = np.array([1.0, 0.0], dtype=np.float32), np.array([1000.0], dtype=np.float32)
    assert probabilities(scores, scores, extra_scores=extra).tolist() == [0, 0]
    assert probabilities(extra, scores, extra_scores=extra).tolist() == [1]
