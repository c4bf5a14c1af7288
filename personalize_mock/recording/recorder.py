"""Recorder that listens to the events of boto3 clients and writes their calls to a file."""

import json
import re
import warnings
from collections.abc import Iterable, Mapping
from contextlib import ContextDecorator, suppress
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path
from threading import RLock
from typing import IO, TYPE_CHECKING, Any
from weakref import WeakSet

from personalize_mock.exceptions import PersonalizeMockError, PersonalizeMockWarning
from personalize_mock.recording import hooks
from personalize_mock.recording.lines import FORMAT, VERSION, LineWriter
from personalize_mock.recording.redaction import Redactor
from personalize_mock.timing.instants import SIMULATED_DATE, wall_time
from personalize_mock.timing.stopwatch import Stopwatch

if TYPE_CHECKING:
    from typing_extensions import Self

_HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")


def record(
    file: "str | Path | IO[str]", *, clients: Iterable[Any] | None = None, replace: Mapping[str, str] | None = None
) -> "Recorder":
    """Record calls to Amazon Personalize in a file. The result is a context manager and a decorator.

        with record("calls.jsonl"):
            personalize.create_dataset_group(name="films")

    Each call that gets an answer or an error becomes a line of JSON: time, operation, parameters, answer or error, and
    duration. The calls may go to the real service or to a mock. The recorder only listens, and starts no mock. Each
    line is written as soon as its call ends, and several threads may make calls at the same time.

    Account ids, role names, KMS keys and tracking ids are replaced by placeholders. Access keys, session tokens and
    signatures are removed. Headers are not recorded. Ids of users and items, properties of events and names of buckets
    and resources are recorded.

    Args:
        file: Path of a file that does not exist yet, or a text file that is open for writing.
        clients: The clients to listen to. The default is every client of the process for personalize,
            personalize-runtime and personalize-events. Clients of aiobotocore and aioboto3 are recorded as well, if
            these packages are imported before the recorder starts.
        replace: Further strings to replace in each line, with their replacements, such as `{"acme": "company"}`.

    Returns:
        A recorder. It records during a `with` block, during calls of a decorated function, or from `start` to `stop`.
    """
    return Recorder(file, clients=clients, replace=replace)


class Recorder(ContextDecorator):
    """Context manager and decorator that records calls to Personalize in a file.

    The function `record` makes recorders and describes the arguments.
    """

    def __init__(
        self, file: "str | Path | IO[str]", *, clients: Iterable[Any] | None, replace: Mapping[str, str] | None
    ) -> None:
        self._file = file
        self._clients = None if clients is None else list(clients)
        self._redactor = Redactor(replace)
        self._lock = RLock()
        self._attached: WeakSet[Any] = WeakSet()
        self._sink: _Sink | None = None
        self._latest: float | None = None

    def __enter__(self) -> "Self":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Open the file and start recording.

        Raises:
            PersonalizeMockError: The file exists or cannot be written, or the recorder is already running.
        """
        with hooks.lock:
            if self._sink is not None:
                raise PersonalizeMockError("This recorder is already running. Create another one with record(...).")
            self._sink = _Sink(self._file)
            if self._clients is None:
                hooks.observe_all(self)
            for client in self._clients or ():
                self.attach(client)

    def stop(self) -> None:
        """Stop recording, and write the last line with the number of calls.

        Do nothing if the recorder is not running.
        """
        with hooks.lock:
            hooks.forget(self)
            for client in list(self._attached):
                self._detach(client)
            with self._lock:
                sink, self._sink = self._sink, None
                if sink is not None:
                    sink.close()

    def attach(self, client: Any) -> None:
        """Record the calls of a client from now on, if it is a client of Personalize. Otherwise, do nothing."""
        from personalize_mock.wire.model import SERVICES

        if client in self._attached or client.meta.service_model.service_name not in SERVICES:
            return
        with hooks.lock:
            self._attached.add(client)
            for event, handler in self._handlers.items():
                client.meta.events.register_first(event, handler, unique_id=self._unique_id(event))

    def _detach(self, client: Any) -> None:
        self._attached.discard(client)
        for event, handler in self._handlers.items():
            client.meta.events.unregister(event, handler, unique_id=self._unique_id(event))

    @property
    def _handlers(self) -> dict[str, Any]:
        return {"before-call": self._begin, "after-call": self._answered, "after-call-error": self._failed}

    def _unique_id(self, event: str) -> str:
        return f"personalize_mock {event} {id(self)}"

    def _begin(self, *, model: Any, params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
        """Store the parameters and the start time of a call in its `context`, just before the call is sent."""
        body = params.get("body") or "{}"
        context[self._unique_id("")] = {
            "watch": Stopwatch(),
            "call": {
                "service": model.service_model.service_name,
                "operation": model.name,
                "region": context.get("client_region"),
                "parameters": json.loads(body),
            },
        }

    def _answered(self, *, http_response: Any, parsed: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
        metadata = parsed.get("ResponseMetadata", {})
        if http_response.status_code < 300:  # noqa: PLR2004  # botocore's own limit
            answer = {name: value for name, value in parsed.items() if name != "ResponseMetadata"}
            outcome = {"answer": _as_json(answer)}
        else:
            error = parsed.get("Error", {})
            status = http_response.status_code
            outcome = {"error": {"code": error.get("Code"), "message": error.get("Message"), "status": status}}
        retries = metadata.get("RetryAttempts")
        self._write(context, {**outcome, **({"retries": retries} if retries else {})}, metadata.get("HTTPHeaders", {}))

    def _failed(self, *, exception: BaseException, context: dict[str, Any], **_: Any) -> None:
        """Record a call that got no answer, for example because of a timeout."""
        error = {"code": type(exception).__name__, "message": str(exception), "status": None}
        self._write(context, {"error": error}, {})

    def _write(self, context: dict[str, Any], outcome: dict[str, Any], headers: Mapping[str, str]) -> None:
        begun = context.pop(self._unique_id(""), None)
        with self._lock:
            if begun is None or self._sink is None:
                return
            seconds = round(begun["watch"].seconds(), 4)
            call = self._redactor.redact({**begun["call"], **outcome})
            self._sink.write_call({"time": self._time(headers), **call, "seconds": seconds})

    def _time(self, headers: Mapping[str, str]) -> str:
        """Return the time in the headers of a response, such as "2024-05-01T09:00:00Z".

        If the headers have none, return the time of the latest call, or the wall time for the first call.
        """
        dates = _HTTP_DATE.findall(headers.get(SIMULATED_DATE) or headers.get("date", ""))
        if dates:
            with suppress(ValueError, TypeError):  # for example the 31st of February
                self._latest = parsedate_to_datetime(dates[-1]).timestamp()
        if self._latest is None:
            self._latest = wall_time()
        return datetime.fromtimestamp(int(self._latest), tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class _Sink:
    """The open file of a recording. If writing fails, a warning is issued and nothing more is recorded."""

    def __init__(self, file: "str | Path | IO[str]") -> None:
        self._owned = isinstance(file, (str, Path))
        self._file: Any = _opened(Path(file)) if isinstance(file, (str, Path)) else file
        self._lines = LineWriter()
        self._count = 0
        from personalize_mock.recording.versions import versions

        self._write({"format": FORMAT, "version": VERSION, "written_by": versions(), "checked": True})

    def write_call(self, call: dict[str, Any]) -> None:
        """Write a recorded call to the file as one line of JSON."""
        self._count += 1
        self._write(call)

    def close(self) -> None:
        """Write the last line, which has the number of calls. Close the file if this object opened it."""
        self._write({"calls": self._count})
        if self._file is not None and self._owned:
            self._file.close()

    def _write(self, entry: dict[str, Any]) -> None:
        if self._file is None:
            return
        try:
            self._file.write(self._lines.line(entry))
            self._file.flush()
        except (OSError, ValueError) as error:  # ValueError: the file is closed
            self._file = None
            count = max(self._count - 1, 0)
            message = f"The recording ends after {count} calls, because its file cannot be written: {error}"
            warnings.warn(message, PersonalizeMockWarning, stacklevel=2)


def _opened(path: Path) -> IO[str]:
    try:
        return path.open("x", encoding="utf-8", errors="surrogatepass", newline="\n")
    except FileExistsError:
        raise PersonalizeMockError(
            f"record({str(path)!r}): the file exists. Delete it or choose another name: recordings are not overwritten."
        ) from None
    except OSError as error:
        raise PersonalizeMockError(
            f"record({str(path)!r}): the file cannot be written: {error.strerror}. Choose another path."
        ) from None


def _as_json(value: Any) -> Any:
    """Convert a value from a boto3 response to JSON types.

    Datetimes become epoch seconds, as in the service's own JSON.
    """
    if isinstance(value, dict):
        return {key: _as_json(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_as_json(part) for part in value]
    return value.timestamp() if isinstance(value, datetime) else value
