import pytest

from personalize_mock.recipes.personal.hrnn import Hrnn, HrnnColdstart, HrnnMetadata
from personalize_mock.recipes.personal.hyperparameters import Hyperparameters, parse
from personalize_mock.recipes.personal.user_personalization import UserPersonalization
from personalize_mock.recipes.personal.user_personalization_v2 import UserPersonalizationV2


def read_all(config):
    return parse(config, known=UserPersonalization.known)


def test_nothing_sent_gives_the_defaults_of_the_service():
    assert parse({}, known=()) == Hyperparameters(
        hidden_dimension=149,
        bptt=32,
        recency_mask=True,
        min_user_history_length_percentile=0.0,
        max_user_history_length_percentile=0.99,
        cold_start_max_interactions=15,
        cold_start_max_duration=5.0,
        cold_start_relative_from="latestItem",
    )


def test_the_strings_of_the_wire_are_read():
    read = read_all({"hidden_dimension": "55", "bptt": "8", "recency_mask": "False", "unheard_of": "x"})
    assert (read.hidden_dimension, read.bptt, read.recency_mask) == (55, 8, False)


def test_a_text_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="many"):
        read_all({"bptt": "many"})


def test_the_default_drops_nobody_among_a_hundred_users(events_of):
    events = events_of([(f"u{user}", f"i{item}", item) for user in range(100) for item in range(user + 1)])
    assert parse({}, known=()).kept(events) is events


def test_the_percentiles_drop_whole_users(events_of):
    events = events_of([(f"u{user}", f"i{item}", item) for user in range(10) for item in range(user + 1)])
    kept = read_all({"min_user_history_length_percentile": "0.2", "max_user_history_length_percentile": "0.8"})
    assert kept.kept(events).lengths().tolist() == [0, 2, 3, 4, 5, 6, 7, 8, 9, 0]


def test_what_a_recipe_does_not_know_is_ignored():
    assert parse({"bptt": "8", "hidden_dimension": "40"}, known=("bptt",)) == Hyperparameters(bptt=8)


def test_the_defaults_differ_by_recipe():
    assert Hrnn.default.hidden_dimension == HrnnMetadata.default.hidden_dimension == 43
    assert HrnnColdstart.default.hidden_dimension == 149


def test_the_recency_bias_of_the_second_version_is_the_recency_mask_of_the_first():
    read = parse({"apply_recency_bias": "false", "recency_mask": "true"}, known=UserPersonalizationV2.known)
    assert not read.recency_mask
    assert parse({}, known=UserPersonalizationV2.known).recency_mask
