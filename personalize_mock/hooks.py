"""Interfaces through which rules and virtual time observe calls, answer them, or change their effects."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

# The kind of service that a call goes to. "set-up" stands for services that prepare the use of Personalize, such as S3.
Service = Literal["personalize", "set-up", "other"]


class CallListener(Protocol):
    """Function that is notified of each call to a mocked AWS service."""

    def __call__(self, *, service: Service) -> None:
        """React to a call before it runs, in the thread that makes the call.

        Args:
            service: The kind of service that is called: "personalize", "set-up" for services that prepare the use of
                Personalize, such as S3, or "other".
        """


class Interceptor(Protocol):
    """Callable object that receives all calls to Personalize operations before the mock does.

    It may answer a call itself or pass it on to the mock. Its implementation is `rules.rule_book.RuleBook`.
    """

    def __call__(self, store: Any, operation: Any, params: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a call with the members of the response, or raise the error that the caller gets.

        Args:
            store: The store of the called account and region.
            operation: The called operation.
            params: Members of the request, as JSON types.
        """

    def state(self) -> Any:
        """Return the current state of the interceptor, which can be passed to `restore`.

        Later calls do not change the returned object.
        """

    def restore(self, state: Any) -> Exception | None:
        """Bring the interceptor back to an earlier state.

        Args:
            state: The state, as returned by `state`, or None to drop all rules.

        Returns:
            An error, which the caller should raise, if this drops a rule that was never applied. Otherwise None.
        """

    def copied_to(self, simulation: Any, state: Any) -> "Interceptor":
        """Return a new interceptor for another simulation.

        Args:
            simulation: The other simulation.
            state: The state for the new interceptor, as returned by `state` of this one. It is copied.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Change that a rule makes to the creation, update or deletion that a call begins.

    The creation, update or deletion fails, or the resource stays in one status until the rule releases it.

    Attributes:
        failure_reason: The failureReason with which the creation, update or deletion fails, or None to let it succeed.
        held_status: The status in which the resource stays, or None to let it pass through all statuses.
        held_by: The number of the rule that keeps the resource in this status, or None if there is none.
    """

    failure_reason: str | None = None
    held_status: str | None = None
    held_by: int | None = None
