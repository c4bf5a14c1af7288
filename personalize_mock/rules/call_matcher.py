"""The part of a rule that decides which calls it takes, and counts them."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from personalize_mock.journal import Call
from personalize_mock.rules.declared import is_hold
from personalize_mock.rules.matching import mismatch, short_repr
from personalize_mock.rules.outcomes import Outcome, Pass
from personalize_mock.rules.steps import Position, Step, advance, choose
from personalize_mock.wire.model import Operation

KEPT_MISSES = 10  # calls that a rule did not take and that the message about an unused rule lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Decision of a rule about a call of its operation.

    Attributes:
        outcome: What happens to the call, or None if the rule does not take it.
        reason: Why the rule does not take the call, or None if it does.
        matches: Whether the call has the members that the rule names, so that it counts for `after` and `every`.
    """

    outcome: Outcome | None = None
    reason: str | None = None
    matches: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleState:
    """The changing part of a rule, as a snapshot keeps it. The fields are those of `Rule`."""

    steps: tuple[Step, ...]
    position: Position
    calls: tuple[Call, ...]
    misses: tuple[str, ...]
    is_released: bool


class CallMatcher:
    """Base class of `Rule`, which adds the methods that declare outcomes.

    Args:
        operation: The operation of the rule.
        members: The members of the request that the rule names, with their values or conditions.
        number: A number that no other rule of the simulation has.
        optional: Whether the rule may stay unused.
        place: The file and line of the declaration.
        release: Function that releases everything that the rule with a given number holds.

    Attributes:
        calls: The calls that the rule has taken, oldest first.
        optional: Whether the rule may stay unused.
        position: The position in the outcomes.
        is_released: Whether the rule no longer holds jobs.
        misses: Why the rule did not take the latest calls of its operation.
        place: The file and line of the declaration.
    """

    def __init__(
        self,
        operation: Operation,
        members: Mapping[str, Any],
        *,
        number: int,
        optional: bool,
        place: str,
        release: Callable[[int], None],
    ) -> None:
        self.calls: list[Call] = []
        self.optional = optional
        self.position = Position()
        self.is_released = False
        self.misses: deque[str] = deque(maxlen=KEPT_MISSES)
        self.place = place
        self._operation, self._members, self._number, self._release = operation, members, number, release
        self._steps: list[Step] = []
        shown = [repr(operation.name), *(f"{name}={short_repr(value)}" for name, value in members.items())]
        self._text = f"mock.on({', '.join(shown)})"

    def __repr__(self) -> str:
        return self._text

    @property
    def operation(self) -> str:
        """The name of the operation, such as "GetRecommendations"."""
        return self._operation.name

    @property
    def called(self) -> bool:
        """Whether the rule has taken a call."""
        return bool(self.calls)

    @property
    def call_count(self) -> int:
        """The number of calls that the rule has taken. botocore's retries count as calls."""
        return len(self.calls)

    def judge(self, operation: Operation, params: Mapping[str, Any]) -> Verdict | None:
        """Return whether the rule takes a call, or None if the call is one of another operation.

        Args:
            operation: The called operation.
            params: Members of the request, as JSON types.
        """
        if operation is not self._operation:
            return None
        reason = mismatch(self._members, params)
        if reason is not None:
            return Verdict(reason=reason, matches=False)
        chosen = choose(self._steps, self.position)
        if isinstance(chosen, str):
            return Verdict(reason=chosen)
        return Verdict(outcome=Pass() if self.is_released and is_hold(chosen) else chosen)

    def record(self, call: Call, verdict: Verdict) -> None:
        """Record a call of the rule's operation, and what the rule has decided about it."""
        if verdict.outcome is not None:
            self.calls.append(call)
        elif verdict.reason is not None:
            self.misses.append(verdict.reason)
        if verdict.matches:
            self.position = advance(self._steps, self.position, applied=verdict.outcome is not None)

    def state(self) -> RuleState:
        """Return how far the rule has come."""
        return RuleState(
            steps=tuple(self._steps),
            position=self.position,
            calls=tuple(self.calls),
            misses=tuple(self.misses),
            is_released=self.is_released,
        )

    def restore(self, state: RuleState) -> None:
        """Go back to a state that `state` has returned."""
        self._steps, self.calls, self.position = list(state.steps), list(state.calls), state.position
        self.misses, self.is_released = deque(state.misses, maxlen=KEPT_MISSES), state.is_released
