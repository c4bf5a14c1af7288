import pytest

from personalize_mock.recipes.base import TrainingFailed
from personalize_mock.recipes.percentile_filter import filter_items, filter_users


@pytest.fixture
def interactions(interactions_of):
    """User `u1` has one interaction, `u2` two, ...; item `i0` has ten, `i1` nine, ...; item `cold` has none."""
    triples = [(f"u{length:02}", f"i{item}", item) for length in range(1, 11) for item in range(length)]
    return interactions_of(triples, catalogue=["cold"])


def test_users_outside_the_percentiles_are_dropped(interactions):
    lengths = filter_users(interactions, lower=0.2, upper=0.8).lengths().tolist()
    assert lengths == [0, 2, 3, 4, 5, 6, 7, 8, 9, 0]


def test_items_outside_the_percentiles_are_dropped(interactions):
    kept = filter_items(interactions, lower=0.2, upper=0.8)
    assert sorted(set(kept.items.at(kept.item))) == [f"i{item}" for item in range(1, 9)]


def test_usual_percentiles_drop_nothing_from_small_data(interactions):
    assert filter_users(interactions, lower=0.01, upper=0.99) is interactions
    assert filter_items(interactions, lower=0.01, upper=0.99) is interactions


def test_training_fails_if_no_user_is_left(interactions):
    with pytest.raises(TrainingFailed, match="Widen the range"):
        filter_users(interactions, lower=0.9, upper=0.1)
