"""Steps of a rule, each of which consists of an outcome and the choice of the calls that get it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypedDict

from personalize_mock.exceptions import PersonalizeMockError, did_you_mean
from personalize_mock.rules.outcomes import Outcome, Pass


class When(TypedDict, total=False):
    """Keyword arguments that choose which of the matching calls get an outcome.

    Attributes:
        times: The number of calls that get the outcome. Later calls get the next outcome. After the last outcome, they
            skip the rule.
        after: The number of calls that skip the rule before the first one gets the outcome.
        every: If this is 3, every third call gets the outcome, and the calls in between skip the rule.
    """

    times: int
    after: int
    every: int


_LEAST = {"times": 1, "after": 0, "every": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An outcome of a rule, and the choice of the calls that get it.

    Attributes:
        outcome: What happens to these calls.
        times: The number of calls that get the outcome. None means one call if another outcome follows, and all further
            calls if this is the last one.
        after: The number of calls that skip the rule before the first one gets the outcome.
        every: 1 if each call gets the outcome, 2 if every second call gets it, and so on.
    """

    outcome: Outcome
    times: int | None = None
    after: int = 0
    every: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """The current outcome of a rule, and the calls counted for it.

    Attributes:
        step: The index of the current outcome. If all outcomes have been used, this is their number.
        matched: The number of matching calls since this outcome became the current one.
        applied: The number of these calls that got the outcome.
    """

    step: int = 0
    matched: int = 0
    applied: int = 0


def new_step(outcome: Outcome, when: Mapping[str, Any], *, where: str) -> Step:
    """Return a step of a rule, or raise PersonalizeMockError if an argument in `when` is unknown or invalid.

    Args:
        outcome: The outcome that the calls get.
        when: The keyword arguments `times`, `after` and `every` of the declaration.
        where: The declaration of the rule as text, which begins the error message.
    """
    for name, number in when.items():
        if name not in _LEAST:
            raise PersonalizeMockError(f"{where} has no argument {name!r}. {did_you_mean(name, _LEAST)}")
        if isinstance(number, bool) or not isinstance(number, int) or number < _LEAST[name]:
            raise PersonalizeMockError(f"{where}: {name}={number!r} must be a whole number, {_LEAST[name]} or more.")
    return Step(outcome=outcome, **when)


def choose(steps: list[Step], position: Position) -> Outcome | str:
    """Return the outcome for the next matching call, or a string with the reason why the call skips the rule.

    Args:
        steps: The outcomes of the rule in order.
        position: The current outcome and the calls counted for it, as `advance` returned them after the previous call.
    """
    if not steps:
        return Pass()
    if position.step == len(steps):
        return "all outcomes of the rule have been used"
    step, number = steps[position.step], position.matched + 1
    if number <= step.after:
        return f"it is call {number}, and after={step.after} skips it"
    if (number - step.after) % step.every:
        return f"it is call {number - step.after}, and every={step.every} skips it"
    return step.outcome


def advance(steps: list[Step], position: Position, *, applied: bool) -> Position:
    """Return the new position in the outcomes of a rule after a call that matches the rule.

    Args:
        steps: The outcomes of the rule in order.
        position: The current outcome and the calls counted for it before this call.
        applied: Whether the call got the current outcome.
    """
    if position.step >= len(steps):
        return position
    last = position.step == len(steps) - 1
    times = steps[position.step].times or (None if last else 1)
    if applied and times is not None and position.applied + 1 >= times:
        return Position(step=position.step + 1)
    return replace(position, matched=position.matched + 1, applied=position.applied + applied)
