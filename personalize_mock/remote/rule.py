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

    A rule says what happens to certain calls to Personalize.

    The methods that declare an outcome return the rule itself. Their keyword arguments `times`, `after` and `every`
    choose the calls to which the outcome applies, as in `Rule`.

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
        """Whether the rule was applied to at least one call."""
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
        """Answer with recommendations, best first. Each is an id, a pair of an id and its score, or a dictionary.

        `times`, `after` and `every` choose the calls, as in `Rule`.
        """
        return self._add("recommends", [list(entry) if isinstance(entry, tuple) else entry for entry in entries], when)

    def returns(self, response: Mapping[str, Any], **when: "Unpack[When]") -> "RemoteRule":
        """Answer with a response whose members are named and typed as boto3 returns them.

        `times`, `after` and `every` choose the calls, as in `Rule`.
        """
        return self._add("returns", as_json(response), when)

    def raises(self, error: Any, message: str | None = None, **when: "Unpack[When]") -> "RemoteRule":
        """Make the call fail with a service error.

        Args:
            error: The error code, such as "ThrottlingException", or an exception. If it is an exception of the HTTP
                client, such as ConnectTimeoutError, the server closes the connection without sending a response.
            message: The error message, or None for a default.
            **when: `times`, `after` and `every` choose the calls, as in `Rule`.
        """
        if isinstance(error, ClientError):
            details = error.response.get("Error", {})
            error, message = details.get("Code"), message or details.get("Message")
        return self._add("raises", _error_name(error), when, message=message)

    def responds(self, status: int, body: bytes | str = b"", **when: "Unpack[When]") -> "RemoteRule":
        """Answer with an HTTP status and an arbitrary body, which is empty by default.

        `times`, `after` and `every` choose the calls, as in `Rule`.
        """
        text = body.decode(errors="replace") if isinstance(body, bytes) else body
        return self._add("responds", status, when, body=text or None)

    def delays(self, seconds: float, **when: "Unpack[When]") -> "RemoteRule":
        """Move the simulated clock by `seconds` before the call continues. The client does not wait or time out.

        `times`, `after` and `every` choose the calls, as in `Rule`.
        """
        return self._add("delays", seconds, when)

    def fails_job(self, reason: str, **when: "Unpack[When]") -> "RemoteRule":
        """Let the call succeed, but let the creation or update that it begins fail with `reason` as failureReason.

        `times`, `after` and `every` choose the calls, as in `Rule`.
        """
        return self._add("fails_job", reason, when)

    def holds(self, status: str, **when: "Unpack[When]") -> "RemoteRule":
        """Let the call succeed, but keep the created or changed resource in `status` until `release` is called.

        `times`, `after` and `every` choose the calls, as in `Rule`.
        """
        return self._add("holds", status, when)

    def release(self) -> None:
        """Release all resources that this rule keeps in a status, so that they can reach their next status.

        The rule keeps no further resources.
        """
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
    """Convert an exception class or instance of an HTTP client to a name for JSON. Return other errors unchanged."""
    error_type = error if isinstance(error, type) else type(error)
    if issubclass(error_type, ClientError):
        return error_type.__name__
    if is_fault(error):
        return error_type.__name__ if hasattr(botocore_errors, error_type.__name__) else CLOSED
    return error
