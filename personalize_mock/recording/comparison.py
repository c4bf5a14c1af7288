"""Comparison of recorded answers with the answers of the mock to the same calls."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from personalize_mock import active
from personalize_mock.exceptions import PersonalizeMockWarning
from personalize_mock.mock import mock_personalize
from personalize_mock.recording import inputs
from personalize_mock.recording.answers import AnswerComparison, shown
from personalize_mock.recording.differences import Difference, DifferenceKind, Findings, Tolerance
from personalize_mock.recording.ids import account_in
from personalize_mock.recording.reader import RecordedCall, RecordedError, read_recording
from personalize_mock.recording.replay import NOT_FOUND, Replay, ReplayedOutcome
from personalize_mock.recording.statuses import StatusPolls, statuses_in

ACCOUNT = "000000000001"  # as a recorder writes it


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Result of comparing a recording with the mock. `str(comparison)` is the report.

    Attributes:
        calls: The number of recorded calls.
        findings: The differences, the calls that were not replayed, and all compared lists, metrics and durations.
    """

    calls: int
    findings: Findings

    @property
    def differences(self) -> Sequence[Difference]:
        """The differences between the recording and the mock, in the order of the recording."""
        return self.findings.differences

    def __str__(self) -> str:
        """Return the report as plain text, without account ids and secrets."""
        from personalize_mock.recording.report import as_text

        return as_text(self.calls, self.findings)

    def as_json(self) -> str:
        """Return the report as a JSON object, without account ids and secrets."""
        from personalize_mock.recording.report import as_json

        return as_json(self.calls, self.findings)


def compare(
    file: "str | Path | IO[str]",
    *,
    data: "str | Path | None" = None,
    partial: bool = False,
    tolerance: Tolerance | None = None,
    **options: Any,
) -> Comparison:
    """Replay the calls of a recording against the mock, and compare the answers.

        comparison = compare("calls.jsonl", data="folder")
        assert not comparison.differences

    The replay starts without resources, at the time of the first call. The comparison covers the members and types of
    answers, errors and their messages, sequences of statuses, durations, metrics, and the overlap and rank correlation
    of lists of items. Calls that need a resource created before the recording are not replayed, and the report names
    them.

    Args:
        file: Path of a recording, or a text file that is open for reading.
        data: A folder with the files that jobs read from S3. `s3://bucket/folder/a.csv` is `bucket/folder/a.csv`,
            `folder/a.csv` or `a.csv` in this folder.
        partial: Whether to use the first part of a recording that is damaged or cut off.
        tolerance: The limits within which values count as equal. The default is `Tolerance()`.
        **options: Options of the mock (see `mock_personalize`) except `clock`, `autojump` and `isolated`, for example
            `quotas` if those of the account were raised, or the options of the mock that was recorded.

    Raises:
        PersonalizeMockError: An option is wrong.
        RecordingError: The recording cannot be used, or `data` lacks a file that a job reads. The message names the
            line.
    """
    calls = read_recording(file, partial=partial)
    files = inputs.local_inputs(calls, None if data is None else Path(data))
    findings = Findings()
    mock = mock_personalize(**{**options, "clock": calls[0].at, "autojump": False, "isolated": True})
    with mock, warnings.catch_warnings():
        warnings.simplefilter("ignore", PersonalizeMockWarning)
        account = account_in([[call.params, call.answer] for call in calls]) or ACCOUNT
        replay = Replay(active.active_run().simulation, account)
        inputs.upload(replay.store(calls[0]), calls, files)
        _run(calls, replay, tolerance or Tolerance(), findings)
    return Comparison(calls=len(calls), findings=findings)


def _run(calls: Sequence[RecordedCall], replay: Replay, tolerance: Tolerance, findings: Findings) -> None:
    polls = StatusPolls()
    for call in calls:
        outcome = replay.run(call)
        if outcome.skipped is not None:
            findings.skipped[call.line] = (call.operation.name, outcome.skipped)
            continue
        _compare_outcome(call, outcome, replay, tolerance, findings)
        if call.answer is not None and call.operation.name.startswith("Describe") and outcome.answer is not None:
            polls.add(call, str(next(iter(outcome.params.values()), "")))
    polls.compare(active.active_run().simulation.journal, tolerance, findings)


def _compare_outcome(
    call: RecordedCall, outcome: ReplayedOutcome, replay: Replay, tolerance: Tolerance, findings: Findings
) -> None:
    if call.answer is not None and outcome.answer is not None:
        AnswerComparison(call, replay.ids, tolerance, findings).compare(call.answer, outcome.answer)
    elif call.error is not None and outcome.error is not None:
        _compare_errors(call, call.error, outcome.error, replay, findings)
    elif not _is_deleted_earlier(call, outcome):
        pair = {"recorded": _outcome_text(call.error), "mock": _outcome_text(outcome.error)}
        findings.add("error", line=call.line, operation=call.operation.name, **pair)


def _compare_errors(
    call: RecordedCall, recorded: RecordedError, mocked: RecordedError, replay: Replay, findings: Findings
) -> None:
    pairs: list[tuple[DifferenceKind, object, object]] = [
        ("message", replay.ids.translate_text(recorded.message), mocked.message),
        ("status code", recorded.status, mocked.status),
    ]
    if recorded.code != mocked.code:
        pairs = [("error", _outcome_text(recorded), _outcome_text(mocked))]
    for kind, old, new in pairs:
        if old != new and old is not None:
            texts = {"recorded": shown(old), "mock": shown(new)}
            findings.add(kind, line=call.line, operation=call.operation.name, **texts)


def _is_deleted_earlier(call: RecordedCall, outcome: ReplayedOutcome) -> bool:
    """Return whether the mock had already deleted a resource that the recorded service was still deleting."""
    statuses = [str(structure["status"]) for structure in statuses_in(call.answer or {}).values()]
    is_gone = outcome.error is not None and outcome.error.code == NOT_FOUND
    return is_gone and any(status.startswith("DELETE") for status in statuses)


def _outcome_text(error: RecordedError | None) -> str:
    return "success" if error is None else shown(f"{error.code}: {error.message}")
