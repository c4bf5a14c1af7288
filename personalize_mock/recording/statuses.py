"""Comparison of the statuses and creation times of resources in a recording with those in the mock."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from personalize_mock.journal import Journal
from personalize_mock.recording.differences import Findings, Tolerance
from personalize_mock.recording.reader import RecordedCall

FINAL = {"ACTIVE", "CREATE FAILED", "CREATE STOPPED", "INACTIVE", "COMPLETED", "FAILED"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPoll:
    """A recorded status of a resource or of its latest update.

    Attributes:
        call: The recorded Describe call that returned the status.
        shown: The part of the recorded answer that contains the status, such as the value of `campaign`.
    """

    call: RecordedCall
    shown: dict[str, Any]

    @property
    def status(self) -> str:
        """The recorded status, such as "ACTIVE"."""
        return str(self.shown["status"])


class StatusPolls:
    """The statuses in the recorded answers to Describe calls, grouped by resource."""

    def __init__(self) -> None:
        self._polls: dict[tuple[str, str], list[StatusPoll]] = defaultdict(list)

    def add(self, call: RecordedCall, arn: str) -> None:
        """Add the statuses in the recorded answer of a Describe call. `arn` is the ARN of the resource in the mock."""
        for where, shown in statuses_in(call.answer or {}).items():
            self._polls[arn, where].append(StatusPoll(call=call, shown=shown))

    def compare(self, journal: Journal, tolerance: Tolerance, findings: Findings) -> None:
        """Compare the order in which each resource changed its status, and how long each creation took, with the mock.

        Args:
            journal: The mock's log of status changes.
            tolerance: The limits within which durations count as equal.
            findings: Receives the differences and the compared durations.
        """
        for (arn, where), polls in self._polls.items():
            _compare_sequence(arn, where, polls, journal, findings)
            if not where:
                _compare_duration(arn, polls, journal, tolerance, findings)


def statuses_in(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the parts of the answer to a Describe call that have a status: the resource and its latest update.

    The key of the resource is "". The key of the update is the name of its member, such as "latestCampaignUpdate".
    """
    return {
        where: shown
        for resource in answer.values()
        if isinstance(resource, dict)
        for where, shown in (("", resource), *resource.items())
        if isinstance(shown, dict) and "status" in shown
    }


def _compare_sequence(arn: str, where: str, polls: Sequence[StatusPoll], journal: Journal, findings: Findings) -> None:
    mocked = _without_repetitions(change.status or "removed" for change in journal.transitions(arn))
    recorded = _without_repetitions(poll.status for poll in polls)
    # Polls need not see each status, but those that they see must be in the same order.
    remaining = iter(mocked)
    if mocked and not all(status in remaining for status in recorded):
        findings.add(
            "statuses",
            line=polls[-1].call.line,
            operation=polls[0].call.operation.name,
            where=".".join(filter(None, (_resource(arn), where))),
            recorded=" > ".join(recorded),
            mock=" > ".join(mocked),
        )


def _compare_duration(
    arn: str, polls: Sequence[StatusPoll], journal: Journal, tolerance: Tolerance, findings: Findings
) -> None:
    bounds, mocked = _recorded_bounds(polls), _mocked_seconds(journal, arn)
    if bounds is None or mocked is None:
        return
    recorded = min(max(mocked, bounds[0]), bounds[1])  # the recorded duration that is nearest to the mock's
    findings.durations[_resource(arn)] = (recorded, mocked)
    if not tolerance.allows_duration(recorded, mocked):
        findings.add(
            "duration",
            line=next(poll for poll in polls if poll.status in FINAL).call.line,
            operation=polls[0].call.operation.name,
            where=_resource(arn),
            recorded=f"{recorded:.0f} s",
            mock=f"{mocked:.0f} s",
        )


def _recorded_bounds(polls: Sequence[StatusPoll]) -> tuple[float, float] | None:
    """Return the least and the greatest number of seconds that a recorded creation can have taken.

    Args:
        polls: The recorded statuses of the resource, oldest first.

    Returns:
        The two numbers, or None if the recording does not show the end of the creation.
    """
    final = next((poll for poll in polls if poll.status in FINAL), None)
    if final is None or "creationDateTime" not in final.shown:
        return None
    created = final.shown["creationDateTime"]
    updated = final.shown.get("lastUpdatedDateTime", created)
    if updated > created and not any(name.startswith("latest") for name in final.shown):
        return updated - created, updated - created
    pending = [poll.call.at for poll in polls if poll.call.line < final.call.line]
    least = max(0.0, max(pending, default=0.0) - created)
    return least, max(least, final.call.at - created)


def _mocked_seconds(journal: Journal, arn: str) -> float | None:
    changes = journal.transitions(arn)
    end = next((change.at for change in changes if change.status in FINAL), None)
    return None if end is None else end - changes[0].at


def _without_repetitions(statuses: Iterator[str]) -> list[str]:
    kept: list[str] = []
    for status in statuses:
        if kept[-1:] != [status]:
            kept.append(status)
    return kept


def _resource(arn: str) -> str:
    return arn.rpartition(":")[2]
