import numpy as np
import pytest

from personalize_mock.recipes.related.pair_weights import EXPONENTS
from personalize_mock.recipes.related.popularity_discount import discounts


def test_a_factor_of_zero_counts_users_and_a_factor_of_one_counts_shares():
    users = np.array([0, 5, 990])
    for exponent in EXPONENTS:
        assert discounts(users, factor=0.0, exponent=exponent) == pytest.approx([1, 1, 1])
        assert discounts(users, factor=0.5, exponent=exponent) == pytest.approx((users + 10.0) ** -exponent)
        assert discounts(users, factor=1.0, exponent=exponent) == pytest.approx([1 / 10, 1 / 15, 1 / 1000])
