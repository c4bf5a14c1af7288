"""Outcomes of a rule, which determine what happens to the calls to which the rule is applied.

Some outcomes answer the call. Others pass it on to older rules and then to the mocked service, but delay it or change
the statuses of the resource that it creates or changes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from personalize_mock.hooks import Override
from personalize_mock.resources.recommendation_ids import new_recommendation_id
from personalize_mock.rules import latency
from personalize_mock.rules.faults import fresh_exception
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import BareResponse, ServiceError
from personalize_mock.wire.model import Operation
from personalize_mock.wire.validate import validate

Body = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Request:
    """The call to which an outcome is applied.

    Attributes:
        store: The account and region of the call.
        operation: The called operation.
        params: Members of the request, as JSON types.
    """

    store: Store
    operation: Operation
    params: Mapping[str, Any]


class Outcome(Protocol):
    """Interface of the outcomes of a rule: objects that determine what happens to a call."""

    def apply(self, request: Request, go_on: Callable[[], Body]) -> Body:
        """Apply the outcome to a call. Return the response members, or raise the error that the caller gets.

        Args:
            request: The call.
            go_on: Function that passes the call on to older rules and then to the mocked service.
        """


@dataclass(frozen=True, slots=True)
class Pass:
    """Outcome of a rule that only counts calls. Each call is passed on."""

    def apply(self, request: Request, go_on: Callable[[], Body]) -> Body:  # noqa: ARG002  # part of the protocol
        """Pass the call on to older rules and then to the mocked service."""
        return go_on()


@dataclass(frozen=True, slots=True)
class Returns:
    """Outcome that answers a valid request with a given response.

    Attributes:
        body: The members of the response, as JSON types.
    """

    body: Body

    def apply(self, request: Request, go_on: Callable[[], Body]) -> Body:  # noqa: ARG002  # part of the protocol
        """Return the response members, or raise the service's error if the request is invalid."""
        validate(request.operation, request.params)
        return self.body


@dataclass(frozen=True, slots=True)
class Recommends:
    """Outcome that answers a valid request for recommendations with a given list.

    The response has at most as many entries as `numResults` asks for, and a new recommendationId. Events can refer to
    this id.

    Attributes:
        member: The member of the response that holds the list, such as `itemList`.
        id_member: The member of an entry that holds the id: `itemId` or `actionId`.
        entries: The entries, best first, as JSON types.
    """

    member: str
    id_member: str
    entries: Sequence[Body]

    def apply(self, request: Request, go_on: Callable[[], Body]) -> Body:  # noqa: ARG002  # part of the protocol
        """Return the response members, or raise the service's error if the request is invalid."""
        validate(request.operation, request.params)
        params = request.params
        entries = [dict(entry) for entry in self.entries[: params.get("numResults")]]
        arn = params.get("campaignArn") or params.get("recommenderArn") or ""
        recommendation_id = new_recommendation_id(request.store, arn)
        request.store.keep_recommendation(recommendation_id, tuple(entry[self.id_member] for entry in entries))
        return {self.member: entries, "recommendationId": recommendation_id}


class DeclaredError(ServiceError):
    """Error of the service that a rule declares by its code.

    Args:
        code: The error code that the client sees.
        message: The error message.
        status: HTTP status of the response, or None to use the status in botocore's model.
    """

    def __init__(self, code: str, message: str, status: int | None) -> None:
        super().__init__(message)
        self._code, self.status = code, status

    @property
    def code(self) -> str:
        """The error code that the client sees."""
        return self._code


@dataclass(frozen=True, slots=True)
class RaisesError:
    """Outcome that answers with a service error.

    Attributes:
        code: The error code that the client sees.
        message: The error message.
        status: HTTP status of the response, or None to use the status in botocore's model.
    """

    code: str
    message: str
    status: int | None

    def apply(self, request: Request, go_on: Callable[[], Body]) -> Body:  # noqa: ARG002  # part of the protocol
        """Raise the declared service error, which becomes the response."""
        raise DeclaredError(self.code, self.message, self.status)


@dataclass(frozen=True, slots=True)
class Responds:
    """Outcome that answers with an HTTP status and any body, such as the error page of a load balancer.

    Attributes:
        status: The HTTP status.
        body: The body of the response.
    """

    status: int
    body: bytes

    def apply(self, request: Request, go_on: Callable[[], Body]) -> Body:  # noqa: ARG002  # part of the protocol
        """Raise `BareResponse`, which becomes the HTTP response."""
        raise BareResponse(self.status, self.body)


@dataclass(frozen=True, slots=True)
class RaisesFault:
    """Outcome that raises an exception of the HTTP client, as if the service had not responded.

    Attributes:
        error: OSError or an exception of botocore or urllib3, as a class or an instance.
    """

    error: BaseException | type[BaseException]

    def apply(self, request: Request, go_on: Callable[[], Body]) -> Body:  # noqa: ARG002  # part of the protocol
        """Raise the exception that boto3 raises if the HTTP client fails with `error`."""
        raise fresh_exception(self.error, latency.url_of(request.operation, request.store.region))


@dataclass(frozen=True, slots=True)
class Delays:
    """Outcome that delays a call in simulated time. The call is then passed on, or it times out.

    Attributes:
        seconds: The delay in simulated seconds.
    """

    seconds: float

    def apply(self, request: Request, go_on: Callable[[], Body]) -> Body:
        """Move the clock by the delay and pass the call on. If the client times out first, raise ReadTimeoutError."""
        latency.wait(request.store, request.operation, self.seconds)
        return go_on()


@dataclass(frozen=True, slots=True)
class Overrides:
    """Outcome that passes a call on and makes the resource that it creates or changes fail or stay in a status.

    Attributes:
        override: The failure, or the status in which the resource stays.
    """

    override: Override

    def apply(self, request: Request, go_on: Callable[[], Body]) -> Body:
        """Pass the call on, with the failure or the held status set for the resource that it creates or changes.

        If a newer rule has already set a failure or a held status for this call, this outcome changes nothing.
        """
        simulation = request.store.simulation
        before = simulation.override
        ours = self.override
        simulation.override = ours if before is None else _filled_up(before, ours)
        try:
            return go_on()
        finally:
            simulation.override = before


def _filled_up(newer: Override, older: Override) -> Override:
    if newer.held_status is None:
        newer = replace(newer, held_status=older.held_status, held_by=older.held_by)
    return newer if newer.failure_reason else replace(newer, failure_reason=older.failure_reason)
