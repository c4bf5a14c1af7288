"""Distinct values of index arrays, by sorting, with a table and with a set."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.recipes.numerics import distinct as module
from personalize_mock.recipes.numerics.distinct import distinct, distinct_of_each, last_places


@pytest.mark.parametrize(("dense", "few"), [(0, 0), (4, 0), (1000, 0), (4, 64)])
@given(st.lists(st.integers(0, 30)))
def test_values_are_those_that_sorting_finds(dense, few, numbers):
    values = np.array(numbers, dtype=np.int32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "DENSE", dense)
        patch.setattr(module, "FEW", few)
        found, (items, place, count) = distinct(values), last_places(values)
    assert found.dtype == items.dtype == np.int32
    assert found.tolist() == items.tolist() == sorted(set(numbers))
    assert place.tolist() == [numbers[::-1].index(item) for item in items]
    assert count.tolist() == [numbers.count(item) for item in items]


@given(st.lists(st.lists(st.integers(0, 9), max_size=8), min_size=1, max_size=5))
def test_the_distinct_elements_of_each_array_are_those_of_the_array_alone(rows):
    arrays = [np.array(row, dtype=np.int32) for row in rows]
    assert [own.tolist() for own in distinct_of_each(arrays)] == [sorted(set(row)) for row in rows]
