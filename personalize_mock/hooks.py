"""Hooks of the simulation, through which other code is notified of calls, replaces them, or changes their effects."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

# The kind of service that a call goes to. "set-up" stands for services that prepare the use of Personalize, such as S3.
Service = Literal["personalize", "set-up", "other"]


class CallListener(Protocol):
    """Function that is notified of each call to a mocked AWS service."""

    def __call__(self, *, service: Service) -> None:
        """Handle a call before it runs, in the thread that makes it. `service` says which kind of service is called."""


class Interceptor(Protocol):
    """Function that runs a call of a Personalize operation in place of the mock.

    It may pass the call on to the mock.
    """

    def __call__(self, store: Any, operation: Any, params: Mapping[str, Any]) -> dict[str, Any]:
        """Run an operation and return its response members, or raise the error that the caller gets.

        Args:
            store: The account and region of the call.
            operation: The called operation.
            params: Members of the request, as JSON types.
        """

    def state(self) -> Any:
        """Return the current state of the interceptor, to be passed to `restore`.

        Later calls do not change the object.
        """

    def restore(self, state: Any) -> Exception | None:
        """Return to an earlier state. If this drops a rule that was never applied, return an error."""

    def copied_to(self, simulation: Any, state: Any) -> "Interceptor":
        """Return an interceptor for another simulation, with a state of this interceptor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Changes to the lifecycle that a call starts, for example to the creation of a campaign.

    With an override, the lifecycle fails or the resource stays in one status.

    Attributes:
        failure_reason: The failureReason with which the lifecycle fails, or None if it does not fail.
        held_status: The status in which the resource stays until it is released, or None if it is not held.
        held_by: Number of the rule that holds the resource, or None if it is not held.
    """

    failure_reason: str | None = None
    held_status: str | None = None
    held_by: int | None = None
