import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.recipes.numerics.top_k import (
    BLOCKWISE,
    GATHERED,
    are_largest,
    positions,
    top_k,
    top_k_each,
)


def by_sorting(scores, k):
    return np.argsort(-scores, kind="stable")[:k]


@given(st.lists(st.integers(-3, 3), max_size=60), st.integers(0, 70))
def test_the_top_of_few_scores_is_that_of_a_stable_sort(values, k):
    scores = np.array(values, dtype=np.float32)
    assert top_k(scores, k=k).tolist() == by_sorting(scores, k).tolist()


@pytest.mark.parametrize("size", [BLOCKWISE - 1, BLOCKWISE, BLOCKWISE + 63, 50_001])
@pytest.mark.parametrize("k", [1, 25, 500, 50_001])
@pytest.mark.parametrize("distinct", [3, 1000, 10**9])
def test_the_top_of_many_scores_is_that_of_a_stable_sort(size, k, distinct):
    scores = np.random.default_rng(size + k).integers(0, distinct, size).astype(np.float32)
    scores[::7] = -np.inf
    assert np.array_equal(top_k(scores, k=k), by_sorting(scores, k))


@pytest.mark.parametrize("size", [0, 1, 40, BLOCKWISE + 63, GATHERED + 63])
@pytest.mark.parametrize("k", [0, 1, 25, BLOCKWISE])
@pytest.mark.parametrize("distinct", [3, 10**9])
def test_the_top_of_each_row_is_that_of_the_row_alone(size, k, distinct):
    scores = np.random.default_rng(size + k).integers(0, distinct, (5, size)).astype(np.float32)
    scores[:, ::7] = -np.inf
    assert top_k_each(scores, k=k).tolist() == [top_k(row, k=k).tolist() for row in scores]


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=60), st.integers(1, 70))
def test_the_mask_of_the_largest_scores_marks_the_top(values, k):
    scores = np.array(values, dtype=np.float64)
    assert np.flatnonzero(are_largest(scores, k=k)).tolist() == sorted(top_k(scores, k=k).tolist())


def test_absent_values_have_position_minus_one():
    among = np.array([2, 5, 9])
    assert positions(np.array([9, 3, 2, 11]), among=among).tolist() == [2, -1, 0, -1]
    assert positions(np.array([9, 3]), among=among[:0]).tolist() == [-1, -1]
