"""Hooks of the simulation, through which other code is notified of calls, runs them, or changes what they begin."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class CallListener(Protocol):
    """Function that is notified of each call to a mocked AWS service."""

    def __call__(self, *, personalize: bool) -> None:
        """Handle a call in the thread that makes it. `personalize` says whether the call goes to Personalize."""


class Interceptor(Protocol):
    """Function that runs a call in place of the mock's own execution, which it may call in turn."""

    def __call__(self, store: Any, operation: Any, params: Mapping[str, Any]) -> dict[str, Any]:
        """Run an operation and return its response members, or raise the error that the caller gets.

        Args:
            store: The account and region of the call.
            operation: The called operation.
            params: Members of the request, as JSON types.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Change of the lifecycle that a call begins.

    Attributes:
        failure_reason: The reason with which the lifecycle fails, or None if it takes its usual course.
        held_status: The status in which the resource stays until it is released, or None.
        held_by: A number that says what holds the resource.
    """

    failure_reason: str | None = None
    held_status: str | None = None
    held_by: int | None = None
