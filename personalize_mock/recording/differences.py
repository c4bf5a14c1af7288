"""Differences between a recording and the mock, and the limits within which values count as equal."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from personalize_mock.exceptions import PersonalizeMockError

DifferenceKind = Literal[
    "missing member",
    "extra member",
    "type",
    "value",
    "missing element",
    "extra element",
    "error",
    "message",
    "status code",
    "statuses",
    "duration",
    "length",
    "overlap",
    "order",
    "metric",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """Limits within which values of a recording and of the mock count as equal.

    Attributes:
        duration: The largest factor by which durations may differ, 1 or more. A difference of up to a minute is always
            allowed, because clients poll the service at such intervals.
        metric: The largest relative difference of metrics, from 0 to 1. A difference of up to 0.005 is always allowed.
        overlap: The smallest share of the longer of two lists that must also be in the other list, from 0 to 1.
        correlation: The smallest rank correlation (Spearman) of the common items of two lists, from -1 to 1.
    """

    duration: float = 2.0
    metric: float = 0.1
    overlap: float = 0.8
    correlation: float = 0.8

    def __post_init__(self) -> None:
        limits = {"duration": (1, 1e9), "metric": (0, 1), "overlap": (0, 1), "correlation": (-1, 1)}
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise PersonalizeMockError(f"The tolerance {name}={value!r} must be a number from {low:g} to {high:g}.")

    def allows_duration(self, first: float, second: float) -> bool:
        """Return whether two durations, in seconds, count as equal."""
        short, long = sorted((first, second))
        return long - short <= 60 or long <= short * self.duration  # noqa: PLR2004  # documented above

    def allows_metric(self, first: float, second: float) -> bool:
        """Return whether two values of a metric count as equal."""
        return abs(first - second) <= 0.005 or relative_difference(first, second) <= self.metric  # noqa: PLR2004


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A difference between a recording and the mock, with all lines of the recording where it occurs.

    Attributes:
        kind: The kind of difference, such as "missing member".
        operation: The name of the operation.
        where: The member in the answer, such as "campaign.name", or the resource, such as "campaign/films". It is "" if
            the difference concerns the whole call.
        recorded: The recorded value, as text.
        mock: The value of the mock, as text.
        lines: The numbers of the lines of the recording where the difference occurs.
    """

    kind: DifferenceKind
    operation: str
    where: str
    recorded: str
    mock: str
    lines: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedList:
    """Comparison of two lists of items: the recorded answer to a call, and the answer of the mock.

    Attributes:
        line: The line number of the call in the recording.
        overlap: The share of the longer list that is also in the other list, from 0 to 1.
        rank_correlation: Spearman's correlation of the common items, or None if there are fewer than three.
    """

    line: int
    overlap: float
    rank_correlation: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedMetric:
    """A metric that both the recorded answer to a call and the answer of the mock contain.

    Attributes:
        line: The line number of the call in the recording.
        name: The name of the metric, such as "precision_at_5".
        recorded: The recorded value.
        mock: The value of the mock.
    """

    line: int
    name: str
    recorded: float
    mock: float


@dataclass(slots=True)
class Findings:
    """Results of a comparison, collected call by call.

    Attributes:
        lists: The compared lists of items.
        metrics: The compared metrics.
        durations: For each resource, such as "campaign/films", the seconds that its creation took in the recording and
            in the mock.
        skipped: The operation and the reason for each call that was not replayed, by line number.
    """

    lists: list[ComparedList] = field(default_factory=list)
    metrics: list[ComparedMetric] = field(default_factory=list)
    durations: dict[str, tuple[float, float]] = field(default_factory=dict)
    skipped: dict[int, tuple[str, str]] = field(default_factory=dict)
    _lines: dict[tuple[DifferenceKind, str, str, str, str], list[int]] = field(default_factory=dict)

    def add(
        self, kind: DifferenceKind, *, line: int, operation: str, where: str = "", recorded: str = "", mock: str = ""
    ) -> None:
        """Add a difference. If it is equal to an earlier one, add only the line number to the earlier one.

        `Difference` describes the arguments. `line` is one of its `lines`.
        """
        lines = self._lines.setdefault((kind, operation, where, recorded, mock), [])
        if line not in lines:
            lines.append(line)

    @property
    def differences(self) -> list[Difference]:
        """The differences, in the order in which they first occur in the recording."""
        found = [
            Difference(kind=kind, operation=operation, where=where, recorded=recorded, mock=mock, lines=tuple(lines))
            for (kind, operation, where, recorded, mock), lines in self._lines.items()
        ]
        return sorted(found, key=lambda difference: difference.lines[0])


def relative_difference(first: float, second: float) -> float:
    """Return the absolute difference of two numbers, divided by the larger absolute value.

    It is 0 for equal numbers.
    """
    return abs(first - second) / max(abs(first), abs(second)) if first != second else 0.0
