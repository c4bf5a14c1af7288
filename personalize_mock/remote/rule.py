"""Handle of a rule that is declared on a server."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore import exceptions as botocore_errors
from botocore.exceptions import ClientError

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.journal import Call
from personalize_mock.remote.connection import Connection
from personalize_mock.remote.records import record_from_json
from personalize_mock.rules.faults import is_fault
from personalize_mock.wire.direct import as_json

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from personalize_mock.rules.item_lists import Entry
    from personalize_mock.rules.steps import When

CLOSED = "ConnectionClosedError"  # what a client sees, whichever exception of the HTTP client a rule names


class RemoteRule:
    """Handle of a rule on a server. `mock.on` returns it. Its methods are documented in `Rule`.

    If `raises` is given an exception of the HTTP client, the server closes the connection without an answer.

    Args:
        connection: The connection to the server.
        document: The JSON of the rule, as returned by the server.
    """

    def __init__(self, connection: Connection, document: Mapping[str, Any]) -> None:
        self._connection = connection
        self._path = f"/rules/{document['id']}"
        self._text: str = document["rule"]

    def __repr__(self) -> str:
        return self._text

    @property
    def called(self) -> bool:
        """Whether the rule was applied to a call."""
        return bool(self.calls)

    @property
    def call_count(self) -> int:
        """The number of calls to which the rule was applied. Each retry of a client counts as a call."""
        return len(self.calls)

    @property
    def calls(self) -> list[Call]:
        """The calls to which the rule was applied, oldest first."""
        records = (record_from_json(call) for call in self._connection.get(self._path)["calls"])
        return [record for record in records if isinstance(record, Call)]

    def recommends(self, *entries: "Entry", **when: "Unpack[When]") -> "RemoteRule":
        """Answer with recommendations, best first: ids, pairs of an id and its score, or dictionaries."""
        return self._add("recommends", [list(entry) if isinstance(entry, tuple) else entry for entry in entries], when)

    def returns(self, response: Mapping[str, Any], **when: "Unpack[When]") -> "RemoteRule":
        """Answer with a response of your own."""
        return self._add("returns", as_json(response), when)

    def raises(self, error: Any, message: str | None = None, **when: "Unpack[When]") -> "RemoteRule":
        """Fail with an error of the service, or close the connection if `error` is an exception of the HTTP client."""
        if isinstance(error, ClientError):
            details = error.response.get("Error", {})
            error, message = details.get("Code"), message or details.get("Message")
        return self._add("raises", _error_name(error), when, message=message)

    def responds(self, status: int, body: bytes | str = b"", **when: "Unpack[When]") -> "RemoteRule":
        """Answer with an HTTP status and an arbitrary body, which is empty by default."""
        text = body.decode(errors="replace") if isinstance(body, bytes) else body
        return self._add("responds", status, when, body=text or None)

    def delays(self, seconds: float, **when: "Unpack[When]") -> "RemoteRule":
        """Move the simulated clock before the call continues. The client does not wait, and cannot time out."""
        return self._add("delays", seconds, when)

    def fails_job(self, reason: str, **when: "Unpack[When]") -> "RemoteRule":
        """Let the call succeed, but make the resource that it creates or updates fail."""
        return self._add("fails_job", reason, when)

    def holds(self, status: str, **when: "Unpack[When]") -> "RemoteRule":
        """Let the call succeed, but keep the created or changed resource in a status until `release` is called."""
        return self._add("holds", status, when)

    def release(self) -> None:
        """Release all resources that this rule holds in a status, and hold no more resources."""
        self._connection.post(f"{self._path}/release")

    def _add(self, name: str, value: Any, when: Mapping[str, Any], **details: Any) -> "RemoteRule":
        given = {key: detail for key, detail in details.items() if detail is not None}
        try:
            answer = self._connection.post(f"{self._path}/outcomes", outcome={name: value, **given, **when})
        except PersonalizeMockError:
            self._connection.delete(self._path)  # nothing can use it, and this error says more
            raise
        self._text = answer["rule"]
        return self


def _error_name(error: Any) -> Any:
    """Return the name of an exception of the HTTP client, for the JSON of a request, or else the error unchanged."""
    error_type = error if isinstance(error, type) else type(error)
    if issubclass(error_type, ClientError):
        return error_type.__name__
    if is_fault(error):
        return error_type.__name__ if hasattr(botocore_errors, error_type.__name__) else CLOSED
    return error
