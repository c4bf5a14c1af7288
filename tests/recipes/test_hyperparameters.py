import pytest

from personalize_mock.recipes.hyperparameters import Hyperparameters, parse


def test_nothing_sent_gives_the_defaults_of_the_service():
    assert parse({}) == Hyperparameters(
        hidden_dimension=149,
        bptt=32,
        recency_mask=True,
        min_user_history_length_percentile=0.0,
        max_user_history_length_percentile=0.99,
    )


def test_the_strings_of_the_wire_are_read():
    read = parse({"hidden_dimension": "55", "bptt": "8", "recency_mask": "False", "unheard_of": "x"})
    assert (read.hidden_dimension, read.bptt, read.recency_mask) == (55, 8, False)


def test_a_text_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="many"):
        parse({"bptt": "many"})


def test_the_default_drops_nobody_among_a_hundred_users(events_of):
    events = events_of([(f"u{user}", f"i{item}", item) for user in range(100) for item in range(user + 1)])
    assert parse({}).kept(events) is events


def test_the_percentiles_drop_whole_users(events_of):
    events = events_of([(f"u{user}", f"i{item}", item) for user in range(10) for item in range(user + 1)])
    kept = parse({"min_user_history_length_percentile": "0.2", "max_user_history_length_percentile": "0.8"})
    assert kept.kept(events).lengths().tolist() == [0, 2, 3, 4, 5, 6, 7, 8, 9, 0]
