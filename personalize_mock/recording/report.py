"""Reports of comparisons, as text and as JSON.

Account ids and secrets are removed from reports too, because a recording written by hand may contain them.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from statistics import fmean
from typing import Any

from personalize_mock.recording.differences import Difference, Findings, relative_difference
from personalize_mock.recording.redaction import Redactor
from personalize_mock.recording.versions import versions

SHOWN = 5  # lines that a difference names


def as_text(calls: int, findings: Findings) -> str:
    """Return the report of a comparison as plain text. `calls` is the number of recorded calls."""
    lines = [_head(calls, findings), versions()]
    for difference in findings.differences:
        lines += ["", *_difference_lines(difference)]
    if findings.skipped:
        lines += ["", "Not replayed:", *_skipped_lines(findings)]
    return Redactor().redact_text("\n".join([*lines, "", *_number_lines(findings)]))


def as_json(calls: int, findings: Findings) -> str:
    """Return the report of a comparison as a JSON object. `calls` is the number of recorded calls."""
    report: dict[str, Any] = {
        "versions": versions(),
        "calls": calls,
        "differences": [asdict(difference) for difference in findings.differences],
        "not_replayed": [
            {"line": line, "operation": operation, "reason": reason}
            for line, (operation, reason) in findings.skipped.items()
        ],
        "lists": [asdict(compared) for compared in findings.lists],
        "metrics": [asdict(compared) for compared in findings.metrics],
        "durations": [
            {"resource": resource, "recorded": recorded, "mock": mock}
            for resource, (recorded, mock) in findings.durations.items()
        ],
    }
    redactor = Redactor()
    for difference in report["differences"]:
        difference |= {name: redactor.redact_text(difference[name]) for name in ("where", "recorded", "mock")}
    return json.dumps(redactor.redact(report), indent=2)


def _head(calls: int, findings: Findings) -> str:
    count = len(findings.differences)
    differences = f"{count or 'no'} difference{'' if count == 1 else 's'}"
    skipped = f", {len(findings.skipped)} of them not replayed" if findings.skipped else ""
    return f"Recording and mock: {differences} in {calls} call{'' if calls == 1 else 's'}{skipped}."


def _difference_lines(difference: Difference) -> Iterator[str]:
    subject = " ".join(filter(None, (difference.operation, difference.where)))
    yield f"{difference.kind}: {subject} ({_place(difference.lines)})"
    yield f"  recorded: {difference.recorded}"
    yield f"  mock:     {difference.mock}"


def _place(lines: Sequence[int]) -> str:
    """Return at most five line numbers and the count of the rest as text: "lines 3, 4, 5, 6, 7 and 2 more"."""
    more = f" and {len(lines) - SHOWN} more" if len(lines) > SHOWN else ""
    return f"line{'' if len(lines) == 1 else 's'} {', '.join(map(str, lines[:SHOWN]))}{more}"


def _skipped_lines(findings: Findings) -> Iterator[str]:
    for operation, reason in dict.fromkeys(findings.skipped.values()):
        numbers = [line for line, skipped in findings.skipped.items() if skipped == (operation, reason)]
        yield f"  {operation}: {reason} ({_place(numbers)})"


def _number_lines(findings: Findings) -> Iterator[str]:
    correlations = [each.rank_correlation for each in findings.lists if each.rank_correlation is not None]
    overlaps = [compared.overlap for compared in findings.lists]
    yield f"Lists: {len(overlaps)} compared{_means('overlap', overlaps)}"
    yield f"Order: {len(correlations)} compared{_means('rank correlation', correlations)}"
    errors = [relative_difference(compared.recorded, compared.mock) for compared in findings.metrics]
    yield f"Metrics: {len(errors)} compared{_largest(errors)}"
    yield f"Durations: {len(findings.durations)} compared"
    for resource, (recorded, mock) in findings.durations.items():
        yield f"  {resource}: recorded {recorded:.0f} s, mock {mock:.0f} s"


def _means(name: str, values: Sequence[float]) -> str:
    return f", mean {name} {fmean(values):.2f}, lowest {min(values):.2f}" if values else ""


def _largest(errors: Iterable[float]) -> str:
    values = list(errors)
    return f", largest relative difference {max(values):.2f}" if values else ""
