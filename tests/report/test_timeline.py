"""Lifespans of resources, and the scale of the timeline."""

from itertools import pairwise

from personalize_mock.journal import Transition
from personalize_mock.report.timeline import SHOWN, TimeScale, lifespans, shown_lifespans

ARN = "arn:aws:personalize:us-east-1:123456789012:campaign/shop"


def change(at, status, arn=ARN, reason=None):
    return Transition(at=at, arn=arn, status=status, failure_reason=reason)


def test_each_status_lasts_until_the_next_one():
    (life,) = lifespans([change(0, "CREATE PENDING"), change(10, "CREATE IN_PROGRESS"), change(40, "ACTIVE")], end=100)

    assert [(span.status, span.start, span.end) for span in life.spans] == [
        ("CREATE PENDING", 0, 10),
        ("CREATE IN_PROGRESS", 10, 40),
        ("ACTIVE", 40, 100),
    ]
    assert [span.status for span in life.unsettled] == ["CREATE PENDING", "CREATE IN_PROGRESS"]


def test_a_removed_resource_ends_with_its_removal():
    (life,) = lifespans([change(0, "ACTIVE"), change(5, "DELETE PENDING"), change(20, None)], end=100)

    assert life.spans[-1].end == 20


def test_the_reason_of_a_failure_is_kept_after_later_changes():
    changes = [change(0, "CREATE FAILED", reason="No capacity"), change(5, "DELETE PENDING")]

    assert lifespans(changes, end=9)[0].failure_reason == "No capacity"


def test_failed_resources_are_shown_before_newer_ones():
    failed = change(0, "CREATE FAILED", arn=f"{ARN}-first", reason="No capacity")
    changes = [failed, *(change(number, "ACTIVE", arn=f"{ARN}-{number}") for number in range(1, SHOWN + 20))]
    shown = shown_lifespans(lifespans(changes, end=1000))

    assert len(shown) == SHOWN
    assert shown[0].name == "shop-first"
    assert shown[-1].name == f"shop-{SHOWN + 19}"


def test_positions_are_in_the_order_of_instants_and_show_seconds_beside_weeks():
    scale = TimeScale([0, 30, 90, 90 + 7 * 86400])
    positions = [scale.position(instant) for instant in (0, 30, 90, 90 + 7 * 86400)]

    assert positions == sorted(positions)
    assert (positions[0], positions[-1]) == (0, 1)
    assert positions[1] > 0.05


def test_labels_do_not_overlap():
    ticks = TimeScale(range(100)).ticks()

    assert ticks[0] == (0, 0)
    assert min(after - before for (before, _), (after, _) in pairwise(ticks)) > 0.12


def test_a_timeline_of_a_single_instant_starts_at_zero():
    scale = TimeScale([5, 5])

    assert scale.position(5) == 0
    assert scale.ticks() == [(0, 0)]
