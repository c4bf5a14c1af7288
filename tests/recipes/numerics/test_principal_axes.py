import numpy as np
import pytest

from personalize_mock.recipes.numerics.principal_axes import principal_axes

VECTORS = np.random.default_rng(0).normal(size=(500, 4)) * [1, 5, 0.1, 2]


def test_axes_are_orthonormal_and_ordered_by_the_sum_of_squares():
    axes = principal_axes(VECTORS.T @ VECTORS, count=3)
    assert axes.T @ axes == pytest.approx(np.eye(3), abs=1e-12)
    sums = np.square(VECTORS @ axes).sum(axis=0)
    assert sums.tolist() == sorted(sums, reverse=True)
    assert np.abs(axes).argmax(axis=0).tolist() == [1, 3, 0]


def test_the_largest_component_of_each_axis_is_positive():
    axes = principal_axes(VECTORS.T @ VECTORS, count=4)
    assert (axes[np.abs(axes).argmax(axis=0), range(4)] > 0).all()


def test_there_are_at_most_as_many_axes_as_dimensions():
    assert principal_axes(np.eye(3), count=16).shape == (3, 3)
