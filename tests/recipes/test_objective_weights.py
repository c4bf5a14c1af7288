"""Weights of an optimization objective, found for given training lists."""

from itertools import pairwise

import numpy as np
import pytest

from personalize_mock.recipes.objective_weights import FIRST, ORDERED, TrainingList, _TrainingLists, objective_weights

LEVELS = ("LOW", "MEDIUM", "HIGH")
DISCOUNTS = 1 / np.log2(2 + np.arange(ORDERED))
TEMPERAMENTS = {"even": 0.1, "normal": 1.0, "peaked": 3.0}


def training_lists(*, spread=1.0, high=None, items=1000):
    """Return lists of 30 users.

    The random relevance is even or peaked, depending on `spread`. If `high` is given, this share of the items has one
    value of the attribute, and the other items have another.
    """
    rng = np.random.default_rng(0)
    grades = rng.uniform(-1, 1, items)
    if high is not None:
        grades = np.where(grades > 1 - 2 * high, 1 - high, -high)
    relevance = np.exp(spread * rng.normal(size=(30, items)))
    return [
        TrainingList(relevance=row.astype(np.float32), grades=(row.std() * grades).astype(np.float32))
        for row in relevance
    ]


@pytest.mark.parametrize("spread", TEMPERAMENTS.values(), ids=TEMPERAMENTS)
def test_weights_rise_from_level_to_level_however_peaked_relevance_is(spread):
    weights = [objective_weights(training_lists(spread=spread), level) for level in LEVELS]
    assert all(one[0] < other[0] for one, other in pairwise(weights))
    assert all(weight <= order_weight for weight, order_weight in weights)


def share_kept(entry, weight, order_weight, places):
    """Return the share of relevance that one list keeps, computed from all its candidates."""
    chance = 1 / (5 + np.argsort(np.argsort(-entry.relevance)))
    chosen = np.argsort(-(entry.relevance + weight * entry.grades))[:ORDERED]
    ordered = chosen[np.argsort(-(entry.relevance + order_weight * entry.grades)[chosen])]
    best = np.sort(chance)[::-1]
    return (chance[ordered] * DISCOUNTS)[:places].sum() / (best[:ORDERED] * DISCOUNTS)[:places].sum()


@pytest.mark.parametrize(
    ("level", "kept", "tolerance"), [("LOW", 0.9, 0.01), ("MEDIUM", 0.75, 0.01), ("HIGH", 0.45, 0.1)]
)
@pytest.mark.parametrize("spread", TEMPERAMENTS.values(), ids=TEMPERAMENTS)
def test_lists_keep_the_target_of_their_level(level, kept, tolerance, spread):
    lists = training_lists(spread=spread)
    weights = objective_weights(lists, level)
    assert np.mean([share_kept(entry, *weights, ORDERED) for entry in lists]) == pytest.approx(kept, abs=tolerance)


@pytest.mark.parametrize("high", [0.05, 0.1, 0.2])
def test_at_high_the_first_five_keep_no_more_than_the_list_even_if_two_values_cannot_order_it(high):
    lists = training_lists(high=high)
    weights = objective_weights(lists, "HIGH")
    first, whole = (np.mean([share_kept(entry, *weights, places) for entry in lists]) for places in (FIRST, ORDERED))
    assert first <= whole + 0.01


def test_equally_relevant_candidates_are_equally_likely_to_be_chosen():
    entry = TrainingList(relevance=np.ones(40, dtype=np.float32), grades=np.zeros(40, dtype=np.float32))
    assert len(set(entry.contenders().chance.tolist())) == 1


def test_candidates_that_cannot_be_recommended_do_not_change_the_shares():
    lists = training_lists(items=2000)
    training = _TrainingLists(lists)
    assert training.chance.shape[1] < 2000
    for weights in ((0.3, 0.3), (1.0, 4.0), (50.0, 50.0)):
        expected = np.mean([share_kept(entry, *weights, ORDERED) for entry in lists])
        assert training.kept(*weights) == pytest.approx(expected)
