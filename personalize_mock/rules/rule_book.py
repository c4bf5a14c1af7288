"""The rules of a simulation, and their application to calls."""

import os
import sys
from collections.abc import Mapping
from functools import partial
from typing import Any, TypeAlias

from personalize_mock.exceptions import PersonalizeMockError, UnusedRuleError
from personalize_mock.journal import Call
from personalize_mock.resources.core import lifecycle
from personalize_mock.rules.call_matcher import RuleState, Verdict
from personalize_mock.rules.matching import is_condition
from personalize_mock.rules.outcomes import Body, Overrides, Request
from personalize_mock.rules.rule import Rule
from personalize_mock.rules.unused import unused_rules
from personalize_mock.rules.values import to_json
from personalize_mock.simulation import Simulation, Store
from personalize_mock.undo_log import Transaction
from personalize_mock.wire.direct import named_operation
from personalize_mock.wire.dispatch import handle, run_and_log
from personalize_mock.wire.errors import ServiceError
from personalize_mock.wire.model import Operation

RuleBookState: TypeAlias = tuple[tuple[object, Rule, RuleState], ...]
NEWER = "a newer rule answered the call: {rule}"
ONE_OPERATION = (
    "mock.on('*'): a rule is for one operation, not for all. Write a rule for each operation that your code calls. Add "
    "optional=True to those that it might not call."
)
REFUSED = "the service refused the call, so it started no creation, update or deletion"


def book_of(simulation: Simulation) -> "RuleBook":
    """Return the rule book of a simulation. If it has none, install an empty one, through which all calls then go."""
    with simulation.lock:
        if not isinstance(simulation.interceptor, RuleBook):
            simulation.interceptor = RuleBook(simulation)
        return simulation.interceptor


def end_rules(simulation: Simulation, owner: object | None = None) -> UnusedRuleError | None:
    """Remove the rules that a mock declared, and return an error if one of them was never applied, otherwise None.

    Args:
        simulation: The simulation that has the rules.
        owner: The mock that declared the rules, or None to remove all rules.
    """
    book = simulation.interceptor
    return book.end(owner) if isinstance(book, RuleBook) else None


def rules_of(simulation: Simulation) -> list[Rule]:
    """Return the rules of a simulation, oldest first."""
    book = simulation.interceptor
    return book.rules() if isinstance(book, RuleBook) else []


def rule_that_took(simulation: Simulation, call: Call) -> Rule | None:
    """Return the newest rule that was applied to a call, or None if there is no such rule."""
    book = simulation.interceptor
    return book.rule_that_took(call) if isinstance(book, RuleBook) else None


class RuleBook:
    """The rules of one simulation. Once it is the `interceptor` of the simulation, all calls go through it.

    Args:
        simulation: The simulation to whose calls the rules apply.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._rules: tuple[tuple[object, Rule], ...] = ()  # with the owner of each rule; oldest first
        self._declared = 0
        self._has_ended = False

    def add(
        self,
        owner: object,
        operation_name: str,
        members: Mapping[str, Any],
        *,
        optional: bool,
        place: str | None = None,
    ) -> Rule:
        """Add a rule that has no outcomes yet, and return it.

        Args:
            owner: The mock that declares the rule. When the mock stops, the rule is removed.
            operation_name: The name of an operation in the API.
            members: The members that a request must have, each with its expected value or a condition.
            optional: Whether it is acceptable that the rule is never applied to a call.
            place: The file and line that declare the rule, or None to take them from the call stack.

        Raises:
            PersonalizeMockError: The operation or a member does not exist, or a value has the wrong type.
        """
        if operation_name == "*":
            raise PersonalizeMockError(ONE_OPERATION)
        operation = named_operation(operation_name)
        where = f"mock.on({operation_name!r})"
        if not isinstance(optional, bool):
            raise PersonalizeMockError(f"{where}: optional={optional!r} must be True or False.")
        expected = to_json(operation.input, members, where=where, keeps=is_condition)
        with self._simulation.lock:
            self._declared += 1
            rule = Rule(
                operation,
                expected,
                number=self._declared,
                optional=optional,
                place=declaring_line() if place is None else place,
                release=self._release,
            )
            self._rules = (*self._rules, (owner, rule))
        return rule

    def rules(self) -> list[Rule]:
        """Return the rules, oldest first."""
        return [rule for _, rule in self._rules]

    def remove(self, rule: Rule) -> None:
        """Remove a rule, even if it was never applied."""
        with self._simulation.lock:
            self._rules = tuple(entry for entry in self._rules if entry[1] is not rule)

    def end(self, owner: object | None = None) -> UnusedRuleError | None:
        """Remove the rules that a mock declared, and return an error if one of them was never applied, otherwise None.

        Args:
            owner: The mock that declared the rules, or None to remove all rules.
        """
        with self._simulation.lock:
            self._has_ended = owner is None
            ended = [rule for its_owner, rule in self._rules if owner in (None, its_owner)]
            self._rules = tuple(entry for entry in self._rules if entry[1] not in ended)
        return unused_rules(ended, self._simulation.journal.calls())

    def state(self) -> RuleBookState:
        """Return a snapshot of the rules, which `restore` accepts later. Further calls do not change the snapshot."""
        return tuple((owner, rule, rule.state()) for owner, rule in self._rules)

    def restore(self, state: RuleBookState | None) -> UnusedRuleError | None:
        """Restore the rules of an earlier snapshot, and drop the rules that have been added since.

        Args:
            state: The snapshot that `state` returned, or None to drop all rules.

        Returns:
            An error if one of the dropped rules was never applied, otherwise None.
        """
        kept = {rule for _, rule, _ in state or ()}
        with self._simulation.lock:
            dropped = [rule for _, rule in self._rules if rule not in kept]
            self._rules = tuple((owner, rule) for owner, rule, _ in state or ())
            for _, rule, its_state in state or ():
                rule.restore(its_state)
        return unused_rules(dropped, self._simulation.journal.calls())

    def copied_to(self, simulation: Simulation, state: RuleBookState) -> "RuleBook":
        """Return a rule book for another simulation, with copies of the rules in a snapshot. The copies have no owner.

        Args:
            simulation: The simulation to whose calls the copies apply.
            state: The snapshot that `state` returned.
        """
        book = RuleBook(simulation)
        book._declared = self._declared  # resources of the state refer to rules by their numbers
        book._rules = tuple((None, rule.copied(its_state, book._release)) for _, rule, its_state in state)
        return book

    def __call__(self, store: Store, operation: Operation, params: Mapping[str, Any]) -> Body:
        """Answer a call with the rules that apply to it, and record the call in all rules for its operation."""
        run = _RunningCall(Request(store=store, operation=operation, params=params), self._rules)
        try:
            return run_and_log(store, operation, params, answer=run.answer)
        finally:
            journal = store.simulation.journal
            logged = next(journal.since(max(0, len(journal) - 1)), None)
            if isinstance(logged, Call):
                run.record(logged)

    def rule_that_took(self, call: Call) -> Rule | None:
        """Return the newest rule that was applied to a call, or None if there is no such rule."""
        rules = (rule for _, rule in reversed(self._rules))
        return next((rule for rule in rules if call in rule.calls), None)

    def _release(self, number: int) -> bool:
        """Release all resources that the rule with the given number holds.

        Return True, or False if the simulation has ended and nothing can be released.
        """
        if self._has_ended:
            return False
        clock = self._simulation.clock
        with clock.lock, clock.during_call(), Transaction():
            for store in self._simulation.stores():
                for resource in store.resources():
                    if resource.lifecycle_state.held_by == number:
                        lifecycle.release(store, resource)
        return True


class _RunningCall:
    """A call that is passed to the rules, newest first, and then to the mocked service."""

    def __init__(self, request: Request, rules: tuple[tuple[object, Rule], ...]) -> None:
        self._request = request
        self._rules = [rule for _, rule in reversed(rules)]
        self._verdicts: dict[Rule, Verdict] = {}
        self._last: Rule | None = None

    def answer(self, store: Store, operation: Operation, params: Mapping[str, Any]) -> Body:
        """Return the response members of the call.

        The arguments are ignored, because this object already knows the call. `run_and_log` needs a function that takes
        them.
        """
        del store, operation, params  # they are those of the request
        return self._go_on(0)

    def record(self, call: Call) -> None:
        """Record the finished call in all rules for its operation."""
        for rule in self._rules:
            verdict = self._verdicts.get(rule)
            if verdict is not None:
                rule.record(call, verdict)
            elif rule.operation == call.operation:
                rule.record(call, Verdict(reason=NEWER.format(rule=self._last), matches=False))

    def _go_on(self, position: int) -> Body:
        """Return the response members from the next rule that applies to the call, or else from the mocked service.

        Args:
            position: The index, in the order from new to old, of the first rule to consider.
        """
        request = self._request
        for index, rule in enumerate(self._rules[position:], position):
            verdict = rule.judge(request.operation, request.params)
            if verdict is not None:
                self._verdicts[rule] = verdict
                if verdict.outcome is not None:
                    return self._apply(rule, verdict, partial(self._go_on, index + 1))
        return handle(request.store, request.operation, request.params)

    def _apply(self, rule: Rule, verdict: Verdict, go_on: Any) -> Body:
        assert verdict.outcome is not None  # noqa: S101  # the caller has checked it
        self._last = rule
        try:
            return verdict.outcome.apply(self._request, go_on)
        except ServiceError:
            if isinstance(verdict.outcome, Overrides):
                self._verdicts[rule] = Verdict(reason=REFUSED, matches=False)
            raise


def declaring_line() -> str:
    """Return the file and line of the nearest caller outside this package, which is where a rule is declared."""
    package = __name__.partition(".")[0]
    frame = sys._getframe(1)  # noqa: SLF001  # there is no public way to get the caller
    while frame.f_back is not None and str(frame.f_globals.get("__name__", "")).partition(".")[0] == package:
        frame = frame.f_back
    return f"{os.path.relpath(frame.f_code.co_filename)}:{frame.f_lineno}"
