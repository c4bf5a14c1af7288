"""Append-only log of calls, changes of status and published metrics.

Reports and the assertions of tests read only this log.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from personalize_mock.undo_log import LOG


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that reached the mock.

    Attributes:
        at: Epoch seconds.
        error: The error code, or None if the call succeeded.
    """

    at: float
    operation: str
    account: str
    region: str
    params: dict[str, Any]
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A change of a status.

    Attributes:
        at: Epoch seconds.
        status: The new status, or None if the resource was removed.
    """

    at: float
    arn: str
    status: str | None
    failure_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A value of a metric that a metric attribution has published.

    Attributes:
        at: The time of the measured events, in epoch seconds.
        dimensions: Pairs of name and value.
        unit: The unit's name in CloudWatch.
        count: The number of samples.
        total: The sum of the samples.
        minimum: The smallest sample.
        maximum: The largest sample.
    """

    at: float
    account: str
    region: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    unit: str
    count: int
    total: float
    minimum: float
    maximum: float


Record = Call | Transition | Measurement


class Journal:
    """The log of one simulation."""

    def __init__(self) -> None:
        self._records: list[Record] = []

    def add(self, record: Record) -> None:
        """Append a record."""
        LOG.record(self._drop_after, len(self._records))
        self._records.append(record)

    def calls(self, operation: str | None = None) -> list[Call]:
        """Return all calls, or those of one operation such as "CreateSolution"."""
        calls = (record for record in self._records if isinstance(record, Call))
        return [call for call in calls if operation in (None, call.operation)]

    def transitions(self, arn: str | None = None) -> list[Transition]:
        """Return all changes of status, or those of one resource."""
        transitions = (record for record in self._records if isinstance(record, Transition))
        return [transition for transition in transitions if arn in (None, transition.arn)]

    def since(self, count: int) -> list[Record]:
        """Return all records after the first `count`."""
        return self._records[count:]

    def _drop_after(self, count: int) -> None:
        del self._records[count:]

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)
