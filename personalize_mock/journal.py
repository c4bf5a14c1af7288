"""What happened, in order: every call and every change of a status. Reports and assertions read only this."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call that reached the mock; `error` is the code of an error answer, else None."""

    at: float
    operation: str
    account: str
    region: str
    params: dict[str, Any]
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One change of a status; `status` is None where the resource went away."""

    at: float
    arn: str
    status: str | None
    failure_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One value of a metric that a metric attribution has published; `at` is the time of the events behind it.

    Attributes:
        dimensions: names and values.
        unit: as CloudWatch names it.
        count: how many samples it sums up.
        total: their sum.
        least: the least of them.
        most: the greatest of them.
    """

    at: float
    account: str
    region: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    unit: str
    count: int
    total: float
    least: float
    most: float


Record = Call | Transition | Measurement


class Journal:
    """An append-only record of calls, transitions and measurements."""

    def __init__(self) -> None:
        self._records: list[Record] = []

    def add(self, record: Record) -> None:
        """Appends a record."""
        self._records.append(record)

    def calls(self, operation: str | None = None) -> list[Call]:
        """The calls so far, all or those of one operation (`"CreateSolution"`)."""
        calls = (record for record in self._records if isinstance(record, Call))
        return [call for call in calls if operation in (None, call.operation)]

    def transitions(self, arn: str | None = None) -> list[Transition]:
        """The changes of status so far, all or those of one resource."""
        transitions = (record for record in self._records if isinstance(record, Transition))
        return [transition for transition in transitions if arn in (None, transition.arn)]

    def since(self, count: int) -> list[Record]:
        """The records but for the first `count`."""
        return self._records[count:]

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)
