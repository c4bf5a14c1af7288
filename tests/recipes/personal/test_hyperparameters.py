import pytest

from personalize_mock.recipes.personal.hyperparameters import Hyperparameters
from personalize_mock.recipes.personal.user_personalization import HYPERPARAMETERS
from personalize_mock.recipes.registry import RECIPES


def read(names=HYPERPARAMETERS, **config):
    return Hyperparameters.from_config(config, names=names)


def test_the_defaults_are_those_of_the_service():
    assert read() == Hyperparameters(
        hidden_dimension=149,
        bptt=32,
        recency_mask=True,
        min_user_history_length_percentile=0.0,
        max_user_history_length_percentile=0.99,
        cold_start_max_interactions=15,
        cold_start_max_duration=5.0,
        cold_start_relative_from="latestItem",
    )


def test_values_are_read_from_texts():
    values = read(hidden_dimension="55", bptt="8", recency_mask="False", unknown="x")
    assert (values.hidden_dimension, values.bptt, values.recency_mask) == (55, 8, False)


def test_a_text_that_is_not_a_number_is_rejected():
    with pytest.raises(ValueError, match="many"):
        read(bptt="many")


def test_the_default_percentiles_drop_nobody_among_a_hundred_users(interactions_of):
    interactions = interactions_of([(f"u{user}", f"i{item}", item) for user in range(100) for item in range(user + 1)])
    assert read().filter_users(interactions) is interactions


def test_the_percentiles_drop_whole_users(interactions_of):
    interactions = interactions_of([(f"u{user}", f"i{item}", item) for user in range(10) for item in range(user + 1)])
    values = read(min_user_history_length_percentile="0.2", max_user_history_length_percentile="0.8")
    assert values.filter_users(interactions).lengths().tolist() == [0, 2, 3, 4, 5, 6, 7, 8, 9, 0]


def test_names_that_the_recipe_does_not_have_are_ignored():
    assert read(("bptt",), bptt="8", hidden_dimension="40") == Hyperparameters(bptt=8)


def test_recipes_differ_in_their_defaults():
    dimensions = {name: RECIPES[name].read({}).hidden_dimension for name in ("aws-hrnn", "aws-hrnn-metadata")}
    assert dimensions == {"aws-hrnn": 43, "aws-hrnn-metadata": 43}
    assert RECIPES["aws-hrnn-coldstart"].read({}).hidden_dimension == 149


def test_apply_recency_bias_of_the_second_version_is_the_recency_mask_of_the_first():
    second = RECIPES["aws-user-personalization-v2"]
    assert not second.read({"apply_recency_bias": "false", "recency_mask": "true"}).recency_mask
    assert second.read({}).recency_mask
