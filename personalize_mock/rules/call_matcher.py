"""Base class of rules, which decides whether a rule applies to a call and records the calls."""

from collections import deque
from collections.abc import Callable, Mapping
from copy import copy as copy_of
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from personalize_mock.journal import Call
from personalize_mock.rules.declared import is_hold
from personalize_mock.rules.matching import mismatch, short_repr
from personalize_mock.rules.outcomes import Outcome, Pass
from personalize_mock.rules.steps import Position, Step, advance, choose
from personalize_mock.wire.model import Operation

if TYPE_CHECKING:
    from typing_extensions import Self

KEPT_MISSES = 10  # calls that a rule did not take and that the message about an unused rule lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Decision whether a rule applies to a call of its operation.

    Attributes:
        outcome: What happens to the call, or None if the rule does not apply to it.
        reason: Why the rule does not apply to the call, or None if it does.
        matches: Whether the request has the members that the rule names. Only such calls count for `after` and `every`.
    """

    outcome: Outcome | None = None
    reason: str | None = None
    matches: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleState:
    """The state of a rule, which changes with each call and can be restored.

    Attributes:
        steps: The outcomes of the rule in order.
        position: The current outcome, and the calls counted for it.
        calls: The calls to which the rule was applied, oldest first.
        misses: Why the rule was not applied to the latest other calls of its operation.
        is_released: Whether `Rule.release` has been called.
    """

    steps: tuple[Step, ...]
    position: Position
    calls: tuple[Call, ...]
    misses: tuple[str, ...]
    is_released: bool


class CallMatcher:
    """Base class of `Rule`, which decides to which calls a rule applies. `Rule` declares what happens to them.

    Args:
        operation: The operation whose calls the rule may apply to.
        members: The members that a request must have, with their values or conditions.
        number: The number of the rule, unique in its simulation.
        optional: Whether the rule may end without having been applied to a call.
        place: The file and line that declare the rule.
        release: Function that releases all resources held by the rule with a given number. It returns False if the
            simulation has ended.

    Attributes:
        calls: The calls to which the rule was applied, oldest first.
        optional: Whether the rule may end without having been applied to a call.
        position: Which outcome is current, and how many calls have been counted for it.
        is_released: Whether `Rule.release` has been called, so that the rule holds no more resources.
        misses: Reasons why the rule was not applied to other recent calls of its operation.
        place: The file and line that declare the rule.
    """

    def __init__(
        self,
        operation: Operation,
        members: Mapping[str, Any],
        *,
        number: int,
        optional: bool,
        place: str,
        release: Callable[[int], bool],
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
    def number(self) -> int:
        """The number of the rule, which is unique in its simulation."""
        return self._number

    @property
    def called(self) -> bool:
        """Whether the rule was applied to a call."""
        return bool(self.calls)

    @property
    def call_count(self) -> int:
        """The number of calls to which the rule was applied. Each attempt of botocore's retries counts."""
        return len(self.calls)

    def judge(self, operation: Operation, params: Mapping[str, Any]) -> Verdict | None:
        """Decide whether the rule applies to a call. If the call is one of another operation, return None.

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
        """Record a call of the rule's operation and the decision about it."""
        if verdict.outcome is not None:
            self.calls.append(call)
        elif verdict.reason is not None:
            self.misses.append(verdict.reason)
        if verdict.matches:
            self.position = advance(self._steps, self.position, applied=verdict.outcome is not None)

    def state(self) -> RuleState:
        """Return the state of the rule, for `restore`."""
        return RuleState(
            steps=tuple(self._steps),
            position=self.position,
            calls=tuple(self.calls),
            misses=tuple(self.misses),
            is_released=self.is_released,
        )

    def copied(self, state: RuleState, release: Callable[[int], bool]) -> "Self":
        """Return a copy of this rule with the given state and another `release` function."""
        copy = copy_of(self)
        vars(copy)["_release"] = release
        copy.restore(state)
        return copy

    def restore(self, state: RuleState) -> None:
        """Return to an earlier state, as returned by `state`."""
        self._steps, self.calls, self.position = list(state.steps), list(state.calls), state.position
        self.misses, self.is_released = deque(state.misses, maxlen=KEPT_MISSES), state.is_released
