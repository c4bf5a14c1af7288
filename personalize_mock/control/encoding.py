"""Conversion of a mock's clock, journal and rules to JSON, for the HTTP endpoints that control a mock in a server."""

from dataclasses import asdict
from typing import Any

from personalize_mock.journal import Journal, Record
from personalize_mock.rules.rule import Rule
from personalize_mock.timing.clock import SimulatedClock


def clock_as_json(clock: SimulatedClock) -> dict[str, Any]:
    """Return the state of a simulated clock as a dictionary that can be encoded as JSON.

    Its members are `now` (ISO 8601), `timestamp` (epoch seconds), `rate` (simulated seconds per second), `autojump`
    (whether repeated Describe calls move the clock), and the scheduled events (`upcoming`).
    """
    with clock.lock:
        return {
            "now": clock.now().isoformat(),
            "timestamp": clock.timestamp(),
            "rate": clock.rate,
            "autojump": clock.autojump,
            "upcoming": [asdict(due) for due in clock.upcoming()],
        }


def journal_as_json(journal: Journal) -> list[dict[str, Any]]:
    """Return the records of a journal, oldest first, each as a dictionary that can be encoded as JSON.

    The records are calls, status changes and published metrics. Their form is that of `record_as_json`.
    """
    return [record_as_json(record) for record in list(journal)]


def record_as_json(record: Record) -> dict[str, Any]:
    """Return a journal record, such as a call or a status change, as a dictionary that can be encoded as JSON.

    The members are the attributes of the record and `type`, which is "Call", "Transition" or "Measurement".
    """
    return {"type": type(record).__name__, **asdict(record)}


def rule_as_json(rule: Rule) -> dict[str, Any]:
    """Return a rule, which says what happens to certain calls, as a dictionary that can be encoded as JSON.

    The members are `id` (a number), `rule` (its declaration as text), `operation`, `optional`, and the calls to which
    the rule was applied (`called`, `call_count` and `calls`).
    """
    return {
        "id": rule.number,
        "rule": repr(rule),
        "operation": rule.operation,
        "optional": rule.optional,
        "called": rule.called,
        "call_count": rule.call_count,
        "calls": [record_as_json(call) for call in rule.calls],
    }
