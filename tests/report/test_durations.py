"""Durations as text, and the waiting time on AWS."""

import pytest

from personalize_mock import mock_personalize
from personalize_mock.journal import Transition
from personalize_mock.report.durations import duration_text, waiting
from personalize_mock.report.timeline import lifespans


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (59.6, "1 min"),
        (90, "1 min 30 s"),
        (8040, "2 h 14 min"),
        (3600 + 5, "1 h"),
        (7 * 86400 + 3 * 3600 + 60, "7 d 3 h"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds, text):
    assert duration_text(seconds) == text


def campaign(name, *changes):
    arn = f"arn:aws:personalize:us-east-1:123456789012:campaign/{name}"
    return [Transition(at=at, arn=arn, status=status, failure_reason=None) for at, status in changes]


def test_waiting_at_the_same_time_counts_once():
    first = campaign("a", (0, "CREATE PENDING"), (10, "CREATE IN_PROGRESS"), (60, "ACTIVE"))
    second = campaign("b", (30, "CREATE PENDING"), (100, "ACTIVE"))

    assert waiting(lifespans([*first, *second], end=500), []).seconds == 100


def test_loaded_resources_count_with_their_usual_durations_step_by_step():
    with mock_personalize() as mock:
        mock.load(interactions=[("ada", "alien"), ("ada", "brazil"), ("bob", "alien")], recipe="aws-sims")
        simulation = mock._simulation()
        resources = [resource for store in simulation.stores() for resource in store.resources()]
        waited = waiting(lifespans(mock.journal.transitions(), end=0), resources)

    group, dataset, import_job, version, campaign = 28, 30, 5 * 60, 17 * 60 + 17, 10 * 60
    assert (waited.simulated, waited.skipped) == (0, group + dataset + import_job + version + campaign)
