"""Append-only log of API calls, status changes and published metrics.

Tests read it to check what happened, and the mock computes its CloudWatch metrics from it.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from itertools import chain, islice
from typing import Any, get_args

from personalize_mock.exceptions import PersonalizeMockError, did_you_mean
from personalize_mock.names import OperationName
from personalize_mock.packed_records import NotPackable, PackedRecords
from personalize_mock.progress import logger
from personalize_mock.undo_log import LOG

_OPERATIONS = frozenset(get_args(OperationName))
CHUNK = 1024  # records; from 1,024 to 2,048 of the latest records are not packed
LONGEST_VALUE = 60  # characters of a member of a request in a line of text
LONGEST_MESSAGE = 200  # characters of an error message in a line of text


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call to a Personalize operation.

    Attributes:
        at: The simulated time of the call, in epoch seconds.
        operation: The name of the operation, such as "CreateSolution".
        account: The id of the calling account.
        region: The called region.
        params: The members of the request.
        error: The error code, or None if the call succeeded.
        error_message: The error message, or None if the call succeeded.
        is_loading: Whether the call was made by `mock.load`, or by another mock whose snapshot this mock has restored.
        recommendation_id: The recommendationId of the response, or None if it has none.
    """

    at: float
    operation: str
    account: str
    region: str
    params: dict[str, Any]
    error: str | None
    error_message: str | None = None
    is_loading: bool = False
    recommendation_id: str | None = None

    def __str__(self) -> str:
        """Return the call as a line, such as "2024-05-01 00:00:00  ListSchemas(maxResults=5)".

        If the call failed, the error code and the message follow. If an ARN in the failed request names a
        region other than the one that was called, the called region is shown, too.
        """
        message = f": {_without_middle(self.error_message, LONGEST_MESSAGE)}" if self.error_message else ""
        region = f" (called in {self.region})" if self._has_arn_of_other_region() else ""
        failure = f" -> {self.error}{message}{region}" if self.error else ""
        return f"{time_text(self.at)}  {call_text(self.operation, self.params)}{failure}"

    def _has_arn_of_other_region(self) -> bool:
        arns = (value for value in self.params.values() if isinstance(value, str) and value.startswith("arn:"))
        return any(region not in ("", self.region) for arn in arns for region in arn.split(":")[3:4])


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A change of the status of a resource.

    Attributes:
        at: The simulated time of the change, in epoch seconds.
        arn: The ARN of the resource.
        status: The new status, or None if the resource was removed.
        failure_reason: The failureReason of the resource, or None if nothing failed.
        is_loading: Whether the change happened during `mock.load`, or in another mock whose snapshot this mock has
            restored. It is ignored when transitions are compared.
    """

    at: float
    arn: str
    status: str | None
    failure_reason: str | None
    is_loading: bool = field(default=False, compare=False, repr=False)

    def __str__(self) -> str:
        """Return a line with the time, the resource, its new status and, if it failed, the reason."""
        reason = f" ({self.failure_reason})" if self.failure_reason else ""
        return f"{time_text(self.at)}  {self.arn.rpartition(':')[2]} {self.status or 'was removed'}{reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """Summary of samples of a metric that a metric attribution has published in CloudWatch.

    Attributes:
        at: The time of the earliest sample, in epoch seconds.
        account: The id of the account whose CloudWatch has the metric.
        region: The region whose CloudWatch has the metric.
        name: The name of the metric.
        dimensions: The dimensions of the metric, as pairs of a name and a value.
        unit: The unit of the samples, as CloudWatch names it.
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


def call_text(operation: str, members: Mapping[str, Any]) -> str:
    """Return a call as text in Python syntax, such as "ListSchemas(maxResults=5)". Long values are cut off."""
    return f"{operation}({', '.join(f'{name}={_short(value)}' for name, value in members.items())})"


def time_text(at: float) -> str:
    """Return an instant in epoch seconds as text: a date and a time in UTC, with seconds."""
    return datetime.fromtimestamp(at, tz=timezone.utc).strftime("%Y-%m-%d %H:%M:%S")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 3]}..."


def _without_middle(text: str, longest: int) -> str:
    half = (longest - 3) // 2
    return text if len(text) <= longest else f"{text[:half]}...{text[-half:]}"


class Journal:
    """Log of the API calls, status changes and published metrics of one simulation, in order.

    The latest records are kept as they are, earlier ones in a compact form.
    """

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._chunks: list[list[Record] | PackedRecords[Record]] = [[]]  # all but the last have CHUNK records
        for record in records:
            self._append(record)

    def add(self, record: Record) -> None:
        """Append a record: an API call, a status change or a published metric."""
        if LOG.is_recording:
            LOG.record(self._drop_after, len(self))
        latest = self._chunks[-1]
        if type(latest) is list and len(latest) < CHUNK:
            latest.append(record)
        else:
            self._append(record)
        if logger.isEnabledFor(logging.DEBUG) and not isinstance(record, Measurement):
            logger.debug("%s", record)

    def calls(self, operation: str | None = None, *, loading: bool = False) -> list[Call]:
        """Return all API calls, oldest first, or only those of one operation such as "CreateSolution".

        Args:
            operation: The name of the operation. None for all operations.
            loading: Whether to include the calls made by `mock.load`.

        Raises:
            PersonalizeMockError: There is no such operation.
        """
        if not (operation is None or (isinstance(operation, str) and operation in _OPERATIONS)):
            hint = did_you_mean(operation, _OPERATIONS)
            raise PersonalizeMockError(f"journal.calls({operation!r}): there is no such operation. {hint}")
        calls = (record for record in self if isinstance(record, Call))
        return [call for call in calls if operation in (None, call.operation) and loading >= call.is_loading]

    def transitions(self, arn: str | None = None) -> list[Transition]:
        """Return all status changes, oldest first, or only those of the resource with the given ARN.

        Raises:
            PersonalizeMockError: `arn` is not an ARN.
        """
        if not (arn is None or (isinstance(arn, str) and arn.startswith("arn:"))):
            raise PersonalizeMockError(
                f"journal.transitions({arn!r}): not an ARN. Write an ARN from a response, such as the campaignArn."
            )
        chunks = (chunk.loose if isinstance(chunk, PackedRecords) else chunk for chunk in list(self._chunks))
        transitions = (record for record in chain.from_iterable(chunks) if isinstance(record, Transition))
        return [transition for transition in transitions if arn in (None, transition.arn)]

    def __repr__(self) -> str:
        calls, transitions = len(self.calls()), len(self.transitions())
        loading = len(self.calls(loading=True)) - calls
        return f"<Journal: calls: {calls}, calls of mock.load: {loading}, status changes: {transitions}>"

    def copy(self) -> "Journal":
        """Return a journal with the same records."""
        journal = Journal()
        journal._chunks = [chunk if isinstance(chunk, PackedRecords) else [*chunk] for chunk in self._chunks]
        return journal

    def since(self, count: int) -> Iterator[Record]:
        """Yield the records from the index `count` on, oldest first."""
        first, skipped = divmod(count, CHUNK)
        return islice(chain.from_iterable(islice(self._chunks, first, None)), skipped, None)

    def _append(self, record: Record) -> None:
        latest = self._chunks[-1]
        if isinstance(latest, PackedRecords) or len(latest) == CHUNK:
            self._pack_last_but_one()
            latest = []
            self._chunks.append(latest)
        latest.append(record)

    def _pack_last_but_one(self) -> None:
        """Convert the list of records that precedes the latest list to `PackedRecords`, which need less memory.

        If a record has a value that cannot be packed, the list stays as it is.
        """
        chunk = self._chunks[-2] if len(self._chunks) > 1 else None
        if isinstance(chunk, list):
            with suppress(NotPackable):
                self._chunks[-2] = PackedRecords(chunk, loose=Transition)

    def _drop_after(self, count: int) -> None:
        first, kept = divmod(count, CHUNK)
        self._chunks[first:] = [[*islice(self.since(CHUNK * first), kept)]]

    def __iter__(self) -> Iterator[Record]:
        return chain.from_iterable(list(self._chunks))

    def __len__(self) -> int:
        return CHUNK * (len(self._chunks) - 1) + len(self._chunks[-1])
