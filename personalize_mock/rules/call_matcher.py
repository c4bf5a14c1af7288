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
    """Decision on whether a rule applies to a call to its operation.

    Attributes:
        outcome: What happens to the call, or None if the rule does not apply to it.
        reason: Why the rule does not apply to the call, or None if it does.
        matches: Whether the call counts for `times`, `after` and `every`. It does not count if the request does not
            match the rule, if a newer rule answered the call, or if the service refused to create or change the
            resource that the rule would hold or make fail.
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
        misses: Reasons why the rule was not applied to other recent calls to its operation, oldest first.
        is_released: Whether `Rule.release` has been called.
    """

    steps: tuple[Step, ...]
    position: Position
    calls: tuple[Call, ...]
    misses: tuple[str, ...]
    is_released: bool


class CallMatcher:
    """Base class of `Rule` that decides to which calls a rule applies. `Rule` declares what happens to them.

    Args:
        operation: The operation of the rule. The rule can apply only to calls to this operation.
        members: The members that a request must have, each with its expected value or a condition.
        number: The number of the rule, unique in its simulation.
        optional: Whether it is acceptable that the rule is never applied to a call.
        place: The file and line that declare the rule, such as "tests/test_shop.py:12".
        release: Function that releases all resources held by the rule with a given number. It returns False if the
            simulation has ended.

    Attributes:
        calls: The calls to which the rule was applied, oldest first.
        optional: Whether it is acceptable that the rule is never applied to a call.
        position: Which outcome is current, and how many calls have been counted for it.
        is_released: Whether `Rule.release` has been called, so that the rule holds no more resources.
        misses: Reasons why the rule was not applied to other recent calls to its operation, oldest first.
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
        """Whether the rule was applied to at least one call."""
        return bool(self.calls)

    @property
    def call_count(self) -> int:
        """The number of calls to which the rule was applied. Each retry by botocore counts as a call."""
        return len(self.calls)

    def judge(self, operation: Operation, params: Mapping[str, Any]) -> Verdict | None:
        """Decide whether the rule applies to a call, without counting the call.

        Args:
            operation: The called operation.
            params: Members of the request, as JSON types.

        Returns:
            The decision, or None if the call is to another operation.
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
        """Record a call to the rule's operation, and count it if it matches the rule.

        Args:
            call: The finished call.
            verdict: Whether and how the rule was applied to the call.
        """
        if verdict.outcome is not None:
            self.calls.append(call)
        elif verdict.reason is not None:
            self.misses.append(verdict.reason)
        if verdict.matches:
            self.position = advance(self._steps, self.position, applied=verdict.outcome is not None)

    def state(self) -> RuleState:
        """Return the current state of the rule, which `restore` accepts later."""
        return RuleState(
            steps=tuple(self._steps),
            position=self.position,
            calls=tuple(self.calls),
            misses=tuple(self.misses),
            is_released=self.is_released,
        )

    def copied(self, state: RuleState, release: Callable[[int], bool]) -> "Self":
        """Return a copy of this rule with another state, for another simulation.

        Args:
            state: The state of the copy.
            release: Function that releases the resources held by the rule with a given number in the other simulation.
        """
        copy = copy_of(self)
        vars(copy)["_release"] = release
        copy.restore(state)
        return copy

    def restore(self, state: RuleState) -> None:
        """Reset the rule to an earlier state, as returned by `state`."""
        self._steps, self.calls, self.position = list(state.steps), list(state.calls), state.position
        self.misses, self.is_released = deque(state.misses, maxlen=KEPT_MISSES), state.is_released
