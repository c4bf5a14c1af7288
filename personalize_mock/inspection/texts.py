"""Calls and status changes as lines of text."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from personalize_mock.journal import Call, Transition

LONGEST_VALUE = 60  # characters of a member of a request


def call_line(call: Call) -> str:
    """Return a call as a line, such as "2024-05-01 00:00:00  ListSchemas(maxResults=5)"."""
    failure = f" -> {call.error}" if call.error else ""
    return f"{time_text(call.at)}  {call_text(call.operation, call.params)}{failure}"


def transition_line(transition: Transition) -> str:
    """Return a status change as a line with the time, the resource, its new status and the reason of a failure."""
    reason = f" ({transition.failure_reason})" if transition.failure_reason else ""
    resource = transition.arn.rpartition(":")[2]
    return f"{time_text(transition.at)}  {resource} {transition.status or 'was removed'}{reason}"


def call_text(operation: str, members: Mapping[str, Any]) -> str:
    """Return a call in Python syntax, such as "ListSchemas(maxResults=5)". Long values are cut off."""
    return f"{operation}({', '.join(f'{name}={_short(value)}' for name, value in members.items())})"


def time_text(at: float) -> str:
    """Return an instant in epoch seconds as a date and a time in UTC, with seconds."""
    return datetime.fromtimestamp(at, tz=timezone.utc).strftime("%Y-%m-%d %H:%M:%S")


def bullets(lines: Iterable[str]) -> str:
    """Return lines as a bulleted list that begins with a line break."""
    return "".join(f"\n  - {line}" for line in lines)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 3]}..."
