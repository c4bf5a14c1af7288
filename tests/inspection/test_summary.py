"""Representations of mocks, in text and in HTML."""

import pytest
from builders import a_dataset_group, a_schema

from personalize_mock import mock_personalize
from personalize_mock.inspection.html import table


def test_a_mock_shows_its_time_its_calls_and_its_resources_by_status(mock):
    a_schema(mock)
    a_dataset_group(mock, "one")
    mock.call("CreateDatasetGroup", name="two")

    assert repr(mock) == (
        "<MockPersonalize at 2024-05-01 00:00:28 UTC: 3 calls; 1 schema, 2 dataset groups (1 ACTIVE, 1 CREATE PENDING)>"
    )


def test_a_mock_that_is_empty_has_not_started_or_has_ended_says_so():
    mock = mock_personalize(clock="2024-05-01")
    assert repr(mock) == "<MockPersonalize: not started>"
    with mock:
        assert repr(mock) == "<MockPersonalize at 2024-05-01 00:00:00 UTC: 0 calls; empty>"
        mock.call("CreateDatasetGroup", name="one")
    assert repr(mock) == "<MockPersonalize (ended): 1 call; 1 dataset group CREATE PENDING>"


def test_a_clock_and_a_journal_show_the_time_and_what_has_happened(mock):
    mock.load(interactions=[("ada", "alien")])
    mock.call("ListSchemas")

    assert repr(mock.clock) == "<SimulatedClock at 2024-05-01 00:00:00 UTC>"
    assert repr(mock.journal).startswith("<Journal: calls: 1, calls of mock.load: ")
    assert repr(mock.journal).endswith(f", status changes: {len(mock.journal.transitions())}>")


def test_looking_at_a_mock_changes_nothing(mock):
    mock.call("CreateDatasetGroup", name="one")
    mock.clock.rate = 1e6
    before = len(mock.journal)

    repr((mock, mock.clock, mock.journal))
    mock._repr_html_()

    assert len(mock.journal) == before


def test_a_notebook_shows_a_small_table(mock):
    assert mock_personalize()._repr_html_() == "<p>mock_personalize: not started</p>"
    a_schema(mock)
    html = mock._repr_html_()

    assert "<caption>mock_personalize at 2024-05-01 00:00:00 UTC, 1 call</caption>" in html
    assert "<tr><td>schema</td><td></td><td>1</td></tr>" in html
    assert len(html) < 500


@pytest.mark.parametrize("recipe", ["aws-sims", "aws-user-personalization"])
def test_loaded_data_shows_its_metrics(mock, recipe):
    films = mock.load(recipe=recipe, name="films")
    html = films._repr_html_()

    assert f"<th>{recipe}</th>" in html
    for name, value in films.metrics[recipe].items():
        assert f"<tr><td>{name}</td><td>{value:.4f}</td></tr>" in html


def test_texts_are_escaped():
    assert "<b>" not in table("<b>", ["<b>"], [["<b>"]])
