"""Handle with which a test controls a mock that runs in a server."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from personalize_mock import active
from personalize_mock.cleanup import Cleanup
from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.journal import Journal
from personalize_mock.remote.clock import RemoteClock
from personalize_mock.remote.connection import Connection
from personalize_mock.remote.snapshot import RemoteSnapshot

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Self

    from personalize_mock.inspection.calls import Calls
    from personalize_mock.inspection.explanation import Explanation
    from personalize_mock.loading.loaded import LoadedData
    from personalize_mock.names import OperationName
    from personalize_mock.remote.rule import RemoteRule

T = TypeVar("T")
ACCOUNT = "123456789012"


class RemoteMock:
    """Handle of a mock that runs in a server. `mock_personalize(server="http://...")` returns it.

    While it is active, the requests of all botocore clients in this process to hosts of AWS go to the server. Its
    methods are documented in `MockPersonalize`. Starting it changes nothing on the server, and stopping it only removes
    the rules that it has declared. Call `reset` to begin without resources. Sleeps of this process do not move the
    clock of the server: poll without long sleeps, or call `wait`.

    Args:
        server: The URL of the server.

    Attributes:
        clock: The simulated clock of the server.
    """

    def __init__(self, server: object) -> None:
        self._connection = Connection(server)
        self.clock = RemoteClock(self._connection)
        self._patches: list[Cleanup] = []  # one for each start
        self._owner = f"{os.getpid()}-{id(self)}"
        self._last_journal: Journal | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._connection.url}{'' if self._patches else ' (not active)'}>"

    def __call__(self, decorated: T) -> T:
        """Decorate a function or a class, so that this mock is active while the function or the methods run."""
        from personalize_mock.decorators import decorate

        return decorate(self, decorated)

    def __enter__(self) -> "Self":
        return self.start()

    def __exit__(self, exc_type: type[BaseException] | None, *_: object) -> None:
        unused = self._stop()
        if unused is not None and exc_type is None:
            raise unused

    def start(self) -> "Self":
        """Redirect the clients of this process to the server, and return this handle.

        Raises:
            PersonalizeMockError: The server does not answer, or has no control endpoints.
        """
        from personalize_mock.remote.redirect import install

        self._connection.get("/health")
        cleanup = Cleanup()
        self._patches.append(cleanup)
        cleanup.add(lambda: active.forget_remote(self))
        active.add_remote(self)
        try:
            install(self._connection, cleanup)
        except BaseException:
            self._patches.pop().run()
            raise
        return self

    def stop(self) -> None:
        """Stop the redirection to the server, and remove the rules that this mock has declared.

        A mock that was started several times must be stopped as often.

        Raises:
            PersonalizeMockError: This mock is not active, or one of its rules was never applied.
        """
        unused = self._stop()
        if unused is not None:
            raise unused

    def _stop(self) -> Exception | None:
        if not self._patches:
            raise PersonalizeMockError("This mock is not active, so there is nothing to stop. Call start() first.")
        try:
            if len(self._patches) > 1:
                return None
            self._last_journal = self.journal
            self._connection.post("/rules/end", owner=self._owner)
        except PersonalizeMockError as error:
            return error
        finally:
            self._patches.pop().run()
        return None

    @property
    def journal(self) -> Journal:
        """The log of API calls and status changes on the server. After the mock has stopped, the log stays as it is."""
        if not self._patches and self._last_journal is not None:
            return self._last_journal
        from personalize_mock.remote.records import record_from_json

        return Journal(record_from_json(record) for record in self._connection.get("/journal")["records"])

    def calls(self, operation: "OperationName | None" = None, /, **members: Any) -> "Calls":
        """Return the calls to Personalize that clients of the server have made, as a list with assertion methods.

        Args:
            operation: The name of an operation, such as "PutEvents". None for the calls of all operations.
            **members: Members that the requests must have, with their values.
        """
        from personalize_mock.inspection.calls import find_calls

        return find_calls(self.journal, operation, members)

    def call(
        self, operation: "OperationName", *, account: str = ACCOUNT, region: str | None = None, **params: Any
    ) -> dict[str, Any]:
        """Call an operation on the server without a boto3 client, and return the response that boto3 would return."""
        from personalize_mock.wire.direct import as_json, named_operation
        from personalize_mock.wire.output import as_boto3_returns

        output = named_operation(operation).output
        place = {"account": account, "region": _region(region)}
        response = self._connection.post("/call", operation=operation, params=as_json(params), **place)
        return as_boto3_returns(output, response)

    def on(self, operation: "OperationName", /, *, optional: bool = False, **members: Any) -> "RemoteRule":
        """Declare a rule that says what happens to certain calls of an operation.

        The arguments are those of `MockPersonalize.on`, except that members cannot be functions.
        """
        from personalize_mock.remote.rule import RemoteRule
        from personalize_mock.rules.rule_book import declaring_line
        from personalize_mock.wire.direct import as_json

        for name, value in members.items():
            if callable(value):
                raise PersonalizeMockError(
                    f"mock.on({operation!r}): {name} is a function, which cannot be sent to the server. Write a value."
                )
        rule = {"operation": operation, "members": as_json(members), "optional": optional}
        document = self._connection.post("/rules", **rule, owner=self._owner, place=declaring_line())
        return RemoteRule(self._connection, document)

    def load(
        self,
        interactions: Any = None,
        *,
        account: str = ACCOUNT,
        region: str | None = None,
        objective: Any = None,
        **arguments: Any,
    ) -> "LoadedData":
        """Create an ACTIVE campaign or ACTIVE recommenders from data, with the arguments of `MockPersonalize.load`.

        DataFrames and files are read in this process, and locations in S3 by the server.
        """
        from personalize_mock.loading.load import ARGUMENTS
        from personalize_mock.loading.transfer import loaded_from_json
        from personalize_mock.remote.data import source_as_json

        region = _region(region)
        given = {"interactions": interactions, **arguments}
        members = {name: value for name, value in given.items() if value is not None}
        members |= {name: source_as_json(name, members[name]) for name in ARGUMENTS if name in members}
        chosen = {} if objective is None else {"objective": list(objective)}
        document = self._connection.post("/load", **members, **chosen, account=account, region=region)
        return loaded_from_json(document, partial(self.call, account=account, region=region))

    def wait(self, arn: str) -> str | None:
        """Move the server's clock until a resource has a final status, such as ACTIVE, and return this status.

        The result is None if the resource has been removed.
        """
        status: str | None = self._connection.post("/wait", arn=arn)["status"]
        return status

    def explain(self, answer: "Mapping[str, Any] | str") -> "Explanation":
        """Explain why an answer of GetRecommendations or a similar operation contains its items.

        Args:
            answer: The answer, or its recommendationId.
        """
        from personalize_mock.inspection.explanation import answer_id
        from personalize_mock.remote.records import explanation_from_json

        return explanation_from_json(self._connection.post("/explain", recommendation_id=answer_id(answer)))

    def report(self, path: "str | Path" = "personalize-mock-report.html", *, title: str | None = None) -> "Path":
        """Write a report of the calls, resources and models on the server as one HTML file, and return its path."""
        from pathlib import Path
        from urllib.parse import quote

        query = "" if title is None else f"?title={quote(title)}"
        Path(path).write_text(self._connection.get(f"/report{query}")["html"], encoding="utf-8")
        return Path(path)

    def snapshot(self) -> RemoteSnapshot:
        """Keep the current state of the mock on the server, and return a handle of it for `restore`."""
        document = self._connection.post("/snapshots")
        return RemoteSnapshot(id=document["id"], text=document["snapshot"], connection=self._connection)

    def restore(self, snapshot: RemoteSnapshot) -> None:
        """Bring the mock on the server back to the state in a snapshot that the server keeps."""
        if not isinstance(snapshot, RemoteSnapshot) or snapshot.connection.url != self._connection.url:
            raise PersonalizeMockError(
                f"restore({snapshot!r}): not a snapshot of this server. Write state = mock.snapshot() first, and then "
                "mock.restore(state)."
            )
        self._connection.post(f"{snapshot.path}/restore")

    @contextmanager
    def checkpoint(self) -> Iterator[RemoteSnapshot]:
        """Return a context manager that restores the mock's current state at the end of its block."""
        snapshot = self.snapshot()
        try:
            yield snapshot
        except BaseException:
            with suppress(PersonalizeMockError):  # the exception of the block says more
                self._return_to(snapshot)
            raise
        self._return_to(snapshot)

    def _return_to(self, snapshot: RemoteSnapshot) -> None:
        try:
            self.restore(snapshot)
        finally:
            self._connection.delete(snapshot.path)

    def reset(self) -> None:
        """Delete all resources of Personalize, scheduled events, rules and the journal on the server.

        The clock keeps its time.
        """
        self._connection.post("/reset")


def _region(region: str | None) -> str:
    return region or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
