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


class Journal:
    """An append-only record of calls and transitions."""

    def __init__(self) -> None:
        self._records: list[Call | Transition] = []

    def add(self, record: Call | Transition) -> None:
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

    def __iter__(self) -> Iterator[Call | Transition]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)
