import numpy as np
import pytest

from personalize_mock.recipes.related.popularity_discount import (
    EXPONENTS,
    USUAL,
    discounts,
    learn_exponent,
)


def learnt(interactions):
    indicators = interactions.csr().astype(np.float32)
    indicators.data[:] = 1
    return learn_exponent(interactions, indicators)


def shop(*, tastes, users=400, items=200, length=8, seed=0):
    """Return triples of users who choose popular items, with `tastes` half of them, followed by ones of their group."""
    rng = np.random.default_rng(seed)
    popularity = 1 / (1 + np.arange(items)) ** 1.2
    triples = []
    for user in range(users):
        chosen = rng.choice(items, size=length, replace=False, p=popularity / popularity.sum())
        if tastes:
            group = np.arange(user % 20, items, 20)
            chosen[length // 2 :] = rng.choice(group, size=length // 2, replace=False)
        triples += [(f"u{user}", f"i{item}", 100 + turn) for turn, item in enumerate(chosen)]
    return triples


def test_a_factor_of_zero_counts_users_and_a_factor_of_one_counts_shares():
    users = np.array([0, 5, 990])
    for exponent in EXPONENTS:
        assert discounts(users, factor=0.0, exponent=exponent) == pytest.approx([1, 1, 1])
        assert discounts(users, factor=0.5, exponent=exponent) == pytest.approx((users + 10.0) ** -exponent)
        assert discounts(users, factor=1.0, exponent=exponent) == pytest.approx([1 / 10, 1 / 15, 1 / 1000])


def test_popular_items_are_discounted_if_users_have_tastes_and_not_if_all_like_the_same(interactions_of):
    assert learnt(interactions_of(shop(tastes=False))) < USUAL <= learnt(interactions_of(shop(tastes=True)))


def test_without_users_to_learn_from_the_discount_is_the_usual_one(interactions_of):
    assert learnt(interactions_of([("u", "a", 1), ("v", "b", 2)])) == USUAL
