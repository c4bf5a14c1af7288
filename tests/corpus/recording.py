"""Canonical forms of responses, their digests, and the texts and numbers that are kept beside them."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timezone
from hashlib import sha256
from typing import Any

TEXT = "<text>"
TEXT_KEYS = frozenset({"failureReason", "Message", "message"})
SHOWN_ENTRIES = 3
SHOWN_LETTERS = 80
SHOWN_DIGITS = 8


@dataclass
class Recording:
    """Recorded steps of one scenario.

    Attributes:
        scenario: Name of the scenario. Every label begins with it.
        steps: Digests by label, in the order of the steps.
        numbers: Short readable form of each digested value, by label.
        texts: Error messages and failure reasons, by label. They are not part of the digests.
        answered: Operations that succeeded.
        refusals: Number of rejected calls, by error code.
        listed: Recipes of the catalogue.
        trained: Recipes with a trained model.
        fault: Exception that stopped the scenario, if any.
    """

    scenario: str
    steps: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, list[str]] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    refusals: Counter[str] = field(default_factory=Counter)
    listed: set[str] = field(default_factory=set)
    trained: set[str] = field(default_factory=set)
    fault: str | None = None
    _times: Counter[str] = field(default_factory=Counter)

    def add(self, label: str, value: Any) -> None:
        """Add a step. A repeated label gets a number."""
        name = f"{self.scenario}: {label.strip()}"
        self._times[name] += 1
        if self._times[name] > 1:
            name = f"{name} #{self._times[name]}"
        texts: list[str] = []
        plain = without_texts(value, texts)
        if texts:
            _drop_length(plain)
            self.texts[name] = texts
        self.steps[name] = digest(plain)
        self.numbers[name] = shortened(plain)


def canonical(value: Any) -> str:
    """Return the canonical JSON text of a value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=_written)


def digest(value: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON."""
    return sha256(canonical(value).encode()).hexdigest()


def without_texts(value: Any, found: list[str]) -> Any:
    """Return a copy with placeholders for error messages and failure reasons, and append these to `found`."""
    if isinstance(value, dict):
        return {key: _member(key, member, found) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_texts(each, found) for each in value]
    return value


def without_line_errors(line: str, found: list[str]) -> str:
    """Return a line of a batch job's output with a placeholder for its error text, and append the text to `found`."""
    try:
        error = json.loads(line)["error"]
    except (ValueError, KeyError, TypeError):
        return line
    if not isinstance(error, str):
        return line
    found.append(error)
    before, separator, after = line.rpartition('"error"')
    return before + separator + after[: after.index('"')] + json.dumps(TEXT) + after[after.rindex('"') + 1 :]


def shortened(value: Any) -> Any:
    """Return a short readable form: the first entries of lists, rounded numbers, no headers."""
    if isinstance(value, dict):
        return {str(key): shortened(member) for key, member in value.items() if key != "ResponseMetadata"}
    if isinstance(value, (list, tuple)):
        more = [f"... {len(value)} in all"] if len(value) > SHOWN_ENTRIES else []
        return [shortened(each) for each in value[:SHOWN_ENTRIES]] + more
    if isinstance(value, float):
        return float(f"{value:.{SHOWN_DIGITS}g}")
    if isinstance(value, (int, bool)) or value is None:
        return value
    text = value if isinstance(value, str) else _written(value)
    return text if len(text) <= SHOWN_LETTERS else f"{text[:SHOWN_LETTERS]}..."


def _member(key: str, value: Any, found: list[str]) -> Any:
    if key in TEXT_KEYS and isinstance(value, str):
        found.append(value)
        return TEXT
    return without_texts(value, found)


def _drop_length(answer: Any) -> None:
    """Drop the header that depends on the length of texts."""
    if isinstance(answer, dict):
        answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).pop("content-length", None)


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat()
    if isinstance(value, bytes):
        return sha256(value).hexdigest()
    return str(value)
