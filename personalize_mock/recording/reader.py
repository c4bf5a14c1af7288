"""Reader of recordings. It checks every line, and its error messages name the first invalid line."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import IO, Any

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.recording.lines import FORMAT, VERSION, checksum, split_checksum
from personalize_mock.timing.instants import epoch_seconds
from personalize_mock.wire.model import Operation, find_operation

PARTIAL_HINT = "Add --partial (in Python: partial=True) to use only the calls before this line."


class RecordingError(PersonalizeMockError):
    """Raised when a recording cannot be used. The message names the line and the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedError:
    """The error of a recorded call.

    Attributes:
        code: The error code, or the name of an exception if the call got no response.
        message: The error message.
        status: The HTTP status, or None if the call got no response or the status is unknown.
    """

    code: str
    message: str
    status: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCall:
    """A call in a recording.

    Attributes:
        line: The number of its line in the file, from 1.
        at: The time of the call, in epoch seconds.
        operation: The called operation.
        region: The region that was called.
        params: The members of the request.
        answer: The members of the answer, or None if the call failed.
        error: The error, or None if the call succeeded.
    """

    line: int
    at: float
    operation: Operation
    region: str
    params: dict[str, Any]
    answer: dict[str, Any] | None
    error: RecordedError | None


def read_recording(file: "str | Path | IO[str]", *, partial: bool = False) -> list[RecordedCall]:
    """Return the calls of a recording.

    Args:
        file: Path of the recording, or a text file that is open for reading.
        partial: Whether to accept a recording that is damaged or cut off, and return the calls before the damage.

    Raises:
        RecordingError: The file cannot be read, is not a recording or has no calls, or a line was edited or is missing.
    """
    calls: list[RecordedCall] = []
    try:
        for call in _parse(_text(file)):
            calls.append(call)  # noqa: PERF402  # keeps those before the damage
    except RecordingError:
        if not partial or not calls:
            raise
    if not calls:
        raise RecordingError("The recording has no calls. Record code that calls Amazon Personalize.")
    return calls


def _text(file: "str | Path | IO[str]") -> str:
    if not isinstance(file, (str, Path)):
        return file.read()
    try:
        with Path(file).open(encoding="utf-8", errors="surrogatepass", newline="\n") as opened:
            return opened.read()
    except OSError as error:
        raise RecordingError(f"{str(file)!r} cannot be read: {error.strerror}. Pass the path of a recording.") from None
    except UnicodeDecodeError:
        raise RecordingError(
            f"{str(file)!r} is not a recording, because it is not UTF-8. Pass the path of a recording."
        ) from None


def _parse(text: str) -> Iterator[RecordedCall]:
    """Yield the calls in the text of a recording, and raise `RecordingError` at the first invalid line."""
    lines = text.split("\n")
    header, previous = _header(lines[0].removesuffix("\r"))
    is_checked = bool(header.get("checked"))
    count, end = 0, None
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        entry, previous = _entry(line.removesuffix("\r"), number, previous, is_checked=is_checked)
        if end is not None:
            raise RecordingError(f"Line {number}: there are more lines after the end of the recording. {PARTIAL_HINT}")
        if "calls" in entry:
            end = _end(entry, number, count)
            continue
        yield _call(entry, number)
        count += 1
    if is_checked and end is None:
        raise RecordingError(
            f"Line {count + 2}: the recording is cut off here. The recorder was not stopped, or a part is missing. "
            f"{PARTIAL_HINT}"
        )


def _header(line: str) -> tuple[dict[str, Any], str]:
    text, given = split_checksum(line)
    try:
        header = json.loads(text)
    except ValueError:
        header = None
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise RecordingError(f'Line 1: not a recording. The first line of a recording has "format": "{FORMAT}".')
    if header.get("version") != VERSION:
        version = header.get("version")
        raise RecordingError(
            f"Line 1: the recording has version {version!r}, but this mock reads version {VERSION}. "
            "Record the calls again."
        )
    if header.get("checked") and given != checksum("", text):
        raise RecordingError("Line 1: this line was edited, as its checksum shows. Restore it, or record again.")
    return header, given or ""


def _entry(line: str, number: int, previous: str, *, is_checked: bool) -> tuple[dict[str, Any], str]:
    """Return the JSON object in a line, and the checksum of the line, which is "" if it has none.

    Args:
        line: The line as it is in the file.
        number: The number of the line, from 1.
        previous: The checksum of the line before.
        is_checked: Whether each line must have a checksum.

    Raises:
        RecordingError: The line is not a JSON object, or its required checksum is wrong or missing.
    """
    text, given = split_checksum(line)
    try:
        entry = json.loads(text)
    except (ValueError, RecursionError):
        raise RecordingError(
            f"Line {number}: not complete JSON. The file was probably edited or cut off. {PARTIAL_HINT}"
        ) from None
    if is_checked and given != checksum(previous, text):
        raise RecordingError(
            f"Line {number}: this line or one before it was edited or removed, as the checksum shows. {PARTIAL_HINT}"
        )
    if not isinstance(entry, dict):
        raise RecordingError(f"Line {number}: not a JSON object. {PARTIAL_HINT}")
    return entry, given or ""


def _end(entry: dict[str, Any], number: int, count: int) -> int:
    if entry["calls"] != count:
        raise RecordingError(
            f"Line {number}: the recording had {entry['calls']} calls, but it has {count} now. {PARTIAL_HINT}"
        )
    return count


def _call(entry: dict[str, Any], number: int) -> RecordedCall:
    operation = find_operation(*_names(entry, number))
    if operation is None:
        raise RecordingError(
            f"Line {number}: the installed version of botocore has no operation {entry['operation']!r} of "
            f"{entry['service']!r}. Update botocore."
        )
    return RecordedCall(
        line=number,
        at=_instant(entry, number),
        operation=operation,
        region=_member(entry, "region", str, number),
        params=_member(entry, "parameters", dict, number),
        answer=_member(entry, "answer", dict, number) if "answer" in entry else None,
        error=None if "answer" in entry else _error(_member(entry, "error", dict, number), number),
    )


def _names(entry: dict[str, Any], number: int) -> tuple[str, str]:
    from personalize_mock.wire.model import SERVICES

    service = _member(entry, "service", str, number)
    if service not in SERVICES:
        raise RecordingError(
            f"Line {number}: the member 'service' must be one of {', '.join(map(repr, SERVICES))}, not {service!r}."
        )
    return service, _member(entry, "operation", str, number)


def _error(error: dict[str, Any], number: int) -> RecordedError:
    status = error.get("status")
    return RecordedError(
        code=_member(error, "code", str, number),
        message=str(error.get("message") or ""),
        status=status if isinstance(status, int) else None,
    )


def _instant(entry: dict[str, Any], number: int) -> float:
    try:
        seconds = epoch_seconds(entry.get("time"))  # type: ignore[arg-type]  # wrong types raise the error
        datetime.fromtimestamp(seconds, tz=timezone.utc)
        return seconds  # noqa: TRY300  # both lines above may fail
    except (PersonalizeMockError, OverflowError, OSError, ValueError):
        raise RecordingError(
            f"Line {number}: the member 'time' must be a time such as '2024-05-01T09:00:00Z', not "
            f"{entry.get('time')!r}."
        ) from None


def _member(entry: dict[str, Any], name: str, wanted: type[str] | type[dict[str, Any]], number: int) -> Any:
    value = entry.get(name)
    if not isinstance(value, wanted):
        noun = "a string" if wanted is str else "an object"
        raise RecordingError(f"Line {number}: the member {name!r} must be {noun}, not {value!r:.60}.")
    return value
