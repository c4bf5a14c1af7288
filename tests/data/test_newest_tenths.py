"""The newest tenth of each user's interactions."""

import numpy as np
import pytest

from personalize_mock.data.newest_tenths import newest_tenths


@pytest.mark.parametrize(("length", "count"), [(1, 1), (2, 1), (14, 1), (16, 2), (25, 2), (100, 10)])
def test_it_is_a_tenth_and_at_least_one_interaction(length, count):
    starts, stops = newest_tenths(np.array([0, 7, 7 + length, 99 + length]), np.array([1]))
    assert (starts.tolist(), stops.tolist()) == ([7 + length - count], [7 + length])


def test_no_users_have_no_interactions():
    starts, stops = newest_tenths(np.array([0, 5]), np.array([], dtype=np.int64))
    assert len(starts) == len(stops) == 0
